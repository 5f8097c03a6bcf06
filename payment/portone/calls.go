package portone

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// PageSize is how many payments List asks for at a time.
const PageSize = 100

// Requester says who wanted a cancellation.
type Requester string

// Who may ask for a cancellation.
const (
	RequesterCustomer Requester = "CUSTOMER"
	RequesterAdmin    Requester = "ADMIN"
)

// Get reads what the gateway says of a payment; it is the only thing to
// believe. Errors: ErrNotFound, ErrUnauthorized, ErrNotSent, ErrUnknownOutcome.
func (c *Client) Get(ctx context.Context, paymentID string) (Payment, error) {
	k, err := paymentCall("get", http.MethodGet, paymentID, "")
	if err != nil {
		return Payment{}, err
	}
	k.query = url.Values{"storeId": {c.storeID}}
	var p Payment
	if err := c.do(ctx, k, &p); err != nil {
		return Payment{}, err
	}
	if p.ID == "" || p.Status == "" {
		return Payment{}, fmt.Errorf("portone: %s: %w: the answer is no payment", k.op, ErrUnknownOutcome)
	}
	return p, nil
}

// PreRegister tells the gateway the amount of a payment before the customer is
// sent there, so that a request with another amount is refused. Amount is in
// the currency's smallest unit. Errors: ErrInvalidRequest, ErrAlreadyPaid,
// ErrUnauthorized, ErrNotSent, ErrUnknownOutcome.
func (c *Client) PreRegister(ctx context.Context, paymentID string, amount int64, currency string) error {
	k, err := paymentCall("pre-register", http.MethodPost, paymentID, "/pre-register")
	if err != nil {
		return err
	}
	if amount <= 0 || currency == "" {
		return fmt.Errorf("portone: %s: %w: amount %d %s", k.op, ErrInvalidRequest, amount, currency)
	}
	k.body = map[string]any{"storeId": c.storeID, "totalAmount": amount, "currency": currency}
	return c.do(ctx, k, nil)
}

// ConfirmRequest approves a payment that the customer has authorised.
type ConfirmRequest struct {
	PaymentToken string `json:"paymentToken"`
	TxID         string `json:"txId,omitempty"`
	Currency     string `json:"currency"`
	TotalAmount  int64  `json:"totalAmount"` // must be more than 0
	// IsTest, unless nil, has to match the channel: false makes the gateway
	// itself refuse a payment of a TEST channel.
	IsTest      *bool `json:"isTest,omitempty"`
	SkipWebhook bool  `json:"skipWebhook,omitempty"`
}

// Confirmation is the answer to an approval that took effect.
type Confirmation struct {
	PGTxID string    `json:"pgTxId"`
	PaidAt time.Time `json:"paidAt"`
}

// Confirm charges the customer. The idempotency key (16–256 letters, digits,
// "-" or "_") is kept by the gateway for three hours. Errors:
// ErrInvalidRequest, ErrNotFound, ErrInvalidToken, ErrMismatch, ErrAlreadyPaid,
// ErrOutstanding, ErrUnauthorized, ErrNotSent, ErrUnknownOutcome (with
// ErrProvider when the card company reported a failure).
func (c *Client) Confirm(ctx context.Context, paymentID string, r ConfirmRequest, key string) (Confirmation, error) {
	k, err := keyedCall("confirm", paymentID, "/confirm", key)
	if err != nil {
		return Confirmation{}, err
	}
	if r.PaymentToken == "" || r.TotalAmount <= 0 || r.Currency == "" {
		return Confirmation{}, fmt.Errorf("portone: %s: %w: token, amount and currency are needed", k.op, ErrInvalidRequest)
	}
	k.body = struct {
		StoreID string `json:"storeId"`
		ConfirmRequest
	}{c.storeID, r}
	var done Confirmation
	if err := c.do(ctx, k, &done); err != nil {
		return Confirmation{}, err
	}
	if done.PaidAt.IsZero() {
		return Confirmation{}, fmt.Errorf("portone: %s: %w: the answer has no time of payment", k.op, ErrUnknownOutcome)
	}
	return done, nil
}

// CancelRequest gives back all or part of a payment.
type CancelRequest struct {
	// Reason is stored with the cancellation and comes back with Get.
	Reason string `json:"reason"`
	// Amount to give back, more than 0. The protocol would take a missing
	// amount for "everything"; here everything has to be said as a number.
	Amount int64 `json:"amount"`
	// CurrentCancellableAmount is Payment.Cancellable as just read; the gateway
	// refuses (ErrAmountBroken) when it has changed since.
	CurrentCancellableAmount int64     `json:"currentCancellableAmount"`
	Requester                Requester `json:"requester,omitempty"`
	SkipWebhook              bool      `json:"skipWebhook,omitempty"`
}

func (r CancelRequest) valid() bool {
	return r.Reason != "" && r.Amount > 0 && r.Amount <= r.CurrentCancellableAmount
}

// Cancel gives money back. The idempotency key is as for Confirm. The answer's
// Status says whether it succeeded; anything else is to be looked up with Get.
// Errors: ErrInvalidRequest, ErrNotFound, ErrNotPaid, ErrAlreadyCancelled,
// ErrAmountBroken, ErrAmountExceeded, ErrOutstanding, ErrUnauthorized,
// ErrNotSent, ErrUnknownOutcome (with ErrProvider when the bank reported a failure).
func (c *Client) Cancel(ctx context.Context, paymentID string, r CancelRequest, key string) (Cancellation, error) {
	k, err := keyedCall("cancel", paymentID, "/cancel", key)
	if err != nil {
		return Cancellation{}, err
	}
	if !r.valid() {
		return Cancellation{}, fmt.Errorf("portone: %s: %w: reason and an amount of 1 to %d are needed, got %d",
			k.op, ErrInvalidRequest, r.CurrentCancellableAmount, r.Amount)
	}
	k.body = struct {
		StoreID string `json:"storeId"`
		CancelRequest
	}{c.storeID, r}
	var answer struct {
		Cancellation Cancellation `json:"cancellation"`
	}
	if err := c.do(ctx, k, &answer); err != nil {
		return Cancellation{}, err
	}
	if answer.Cancellation.ID == "" || answer.Cancellation.Status == "" {
		return Cancellation{}, fmt.Errorf("portone: %s: %w: the answer is no cancellation", k.op, ErrUnknownOutcome)
	}
	return answer.Cancellation, nil
}

// Page is a part of the gateway's list of payments.
type Page struct {
	Payments []Payment
	// Next is the cursor of the following page; empty after the last.
	Next string
}

// List reads the payments that were requested between from and until, oldest
// first, PageSize at a time. Start with an empty cursor, go on with Page.Next.
// Errors: ErrUnauthorized, ErrInvalidRequest, ErrNotSent, ErrUnknownOutcome.
func (c *Client) List(ctx context.Context, from, until time.Time, cursor string) (Page, error) {
	ask, err := json.Marshal(struct {
		StoreID string    `json:"storeId"`
		From    time.Time `json:"from"`
		Until   time.Time `json:"until"`
		Cursor  string    `json:"cursor,omitempty"`
		Size    int       `json:"size"`
	}{c.storeID, from.UTC(), until.UTC(), cursor, PageSize})
	if err != nil {
		return Page{}, fmt.Errorf("portone: list: %w: %w", ErrInvalidRequest, err)
	}
	k := call{
		op: "list", method: http.MethodGet, path: "/payments-by-cursor",
		query: url.Values{"requestBody": {string(ask)}}, limit: pageLimit,
	}
	var answer struct {
		Items []struct {
			Payment Payment `json:"payment"`
			Cursor  string  `json:"cursor"`
		} `json:"items"`
	}
	if err := c.do(ctx, k, &answer); err != nil {
		return Page{}, err
	}
	page := Page{Payments: make([]Payment, len(answer.Items))}
	for i, item := range answer.Items {
		page.Payments[i] = item.Payment
	}
	if len(answer.Items) >= PageSize {
		page.Next = answer.Items[len(answer.Items)-1].Cursor
	}
	return page, nil
}

// ResendWebhook asks the gateway to send a payment's webhook again: the one
// with webhookID, or the latest when that is empty. Errors: ErrNotFound,
// ErrUnauthorized, ErrNotSent, ErrUnknownOutcome.
func (c *Client) ResendWebhook(ctx context.Context, paymentID, webhookID string) error {
	k, err := paymentCall("resend-webhook", http.MethodPost, paymentID, "/resend-webhook")
	if err != nil {
		return err
	}
	body := map[string]string{"storeId": c.storeID}
	if webhookID != "" {
		body["webhookId"] = webhookID
	}
	k.body = body
	return c.do(ctx, k, nil)
}

// paymentCall addresses a call to one payment.
func paymentCall(op, method, paymentID, suffix string) (call, error) {
	// These three would become another path.
	if paymentID == "" || paymentID == "." || paymentID == ".." {
		return call{}, fmt.Errorf("portone: %s: %w: payment id %q", op, ErrInvalidRequest, paymentID)
	}
	return call{
		op: op + " " + paymentID, method: method,
		path: "/payments/" + url.PathEscape(paymentID) + suffix, limit: answerLimit,
	}, nil
}

// keyedCall is a paymentCall that moves money, so that it needs a key.
func keyedCall(op, paymentID, suffix, key string) (call, error) {
	k, err := paymentCall(op, http.MethodPost, paymentID, suffix)
	if err != nil {
		return call{}, err
	}
	if !ValidIdempotencyKey(key) {
		return call{}, fmt.Errorf("portone: %s: %w: malformed idempotency key", k.op, ErrInvalidRequest)
	}
	k.key = key
	return k, nil
}

// ValidIdempotencyKey reports whether key has 16 to 256 letters, digits, "-"
// and "_".
func ValidIdempotencyKey(key string) bool {
	if len(key) < 16 || len(key) > 256 {
		return false
	}
	for _, r := range key {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
