package booking_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// histories is how many subtests draw random histories side by side, and historySteps how long they are in each
// together; the long proof has a hundred times as many.
const (
	histories    = 4
	historySteps = 2_500
)

func TestMain(m *testing.M) {
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	// Tests wait for locks and the disk most of the time: more of them side by side than processors halve the whole.
	for name, value := range map[string]string{"test.parallel": "4", "rapid.checks": "5", "rapid.steps": "100", "rapid.nofailfile": "true"} {
		if !given[name] {
			_ = flag.Set(name, value) // all of them are known
		}
	}
	os.Exit(m.Run())
}

// TestRandomHistoriesMatchTheModel draws histories of requests, steps, moves of the database's clock, crashes of the
// process and faults of its connections, and compares every answer, and every seat after it, with the model. A failing
// history's seed is printed; -rapid.seed replays it.
func TestRandomHistoriesMatchTheModel(t *testing.T) {
	t.Parallel()
	wanted := historySteps
	if os.Getenv("PIGONAIR_SOAK") != "" {
		wanted *= 100
	}
	for i := range histories {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			clock := bookingtest.NewClock(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
			w := bookingtest.NewAt(t, clock)
			var flight, steps int64
			for steps < int64(wanted) {
				rapid.Check(t, func(rt *rapid.T) {
					r := newRun(rt, w, clock, strategies[i%len(strategies)], &flight)
					rt.Repeat(r.actions())
					steps += r.steps
				})
			}
			w.Check()
			t.Logf("%d steps", steps)
		})
	}
}

func (r *run) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"hold": r.hold, "any seat": r.anySeat, "again": r.again, "time": r.time, "crash": r.crash, "fault": r.fault,
		"extend": r.extend, "press": r.press, "let go": r.letGo, "begin paying": r.beginPaying, "begin paying again": r.beginPaying,
		"confirm": r.confirm, "unpaid": r.unpaid, "cancel": r.cancel, "record": r.record, "": r.check,
	}
}

// run is one history: the model, and the processes that should do the same.
type run struct {
	rt       *rapid.T
	w        *bookingtest.World
	clock    *bookingtest.Clock
	strategy booking.Strategy
	m        model
	p        *bookingtest.Process
	members  []int64
	strike   atomic.Pointer[once]
	steps    int64
}

func newRun(rt *rapid.T, w *bookingtest.World, clock *bookingtest.Clock, strategy booking.Strategy, flight *int64) *run {
	r := &run{rt: rt, w: w, clock: clock, strategy: strategy, members: []int64{w.Member(), w.Member(), w.Member()}}
	r.m = model{now: clock.Now(), rules: booking.DefaultRules()}
	sale := w.Sale()
	for _, f := range []modelFlight{{quota: 3}, {sale: sale, limit: 3, quota: 2}, {sale: sale, limit: 3, quota: 6}} {
		*flight++
		f.id = *flight
		f.seats = []string{"1A", "1B", "1C", "1D", "1E", "1F"}
		w.Add(bookingtest.Flight{ID: f.id, Seats: 6, Sale: f.sale, MemberLimit: f.limit, Closes: 400 * 24 * time.Hour,
			Fares: []booking.Fare{{Code: "SPECIAL", Quota: f.quota}, {Code: "FLEX", Quota: -1}}})
		r.m.flights = append(r.m.flights, f)
	}
	r.start()
	rt.Cleanup(func() {
		r.p.Stop()
		r.p.ClosePool()
	})
	return r
}

func (r *run) start() {
	r.p = r.w.Process(bookingtest.Setup{Strategy: r.strategy, Meddling: bookingtest.Meddling{Fault: func(s bookingtest.Statement) bookingtest.Fault {
		if o := r.strike.Load(); o != nil {
			return o.strike(s)
		}
		return bookingtest.None
	}}})
}

// crash has another process take over, now and then.
func (r *run) crash(rt *rapid.T) {
	if rapid.IntRange(0, 3).Draw(rt, "crash") > 0 {
		return
	}
	r.p.Stop()
	r.p.ClosePool()
	r.start()
}

// fault strikes the next transaction at one of its statements.
func (r *run) fault(rt *rapid.T) {
	fault := rapid.SampledFrom([]bookingtest.Fault{bookingtest.Deadlock, bookingtest.LoseBefore, bookingtest.LoseAfter}).Draw(rt, "fault")
	r.strike.Store(&once{fault: fault, at: rapid.IntRange(0, 16).Draw(rt, "at")})
}

// time moves the clock, often just to the end of a hold or a second beside it.
func (r *run) time(rt *rapid.T) {
	by := time.Duration(rapid.IntRange(1, 1200).Draw(rt, "seconds")) * time.Second
	if b := r.some(rt); b != nil && rapid.Bool().Draw(rt, "to the end") {
		left := b.until.Sub(r.m.now) + time.Duration(rapid.IntRange(-1, 1).Draw(rt, "off"))*time.Second
		if left > 0 {
			by = left
		}
	}
	r.clock.Move(by)
	r.m.now = r.clock.Now()
}

// some is one of the latest bookings, or nil.
func (r *run) some(rt *rapid.T) *modelBooking {
	n := len(r.m.bookings)
	if n == 0 {
		return nil
	}
	return r.m.bookings[max(0, n-1-rapid.IntRange(0, 7).Draw(rt, "back"))]
}

func (r *run) hold(rt *rapid.T) {
	req := booking.HoldRequest{MemberID: rapid.SampledFrom(r.members).Draw(rt, "member"), Language: "ko"}
	n := rapid.IntRange(1, 3).Draw(rt, "seats")
	req.Party.Adults = n
	flights := rapid.Permutation([]int{0, 1, 2}).Draw(rt, "flights")[:rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(rt, "legs")]
	for _, f := range flights {
		flight := r.m.flights[f]
		seats := rapid.Permutation(flight.seats).Draw(rt, "which")[:n]
		req.Legs = append(req.Legs, booking.LegRequest{FlightID: flight.id, Seats: seats, Fare: rapid.SampledFrom([]string{"", "", "SPECIAL", "FLEX"}).Draw(rt, "fare")})
	}
	if rapid.Bool().Draw(rt, "with a key") {
		req.Key = fmt.Sprintf("a-key-of-%d-and-%d", rapid.IntRange(0, 5).Draw(rt, "key"), r.m.flights[0].id)
	}
	r.ask(rt, req)
}

// again sends an earlier request once more.
func (r *run) again(rt *rapid.T) {
	if b := r.some(rt); b != nil && b.key != "" && len(b.req.Legs[0].Seats) > 0 {
		r.ask(rt, b.req)
	}
}

// ask compares the answer to a request for named seats.
func (r *run) ask(rt *rapid.T, req booking.HoldRequest) {
	made, again, wanted := r.m.hold(req)
	held, err := r.p.Hold(context.Background(), req)
	if !errors.Is(err, wanted) || (err != nil) != (wanted != nil) {
		rt.Fatalf("hold %+v: %v, want %v", req, err, wanted)
	}
	switch {
	case made != nil:
		if held.Repeated || !held.Until.Equal(made.until) {
			rt.Fatalf("held %+v, want until %v", held, made.until)
		}
		made.ref = held.Ref
		r.m.bookings = append(r.m.bookings, made)
	case again != nil:
		if !held.Repeated || held.Ref != again.ref {
			rt.Fatalf("repeat: %+v, want %s", held, again.ref)
		}
	}
}

// anySeat leaves the choice to the service: whatever it chooses must be free.
func (r *run) anySeat(rt *rapid.T) {
	flight := &r.m.flights[rapid.IntRange(0, 2).Draw(rt, "flight")]
	req := bookingtest.Auto(rapid.SampledFrom(r.members).Draw(rt, "member"), flight.id, rapid.IntRange(1, 3).Draw(rt, "seats"))
	var free []string
	for _, no := range flight.seats {
		if r.m.owner(flight.id, no) == nil && !r.m.letGo(req.MemberID, modelSeat{flight: flight, no: no}, flight.sale) {
			free = append(free, no)
		}
	}
	held, err := r.p.Hold(context.Background(), req)
	if len(free) < req.Party.Adults {
		if !errors.Is(err, booking.ErrSeatTaken) {
			rt.Fatalf("%d of %d free: %v", req.Party.Adults, len(free), err)
		}
		return
	}
	named := req
	named.Legs = []booking.LegRequest{{FlightID: flight.id, Seats: free[:req.Party.Adults]}}
	if err == nil {
		named.Legs[0].Seats = r.seatsOf(rt, held.Ref)
	}
	made, _, wanted := r.m.hold(named)
	if !errors.Is(err, wanted) || (err != nil) != (wanted != nil) {
		rt.Fatalf("any %d seats: %v, want %v; got %v", req.Party.Adults, err, wanted, named.Legs[0].Seats)
	}
	if made != nil {
		made.ref, made.req = held.Ref, req
		r.m.bookings = append(r.m.bookings, made)
	}
}

func (r *run) seatsOf(rt *rapid.T, ref string) []string {
	var list string
	err := r.w.Pool.QueryRow(`SELECT GROUP_CONCAT(c.seat_no ORDER BY c.passenger_no) FROM booking b JOIN booking_seat c ON c.booking_id = b.id
WHERE b.ref = ?`, ref).Scan(&list)
	if err != nil {
		rt.Fatal(err)
	}
	return strings.Split(list, ",")
}

// step does something with a booking and compares the answer.
func (r *run) step(rt *rapid.T, name string, want func(*modelBooking) error, do func(*modelBooking) error) {
	b := r.some(rt)
	if b == nil {
		return
	}
	wanted := want(b)
	if err := do(b); !errors.Is(err, wanted) || (err != nil) != (wanted != nil) {
		rt.Fatalf("%s %s: %v, want %v", name, b.ref, err, wanted)
	}
}

func (r *run) extend(rt *rapid.T) {
	r.step(rt, "extend", r.m.extend, func(b *modelBooking) error { return r.p.Extend(context.Background(), b.member, b.ref) })
}

func (r *run) letGo(rt *rapid.T) {
	r.step(rt, "let go", r.m.letItGo, func(b *modelBooking) error { return r.p.LetGo(context.Background(), b.member, b.ref) })
}

func (r *run) press(rt *rapid.T) {
	r.on(rt, "press pay", r.m.press, func(ctx context.Context, l *booking.Locked) error { return l.PressedPay(ctx) })
}

func (r *run) beginPaying(rt *rapid.T) { r.on(rt, "begin paying", r.m.beginPaying, beginPaying) }
func (r *run) confirm(rt *rapid.T)     { r.on(rt, "confirm", r.m.confirm, confirm) }
func (r *run) unpaid(rt *rapid.T)      { r.on(rt, "unpaid", r.m.unpaid, unpaid) }
func (r *run) cancel(rt *rapid.T)      { r.on(rt, "cancel", r.m.cancel, cancel) }

// on is a step in a transaction of the test's own, which does not find out what became of a COMMIT: it is not struck.
func (r *run) on(rt *rapid.T, name string, want func(*modelBooking) error, do func(context.Context, *booking.Locked) error) {
	r.strike.Store(nil)
	r.step(rt, name, want, func(b *modelBooking) error { return r.p.On(b.ref, do) })
}

func (r *run) record(rt *rapid.T) {
	if _, err := r.p.RecordExpired(context.Background(), 100); err != nil {
		rt.Fatalf("record: %v", err)
	}
}

// check compares every seat and the latest bookings with the model; it runs after every step.
func (r *run) check(rt *rapid.T) {
	r.steps++
	var ids []string
	for _, f := range r.m.flights {
		ids = append(ids, fmt.Sprint(f.id))
	}
	rows, err := r.w.Pool.Query(`SELECT s.flight_id, s.seat_no, s.state, COALESCE(b.ref, ''), s.held_until, COALESCE(s.fare_code, ''), COALESCE(b.total, 0)
FROM seat s LEFT JOIN booking b ON b.id = s.booking_id WHERE s.flight_id IN (` + strings.Join(ids, ",") + ")")
	if err != nil {
		rt.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var flight, total int64
		var no, state, ref, fare string
		var until *time.Time
		if err := rows.Scan(&flight, &no, &state, &ref, &until, &fare, &total); err != nil {
			rt.Fatal(err)
		}
		if until != nil && state == "held" && !until.After(r.m.now) {
			state = "available"
		}
		r.compare(rt, flight, no, state, ref, until, fare, total)
	}
}

func (r *run) compare(rt *rapid.T, flight int64, no, state, ref string, until *time.Time, fare string, total int64) {
	b := r.m.owner(flight, no)
	if b == nil {
		if state != "available" {
			rt.Fatalf("seat %s of %d is %s to %q, want it free", no, flight, state, ref)
		}
		return
	}
	wanted := map[booking.State]string{booking.Held: "held", booking.Paying: "paying", booking.Confirmed: "sold"}[b.state]
	if state != wanted || ref != b.ref || (until != nil && !until.Equal(b.until)) || total != b.total() {
		rt.Fatalf("seat %s of %d is %s to %q until %v for %d, want %s to %s until %v for %d", no, flight, state, ref, until, total, wanted, b.ref, b.until, b.total())
	}
	for _, s := range b.seats {
		if s.flight.id == flight && s.no == no && s.fare != fare {
			rt.Fatalf("seat %s of %d at %s, want %s", no, flight, fare, s.fare)
		}
	}
}
