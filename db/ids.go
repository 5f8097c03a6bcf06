package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// Kind names a series of ids.
type Kind string

// The series that the application numbers by itself.
const (
	BookingIDs Kind = "booking"
	MemberIDs  Kind = "member"
	OutboxIDs  Kind = "outbox"
	TicketIDs  Kind = "ticket"
	AuditIDs   Kind = "audit"
	EventIDs   Kind = "event"
)

// blockSize is how many ids a process takes at once. Those it does not use are lost, which harms nothing.
const blockSize = 10_000

// IDs hands out ids that no other process hands out: each process takes blocks of them from id_block, so that
// an id costs no round trip and no row is locked by customers. This is the hi/lo scheme. Safe for concurrent use.
type IDs struct {
	pool   *sql.DB
	mu     sync.Mutex
	blocks map[Kind]*block
}

type block struct{ next, end int64 }

// NewIDs returns a source of ids over a pool.
func NewIDs(pool *sql.DB) *IDs {
	return &IDs{pool: pool, blocks: map[Kind]*block{}}
}

// Next returns one new id. Call it before a transaction, never inside: it may need a connection of its own.
func (s *IDs) Next(ctx context.Context, kind Kind) (int64, error) {
	return s.NextN(ctx, kind, 1)
}

// NextN returns the first of n consecutive new ids, n at most 10,000.
func (s *IDs) NextN(ctx context.Context, kind Kind, n int) (int64, error) {
	if ctx.Value(inTx{}) != nil {
		return 0, ErrNested
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.blocks[kind]
	if b == nil || b.end-b.next < int64(n) {
		var err error
		if b, err = s.take(ctx, kind); err != nil {
			return 0, fmt.Errorf("db.IDs.NextN(%s): %w", kind, err)
		}
		s.blocks[kind] = b
	}
	first := b.next
	b.next += int64(n)
	return first, nil
}

func (s *IDs) take(ctx context.Context, kind Kind) (*block, error) {
	var end int64
	// READ COMMITTED: the row is written first, so the read that follows is our own value.
	err := Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *Tx) error {
		err := tx.IDBlockTake(ctx, string(kind), blockSize)
		if err != nil {
			return err
		}
		end, err = tx.IDBlockEnd(ctx, string(kind))
		return err
	})
	return &block{next: end - blockSize + 1, end: end + 1}, err
}
