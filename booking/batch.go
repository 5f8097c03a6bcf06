package booking

import (
	"context"
	"errors"
	"sync"

	"pigonair/db"
)

// batcher gathers requests per flight while a transaction for that flight runs, and gives them the next one
// together, as a log's group commit does: locks and commit are paid once for many. Under low load a request
// runs at once and alone; there is no timer.
type batcher struct {
	s      *Service
	slots  chan struct{} // bounds the transactions that run at once over all flights
	mu     sync.Mutex
	queues map[int64]*flightQueue
	closed bool
	done   sync.WaitGroup
}

type flightQueue struct{ waiting []*queued }

type queued struct {
	plan *plan
	done chan struct{}
}

// batchSlots is how many batches may run at once in one process: enough for many flights, and fewer than the
// pool's connections, so that everything else still gets one.
const batchSlots = 8

func newBatcher(s *Service) *batcher {
	return &batcher{s: s, slots: make(chan struct{}, batchSlots), queues: map[int64]*flightQueue{}}
}

func (b *batcher) hold(ctx context.Context, p *plan) {
	if len(p.legs) > 1 {
		b.s.holdAlone(context.WithoutCancel(ctx), p)
		return
	}
	q, err := b.enqueue(p)
	if err != nil {
		p.fail(err)
		return
	}
	select {
	case <-q.done:
		*p = *q.plan
	case <-ctx.Done():
		// The batch goes on: the hold may still be made, and is found under My trips.
		*p = plan{err: ctx.Err()}
	}
}

// enqueue adds a request to its flight's queue and starts a runner if none is at work. Errors: ErrBusy.
func (b *batcher) enqueue(p *plan) (*queued, error) {
	mine := *p
	q := &queued{plan: &mine, done: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, ErrBusy
	}
	flight := p.legs[0].offer.FlightID
	queue, running := b.queues[flight]
	if !running {
		queue = &flightQueue{}
		b.queues[flight] = queue
		b.done.Add(1)
		go b.run(flight, queue)
	}
	if len(queue.waiting) >= b.s.rules.BatchQueue {
		return nil, ErrBusy
	}
	queue.waiting = append(queue.waiting, q)
	return q, nil
}

// run works a flight's queue off and ends when it is empty.
func (b *batcher) run(flight int64, queue *flightQueue) {
	defer b.done.Done()
	for {
		b.slots <- struct{}{}
		batch := b.next(flight, queue)
		if len(batch) == 0 {
			<-b.slots
			return
		}
		b.runBatch(batch)
		<-b.slots
	}
}

// next takes the oldest requests; when there are none the queue is forgotten.
func (b *batcher) next(flight int64, queue *flightQueue) []*queued {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(queue.waiting) == 0 {
		delete(b.queues, flight)
		return nil
	}
	n := min(len(queue.waiting), b.s.rules.BatchMost)
	batch := queue.waiting[:n:n]
	queue.waiting = queue.waiting[n:]
	return batch
}

// runBatch gives every request of a batch its outcome. The batch has a deadline of its own: a customer who
// leaves takes nobody along. When the database refuses the transaction the batch runs once more; when that or
// anything else fails, each request runs alone, so that one odd value or one stuck seat harms nobody else.
func (b *batcher) runBatch(batch []*queued) {
	ctx, cancel := context.WithTimeout(context.Background(), b.s.rules.BatchDeadline)
	defer cancel()
	plans := make([]*plan, len(batch))
	for i, q := range batch {
		plans[i] = q.plan
	}
	err := b.s.holdTogether(ctx, plans)
	if db.Retryable(err) && !db.IsLockWait(err) {
		err = b.s.holdTogether(ctx, plans)
	}
	b.finish(ctx, batch, err)
}

// finish answers those who have an outcome and runs the others alone, some at a time.
func (b *batcher) finish(ctx context.Context, batch []*queued, err error) {
	var alone sync.WaitGroup
	slots := make(chan struct{}, batchSlots)
	for _, q := range batch {
		if err == nil && !errors.Is(q.plan.err, errRaced) {
			close(q.done)
			continue
		}
		q.plan.same = nil
		alone.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			b.s.holdAlone(ctx, q.plan)
			close(q.done)
		})
	}
	alone.Wait()
}

// stop refuses new requests and waits for those under way.
func (b *batcher) stop() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.done.Wait()
}
