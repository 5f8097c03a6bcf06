package concurrency_test

import (
	"context"
	"fmt"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestCancelTwice: a confirmed booking is cancelled twice at once, and must give its money back once. Behind the locks
// stand the seats' holder, state and fence, the claims' life, the booking's state and version, and the lines that were
// not refunded yet.
func TestCancelTwice(t *testing.T) {
	t.Parallel()
	locks := clauses{seatLock, claimLock, bookingLock}
	seats := append(clauses{holderGuard, stateGuard, fence}, locks...)
	proof{
		whole: []clauses{
			locks,
			seats,
			append(clauses{releaseGuard}, seats...),
			append(clauses{releaseGuard, bookingGuard}, seats...),
			append(clauses{releaseGuard, refundGuard}, seats...),
		},
		broken: []clauses{append(clauses{releaseGuard, bookingGuard, refundGuard}, seats...)},
	}.run(t, cancelTwice)
}

func cancelTwice(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(bookingtest.Flight{ID: 1})
	plain := w.Process(bookingtest.Setup{})
	held := plain.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	for _, step := range []func(context.Context, *booking.Locked) error{beginPaying, func(ctx context.Context, l *booking.Locked) error {
		return l.Confirm(ctx, func(int) string { return "9900000000001" })
	}} {
		if err := plain.On(held.Ref, step); err != nil {
			w.T.Fatal(err)
		}
	}
	cancel := func(ctx context.Context, l *booking.Locked) error {
		q, err := l.QuoteCancel(ctx, l.Now)
		if err != nil {
			return err
		}
		return l.Cancel(ctx, q)
	}
	gate := bookingtest.NewGate(booking.AfterLock)
	one := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	first, second := race(w, gate, func() error { return one.On(held.Ref, cancel) }, func() error { return plain.On(held.Ref, cancel) })
	if n := succeeded(first, second); n != 1 {
		return fmt.Sprintf("%d refunds: %v, %v", n, first, second)
	}
	return faultsOf(w, "")
}
