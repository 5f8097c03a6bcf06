package booking

import (
	"context"
	"time"

	"pigonair/db"
)

// Extend gives a live hold its one extension, never past the sales cut-off. Errors: ErrNotFound, ErrExpired, ErrState,
// ErrExtended, ErrCancelled, ErrSalesClosed (the hold ends at the cut-off already), ErrBusy.
func (s *Service) Extend(ctx context.Context, member int64, ref string) error {
	return s.act(ctx, member, ref, func(ctx context.Context, l *Locked) error {
		if err := l.checkLive(); err != nil {
			return err
		}
		if l.Row.Extended {
			return ErrExtended
		}
		until := earlier(l.Row.HeldUntil.Time.Add(s.rules.ExtendBy), l.closes)
		if !until.After(l.Row.HeldUntil.Time) {
			return ErrSalesClosed
		}
		if err := l.lengthen(ctx, until, "extend", true, l.Row.PayExtended); err != nil {
			return err
		}
		return l.Note(ctx, "extended", "", 0)
	})
}

// PressedPay leaves the customer time at the gateway: at least the rule's minimum, once per booking. Errors:
// ErrExpired, ErrState, ErrCancelled.
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
	if err := l.moveSeats(ctx, seatHeld, seatHeld, at(until), cause); err != nil {
		return err
	}
	n, err := l.tx.BookingSetUntil(ctx, db.BookingSetUntilParams{HeldUntil: at(until), Extended: extended, PayExtended: payExtended, ID: l.Row.ID, Version: l.Row.Version})
	if err := exactly(n, 1, err); err != nil {
		return err
	}
	l.Row.HeldUntil, l.Row.Extended, l.Row.PayExtended = at(until), extended, payExtended
	l.Row.Version++
	return nil
}

// LetGo gives the seats of a live hold back at once. Errors: ErrNotFound, ErrExpired, ErrState, ErrCancelled, ErrBusy.
func (s *Service) LetGo(ctx context.Context, member int64, ref string) error {
	return s.act(ctx, member, ref, func(ctx context.Context, l *Locked) error {
		if err := l.checkLive(); err != nil {
			return err
		}
		if err := l.giveBack(ctx, seatHeld, "let go"); err != nil {
			return err
		}
		if err := l.setState(ctx, Cancelled, db.BookingSetStateParams{EndedAt: at(l.Now)}); err != nil {
			return err
		}
		return l.Note(ctx, "let_go", "", 0)
	})
}
