package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// ErrNoDeadLetter is returned for a dead letter that does not exist or has been settled.
var ErrNoDeadLetter = errors.New("outbox: no such open dead letter")

// DeadLetter is a message that a consumer could not work on.
type DeadLetter struct {
	Message  Message // without Traceparent and CreatedAt
	Consumer string
	Tries    int
	Reason   string
	DiedAt   time.Time
}

// DeadLetters returns up to limit open dead letters, newest first, that come after the given one; nil starts at
// the newest.
func DeadLetters(ctx context.Context, pool *sql.DB, after *DeadLetter, limit int) ([]DeadLetter, error) {
	from := db.DeadLettersOpenParams{BeforeAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Limit: int32(limit)}
	if after != nil {
		from.BeforeAt, from.BeforeID = after.DiedAt, after.Message.ID
	}
	rows, err := db.New(pool).DeadLettersOpen(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("outbox.DeadLetters: %w", err)
	}
	letters := make([]DeadLetter, len(rows))
	for i, r := range rows {
		letters[i] = DeadLetter{
			Message:  Message{ID: r.MessageID, Lane: r.Lane, Kind: r.Kind, SubjectID: r.SubjectID},
			Consumer: r.Consumer, Tries: r.Tries, Reason: r.Reason, DiedAt: r.DiedAt,
		}
	}
	return letters, nil
}

// CountDeadLetters returns how many dead letters are open.
func CountDeadLetters(ctx context.Context, pool *sql.DB) (int64, error) {
	n, err := db.New(pool).DeadLettersCount(ctx)
	if err != nil {
		return 0, fmt.Errorf("outbox.CountDeadLetters: %w", err)
	}
	return n, nil
}

// Replay settles a dead letter and sends its message again, under the same message id and to that consumer only,
// as part of the caller's transaction. id is a new one of db.OutboxIDs. The broker may be away meanwhile. Errors:
// ErrNoDeadLetter, or the database's.
func Replay(ctx context.Context, q *db.Queries, id, messageID int64, consumer string) error {
	if err := Discard(ctx, q, messageID, consumer); err != nil {
		return err
	}
	dead, err := q.DeadLetterGet(ctx, messageID, consumer)
	if err != nil {
		return fmt.Errorf("outbox.Replay(%d, %s): %w", messageID, consumer, err)
	}
	err = q.OutboxInsert(ctx, db.OutboxInsertParams{
		ID: id, MessageID: messageID, Lane: dead.Lane, Kind: dead.Kind, SubjectID: dead.SubjectID, Consumer: consumer,
	})
	if err != nil {
		return fmt.Errorf("outbox.Replay(%d, %s): %w", messageID, consumer, err)
	}
	return nil
}

// Discard settles a dead letter without sending it again, as part of the caller's transaction. Errors:
// ErrNoDeadLetter, or the database's.
func Discard(ctx context.Context, q *db.Queries, messageID int64, consumer string) error {
	settled, err := q.DeadLetterSettle(ctx, messageID, consumer)
	if err != nil {
		return fmt.Errorf("outbox: settle dead letter %d of %s: %w", messageID, consumer, err)
	}
	if settled == 0 {
		return fmt.Errorf("outbox: dead letter %d of %s: %w", messageID, consumer, ErrNoDeadLetter)
	}
	return nil
}
