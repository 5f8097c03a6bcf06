package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
	"pigonair/payment/portone"
)

// Reconcile walks the gateway's own list of the payments requested in a stretch of time and compares each with our
// row: a capture that nobody told us of is settled as if its webhook had come; what has no row, or went back
// without us, goes before an operator. The errors of single payments do not keep it from the others.
func (s *Service) Reconcile(ctx context.Context, from, until time.Time) error {
	var failed []error
	err := s.walk(ctx, from, until, func(p portone.Payment, a *db.PaymentAttempt, refunds []db.Refund) {
		if err := s.reconcile(ctx, p, a, refunds); err != nil && !harmless(err) {
			failed = append(failed, err)
		}
	})
	if err := errors.Join(append(failed, err)...); err != nil {
		return fmt.Errorf("payment.Reconcile: %w", err)
	}
	return nil
}

// reconcile looks again where the list and our row do not fit: the list may be older than the row.
func (s *Service) reconcile(ctx context.Context, p portone.Payment, a *db.PaymentAttempt, refunds []db.Refund) error {
	if a == nil {
		return s.stranger(ctx, p)
	}
	fits := captured(p) == 0
	if AttemptState(a.State).final() {
		fits = captured(p) > 0 && elsewhere(p, refunds) == 0
	}
	if fits {
		return nil
	}
	return s.look(ctx, a.ID)
}

// walk visits the payments of the gateway's list, each with our row and refunds where there are any.
func (s *Service) walk(ctx context.Context, from, until time.Time, visit func(portone.Payment, *db.PaymentAttempt, []db.Refund)) error {
	for cursor := ""; ; {
		page, err := s.Gateway.List(ctx, from, until, cursor)
		if err != nil {
			return err
		}
		if err := s.visitPage(ctx, page.Payments, visit); err != nil {
			return err
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

func (s *Service) visitPage(ctx context.Context, payments []portone.Payment, visit func(portone.Payment, *db.PaymentAttempt, []db.Refund)) error {
	if len(payments) == 0 {
		return nil
	}
	ids := make([]string, len(payments))
	for i, p := range payments {
		ids[i] = p.ID
	}
	attempts, err := s.read.AttemptsByIDs(ctx, ids)
	if err != nil {
		return err
	}
	refunds, err := s.read.RefundsOfAttempts(ctx, ids)
	if err != nil {
		return err
	}
	rows := map[string]*db.PaymentAttempt{}
	for i := range attempts {
		rows[attempts[i].ID] = &attempts[i]
	}
	owed := map[string][]db.Refund{}
	for _, r := range refunds {
		owed[r.AttemptID] = append(owed[r.AttemptID], r)
	}
	for _, p := range payments {
		visit(p, rows[p.ID], owed[p.ID])
	}
	return nil
}
