package concurrency_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/sales"
)

// TestOneTravellerTwoAccounts: two members have paid for the same person on one flight, and both bookings are confirmed
// at once. They share no seat and no member's row, so nothing stands behind the unique key of travellers.
func TestOneTravellerTwoAccounts(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{seatLock, bookingLock}},
		broken: []clauses{{uniqueTraveller}},
	}.run(t, oneTravellerTwoAccounts)
}

func oneTravellerTwoAccounts(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(bookingtest.Flight{ID: 1})
	plain := w.Process(bookingtest.Setup{})
	person := []booking.Passenger{{Kind: sales.Adult, Surname: "KIM", GivenName: "A", BirthDate: time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC)}}
	paying := func(seat string) string {
		member := w.Member()
		held := plain.MustHold(bookingtest.Request(member, 1, seat))
		if err := plain.SetPassengers(w.T.Context(), member, held.Ref, person, booking.Contact{Email: "a@b.example"}); err != nil {
			w.T.Fatal(err)
		}
		if err := plain.On(held.Ref, beginPaying); err != nil {
			w.T.Fatal(err)
		}
		return held.Ref
	}
	a, b := paying("1A"), paying("1B")
	confirm := func(p *bookingtest.Process, ref, ticket string) func() error {
		return func() error {
			return p.On(ref, func(ctx context.Context, l *booking.Locked) error {
				return l.Confirm(ctx, func(int) string { return ticket })
			})
		}
	}
	gate := bookingtest.NewGate(booking.BeforeCommit)
	one, two := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook}), w.Process(bookingtest.Setup{Meddling: m})
	first, second := race(w, gate, confirm(one, a, "9900000000001"), confirm(two, b, "9900000000002"))
	if first != nil || !errors.Is(second, booking.ErrTravellerHere) {
		return fmt.Sprintf("the person has two tickets: %v, %v", first, second)
	}
	return faultsOf(w, "")
}
