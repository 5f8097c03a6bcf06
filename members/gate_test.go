package members

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateRunsAtMostSlotsAtOnceInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(GateLimits{Slots: 2, Queue: 10, Patience: time.Minute}, time.Now)
		var mu sync.Mutex
		var order []int
		running, most := 0, 0
		for i := range 6 {
			go func() {
				err := g.do(t.Context(), func() {
					mu.Lock()
					order, running = append(order, i), running+1
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second) // the bubble's clock: no real time passes
					mu.Lock()
					running--
					mu.Unlock()
				})
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
			}()
			synctest.Wait()
		}
		if n := g.waiting.Load(); n != 4 {
			t.Errorf("%d wait, want 4", n)
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if most != 2 {
			t.Errorf("%d ran at once, want 2", most)
		}
		for i, caller := range order {
			if i/2 != caller/2 { // two start in the same instant
				t.Fatalf("order of starts is %v", order)
			}
		}
		if len(order) != 6 || g.waiting.Load() != 0 {
			t.Errorf("%d of 6 ran, %d wait", len(order), g.waiting.Load())
		}
	})
}

func TestGateTurnsAwayWhenTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(GateLimits{Slots: 1, Queue: 1, Patience: time.Minute}, time.Now)
		release := make(chan struct{})
		for range 2 {
			go func() { _ = g.do(t.Context(), func() { <-release }) }()
		}
		synctest.Wait()
		err := g.do(t.Context(), func() { t.Error("ran although the queue was full") })
		wantWait(t, err, ErrBusy)
		if g.refused.Load() != 1 {
			t.Errorf("%d refused, want 1", g.refused.Load())
		}
		close(release)
	})
}

func TestGateTurnsAwayWhoeverWaitsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(GateLimits{Slots: 1, Queue: 5, Patience: 3 * time.Second}, time.Now)
		release := make(chan struct{})
		go func() { _ = g.do(t.Context(), func() { <-release }) }()
		synctest.Wait()
		start := time.Now()
		err := g.do(t.Context(), func() { t.Error("ran although patience was over") })
		wantWait(t, err, ErrBusy)
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v, want 3s", waited)
		}
		close(release)
		synctest.Wait()

		// The hash took three seconds, so whoever comes second in the queue would wait six: told at once.
		hold := make(chan struct{})
		for range 2 {
			go func() { _ = g.do(t.Context(), func() { <-hold }) }()
			synctest.Wait()
		}
		start = time.Now()
		wantWait(t, g.do(t.Context(), func() { t.Error("ran although the wait was known to be too long") }), ErrBusy)
		if time.Since(start) != 0 {
			t.Error("waited although the wait was known to be too long")
		}
		close(hold)
	})
}

func TestGateForgetsWhoGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(GateLimits{Slots: 1, Queue: 5, Patience: time.Minute}, time.Now)
		release := make(chan struct{})
		go func() { _ = g.do(t.Context(), func() { <-release }) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() { gone <- g.do(ctx, func() { t.Error("ran for somebody who went away") }) }()
		synctest.Wait()
		cancel()
		wantErr(t, <-gone, context.Canceled)
		if g.waiting.Load() != 0 {
			t.Errorf("%d wait, want 0", g.waiting.Load())
		}
		close(release)
		synctest.Wait()
		if err := g.do(t.Context(), func() {}); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

func TestGateFreesItsSlotAfterAPanic(t *testing.T) {
	g := newGate(GateLimits{Slots: 1}, time.Now)
	func() {
		defer func() { _ = recover() }()
		_ = g.do(t.Context(), func() { panic("hash") })
	}()
	if err := g.do(t.Context(), func() {}); err != nil {
		t.Fatal(err)
	}
}

func wantWait(t *testing.T, err, reason error) {
	t.Helper()
	var wait *WaitError
	if !errors.As(err, &wait) || !errors.Is(err, reason) || wait.Wait < time.Millisecond || wait.Wait > time.Minute {
		t.Fatalf("error is %v, want %v with a wait", err, reason)
	}
}
