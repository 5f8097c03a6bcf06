package payment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"pigonair/payment/portone"
)

// message is a signed webhook.
type message struct {
	header http.Header
	body   []byte
}

// webhook makes a message as the gateway signs it now.
func (h *house) webhook(id, kind, payment string) message {
	h.T.Helper()
	body, err := json.Marshal(portone.WebhookBody{Type: kind, Timestamp: h.clock.Now(), Data: portone.WebhookData{StoreID: storeID, PaymentID: payment}})
	if err != nil {
		h.T.Fatal(err)
	}
	return h.signed(id, h.clock.Now(), body)
}

func (h *house) signed(id string, at time.Time, body []byte) message {
	h.T.Helper()
	signature, err := portone.Sign(webhookSecret, id, at, body)
	if err != nil {
		h.T.Fatal(err)
	}
	header := http.Header{}
	header.Set(portone.HeaderWebhookID, id)
	header.Set(portone.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(portone.HeaderWebhookSignature, signature)
	return message{header, body}
}

// deliver hands a message to the process and has it worked on.
func (p *process) deliver(m message) error {
	verifier, err := portone.NewVerifier(p.h.clock.Now, webhookSecret)
	if err != nil {
		return err
	}
	return p.ReceiveWebhook(context.Background(), verifier, m.header, m.body)
}

// hear delivers a webhook about a payment and works on it.
func (p *process) hear(kind, payment string) {
	p.h.T.Helper()
	if err := p.deliver(p.h.webhook(fmt.Sprintf("wh-%d", p.h.clock.Now().UnixNano()), kind, payment)); err != nil {
		p.h.T.Fatal(err)
	}
	p.settle()
}

// receive serves the shop's webhook address for the simulator.
func (h *house) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = h.process.deliver(message{r.Header, body})
	}
	if err != nil {
		h.T.Errorf("webhook: %v", err)
		http.Error(w, "no", http.StatusInternalServerError)
		return
	}
	var hook portone.WebhookBody
	if err := json.Unmarshal(body, &hook); err != nil {
		h.T.Errorf("webhook: %v", err)
	}
	w.WriteHeader(http.StatusNoContent)
	h.hooks <- portone.Webhook{ID: r.Header.Get(portone.HeaderWebhookID), Type: hook.Type, PaymentID: hook.Data.PaymentID}
}

// awaitHook waits until the simulator has delivered a webhook of a type.
func (h *house) awaitHook(kind string) {
	h.T.Helper()
	for {
		select {
		case hook := <-h.hooks:
			if hook.Type == kind {
				return
			}
		case <-time.After(20 * time.Second):
			h.T.Fatalf("no %s came", kind)
		}
	}
}
