package gatewaysim

import (
	"sync"
	"time"
)

// clock is the simulator's time: the outside clock plus what was added by
// hand. It never goes back, so that lists ordered by time stay ordered.
type clock struct {
	base func() time.Time

	mu     sync.Mutex
	offset time.Duration
	last   time.Time
}

func newClock(base func() time.Time) *clock { return &clock{base: base} }

// Now is in UTC and whole milliseconds, as the wire has it.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.base().Add(c.offset).UTC().Truncate(time.Millisecond)
	if now.Before(c.last) {
		return c.last
	}
	c.last = now
	return now
}

// Move sets what is added to the outside clock.
func (c *clock) Move(offset time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = offset
}

// NotBefore keeps the clock from showing a time before t, which an earlier run
// has shown already.
func (c *clock) NotBefore(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Before(t) {
		c.last = t
	}
}
