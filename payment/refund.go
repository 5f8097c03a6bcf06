package payment

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/outbox"
	"pigonair/payment/portone"
)

// QuoteError is ErrQuoteChanged with the quote that holds now.
type QuoteError struct{ Quote booking.Quote }

func (e *QuoteError) Error() string {
	return fmt.Sprintf("%v: now %d", ErrQuoteChanged, e.Quote.Refund)
}

// Is makes errors.Is(err, ErrQuoteChanged) true.
func (e *QuoteError) Is(target error) bool { return target == ErrQuoteChanged }

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
		q, err := l.QuoteCancel(ctx)
		if err != nil {
			return err
		}
		if q.Refund != quoted {
			return &QuoteError{q}
		}
		if err := l.Cancel(ctx, q); err != nil {
			return err
		}
		if err := s.refundApplied(ctx, tx, l, q.Refund); err != nil {
			return err
		}
		return outbox.Write(ctx, tx.Queries, message, outbox.Message{Lane: outbox.LaneMail, Kind: outbox.KindMailCancelled, SubjectID: strconv.FormatInt(l.Row.ID, 10)})
	})
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
	return s.writeRefund(ctx, tx, l, a.ID, "cancelled", amount)
}

func (s *Service) writeRefund(ctx context.Context, tx *db.Tx, l *booking.Locked, attempt, cause string, amount int64) error {
	return tx.RefundInsert(ctx, db.RefundInsertParams{ID: "rf-" + rand.Text(), AttemptID: attempt, Cause: cause,
		Amount: amount, Currency: booking.Currency, LeaseUntil: l.Now, NextTryAt: l.Now, CreatedAt: l.Now})
}

// stuckAfter is how many tries a refund has before an operator is asked.
const stuckAfter = 50

// refundDue gives one refund's money back. Before every send it looks for the refund's id among the gateway's
// cancellations: a send whose answer was lost must not become a second one.
func (s *Service) refundDue(ctx context.Context, id string) error {
	n, err := s.read.RefundLease(ctx, db.RefundLeaseParams{LeaseOwner: s.owner, Seconds: leaseFor, ID: id})
	if err != nil || n == 0 {
		return err
	}
	r, err := s.read.RefundGet(ctx, id)
	if err != nil {
		return err
	}
	p, err := s.Gateway.Get(ctx, r.AttemptID)
	if err != nil {
		return s.refundAgain(ctx, r, err)
	}
	if done, found := cancellationOf(p, r.ID); found {
		return s.refundDone(ctx, r, done.ID)
	}
	done, err := s.Gateway.Cancel(ctx, r.AttemptID, portone.CancelRequest{Reason: r.Cause + " [" + r.ID + "]", Amount: r.Amount,
		CurrentCancellableAmount: p.Cancellable()}, "refund-"+r.ID)
	if err != nil || done.Status != portone.CancellationSucceeded {
		return s.refundAgain(ctx, r, errors.Join(err, fmt.Errorf("status %q", done.Status)))
	}
	return s.refundDone(ctx, r, done.ID)
}

// cancellationOf finds the cancellation that carries a refund's id.
func cancellationOf(p portone.Payment, refund string) (portone.Cancellation, bool) {
	for _, c := range p.Cancellations {
		if c.Status == portone.CancellationSucceeded && strings.Contains(c.Reason, "["+refund+"]") {
			return c, true
		}
	}
	return portone.Cancellation{}, false
}

func (s *Service) refundAgain(ctx context.Context, r db.Refund, cause error) error {
	s.Log.Warn("refund not done yet", "refund", r.ID, "tries", r.Tries, "error", cause)
	if r.Tries >= stuckAfter {
		_, err := s.read.RefundStuck(ctx, clip(cause.Error()), r.ID)
		return err
	}
	wait := min(int64(2)<<min(r.Tries, 10), 600)
	_, err := s.read.RefundAgain(ctx, db.RefundAgainParams{Seconds: wait, LastError: clip(cause.Error()), ID: r.ID, LeaseOwner: s.owner})
	return err
}

// refundDone records that the money is on its way, tells the customer, and notes it in the booking's story.
func (s *Service) refundDone(ctx context.Context, r db.Refund, gatewayID string) error {
	a, err := s.read.AttemptGet(ctx, r.AttemptID)
	if err != nil {
		return err
	}
	message, err := s.IDs.Next(ctx, db.OutboxIDs)
	if err != nil {
		return err
	}
	return db.Transact(ctx, s.Pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		// READ COMMITTED: one guarded write decides; nothing else is read.
		n, err := tx.RefundDone(ctx, gatewayID, r.ID)
		if err != nil || n == 0 {
			return err
		}
		clock, err := tx.Clock(ctx)
		if err != nil {
			return err
		}
		err = tx.BookingEventAppend(ctx, db.BookingEventAppendParams{BookingID: a.BookingID, EventNo: clock.UnixMicro(), Kind: "refunded",
			Amount: sql.NullInt64{Int64: r.Amount, Valid: true}, HappenedAt: clock})
		if err != nil {
			return err
		}
		return outbox.Write(ctx, tx.Queries, message, outbox.Message{Lane: outbox.LaneMail, Kind: outbox.KindMailRefunded, SubjectID: r.ID})
	})
}
