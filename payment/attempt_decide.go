package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
	"pigonair/payment/portone"
)

// "Not paid" is believed of an attempt of unknown outcome only when the gateway says so notPaidTimes, notPaidAfter
// the last confirm ended.
const (
	notPaidAfter = 90 * time.Second
	notPaidTimes = 2
)

// A confirm of unknown outcome is repeated under its key, at most so often and so long: keys live three hours.
const (
	confirmTimes  = 3
	confirmWithin = 30 * time.Minute
)

// alarmAfter is how long an outcome may stay unknown before operators hear of it.
const alarmAfter = 30 * time.Minute

// The pauses between two looks at an attempt of unknown outcome: a quarter of its age, within these bounds.
const (
	shortestPause = 5 * time.Second
	longestPause  = time.Minute
)

// confirm asks the gateway to charge, under a key that makes a repeat harmless, and then asks what is true.
func (s *Service) confirm(ctx context.Context, c *claim) error {
	work, books, cancel := working(ctx)
	defer cancel()
	defer s.release(books, c)
	refused := s.charge(work, c)
	if err := s.confirmEnded(books, c); err != nil {
		return err
	}
	p, err := s.Gateway.Get(work, c.ID)
	if c.Confirms == 1 && definite(refused) && waits(p, err) {
		return s.unpaid(books, c, failureOf(p, refused))
	}
	return s.decide(books, c, p, errors.Join(err, refused), err)
}

func (s *Service) charge(ctx context.Context, c *claim) error {
	request := portone.ConfirmRequest{PaymentToken: c.PaymentToken, TxID: c.GatewayTx, Currency: c.Currency, TotalAmount: c.Amount}
	if s.RequireLive {
		request.IsTest = new(bool) // false: the gateway itself refuses a TEST channel before it charges
	}
	_, err := s.Gateway.Confirm(ctx, c.ID, request, "confirm-"+c.ID)
	return err
}

// definite tells whether the gateway refused a confirm before charging. Of a repeated one that says nothing about
// the first, which may have used the token up.
func definite(err error) bool {
	return errors.Is(err, portone.ErrInvalidToken) || errors.Is(err, portone.ErrMismatch) || errors.Is(err, portone.ErrInvalidRequest) ||
		errors.Is(err, portone.ErrNotFound)
}

// waits tells whether the gateway says that nobody has paid yet; a payment whose page was never opened is not
// known to it.
func waits(p portone.Payment, asked error) bool {
	return errors.Is(asked, portone.ErrNotFound) || (asked == nil && p.Status == portone.StatusReady)
}

// confirmEnded notes in the claim when the last confirm ended; later writes it down.
func (s *Service) confirmEnded(ctx context.Context, c *claim) error {
	clock, err := s.read.Clock(ctx)
	c.now, c.ConfirmEndedAt = clock, sqlTime(clock)
	return err
}

// look claims a payment and finds out what became of it. Return, webhook, settler and reconciler all come here.
// Errors: errBusy, errLost, or what kept it from being found out; the settler asks again.
func (s *Service) look(ctx context.Context, id string) error {
	c, err := s.claim(context.WithoutCancel(ctx), id)
	if err != nil {
		return err
	}
	work, books, cancel := working(ctx)
	defer cancel()
	defer s.release(books, c)
	if err := s.alarm(books, c); err != nil {
		return err
	}
	p, err := s.Gateway.Get(work, id)
	if err == nil && s.shouldConfirmAgain(c, p) {
		return s.confirmAgain(ctx, c)
	}
	return s.decide(books, c, p, err, err)
}

// shouldConfirmAgain tells whether the first confirm may never have arrived: the gateway is there and the payment
// still waits for it.
func (s *Service) shouldConfirmAgain(c *claim, p portone.Payment) bool {
	return c.State == string(Confirming) && c.Approval == string(Manual) && p.Status == portone.StatusReady &&
		c.Confirms < confirmTimes && c.now.Sub(c.TakenAt.Time) < confirmWithin
}

func (s *Service) confirmAgain(ctx context.Context, c *claim) error {
	again := db.AttemptConfirmAgainParams{Seconds: int64(leaseFor / time.Second), ID: c.ID, LeaseOwner: c.owner}
	if err := one(s.read.AttemptConfirmAgain(context.WithoutCancel(ctx), again)); err != nil {
		return err
	}
	c.Confirms++
	c.NotPaidSeen = 0
	return s.confirm(ctx, c)
}

// decide acts on what the gateway answered to our question; asked is the error of asking, cause all that went wrong.
func (s *Service) decide(ctx context.Context, c *claim, p portone.Payment, cause, asked error) error {
	switch {
	case asked != nil && !errors.Is(asked, portone.ErrNotFound):
		return s.unknown(ctx, c, cause)
	case asked == nil && (p.ID != c.ID || p.StoreID != s.StoreID):
		return s.unknown(ctx, c, fmt.Errorf("the gateway answered with payment %q of store %q", p.ID, p.StoreID))
	case AttemptState(c.State).final():
		return s.compare(ctx, c.PaymentAttempt, p)
	case captured(p) > 0:
		return s.capture(ctx, c.PaymentAttempt, p)
	case c.State == string(Started) && c.now.Sub(c.CreatedAt) >= forgottenAfter:
		return s.end(ctx, c.BookingID, c.ID, Started, Abandoned, "")
	case c.State != string(Confirming):
		return nil
	case p.Status == portone.StatusFailed:
		return s.unpaid(ctx, c, failureOf(p, nil))
	case waits(p, asked):
		return s.notPaid(ctx, c, p, cause)
	}
	return s.unknown(ctx, c, fmt.Errorf("status %s", p.Status))
}

// captured is how much a payment took, whether or not some of it went back.
func captured(p portone.Payment) int64 {
	switch p.Status {
	case portone.StatusPaid, portone.StatusPartialCancelled, portone.StatusCancelled:
		return p.Amount.Total
	}
	return 0
}

func failureOf(p portone.Payment, err error) string {
	if p.Status == portone.StatusFailed && p.Failure != nil && p.Failure.Reason != "" {
		return clip(p.Failure.Reason)
	}
	if errors.Is(err, portone.ErrInvalidToken) {
		return ReasonToken
	}
	return ReasonDeclined
}

// unpaid ends a confirming attempt that is known not to have charged anything.
func (s *Service) unpaid(ctx context.Context, c *claim, reason string) error {
	if err := s.end(ctx, c.BookingID, c.ID, Confirming, Refused, reason); err != nil {
		return err
	}
	return s.read.FindingSettle(ctx, c.ID, FindingUndecided)
}

// notPaid counts how often the gateway said so, and believes it when that is enough. Where a process died while it
// confirmed, the call is taken to have ended only now, when its lease has run out.
func (s *Service) notPaid(ctx context.Context, c *claim, p portone.Payment, cause error) error {
	if !c.ConfirmEndedAt.Valid {
		c.ConfirmEndedAt = sqlTime(c.now)
	}
	if c.now.Sub(c.ConfirmEndedAt.Time) >= notPaidAfter {
		c.NotPaidSeen++
	}
	if c.NotPaidSeen >= notPaidTimes {
		return s.unpaid(ctx, c, failureOf(p, nil))
	}
	return s.later(ctx, c, cause)
}

// unknown leaves a payment whose state could not be learnt for later. Where nobody waits for the outcome it is an
// error, so that whoever had a reason to ask comes again.
func (s *Service) unknown(ctx context.Context, c *claim, cause error) error {
	if c.State != string(Confirming) {
		return fmt.Errorf("payment %s: %w", c.ID, cause)
	}
	return s.later(ctx, c, cause)
}

// later leaves an attempt of unknown outcome to the settler, which asks again soon, and ever less often.
func (s *Service) later(ctx context.Context, c *claim, cause error) error {
	if cause != nil {
		s.Log.Warn("payment outcome unknown", "attempt", c.ID, "error", cause)
	}
	pause := min(max(c.now.Sub(c.TakenAt.Time)/4, shortestPause), longestPause)
	_, err := s.read.AttemptLater(ctx, db.AttemptLaterParams{Seconds: int64(pause / time.Second), NotPaidSeen: c.NotPaidSeen,
		ConfirmEndedAt: c.ConfirmEndedAt, ID: c.ID, LeaseOwner: c.owner})
	return err
}

// alarm tells operators once of an outcome that has been unknown for too long.
func (s *Service) alarm(ctx context.Context, c *claim) error {
	if c.State != string(Confirming) || c.now.Sub(c.TakenAt.Time) < alarmAfter {
		return nil
	}
	detail := fmt.Sprintf("outcome unknown since %s, confirmed %d times", c.TakenAt.Time.Format(time.RFC3339), c.Confirms)
	return s.found(ctx, Finding{PaymentID: c.ID, Kind: FindingUndecided, Detail: detail, Amount: c.Amount})
}
