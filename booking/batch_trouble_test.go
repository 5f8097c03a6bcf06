package booking_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// othersWithin is how long anybody may wait because of somebody else. Where other tests share the machine it only tells
// a hang; what counts there is that everybody is served while the trouble lasts.
func othersWithin() time.Duration {
	if os.Getenv("PIGONAIR_SOAK") != "" {
		return 3 * time.Second
	}
	return 30 * time.Second
}

// served returns when all have their answers.
func served(t *testing.T, others []*answer) {
	t.Helper()
	for _, other := range others {
		select {
		case <-other.done:
		case <-time.After(othersWithin()):
			t.Fatal("the others are not served")
		}
		if other.err != nil || other.after > othersWithin() {
			t.Errorf("another: %v after %v", other.err, other.after)
		}
	}
}

// TestAStuckRowHarmsNobodyElse keeps a row locked from outside for as long as it takes the others to be served: a seat,
// a member's row, the row of a booking whose hold ran out.
func TestAStuckRowHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	for name, lock := range map[string]string{
		"seat":    "SELECT * FROM seat WHERE flight_id = 1 AND seat_no = '1A' FOR UPDATE",
		"member":  "INSERT INTO member_sale (sale_id, member_id) VALUES (1, 2)",
		"booking": "SELECT * FROM booking WHERE id = (SELECT booking_id FROM seat WHERE flight_id = 1 AND seat_no = '1A') FOR UPDATE",
	} {
		for quota, fares := range map[string][]booking.Fare{"no quota": nil, "quota": {{Code: "SPECIAL", Quota: 50}}} {
			t.Run(name+" and "+quota, func(t *testing.T) {
				t.Parallel()
				w := bookingtest.New(t)
				w.Add(bookingtest.Flight{ID: 1, Seats: 54, Sale: w.Sale(), Fares: fares})
				ranOut := w.Process(bookingtest.Setup{}).MustHold(bookingtest.Request(w.Member(), 1, "1A"))
				w.RunOut(ranOut.Ref)
				stuckAndOthers(t, w, lock)
			})
		}
	}
}

func stuckAndOthers(t *testing.T, w *bookingtest.World, lock string) {
	unlucky := w.Member() // 2
	b := newBus(t, w, bookingtest.Meddling{})
	outside := lockOutside(t, w, lock)
	stuck := b.board(t.Context(), bookingtest.Request(unlucky, 1, "1A"))
	var others []*answer
	for i := 6; i < 20; i++ {
		others = append(others, b.board(t.Context(), bookingtest.Request(w.Member(), 1, bookingtest.SeatNo(i))))
	}
	b.gate.Open()
	must(t, <-b.first)
	var late sync.WaitGroup
	for i := 20; i < 30; i++ { // those who come while it is stuck
		late.Go(func() {
			start := time.Now()
			_, err := b.Hold(t.Context(), bookingtest.Request(w.Member(), 1, bookingtest.SeatNo(i)))
			if took := time.Since(start); err != nil || took > othersWithin() {
				t.Errorf("a late one: %v after %v", err, took)
			}
		})
	}
	late.Wait()
	b.awaitStuck(1)
	served(t, others)
	must(t, outside.Rollback())
	b.aboard.Wait()
	want(t, "the stuck one, once it is free", stuck.err, nil)
	w.Check()
}

func lockOutside(t *testing.T, w *bookingtest.World, lock string) *sql.Tx {
	t.Helper()
	outside, err := w.Open(bookingtest.Meddling{}).BeginTx(context.WithoutCancel(t.Context()), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	must(t, err)
	_, err = outside.Exec(lock)
	must(t, err)
	return outside
}

func (b *bus) awaitStuck(wanted int) {
	b.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if _, stuck := booking.Queued(b.Service, 1); stuck == wanted {
			return
		}
		select {
		case <-tick.C:
		case <-time.After(5 * time.Second):
			b.t.Fatal("nobody is stuck")
		}
	}
}

// TestAStuckRequestIsGivenUp does not wait for the lock for ever, and those behind it on the same seat neither.
func TestAStuckRequestIsGivenUp(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	outside := lockOutside(t, w, "SELECT * FROM seat WHERE flight_id = 1 AND seat_no = '1A' FOR UPDATE")
	defer outside.Rollback()
	p := w.Process(bookingtest.Setup{Rules: func(r *booking.Rules) { r.BatchDeadline = 3 * time.Second }})
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
			want(t, "stuck", err, booking.ErrBusy)
		})
	}
	all.Wait()
}

func TestAnOddRowHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	b := newBus(t, w, bookingtest.Meddling{})
	odd := bookingtest.Request(w.Member(), 1, "1A")
	odd.Language = "three" // the column has room for two
	bad := b.board(t.Context(), odd)
	var others []*answer
	for i := 6; i < 20; i++ {
		others = append(others, b.board(t.Context(), bookingtest.Request(w.Member(), 1, bookingtest.SeatNo(i))))
	}
	again := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
	b.drive()
	if bad.err == nil || errors.Is(bad.err, booking.ErrSeatTaken) {
		t.Errorf("the odd one: %v", bad.err)
	}
	served(t, append(others, again))
	w.Check()
}

func TestACustomerWhoLeavesHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	b := newBus(t, w, bookingtest.Meddling{})
	ctx, leave := context.WithCancel(t.Context())
	gone := b.board(ctx, bookingtest.Request(w.Member(), 1, "1A"))
	after := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
	other := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1B"))
	leave()
	b.drive()
	want(t, "who left", gone.err, context.Canceled)
	want(t, "who wanted the same seat", after.err, nil)
	want(t, "another", other.err, nil)
	w.Check()
}

// TestACustomerWhoLeavesMidway leaves when the batch has begun: the hold is made, and found again under its key.
func TestACustomerWhoLeavesMidway(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	gate := bookingtest.NewGate(booking.AfterLock)
	p := w.Process(bookingtest.Setup{Hooks: gate.Hook})
	req := bookingtest.Request(w.Member(), 1, "1A")
	req.Key = "left-midway-and-back"
	ctx, leave := context.WithCancel(t.Context())
	gone := bookingtest.Go(func() error {
		_, err := p.Hold(ctx, req)
		return err
	})
	<-gate.Reached()
	leave()
	want(t, "who left", <-gone, context.Canceled)
	gate.Open()
	if held := p.MustHold(req); !held.Repeated {
		t.Error("the hold was made twice or not at all")
	}
	w.Check()
}

// TestOneBatchWithEveryTrouble puts into one batch a key sent twice, a seat that somebody outside keeps locked for five
// seconds, a row that breaks a constraint, and a customer who disconnects. Everybody else is served meanwhile.
func TestOneBatchWithEveryTrouble(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	b := newBus(t, w, bookingtest.Meddling{})
	outside := lockOutside(t, w, "SELECT * FROM seat WHERE flight_id = 1 AND seat_no = '1A' FOR UPDATE")
	kept := time.NewTimer(5 * time.Second)
	defer kept.Stop()
	stuck := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
	twice := bookingtest.Request(w.Member(), 1, "1B")
	twice.Key = "twice-among-troubles"
	first, second := b.board(t.Context(), twice), b.board(t.Context(), twice)
	odd := bookingtest.Request(w.Member(), 1, "1C")
	odd.Language = "three" // the column has room for two
	bad := b.board(t.Context(), odd)
	ctx, leave := context.WithCancel(t.Context())
	gone := b.board(ctx, bookingtest.Request(w.Member(), 1, "1D"))
	others := []*answer{first, second}
	for i := 6; i < 30; i++ {
		others = append(others, b.board(t.Context(), bookingtest.Request(w.Member(), 1, bookingtest.SeatNo(i))))
	}
	leave()
	b.gate.Open()
	must(t, <-b.first)
	b.awaitStuck(1)
	served(t, others)
	<-kept.C
	must(t, outside.Rollback())
	b.aboard.Wait()
	want(t, "who left", gone.err, context.Canceled)
	want(t, "the stuck one, once it is free", stuck.err, nil)
	if bad.err == nil || first.Ref != second.Ref || !second.Repeated {
		t.Errorf("the odd one: %v; the key sent twice: %+v, %+v", bad.err, first, second)
	}
	w.Check()
}
