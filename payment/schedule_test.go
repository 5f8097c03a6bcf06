package payment_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment"
	"pigonair/payment/portone"
)

// How many schedules a run plays: in the normal run and with PIGONAIR_SOAK=1. PIGONAIR_SEED=n plays schedule n alone.
const (
	schedules     = 200
	soakSchedules = 20_000
	lanes         = 2
)

// TestSchedules plays random schedules of what customers, the gateway, the network and time can do to payments, with
// actions forced into the middle of others, and checks at rest that every seat and every won is where it belongs.
func TestSchedules(t *testing.T) {
	t.Parallel()
	if seed := os.Getenv("PIGONAIR_SEED"); seed != "" {
		n, err := strconv.ParseUint(seed, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		playAll(t, n, n+1, 1)
		return
	}
	if os.Getenv("PIGONAIR_SOAK") == "" {
		playAll(t, 1, 1+schedules, lanes)
		return
	}
	first := rand.Uint64N(1 << 40)
	playAll(t, first, first+soakSchedules, lanes)
}

// playAll plays the schedules of a range of seeds in several lanes, each with a house of its own.
func playAll(t *testing.T, from, until uint64, lanes int) {
	met := &meetings{count: map[string]int{}}
	t.Run("lanes", func(t *testing.T) {
		for lane := range uint64(lanes) {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				play(t, met, from+lane, until, uint64(lanes))
			})
		}
	})
	t.Logf("schedules %d to %d; an action in the middle of another:\n%s", from, until-1, met)
}

// perHouse is how many schedules are played in one house, whose simulator keeps all it ever did.
const perHouse = 200

func play(t *testing.T, met *meetings, seed, until, step uint64) {
	for seed < until && !t.Failed() {
		t.Run(fmt.Sprintf("from %d", seed), func(t *testing.T) {
			c := choice{live: true, late: time.Minute}
			h := newHouse(t, c)
			h.staff = []*process{h.process, h.newProcess(c)}
			for range perHouse {
				if seed >= until || t.Failed() {
					return
				}
				newSchedule(h, met, seed).play()
				seed += step
			}
		})
	}
}

// schedule is one random course of events, the same for the same seed.
type schedule struct {
	*house
	seed      uint64
	rnd       *rand.Rand
	met       *meetings
	customers []*customer
	last      *customer
	messages  []message
	began     time.Time
	flight    int64
	seats     int
	now       []under // the actions under way, the outermost first
	locked    bool    // the transaction under way has its locks: nothing else can happen
	trace     []string
}

// under is an action under way.
type under struct {
	action string
	by     *customer
}

// customer is somebody who books, pays and cancels.
type customer struct {
	member int64
	order  *order
	quoted int64
	visits []*stay
}

// stay is a customer's visit to the gateway and what the browser brings back from it.
type stay struct {
	visit
	late  time.Time // when an approval comes by itself; zero: none
	backs []portone.Return
	came  bool // it has come back at least once
}

const people, steps = 3, 24

func newSchedule(h *house, met *meetings, seed uint64) *schedule {
	h.clear()
	h.clock.Move(time.Minute) // nothing of the schedules before is younger than the beginning
	s := &schedule{house: h, began: h.clock.Now(), seed: seed, rnd: rand.New(rand.NewPCG(seed, 1)), met: met, seats: 2 + int(seed%3)}
	channel := "channel-card"
	if s.chance(30) {
		channel = "channel-card-auto"
	}
	for _, p := range h.staff {
		p.Channel = channelOf(channel)
		s.tie(p)
	}
	s.flight = h.flight(s.randomFlight())
	for range people {
		s.customers = append(s.customers, &customer{member: h.Member()})
	}
	s.last = s.customers[0]
	return s
}

func (s *schedule) randomFlight() bookingtest.Flight {
	f := bookingtest.Flight{Seats: s.seats}
	if s.chance(30) {
		f.Fares = []booking.Fare{{Code: "SPECIAL", Quota: 1}, {Code: "VALUE", Quota: -1}}
	}
	if s.chance(30) {
		f.Sale, f.MemberLimit = s.Sale(), 2
	}
	if s.chance(20) {
		f.Closes = 25 * time.Minute
	}
	return f
}

// clear empties the house for the next schedule.
func (h *house) clear() {
	h.settled += len(h.ledger())
	for _, table := range []string{"booking", "booking_leg", "booking_seat", "seat_history", "booking_traveller", "passenger", "price_line",
		"payment_attempt", "refund", "webhook", "payment_finding", "outbox", "booking_event", "member_sale", "seat", "flight"} {
		h.Exec("DELETE FROM " + table)
	}
}

// tie gives a process points at which other actions may happen, and a way to the gateway on which calls get lost.
func (s *schedule) tie(p *process) {
	p.wire.before = func(call string) { s.point(p, "before "+call) }
	p.wire.after = func(call string, _ *http.Response) { s.point(p, "after "+call) }
	p.wire.fate = s.fate
	p.point = func(at booking.Point) {
		switch {
		case at == booking.AfterLock:
			s.locked = true
		case at == booking.BeforeLock && !s.locked:
			s.point(p, "before a transaction")
		}
	}
	p.ended = func() { s.locked = false }
}

func (s *schedule) chance(percent int) bool { return s.rnd.IntN(100) < percent }

// play acts, lets everything come to rest, and checks the books.
func (s *schedule) play() {
	for range steps {
		s.act()
		s.revive()
	}
	s.end()
	faults := s.bookFaults()
	b, err := s.staff[0].Balance(context.Background(), s.began, s.clock.Now().Add(time.Minute))
	if err != nil || b.Total.Difference != 0 || b.Total.Open != 0 || len(b.Odd) > 0 {
		faults = append(faults, fmt.Sprintf("balance %+v, %v", b, err))
	}
	found, err := s.staff[0].Findings(context.Background(), 10)
	if err != nil || len(found) > 0 {
		faults = append(faults, fmt.Sprintf("findings %+v, %v", found, err))
	}
	if len(faults) > 0 || s.T.Failed() {
		s.T.Errorf("schedule %d (PIGONAIR_SEED=%d):\n%s\n%s", s.seed, s.seed, strings.Join(faults, "\n"), strings.Join(s.trace, "\n"))
	}
	s.outcomes()
}

// outcomes notes what became of the schedule's payments and bookings.
func (s *schedule) outcomes() {
	rows, err := s.Pool.Query(`SELECT CONCAT('attempts ', state, ' ', IF(state IN ('refunding', 'refused') AND reason IN ('seats_lost', 'sales_closed', 'paid_otherwise', 'mismatch', 'token', 'declined', 'gateway_away'), reason, '')) FROM payment_attempt
UNION ALL SELECT CONCAT('bookings ', state) FROM booking UNION ALL SELECT CONCAT('refunds ', state, ' after ', LEAST(tries, 3), ' tries') FROM refund`)
	if err != nil {
		s.T.Error(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var outcome string
		if err := rows.Scan(&outcome); err != nil {
			s.T.Error(err)
		}
		s.met.note("outcome: " + outcome)
	}
	if err := rows.Err(); err != nil {
		s.T.Error(err)
	}
}

// end brings the schedule to rest: nothing goes wrong any more, what is on its way arrives.
func (s *schedule) end() {
	s.clearFaults()
	for _, p := range s.staff {
		for _, send := range p.wire.onWay {
			send()
		}
		p.wire.onWay, p.wire.before, p.wire.after, p.wire.fate, p.point = nil, nil, nil, nil, nil
	}
	s.pass(2 * time.Minute)
	s.staff[0].rest(s.began)
}

// pass lets time go by; late approvals that are due have happened when it returns.
func (s *schedule) pass(d time.Duration) {
	s.advance(d)
	for _, c := range s.customers {
		for _, v := range c.visits {
			if v.late.IsZero() || v.late.After(s.clock.Now()) {
				continue
			}
			v.late = time.Time{}
			if p, err := s.direct().Get(context.Background(), v.payment); err == nil && p.Status == portone.StatusReady {
				v.awaitLate()
			}
		}
	}
}

// point may force another action, or the process's death, into the middle of the one under way.
func (s *schedule) point(p *process, name string) {
	if p.dead.Load() || len(s.now) == 0 || len(s.now) > 2 {
		return
	}
	switch n := s.rnd.IntN(100); {
	case n < 2:
		s.log("%s dies %s", s.now[len(s.now)-1].action, name)
		p.kill()
	case n < 16:
		outer := s.now[len(s.now)-1].action
		inner := s.act()
		s.met.note(outer + ", " + name + ": " + inner)
	}
}

// fate is what becomes of a call that moves money or asks about it.
func (s *schedule) fate(call string) fate {
	if s.chance(88) {
		return arrives
	}
	if call == "confirm" || call == "cancel" {
		return []fate{lost, unanswered, delayed}[s.rnd.IntN(3)]
	}
	return lost
}

// revive puts new processes in the place of dead ones.
func (s *schedule) revive() {
	for i, p := range s.staff {
		if p.dead.Load() {
			next := s.newProcess(choice{channel: p.Channel.Key, live: true})
			next.wire.onWay = p.wire.onWay
			s.staff[i] = next
			s.tie(next)
		}
	}
}

// alive picks a process; nil when all are dead.
func (s *schedule) alive() *process {
	first := s.rnd.IntN(len(s.staff))
	for i := range s.staff {
		if p := s.staff[(first+i)%len(s.staff)]; !p.dead.Load() {
			return p
		}
	}
	return nil
}

func (s *schedule) log(format string, args ...any) {
	s.trace = append(s.trace, strings.Repeat("  ", len(s.now))+s.clock.Now().Format(time.TimeOnly)+" "+fmt.Sprintf(format, args...))
}

// act does one random thing for which there is an occasion, and returns its name.
func (s *schedule) act() string {
	for range 20 {
		a, p, c := pick(s.rnd), s.alive(), s.anybody()
		if p == nil {
			break
		}
		at := len(s.trace)
		s.log("%s, customer %d", a.name, c.member)
		s.now = append(s.now, under{a.name, c})
		err := a.do(s, p, c)
		s.now = s.now[:len(s.now)-1]
		if errors.Is(err, errIdle) {
			s.trace = s.trace[:at]
			continue
		}
		s.check(p, a.name, err)
		s.last = c
		return a.name
	}
	return "nothing"
}

// anybody picks a customer: the one of the last action more often than not.
func (s *schedule) anybody() *customer {
	if s.chance(70) {
		return s.last
	}
	return s.customers[s.rnd.IntN(len(s.customers))]
}

// pick chooses an action by its weight.
func pick(rnd *rand.Rand) action {
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	n := rnd.IntN(total)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			return a
		}
	}
	return actions[0]
}

// check tells errors that may happen from those that must not.
func (s *schedule) check(p *process, name string, err error) {
	if err == nil {
		return
	}
	s.log("  %s: %v", name, err)
	if p.dead.Load() {
		return
	}
	for _, known := range []error{booking.ErrSeatTaken, booking.ErrFareSoldOut, booking.ErrSalesClosed, booking.ErrLimit, booking.ErrOpenHold,
		booking.ErrExpired, booking.ErrState, booking.ErrExtended, booking.ErrSeatsLost, booking.ErrRefused, booking.ErrTravellerHere,
		payment.ErrTooMany, payment.ErrChecking, payment.ErrGatewayAway, payment.ErrQuoteChanged, portone.ErrUnknownOutcome, portone.ErrNotSent,
		portone.ErrNotPaid, portone.ErrAlreadyCancelled, errPage} {
		if errors.Is(err, known) {
			return
		}
	}
	s.T.Errorf("schedule %d: %s: %v", s.seed, name, err)
}
