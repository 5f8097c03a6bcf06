package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/payment/portone"
)

// maxAttempts is how often one hold may try to pay; attempts that never reached the gateway do not count.
const maxAttempts = 5

// registerWithin bounds the one call that a customer waits for on the way to the gateway.
const registerWithin = 10 * time.Second

// The times of an attempt on its way.
const (
	// forgottenAfter is when a started attempt is looked at for the last time: a consent lives 30 minutes.
	forgottenAfter = 40 * time.Minute
	// automaticWindow is how long a customer has at the gateway of an automatic channel, at least.
	automaticWindow = 10 * time.Minute
	// automaticCheck is when an automatic attempt is looked at first, in case return and webhook are both lost.
	automaticCheck = 30 * time.Second
)

// Start begins an attempt to pay for a member's hold and returns the address of the gateway's page. With manual
// approval the booking stays held, its countdown running; with automatic approval it is paying from now on. The
// amount is the one stored at the hold and is registered with the gateway before the browser goes there. Errors:
// booking.ErrNotFound, booking.ErrExpired, booking.ErrState, booking.ErrCancelled, booking.ErrSalesClosed,
// booking.ErrIncomplete, ErrTooMany, ErrChecking, ErrGatewayAway.
func (s *Service) Start(ctx context.Context, member int64, ref, orderName, customerName string) (string, error) {
	view, err := s.Booking.Get(ctx, member, ref)
	if err != nil {
		return "", err
	}
	a := db.AttemptInsertParams{ID: "pa-" + rand.Text(), BookingID: view.Row.ID, Channel: s.Channel.Name, Approval: string(s.Channel.Approval)}
	err = s.transact(ctx, view.Row.ID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		return s.begin(ctx, tx, l, &a)
	})
	if err != nil {
		return "", fmt.Errorf("payment.Start %s: %w", ref, err)
	}
	if err := s.register(ctx, a); err != nil {
		return "", fmt.Errorf("payment.Start %s: %w", ref, err)
	}
	checkout := portone.Checkout{StoreID: s.StoreID, ChannelKey: s.Channel.Key, PaymentID: a.ID, OrderName: orderName,
		TotalAmount: a.Amount, Currency: a.Currency, PayMethod: s.Channel.Method,
		RedirectURL: s.ReturnURL(a.ID), CustomerName: customerName, Locale: view.Row.Language}
	return checkout.HostedURL(s.CheckoutURL), nil
}

// begin writes the attempt; earlier ones that were never confirmed are left behind, so one is live at a time.
func (s *Service) begin(ctx context.Context, tx *db.Tx, l *booking.Locked, a *db.AttemptInsertParams) error {
	earlier, err := tx.AttemptsOfBooking(ctx, l.Row.ID)
	if err != nil {
		return err
	}
	if err := mayBegin(earlier); err != nil {
		return err
	}
	if err := l.PressedPay(ctx); err != nil {
		return err
	}
	if err := l.Complete(ctx); err != nil {
		return err
	}
	if err := tx.AttemptAbandonLive(ctx, sqlTime(l.Now), l.Row.ID); err != nil {
		return err
	}
	a.AttemptNo, a.Amount, a.Currency, a.CreatedAt = len(earlier)+1, l.Row.Total, booking.Currency, l.Now
	a.State, a.NextCheckAt = string(Started), l.Now.Add(forgottenAfter)
	if s.Channel.Approval == Automatic {
		if err := s.awaitCharge(ctx, l, a, earlier); err != nil {
			return err
		}
	}
	return tx.AttemptInsert(ctx, *a)
}

// mayBegin tells whether earlier attempts leave room for another. Errors: ErrChecking, ErrTooMany.
func mayBegin(earlier []db.PaymentAttempt) error {
	used := 0
	for _, a := range earlier {
		if a.State == string(Confirming) {
			return ErrChecking
		}
		if a.Reason != ReasonGatewayAway {
			used++
		}
	}
	if used >= maxAttempts {
		return ErrTooMany
	}
	return nil
}

// awaitCharge makes the booking paying at the redirect: the gateway may charge at any moment from now on. The
// first automatic attempt of a booking has at least the window's length; "not paid" counts only after that.
func (s *Service) awaitCharge(ctx context.Context, l *booking.Locked, a *db.AttemptInsertParams, earlier []db.PaymentAttempt) error {
	if err := l.BeginPaying(ctx); err != nil {
		return err
	}
	window := l.Row.HeldUntil.Time
	if least := l.Now.Add(automaticWindow); window.Before(least) && !hasAutomatic(earlier) {
		window = least
	}
	a.State, a.TakenAt = string(Confirming), sqlTime(l.Now)
	a.ConfirmEndedAt, a.NextCheckAt = sqlTime(window), l.Now.Add(automaticCheck)
	return nil
}

func hasAutomatic(attempts []db.PaymentAttempt) bool {
	for _, a := range attempts {
		if a.Approval == string(Automatic) && a.Reason != ReasonGatewayAway {
			return true
		}
	}
	return false
}

// register announces the amount to the gateway. Where that fails the customer is never sent there, so the attempt
// is known to be unpaid. Errors: ErrGatewayAway.
func (s *Service) register(ctx context.Context, a db.AttemptInsertParams) error {
	work, cancel := context.WithTimeout(ctx, registerWithin)
	defer cancel()
	err := s.Gateway.PreRegister(work, a.ID, a.Amount, a.Currency)
	if err == nil {
		return nil
	}
	to := Abandoned
	if a.State == string(Confirming) {
		to = Refused
	}
	if endErr := s.end(context.WithoutCancel(ctx), a.BookingID, a.ID, AttemptState(a.State), to, ReasonGatewayAway); endErr != nil {
		s.Log.Error("payment: attempt not ended", "attempt", a.ID, "error", endErr) // the settler ends it
	}
	return errors.Join(ErrGatewayAway, err)
}
