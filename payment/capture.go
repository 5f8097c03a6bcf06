package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/outbox"
	"pigonair/payment/portone"
)

// purchase is a capture on its way to buy its booking, with the ids that have to be taken before the transaction.
type purchase struct {
	attempt db.PaymentAttempt
	paid    portone.Payment
	message int64
	tickets int64 // the first serial
	changed int64 // the message of a booking that this one replaces
	bought  *db.Booking
}

// capture makes a charged attempt buy its booking, or gives all of it back, exactly once, whatever the attempt was
// taken for: in one transaction with the tickets' numbers and the message that has them made and mailed.
func (s *Service) capture(ctx context.Context, a db.PaymentAttempt, p portone.Payment) error {
	u := &purchase{attempt: a, paid: p}
	var err error
	if u.message, err = s.IDs.Next(ctx, db.OutboxIDs); err != nil {
		return err
	}
	if u.changed, err = s.IDs.Next(ctx, db.OutboxIDs); err != nil {
		return err
	}
	if u.tickets, err = s.IDs.NextN(ctx, db.TicketIDs, 2*booking.MaxSeats); err != nil {
		return err
	}
	err = s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		return undecided(ctx, tx, u, func() error { return s.buy(ctx, tx, l, u) })
	})
	if why := refusal(err); why != "" {
		u.bought = nil
		err = s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
			return undecided(ctx, tx, u, func() error { return s.giveBackAll(ctx, tx, l, u, why) })
		})
	}
	if err != nil {
		return fmt.Errorf("payment %s: capture: %w", a.ID, err)
	}
	if u.bought != nil && u.bought.SaleID.Valid {
		s.Bought(u.bought.SaleID.Int64, u.bought.MemberID)
	}
	return s.read.FindingSettle(ctx, a.ID, FindingUndecided)
}

// undecided runs do unless the attempt, as it is under the locks, is settled already.
func undecided(ctx context.Context, tx *db.Tx, u *purchase, do func() error) (err error) {
	u.bought = nil
	if u.attempt, err = tx.AttemptLock(ctx, u.attempt.ID); err != nil || AttemptState(u.attempt.State).final() {
		return err
	}
	return do()
}

// buy applies the capture, or fails with an error that refusal knows; then the transaction is rolled back.
func (s *Service) buy(ctx context.Context, tx *db.Tx, l *booking.Locked, u *purchase) error {
	a := u.attempt
	want := portone.Expectation{ID: a.ID, StoreID: s.StoreID, Amount: l.Row.Total, Currency: a.Currency, RequireLive: s.RequireLive}
	if err := portone.Verify(u.paid, want); err != nil {
		return errors.Join(errMismatch, err)
	}
	l, err := s.payable(ctx, tx, l)
	if err != nil {
		return err
	}
	if err := s.releaseReplaced(ctx, tx, l, u); err != nil {
		return err
	}
	if err := l.Confirm(ctx, func(passenger int) string { return s.TicketNumber(u.tickets + int64(passenger) - 1) }); err != nil {
		return err
	}
	if err := one(tx.AttemptApply(ctx, db.AttemptApplyParams{GatewayTx: clip(u.paid.TransactionID), EndedAt: sqlTime(l.Now), ID: a.ID})); err != nil {
		return err
	}
	if err := l.Note(ctx, "paid", a.Channel, a.Amount); err != nil {
		return err
	}
	u.bought = &l.Row
	return outbox.Write(ctx, tx.Queries, u.message, outbox.Message{Lane: outbox.LaneMail, Kind: outbox.KindTicketIssue, SubjectID: strconv.FormatInt(l.Row.ID, 10)})
}

// payable is the booking when it is paying. A hold, live or run out, begins to pay now if all of it is still there:
// its customer has paid. What that wrote is read anew under the same locks.
func (s *Service) payable(ctx context.Context, tx *db.Tx, l *booking.Locked) (*booking.Locked, error) {
	if l.Row.State == string(booking.Paying) {
		return l, nil
	}
	if err := l.BeginPaying(ctx); err != nil {
		return nil, err
	}
	return s.Booking.Lock(ctx, tx, l.Row.ID)
}

// giveBackAll writes the one refund of a capture that buys nothing, and frees the booking from this attempt. What
// the gateway has given back by itself already is not given again.
func (s *Service) giveBackAll(ctx context.Context, tx *db.Tx, l *booking.Locked, u *purchase, why string) error {
	a, left := u.attempt, u.paid.Cancellable()
	s.Log.Warn("payment captured but not applied", "attempt", a.ID, "why", why, "amount", left)
	if a.State == string(Confirming) && l.Row.State == string(booking.Paying) {
		if err := l.Unpaid(ctx); err != nil {
			return err
		}
	}
	if err := one(tx.AttemptRefunding(ctx, db.AttemptRefundingParams{Reason: why, EndedAt: sqlTime(l.Now), ID: a.ID})); err != nil {
		return err
	}
	if err := l.Note(ctx, "not_applied", why, captured(u.paid)); err != nil || left == 0 {
		return err
	}
	return writeRefund(ctx, tx, l, a.ID, why, left)
}

// writeRefund leaves a refund to be sent after the commit.
func writeRefund(ctx context.Context, tx *db.Tx, l *booking.Locked, attempt, cause string, amount int64) error {
	return tx.RefundInsert(ctx, db.RefundInsertParams{ID: "rf-" + rand.Text(), AttemptID: attempt, Cause: cause,
		Amount: amount, Currency: booking.Currency, NextTryAt: l.Now, CreatedAt: l.Now})
}
