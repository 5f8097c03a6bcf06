package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"pigonair/db"
)

// runBatch gives every request of a batch its outcome, or puts it among the stuck. The batch has a deadline of its
// own, whatever its customers do. What the database refuses runs once more; a lock that somebody keeps costs the
// others one lock wait; when anything else fails each request runs alone, so that one odd value harms nobody else.
func (b *batcher) runBatch(queue *flightQueue, batch []*queued) {
	ctx, cancel := context.WithTimeout(context.Background(), b.s.rules.BatchDeadline)
	defer cancel()
	var err error
	for try := range aloneTries {
		if batch, err = b.together(ctx, batch); len(batch) == 0 {
			return
		}
		switch first := try == 0; {
		case db.IsLockWait(err) && first:
			batch = b.setStuckAside(ctx, queue, batch)
		case db.IsLockWait(err):
			b.setAside(queue, batch)
			return
		case db.ConnectionLost(err) && db.Pause(ctx, try):
		case first && db.IsDuplicate(err):
			for _, q := range batch {
				q.plan.lookFirst = true
			}
		case first && (err == nil || again(err)):
		default:
			b.runEach(ctx, queue, batch)
			return
		}
	}
	for _, q := range batch {
		q.fail(busy(err))
	}
}

func (b *batcher) runEach(ctx context.Context, queue *flightQueue, batch []*queued) {
	for _, q := range batch {
		b.runAlone(ctx, queue, q)
	}
}

// together runs requests in one transaction, answers those that have an outcome, and returns the others.
func (b *batcher) together(ctx context.Context, batch []*queued) ([]*queued, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	plans := make([]*plan, len(batch))
	for i, q := range batch {
		plans[i] = q.plan
	}
	if err := b.s.holdTogether(ctx, locked(), plans); err != nil {
		return batch, err
	}
	var rest []*queued
	for _, q := range batch {
		if errors.Is(q.plan.err, errRaced) {
			rest = append(rest, q)
			continue
		}
		close(q.done)
	}
	return rest, nil
}

// runAlone gives one request a transaction of its own, or several; a lock that somebody keeps makes it stuck.
func (b *batcher) runAlone(ctx context.Context, queue *flightQueue, q *queued) {
	free, err := b.s.lockable(ctx, q.plan)
	if err == nil && !free {
		b.setAside(queue, []*queued{q})
		return
	}
	for try := range aloneTries {
		done, err := b.s.attempt(ctx, locked(), q.plan)
		switch {
		case done:
			close(q.done)
			return
		case db.IsLockWait(err):
			b.setAside(queue, []*queued{q})
			return
		case !db.Pause(ctx, try), try == aloneTries-1:
			q.fail(busy(err))
			return
		}
	}
}

// setStuckAside finds out, without waiting, which requests need a lock that somebody keeps, and returns the others.
func (b *batcher) setStuckAside(ctx context.Context, queue *flightQueue, batch []*queued) []*queued {
	var free, stuck []*queued
	for _, q := range batch {
		if ok, err := b.s.lockable(ctx, q.plan); ok || err != nil {
			free = append(free, q)
			continue
		}
		stuck = append(stuck, q)
	}
	b.setAside(queue, stuck)
	return free
}

func (b *batcher) setAside(queue *flightQueue, stuck []*queued) {
	b.mu.Lock()
	defer b.mu.Unlock()
	queue.stuck = append(queue.stuck, stuck...)
}

// retryStuck puts the stuck requests whose locks have come free in front of the queue, and gives up those that have
// waited too long. With nothing else to do it pauses before it asks.
func (b *batcher) retryStuck(queue *flightQueue) {
	b.mu.Lock()
	stuck, idle := slices.Clone(queue.stuck), len(queue.waiting) == 0
	b.mu.Unlock()
	if len(stuck) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), b.s.rules.BatchDeadline)
	defer cancel()
	if idle {
		db.Pause(ctx, min(queue.tries, slowestProbe))
	}
	queue.tries++
	behind, free, kept := rowKeys{}, []*queued(nil), []*queued(nil)
	for _, q := range stuck {
		switch {
		case q.ctx.Err() != nil:
			q.fail(q.ctx.Err())
		case time.Now().After(q.until):
			q.fail(ErrBusy)
		case behind.meets(q):
			kept = append(kept, q)
		case b.comeFree(ctx, q):
			free = append(free, q)
		default:
			behind.add(q)
			kept = append(kept, q)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	queue.stuck = append(kept, queue.stuck[len(stuck):]...) // an assistant may have put more aside meanwhile
	queue.waiting = append(free, queue.waiting...)
	if len(free) > 0 {
		queue.tries = 0
	}
}

// slowestProbe bounds the pause between two probes: 5–15 ms doubled so many times.
const slowestProbe = 2

func (b *batcher) comeFree(ctx context.Context, q *queued) bool {
	b.slots <- struct{}{}
	defer func() { <-b.slots }()
	free, err := b.s.lockable(ctx, q.plan)
	return free || err != nil
}
