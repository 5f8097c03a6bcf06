package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"pigonair/db"
)

// relayBatch claims rows that are due in a lane, sends them and records what became of them. found is how many
// were due. Errors: errUnconfirmed when the channel is of no more use, or the database's.
func (r *Relay) relayBatch(hard context.Context, lane string, pub *publisher) (found int, err error) {
	ctx, cancel := context.WithTimeout(hard, r.config.Lease/2)
	defer cancel()
	found, rows, claim, err := r.claim(ctx, lane)
	if err != nil || len(rows) == 0 {
		return found, err
	}
	letters, err := addressRows(rows)
	if err != nil {
		return found, err
	}
	return found, r.record(hard, lane, claim, rows, pub.publish(ctx, letters))
}

// claim takes up to a batch of rows for the length of a lease; claim is the name under which they are held.
func (r *Relay) claim(ctx context.Context, lane string) (found int, rows []db.OutboxClaimedRow, claim string, err error) {
	due, err := db.New(r.pool).OutboxDue(ctx, lane, int32(r.config.Batch))
	if err != nil || len(due) == 0 {
		return 0, nil, "", err
	}
	claim = fmt.Sprintf("%s-%d", r.name, r.claims.Add(1))
	// READ COMMITTED: the rows that the UPDATE wrote are all that is read.
	err = db.Transact(ctx, r.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		rows = nil
		won, err := tx.OutboxClaim(ctx, db.OutboxClaimParams{ClaimedBy: claim, LeaseUs: r.config.Lease.Microseconds(), Ids: due})
		if err != nil || won == 0 {
			return err
		}
		rows, err = tx.OutboxClaimed(ctx, due, claim)
		return err
	})
	return len(due), rows, claim, err
}

// addressRows turns rows into letters: to everyone in the lane, or to the one consumer of a replay.
func addressRows(rows []db.OutboxClaimedRow) ([]letter, error) {
	letters := make([]letter, len(rows))
	for i, row := range rows {
		message, err := encode(messageOf(row), 0)
		if err != nil {
			return nil, err
		}
		letters[i] = letter{exchange, row.Lane + "." + row.Kind, message}
		if row.Consumer != "" {
			letters[i] = letter{"", queueName(row.Consumer), message}
		}
	}
	return letters, nil
}

func messageOf(row db.OutboxClaimedRow) Message {
	return Message{
		ID: row.MessageID, Lane: row.Lane, Kind: row.Kind, SubjectID: row.SubjectID,
		Traceparent: row.Traceparent, CreatedAt: row.CreatedAt,
	}
}

// record marks what was sent and gives the rest back. It is not cut short by a stop: what the broker has
// confirmed should not be sent again.
func (r *Relay) record(hard context.Context, lane, claim string, rows []db.OutboxClaimedRow, results []error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(hard), settleMax)
	defer cancel()
	sent, failed, reasons := sortOut(rows, results)
	return errors.Join(
		unconfirmed(results),
		r.markSent(ctx, lane, sent),
		r.release(ctx, lane, claim, failed, reasons),
	)
}

// sortOut separates the rows that are safe with the broker from the others, and counts why those are not.
func sortOut(rows []db.OutboxClaimedRow, results []error) (sent, failed []int64, reasons map[string]int) {
	reasons = map[string]int{}
	for i, row := range rows {
		if results[i] == nil {
			sent = append(sent, row.ID)
			continue
		}
		failed = append(failed, row.ID)
		reasons[reasonOf(results[i])]++
	}
	return sent, failed, reasons
}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, errReturned):
		return ReasonReturned
	case errors.Is(err, errRefused):
		return ReasonRefused
	default:
		return ReasonUnconfirmed
	}
}

// unconfirmed is the first result that means a broken channel, or nil.
func unconfirmed(results []error) error {
	for _, err := range results {
		if errors.Is(err, errUnconfirmed) {
			return err
		}
	}
	return nil
}

func (r *Relay) markSent(ctx context.Context, lane string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	// READ COMMITTED: one guarded UPDATE by primary key.
	err := db.Transact(ctx, r.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.OutboxMarkSent(ctx, ids)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark %d messages sent: %w", len(ids), err)
	}
	r.link.Metrics.sent(lane, len(ids))
	return nil
}

func (r *Relay) release(ctx context.Context, lane, claim string, ids []int64, reasons map[string]int) error {
	if len(ids) == 0 {
		return nil
	}
	for reason, n := range reasons {
		r.link.Log.Warn("messages not sent, will try again", "lane", lane, "reason", reason, "messages", n)
		r.link.Metrics.sendFailed(lane, reason, n)
	}
	// READ COMMITTED: one guarded UPDATE by primary key.
	err := db.Transact(ctx, r.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.OutboxRelease(ctx, db.OutboxReleaseParams{
			FirstUs: r.config.FirstRetry.Microseconds(), LongestUs: r.config.LongestRetry.Microseconds(),
			Ids: ids, ClaimedBy: claim,
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("give %d messages back: %w", len(ids), err)
	}
	return nil
}
