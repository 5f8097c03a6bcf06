package booking

import (
	"context"
	"database/sql"
	"sync"

	"pigonair/db"
)

// keysMost bounds the keys of one query.
const keysMost = 256

// keyFinder looks up idempotency keys without locks. As holds do, those who ask while a query runs share the next one.
type keyFinder struct {
	s       *Service
	mu      sync.Mutex
	waiting []*askedKey
	running bool
	done    sync.WaitGroup
}

// askedKey is one question and, once done is closed, its answer.
type askedKey struct {
	key    string
	member int64
	row    db.BookingsByKeyRow
	found  bool
	err    error
	done   chan struct{}
}

// find returns the booking that a member made under a key. Errors: ErrBusy, ctx's, or the database's.
func (f *keyFinder) find(ctx context.Context, key string, member int64) (row db.BookingsByKeyRow, found bool, err error) {
	a := &askedKey{key: key, member: member, done: make(chan struct{})}
	if !f.enqueue(a) {
		return row, false, ErrBusy
	}
	select {
	case <-ctx.Done():
		return row, false, ctx.Err()
	case <-a.done:
		return a.row, a.found, a.err
	}
}

func (f *keyFinder) enqueue(a *askedKey) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) >= f.s.rules.BatchQueue {
		return false
	}
	f.waiting = append(f.waiting, a)
	if !f.running {
		f.running = true
		f.done.Go(f.run)
	}
	return true
}

// run answers until nobody waits.
func (f *keyFinder) run() {
	for {
		f.mu.Lock()
		asked := f.waiting[:min(len(f.waiting), keysMost)]
		f.waiting = f.waiting[len(asked):]
		f.running = len(asked) > 0
		f.mu.Unlock()
		if len(asked) == 0 {
			return
		}
		f.answer(asked)
	}
}

func (f *keyFinder) answer(asked []*askedKey) {
	ctx, cancel := context.WithTimeout(context.Background(), f.s.rules.BatchDeadline)
	defer cancel()
	keys := make([]sql.NullString, len(asked))
	for i, a := range asked {
		keys[i] = sql.NullString{String: a.key, Valid: true}
	}
	type owner struct {
		key    string
		member int64
	}
	known := map[owner]db.BookingsByKeyRow{}
	rows, err := f.s.read.BookingsByKey(ctx, keys)
	for _, row := range rows {
		known[owner{row.IdemKey.String, row.MemberID}] = row
	}
	for _, a := range asked {
		a.row, a.found = known[owner{a.key, a.member}]
		a.err = err
		close(a.done)
	}
}
