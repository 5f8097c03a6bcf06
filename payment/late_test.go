package payment_test

import (
	"context"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment"
	"pigonair/payment/portone"
)

// Two tabs, both of which end in a capture: one buys the booking, the other is given back, once.
func TestTwoTabsTwoCaptures(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.start(o)
	first.press("approve-late")
	second := p.buy(o)
	h.want(o, "confirmed", first.payment, payment.Abandoned, "")
	h.advance(10 * time.Second)
	first.awaitLate()
	for range 2 {
		p.hear(portone.EventPaid, first.payment)
	}
	h.want(o, "confirmed", first.payment, payment.Refunding, payment.ReasonPaidOtherwise)
	h.want(o, "confirmed", second.payment, payment.Applied, "")
	h.wantMoney(first.payment, "capture 93900, refund 93900")
	h.wantMoney(second.payment, "capture 93900")
	b := p.done()
	if b.Total != (payment.Sums{Captured: 187800, Refunded: 93900, Applied: 93900, Kept: 93900}) {
		t.Errorf("balance %+v", b.Total)
	}
}

// The same with the second capture found while the first attempt is still being confirmed: what is known to be paid
// buys the booking, and the other is given back when it turns out to be paid too.
func TestCaptureFoundWhileAnotherIsConfirmed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.start(o)
	first.press("approve-late")
	second := p.start(o)
	back := second.press("approve")
	h.advance(10 * time.Second)
	first.awaitLate()
	p.wire.before = func(call string) {
		if call == "confirm" {
			p.wire.before = nil
			p.hear(portone.EventPaid, first.payment)
			h.want(o, "confirmed", first.payment, payment.Applied, "")
		}
	}
	if got := p.back(second, back); got.State != payment.Refunding {
		t.Errorf("the second return ends %s", got.State)
	}
	p.done()
	h.wantMoney(first.payment, "capture 93900")
	h.wantMoney(second.payment, "capture 93900, refund 93900")
}

// The same, but the attempt under way turns out to be unpaid: its end does not touch the booking that another bought.
func TestRefusalAfterAnotherCaptureBought(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.start(o)
	first.press("approve-late")
	second := p.start(o)
	back := second.press("approve")
	h.advance(10 * time.Second)
	first.awaitLate()
	h.fault(second.payment, "confirm-refused")
	p.wire.before = func(call string) {
		if call == "confirm" {
			p.wire.before = nil
			p.hear(portone.EventPaid, first.payment)
		}
	}
	if got := p.back(second, back); got.State != payment.Refused {
		t.Errorf("the second return ends %s", got.State)
	}
	h.want(o, "confirmed", first.payment, payment.Applied, "")
	p.done()
}

// A capture that buys nothing is given back without touching the seats that another attempt is just paying for.
func TestMismatchWhileAnotherIsConfirmed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.start(o)
	h.fault(first.payment, "amount-tampered")
	first.press("approve-late")
	second := p.start(o)
	back := second.press("approve")
	h.advance(10 * time.Second)
	first.awaitLate()
	p.wire.before = func(call string) {
		if call == "confirm" {
			p.wire.before = nil
			p.hear(portone.EventPaid, first.payment)
			h.want(o, "paying", first.payment, payment.Refunding, payment.ReasonMismatch)
		}
	}
	p.back(second, back)
	h.want(o, "confirmed", second.payment, payment.Applied, "")
	p.done()
	h.wantMoney(first.payment, "capture 100, refund 100")
}

// A late capture whose hold is live, has run out, or is recorded as expired buys the booking as long as all of it is
// still there.
func TestLateCaptureIsTakenIfAllIsThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait   time.Duration
		record bool
	}{
		"live": {0, false}, "run out": {20 * time.Minute, false}, "recorded": {20 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, choice{})
			p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
			v := p.start(o)
			v.press("approve-late")
			h.advance(c.wait)
			if c.record {
				if _, err := p.booking.RecordExpired(t.Context(), 10); err != nil {
					t.Fatal(err)
				}
			}
			h.advance(6 * time.Second)
			v.awaitLate()
			p.hear(portone.EventPaid, v.payment)
			h.want(o, "confirmed", v.payment, payment.Applied, "")
			p.done()
			h.wantMoney(v.payment, "capture 93900")
		})
	}
}

// Captured too late: all of it goes back, and the booking says why.
func TestLateCaptureIsGivenBackIfNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flight bookingtest.Flight
		spoil  func(h *house, o order)
		state  string
		why    string
	}{
		"seat taken": {bookingtest.Flight{}, func(h *house, o order) { h.process.order(o.flight, "1A") }, "expired", payment.ReasonSeatsLost},
		"place of the fare taken": {bookingtest.Flight{Fares: []booking.Fare{{Code: "SPECIAL", Quota: 1}, {Code: "FLEX", Quota: -1}}},
			func(h *house, o order) { h.process.order(o.flight, "1B") }, "expired", payment.ReasonSeatsLost},
		"flight cancelled": {bookingtest.Flight{}, func(h *house, _ order) { h.Exec("UPDATE flight SET state = 'cancelled'") }, "expired", payment.ReasonFlightCancelled},
		"past the cut-off": {bookingtest.Flight{Closes: 20 * time.Minute}, func(h *house, _ order) { h.advance(10 * time.Minute) }, "expired", payment.ReasonSalesClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, choice{})
			p, o := h.process, h.process.order(h.flight(c.flight), "1A")
			v := p.start(o)
			v.press("approve-late")
			h.advance(16 * time.Minute)
			c.spoil(h, o)
			h.advance(6 * time.Second)
			v.awaitLate()
			if _, err := p.booking.RecordExpired(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
			p.hear(portone.EventPaid, v.payment)
			h.want(o, c.state, v.payment, payment.Refunding, c.why)
			p.done()
			h.wantMoney(v.payment, "capture "+won(o.total)+", refund "+won(o.total))
			view, err := p.booking.ByRef(t.Context(), o.ref)
			if err != nil {
				t.Fatal(err)
			}
			var story []string
			for _, e := range view.Events {
				story = append(story, e.Kind+" "+e.Detail)
			}
			if len(story) != 2 || story[0] != "not_applied "+c.why || story[1] != "refunded "+c.why {
				t.Errorf("the booking tells %q", story)
			}
		})
	}
}

// Nobody tells us of a late capture: no return, no webhook. The gateway's own list does.
func TestReconcilerFindsWhatNobodyTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	v.approveLate()
	p.settle()
	h.want(o, "held", v.payment, payment.Started, "")
	p.reconcile(h.clock.Now().Add(-time.Hour))
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	p.done()
}

// A customer who declined, went back to the gateway's page and approved there late has paid after all.
func TestLateCaptureAfterARefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	back := v.press("decline")
	p.back(v, back)
	h.want(o, "held", v.payment, payment.Refused, back.Message)
	if err := v.open(); err != nil {
		t.Fatal(err)
	}
	v.approveLate()
	p.hear(portone.EventPaid, v.payment)
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	p.done()
}

// A hold that ran out while the customer paid is taken again if that is possible; else nothing is charged.
func TestHoldRunsOutWhilePaying(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(p *process, o order)
		state payment.AttemptState
		money string
	}{
		"free":  {func(*process, order) {}, payment.Applied, "capture 93900"},
		"taken": {func(p *process, o order) { p.order(o.flight, "1A") }, payment.Refused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, choice{})
			p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
			v := p.start(o)
			back := v.press("approve")
			h.advance(16 * time.Minute)
			c.spoil(p, o)
			if got := p.back(v, back); got.State != c.state || (c.state == payment.Refused && got.Reason != payment.ReasonSeatsLost) {
				t.Errorf("%+v", got)
			}
			h.wantMoney(v.payment, c.money)
			p.done()
		})
	}
}

// A capture of another amount than the booking's, or of play money in production, buys nothing.
func TestTamperedCaptures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fault, manual, automatic string }{
		"amount":       {"amount-tampered", "", "capture 100, refund 100"},
		"test channel": {"test-channel", "", "capture 93900, refund 93900"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, choice{live: true})
			p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
			v := p.start(o)
			h.fault(v.payment, c.fault)
			if got := p.back(v, v.press("approve")); got.State != payment.Refused {
				t.Errorf("with manual approval it is %s", got.State)
			}
			h.wantMoney(v.payment, c.manual)
			late := p.start(o)
			h.fault(late.payment, c.fault)
			late.approveLate()
			p.hear(portone.EventPaid, late.payment)
			h.want(o, "held", late.payment, payment.Refunding, payment.ReasonMismatch)
			p.done()
			h.wantMoney(late.payment, c.automatic)
		})
	}
}

// The simulator's own webhook, delivered before the browser returns, does not disturb the return.
func TestWebhookBeforeTheReturn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{webhooks: true})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	h.awaitHook(portone.EventReady)
	p.settle()
	h.fault(v.payment, "webhook-before")
	p.wire.after = nil
	p.wire.calls = func(call, _ string, _ int) {
		if call == "confirm" {
			h.awaitHook(portone.EventPaid) // delivered before confirm was answered
			p.settle()
		}
	}
	p.back(v, v.press("approve"))
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	p.wire.calls = nil
	p.done()
}

func won(amount int64) string {
	digits := ""
	for ; amount > 0; amount /= 10 {
		digits = string(rune('0'+amount%10)) + digits
	}
	return digits
}

// The waiting room is told of each purchase on a sale, once.
func TestBoughtIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{Sale: h.Sale()}), "1A")
	v := p.buy(o)
	p.hear(portone.EventPaid, v.payment)
	if err := p.Reconcile(context.Background(), h.clock.Now().Add(-time.Hour), h.clock.Now()); err != nil {
		t.Error(err)
	}
	if n := h.sold.Load(); n != 1 {
		t.Errorf("told %d times", n)
	}
	p.done()
}
