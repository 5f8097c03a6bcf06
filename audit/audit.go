// Package audit notes who did what, append-only. An entry is written in the transaction of the change that
// it speaks of: there is no change without its entry and no entry without its change.
package audit

import (
	"context"
	"fmt"
	"time"

	"pigonair/db"
)

// Entry is one thing that an operator did.
type Entry struct {
	ID        int64  // from db.IDs, kind db.AuditIDs
	Actor     int64  // the operator's member id
	Action    string // such as "sale.rate"
	Subject   string // such as "sale:jeju"
	Before    string
	After     string
	Reason    string // as the operator gave it; may be empty
	RequestID string
}

// Writer is what entries are written through: a running transaction.
type Writer interface {
	AuditAppend(ctx context.Context, arg db.AuditAppendParams) error
}

// Write appends an entry, dated by the database.
func Write(ctx context.Context, w Writer, e Entry) error {
	err := w.AuditAppend(ctx, db.AuditAppendParams{
		ID: e.ID, ActorID: e.Actor, Action: e.Action, Subject: e.Subject,
		BeforeValue: e.Before, AfterValue: e.After, Reason: e.Reason, RequestID: e.RequestID,
	})
	if err != nil {
		return fmt.Errorf("audit.Write(%s, %s): %w", e.Action, e.Subject, err)
	}
	return nil
}

// Record is an entry as it is read back.
type Record struct {
	Entry
	ActorName string // empty when the account is gone
	At        time.Time
}

// Reader is what records are read through.
type Reader interface {
	AuditOf(ctx context.Context, subject string, limit int32) ([]db.AuditOfRow, error)
}

// Of returns what was done to a subject, newest first, at most limit records.
func Of(ctx context.Context, r Reader, subject string, limit int) ([]Record, error) {
	rows, err := r.AuditOf(ctx, subject, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("audit.Of(%s): %w", subject, err)
	}
	out := make([]Record, len(rows))
	for i, row := range rows {
		out[i] = Record{
			Entry: Entry{
				ID: row.ID, Actor: row.ActorID, Action: row.Action, Subject: row.Subject,
				Before: row.BeforeValue, After: row.AfterValue, Reason: row.Reason, RequestID: row.RequestID,
			},
			ActorName: row.ActorName, At: row.HappenedAt,
		}
	}
	return out, nil
}
