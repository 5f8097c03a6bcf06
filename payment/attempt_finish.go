package payment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/outbox"
	"pigonair/payment/portone"
)

// Return works on what a browser brought back from the gateway: a token to confirm, or the word that the customer
// did not pay. It may be repeated, by anybody: only the first token of a started attempt is taken, and what
// counts is the gateway's answer. Errors: ErrNotFound.
func (s *Service) Return(ctx context.Context, attempt string, back portone.Return) (Outcome, error) {
	a, err := s.Outcome(ctx, attempt)
	if err != nil || a.State != Started {
		return a, err
	}
	// From here on a customer who closes the window must not stop us half way.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseFor*time.Second)
	defer cancel()
	switch {
	case back.PaymentToken != "":
		err = s.take(ctx, attempt, back)
	case back.Failed():
		err = s.refuse(ctx, attempt, reasonOf(back))
	}
	if err != nil && !errors.Is(err, errLost) {
		s.Log.Error("payment return", "attempt", attempt, "error", err)
	}
	return s.Outcome(ctx, attempt)
}

func reasonOf(back portone.Return) string {
	if back.Message != "" {
		return clip(back.Message)
	}
	return clip(back.Code)
}

// clip keeps a gateway's words within the column.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 250 {
		return string(runes[:250])
	}
	return text
}

// take claims the attempt and its booking, then asks for the charge. Where the seats are gone the token is thrown
// away: nothing was charged.
func (s *Service) take(ctx context.Context, attempt string, back portone.Return) error {
	a, err := s.read.AttemptGet(ctx, attempt)
	if err != nil {
		return err
	}
	err = s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		if a, err = tx.AttemptLock(ctx, attempt); err != nil {
			return err
		}
		if a.State != string(Started) {
			return errLost
		}
		if err := l.BeginPaying(ctx); err != nil {
			return err
		}
		return one(tx.AttemptConfirming(ctx, db.AttemptConfirmingParams{PaymentToken: back.PaymentToken, GatewayTx: back.TxID,
			LeaseOwner: s.owner, LeaseUntil: l.Now.Add(leaseFor * time.Second), ID: attempt}))
	})
	if notOurs(err) {
		return s.refuse(ctx, attempt, "seats_lost")
	}
	if err != nil {
		return err
	}
	a.PaymentToken, a.GatewayTx = back.PaymentToken, back.TxID
	return s.confirm(ctx, a)
}

// notOurs tells whether a booking can no longer be paid for.
func notOurs(err error) bool {
	return errors.Is(err, booking.ErrSeatsLost) || errors.Is(err, booking.ErrState) || errors.Is(err, booking.ErrCancelled) || errors.Is(err, booking.ErrSalesClosed)
}

// confirm asks the gateway to charge, under a key that makes a repeat harmless, and then asks what is true.
func (s *Service) confirm(ctx context.Context, a db.PaymentAttempt) error {
	request := portone.ConfirmRequest{PaymentToken: a.PaymentToken, TxID: a.GatewayTx, Currency: a.Currency, TotalAmount: a.Amount}
	if s.RequireLive {
		request.IsTest = new(bool) // false: the gateway itself refuses a TEST channel before it charges
	}
	_, err := s.Gateway.Confirm(ctx, a.ID, request, "confirm-"+a.ID)
	definite := errors.Is(err, portone.ErrInvalidToken) || errors.Is(err, portone.ErrMismatch) || errors.Is(err, portone.ErrInvalidRequest)
	p, getErr := s.Gateway.Get(ctx, a.ID)
	if getErr != nil {
		return s.later(ctx, a, errors.Join(err, getErr))
	}
	switch {
	case p.Status == portone.StatusPaid:
		return s.apply(ctx, a, p)
	case p.Status == portone.StatusFailed, definite && p.Status == portone.StatusReady:
		return s.unpaid(ctx, a, failureOf(p, err))
	}
	return s.later(ctx, a, err)
}

func failureOf(p portone.Payment, err error) string {
	if p.Failure != nil && p.Failure.Reason != "" {
		return clip(p.Failure.Reason)
	}
	if errors.Is(err, portone.ErrInvalidToken) {
		return "token"
	}
	return "declined"
}

// later leaves an attempt of unknown outcome to the settler, which asks again soon.
func (s *Service) later(ctx context.Context, a db.PaymentAttempt, cause error) error {
	s.Log.Warn("payment outcome unknown", "attempt", a.ID, "error", cause)
	ended := a.ConfirmEndedAt
	if !ended.Valid {
		clock, err := s.read.Clock(ctx)
		if err != nil {
			return err
		}
		ended = now(clock)
	}
	_, err := s.read.AttemptLeaseEnd(ctx, db.AttemptLeaseEndParams{Seconds: 5, NotPaidSeen: a.NotPaidSeen, ConfirmEndedAt: ended, ID: a.ID, LeaseOwner: s.owner})
	return err
}

// apply makes a charged attempt buy its booking, or gives all of it back: in one transaction with the tickets'
// numbers and the message that has them made and mailed.
func (s *Service) apply(ctx context.Context, a db.PaymentAttempt, p portone.Payment) error {
	believed := portone.Verify(p, portone.Expectation{ID: a.ID, StoreID: s.StoreID, Amount: a.Amount, Currency: a.Currency, RequireLive: s.RequireLive})
	message, err := s.IDs.Next(ctx, db.OutboxIDs)
	if err != nil {
		return err
	}
	tickets, err := s.IDs.NextN(ctx, db.TicketIDs, 2*booking.MaxSeats)
	if err != nil {
		return err
	}
	var bought db.Booking
	err = s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		bought = l.Row
		if believed != nil {
			s.Log.Error("payment not as expected", "attempt", a.ID, "error", believed)
			return s.giveBackAll(ctx, tx, l, a, p.Amount.Paid, "mismatch")
		}
		if l.Row.State != string(booking.Paying) {
			return s.giveBackAll(ctx, tx, l, a, p.Amount.Paid, "not_applied")
		}
		if err := l.Confirm(ctx, func(passenger int) string { return s.TicketNumber(tickets + int64(passenger)) }); err != nil {
			return err
		}
		if err := one(tx.AttemptApply(ctx, db.AttemptApplyParams{GatewayTx: p.TransactionID, EndedAt: now(l.Now), ID: a.ID})); err != nil {
			return err
		}
		if err := l.Note(ctx, "paid", s.Channel.Name, a.Amount); err != nil {
			return err
		}
		return outbox.Write(ctx, tx.Queries, message, outbox.Message{Lane: outbox.LaneMail, Kind: outbox.KindTicketIssue, SubjectID: strconv.FormatInt(l.Row.ID, 10)})
	})
	if err != nil {
		return fmt.Errorf("payment %s: apply: %w", a.ID, err)
	}
	if bought.SaleID.Valid {
		s.Bought(bought.SaleID.Int64, bought.MemberID)
	}
	return nil
}

// giveBackAll writes the one refund of a capture that buys nothing, and frees the booking from this attempt.
func (s *Service) giveBackAll(ctx context.Context, tx *db.Tx, l *booking.Locked, a db.PaymentAttempt, amount int64, why string) error {
	if l.Row.State == string(booking.Paying) {
		if err := l.Unpaid(ctx); err != nil {
			return err
		}
	}
	if err := one(tx.AttemptRefunding(ctx, db.AttemptRefundingParams{Reason: why, EndedAt: now(l.Now), ID: a.ID})); err != nil {
		return err
	}
	if err := l.Note(ctx, "not_applied", why, amount); err != nil {
		return err
	}
	return s.writeRefund(ctx, tx, l, a.ID, why, amount)
}

// unpaid ends a confirming attempt that is known not to have charged anything.
func (s *Service) unpaid(ctx context.Context, a db.PaymentAttempt, reason string) error {
	return s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		if err := one(tx.AttemptEnd(ctx, db.AttemptEndParams{ToState: string(Refused), Reason: reason, EndedAt: now(l.Now), ID: a.ID})); err != nil {
			return err
		}
		if err := l.Unpaid(ctx); err != nil {
			return err
		}
		return l.Note(ctx, "declined", reason, 0)
	})
}

// refuse ends a started attempt that the customer did not go through with. Nothing was ever asked to be charged.
func (s *Service) refuse(ctx context.Context, attempt, reason string) error {
	a, err := s.read.AttemptGet(ctx, attempt)
	if err != nil {
		return err
	}
	return s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		locked, err := tx.AttemptLock(ctx, attempt)
		if err != nil {
			return err
		}
		if locked.State != string(Started) {
			return errLost
		}
		if err := one(tx.AttemptEnd(ctx, db.AttemptEndParams{ToState: string(Refused), Reason: reason, EndedAt: now(l.Now), ID: attempt})); err != nil {
			return err
		}
		return l.Note(ctx, "declined", reason, 0)
	})
}
