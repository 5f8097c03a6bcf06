package payment

import (
	"context"
	"fmt"
	"time"

	"pigonair/db"
	"pigonair/payment/portone"
)

// Kinds of findings.
const (
	FindingUndecided   = "undecided"           // nobody can say whether a payment was charged
	FindingNoRow       = "no_row"              // captured money of a payment that we never began
	FindingElsewhere   = "cancelled_elsewhere" // money went back that we did not send: console or chargeback
	FindingRefundStuck = "refund_stuck"        // the gateway will not give back what is owed
	FindingNotCaptured = "not_captured"        // our books have money that the gateway never took
)

// Finding is something about money that the program cannot decide by itself, with what it knows.
type Finding struct {
	PaymentID string
	Kind      string
	Detail    string
	Amount    int64 // won
	FoundAt   time.Time
}

// Findings lists what is open, the oldest first, at most limit.
func (s *Service) Findings(ctx context.Context, limit int) ([]Finding, error) {
	rows, err := s.read.FindingsOpen(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("payment.Findings: %w", err)
	}
	list := make([]Finding, len(rows))
	for i, r := range rows {
		list[i] = Finding{PaymentID: r.PaymentID, Kind: r.Kind, Detail: r.Detail, Amount: r.Amount, FoundAt: r.FoundAt}
	}
	return list, nil
}

// found puts a finding before operators and logs it, once.
func (s *Service) found(ctx context.Context, f Finding) error {
	n, err := s.read.FindingPut(ctx, db.FindingPutParams{PaymentID: f.PaymentID, Kind: f.Kind, Detail: clip(f.Detail), Amount: f.Amount})
	if err == nil && n > 0 {
		s.Log.Error("payment needs an operator", "payment", f.PaymentID, "kind", f.Kind, "detail", f.Detail, "amount", f.Amount)
	}
	return err
}

// compare looks whether the gateway has the money of a payment that is settled in our books, and whether any went
// back without us.
func (s *Service) compare(ctx context.Context, a db.PaymentAttempt, p portone.Payment) error {
	if captured(p) == 0 {
		return s.found(ctx, Finding{PaymentID: a.ID, Kind: FindingNotCaptured, Amount: a.Amount, Detail: fmt.Sprintf("the gateway says %q", p.Status)})
	}
	refunds, err := s.read.RefundsOfAttempts(ctx, []string{a.ID})
	if err != nil {
		return err
	}
	if amount := elsewhere(p, refunds); amount > 0 {
		return s.found(ctx, Finding{PaymentID: a.ID, Kind: FindingElsewhere, Amount: amount,
			Detail: fmt.Sprintf("%s, captured %d, given back %d", p.Status, p.Amount.Total, p.Amount.Cancelled)})
	}
	return nil
}

// elsewhere is how much of a payment was given back by cancellations that are none of our refunds.
func elsewhere(p portone.Payment, refunds []db.Refund) int64 {
	amount := p.Amount.Cancelled
	for _, r := range refunds {
		if traceOf(p, r.ID).done != "" {
			amount -= r.Amount
		}
	}
	return amount
}

// stranger looks at a payment that we have no row for.
func (s *Service) stranger(ctx context.Context, p portone.Payment) error {
	if captured(p) == 0 {
		return nil
	}
	return s.found(ctx, Finding{PaymentID: clip(p.ID), Kind: FindingNoRow, Amount: p.Amount.Total - p.Amount.Cancelled,
		Detail: fmt.Sprintf("%s %s, order %q, paid %s", p.Status, p.Currency, clip(p.OrderName), p.PaidAt.Format(time.RFC3339))})
}
