package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"pigonair/db"
	"pigonair/payment/portone"
)

// maxWebhook is the longest body that is stored, in bytes; real ones have some 300.
const maxWebhook = 8192

// The pauses before a webhook is worked on again.
const (
	webhookFirstPause = 2 * time.Second
	webhookPause      = 10 * time.Minute
)

// ReceiveWebhook checks and stores a webhook, once however often it comes; it is worked on later. Errors: those of
// portone.Verifier, which mean a forged, stale or unreadable message.
func (s *Service) ReceiveWebhook(ctx context.Context, v *portone.Verifier, header http.Header, body []byte) error {
	hook, err := v.Verify(header, body)
	if err != nil {
		return err
	}
	if len(body) > maxWebhook || len(hook.Type) > 60 || len(hook.PaymentID) > 255 {
		return fmt.Errorf("%w: too long", portone.ErrWebhookBody)
	}
	if !printable(hook.Type) || (hook.PaymentID != "" && !printable(hook.PaymentID)) {
		return fmt.Errorf("%w: odd characters", portone.ErrWebhookBody)
	}
	return s.read.WebhookInsert(ctx, db.WebhookInsertParams{ID: hook.ID, Kind: hook.Type, PaymentID: hook.PaymentID, Body: body})
}

// workWebhook works on a stored webhook. It only says that a payment is worth a look; where that is not possible
// now, it is kept for later: whoever works on the payment may have asked the gateway before this was sent.
func (s *Service) workWebhook(ctx context.Context, hook db.WebhooksDueRow) error {
	err := s.heard(ctx, hook)
	books := context.WithoutCancel(ctx)
	if err == nil || errors.Is(err, errLost) {
		_, err = s.read.WebhookDone(books, hook.ID)
		return err
	}
	pause := min(webhookFirstPause<<min(hook.Tries, 10), webhookPause)
	_, againErr := s.read.WebhookAgain(books, int64(pause/time.Second), hook.ID)
	if errors.Is(err, errBusy) {
		err = nil
	}
	return errors.Join(err, againErr)
}

func (s *Service) heard(ctx context.Context, hook db.WebhooksDueRow) error {
	if hook.PaymentID == "" {
		return nil // about something that we do not use
	}
	a, err := s.attempt(ctx, hook.PaymentID)
	switch {
	case errors.Is(err, ErrNotFound):
		return s.heardOfStranger(ctx, hook.PaymentID)
	case err != nil:
		return err
	case AttemptState(a.State).final() && hook.Kind != portone.EventCancelled && hook.Kind != portone.EventPartialCancelled:
		return nil
	}
	return s.look(ctx, a.ID)
}

func (s *Service) heardOfStranger(ctx context.Context, payment string) error {
	p, err := s.Gateway.Get(ctx, payment)
	if errors.Is(err, portone.ErrNotFound) || errors.Is(err, portone.ErrInvalidRequest) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.stranger(context.WithoutCancel(ctx), p)
}
