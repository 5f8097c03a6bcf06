package payment_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/booking/bookingtest"
	"pigonair/payment"
)

// answered lets a test wait until a call of a process was answered with success.
func (p *process) answered(call string) <-chan struct{} {
	done := make(chan struct{}, 1000)
	p.wire.calls = func(c, _ string, status int) {
		if c == call && status == http.StatusOK {
			done <- struct{}{}
		}
	}
	return done
}

func await(t *testing.T, signal <-chan struct{}) {
	t.Helper()
	select {
	case <-signal:
	case <-time.After(20 * time.Second):
		t.Fatal("it never happens")
	}
}

// The settler works by itself from its start until its end, and what it has in hand at the end is finished.
func TestSettlerRuns(t *testing.T) {
	t.Parallel()
	y := owing(t)
	sent := y.p.answered("cancel")
	settler := payment.NewSettler(y.p.Service, time.Millisecond)
	settler.Stop() // never started
	if err := settler.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, sent)
	settler.Stop()
	settler.Stop()
	y.wantRefund("done", 0, 0)
	y.p.done()
}

// A gateway that hangs for some payments delays neither others nor the end: calls in hand are cut after a while, and
// what they were about is free for another process at once.
func TestSettlerWithAGatewayThatHangs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p := h.process
	owed := p.order(h.flight(bookingtest.Flight{}), "1A")
	paid := p.buy(owed)
	var stuck []order
	flight := h.flight(bookingtest.Flight{Seats: 12})
	p.wire.fate = func(call string) fate {
		if call == "pre-register" {
			return arrives
		}
		return lost
	}
	for i := range 9 {
		o := p.order(flight, bookingtest.SeatNo(i))
		v := p.start(o)
		p.back(v, v.press("approve"))
		stuck = append(stuck, o)
	}
	p.wire.fate = nil
	if err := p.Cancel(t.Context(), owed.member, owed.ref, owed.total-1000); err != nil {
		t.Fatal(err)
	}
	h.advance(10 * time.Second)
	var hanging atomic.Int32
	release, full := make(chan struct{}), make(chan struct{}, 1)
	p.wire.hang = func(ctx context.Context, payment string) {
		if payment == paid.payment || payment == "" { // the list
			return
		}
		if hanging.Add(1) == 8 {
			full <- struct{}{}
		}
		select {
		case <-ctx.Done():
		case <-release:
		}
	}
	sent := p.answered("cancel")
	settler := payment.NewSettler(p.Service, time.Millisecond)
	if err := settler.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, full)
	await(t, sent)
	settler.Stop()
	close(release)
	if n := hanging.Load(); n != 8 {
		t.Errorf("%d payments were asked about at the same time", n)
	}
	if n := h.Int("SELECT COUNT(*) FROM payment_attempt WHERE lease_until > NOW(6)"); n != 0 {
		t.Errorf("%d payments are still claimed", n)
	}
	p.wire.hang = nil
	p.done()
	for _, o := range stuck {
		if got := h.state(o); got != "confirmed" {
			t.Errorf("a booking is %s", got)
		}
	}
}
