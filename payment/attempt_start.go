package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/payment/portone"
)

// Start begins an attempt to pay for a member's hold and returns the address of the gateway's page. The booking
// stays held, its countdown running. The amount is the one stored at the hold and is registered with the
// gateway before the browser goes there. Errors: booking.ErrNotFound, booking.ErrExpired, booking.ErrState,
// booking.ErrCancelled, booking.ErrIncomplete, ErrTooMany, ErrChecking, ErrGatewayAway.
func (s *Service) Start(ctx context.Context, member int64, ref, orderName, customerName string) (string, error) {
	row, err := s.Booking.Get(ctx, member, ref)
	if err != nil {
		return "", err
	}
	attempt := "pa-" + rand.Text()
	err = s.transact(ctx, row.Row.ID, func(ctx context.Context, tx *db.Tx, l *booking.Locked) error {
		return s.begin(ctx, tx, l, attempt)
	})
	if err != nil {
		return "", fmt.Errorf("payment.Start %s: %w", ref, err)
	}
	if err := s.Gateway.PreRegister(ctx, attempt, row.Row.Total, booking.Currency); err != nil {
		return "", fmt.Errorf("payment.Start %s: %w", ref, errors.Join(ErrGatewayAway, err))
	}
	checkout := portone.Checkout{StoreID: s.StoreID, ChannelKey: s.Channel.Key, PaymentID: attempt, OrderName: orderName,
		TotalAmount: row.Row.Total, Currency: booking.Currency, PayMethod: s.Channel.Method,
		RedirectURL: s.ReturnURL(attempt), CustomerName: customerName, Locale: row.Row.Language}
	return checkout.HostedURL(s.CheckoutURL), nil
}

// begin writes the attempt; earlier ones that were never confirmed are left behind, so one is live at a time.
func (s *Service) begin(ctx context.Context, tx *db.Tx, l *booking.Locked, attempt string) error {
	if err := l.PressedPay(ctx); err != nil {
		return err
	}
	if err := l.Complete(ctx); err != nil {
		return err
	}
	earlier, err := tx.AttemptsOfBooking(ctx, l.Row.ID)
	if err != nil {
		return err
	}
	if len(earlier) >= maxAttempts {
		return ErrTooMany
	}
	for _, a := range earlier {
		if a.State == string(Confirming) {
			return ErrChecking
		}
	}
	if err := tx.AttemptAbandonLive(ctx, now(l.Now), l.Row.ID); err != nil {
		return err
	}
	return tx.AttemptInsert(ctx, db.AttemptInsertParams{ID: attempt, BookingID: l.Row.ID, AttemptNo: len(earlier) + 1,
		Channel: s.Channel.Name, Approval: "manual", Amount: l.Row.Total, Currency: booking.Currency,
		LeaseUntil: l.Now, NextCheckAt: l.Now, CreatedAt: l.Now})
}
