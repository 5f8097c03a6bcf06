package booking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// act locks a member's booking by its reference and runs do in that transaction.
func (s *Service) act(ctx context.Context, member int64, ref string, do func(context.Context, *Locked) error) error {
	id, err := s.idOf(ctx, member, ref)
	if err != nil {
		return err
	}
	// READ COMMITTED: after a lock wait the rows must be those that the one before us committed.
	return db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		l, err := s.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := do(ctx, l); err != nil {
			return err
		}
		s.at(ctx, BeforeCommit)
		return nil
	})
}

func (s *Service) idOf(ctx context.Context, member int64, ref string) (int64, error) {
	row, err := s.read.BookingByRef(ctx, ref)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && row.MemberID != member) {
		return 0, ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("booking %s: %w", ref, err)
	}
	return row.ID, nil
}

// Extend gives a live hold its one extension, never past the sales cut-off. Errors: ErrNotFound, ErrExpired, ErrState, ErrExtended, ErrCancelled.
func (s *Service) Extend(ctx context.Context, member int64, ref string) error {
	return s.act(ctx, member, ref, func(ctx context.Context, l *Locked) error {
		if err := l.checkLive(); err != nil {
			return err
		}
		if l.Row.Extended {
			return ErrExtended
		}
		until := earlier(l.Row.HeldUntil.Time.Add(s.rules.ExtendBy), l.closes)
		if err := l.lengthen(ctx, until, "extend", true, l.Row.PayExtended); err != nil {
			return err
		}
		return l.Note(ctx, "extended", "", 0)
	})
}

// PressedPay leaves the customer time at the gateway: at least the rule's minimum, once per booking. Errors: as
// Extend, without ErrExtended.
func (l *Locked) PressedPay(ctx context.Context) error {
	if err := l.checkLive(); err != nil {
		return err
	}
	least := earlier(l.Now.Add(l.s.rules.PayLeaves), l.closes)
	if l.Row.PayExtended || !l.Row.HeldUntil.Time.Before(least) {
		return nil
	}
	return l.lengthen(ctx, least, "pay", l.Row.Extended, true)
}

func (l *Locked) lengthen(ctx context.Context, until time.Time, cause string, extended, payExtended bool) error {
	if err := l.moveSeats(ctx, seatHeld, at(until), cause, seatHeld); err != nil {
		return err
	}
	n, err := l.tx.BookingSetUntil(ctx, db.BookingSetUntilParams{HeldUntil: at(until), Extended: extended, PayExtended: payExtended, ID: l.Row.ID, Version: l.Row.Version})
	l.Row.HeldUntil, l.Row.Version = at(until), l.Row.Version+1
	return exactly(n, 1, err)
}

// LetGo gives the seats of a live hold back at once. Errors: as Extend, without ErrExtended.
func (s *Service) LetGo(ctx context.Context, member int64, ref string) error {
	return s.act(ctx, member, ref, func(ctx context.Context, l *Locked) error {
		if err := l.checkLive(); err != nil {
			return err
		}
		if err := l.giveBack(ctx, "let go"); err != nil {
			return err
		}
		if err := l.setState(ctx, Cancelled, db.BookingSetStateParams{EndedAt: at(l.Now)}); err != nil {
			return err
		}
		return l.Note(ctx, "let_go", "", 0)
	})
}
