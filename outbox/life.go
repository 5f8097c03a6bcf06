package outbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrStarted is returned by a second Start.
var ErrStarted = errors.New("outbox: already started")

// life is the life cycle that relay, consumer and janitor share. The zero value has not been started.
type life struct {
	mu    sync.Mutex
	soft  context.CancelFunc // asks the work to end after what it has in hand
	hard  context.CancelFunc // cuts short what it has in hand
	done  chan struct{}
	grace time.Duration
}

// start runs work in the background until stop. soft ends when stop is called; hard ends with ctx, or grace
// after soft. The work returns soon after hard has ended.
func (l *life) start(ctx context.Context, grace time.Duration, work func(soft, hard context.Context)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done != nil {
		return ErrStarted
	}
	hard, cut := context.WithCancel(ctx)
	soft, ask := context.WithCancel(hard)
	l.soft, l.hard, l.done, l.grace = ask, cut, make(chan struct{}), grace
	go func() {
		defer close(l.done)
		defer cut()
		work(soft, hard)
	}()
	return nil
}

// stop returns when the work has ended; it may be called any number of times, and before start.
func (l *life) stop() {
	l.mu.Lock()
	done := l.done
	l.mu.Unlock()
	if done == nil {
		return
	}
	l.soft()
	timer := time.NewTimer(l.grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		l.hard()
		<-done
	}
}

// pause waits for d; false means that ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
