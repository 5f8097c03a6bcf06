package booking_test

import (
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
	child := adults(2)
	child[1].Kind = sales.Child
	want(t, "a child for an adult", p.SetPassengers(ctx, member, held.Ref, child, contact), booking.ErrParty)
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

func TestATravellerIsOnAFlightOnce(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	w.Add(bookingtest.Flight{ID: 2})
	one, two := w.Member(), w.Member()
	ctx := t.Context()
	first := p.MustHold(bookingtest.Request(one, 1, "1A"))
	must(t, p.SetPassengers(ctx, one, first.Ref, []booking.Passenger{adult("A")}, contact))
	second := p.MustHold(bookingtest.Request(two, 1, "1B"))
	set := func() error { return p.SetPassengers(ctx, two, second.Ref, []booking.Passenger{adult("A")}, contact) }
	want(t, "on another account", set(), booking.ErrTravellerHere)
	elsewhere := p.MustHold(bookingtest.Request(two, 2, "1A"))
	must(t, p.SetPassengers(ctx, two, elsewhere.Ref, []booking.Passenger{adult("A")}, contact))

	w.RunOut(first.Ref)
	must(t, set())
	want(t, "paid late by the one who lost the traveller", p.On(first.Ref, beginPaying), booking.ErrSeatsLost)
	must(t, p.LetGo(ctx, two, second.Ref))
	must(t, p.On(first.Ref, beginPaying))
	if n := w.Int("SELECT COUNT(*) FROM booking_traveller WHERE flight_id = 1 AND live = 1"); n != 1 {
		t.Errorf("%d live travellers", n)
	}
	w.Check()
}
