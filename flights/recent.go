package flights

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// loadTimeout bounds one reading from the database on behalf of all who wait for it.
const loadTimeout = 5 * time.Second

// recent keeps values for a short time in this process. Many callers who miss the same key cause one
// reading, which no caller's cancellation ends. Safe for concurrent use.
type recent[V any] struct {
	now   func() time.Time
	limit int // entries kept at most
	group singleflight.Group

	mu      sync.Mutex
	entries map[string]kept[V]
}

type kept[V any] struct {
	value V
	until time.Time
}

func newRecent[V any](now func() time.Time, limit int) *recent[V] {
	return &recent[V]{now: now, limit: limit, entries: map[string]kept[V]{}}
}

// get returns the value of a key, read by load when there is none that is still good. load also says until
// when its value is good. Errors are not kept.
func (r *recent[V]) get(ctx context.Context, key string, load func(context.Context) (V, time.Time, error)) (V, error) {
	if v, ok := r.peek(key); ok {
		return v, nil
	}
	done := r.group.DoChan(key, func() (any, error) {
		// Somebody may have read it between our look and our turn.
		if v, ok := r.peek(key); ok {
			return v, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		v, until, err := load(ctx)
		if err == nil {
			r.keep(key, v, until)
		}
		return v, err
	})
	var none V
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case result := <-done:
		if result.Err != nil {
			return none, result.Err
		}
		return result.Val.(V), nil
	}
}

func (r *recent[V]) peek(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[key]
	return e.value, ok && r.now().Before(e.until)
}

func (r *recent[V]) keep(key string, v V, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) >= r.limit {
		r.prune()
	}
	r.entries[key] = kept[V]{v, until}
}

// prune drops what is no longer good, and everything when that does not help: the next readers fill it
// again within a second.
func (r *recent[V]) prune() {
	now := r.now()
	for k, e := range r.entries {
		if !now.Before(e.until) {
			delete(r.entries, k)
		}
	}
	if len(r.entries) >= r.limit {
		clear(r.entries)
	}
}
