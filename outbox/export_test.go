package outbox

import (
	"context"
	"time"
)

// AfterWork sets what runs between a message's effect and the answer to the broker.
func (c *Consumer) AfterWork(f func(Message)) { c.afterWork = f }

// Claim takes rows of a lane as a relay does before it sends them, and returns how many it won.
func (r *Relay) Claim(ctx context.Context, lane string) (int, error) {
	_, rows, _, err := r.claim(ctx, lane)
	return len(rows), err
}

// QueueName is the queue of a consumer.
var QueueName = queueName

// Exchange is where relays send to.
const Exchange = exchange

// Backoff is the pause before a connect that follows a number of failures.
var Backoff = backoff

// Delay is the pause after a message has failed for the given number of times.
func (t Topology) Delay(failures int) time.Duration { return t.delay(failures) }
