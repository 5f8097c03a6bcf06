package booking_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// answer is what one customer was told, and after how long.
type answer struct {
	booking.HoldResult
	err   error
	after time.Duration
	done  chan struct{}
}

// bus is one process whose first transaction stands at a gate while others get on its next one together.
type bus struct {
	*bookingtest.Process
	w      *bookingtest.World
	t      *testing.T
	gate   *bookingtest.Gate
	first  chan error
	aboard sync.WaitGroup
	count  int
}

func newBus(t *testing.T, w *bookingtest.World, m bookingtest.Meddling) *bus {
	t.Helper()
	gate := bookingtest.NewGate(booking.BeforeLock)
	b := &bus{Process: w.Process(bookingtest.Setup{Hooks: gate.Hook, Meddling: m}), w: w, t: t, gate: gate}
	b.first = bookingtest.Go(func() error {
		_, err := b.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "9F"))
		return err
	})
	<-gate.Reached()
	return b
}

// board puts a request into the next transaction and returns where its answer will be.
func (b *bus) board(ctx context.Context, req booking.HoldRequest) *answer {
	b.t.Helper()
	a := &answer{done: make(chan struct{})}
	b.aboard.Go(func() {
		defer close(a.done)
		start := time.Now()
		a.HoldResult, a.err = b.Hold(ctx, req)
		a.after = time.Since(start)
	})
	b.count++
	b.await(b.count)
	return a
}

// await returns when so many requests wait.
func (b *bus) await(wanted int) {
	b.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if waiting, _ := booking.Queued(b.Service, 1); waiting == wanted {
			return
		}
		select {
		case <-tick.C:
		case <-b.t.Context().Done():
			b.t.Fatal("the requests never queued")
		}
	}
}

// drive lets the transaction go and returns when everybody has an answer.
func (b *bus) drive() {
	b.t.Helper()
	b.gate.Open()
	must(b.t, <-b.first)
	b.aboard.Wait()
}

func busStop(t *testing.T) *bookingtest.World {
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Seats: 54})
	return w
}

func TestABatchIsDecidedInOrderOfArrival(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	begins := 0
	b := newBus(t, w, bookingtest.Meddling{See: func(s bookingtest.Statement) {
		if s.Text == "COMMIT" {
			begins++
		}
	}})
	wrong := int64(1)
	refused := bookingtest.Request(w.Member(), 1, "1A")
	refused.Total = &wrong
	first := b.board(t.Context(), refused)
	second := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
	third := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1A", "1B"))
	fourth := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1B"))
	before := begins
	b.drive()
	want(t, "another total", first.err, booking.ErrPriceChanged)
	want(t, "the seat that the first left", second.err, nil)
	want(t, "one of two taken by the batch", third.err, booking.ErrSeatTaken)
	want(t, "the seat that the third left", fourth.err, nil)
	if begins-before != 2 {
		t.Errorf("%d transactions for the batch and the one before it", begins-before)
	}
	w.Check()
}

func TestABatchCountsWhatItTakes(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Seats: 54, Sale: w.Sale(), MemberLimit: 2, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 2}}})
	b := newBus(t, w, bookingtest.Meddling{})
	member := w.Member()
	first := b.board(t.Context(), bookingtest.Request(member, 1, "1A"))
	second := b.board(t.Context(), bookingtest.Request(member, 1, "1B"))
	third := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1C"))
	b.drive() // with the one that stood at the gate
	want(t, "the first of a member", first.err, nil)
	want(t, "a second unpaid hold", second.err, booking.ErrOpenHold)
	want(t, "beyond the quota", third.err, booking.ErrFareSoldOut)
	w.Check()
}

func TestTheSameKeyTwiceInABatch(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	b := newBus(t, w, bookingtest.Meddling{})
	req := bookingtest.Request(w.Member(), 1, "1A")
	req.Key = "twice-in-one-batch"
	other := req
	other.Legs = []booking.LegRequest{{FlightID: 1, Seats: []string{"1B"}}}
	first, second, third := b.board(t.Context(), req), b.board(t.Context(), req), b.board(t.Context(), other)
	bystander := b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1C"))
	b.drive()
	if first.err != nil || second.err != nil || first.Ref != second.Ref || !second.Repeated {
		t.Errorf("%+v, %+v", first, second)
	}
	want(t, "the key with other seats", third.err, booking.ErrKeyReused)
	want(t, "a bystander", bystander.err, nil)
	w.Check()
}

func TestAKeyWhoseFirstRequestFails(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	b := newBus(t, w, bookingtest.Meddling{})
	lost := bookingtest.Request(w.Member(), 1, "9F") // which the one at the gate takes
	lost.Key = "first-fails-then-not"
	won := lost
	won.Legs = []booking.LegRequest{{FlightID: 1, Seats: []string{"1B"}}}
	first, second := b.board(t.Context(), lost), b.board(t.Context(), won)
	b.drive()
	want(t, "a taken seat", first.err, booking.ErrSeatTaken)
	want(t, "another seat under the same key", second.err, nil)
	w.Check()
}

func TestTheQueueIsBounded(t *testing.T) {
	t.Parallel()
	w := busStop(t)
	gate := bookingtest.NewGate(booking.BeforeLock)
	p := w.Process(bookingtest.Setup{Hooks: gate.Hook, Rules: func(r *booking.Rules) { r.BatchQueue = 2 }})
	b := &bus{Process: p, w: w, t: t, gate: gate}
	b.first = bookingtest.Go(func() error {
		_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "9F"))
		return err
	})
	<-gate.Reached()
	b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
	b.board(t.Context(), bookingtest.Request(w.Member(), 1, "1B"))
	_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1C"))
	want(t, "one too many", err, booking.ErrBusy)
	b.drive()
}

// TestStop waits for what has begun, takes nothing new, and leaves nobody behind.
func TestStop(t *testing.T) {
	w := busStop(t)
	w.Add(bookingtest.Flight{ID: 2})
	before := goleak.IgnoreCurrent()
	gate := bookingtest.NewGate(booking.AfterLock)
	p := w.Process(bookingtest.Setup{Hooks: gate.Hook})
	one := bookingtest.Go(func() error {
		_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
		return err
	})
	<-gate.Reached()
	stopped := bookingtest.Go(func() error { p.Stop(); return nil })
	refused := func() error {
		// Short: one that is taken before Stop is heard stays at the gate.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := p.Hold(ctx, bookingtest.Request(w.Member(), 2, "1A"))
		return err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for err := refused(); !errors.Is(err, booking.ErrBusy); err = refused() {
		<-tick.C // Stop has not been heard yet
	}
	select {
	case <-stopped:
		t.Error("stopped with a transaction under way")
	default:
	}
	gate.Open()
	must(t, <-one)
	<-stopped
	p.Stop()
	both := bookingtest.Request(w.Member(), 1, "1B")
	both.Legs = append(both.Legs, booking.LegRequest{FlightID: 2, Seats: []string{"1B"}})
	_, err := p.Hold(t.Context(), both)
	want(t, "two flights after the end", err, booking.ErrBusy)
	p.ClosePool()
	goleak.VerifyNone(t, before)
}

// TestPairsMeetBatches has holds over two flights, in either order, run against batches of both.
func TestPairsMeetBatches(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	for id := range int64(2) {
		w.Add(bookingtest.Flight{ID: id + 1, Seats: 30, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 100}}})
	}
	p := w.Process(bookingtest.Setup{})
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			one, two := int64(i%2)+1, int64(i+1)%2+1
			req := bookingtest.Request(w.Member(), one, bookingtest.SeatNo(i))
			if i%3 == 0 {
				req.Legs = append(req.Legs, booking.LegRequest{FlightID: two, Seats: []string{bookingtest.SeatNo(29 - i)}})
			}
			if _, err := p.Hold(t.Context(), req); err != nil && !errors.Is(err, booking.ErrSeatTaken) {
				t.Error(fmt.Errorf("customer %d: %w", i, err))
			}
		})
	}
	all.Wait()
	w.Check()
}
