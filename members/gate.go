package members

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// GateLimits bound how many passwords are hashed at once and how many callers wait for it.
type GateLimits struct {
	Slots    int           // hashes at once; 0: 2
	Queue    int           // callers that wait; 0: 200
	Patience time.Duration // the longest wait; 0: 5 s
}

func (l GateLimits) withDefaults() GateLimits {
	if l.Slots == 0 {
		l.Slots = 2
	}
	if l.Queue == 0 {
		l.Queue = 200
	}
	if l.Patience == 0 {
		l.Patience = 5 * time.Second
	}
	return l
}

// Load is how busy the gate is.
type Load struct {
	Running int           // hashes that are being made
	Waiting int           // callers in the queue
	Refused uint64        // callers turned away since the start
	Wait    time.Duration // what a caller who came now would wait
}

// gate is a semaphore with a bounded queue. A storm of log-ins uses the cores that it may use and no more;
// who comes when the queue is full, or would wait too long, is told so at once instead of hanging.
type gate struct {
	limits  GateLimits
	clock   func() time.Time
	slots   chan struct{} // who wants to send waits in the order of arrival
	waiting atomic.Int64
	refused atomic.Uint64
	each    atomic.Int64 // smoothed time of one hash, in nanoseconds; 0 before the first
}

func newGate(limits GateLimits, clock func() time.Time) *gate {
	limits = limits.withDefaults()
	return &gate{limits: limits, clock: clock, slots: make(chan struct{}, limits.Slots)}
}

// do runs work when it is its turn. Errors: a *WaitError of ErrBusy, or ctx's own; work has not run then.
func (g *gate) do(ctx context.Context, work func()) error {
	if err := g.enter(ctx); err != nil {
		return err
	}
	start := g.clock()
	defer func() {
		g.note(g.clock().Sub(start))
		<-g.slots
	}()
	work()
	return nil
}

func (g *gate) enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	ahead := g.waiting.Add(1)
	defer g.waiting.Add(-1)
	if int(ahead) > g.limits.Queue || g.wait(ahead) > g.limits.Patience {
		return g.refuse()
	}
	patience := time.NewTimer(g.limits.Patience)
	defer patience.Stop()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-patience.C:
		return g.refuse()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait is how long the last of n callers in the queue waits, by the time that hashes take at present.
func (g *gate) wait(n int64) time.Duration {
	return time.Duration(n * g.each.Load() / int64(g.limits.Slots))
}

// refuse suggests a time to come back: when today's queue is gone, spread so that those turned away
// together do not come back together.
func (g *gate) refuse() error {
	g.refused.Add(1)
	wait := max(g.wait(g.waiting.Load()), 2*time.Second)
	return &WaitError{Reason: ErrBusy, Wait: wait + rand.N(wait)}
}

// note smooths the time of one hash over about eight of them. Two that end together may lose one of them,
// which an average does not mind.
func (g *gate) note(took time.Duration) {
	old := g.each.Load()
	if old == 0 {
		g.each.Store(int64(took))
		return
	}
	g.each.Store(old + (int64(took)-old)/8)
}

// HashLoad tells how busy password hashing is, for metrics and for those who wait.
func (s *Service) HashLoad() Load {
	waiting := s.gate.waiting.Load()
	return Load{
		Running: len(s.gate.slots),
		Waiting: int(waiting),
		Refused: s.gate.refused.Load(),
		Wait:    s.gate.wait(waiting),
	}
}
