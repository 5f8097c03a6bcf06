package payment

import (
	"context"
	"fmt"
	"strconv"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/outbox"
)

// QuoteError is ErrQuoteChanged with the quote that holds now.
type QuoteError struct{ Quote booking.Quote }

func (e *QuoteError) Error() string {
	return fmt.Sprintf("%v: now %d", ErrQuoteChanged, e.Quote.Refund)
}

// Is makes errors.Is(err, ErrQuoteChanged) true.
func (e *QuoteError) Is(target error) bool { return target == ErrQuoteChanged }

// causeCancelled is the cause of the refund of a cancelled booking.
const causeCancelled = "cancelled"

// Cancel ends a member's confirmed booking for exactly the refund that was quoted, in won: seats freed, refund
// written and mail ordered in one transaction. Errors: booking.ErrNotFound, booking.ErrState, ErrQuoteChanged
// (a *QuoteError).
func (s *Service) Cancel(ctx context.Context, member int64, ref string, quoted int64) error {
	view, err := s.Booking.Get(ctx, member, ref)
	if err != nil {
		return err
	}
	message, err := s.IDs.Next(ctx, db.OutboxIDs)
	if err != nil {
		return fmt.Errorf("payment.Cancel %s: %w", ref, err)
	}
	return s.transact(ctx, view.Row.ID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		q, err := l.QuoteCancel(ctx, l.Now)
		if err != nil {
			return err
		}
		if q.Refund != quoted {
			return &QuoteError{q}
		}
		return s.cancelIn(ctx, tx, l, q, message)
	})
}

// cancelIn cancels a locked booking as quoted: seats freed, refund written and mail ordered.
func (s *Service) cancelIn(ctx context.Context, tx *db.Tx, l *booking.Locked, q booking.Quote, message int64) error {
	if err := l.Cancel(ctx, q); err != nil {
		return err
	}
	if err := s.refundApplied(ctx, tx, l, q.Refund); err != nil {
		return err
	}
	return outbox.Write(ctx, tx.Queries, message, outbox.Message{Lane: outbox.LaneMail, Kind: outbox.KindMailCancelled, SubjectID: strconv.FormatInt(l.Row.ID, 10)})
}

// releaseReplaced cancels the booking that a change replaces, for what its fees left when the change was held, which is
// what its pages told since, in the transaction that confirms the change. One that was cancelled meanwhile has nothing to release.
func (s *Service) releaseReplaced(ctx context.Context, tx *db.Tx, l *booking.Locked, u *purchase) error {
	old := l.Replaced()
	if old == nil {
		return nil
	}
	q, err := old.QuoteCancel(ctx, l.Row.CreatedAt)
	if err != nil {
		return err
	}
	if err := old.Note(ctx, "changed", l.Row.Ref, 0); err != nil {
		return err
	}
	return s.cancelIn(ctx, tx, old, q, u.changed)
}

// refundApplied writes the refund of what a booking paid.
func (s *Service) refundApplied(ctx context.Context, tx *db.Tx, l *booking.Locked, amount int64) error {
	if amount == 0 {
		return nil
	}
	a, err := tx.AttemptApplied(ctx, l.Row.ID)
	if err != nil {
		return err
	}
	return writeRefund(ctx, tx, l, a.ID, causeCancelled, amount)
}
