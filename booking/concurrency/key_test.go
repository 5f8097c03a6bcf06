package concurrency_test

import (
	"fmt"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestOneKeyTwoProcesses: a form is sent twice, to two processes, and asks for any seat, so that no seat's lock makes
// them meet. The second waits for the first and gets its answer. Two protections: the key is looked up under the
// flight's row, which both write; and UNIQUE (key, member) refuses the second's row.
func TestOneKeyTwoProcesses(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{flightRow}},
		broken: []clauses{{flightRow, uniqueKey}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return oneKeyTwoProcesses(w, m, bookingtest.Auto(w.Member(), 1, 2))
	})
}

// TestOneKeyOneSeat is the same with a named seat: the second finds it taken, by its own twin, and must not be told so.
func TestOneKeyOneSeat(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{flightRow}, {seatLock}},
		broken: []clauses{{uniqueKey}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return oneKeyTwoProcesses(w, m, bookingtest.Request(w.Member(), 1, "1A"))
	})
}

func oneKeyTwoProcesses(w *bookingtest.World, m bookingtest.Meddling, req booking.HoldRequest) string {
	w.Add(bookingtest.Flight{ID: 1, Seats: 12})
	req.Key = "the-same-form-sent-twice"
	gate := bookingtest.NewGate(booking.BeforeCommit)
	one := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	two := w.Process(bookingtest.Setup{Meddling: m})
	var a, b booking.HoldResult
	first, second := race(w, gate,
		func() (err error) { a, err = one.Hold(w.T.Context(), req); return err },
		func() (err error) { b, err = two.Hold(w.T.Context(), req); return err })
	own := ""
	if first != nil || second != nil || a.Ref != b.Ref || !b.Repeated {
		own = fmt.Sprintf("not one answer: %+v, %v; %+v, %v", a, first, b, second)
	}
	if n := w.Int("SELECT COUNT(*) FROM booking"); n != 1 {
		own += fmt.Sprintf("; %d bookings", n)
	}
	return faultsOf(w, own)
}
