package payment_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment"
)

func TestCancelForTheQuoteShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A", "1B")
	if err := p.Cancel(t.Context(), o.member, o.ref, 0); !errors.Is(err, booking.ErrState) {
		t.Errorf("a hold: %v", err)
	}
	v := p.buy(o)
	if err := p.Cancel(t.Context(), o.member+1, o.ref, o.total); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	err := p.Cancel(t.Context(), o.member, o.ref, o.total)
	var changed *payment.QuoteError
	if !errors.As(err, &changed) || !errors.Is(err, payment.ErrQuoteChanged) || changed.Quote.Refund != o.total-2000 {
		t.Fatalf("another quote: %v", err)
	}
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	var both sync.WaitGroup
	failures := make([]error, 2)
	for i := range failures {
		both.Go(func() { failures[i] = p.Cancel(context.Background(), o.member, o.ref, o.total-2000) })
	}
	both.Wait()
	if (failures[0] == nil) == (failures[1] == nil) || !errors.Is(errors.Join(failures...), booking.ErrState) {
		t.Errorf("two at once: %v", failures)
	}
	h.MustFree(o.flight, "1A")
	h.want(o, "cancelled", v.payment, payment.Applied, "")
	b := p.done()
	h.wantMoney(v.payment, "capture 187800, refund 185800")
	if b.Total != (payment.Sums{Captured: 187800, Refunded: 185800, Applied: 187800, Kept: 2000}) {
		t.Errorf("balance %+v", b.Total)
	}
}

// A booking of which nothing comes back is cancelled without a refund.
func TestCancelWithoutRefund(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	h.Exec("UPDATE booking SET total = 1000")
	h.Exec("UPDATE price_line SET base = 1000, charges = 0")
	h.Exec("UPDATE payment_attempt SET amount = 1000")
	h.fault(v.payment, "amount-tampered")
	h.post("/admin/faults", map[string]any{"payment_id": v.payment, "faults": []string{"amount-tampered"}, "amount": 1000})
	p.back(v, v.press("approve"))
	if err := p.Cancel(t.Context(), o.member, o.ref, 0); err != nil {
		t.Fatal(err)
	}
	p.done()
	h.wantMoney(v.payment, "capture 1000")
}
