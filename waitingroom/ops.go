package waitingroom

import (
	"context"
	"errors"
	"time"
)

// op is something that became of somebody inside, as ops.lua takes it. Ops wait for the room's next step, so
// that nobody's request waits for them; a process that dies before may lose some, which costs the line at
// most the time until the pass runs out by itself.
type op struct {
	verb string
	id   int64
	at   int64 // ms, for a hold
}

// opsKept bounds what waits while Redis is away.
const opsKept = 100_000

func savedOps(numbers []int64) []op {
	out := make([]op, len(numbers))
	for i, n := range numbers {
		out[i] = op{verb: "saved", id: n}
	}
	return out
}

func (r *room) queueOps(ops ...op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ops) < opsKept {
		r.ops = append(r.ops, ops...)
	}
}

// opsBatch is how many ops one call carries.
const opsBatch = 500

// flushOps hands over what has gathered; what Redis does not take is kept.
func (r *room) flushOps(ctx context.Context) error {
	for {
		r.mu.Lock()
		n := min(len(r.ops), opsBatch)
		batch := r.ops[:n:n]
		r.mu.Unlock()
		if n == 0 {
			return nil
		}
		if err := r.runOps(ctx, batch); err != nil {
			return err
		}
		r.mu.Lock()
		r.ops = r.ops[n:]
		r.mu.Unlock()
	}
}

// runOps runs some ops now and notes whose stay ended.
func (r *room) runOps(ctx context.Context, ops []op) error {
	var args []string
	for _, o := range ops {
		args = append(args, o.verb, itoa(o.id), itoa(o.at))
	}
	ended, err := r.store.ints(ctx, r.store.ops, r.key, args...)
	if err != nil {
		return err
	}
	r.noteGone(r.revoke(ended...))
	at := millis(r.now())
	if s := r.snap.Load(); s != nil {
		at = s.clock(r.now())
	}
	for _, n := range ended {
		r.journal.ended(endRow{r.sale, r.epoch, n, at})
	}
	return nil
}

// leave gives a place up, in line or inside, at once.
func (r *room) leave(ctx context.Context, number int64) error {
	if r.frozen() {
		return ErrFrozen
	}
	err := r.runOps(ctx, []op{{verb: "leave", id: number}})
	if errors.Is(err, errRebuild) {
		return ErrFrozen
	}
	return err
}

// revokedFor is how long a revocation is remembered: longer than any pass lives without a new hold.
const revokedFor = time.Hour

// revoke remembers numbers and returns those that were not known before.
func (r *room) revoke(numbers ...int64) (fresh []int64) {
	if len(numbers) == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	until := r.now().Add(revokedFor)
	for _, n := range numbers {
		if _, known := r.revoked[n]; !known {
			r.revoked[n] = until
			fresh = append(fresh, n)
		}
	}
	return fresh
}

// noteGone counts those who just went away in positions at once, before a census does.
func (r *room) noteGone(numbers []int64) {
	for s := r.snap.Load(); s != nil && len(numbers) > 0; s = r.snap.Load() {
		next := *s
		next.gone = s.withGone(numbers)
		if r.snap.CompareAndSwap(s, &next) {
			return
		}
	}
}

func (r *room) isRevoked(number int64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, yes := r.revoked[number]
	return yes
}

// forgetRevoked drops revocations that no pass needs any more.
func (r *room) forgetRevoked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for n, until := range r.revoked {
		if now.After(until) {
			delete(r.revoked, n)
		}
	}
}
