package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"pigonair/db"
)

// leaseFor outlives the calls that a claimant makes: they are cut off at workFor, which has room for the longest
// single call to the gateway (its read time-out is 65 s).
const (
	leaseFor = 90 * time.Second
	workFor  = 80 * time.Second
)

// errBusy means that somebody else is working on a payment. What they find out is written down by them, but they
// may have asked the gateway before the moment that we heard of.
var errBusy = errors.New("payment: being worked on elsewhere")

// claim is a payment that nobody else may call the gateway about. Every claim has an owner's mark of its own, so
// that one which ran out cannot give back a later one.
type claim struct {
	db.PaymentAttempt
	owner string
	now   time.Time // when it was claimed, by the database
}

// claim leases a payment. Errors: errBusy.
func (s *Service) claim(ctx context.Context, id string) (*claim, error) {
	owner := rand.Text()
	n, err := s.read.AttemptClaim(ctx, db.AttemptClaimParams{LeaseOwner: owner, Seconds: int64(leaseFor / time.Second), ID: id})
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errBusy
	}
	row, err := s.read.AttemptClaimed(ctx, id)
	if err != nil {
		return nil, err // the lease runs out
	}
	return &claim{row.PaymentAttempt, owner, row.Now}, nil
}

// release gives a claim back; one that was given back or ran out stays as it is. A claim that cannot be given
// back runs out by itself.
func (s *Service) release(ctx context.Context, c *claim) {
	if _, err := s.read.AttemptRelease(ctx, c.ID, c.owner); err != nil {
		s.Log.Warn("payment: claim not given back", "attempt", c.ID, "error", err)
	}
}

// working bounds the calls to the gateway under one claim. The books are kept with a context that does not end
// with it: what a call has found out must be written down even while stopping.
func working(ctx context.Context) (work, books context.Context, cancel context.CancelFunc) {
	work, cancel = context.WithTimeout(ctx, workFor)
	return work, context.WithoutCancel(ctx), cancel
}
