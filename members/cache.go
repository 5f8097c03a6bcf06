package members

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// cacheLife is how long a process goes on with what it read about a member; so long may a session live on
	// after a password reset on another instance.
	cacheLife = 10 * time.Second
	// cacheSize bounds the members kept; when full, all are dropped, which costs one query each.
	cacheSize = 50_000
	// loadTimeout bounds a shared read, which belongs to no single request.
	loadTimeout = 5 * time.Second
)

// cache keeps members for some seconds, so that a page with a session costs no query. One read at a time per
// member.
type cache struct {
	clock  func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	members map[int64]cached
}

type cached struct {
	member Member
	until  time.Time
}

func newCache(clock func() time.Time) *cache {
	return &cache{clock: clock, members: map[int64]cached{}}
}

func (c *cache) get(ctx context.Context, id int64, load func(context.Context, int64) (Member, error)) (Member, error) {
	if m, ok := c.peek(id); ok {
		return m, nil
	}
	result, err, _ := c.flight.Do(strconv.FormatInt(id, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		m, err := load(ctx, id)
		if err == nil {
			c.put(m)
		}
		return m, err
	})
	m, _ := result.(Member)
	return m, err
}

func (c *cache) peek(id int64) (Member, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.members[id]
	return e.member, ok && c.clock().Before(e.until)
}

func (c *cache) put(m Member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.members) >= cacheSize {
		clear(c.members)
	}
	c.members[m.ID] = cached{m, c.clock().Add(cacheLife)}
}

// drop forgets a member that has just changed; a read that is under way is not shared any further.
func (c *cache) drop(id int64) {
	c.flight.Forget(strconv.FormatInt(id, 10))
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.members, id)
}
