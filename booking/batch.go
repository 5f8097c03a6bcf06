package booking

import (
	"context"
	"errors"
	"sync"
	"time"
)

// batcher gathers requests per flight while a transaction for that flight runs, and gives them the next one
// together, as a log's group commit does: locks and commit are paid once for many. Under low load a request
// runs at once and alone; there is no timer. Requests over two flights run alone in the same lock order.
type batcher struct {
	s      *Service
	losers *losers
	slots  chan struct{} // bounds the transactions that run at once over all flights
	mu     sync.Mutex
	queues map[int64]*flightQueue
	pairs  int // requests over two flights that wait or run
	closed bool
	done   sync.WaitGroup
}

// queued is a request in a queue. Its plan belongs to the queue until done is closed, so that a customer who leaves
// shares nothing with the batch.
type queued struct {
	plan  *plan
	rows  []any           // that it needs for itself
	ctx   context.Context // the customer's
	until time.Time       // when it is given up
	done  chan struct{}
}

func (q *queued) fail(err error) {
	q.plan.fail(err)
	close(q.done)
}

// fewestSlots is how many transactions may run at once where the pool knows no bound.
const fewestSlots = 8

// newBatcher takes half of the pool's connections at most, so that everything else still gets one.
func newBatcher(s *Service) *batcher {
	slots := s.pool.Stats().MaxOpenConnections / 2
	if slots == 0 {
		slots = fewestSlots
	}
	return &batcher{s: s, losers: newLosers(s, &keyFinder{s: s}), slots: make(chan struct{}, max(slots, 1)), queues: map[int64]*flightQueue{}}
}

func (b *batcher) hold(ctx context.Context, p *plan) {
	if b.losers.turnAway(ctx, p) {
		return
	}
	if len(p.legs) > 1 {
		b.holdPair(ctx, p)
	} else {
		b.holdOne(ctx, p)
	}
	if errors.Is(p.err, ErrSeatTaken) {
		b.losers.note(p)
	}
}

func (b *batcher) holdOne(ctx context.Context, p *plan) {
	q, err := b.enqueue(ctx, p)
	if err != nil {
		p.fail(err)
		return
	}
	select {
	case <-q.done:
		*p = *q.plan
	case <-ctx.Done():
		p.fail(ctx.Err()) // a batch that has begun goes on: the hold may still be made
	}
}

// enqueue adds a request to its flight's queue and starts a runner if none is at work. Errors: ErrBusy.
func (b *batcher) enqueue(ctx context.Context, p *plan) (*queued, error) {
	mine := *p
	q := &queued{plan: &mine, rows: p.rowKeys(), ctx: ctx, until: time.Now().Add(b.s.rules.BatchDeadline), done: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, ErrBusy
	}
	flight := p.legs[0].offer.FlightID
	queue, running := b.queues[flight]
	if !running {
		queue = newFlightQueue(&b.mu)
		b.queues[flight] = queue
		b.done.Go(func() { b.run(flight, queue) })
	}
	if len(queue.waiting)+len(queue.stuck) >= b.s.rules.BatchQueue {
		return nil, ErrBusy
	}
	queue.waiting = append(queue.waiting, q)
	b.callAssistant(queue)
	return q, nil
}

// holdPair runs a request over two flights. The customer's leaving does not end it.
func (b *batcher) holdPair(ctx context.Context, p *plan) {
	if !b.enterPair() {
		p.fail(ErrBusy)
		return
	}
	defer b.leavePair()
	running, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.s.rules.BatchDeadline)
	defer cancel()
	b.s.holdAlone(running, locked(), p, b.slots)
}

func (b *batcher) enterPair() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.pairs >= b.s.rules.BatchQueue {
		return false
	}
	b.pairs++
	b.done.Add(1)
	return true
}

func (b *batcher) leavePair() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pairs--
	b.done.Done()
}

// stop refuses new requests and waits for those under way.
func (b *batcher) stop() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.done.Wait()
	b.losers.keys.done.Wait()
}
