package portone

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook.
const (
	HeaderWebhookID        = "Webhook-Id"
	HeaderWebhookTimestamp = "Webhook-Timestamp"
	HeaderWebhookSignature = "Webhook-Signature"
)

const (
	// WebhookTolerance is how far a webhook's timestamp may be from our clock,
	// either way.
	WebhookTolerance = 300 * time.Second
	// MaxWebhookBody is the longest body, in bytes, that Verifier looks at.
	MaxWebhookBody = 64 << 10

	maxWebhookID  = 255
	maxSignatures = 16
	secretPrefix  = "whsec_"
	schemeV1      = "v1,"
)

// Types of webhooks about payments.
const (
	EventReady            = "Transaction.Ready"
	EventPaid             = "Transaction.Paid"
	EventFailed           = "Transaction.Failed"
	EventCancelled        = "Transaction.Cancelled"
	EventPartialCancelled = "Transaction.PartialCancelled"
)

// Why a webhook is refused.
var (
	// ErrWebhookSecret: a secret that cannot be read; only from NewVerifier and Sign.
	ErrWebhookSecret = errors.New("portone: malformed webhook secret")
	// ErrWebhookHeaders: a header is missing or malformed.
	ErrWebhookHeaders = errors.New("portone: malformed webhook headers")
	// ErrWebhookTime: too old or too far in the future.
	ErrWebhookTime = errors.New("portone: webhook outside the accepted time")
	// ErrWebhookSignature: no signature of ours.
	ErrWebhookSignature = errors.New("portone: webhook signature does not match")
	// ErrWebhookBody: signed, but not readable as a webhook.
	ErrWebhookBody = errors.New("portone: malformed webhook body")
)

// Webhook is a verified message of the gateway. It only says "look": what is
// believed is what Client.Get answers.
type Webhook struct {
	ID             string // unique; the same when the message is sent again
	Type           string // such as EventPaid; unknown types are to be expected
	Timestamp      time.Time
	StoreID        string
	PaymentID      string // set for all types that start with "Transaction."
	TransactionID  string
	CancellationID string
}

// Verifier checks that webhooks come from the gateway. It is safe for
// concurrent use.
type Verifier struct {
	now  func() time.Time
	keys [][]byte
}

// NewVerifier makes a Verifier that accepts each of the secrets, so that one
// can be replaced by another while messages signed with both arrive. Now is
// the clock. Errors: ErrWebhookSecret, also when there is no secret at all.
func NewVerifier(now func() time.Time, secrets ...string) (*Verifier, error) {
	v := &Verifier{now: now}
	for _, secret := range secrets {
		key, err := secretKey(secret)
		if err != nil {
			return nil, err
		}
		v.keys = append(v.keys, key)
	}
	if len(v.keys) == 0 {
		return nil, fmt.Errorf("%w: none given", ErrWebhookSecret)
	}
	return v, nil
}

func secretKey(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("%w: base64 expected", ErrWebhookSecret) // never the secret itself
	}
	return key, nil
}

// Verify checks signature and time, then reads the body. Errors:
// ErrWebhookHeaders, ErrWebhookTime, ErrWebhookSignature, ErrWebhookBody.
func (v *Verifier) Verify(header http.Header, body []byte) (Webhook, error) {
	if err := v.Check(header, body); err != nil {
		return Webhook{}, err
	}
	return parseWebhook(header.Get(HeaderWebhookID), body)
}

// Check verifies signature and time alone. Errors: as Verify, without ErrWebhookBody
// except for a body longer than MaxWebhookBody.
func (v *Verifier) Check(header http.Header, body []byte) error {
	if len(body) > MaxWebhookBody {
		return fmt.Errorf("%w: %d bytes", ErrWebhookBody, len(body))
	}
	id, stamp := header.Get(HeaderWebhookID), header.Get(HeaderWebhookTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !validWebhookID(id) {
		return ErrWebhookHeaders
	}
	if age := v.now().Sub(time.Unix(seconds, 0)); age > WebhookTolerance || age < -WebhookTolerance {
		return ErrWebhookTime
	}
	signatures := strings.Fields(header.Get(HeaderWebhookSignature))
	if len(signatures) == 0 || len(signatures) > maxSignatures {
		return ErrWebhookHeaders
	}
	if !v.signed(signatures, id, stamp, body) {
		return ErrWebhookSignature
	}
	return nil
}

// signed compares every signature with every key's in constant time.
func (v *Verifier) signed(signatures []string, id, stamp string, body []byte) bool {
	match := false
	for _, key := range v.keys {
		want := mac(key, id, stamp, body)
		for _, signature := range signatures {
			encoded, ok := strings.CutPrefix(signature, schemeV1)
			if !ok {
				continue // another scheme, for other receivers
			}
			got, err := base64.StdEncoding.DecodeString(encoded)
			if err == nil && hmac.Equal(got, want) {
				match = true
			}
		}
	}
	return match
}

// mac is HMAC-SHA256 over "id.timestamp.body", as Standard Webhooks defines it.
func mac(key []byte, id, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Sign makes the value of HeaderWebhookSignature for a message that is sent at
// the given time. Errors: ErrWebhookSecret.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := secretKey(secret)
	if err != nil {
		return "", err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	return schemeV1 + base64.StdEncoding.EncodeToString(mac(key, id, stamp, body)), nil
}

// validWebhookID keeps ids printable and short enough for a unique column.
func validWebhookID(id string) bool {
	if id == "" || len(id) > maxWebhookID {
		return false
	}
	for _, r := range id {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}

// WebhookBody is the wire form of a webhook, version 2024-04-25.
type WebhookBody struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      WebhookData `json:"data"`
}

// WebhookData is what a WebhookBody is about.
type WebhookData struct {
	StoreID        string `json:"storeId"`
	PaymentID      string `json:"paymentId"`
	TransactionID  string `json:"transactionId"`
	CancellationID string `json:"cancellationId,omitempty"`
}

func parseWebhook(id string, raw []byte) (Webhook, error) {
	var body WebhookBody
	if err := json.Unmarshal(raw, &body); err != nil {
		return Webhook{}, fmt.Errorf("%w: %w", ErrWebhookBody, err)
	}
	if body.Type == "" {
		return Webhook{}, fmt.Errorf("%w: no type", ErrWebhookBody)
	}
	if strings.HasPrefix(body.Type, "Transaction.") && body.Data.PaymentID == "" {
		return Webhook{}, fmt.Errorf("%w: no payment id", ErrWebhookBody)
	}
	return Webhook{
		ID: id, Type: body.Type, Timestamp: body.Timestamp,
		StoreID: body.Data.StoreID, PaymentID: body.Data.PaymentID,
		TransactionID: body.Data.TransactionID, CancellationID: body.Data.CancellationID,
	}, nil
}
