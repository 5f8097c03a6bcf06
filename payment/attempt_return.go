package payment

import (
	"context"
	"crypto/rand"
	"errors"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/payment/portone"
)

// Return works on what a browser brought back from the gateway: a token to confirm, the word that the customer did
// not pay, or nothing but itself. It may be repeated, by anybody: only the first token of a started attempt is
// taken, and what counts is the gateway's answer. Errors: ErrNotFound.
func (s *Service) Return(ctx context.Context, attempt string, back portone.Return) (Outcome, error) {
	a, err := s.attempt(ctx, attempt)
	if err != nil {
		return Outcome{}, err
	}
	// From here on a customer who closes the window must not stop us half way.
	ctx = context.WithoutCancel(ctx)
	if err := s.returned(ctx, a, back); err != nil && !errors.Is(err, errLost) && !errors.Is(err, errBusy) {
		s.Log.Error("payment return", "attempt", attempt, "error", err)
	}
	return s.Outcome(ctx, attempt)
}

func (s *Service) returned(ctx context.Context, a db.PaymentAttempt, back portone.Return) error {
	state := AttemptState(a.State)
	switch {
	case state.final():
		return nil
	case a.Approval == string(Automatic):
		return s.look(ctx, a.ID)
	case state != Started:
		return nil // a consent that comes again, or for an attempt that was given up: not used, nothing is charged
	case printable(back.PaymentToken):
		return s.take(ctx, a, back)
	case back.Failed():
		return s.end(ctx, a.BookingID, a.ID, Started, Refused, reasonOf(back))
	}
	return s.look(ctx, a.ID)
}

// printable tells whether a token or id is one: the gateway's have no other characters.
func printable(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return text != ""
}

func reasonOf(back portone.Return) string {
	if back.Message != "" {
		return clip(back.Message)
	}
	return clip(back.Code)
}

// take claims the attempt and its booking, then asks for the charge. Where the booking can no longer be paid for,
// the token is thrown away: nothing was charged.
func (s *Service) take(ctx context.Context, a db.PaymentAttempt, back portone.Return) error {
	c := &claim{PaymentAttempt: a, owner: rand.Text()}
	if c.PaymentToken = back.PaymentToken; printable(back.TxID) && len(back.TxID) <= 255 {
		c.GatewayTx = back.TxID
	}
	err := s.transact(ctx, a.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		return s.takeIn(ctx, tx, l, c)
	})
	if why := refusal(err); why != "" {
		return s.end(ctx, a.BookingID, a.ID, Started, Refused, why)
	}
	if err != nil {
		return err
	}
	return s.confirm(ctx, c)
}

func (s *Service) takeIn(ctx context.Context, tx *db.Tx, l *booking.Locked, c *claim) error {
	if l.Row.Total != c.Amount {
		return errMismatch
	}
	if err := l.BeginPaying(ctx); err != nil {
		return err
	}
	until := l.Now.Add(leaseFor)
	err := one(tx.AttemptConfirming(ctx, db.AttemptConfirmingParams{PaymentToken: c.PaymentToken, GatewayTx: c.GatewayTx,
		TakenAt: sqlTime(l.Now), LeaseOwner: c.owner, LeaseUntil: until, ID: c.ID}))
	if err == nil {
		c.State, c.Confirms, c.TakenAt, c.now = string(Confirming), 1, sqlTime(l.Now), l.Now
	}
	return err
}

// errMismatch means that what was, or would be, charged is not what the booking costs.
var errMismatch = errors.New("payment: not as expected")

// refusal names why a booking cannot be paid for, or is empty for any other error.
func refusal(err error) string {
	for _, known := range []struct {
		err error
		why string
	}{
		{booking.ErrSeatsLost, ReasonSeatsLost}, {booking.ErrExpired, ReasonSeatsLost}, {booking.ErrFareSoldOut, ReasonSeatsLost},
		{booking.ErrLimit, ReasonSeatsLost}, {booking.ErrOpenHold, ReasonSeatsLost}, {booking.ErrTravellerHere, ReasonTravellers},
		{booking.ErrSalesClosed, ReasonSalesClosed}, {booking.ErrCancelled, ReasonFlightCancelled},
		{booking.ErrState, ReasonPaidOtherwise}, {errMismatch, ReasonMismatch},
	} {
		if errors.Is(err, known.err) {
			return known.why
		}
	}
	return ""
}

// end writes down that an attempt charged nothing. A booking that was paying by it goes back to being held, or
// expires. Errors: errLost.
func (s *Service) end(ctx context.Context, bookingID int64, attempt string, from, to AttemptState, reason string) error {
	return s.transact(ctx, bookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		err := one(tx.AttemptEnd(ctx, db.AttemptEndParams{ToState: string(to), Reason: reason, EndedAt: sqlTime(l.Now), ID: attempt, FromState: string(from)}))
		if err != nil {
			return err
		}
		// A late capture of an earlier attempt may have bought the booking meanwhile.
		if from == Confirming && l.Row.State == string(booking.Paying) {
			if err := l.Unpaid(ctx); err != nil {
				return err
			}
		}
		if to != Refused {
			return nil
		}
		return l.Note(ctx, "declined", reason, 0)
	})
}
