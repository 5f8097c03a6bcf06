package waitingroom

import (
	"context"
	"sync"
)

// batcher lets requests that arrive while one batch runs go together in the next, as a log's group commit
// does: a round trip is paid once for many. A request's own cancelled context stops its waiting, not the batch.
type batcher[Q, A any] struct {
	run     func(ctx context.Context, requests []Q) ([]A, error)
	most    int // requests in one batch
	mu      sync.Mutex
	waiting []call[Q, A]
	running bool
	done    sync.WaitGroup
}

type call[Q, A any] struct {
	request Q
	answer  chan<- result[A]
}

type result[A any] struct {
	answer A
	err    error
}

// maxWaiting bounds the requests that wait for a batch; beyond it the store is in trouble.
const maxWaiting = 50_000

// do hands in one request and waits for its answer. Errors: what run returned, ErrFrozen when far too many
// wait, or ctx's.
func (b *batcher[Q, A]) do(ctx context.Context, request Q) (A, error) {
	answer := make(chan result[A], 1)
	if !b.add(call[Q, A]{request, answer}) {
		var none A
		return none, ErrFrozen
	}
	select {
	case got := <-answer:
		return got.answer, got.err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

func (b *batcher[Q, A]) add(c call[Q, A]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= maxWaiting {
		return false
	}
	b.waiting = append(b.waiting, c)
	if !b.running {
		b.running = true
		b.done.Go(b.loop)
	}
	return true
}

func (b *batcher[Q, A]) loop() {
	for calls := b.next(); calls != nil; calls = b.next() {
		requests := make([]Q, len(calls))
		for i, c := range calls {
			requests[i] = c.request
		}
		answers, err := b.run(context.Background(), requests)
		for i, c := range calls {
			got := result[A]{err: err}
			if err == nil {
				got.answer = answers[i]
			}
			c.answer <- got
		}
	}
}

// next takes the batch to run, or ends the loop.
func (b *batcher[Q, A]) next() []call[Q, A] {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), b.most)
	if n == 0 {
		b.running, b.waiting = false, nil
		return nil
	}
	calls := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	return calls
}

// wait returns when no batch runs.
func (b *batcher[Q, A]) wait() { b.done.Wait() }
