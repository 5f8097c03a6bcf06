package concurrency_test

import (
	"errors"
	"fmt"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestOneKeyTwoContents: one member's key comes to two processes with different seats, so that no other lock makes them
// meet. The second's row waits for the first's, and is refused.
func TestOneKeyTwoContents(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{flightRow}, {seatLock}},
		broken: []clauses{{uniqueKey}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		member := w.Member()
		a, b := bookingtest.Request(member, 1, "1A"), bookingtest.Request(member, 1, "1B")
		first, second := sameKey(w, m, a, b)
		if first.err != nil || !errors.Is(second.err, booking.ErrKeyReused) {
			return fmt.Sprintf("%v, %v", first.err, second.err)
		}
		return faultsOf(w, "")
	})
}

// TestOneKeyAnySeat: a form is sent twice, to two processes, and asks for any seat. The second waits for the first and
// gets its answer: the key is looked up under the flight's row, which both write; behind it stand the lock of the seats
// that both pick, and UNIQUE (key, member).
func TestOneKeyAnySeat(t *testing.T) {
	t.Parallel()
	proof{
		whole: []clauses{{flightRow}, {uniqueKey}, {flightRow, uniqueKey}, {flightRow, seatLock}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return sentTwice(w, m, bookingtest.Auto(w.Member(), 1, 2))
	})
}

// TestOneKeyOneSeat is the same with a named seat: the second finds it taken, by its own twin, and must not be told so.
func TestOneKeyOneSeat(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{seatLock}, {uniqueKey}},
		broken: []clauses{{seatLock, takeGuard, uniqueVersion, uniqueLive, uniqueFence, uniqueKey}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return sentTwice(w, m, bookingtest.Request(w.Member(), 1, "1A"))
	})
}

func sentTwice(w *bookingtest.World, m bookingtest.Meddling, req booking.HoldRequest) string {
	first, second := sameKey(w, m, req, req)
	own := ""
	if first.err != nil || second.err != nil || first.Ref != second.Ref || !second.Repeated {
		own = fmt.Sprintf("not one answer: %+v; %+v", first, second)
	}
	if n := w.Int("SELECT COUNT(*) FROM booking"); n != 1 {
		own += fmt.Sprintf("; %d bookings", n)
	}
	return faultsOf(w, own)
}

// answer is what one process said.
type answer struct {
	booking.HoldResult
	err error
}

// sameKey sends two requests under one key to two processes, the second while the first is about to commit.
func sameKey(w *bookingtest.World, m bookingtest.Meddling, a, b booking.HoldRequest) (first, second answer) {
	w.Add(bookingtest.Flight{ID: 1, Seats: 12})
	a.Key = "the-same-form-sent-twice"
	b.Key = a.Key
	gate := bookingtest.NewGate(booking.BeforeCommit)
	one := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	two := w.Process(bookingtest.Setup{Meddling: m})
	first.err, second.err = race(w, gate,
		func() (err error) { first.HoldResult, err = one.Hold(w.T.Context(), a); return err },
		func() (err error) { second.HoldResult, err = two.Hold(w.T.Context(), b); return err })
	return first, second
}
