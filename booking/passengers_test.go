package booking_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/sales"
)

func adult(name string) booking.Passenger {
	return booking.Passenger{Kind: sales.Adult, Surname: "KIM", GivenName: name, BirthDate: time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC)}
}

// adults are n of them, each with another name.
func adults(n int) []booking.Passenger {
	list := make([]booking.Passenger, n)
	for i := range list {
		list[i] = adult(fmt.Sprintf("NO %d", i))
	}
	return list
}

var contact = booking.Contact{Name: "Kim", Email: "kim@example.org", Phone: "010", Language: "ko"}

func TestSetPassengers(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	ctx := t.Context()
	want(t, "one of two", p.SetPassengers(ctx, member, held.Ref, adults(1), contact), booking.ErrParty)
	want(t, "one twice", p.SetPassengers(ctx, member, held.Ref, []booking.Passenger{adult("A"), adult(" a ")}, contact), booking.ErrTravellerHere)
	must(t, p.SetPassengers(ctx, member, held.Ref, adults(2), contact))
	must(t, p.SetPassengers(ctx, member, held.Ref, []booking.Passenger{adult("A"), adult("B")}, contact))
	view, err := p.Get(ctx, member, held.Ref)
	must(t, err)
	if len(view.Passengers) != 2 || view.Passengers[1].GivenName != "B" || view.Row.ContactEmail != contact.Email {
		t.Errorf("%+v, %+v", view.Passengers, view.Row)
	}
	w.Check()
}

// TestATravellerIsOnAFlightOnce: a stranger who types somebody's name learns nothing and takes nothing; whoever pays
// first has the place, and it comes free with the cancellation.
func TestATravellerIsOnAFlightOnce(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	stranger, person := w.Member(), w.Member()
	ctx := t.Context()
	held := func(member int64, seat string) string {
		ref := p.MustHold(bookingtest.Request(member, 1, seat)).Ref
		must(t, p.SetPassengers(ctx, member, ref, []booking.Passenger{adult("A")}, contact))
		return ref
	}
	first, second := held(stranger, "1A"), held(person, "1B")
	must(t, p.On(first, beginPaying))
	must(t, p.On(second, beginPaying))
	must(t, p.On(second, ticketed))
	want(t, "paid after the place was taken", p.On(first, ticketed), booking.ErrTravellerHere)
	third := held(w.Member(), "1C") // nobody is told
	if n := w.Int("SELECT COUNT(*) FROM booking_traveller WHERE live = 1"); n != 1 {
		t.Errorf("%d travellers have a place", n)
	}
	must(t, p.On(second, cancel))
	must(t, p.On(third, beginPaying))
	must(t, p.On(third, ticketed))
	w.Check()
}

// TestAMemberIsToldOfATravellerTwice: within one account the second booking is refused at once, while the first lives.
func TestAMemberIsToldOfATravellerTwice(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	w.Add(bookingtest.Flight{ID: 2})
	member := w.Member()
	ctx := t.Context()
	first, second := p.MustHold(bookingtest.Request(member, 1, "1A")), p.MustHold(bookingtest.Request(member, 1, "1B"))
	elsewhere := p.MustHold(bookingtest.Request(member, 2, "1A"))
	set := func(ref string) error {
		return p.SetPassengers(ctx, member, ref, []booking.Passenger{adult("A")}, contact)
	}
	must(t, set(first.Ref))
	must(t, set(first.Ref))
	must(t, set(elsewhere.Ref))
	want(t, "in a second booking", set(second.Ref), booking.ErrTravellerHere)
	w.RunOut(first.Ref)
	must(t, set(second.Ref))
	w.Check()
}

// ticketed confirms with a ticket for each passenger.
func ticketed(ctx context.Context, l *booking.Locked) error {
	return l.Confirm(ctx, func(passenger int) string { return fmt.Sprintf("990%06d%04d", l.Row.ID%1_000_000, passenger) })
}
