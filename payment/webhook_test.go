package payment_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"pigonair/booking/bookingtest"
	"pigonair/payment"
	"pigonair/payment/portone"
)

// The return is lost on its way to us, after the customer approved late: the simulator's own webhook leads to it.
func TestReturnLostThenWebhook(t *testing.T) {
	t.Parallel()
	for _, faults := range [][]string{nil, {"webhook-twice"}, {"webhook-after"}} {
		h := newHouse(t, choice{webhooks: true})
		p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
		v := p.start(o)
		h.fault(v.payment, faults...)
		v.approveLate()
		h.advance(5 * time.Second)
		h.awaitHook(portone.EventPaid)
		p.settle()
		h.want(o, "confirmed", v.payment, payment.Applied, "")
		p.done()
		h.wantMoney(v.payment, "capture 93900")
	}
}

func TestForgedAndOldWebhooks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, v := h.process, h.process.start(h.process.order(h.flight(bookingtest.Flight{}), "1A"))
	good := h.webhook("wh-1", portone.EventPaid, v.payment)
	tampered := message{good.header, []byte(strings.Replace(string(good.body), v.payment, "pa-other", 1))}
	unsigned := message{http.Header{}, good.body}
	long := h.signed("wh-5", h.clock.Now(), []byte(`{"type":"Transaction.Paid","data":{"paymentId":"`+strings.Repeat("p", 256)+`"}}`))
	large := h.signed("wh-6", h.clock.Now(), []byte(`{"type":"Transaction.Paid","data":{"paymentId":"p"},"x":"`+strings.Repeat("x", 9000)+`"}`))
	odd := h.signed("wh-7", h.clock.Now(), []byte(`{"type":"Transaction.Paid","data":{"paymentId":"결제"}}`))
	for name, c := range map[string]struct {
		m    message
		want error
	}{
		"tampered":   {tampered, portone.ErrWebhookSignature},
		"unsigned":   {unsigned, portone.ErrWebhookHeaders},
		"old":        {h.signed("wh-2", h.clock.Now().Add(-6*time.Minute), good.body), portone.ErrWebhookTime},
		"future":     {h.signed("wh-3", h.clock.Now().Add(6*time.Minute), good.body), portone.ErrWebhookTime},
		"unreadable": {h.signed("wh-4", h.clock.Now(), []byte("{")), portone.ErrWebhookBody},
		"long id":    {long, portone.ErrWebhookBody},
		"large body": {large, portone.ErrWebhookBody},
		"odd id":     {odd, portone.ErrWebhookBody},
	} {
		if err := p.deliver(c.m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if n := h.Int("SELECT COUNT(*) FROM webhook"); n != 0 {
		t.Errorf("%d of them are stored", n)
	}
	for range 2 {
		if err := p.deliver(good); err != nil {
			t.Error(err)
		}
	}
	if n := h.Int("SELECT COUNT(*) FROM webhook"); n != 1 {
		t.Errorf("a webhook that came twice is stored %d times", n)
	}
	p.done()
}

// A webhook is believed in nothing: of a payment that nobody paid it changes nothing.
func TestWebhookOnlySaysLook(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	for _, kind := range []string{portone.EventPaid, portone.EventFailed, portone.EventCancelled, "Transaction.New", "BillingKey.Issued"} {
		p.hear(kind, v.payment)
		h.want(o, "held", v.payment, payment.Started, "")
	}
	p.buy(o)
	gets := p.wire.count("get")
	p.hear(portone.EventPaid, v.payment)
	p.done()
	if p.wire.count("get") == gets {
		t.Error("nobody looked") // the attempt was abandoned, so its webhook is worth a look
	}
}

// Webhooks that are about nothing of ours are done with; those that cannot be worked on now are kept.
func TestWebhooksAboutOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p := h.process
	p.hear(portone.EventPaid, "p-unknown")
	p.hear("BillingKey.Issued", "")
	if n := h.Int("SELECT COUNT(*) FROM webhook WHERE pending = 1"); n != 0 {
		t.Errorf("%d are kept", n)
	}
	p.wire.fate = func(string) fate { return lost }
	if err := p.deliver(h.webhook("wh-1", portone.EventPaid, "p-unknown-2")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := p.settler.RunOnce(t.Context()); err == nil {
			t.Error("the gateway is away, and nobody says so")
		}
		h.advance(time.Minute)
	}
	if n := h.Int("SELECT tries FROM webhook WHERE pending = 1"); n != 3 {
		t.Errorf("tried %d times", n)
	}
	p.wire.fate = nil
	p.done()
}

// Money of a payment that we never began goes before an operator, whether a webhook or the gateway's list tells.
func TestUnknownPayments(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{true, false} {
		y := newPaying(t)
		y.p.back(y.v, y.back)
		y.Exec("DELETE FROM payment_attempt")
		if told {
			y.p.hear(portone.EventPaid, y.v.payment)
		} else {
			y.p.reconcile(y.clock.Now().Add(-time.Hour))
		}
		y.wantFinding(payment.FindingNoRow, 93900)
		now := y.clock.Now()
		b, err := y.p.Balance(t.Context(), now.Add(-time.Hour), now.Add(time.Minute))
		if err != nil || b.Total.Difference != 93900 || len(b.Odd) != 1 || b.Odd[0].State != "" {
			t.Errorf("balance %+v, %v", b, err)
		}
	}
}

// Our books have money that the gateway never took.
func TestNotCaptured(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	y.Exec("UPDATE payment_attempt SET state = 'applied', applied = 1, live = NULL")
	y.p.reconcile(y.clock.Now().Add(-time.Hour))
	y.wantFinding(payment.FindingNotCaptured, 93900)
	now := y.clock.Now()
	b, err := y.p.Balance(t.Context(), now.Add(-time.Hour), now.Add(time.Minute))
	if err != nil || b.Total.Difference != -93900 || len(b.Odd) != 1 {
		t.Errorf("balance %+v, %v", b, err)
	}
	y.Exec("UPDATE payment_attempt SET id = 'pa-NEVER'")
	if b, err = y.p.Balance(t.Context(), now.Add(-time.Hour), now.Add(time.Minute)); err != nil || b.Total.Difference != -93900 || b.Odd[0].PaymentID != "pa-NEVER" {
		t.Errorf("balance of a payment that the gateway does not know: %+v, %v", b, err)
	}
}
