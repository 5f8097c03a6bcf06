package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/outbox"
	"pigonair/payment/portone"
)

// The states of a refund.
const (
	refundPending = "pending"
	refundStuck   = "stuck" // before an operator, and tried slowly
	refundDone    = "done"
)

// stuckAfter is how often the gateway may refuse a refund before operators hear of it. A gateway that is away
// refuses nothing.
const stuckAfter = 8

// The pauses between two tries of a refund: doubled each time within the bounds; a stuck one waits longer.
const (
	refundFirstPause = 2 * time.Second
	refundPause      = 10 * time.Minute
	refundStuckPause = time.Hour
)

// sendRefund gives one refund's money back. Before every send it looks for the refund's id among the gateway's
// cancellations: a send whose answer was lost must not become a second one. The claim is that of the payment, so
// one refund of it is under way at a time. Errors: errBusy, or the database's.
func (s *Service) sendRefund(ctx context.Context, id string) error {
	r, err := s.read.RefundGet(ctx, id)
	if err != nil {
		return err
	}
	c, err := s.claim(context.WithoutCancel(ctx), r.AttemptID)
	if err != nil {
		return err
	}
	work, books, cancel := working(ctx)
	defer cancel()
	defer s.release(books, c)
	if r, err = s.read.RefundGet(books, id); err != nil || r.State == refundDone {
		return err
	}
	return s.giveBack(work, books, c, r)
}

// giveBack is sendRefund under the claim, with the refund as it is now.
func (s *Service) giveBack(work, books context.Context, c *claim, r db.Refund) error {
	p, err := s.Gateway.Get(work, r.AttemptID)
	if err != nil {
		return s.refundAgain(books, r, err)
	}
	trace := traceOf(p, r.ID)
	switch {
	case trace.done != "":
		return s.refundDone(books, c, r, trace.done)
	case trace.under:
		return s.refundAgain(books, r, errUnderWay)
	case !addsUp(p):
		return s.refundAgain(books, r, errAddsUp)
	case p.Cancellable() < r.Amount:
		return s.refundShort(books, r, p)
	}
	done, err := s.Gateway.Cancel(work, r.AttemptID, portone.CancelRequest{Reason: r.Cause + " " + mark(r.ID), Amount: r.Amount,
		CurrentCancellableAmount: p.Cancellable()}, refundKey(r, p, trace))
	switch {
	case err != nil:
		return s.refundAgain(books, r, err)
	case done.Status == portone.CancellationSucceeded:
		return s.refundDone(books, c, r, done.ID)
	}
	return s.refundAgain(books, r, errUnderWay)
}

// errUnderWay means that the gateway works on a refund and has not finished.
var errUnderWay = errors.New("payment: the gateway has not finished this refund")

// errAddsUp means that the cancellations which the gateway lists are not what it says was given back: ours may be
// among those that it does not show.
var errAddsUp = errors.New("payment: the gateway's cancellations do not add up")

func addsUp(p portone.Payment) bool {
	left := p.Amount.Cancelled
	for _, c := range p.Cancellations {
		if c.Status == portone.CancellationSucceeded {
			left -= c.TotalAmount
		}
	}
	return left == 0
}

// refundKey is the same for every send that may still be under way. What was refused for good, or met another
// amount than it was told, is finished: it stands in the payment or can no longer succeed.
func refundKey(r db.Refund, p portone.Payment, t trace) string {
	return fmt.Sprintf("refund-%s-%d-%d", r.ID, p.Cancellable(), t.failed)
}

// mark is how a refund is known in a cancellation's reason.
func mark(refund string) string { return "[" + refund + "]" }

// trace is what a payment's cancellations tell of one refund.
type trace struct {
	done   string // the gateway's id of the cancellation that took effect
	under  bool   // one is under way
	failed int    // so many were refused
}

func traceOf(p portone.Payment, refund string) trace {
	var t trace
	for _, c := range p.Cancellations {
		if !strings.Contains(c.Reason, mark(refund)) {
			continue
		}
		switch c.Status {
		case portone.CancellationSucceeded:
			t.done = c.ID
		case portone.CancellationFailed:
			t.failed++
		default:
			t.under = true
		}
	}
	return t
}

// refundAgain plans another try. Only what the gateway refused counts towards stuck.
func (s *Service) refundAgain(ctx context.Context, r db.Refund, cause error) error {
	again := db.RefundAgainParams{ToState: r.State, Refusals: r.Refusals, LastError: clip(cause.Error()), ID: r.ID}
	if refusedRefund(cause) {
		again.Refusals++
	}
	pause := min(refundFirstPause<<min(r.Tries, 10), refundPause)
	if again.Refusals >= stuckAfter {
		again.ToState, pause = refundStuck, refundStuckPause
	}
	again.Seconds = int64(pause / time.Second)
	s.Log.Warn("refund not done yet", "refund", r.ID, "tries", r.Tries+1, "error", cause)
	if _, err := s.read.RefundAgain(ctx, again); err != nil || again.ToState != refundStuck {
		return err
	}
	return s.found(ctx, Finding{PaymentID: r.AttemptID, Kind: FindingRefundStuck, Detail: r.ID + ": " + again.LastError, Amount: r.Amount})
}

// refusedRefund tells whether the gateway or the bank said no, rather than nothing.
func refusedRefund(err error) bool {
	for _, silent := range []error{portone.ErrNotSent, portone.ErrOutstanding, portone.ErrTooManyRequests, errUnderWay} {
		if errors.Is(err, silent) {
			return false
		}
	}
	return errors.Is(err, portone.ErrProvider) || !errors.Is(err, portone.ErrUnknownOutcome)
}

// refundShort stops where less can be given back than is owed: somebody cancelled in the gateway's console, or the
// card company took the money back. An operator decides.
func (s *Service) refundShort(ctx context.Context, r db.Refund, p portone.Payment) error {
	again := db.RefundAgainParams{ToState: refundStuck, Refusals: r.Refusals + 1, Seconds: int64(refundStuckPause / time.Second), ID: r.ID,
		LastError: fmt.Sprintf("%d owed, %d can still be given back", r.Amount, p.Cancellable())}
	if _, err := s.read.RefundAgain(ctx, again); err != nil {
		return err
	}
	return s.found(ctx, Finding{PaymentID: r.AttemptID, Kind: FindingRefundStuck, Detail: r.ID + ": " + again.LastError, Amount: r.Amount})
}

// refundDone records that the money is on its way, tells the customer, and notes it in the booking's story.
func (s *Service) refundDone(ctx context.Context, c *claim, r db.Refund, gatewayID string) error {
	message, err := s.IDs.Next(ctx, db.OutboxIDs)
	if err != nil {
		return err
	}
	err = s.transact(ctx, c.BookingID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		n, err := tx.RefundDone(ctx, clip(gatewayID), r.ID)
		if err != nil || n == 0 {
			return err
		}
		if err := l.Note(ctx, "refunded", r.Cause, r.Amount); err != nil {
			return err
		}
		return outbox.Write(ctx, tx.Queries, message, outbox.Message{Lane: outbox.LaneMail, Kind: outbox.KindMailRefunded, SubjectID: r.ID})
	})
	if err != nil {
		return fmt.Errorf("payment: refund %s: %w", r.ID, err)
	}
	return s.read.FindingSettle(ctx, r.AttemptID, FindingRefundStuck)
}
