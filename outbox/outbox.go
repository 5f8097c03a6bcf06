// Package outbox carries what has to happen after a commit: a row is written in the transaction that causes it,
// a relay brings it to the broker, a consumer works on it once in effect, and what cannot be worked on becomes a
// dead letter that an operator sees.
//
//	Write ──► outbox row ──► Relay ──► exchange ──► quorum queue ──► Consumer ──► consumed_message
//	                                                    ▲                │ failed
//	                                                    └── delay queue ◄┴► dead_letter ──► Replay
//
// Delivery is at least once; consumers make it once in effect by the message's id. Nothing here loses a message
// when the process, the database or the broker goes away at any point.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// Lanes. Each has its own relay loop and its own queues, so that a storm in one delays no other.
const (
	// LaneMail carries what follows a booking: tickets, cancellations, refunds.
	LaneMail = "mail"
	// LaneAccount carries what a member is waiting for at the screen: verification, log-in, password.
	LaneAccount = "account"
)

// Kinds of the messages that concern a booking. Other packages name their own.
const (
	KindTicketIssue   = "ticket.issue"   // subject: the booking's id in decimal
	KindMailCancelled = "mail.cancelled" // subject: the booking's id in decimal
	KindMailRefunded  = "mail.refunded"  // subject: the refund's id
)

// ErrLane is returned by Write for a lane that no relay serves.
var ErrLane = errors.New("outbox: unknown lane")

// Lanes lists every lane.
func Lanes() []string { return []string{LaneAccount, LaneMail} }

// Message says that something happened to a subject. It carries ids, never personal data: it passes through
// servers that do not keep such data.
type Message struct {
	// ID stays the same through every retry, replay and second delivery. Write sets it.
	ID int64
	// Lane is one of the Lane constants.
	Lane string
	// Kind is what happened, at most 40 characters of ASCII such as "ticket.issue".
	Kind string
	// SubjectID is whom it happened to, at most 64 characters of ASCII.
	SubjectID string
	// Traceparent is the W3C trace context of the cause, or empty.
	Traceparent string
	// CreatedAt is when the row was written, by the database's clock. Write sets it.
	CreatedAt time.Time
}

// Write leaves m in the outbox as part of the caller's transaction: it is sent if that commits and never else. id
// is taken from db.OutboxIDs before the transaction. Call Relay.Wake after the commit to have it sent at once.
// Errors: ErrLane, or the database's.
func Write(ctx context.Context, q *db.Queries, id int64, m Message) error {
	if m.Lane != LaneMail && m.Lane != LaneAccount {
		return fmt.Errorf("outbox.Write(%s, lane %q): %w", m.Kind, m.Lane, ErrLane)
	}
	err := q.OutboxInsert(ctx, db.OutboxInsertParams{
		ID: id, MessageID: id, Lane: m.Lane, Kind: m.Kind, SubjectID: m.SubjectID, Traceparent: m.Traceparent,
	})
	if err != nil {
		return fmt.Errorf("outbox.Write(%s): %w", m.Kind, err)
	}
	return nil
}
