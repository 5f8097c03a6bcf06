package waitingroom

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"pigonair/db"
)

// rebuildPage is how many places one script puts back.
const rebuildPage = 2_000

// rebuildLease is how long a builder that was heard from keeps the room to itself.
const rebuildLease = 10 * time.Second

// rebuild makes the room anew from what the database knows: nobody loses a place and no number is issued
// twice, because numbers go on after the last reserved block. Those who were let in but had not come yet go
// in next. The bucket starts empty unless nobody has ever joined. One process at a time builds (errLease).
func (r *room) rebuild(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	b, err := r.beginRebuild(ctx)
	if err != nil || b == nil {
		return err
	}
	r.log.Info("waiting room is rebuilt", "sale", r.sale, "epoch", r.epoch, "reserved", b.block.ReservedUntil, "serving", b.block.Serving)
	for after := int64(-1); after != 0; {
		if after, err = b.page(ctx, max(after, 0)); err != nil {
			return err
		}
	}
	return b.finish(ctx)
}

// builder is one rebuilding of a room.
type builder struct {
	*room
	incarnation string
	now, base   int64
	block       db.QueueBlockGetRow
	holders     map[int64]time.Time // members with a live hold, until when
	claimed     int64
}

// beginRebuild clears the room and ties the database's numbers to this run of Redis; nil when it is not
// needed any more. Errors: errLease.
func (r *room) beginRebuild(ctx context.Context) (*builder, error) {
	answer, err := r.store.run(ctx, r.store.wipe, r.key, r.name, itoa(rebuildLease.Milliseconds()))
	if err != nil {
		return nil, err
	}
	list, err := answer.ToArray()
	if err != nil || len(list) != 2 {
		return nil, errLease
	}
	b := &builder{room: r}
	b.incarnation, _ = list[0].ToString()
	b.now, _ = list[1].AsInt64()
	b.base = b.now - 1000
	if err := b.adopt(ctx); err != nil {
		return nil, fmt.Errorf("waitingroom.rebuild: %w", err)
	}
	return b, b.loadHolders(ctx)
}

func (b *builder) adopt(ctx context.Context) error {
	// READ COMMITTED: what is read is the row that was written just before, and is locked by that.
	return db.Transact(ctx, b.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.QueueBlockCreate(ctx, b.sale, b.epoch); err != nil {
			return err
		}
		err := tx.QueueBlockAdopt(ctx, db.QueueBlockAdoptParams{Incarnation: b.incarnation, SaleID: b.sale, Epoch: b.epoch})
		if err != nil {
			return err
		}
		b.block, err = tx.QueueBlockGet(ctx, b.sale, b.epoch)
		return err
	})
}

func (b *builder) loadHolders(ctx context.Context) error {
	rows, err := db.New(b.pool).SaleHolders(ctx, sql.NullInt64{Int64: b.sale, Valid: true})
	if err != nil {
		return fmt.Errorf("waitingroom.rebuild: %w", err)
	}
	b.holders = make(map[int64]time.Time, len(rows))
	for _, row := range rows {
		b.holders[row.MemberID] = row.HeldUntil
	}
	return nil
}

// page puts back one page of places and returns the last number on it, 0 after the last page.
func (b *builder) page(ctx context.Context, after int64) (int64, error) {
	rows, err := db.New(b.pool).QueueJoinsAfter(ctx, db.QueueJoinsAfterParams{
		SaleID: b.sale, Epoch: b.epoch, After: after, Limit: rebuildPage,
	})
	if err != nil {
		return 0, fmt.Errorf("waitingroom.rebuild: %w", err)
	}
	spared := longest(b.block.ReservedUntil-b.block.Serving, b.budget) * 6 / 5
	args := []string{b.name, itoa(rebuildLease.Milliseconds()), itoa(b.base), itoa(b.block.Serving), itoa(spared.Milliseconds())}
	for _, row := range rows {
		args = append(args, b.place(row)...)
	}
	if _, err := b.store.run(ctx, b.store.restore, b.key, args...); err != nil || len(rows) < rebuildPage {
		return 0, err
	}
	return rows[len(rows)-1].Number, nil
}

// place says what became of one logged place, as restore.lua takes it.
func (b *builder) place(row db.QueueJoinsAfterRow) []string {
	kind, ends, holds := "w", int64(0), false
	if row.ClaimedAt.Valid {
		b.claimed++
		until := row.InsideUntil.Time
		if held, ok := b.holders[row.MemberID]; ok && held.After(until) {
			until, holds = held, true
		}
		kind, ends = "i", until.UnixMilli()
		if ends <= b.now {
			kind = "d"
		}
	}
	if row.EndedAt.Valid {
		kind, holds = "l", false
	}
	return []string{itoa(row.Number), itoa(row.MemberID), kind, itoa(ends), flag(holds)}
}

// finish opens the room. Its figures begin where the database's end.
func (b *builder) finish(ctx context.Context) error {
	set := *b.config.Load()
	tokens := 0
	if b.block.ReservedUntil == 0 {
		tokens = max(set.Burst, 1)
	}
	serving := min(b.block.Serving, b.block.ReservedUntil)
	args := []string{b.name}
	for _, f := range append(set.fields(), [][2]string{
		{"base", itoa(b.base)}, {"serving", itoa(serving)}, {"tail", itoa(b.block.ReservedUntil)}, {"reserved", itoa(b.block.ReservedUntil)},
		{"tokens", itoa(tokens)}, {"admitted", itoa(b.claimed)}, {"claimed", itoa(b.claimed)}, {"rate_seen", itoa(b.claimed)},
		{"pace", "0"}, {"fast", itoa(set.RatePerMinute)}, {"slow", itoa(set.RatePerMinute)},
		{"ramp", "0"}, {"ramp_from", "0"}, {"ramp_at", "0"}, {"free", "-1"}, {"held", "-1"}, {"census", "0"}, {"grace", "0"},
	}...) {
		args = append(args, f[0], f[1])
	}
	if _, err := b.store.run(ctx, b.store.begin, b.key, args...); err != nil {
		return err
	}
	b.pushed = set.Version
	b.loggedServe = math.MinInt64
	return nil
}
