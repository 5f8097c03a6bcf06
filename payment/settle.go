package payment

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"pigonair/db"
	"pigonair/payment/portone"
)

// notPaidAfter is how long after the last confirm ended a "not paid" counts, and notPaidTwice how often it must
// have been said.
const (
	notPaidAfter = 90 * time.Second
	notPaidTwice = 2
)

// batch is how many due rows one round takes.
const batch = 50

// Settler finishes what a request left open: attempts of unknown outcome, refunds, stored webhooks. Any number
// of them may run side by side; leases keep them apart.
type Settler struct {
	s      *Service
	every  time.Duration
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// NewSettler returns a settler that looks for work every interval.
func NewSettler(s *Service, every time.Duration) *Settler { return &Settler{s: s, every: every} }

// Start begins the rounds and returns at once.
func (t *Settler) Start(ctx context.Context) error {
	ctx, t.cancel = context.WithCancel(context.WithoutCancel(ctx))
	t.done.Go(func() {
		tick := time.NewTicker(t.every)
		defer tick.Stop()
		for {
			if err := t.RunOnce(ctx); err != nil && ctx.Err() == nil {
				t.s.Log.Warn("settler", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return nil
}

// Stop ends the rounds; the call under way is given up, and its lease runs out. It may be called twice.
func (t *Settler) Stop() {
	if t.cancel != nil {
		t.cancel()
	}
	t.done.Wait()
}

// RunOnce works on everything that is due now.
func (t *Settler) RunOnce(ctx context.Context) error {
	return errors.Join(t.s.settleAttempts(ctx), t.s.settleWebhooks(ctx), t.s.settleRefunds(ctx))
}

func (s *Service) settleAttempts(ctx context.Context) error {
	due, err := s.read.AttemptsDue(ctx, string(Confirming), batch)
	for _, id := range due {
		err = errors.Join(err, s.settle(ctx, id))
	}
	return err
}

func (s *Service) settleRefunds(ctx context.Context) error {
	due, err := s.read.RefundsDue(ctx, batch)
	for _, id := range due {
		err = errors.Join(err, s.refundDue(ctx, id))
	}
	return err
}

// settleWebhooks works on stored webhooks: each only says that a payment is worth a look.
func (s *Service) settleWebhooks(ctx context.Context) error {
	due, err := s.read.WebhooksDue(ctx, batch)
	for _, hook := range due {
		if lookErr := s.settle(ctx, hook.PaymentID); lookErr != nil && !errors.Is(lookErr, ErrNotFound) {
			_, againErr := s.read.WebhookAgain(ctx, 10, hook.ID)
			err = errors.Join(err, lookErr, againErr)
			continue
		}
		_, doneErr := s.read.WebhookDone(ctx, hook.ID)
		err = errors.Join(err, doneErr)
	}
	return err
}

// settle claims one attempt and finds out what became of it. Errors: ErrNotFound.
func (s *Service) settle(ctx context.Context, id string) error {
	if _, err := s.Outcome(ctx, id); err != nil {
		return err
	}
	n, err := s.read.AttemptLease(ctx, db.AttemptLeaseParams{LeaseOwner: s.owner, Seconds: leaseFor, ID: id})
	if err != nil || n == 0 {
		return err
	}
	a, err := s.read.AttemptGet(ctx, id)
	if err != nil || a.State != string(Confirming) {
		return err
	}
	p, err := s.Gateway.Get(ctx, id)
	switch {
	case err != nil && !errors.Is(err, portone.ErrNotFound):
		return s.later(ctx, a, err)
	case p.Status == portone.StatusPaid:
		return s.apply(ctx, a, p)
	case a.NotPaidSeen == 0:
		// Perhaps the first call never arrived. The same key makes it at most one charge.
		a.NotPaidSeen = 1
		return s.confirm(ctx, a)
	}
	return s.notPaid(ctx, a, p)
}

// notPaid counts how often the gateway said so, and believes it the second time, long enough after the last try.
func (s *Service) notPaid(ctx context.Context, a db.PaymentAttempt, p portone.Payment) error {
	clock, err := s.read.Clock(ctx)
	if err != nil {
		return err
	}
	if !a.ConfirmEndedAt.Valid || clock.Sub(a.ConfirmEndedAt.Time) < notPaidAfter {
		return s.later(ctx, a, nil)
	}
	if a.NotPaidSeen++; a.NotPaidSeen <= notPaidTwice {
		return s.later(ctx, a, nil)
	}
	return s.unpaid(ctx, a, failureOf(p, nil))
}

// ReceiveWebhook checks and stores a webhook; it is worked on later. Errors: those of portone.Verifier, which
// mean a forged or stale message.
func (s *Service) ReceiveWebhook(ctx context.Context, v *portone.Verifier, header http.Header, body []byte) error {
	hook, err := v.Verify(header, body)
	if err != nil {
		return err
	}
	_, err = s.read.WebhookInsert(ctx, db.WebhookInsertParams{ID: hook.ID, Kind: hook.Type, PaymentID: hook.PaymentID, Body: body})
	return err
}
