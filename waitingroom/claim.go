package waitingroom

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// passLife is a pass's life without a hold, as room.lua has it.
const passLife = 10 * time.Minute

// numberBlock is a block of numbers (start, end] whose end is committed.
type numberBlock struct{ start, end int64 }

// Sizes of a block: as many as are waiting for one, within these bounds.
const (
	blockLeast = 1_000
	blockMost  = 20_000
)

// reserve commits a block of numbers that follows what the room has, and only if the room's Redis is still
// the one that the database knows. When another process was quicker, its block is used. Errors: ErrFrozen.
func (r *room) reserve(ctx context.Context, state roomState, need int) (numberBlock, error) {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	q := db.New(r.pool)
	size := int64(min(max(need*2, blockLeast), blockMost))
	_, err := q.QueueBlockReserve(ctx, db.QueueBlockReserveParams{
		ReservedUntil: state.reserved + size, SaleID: r.sale, Epoch: r.epoch,
		Incarnation: state.incarnation, Expected: state.reserved,
	})
	if err != nil {
		return numberBlock{}, fmt.Errorf("%w: numbers could not be reserved: %w", ErrFrozen, err)
	}
	row, err := q.QueueBlockGet(ctx, r.sale, r.epoch)
	if err != nil {
		return numberBlock{}, fmt.Errorf("%w: numbers could not be reserved: %w", ErrFrozen, err)
	}
	if row.Incarnation != state.incarnation || row.ReservedUntil <= state.reserved {
		return numberBlock{}, fmt.Errorf("%w: numbers are reserved for another Redis", ErrFrozen)
	}
	return numberBlock{state.reserved, row.ReservedUntil}, nil
}

// logClaims writes down who was just let in, before anybody gets a pass: a claim that Redis then loses stays
// a claim. Where the database knows an earlier claim of a place, that one counts. A Redis that another one has
// replaced lets nobody in, even while it still answers: both together would pass the rate. Errors: ErrFrozen.
func (r *room) logClaims(ctx context.Context, incarnation string, visits []visit, verdicts []verdict) error {
	var rows [][]any
	var numbers []int64
	for i, v := range verdicts {
		if v.code != codeClaiming {
			continue
		}
		until := time.UnixMilli(v.figure).UTC()
		joined := visits[i].issued
		if joined.IsZero() {
			joined = time.UnixMilli(v.now).UTC()
		}
		rows = append(rows, []any{r.sale, r.epoch, v.number, visits[i].member, joined, until.Add(-passLife), until})
		numbers = append(numbers, v.number)
	}
	if len(rows) == 0 {
		return nil
	}
	standing, err := r.writeClaims(ctx, incarnation, rows, numbers)
	if err != nil {
		return fmt.Errorf("%w: claims could not be noted: %w", ErrFrozen, err)
	}
	for i, v := range verdicts {
		if v.code == codeClaiming {
			verdicts[i] = v.confirmed(standing[v.number])
		}
	}
	r.queueOps(savedOps(numbers)...)
	return nil
}

// confirmed is the verdict after the database's word on the claim.
func (v verdict) confirmed(row db.QueueJoinsOfRow) verdict {
	until := row.InsideUntil.Time.UnixMilli()
	if row.EndedAt.Valid || !row.InsideUntil.Valid || until <= v.now {
		v.code = codeOver
	}
	v.figure = min(v.figure, until)
	return v
}

// errReplaced says that the numbers belong to another Redis than the one that answered.
var errReplaced = errors.New("waitingroom: another Redis has taken over")

func (r *room) writeClaims(ctx context.Context, incarnation string, rows [][]any, numbers []int64) (map[int64]db.QueueJoinsOfRow, error) {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	var standing []db.QueueJoinsOfRow
	// READ COMMITTED: the rows read are those just written, and locked by that; the owner is locked by its read.
	err := db.Transact(ctx, r.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		owner, err := tx.QueueBlockOwner(ctx, r.sale, r.epoch)
		if err == nil && owner != incarnation {
			err = errReplaced
		}
		if err != nil {
			return err
		}
		if err := tx.QueueClaimsLog(ctx, rows); err != nil {
			return err
		}
		standing, err = tx.QueueJoinsOf(ctx, db.QueueJoinsOfParams{SaleID: r.sale, Epoch: r.epoch, Numbers: numbers})
		return err
	})
	out := make(map[int64]db.QueueJoinsOfRow, len(standing))
	for _, row := range standing {
		out[row.Number] = row
	}
	return out, err
}
