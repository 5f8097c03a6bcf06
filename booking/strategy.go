package booking

import (
	"context"
	"errors"

	"pigonair/db"
)

// Strategy names how holds lock. All of them keep every promise; the lab compares what they cost.
type Strategy string

// The strategies.
const (
	// Batched puts requests for one flight that arrive while a transaction runs together into the next.
	Batched Strategy = "batched"
	// Pessimistic is one transaction per request, seats locked with FOR UPDATE.
	Pessimistic Strategy = "pessimistic"
	// Conditional is one transaction per request without locking reads: the guarded UPDATE alone decides.
	Conditional Strategy = "conditional"
)

// holder runs a plan to its outcome.
type holder interface {
	hold(ctx context.Context, p *plan)
}

func (s *Service) strategy(name Strategy) holder {
	switch name {
	case Pessimistic:
		return alone{s}
	case Conditional:
		return conditional{s}
	default:
		s.batcher = newBatcher(s)
		return s.batcher
	}
}

// alone is the pessimistic strategy.
type alone struct{ *Service }

func (a alone) hold(ctx context.Context, p *plan) { a.holdAlone(ctx, p) }

// conditional is the conditional strategy.
type conditional struct{ *Service }

func (c conditional) hold(ctx context.Context, p *plan) {
	p.unlocked = true
	c.holdAlone(ctx, p)
}

// aloneTries bounds how often one request runs again after the database refused its transaction.
const aloneTries = 5

// errRaced means that a seat which we picked, or read without a lock, was taken by somebody faster: look again.
var errRaced = errors.New("booking: seats were taken between reading and writing")

// holdAlone runs one request in transactions of its own until one of them has an outcome.
func (s *Service) holdAlone(ctx context.Context, p *plan) {
	var err error
	for try := range aloneTries {
		if p.unknown && s.found(ctx, p) {
			return
		}
		if err = s.holdTogether(ctx, []*plan{p}); err == nil && !errors.Is(p.err, errRaced) {
			return
		}
		if !again(err) || !db.Pause(ctx, try) {
			break
		}
	}
	if err != nil {
		p.fail(err)
	}
	if errors.Is(p.err, errRaced) {
		p.fail(ErrBusy)
	}
}

// again tells whether a failed transaction may be repeated: nothing of it stayed, or what stayed is found by
// the booking's id or key.
func again(err error) bool {
	return err == nil || errors.Is(err, errRaced) || errors.Is(err, db.ErrCommitUnknown) || db.IsDuplicate(err) || db.Retryable(err)
}

// found looks whether a transaction whose COMMIT was not answered did store the hold.
func (s *Service) found(ctx context.Context, p *plan) bool {
	row, err := s.read.BookingGet(ctx, p.id)
	if err != nil {
		return false // not there, or not to be asked yet: the next try decides
	}
	p.err, p.decided, p.accepted = nil, true, true
	p.result = HoldResult{Ref: row.Ref, Until: timeOf(row.HeldUntil)}
	return true
}
