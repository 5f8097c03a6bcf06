package booking

import (
	"slices"
	"sync"
)

// flightQueue are the requests for one flight. It is worked off by one goroutine, its runner, which ends with it.
// Where a whole batch waits while another one runs, an assistant takes it, so that the database has work while this
// process answers customers, and the other way round. Batches that run at once need no row in common, so that for
// each seat requests are still decided in the order of their arrival.
type flightQueue struct {
	waiting    []*queued
	stuck      []*queued // those that need a lock which somebody else keeps, in order of arrival
	tries      int       // how often they were probed in a row without success
	assistants int
	inHand     map[*inHand]bool
	changed    sync.Cond // some batch has come out of hand
}

// inHand is a batch that runs.
type inHand struct {
	batch []*queued
	rows  rowKeys
}

func newFlightQueue(mu *sync.Mutex) *flightQueue {
	return &flightQueue{inHand: map[*inHand]bool{}, changed: sync.Cond{L: mu}}
}

// take notes that a batch runs from now on.
func (queue *flightQueue) take(batch []*queued) *inHand {
	h := &inHand{batch, keysOf(batch)}
	queue.inHand[h] = true
	return h
}

// needsRowInHand tells whether a request needs a row of a batch that runs.
func (queue *flightQueue) needsRowInHand(q *queued) bool {
	for h := range queue.inHand {
		if h.rows.meets(q) {
			return true
		}
	}
	return false
}

// callAssistant starts an assistant if a whole batch waits and there may be one more. Where a quota is counted there
// is none: all would wait for the flight's row.
func (b *batcher) callAssistant(queue *flightQueue) {
	if len(queue.waiting) < b.s.rules.BatchMost || queue.assistants >= b.s.rules.BatchesAtOnce-1 ||
		len(queue.inHand) <= queue.assistants || queue.waiting[0].plan.legs[0].offer.limited() {
		return
	}
	queue.assistants++
	b.done.Go(func() { b.assist(queue) })
}

// run works a flight's queue off.
func (b *batcher) run(flight int64, queue *flightQueue) {
	for b.work(queue, func() *inHand { return b.next(flight, queue) }) {
		b.retryStuck(queue)
	}
}

// assist runs batches beside the runner as long as whole ones wait.
func (b *batcher) assist(queue *flightQueue) {
	for b.work(queue, func() *inHand { return b.nextWhole(queue) }) {
	}
}

// work runs the next batch in one of the slots; false means that there is none.
func (b *batcher) work(queue *flightQueue, next func() *inHand) bool {
	b.slots <- struct{}{}
	defer func() { <-b.slots }()
	h := next()
	if h == nil {
		return false
	}
	if len(h.batch) > 0 {
		b.runBatch(queue, h.batch)
	}
	b.handBack(queue, h)
	return true
}

func (b *batcher) handBack(queue *flightQueue, h *inHand) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(queue.inHand, h)
	queue.changed.Broadcast()
}

// nextWhole takes the next batch into an assistant's hand; nil when no whole one waits any more.
func (b *batcher) nextWhole(queue *flightQueue) *inHand {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(queue.waiting) >= b.s.rules.BatchMost {
		if batch := b.pick(queue); len(batch) > 0 {
			return queue.take(batch)
		}
	}
	queue.assistants--
	return nil
}

// next takes the next batch into the runner's hand; it may be empty while there are stuck requests. When nothing is
// left the queue is forgotten, and the answer is nil.
func (b *batcher) next(flight int64, queue *flightQueue) *inHand {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(queue.waiting)+len(queue.stuck)+len(queue.inHand) > 0 {
		if batch := b.pick(queue); len(batch) > 0 || len(queue.inHand) == 0 {
			return queue.take(batch)
		}
		queue.changed.Wait()
	}
	delete(b.queues, flight)
	return nil
}

// pick takes the oldest requests out of the queue, without those whose customers have left. Those that must stand
// behind a stuck one join it; those that need a row of a batch in hand keep their place.
func (b *batcher) pick(queue *flightQueue) (batch []*queued) {
	stuck, behind := keysOf(queue.stuck), rowKeys{}
	var kept []*queued
	taken := 0
	for _, q := range queue.waiting {
		if len(batch) == b.s.rules.BatchMost {
			break
		}
		taken++
		switch {
		case q.ctx.Err() != nil:
			q.fail(q.ctx.Err())
		case stuck.meets(q):
			stuck.add(q)
			queue.stuck = append(queue.stuck, q)
		case behind.meets(q), queue.needsRowInHand(q):
			behind.add(q)
			kept = append(kept, q)
		default:
			batch = append(batch, q)
		}
	}
	queue.waiting = slices.Concat(kept, queue.waiting[taken:])
	return batch
}

// rowKeys are the rows that requests need for themselves: seats, the member's use of a sale, the key.
type rowKeys map[any]bool

func keysOf(requests []*queued) rowKeys {
	keys := rowKeys{}
	for _, q := range requests {
		keys.add(q)
	}
	return keys
}

// add puts in the rows of a request.
func (r rowKeys) add(q *queued) {
	for _, key := range q.rows {
		r[key] = true
	}
}

// meets tells whether a request needs one of the rows, so that it stands behind those that came before.
func (r rowKeys) meets(q *queued) bool {
	return len(r) > 0 && slices.ContainsFunc(q.rows, func(key any) bool { return r[key] })
}

func (p *plan) rowKeys() []any {
	var keys []any
	for _, leg := range p.legs {
		for _, no := range leg.named {
			keys = append(keys, seatKey{leg.offer.FlightID, no})
		}
	}
	if p.saleID != 0 {
		keys = append(keys, memberSale{p.saleID, p.req.MemberID})
	}
	if p.req.Key != "" {
		keys = append(keys, p.keyOf())
	}
	return keys
}
