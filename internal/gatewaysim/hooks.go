package gatewaysim

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"pigonair/payment/portone"
)

// webhookTimeout bounds one delivery, connecting and answer included.
const webhookTimeout = 10 * time.Second

// withFault returns the webhooks to store for a new one, after what is chosen
// to go wrong with the payment's webhooks. The caller holds mu.
func (s *Sim) withFault(h hook) []hook {
	switch webhookFault(s.state.faults[h.PaymentID]) {
	case faultDropped:
		return nil
	case faultTwice:
		h.Copies = 2
	case faultAfter:
		h.Due = h.Due.Add(s.cfg.WebhookHold)
	case faultReordered:
		h.Due = h.Due.Add(s.cfg.WebhookHold)
		return append([]hook{h}, s.behind(h)...)
	}
	return []hook{h}
}

// behind puts the payment's waiting webhooks after the new one, the newest first.
func (s *Sim) behind(newest hook) []hook {
	waiting := s.state.hooksOf[newest.PaymentID]
	var moved []hook
	for i, id := range slices.Backward(waiting) {
		h := *s.state.hooks[id]
		h.Due = newest.Due.Add(time.Duration(len(waiting)-i) * time.Millisecond)
		moved = append(moved, h)
	}
	return moved
}

// planHook hands a webhook to the courier when it is due, unless it was put off
// in between.
func (s *Sim) planHook(h hook) {
	s.plan.at(h.Due, func() {
		s.mu.Lock()
		stored := s.state.hooks[h.ID]
		valid := stored != nil && stored.Due.Equal(h.Due)
		s.mu.Unlock()
		if valid {
			s.courier.take(h.PaymentID, h.ID)
		}
	})
}

// deliver sends a webhook once and notes what came of it. The courier calls
// it, for one webhook of a payment at a time.
func (s *Sim) deliver(ctx context.Context, id string) {
	s.mu.Lock()
	stored := s.state.hooks[id]
	s.mu.Unlock()
	if stored == nil || stored.Due.After(s.clock.Now()) {
		return // delivered before, or put off
	}
	h := *stored
	if s.settle() != nil {
		return // nobody may hear of what is not on disk
	}
	err := s.post(ctx, h)
	if ctx.Err() != nil {
		return // stopping: the next run sends it again
	}
	s.mu.Lock()
	s.commit(s.delivered(id, err == nil))
	s.mu.Unlock()
	if err != nil {
		s.cfg.Log.Warn("webhook not delivered", "payment", h.PaymentID, "type", h.Type, "attempt", h.Attempt+1, "error", err)
	}
}

// delivered decides what follows from an attempt: done, once more, later, or
// given up. It goes by what is stored now: meanwhile the webhook may have been
// asked for again. The caller holds mu.
func (s *Sim) delivered(id string, ok bool) change {
	stored := s.state.hooks[id]
	if stored == nil {
		return change{}
	}
	h, now := *stored, s.clock.Now()
	switch {
	case ok && h.Copies > 1:
		h.Copies--
		h.Due = now
	case ok || h.Attempt >= len(s.cfg.WebhookRetries):
		return change{HookDone: id}
	default:
		h.Due = now.Add(s.cfg.WebhookRetries[h.Attempt])
		h.Attempt++
	}
	return change{Hooks: []hook{h}}
}

// statusError is an answer to a webhook that is not 2xx.
type statusError int

// Error names the status.
func (e statusError) Error() string { return "HTTP status " + strconv.Itoa(int(e)) }

// post sends a webhook, signed for this moment.
func (s *Sim) post(ctx context.Context, h hook) error {
	body, err := json.Marshal(portone.WebhookBody{
		Type: h.Type, Timestamp: h.At,
		Data: portone.WebhookData{
			StoreID: s.cfg.StoreID, PaymentID: h.PaymentID, TransactionID: h.TxID, CancellationID: h.CancellationID,
		},
	})
	if err != nil {
		return err
	}
	now := s.clock.Now()
	signature, err := portone.Sign(s.cfg.WebhookSecret, h.ID, now, body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(portone.HeaderWebhookID, h.ID)
	req.Header.Set(portone.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(portone.HeaderWebhookSignature, signature)
	res, err := s.courier.client.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return statusError(res.StatusCode)
	}
	return nil
}

// hookFirst reports which webhook of the change has to be delivered before
// anybody is answered, and a channel that closes after its first attempt. The
// caller holds mu and has not committed yet.
func (s *Sim) hookFirst(c change) <-chan struct{} {
	if c.Payment == nil || len(c.Hooks) == 0 || webhookFault(s.state.faults[c.Payment.ID]) != faultBefore {
		return nil
	}
	return s.courier.watch(c.Hooks[0].ID)
}

// await waits for what hookFirst returned.
func (s *Sim) await(delivered <-chan struct{}) {
	if delivered == nil {
		return
	}
	select {
	case <-delivered:
	case <-s.stopping:
	}
}
