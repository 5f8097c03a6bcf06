package payment_test

import (
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment"
)

// TestAChangePaysTheNewAndRefundsTheOld: one person moves to another flight. Paying for the change gives the old
// booking back for what its fee leaves, once, and the person's place goes over.
func TestAChangePaysTheNewAndRefundsTheOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, old := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.buy(old)
	change := p.change(old, h.flight(bookingtest.Flight{}), "1B")
	second := p.buy(change)
	h.want(change, "confirmed", second.payment, payment.Applied, "")
	h.want(old, "cancelled", first.payment, payment.Applied, "")
	h.MustFree(old.flight, "1A")
	p.done()
	h.wantMoney(first.payment, "capture 93900, refund 92900")
	h.wantMoney(second.payment, "capture 93900")
	if n := h.Int("SELECT COUNT(*) FROM booking_traveller WHERE live = 1"); n != 1 {
		t.Errorf("%d travellers have a place", n)
	}
}

// TestAChangeRefundsWhatItsPagesTold: the fee rises between holding a change and paying for it. What was told at the hold
// comes back.
func TestAChangeRefundsWhatItsPagesTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, old := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.buy(old)
	rises := h.clock.Now().Add(10 * time.Minute)
	h.Shop.Fees = func(q booking.FeeQuestion) int64 {
		if q.Now.Before(rises) {
			return 1_000
		}
		return 50_000
	}
	change := p.change(old, h.flight(bookingtest.Flight{}), "1B")
	h.advance(12 * time.Minute)
	p.buy(change)
	h.want(old, "cancelled", first.payment, payment.Applied, "")
	p.done()
	h.wantMoney(first.payment, "capture 93900, refund 92900")
}

// change holds a seat of another flight in place of a booking, with its traveller.
func (p *process) change(old order, flight int64, seat string) order {
	t := p.h.T
	t.Helper()
	req := bookingtest.Request(old.member, flight, seat)
	req.Change = old.ref
	held, err := p.booking.Hold(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	people := []booking.Passenger{{Surname: "KIM", GivenName: old.ref + "0", BirthDate: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)}}
	contact := booking.Contact{Name: "Kim", Email: "kim@pigonair.test", Phone: "010", Language: "ko"}
	if err := p.booking.SetPassengers(t.Context(), old.member, held.Ref, people, contact); err != nil {
		t.Fatal(err)
	}
	return order{member: old.member, ref: held.Ref, flight: flight, total: old.total}
}

// TestATravellerBookedTwiceIsRefunded: two members pay for the same person on one flight. The second is charged before
// anybody may know, gets all of it back, and has nothing.
func TestATravellerBookedTwiceIsRefunded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, flight := h.process, h.flight(bookingtest.Flight{})
	one, two := p.order(flight, "1A"), p.order(flight, "1B")
	h.Exec("UPDATE booking_traveller a JOIN booking_traveller b ON a.booking_id < b.booking_id SET b.traveller_hash = a.traveller_hash")
	p.buy(one)
	v := p.start(two)
	p.back(v, v.press("approve"))
	p.done()
	if a := h.attempt(v.payment); a.Reason != payment.ReasonTravellers || h.state(two) != "held" {
		t.Errorf("attempt %s (%s), booking %s", a.State, a.Reason, h.state(two))
	}
	h.wantMoney(v.payment, "capture 93900, refund 93900")
}
