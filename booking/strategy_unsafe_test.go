//go:build unsafe_lab

package booking_test

import (
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestNoneSellsTwice: without locks and guards two customers are both told that the seat is theirs.
func TestNoneSellsTwice(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1})
	gate := bookingtest.NewGate(booking.AfterLock)
	slow := w.Process(bookingtest.Setup{Strategy: booking.None, Hooks: gate.Hook})
	quick := w.Process(bookingtest.Setup{Strategy: booking.None})
	first := bookingtest.Go(func() error {
		_, err := slow.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
		return err
	})
	<-gate.Reached()
	quick.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	gate.Open()
	must(t, <-first)
	if n := w.Int("SELECT COUNT(*) FROM booking WHERE state = 'held'"); n != 2 {
		t.Errorf("%d bookings have the seat, want 2", n)
	}
}
