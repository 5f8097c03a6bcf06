package waitingroom

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"pigonair/db"
)

// journal writes to the database, in batches and within a second, what the line could otherwise lose with
// Redis and nobody waits for: who joined, whose stay ended.
type journal struct {
	pool  *sql.DB
	log   *slog.Logger
	mu    sync.Mutex
	joins []joinRow
	ends  []endRow
}

type joinRow struct {
	sale   int64
	epoch  int
	number int64
	member int64
	at     int64 // Redis' clock, ms
}

type endRow struct {
	sale   int64
	epoch  int
	number int64
	at     int64
}

// journalEvery is how long an entry waits at most before it is written.
const journalEvery = 300 * time.Millisecond

// journalRows is how many rows one statement writes.
const journalRows = 1000

// journalKeeps bounds what is kept while the database is away. Beyond it entries are dropped: the tickets
// themselves are signed and stay valid.
const journalKeeps = 500_000

func (j *journal) joined(row joinRow) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.joins) < journalKeeps {
		j.joins = append(j.joins, row)
	}
}

func (j *journal) ended(rows ...endRow) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.ends) < journalKeeps {
		j.ends = append(j.ends, rows...)
	}
}

// run flushes until ctx ends.
func (j *journal) run(ctx context.Context) {
	ticker := time.NewTicker(journalEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			j.flush(ctx)
		}
	}
}

// flush writes what has gathered; what cannot be written is kept for the next time.
func (j *journal) flush(ctx context.Context) {
	j.mu.Lock()
	joins, ends := j.joins, j.ends
	j.joins, j.ends = nil, nil
	j.mu.Unlock()
	if joins = j.writeJoins(ctx, joins); len(joins) > 0 {
		j.mu.Lock()
		j.joins = append(joins, j.joins...)
		j.mu.Unlock()
	}
	if ends = j.writeEnds(ctx, ends); len(ends) > 0 {
		j.mu.Lock()
		j.ends = append(ends, j.ends...)
		j.mu.Unlock()
	}
}

// writeJoins returns the rows that it could not write.
func (j *journal) writeJoins(ctx context.Context, rows []joinRow) []joinRow {
	for len(rows) > 0 {
		n := min(len(rows), journalRows)
		values := make([][]any, n)
		for i, r := range rows[:n] {
			values[i] = []any{r.sale, r.epoch, r.number, r.member, time.UnixMilli(r.at).UTC()}
		}
		// READ COMMITTED: the rows depend on nothing that is read.
		err := db.Transact(ctx, j.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
			return tx.QueueJoinsLog(ctx, values)
		})
		if err != nil {
			j.log.Error("places could not be noted", "rows", len(rows), "error", err)
			return rows
		}
		rows = rows[n:]
	}
	return nil
}

func (j *journal) writeEnds(ctx context.Context, rows []endRow) []endRow {
	q := db.New(j.pool)
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && n < journalRows && rows[n].sale == rows[0].sale && rows[n].epoch == rows[0].epoch {
			n++
		}
		numbers := make([]int64, n)
		for i, r := range rows[:n] {
			numbers[i] = r.number
		}
		err := q.QueueJoinsEnd(ctx, db.QueueJoinsEndParams{
			SaleID: rows[0].sale, Epoch: rows[0].epoch, Numbers: numbers,
			EndedAt: sql.NullTime{Time: time.UnixMilli(rows[0].at).UTC(), Valid: true},
		})
		if err != nil {
			j.log.Error("ends of stays could not be noted", "rows", len(rows), "error", err)
			return rows
		}
		rows = rows[n:]
	}
	return nil
}
