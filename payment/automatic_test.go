package payment_test

import (
	"errors"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment"
	"pigonair/payment/portone"
)

// automatic is a customer at the gateway of a channel that charges by itself.
func automatic(t *testing.T) *paying {
	h := newHouse(t, choice{channel: "channel-card-auto"})
	y := &paying{house: h, p: h.process, o: h.process.order(h.flight(bookingtest.Flight{}), "1A")}
	y.v = y.p.start(y.o)
	y.want(y.o, "paying", y.v.payment, payment.Confirming, "")
	return y
}

func TestAutomaticPurchase(t *testing.T) {
	t.Parallel()
	y := automatic(t)
	if got := y.p.back(y.v, y.v.press("approve")); got.State != payment.Applied {
		t.Errorf("%+v", got)
	}
	y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
	if n := y.p.wire.count("confirm"); n != 0 {
		t.Errorf("confirmed %d times by us", n)
	}
	y.p.hear(portone.EventPaid, y.v.payment)
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900")
}

// The return is lost; the webhook, or failing that our own question, tells.
func TestAutomaticReturnLost(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{true, false} {
		y := automatic(t)
		y.v.press("approve")
		if told {
			y.p.hear(portone.EventPaid, y.v.payment)
		} else {
			y.advance(31 * time.Second)
			y.p.settle()
		}
		y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
		if got := y.p.back(y.v, portone.Return{}); got.State != payment.Applied {
			t.Errorf("the late return says %s", got.State)
		}
		y.p.done()
	}
}

func TestAutomaticDecline(t *testing.T) {
	t.Parallel()
	y := automatic(t)
	back := y.v.press("decline")
	y.p.back(y.v, back)
	y.want(y.o, "held", y.v.payment, payment.Refused, back.Message)
	y.p.buyAutomatic(y.o)
	y.p.done()
}

func (p *process) buyAutomatic(o order) {
	p.h.T.Helper()
	v := p.start(o)
	p.back(v, v.press("approve"))
	p.h.want(o, "confirmed", v.payment, payment.Applied, "")
}

// A browser's word that the customer did not pay is not believed: the gateway is asked.
func TestAutomaticForgedDecline(t *testing.T) {
	t.Parallel()
	y := automatic(t)
	if got := y.p.back(y.v, portone.Return{Code: "FORGED"}); got.State != payment.Confirming {
		t.Errorf("it is %s", got.State)
	}
	y.want(y.o, "paying", y.v.payment, payment.Confirming, "")
	y.v.press("approve")
	y.p.back(y.v, portone.Return{Code: "FORGED"})
	y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
	y.p.done()
}

// A customer who leaves has at least ten minutes at the gateway, once; then, and 90 seconds more, the gateway's word
// that nobody paid is believed. What is charged after that still buys the booking if all of it is there.
func TestAutomaticLeave(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{channel: "channel-card-auto"})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	h.advance(14 * time.Minute)
	v := p.start(o)
	h.advance(10*time.Minute - 10*time.Second)
	p.settle()
	h.want(o, "paying", v.payment, payment.Confirming, "")
	if _, err := p.tryStart(o); !errors.Is(err, payment.ErrChecking) {
		t.Errorf("a second attempt meanwhile: %v", err)
	}
	p.untilKnown(v)
	h.want(o, "held", v.payment, payment.Refused, payment.ReasonDeclined)
	again := p.start(o) // with three minutes left, and no further window
	h.advance(5 * time.Minute)
	p.untilKnown(again)
	h.want(o, "expired", again.payment, payment.Refused, payment.ReasonDeclined)
	again.press("approve")
	p.hear(portone.EventPaid, again.payment)
	h.want(o, "confirmed", again.payment, payment.Applied, "")
	p.done()
}

// untilKnown lets minutes pass until a payment's outcome is known.
func (p *process) untilKnown(v visit) {
	p.h.T.Helper()
	for range 60 {
		if p.h.attempt(v.payment).State != string(payment.Confirming) {
			return
		}
		p.h.advance(61 * time.Second)
		p.settle()
	}
	p.h.T.Fatal("the outcome is never known")
}

// Two captures on an automatic channel: a window that was left open pays after the second attempt did.
func TestAutomaticTwoTabs(t *testing.T) {
	t.Parallel()
	y := automatic(t)
	y.p.back(y.v, y.v.press("decline"))
	second := y.p.start(y.o)
	if err := y.v.open(); err != nil {
		t.Fatal(err)
	}
	y.v.press("approve")
	second.press("approve")
	y.p.back(second, portone.Return{})
	if got := y.p.back(y.v, portone.Return{}); got.State != payment.Refunding || got.Reason != payment.ReasonPaidOtherwise {
		t.Errorf("the first window's return: %+v", got)
	}
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900, refund 93900")
	y.wantMoney(second.payment, "capture 93900")
}

// Where the gateway cannot even be told the amount, the customer stays with the hold.
func TestAutomaticGatewayAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{channel: "channel-card-auto"})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	p.wire.fate = func(string) fate { return lost }
	if _, err := p.tryStart(o); !errors.Is(err, payment.ErrGatewayAway) {
		t.Errorf("%v", err)
	}
	if got := h.state(o); got != string(booking.Held) {
		t.Errorf("the booking is %s", got)
	}
	p.wire.fate = nil
	p.buyAutomatic(o)
	p.done()
}

func TestAutomaticTamperedAmount(t *testing.T) {
	t.Parallel()
	y := automatic(t)
	y.fault(y.v.payment, "amount-tampered")
	if got := y.p.back(y.v, y.v.press("approve")); got.State != payment.Refunding || got.Reason != payment.ReasonMismatch {
		t.Errorf("%+v", got)
	}
	y.want(y.o, "held", y.v.payment, payment.Refunding, payment.ReasonMismatch)
	y.p.buyAutomatic(y.o)
	y.p.done()
	y.wantMoney(y.v.payment, "capture 100, refund 100")
}
