package localservers

import (
	"context"
	"time"
)

// pollEvery is short, because a person waits for what is polled here, and each look costs microseconds.
const pollEvery = 20 * time.Millisecond

// poll asks done again and again until it says yes (nil) or ctx ends (its cause). It serves where the
// kernel offers nothing to wait on: servers getting ready, and processes that are not our children.
func poll(ctx context.Context, done func() bool) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
	return nil
}
