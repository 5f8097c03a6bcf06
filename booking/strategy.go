package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// Strategy names how holds lock. All of them keep every promise; the lab compares what they cost. Builds with the
// tag unsafe_lab know more, which do not.
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

// technique is how a transaction makes sure of the seats that it read.
type technique struct {
	lock bool // reads them with FOR UPDATE
	take func(t *db.Tx, ctx context.Context, flight int64, now time.Time, takes []db.SeatTake) (int64, error)
}

func locked() technique { return technique{lock: true, take: (*db.Tx).SeatsTake} }

func guarded() technique { return technique{take: (*db.Tx).SeatsTakeSeen} }

// holder runs a plan to its outcome.
type holder interface {
	hold(ctx context.Context, p *plan)
}

func (s *Service) strategy(name Strategy) holder {
	switch name {
	case Pessimistic:
		return alone{s, locked()}
	case Conditional:
		return alone{s, guarded()}
	}
	if h := s.unsafeStrategy(name); h != nil {
		return h
	}
	s.batcher = newBatcher(s)
	return s.batcher
}

// alone is a transaction per request.
type alone struct {
	*Service
	how technique
}

func (a alone) hold(ctx context.Context, p *plan) { a.holdAlone(ctx, a.how, p, nil) }

// aloneTries bounds how often one request runs again after the database refused its transaction.
const aloneTries = 6

// errRaced means that a seat which we picked, or read without a lock, was taken by somebody faster: look again.
var errRaced = errors.New("booking: seats were taken between reading and writing")

// holdAlone runs one request in transactions of its own until one of them has an outcome, each in one of the slots if
// there are any. While somebody else keeps a lock that it needs it waits, keeping none itself and no slot.
func (s *Service) holdAlone(ctx context.Context, how technique, p *plan, slots chan struct{}) {
	var err error
	for try := range aloneTries {
		if slots != nil {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				p.fail(busy(ctx.Err()))
				return
			}
		}
		var done bool
		done, err = s.attempt(ctx, how, p)
		if slots != nil {
			<-slots
		}
		if done {
			return
		}
		if !db.Pause(ctx, try) || (db.IsLockWait(err) && !s.awaitLocks(ctx, p)) {
			break
		}
	}
	p.fail(busy(err))
}

// attempt runs one request in one transaction. done means that it has its outcome; otherwise it may run again, and err
// says what kept it, nil that its seats were raced for.
func (s *Service) attempt(ctx context.Context, how technique, p *plan) (done bool, err error) {
	err = s.holdTogether(ctx, how, []*plan{p})
	switch {
	case err == nil:
		return !errors.Is(p.err, errRaced), nil
	case db.IsDuplicate(err):
		s.lookUp(ctx, p, err)
		return true, nil
	case !again(err):
		p.fail(err)
		return true, nil
	}
	return false, err
}

// again tells whether a failed transaction may be repeated: nothing of it stayed, or what stayed is found by the
// booking's id.
func again(err error) bool {
	return db.Retryable(err) || db.ConnectionLost(err) || errors.Is(err, errRaced)
}

// busy is what a customer is told whose request the database would not take, again and again.
func busy(cause error) error {
	if cause == nil {
		return ErrBusy
	}
	return fmt.Errorf("%w: %w", ErrBusy, cause)
}
