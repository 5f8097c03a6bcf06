package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/sales"
)

// born is a traveller who reaches an age on 1 January 2030; flight n leaves n days later.
func born(name string, age, daysLater int) booking.Passenger {
	return booking.Passenger{Surname: "KIM", GivenName: name, BirthDate: time.Date(2030-age, 1, 1+daysLater, 0, 0, 0, 0, time.UTC)}
}

// TestAWrongKindIsANewPrice: of two adults one turns out to be a child. The new total is told first; agreed to, the
// child has the child's price and keeps the seat chosen for it, and whatever comes after counts the new party.
func TestAWrongKindIsANewPrice(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{AddOn: map[string]int64{"1A": 5_000}})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	people := []booking.Passenger{born("CHILD", 9, 0), born("ADULT", 40, 0)}
	ctx := t.Context()

	var price *booking.PriceError
	if err := p.SetPassengers(ctx, member, held.Ref, people, contact); !errors.As(err, &price) {
		t.Fatalf("not offered a price: %v", err)
	}
	total := int64(89_900*3/4 + 89_900 + 2*bookingtest.Charges + 5_000)
	if price.Total != total || w.Booking(held.Ref).Total == total || w.Int("SELECT COUNT(*) FROM passenger") != 0 {
		t.Errorf("offered %d, want %d, and nothing changed before", price.Total, total)
	}
	want(t, "another total", p.AgreePassengers(ctx, member, held.Ref, people, contact, total-1), booking.ErrPriceChanged)
	must(t, p.AgreePassengers(ctx, member, held.Ref, people, contact, total))
	view, err := p.Get(ctx, member, held.Ref)
	must(t, err)
	names := []string{view.Passengers[0].GivenName + " " + view.Seat(1, 1), view.Passengers[1].GivenName + " " + view.Seat(1, 2)}
	if view.Row.Total != total || view.Party() != (booking.Party{Adults: 1, Children: 1}) || !slices.Equal(names, []string{"ADULT 1B", "CHILD 1A"}) {
		t.Errorf("%d won for %+v: %q", view.Row.Total, view.Party(), names)
	}
	must(t, p.SetPassengers(ctx, member, held.Ref, []booking.Passenger{people[1], people[0]}, contact)) // the form again
	w.Check()
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, ticketed))
	w.Check()
}

// TestKindsGoByTheDayOfEachLeg: an infant who has a birthday between the flights needs a seat, a child who grows up pays
// as a child on one leg and as an adult on the other.
func TestKindsGoByTheDayOfEachLeg(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	w.Add(bookingtest.Flight{ID: 5})
	member := w.Member()
	ctx := t.Context()
	req := bookingtest.Request(member, 1, "1A", "1B")
	req.Party = booking.Party{Adults: 1, Children: 1, Infants: 1}
	req.Legs = append(req.Legs, booking.LegRequest{FlightID: 5, Seats: []string{"1A", "1B"}})
	held := p.MustHold(req)
	between := 3 // days after 1 January: flight 1 leaves on the 2nd, flight 5 on the 6th
	set := func(child, infant booking.Passenger) error {
		return p.SetPassengers(ctx, member, held.Ref, []booking.Passenger{born("A", 40, 0), child, infant}, contact)
	}
	must(t, set(born("C", 9, 0), born("I", 1, 0)))
	want(t, "two years old on the way back", set(born("C", 9, 0), born("I", 2, between)), booking.ErrNeedsSeat)
	var price *booking.PriceError
	if err := set(born("C", 13, between), born("I", 1, 0)); !errors.As(err, &price) || price.Total != w.Booking(held.Ref).Total+89_900/4 {
		t.Errorf("thirteen on the way back: %v", err)
	}
	w.Check()
}

// TestExitRows are for those who are fifteen on the day, agree to help, and care for nobody.
func TestExitRows(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{Seats: 12, Exit: 2})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "2A", "1A"))
	set := func(age, daysLater int, consent bool, other booking.Passenger) error {
		who := born("A", age, daysLater)
		who.ExitConsent = consent
		return p.SetPassengers(t.Context(), member, held.Ref, []booking.Passenger{who, other}, contact)
	}
	grown := born("B", 40, 0)
	want(t, "without consent", set(40, 0, false, grown), booking.ErrExitRow)
	want(t, "fifteen a day after the flight", set(15, 2, true, grown), booking.ErrExitRow)
	want(t, "with a child after all", set(40, 0, true, born("C", 5, 0)), booking.ErrExitRow)
	must(t, set(15, 1, true, grown))
	family := bookingtest.Request(member, 1, "2B", "2C")
	family.Party = booking.Party{Adults: 1, Children: 1}
	_, err := p.Hold(t.Context(), family)
	want(t, "a family in an exit row", err, booking.ErrParty)
}

// TestABabyInASeatIsAChild: an infant may have a seat, at the child's price.
func TestABabyInASeatIsAChild(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	req := bookingtest.Request(member, 1, "1A", "1B")
	req.Party = booking.Party{Adults: 1, Children: 1}
	held := p.MustHold(req)
	must(t, p.SetPassengers(t.Context(), member, held.Ref, []booking.Passenger{born("A", 40, 0), born("B", 1, 0)}, contact))
	if n := w.Int("SELECT COUNT(*) FROM passenger WHERE kind = ?", sales.Child); n != 1 {
		t.Errorf("%d children", n)
	}
}
