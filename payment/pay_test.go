package payment_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment"
	"pigonair/payment/portone"
)

func TestPurchase(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A", "1B")
	v := p.start(o)
	h.want(o, "held", v.payment, payment.Started, "")
	if got := p.back(v, v.press("approve")); got.State != payment.Applied || got.Ref != o.ref {
		t.Fatalf("%+v", got)
	}
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	h.wantMoney(v.payment, "capture 187800")
	view, err := p.booking.Get(t.Context(), o.member, o.ref)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]bool{}
	for _, person := range view.Passengers {
		numbers[person.TicketNo.String] = true
	}
	if len(numbers) != 2 || numbers[""] {
		t.Errorf("ticket numbers %v", numbers)
	}
	b := p.done()
	if b.Total != (payment.Sums{Captured: o.total, Applied: o.total, Kept: o.total}) {
		t.Errorf("balance %+v", b.Total)
	}
}

func TestDeclineKeepsTheSeats(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	first := p.start(o)
	back := first.press("decline")
	if got := p.back(first, back); got.State != payment.Refused || got.Reason != back.Message || got.Reason == "" {
		t.Fatalf("%+v", got)
	}
	h.want(o, "held", first.payment, payment.Refused, back.Message)
	if got := p.back(first, portone.Return{PaymentToken: "tok_forged"}); got.State != payment.Refused {
		t.Errorf("a token for a refused attempt makes it %s", got.State)
	}
	p.buy(o)
	h.wantMoney(first.payment, "")
	p.done()
}

// A consent is confirmed once: a return that comes again, even at the same moment, changes nothing.
func TestDoubleReturn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	other := h.newProcess(choice{})
	v := p.start(o)
	back := v.press("approve")
	var both sync.WaitGroup
	for _, one := range []*process{p, other} {
		both.Go(func() { one.back(v, back) })
	}
	both.Wait()
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	if got := p.back(v, back); got.State != payment.Applied {
		t.Errorf("a third return says %s", got.State)
	}
	h.wantMoney(v.payment, "capture 93900")
	p.done()
}

// The customer never comes back: nothing was charged, the attempt is put away, and the hold ends by the clock.
func TestReturnLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	v.press("approve")
	h.advance(16 * time.Minute)
	p.settle()
	view, err := p.booking.Get(t.Context(), o.member, o.ref)
	if err != nil || view.State != booking.Expired {
		t.Fatalf("%s, %v", view.State, err)
	}
	h.advance(25 * time.Minute)
	p.settle()
	if a := h.attempt(v.payment); a.State != string(payment.Abandoned) {
		t.Errorf("the attempt is %s", a.State)
	}
	h.wantMoney(v.payment, "")
	p.done()
}

// The gateway does not know a payment whose page was never opened.
func TestPageNeverOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	if _, err := p.Start(t.Context(), o.member, o.ref, "ZP1", "Kim"); err != nil {
		t.Fatal(err)
	}
	var id string
	if err := h.Pool.QueryRow("SELECT id FROM payment_attempt").Scan(&id); err != nil {
		t.Fatal(err)
	}
	p.hear(portone.EventReady, id)
	h.want(o, "held", id, payment.Started, "")
	if got := p.back(visit{h, id, ""}, portone.Return{PaymentToken: "tok_forged", TxID: "tx_forged"}); got.State != payment.Refused {
		t.Errorf("a forged consent leads to %s", got.State)
	}
	h.want(o, "held", id, payment.Refused, payment.ReasonDeclined)
	p.done()
}

func TestForgedReturns(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p := h.process
	if _, err := p.Return(t.Context(), "pa-nobody", portone.Return{PaymentToken: "tok"}); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("an unknown payment: %v", err)
	}
	o := p.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	if got := p.back(v, portone.Return{}); got.State != payment.Started {
		t.Errorf("an empty return makes it %s", got.State)
	}
	if got := p.back(v, portone.Return{PaymentToken: "음표"}); got.State != payment.Started {
		t.Errorf("a token with odd characters makes it %s", got.State)
	}
	if got := p.back(v, portone.Return{PaymentToken: "tok_forged", TxID: "tx_forged"}); got.State != payment.Refused || got.Reason != payment.ReasonToken {
		t.Errorf("a forged token: %+v", got)
	}
	h.want(o, "held", v.payment, payment.Refused, payment.ReasonToken)
	p.buy(o)
	p.done()
}

func TestFiveAttempts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	h.fault("", "pre-register-error")
	if _, err := p.Start(t.Context(), o.member, o.ref, "ZP1", "Kim"); !errors.Is(err, payment.ErrGatewayAway) {
		t.Fatalf("with the gateway away: %v", err)
	}
	var last visit
	for range 5 {
		next := p.start(o)
		if last.payment != "" {
			h.want(o, "held", last.payment, payment.Abandoned, "")
		}
		last = next
	}
	if _, err := p.Start(t.Context(), o.member, o.ref, "ZP1", "Kim"); !errors.Is(err, payment.ErrTooMany) {
		t.Errorf("the sixth that reaches the gateway: %v", err)
	}
	if got := p.back(last, last.press("approve")); got.State != payment.Applied {
		t.Errorf("the fifth ends %s", got.State)
	}
	if n := h.Int("SELECT COUNT(*) FROM payment_attempt WHERE reason = ?", payment.ReasonGatewayAway); n != 1 {
		t.Errorf("%d attempts that never reached the gateway", n)
	}
	p.done()
}

func TestStartRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, flight := h.process, h.flight(bookingtest.Flight{})
	o := p.order(flight, "1A")
	start := func(member int64, ref string) error {
		_, err := p.Start(t.Context(), member, ref, "ZP1", "Kim")
		return err
	}
	if err := start(o.member+1, o.ref); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("somebody else's booking: %v", err)
	}
	bare, err := p.booking.Hold(t.Context(), bookingtest.Request(h.Member(), flight, "1B"))
	if err != nil {
		t.Fatal(err)
	}
	if err := start(h.Booking(bare.Ref).MemberID, bare.Ref); !errors.Is(err, booking.ErrIncomplete) {
		t.Errorf("without passengers: %v", err)
	}
	p.buy(o)
	if err := start(o.member, o.ref); !errors.Is(err, booking.ErrState) {
		t.Errorf("a confirmed booking: %v", err)
	}
	late := p.order(flight, "1C")
	h.advance(15 * time.Minute)
	if err := start(late.member, late.ref); !errors.Is(err, booking.ErrExpired) {
		t.Errorf("a hold that ran out: %v", err)
	}
	p.done()
}

// Pressing pay leaves at least five minutes, once.
func TestPressingPayLeavesTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	h.advance(13 * time.Minute)
	p.start(o)
	if left := h.Booking(o.ref).HeldUntil.Time.Sub(h.clock.Now()); left < 4*time.Minute+50*time.Second || left > 5*time.Minute {
		t.Errorf("%v left", left)
	}
	h.advance(4 * time.Minute)
	v := p.start(o)
	if left := h.Booking(o.ref).HeldUntil.Time.Sub(h.clock.Now()); left > time.Minute {
		t.Errorf("%v left after the second time", left)
	}
	p.back(v, v.press("approve"))
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	p.done()
}

// A customer who closes the window while we confirm does not stop us half way.
func TestTheCustomerLeavesWhileWeConfirm(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	back := v.press("approve")
	ctx, leave := context.WithCancel(t.Context())
	p.wire.before = func(call string) {
		if call == "confirm" {
			leave()
		}
	}
	_, _ = p.Return(ctx, v.payment, back) // nobody is there to read it
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	p.done()
}

// What is charged is what the booking costs now.
func TestTotalChangedMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	back := v.press("approve")
	h.Exec("UPDATE booking SET total = total + 1000")
	h.Exec("UPDATE price_line SET base = base + 1000")
	if got := p.back(v, back); got.State != payment.Refused || got.Reason != payment.ReasonMismatch {
		t.Errorf("%+v", got)
	}
	h.wantMoney(v.payment, "")
	o.total += 1000
	h.wantMoney(p.buy(o).payment, "capture 94900")
	p.done()
}
