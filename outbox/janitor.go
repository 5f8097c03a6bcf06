package outbox

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"pigonair/db"
)

// JanitorConfig holds the times and sizes of a Janitor; every 0 means its default.
type JanitorConfig struct {
	// Keep is the age from which sent rows and records of consumed messages are removed: 7 days. It has to be
	// longer than a message can be under way, or a late second delivery would be worked on again.
	Keep time.Duration
	// Every is the pause between two rounds: 1 h.
	Every time.Duration
	// Batch is how many rows one statement removes: 500.
	Batch int
}

// Janitor removes what the outbox no longer needs, in small batches that lock little. Several may run at once.
type Janitor struct {
	pool   *sql.DB
	log    *slog.Logger
	config JanitorConfig
	life   life
}

// NewJanitor returns a janitor that Start sets to work.
func NewJanitor(pool *sql.DB, log *slog.Logger, config JanitorConfig) *Janitor {
	config.Keep = orDefault(config.Keep, 7*24*time.Hour)
	config.Every = orDefault(config.Every, time.Hour)
	config.Batch = orDefault(config.Batch, 500)
	return &Janitor{pool: pool, log: log.With("component", "outbox janitor"), config: config}
}

// Start cleans in the background until Stop. It returns at once. Error: ErrStarted.
func (j *Janitor) Start(ctx context.Context) error {
	return j.life.start(ctx, 0, func(_, hard context.Context) {
		for hard.Err() == nil {
			if _, err := j.Clean(hard); err != nil && hard.Err() == nil {
				j.log.Warn("outbox not cleaned, will try again", "error", err)
			}
			pause(hard, j.config.Every)
		}
	})
}

// Stop breaks off after at most one batch and returns when everything has ended. It may be called more than once.
func (j *Janitor) Stop() { j.life.stop() }

// Clean removes everything that is old enough and returns how many rows that were.
func (j *Janitor) Clean(ctx context.Context) (int64, error) {
	sent, err := j.drain(ctx, (*db.Queries).OutboxRemoveSent)
	if err != nil {
		return sent, fmt.Errorf("outbox.Janitor.Clean(sent): %w", err)
	}
	consumed, err := j.drain(ctx, (*db.Queries).ConsumedRemoveOld)
	if err != nil {
		return sent + consumed, fmt.Errorf("outbox.Janitor.Clean(consumed): %w", err)
	}
	return sent + consumed, nil
}

// drain repeats a removal, each batch in a transaction of its own, until it finds less than a batch.
func (j *Janitor) drain(ctx context.Context, remove func(*db.Queries, context.Context, int64, int32) (int64, error)) (int64, error) {
	var total int64
	for {
		var removed int64
		// READ COMMITTED: no gaps are locked, so that new rows are not held up.
		err := db.Transact(ctx, j.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) (err error) {
			removed, err = remove(tx.Queries, ctx, int64(j.config.Keep.Seconds()), int32(j.config.Batch))
			return err
		})
		total += removed
		if err != nil || removed < int64(j.config.Batch) {
			return total, err
		}
	}
}
