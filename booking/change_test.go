package booking_test

import (
	"context"
	"errors"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// bought holds seats and confirms them for one traveller each.
func bought(t *testing.T, p *bookingtest.Process, req booking.HoldRequest) string {
	t.Helper()
	held := p.MustHold(req)
	must(t, p.SetPassengers(t.Context(), req.MemberID, held.Ref, adults(req.Party.Adults), contact))
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, ticketed))
	return held.Ref
}

// confirmChange confirms a change as payment does: the old booking is cancelled first, in the same transaction.
func confirmChange(ctx context.Context, l *booking.Locked) error {
	if old := l.Replaced(); old != nil {
		q, err := old.QuoteCancel(ctx, l.Row.CreatedAt)
		if err := errors.Join(err, old.Cancel(ctx, q)); err != nil {
			return err
		}
	}
	return ticketed(ctx, l)
}

// TestAChangeReplacesABookingAtOnce: the same people move to other seats and another flight. Until the change is paid
// for the old booking stands; then one transaction confirms the one and releases the other.
func TestAChangeReplacesABookingAtOnce(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	w.Add(bookingtest.Flight{ID: 2})
	member := w.Member()
	old := bought(t, p, bookingtest.Request(member, 1, "1A", "1B"))

	req := bookingtest.Request(member, 2, "1C", "1D")
	req.Legs = append(req.Legs, booking.LegRequest{FlightID: 1, Seats: []string{"1C", "1D"}}) // the flight of before, too
	req.Change = old
	fewer := bookingtest.Request(member, 2, "1E")
	fewer.Change = old
	_, err := p.Hold(t.Context(), fewer)
	want(t, "one seat for two", err, booking.ErrParty)
	held := p.MustHold(req)
	must(t, p.SetPassengers(t.Context(), member, held.Ref, adults(2), contact)) // on flight 1 already, by the old booking
	must(t, p.On(held.Ref, beginPaying))
	if err := p.On(held.Ref, ticketed); err == nil {
		t.Error("confirmed beside the booking that it replaces")
	}
	if w.Booking(old).State != "confirmed" || w.Booking(held.Ref).State != "paying" {
		t.Error("something of a refused transaction stayed")
	}
	must(t, p.On(held.Ref, confirmChange))
	if w.Booking(old).State != "cancelled" || w.Booking(held.Ref).State != "confirmed" {
		t.Errorf("old %s, new %s", w.Booking(old).State, w.Booking(held.Ref).State)
	}
	w.MustFree(1, "1A")
	w.Check()
}

// TestAChangeThatIsNotPaidLeavesTheBooking, and one whose old booking was cancelled meanwhile is a booking like others.
func TestAChangeThatIsNotPaidLeavesTheBooking(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	w.Add(bookingtest.Flight{ID: 2})
	member := w.Member()
	old := bought(t, p, bookingtest.Request(member, 1, "1A"))
	change := bookingtest.Request(member, 2, "1A")
	change.Change = old
	held := p.MustHold(change)
	w.RunOut(held.Ref)
	_, err := p.RecordExpired(t.Context(), 10)
	must(t, err)
	if w.Booking(old).State != "confirmed" || w.Booking(held.Ref).State != "expired" {
		t.Errorf("old %s, new %s", w.Booking(old).State, w.Booking(held.Ref).State)
	}
	must(t, p.On(old, cancel))
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, confirmChange))
	w.Check()
	_, err = p.Hold(t.Context(), change)
	want(t, "of a cancelled booking", err, booking.ErrState)
	change.MemberID = w.Member()
	change.Change = held.Ref
	_, err = p.Hold(t.Context(), change)
	want(t, "of somebody else's", err, booking.ErrNotFound)
}

// TestAChangeWithinTheLimitOfASale: the seats that it will free do not count against the member.
func TestAChangeWithinTheLimitOfASale(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	sale := w.Sale()
	for id := range int64(2) {
		w.Add(bookingtest.Flight{ID: id + 1, Sale: sale, MemberLimit: 2})
	}
	p := w.Process(bookingtest.Setup{})
	member := w.Member()
	old := bought(t, p, bookingtest.Request(member, 1, "1A", "1B"))
	req := bookingtest.Request(member, 2, "1A", "1B")
	_, err := p.Hold(t.Context(), req)
	want(t, "four seats of two", err, booking.ErrLimit)
	req.Change = old
	held := p.MustHold(req)
	w.RunOut(held.Ref)
	must(t, p.On(held.Ref, beginPaying)) // late, and within the limit still
	must(t, p.On(held.Ref, confirmChange))
	w.Check()
}
