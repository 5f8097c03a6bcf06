package outbox

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"pigonair/db"
)

// Outcomes of one delivery, as Metrics.Consumed reports them.
const (
	OutcomeDone      = "done"      // the effect has happened now
	OutcomeDuplicate = "duplicate" // it had happened before
	OutcomeRetry     = "retry"     // failed, will be tried again
	OutcomeDead      = "dead"      // failed for good, a dead letter now
	OutcomeForeign   = "foreign"   // not a message of ours, dropped
	OutcomeAbandoned = "abandoned" // not settled: the broker delivers it again
)

// Reasons of Metrics.SendFailed.
const (
	ReasonReturned    = "returned"    // no queue is bound for it
	ReasonRefused     = "refused"     // the broker said no
	ReasonUnconfirmed = "unconfirmed" // no answer in time, or the connection was lost
)

// Metrics are the places where a caller counts; each may be nil and must not block.
type Metrics struct {
	// Connected tells that a component has reached the broker (1) or lost it (-1).
	Connected func(component string, change int)
	// Sent counts messages that the broker confirmed and that are marked so.
	Sent func(lane string, messages int)
	// SendFailed counts messages given back to be sent later, by one of the Reason constants.
	SendFailed func(lane, reason string, messages int)
	// Consumed reports one delivery: its outcome (an Outcome constant) and how long it took. The kind of a message
	// that is not ours is "unknown".
	Consumed func(consumer, kind, outcome string, took time.Duration)
}

func (m Metrics) connected(component string, change int) {
	if m.Connected != nil {
		m.Connected(component, change)
	}
}

func (m Metrics) sent(lane string, messages int) {
	if m.Sent != nil && messages > 0 {
		m.Sent(lane, messages)
	}
}

func (m Metrics) sendFailed(lane, reason string, messages int) {
	if m.SendFailed != nil && messages > 0 {
		m.SendFailed(lane, reason, messages)
	}
}

func (m Metrics) consumed(consumer, kind, outcome string, took time.Duration) {
	if m.Consumed != nil {
		m.Consumed(consumer, kind, outcome, took)
	}
}

// Waiting is what one lane still has to send.
type Waiting struct {
	Lane     string
	Messages int64
	Oldest   time.Duration // age of the oldest message
}

// Backlog returns what waits to be sent; lanes with nothing to send are left out. Its cost grows with the backlog.
func Backlog(ctx context.Context, pool *sql.DB) ([]Waiting, error) {
	rows, err := db.New(pool).OutboxBacklog(ctx, Lanes())
	if err != nil {
		return nil, fmt.Errorf("outbox.Backlog: %w", err)
	}
	waiting := make([]Waiting, 0, len(rows))
	for _, r := range rows {
		waiting = append(waiting, Waiting{r.Lane, r.Messages, time.Duration(r.OldestSeconds) * time.Second})
	}
	return waiting, nil
}
