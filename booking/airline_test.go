package booking_test

import (
	"errors"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// airlineActs holds a seat, has it paid for up to the confirmation where paying says so, and then lets the airline do
// something to the flight.
func airlineActs(t *testing.T, paying bool, act func(w *bookingtest.World)) (*bookingtest.World, *bookingtest.Process, int64, string) {
	t.Helper()
	w, p := stage(t, bookingtest.Flight{Seats: 12})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "2A"))
	if paying {
		must(t, p.On(held.Ref, beginPaying))
	}
	act(w)
	return w, p, member, held.Ref
}

// smaller changes the aircraft for one of a single row.
func smaller(w *bookingtest.World) {
	w.Exec("UPDATE flight SET layout = 'small' WHERE id = 1")
	w.Reoffer(1, func(o *booking.Offer) {
		o.Layout = "small"
		for no, seat := range o.Seats {
			if seat.Row > 1 {
				delete(o.Seats, no)
			}
		}
	})
}

func cancelled(w *bookingtest.World) { w.Exec("UPDATE flight SET state = 'cancelled' WHERE id = 1") }

// TestTheAirlineActsOnAHold: nothing can be done with it any more but wait for its end, and nobody else gets such a seat.
func TestTheAirlineActsOnAHold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act       func(*bookingtest.World)
		step, new error
	}{
		"cancels the flight":  {cancelled, booking.ErrCancelled, booking.ErrCancelled},
		"takes a smaller one": {smaller, booking.ErrSeatsLost, booking.ErrNoSeat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, member, ref := airlineActs(t, false, c.act)
			want(t, "extend", p.Extend(t.Context(), member, ref), c.step)
			want(t, "begin paying", p.On(ref, beginPaying), c.step)
			_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "2B"))
			want(t, "another hold", err, c.new)
			w.RunOut(ref)
			want(t, "begin paying late", p.On(ref, beginPaying), c.step)
			w.Check()
		})
	}
}

// TestTheAirlineActsOnAPayment: what is being paid for is not confirmed, and expires once it is known to be unpaid.
func TestTheAirlineActsOnAPayment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(*bookingtest.World)
		step error
	}{
		"cancels the flight":  {cancelled, booking.ErrCancelled},
		"takes a smaller one": {smaller, booking.ErrSeatsLost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, _, ref := airlineActs(t, true, c.act)
			want(t, "confirm", p.On(ref, confirm), c.step)
			must(t, p.On(ref, unpaid))
			if state := w.Booking(ref).State; state != "expired" {
				t.Errorf("the booking is %s", state)
			}
			w.Check()
		})
	}
}

// TestAnOldOfferSellsNothing: the aircraft has just been changed, and this process does not know yet.
func TestAnOldOfferSellsNothing(t *testing.T) {
	t.Parallel()
	w, p, member, ref := airlineActs(t, false, func(w *bookingtest.World) { w.Exec("UPDATE flight SET layout = 'small' WHERE id = 1") })
	_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "2B"))
	want(t, "hold", err, booking.ErrBusy)
	if err := p.Extend(t.Context(), member, ref); !errors.Is(err, booking.ErrBusy) {
		t.Errorf("extend: %v", err)
	}
	w.Check()
}
