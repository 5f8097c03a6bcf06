package booking

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"pigonair/db"
)

// known answers requests that are stored already: under their key, by whichever process, or by a transaction of our
// own whose COMMIT was not answered. It reads after the locks are granted: whoever took the same seats under the
// same key has committed by then. Named seats need no look at the key before: a repeat finds them taken, by its own
// twin, and is looked up then; one that finds them free again is refused by the unique key, and its whole transaction
// runs again with a look at every key. That spares nearly every hold a search in the index (4 % of its time).
func (t *holdTx) known(ctx context.Context) error {
	var keyed, unknown []*plan
	for _, p := range t.open() {
		if p.req.Key != "" && (p.lookFirst || p.choosesAny()) {
			keyed = append(keyed, p)
		}
		if p.unknown {
			unknown = append(unknown, p)
		}
	}
	if err := readStored(ctx, t.tx.Queries, unknown); err != nil {
		return err
	}
	return readKeyed(ctx, t.tx.Queries, keyed)
}

// knownRefused looks up the keys of requests that were refused: what is in their way may be their own twin.
func (t *holdTx) knownRefused(ctx context.Context) error {
	var refused []*plan
	for _, p := range t.plans {
		if p.req.Key != "" && p.same == nil && p.err != nil && !p.lookFirst && !p.choosesAny() {
			refused = append(refused, p)
		}
	}
	return readKeyed(ctx, t.tx.Queries, refused)
}

func readKeyed(ctx context.Context, q *db.Queries, plans []*plan) error {
	if len(plans) == 0 {
		return nil
	}
	keys := make([]sql.NullString, len(plans))
	for i, p := range plans {
		keys[i] = sql.NullString{String: p.req.Key, Valid: true}
	}
	rows, err := q.BookingsByKey(ctx, keys)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, p := range plans {
			if (!p.decided || p.err != nil) && p.req.Key == row.IdemKey.String && p.req.MemberID == row.MemberID {
				p.repeat(row)
			}
		}
	}
	return nil
}

// repeat answers with the hold that stands under the key, or refuses the key for other content.
func (p *plan) repeat(row db.BookingsByKeyRow) {
	if !bytes.Equal(row.IdemHash, p.hash[:]) {
		p.fail(ErrKeyReused)
		return
	}
	p.stored(row.Ref, timeOf(row.HeldUntil))
	p.result.Repeated = row.ID != p.id
}

func (p *plan) stored(ref string, until time.Time) {
	p.decided, p.err = true, nil
	p.result = HoldResult{Ref: ref, Until: until}
}

func readStored(ctx context.Context, q *db.Queries, plans []*plan) error {
	if len(plans) == 0 {
		return nil
	}
	byID := map[int64]*plan{}
	for _, p := range plans {
		byID[p.id] = p
	}
	rows, err := q.BookingsStored(ctx, sortedKeys(byID))
	if err != nil {
		return err
	}
	for _, row := range rows {
		byID[row.ID].stored(row.Ref, timeOf(row.HeldUntil))
	}
	return nil
}

// lookUp answers a request whose transaction a unique key refused: somebody stored its key, or we its id, while it
// ran. A refusal by any other key stays the error that it is.
func (s *Service) lookUp(ctx context.Context, p *plan, refusal error) {
	p.reset()
	err := readStored(ctx, s.read, []*plan{p})
	if err == nil && !p.decided && p.req.Key != "" {
		err = readKeyed(ctx, s.read, []*plan{p})
	}
	switch {
	case err != nil:
		p.fail(err)
	case !p.decided:
		p.fail(refusal)
	}
}
