package gatewaysim

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"time"

	"pigonair/payment/portone"
)

// commit makes a change happen and plans what follows from it. The caller
// holds mu, and lets nobody outside know before settle said that it is on disk.
func (s *Sim) commit(c change) {
	if c.empty() {
		return
	}
	line, err := json.Marshal(c)
	if err != nil {
		s.journal.fail(err)
		return
	}
	s.journal.append(line)
	s.state.apply(c)
	for _, h := range c.Hooks {
		s.planHook(h)
	}
	if c.Payment != nil && !c.Payment.LateAt.IsZero() {
		s.planLateApproval(c.Payment.ID, c.Payment.LateAt)
	}
}

// settle waits until everything that was committed so far is on disk. Answers
// that only read wait too: what they saw must not be gone after a crash.
func (s *Sim) settle() error { return s.journal.wait(s.journal.last()) }

// token is a random name that cannot be guessed.
func token(prefix string) string { return prefix + rand.Text() }

// capture charges the payment's amount.
func (s *Sim) capture(p payment, now time.Time) change {
	p = p.settled(portone.StatusPaid, now)
	p.PaidAt, p.PGTxID = now, token("pg_")
	p.Amount.Paid = p.Amount.Total
	p.Token, p.TokenAt, p.LateAt = "", time.Time{}, time.Time{}
	p.Failure, p.FailedAt = nil, time.Time{}
	c := change{
		Ledger: []entry{{p.ID, kindCapture, p.Amount.Total, p.Currency, now}},
	}
	return s.told(c, p, portone.EventPaid, "")
}

// fail ends the payment's present attempt without charging.
func (s *Sim) fail(p payment, why portone.Failure, now time.Time) change {
	p = p.settled(portone.StatusFailed, now)
	p.Failure, p.FailedAt = &why, now
	p.Token, p.TokenAt, p.LateAt = "", time.Time{}, time.Time{}
	return s.told(change{}, p, portone.EventFailed, "")
}

// refund gives back amount, which the caller has checked.
func (s *Sim) refund(p payment, amount int64, reason string, now time.Time) (change, portone.Cancellation) {
	done := cancellation(portone.CancellationSucceeded, amount, reason, now)
	status, event := portone.StatusPartialCancelled, portone.EventPartialCancelled
	if amount == p.Cancellable() {
		status, event = portone.StatusCancelled, portone.EventCancelled
	}
	p = p.settled(status, now)
	p.Amount.Cancelled += amount
	p.CancelledAt = now
	p.Cancellations = append(slices.Clone(p.Cancellations), done)
	c := change{Ledger: []entry{{p.ID, kindRefund, amount, p.Currency, now}}}
	return s.told(c, p, event, done.ID), done
}

// refuseRefund notes a cancellation that the bank refused. Its reason stands in
// the payment like that of a successful one.
func refuseRefund(p payment, amount int64, reason string, now time.Time) change {
	p.UpdatedAt = now
	p.Cancellations = append(slices.Clone(p.Cancellations), cancellation(portone.CancellationFailed, amount, reason, now))
	return change{Payment: &p}
}

func cancellation(status portone.CancellationStatus, amount int64, reason string, now time.Time) portone.Cancellation {
	c := portone.Cancellation{
		Status: status, ID: token("cancellation_"), TotalAmount: amount, VATAmount: amount / 11,
		Reason: reason, RequestedAt: now,
	}
	if status == portone.CancellationSucceeded {
		c.PGCancellationID, c.CancelledAt = token("pgc_"), now
	}
	return c
}

// told completes a change with the payment and the webhook that tells of it.
// The caller holds mu.
func (s *Sim) told(c change, p payment, event, cancellationID string) change {
	h := hook{
		ID: token("wh_"), PaymentID: p.ID, Type: event, At: p.UpdatedAt, TxID: p.TransactionID,
		CancellationID: cancellationID, Due: p.UpdatedAt, Copies: 1,
	}
	p.LastHook = &h
	c.Payment = &p
	if s.cfg.WebhookURL != "" {
		c.Hooks = s.withFault(h)
	}
	return c
}

// planLateApproval has "approve later" charge when its time has come.
func (s *Sim) planLateApproval(paymentID string, due time.Time) {
	s.plan.at(due, func() { s.approveLate(paymentID) })
}

// approveLate charges a payment whose customer left, unless something else
// happened to it in between. It does not wait for the disk: whoever tells of
// the charge does, and a crash before that makes it happen again.
func (s *Sim) approveLate(paymentID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	p := s.state.payments[paymentID]
	if p == nil || p.LateAt.IsZero() || p.LateAt.After(now) || !p.open() {
		return
	}
	s.commit(s.capture(*p, now))
	s.cfg.Log.Info("approved late", "payment", paymentID, "amount", p.Amount.Total)
}
