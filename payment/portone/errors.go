package portone

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// What a call can come to, by meaning. Every error of Client's methods matches
// (errors.Is) at least one of these.
var (
	// ErrInvalidRequest: the request itself is wrong; nothing was done.
	ErrInvalidRequest = errors.New("the request is invalid")
	// ErrUnauthorized: wrong secret, or a store that the secret may not act for.
	ErrUnauthorized = errors.New("the gateway does not accept our credentials")
	// ErrNotFound: the gateway knows no such payment (or webhook).
	ErrNotFound = errors.New("the gateway knows no such payment")
	// ErrAlreadyPaid: the payment is paid already.
	ErrAlreadyPaid = errors.New("the payment is already paid")
	// ErrInvalidToken: the payment token is wrong, used up or too old; nothing was charged.
	ErrInvalidToken = errors.New("the payment token is not valid")
	// ErrMismatch: amount, currency, transaction or channel type differ from
	// what the gateway has; nothing was charged.
	ErrMismatch = errors.New("the payment's particulars do not match")
	// ErrNotPaid: the payment is not paid, so it cannot be cancelled or believed.
	ErrNotPaid = errors.New("the payment is not paid")
	// ErrAlreadyCancelled: the payment is cancelled.
	ErrAlreadyCancelled = errors.New("the payment is already cancelled")
	// ErrAmountBroken: what can still be cancelled is not what we read before;
	// nothing was cancelled. Read the payment again.
	ErrAmountBroken = errors.New("the cancellable amount has changed")
	// ErrAmountExceeded: more than can still be cancelled; nothing was cancelled.
	ErrAmountExceeded = errors.New("the amount exceeds what can be cancelled")
	// ErrOutstanding: a call with the same idempotency key still runs. Ask again later.
	ErrOutstanding = errors.New("a call with the same idempotency key is still running")
	// ErrTooManyRequests: not carried out; ask again later.
	ErrTooManyRequests = errors.New("the gateway asks to slow down")
	// ErrRefused: refused for a reason without a sentinel here; APIError has it.
	ErrRefused = errors.New("the gateway refused the request")
	// ErrProvider: the gateway passes on a failure of the card company or bank
	// behind it. It always comes with ErrUnknownOutcome: only Get says whether
	// that was a refusal.
	ErrProvider = errors.New("the card company or bank reported a failure")
	// ErrNotSent: the gateway could not be reached; the request never left.
	ErrNotSent = errors.New("the gateway could not be reached")
	// ErrUnknownOutcome: nobody here knows whether the call took effect: time-out,
	// connection lost, 5xx, or an answer that is not the gateway's. Ask again
	// with the same idempotency key, and Get.
	ErrUnknownOutcome = errors.New("the outcome is unknown")
)

// Types of the gateway's error answers.
const (
	TypeInvalidRequest     = "INVALID_REQUEST"
	TypeUnauthorized       = "UNAUTHORIZED"
	TypeForbidden          = "FORBIDDEN"
	TypePaymentNotFound    = "PAYMENT_NOT_FOUND"
	TypeWebhookNotFound    = "WEBHOOK_NOT_FOUND"
	TypeAlreadyPaid        = "ALREADY_PAID"
	TypeInvalidToken       = "INVALID_PAYMENT_TOKEN"
	TypeMismatch           = "INFORMATION_MISMATCH"
	TypeNotPaid            = "PAYMENT_NOT_PAID"
	TypeAlreadyCancelled   = "PAYMENT_ALREADY_CANCELLED"
	TypeAmountBroken       = "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN"
	TypeAmountExceeded     = "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"
	TypeMaxCancelCount     = "MAX_CANCEL_COUNT_REACHED"
	TypeOutstandingRequest = "IDEMPOTENCY_OUTSTANDING_REQUEST"
	TypeProvider           = "PG_PROVIDER"
)

// sentinelOf gives the meaning of an error type.
func sentinelOf(errorType string) error {
	switch errorType {
	case TypeInvalidRequest:
		return ErrInvalidRequest
	case TypeUnauthorized, TypeForbidden:
		return ErrUnauthorized
	case TypePaymentNotFound, TypeWebhookNotFound:
		return ErrNotFound
	case TypeAlreadyPaid:
		return ErrAlreadyPaid
	case TypeInvalidToken:
		return ErrInvalidToken
	case TypeMismatch:
		return ErrMismatch
	case TypeNotPaid:
		return ErrNotPaid
	case TypeAlreadyCancelled:
		return ErrAlreadyCancelled
	case TypeAmountBroken:
		return ErrAmountBroken
	case TypeAmountExceeded:
		return ErrAmountExceeded
	case TypeOutstandingRequest:
		return ErrOutstanding
	default:
		return ErrRefused
	}
}

// APIError is an answer of the gateway that is an error.
type APIError struct {
	Op        string // the call, such as "confirm p-1"
	Status    int    // HTTP status
	Type      string // such as ALREADY_PAID; empty when the answer named none
	Message   string // the gateway's words, for operators
	PGCode    string // the card company's or bank's code, if it was theirs
	PGMessage string // and its words
	meaning   []error
}

// Error names the call, the status and the gateway's reason.
func (e *APIError) Error() string {
	text := fmt.Sprintf("portone: %s: HTTP %d %s", e.Op, e.Status, e.Type)
	if e.Message != "" {
		text += " (" + e.Message + ")"
	}
	return text
}

// Unwrap gives the sentinels that the answer means.
func (e *APIError) Unwrap() []error { return e.meaning }

// errorBody is the wire form of an error answer.
type errorBody struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	PGCode    string `json:"pgCode"`
	PGMessage string `json:"pgMessage"`
}

func newAPIError(op string, status int, raw []byte) *APIError {
	var body errorBody
	if json.Unmarshal(raw, &body) != nil {
		body = errorBody{} // some proxy's page: its content is nobody's word
	}
	e := &APIError{
		Op: op, Status: status, Type: canonicalType(body.Type),
		Message: clip(body.Message), PGCode: clip(body.PGCode), PGMessage: clip(body.PGMessage),
	}
	e.meaning = meaning(status, e.Type)
	return e
}

// meaning reads status and type together. A refusal counts as one only when
// the gateway itself says so: a 404 or 403 without a type comes from something
// in between and proves nothing.
func meaning(status int, errorType string) []error {
	switch {
	case status == http.StatusUnauthorized:
		return []error{ErrUnauthorized}
	case status == http.StatusTooManyRequests:
		return []error{ErrTooManyRequests}
	case errorType == TypeProvider:
		return []error{ErrUnknownOutcome, ErrProvider}
	case status < 400 || status > 499 || status == http.StatusRequestTimeout || errorType == "":
		return []error{ErrUnknownOutcome}
	default:
		return []error{sentinelOf(errorType)}
	}
}

// canonicalType accepts an error's type in both of its published spellings:
// ALREADY_PAID on the wire, AlreadyPaidError as the schema's name.
func canonicalType(name string) string {
	if strings.ToUpper(name) == name {
		return clip(name)
	}
	var b strings.Builder
	for i, r := range strings.TrimSuffix(name, "Error") {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return clip(b.String())
}

// clip keeps foreign text short enough for logs and columns.
func clip(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
