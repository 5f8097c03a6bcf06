// Package payment takes money for bookings and gives it back. It believes only what the gateway answers to our
// own question, never what a browser or a webhook says, and never holds a lock or a transaction across a call.
//
//	started ──► confirming ──► applied               the capture bought the booking
//	   │            ├────────► refused               known to be unpaid
//	   ├─► refused  └────────► refunding             captured, not applied: all of it goes back
//	   └─► abandoned
//
// A capture may also be found for an attempt that is started, refused or abandoned: it buys the booking if that
// is still possible, else all of it goes back. Applied and refunding are final.
package payment

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/payment/portone"
)

// What can stand in the way of paying or cancelling. Errors of package booking come through as they are.
var (
	ErrNotFound     = errors.New("payment: no such payment")
	ErrTooMany      = errors.New("payment: no attempts left for this hold")
	ErrChecking     = errors.New("payment: an earlier attempt is still being checked")
	ErrGatewayAway  = errors.New("payment: the gateway does not answer")
	ErrQuoteChanged = errors.New("payment: the refund is not the one quoted")
)

// Approval says who causes the charge.
type Approval string

// The kinds of approval.
const (
	// Manual: the customer's consent yields a token, and our confirm charges. The default.
	Manual Approval = "manual"
	// Automatic: the customer's consent charges at once, before we know of it.
	Automatic Approval = "automatic"
)

// Channel is one way to pay.
type Channel struct {
	Key      string // at the gateway
	Name     string // ours, such as card
	Method   string // of the request, such as CARD
	Approval Approval
}

// Config is what New needs.
type Config struct {
	Pool    *sql.DB
	IDs     *db.IDs
	Booking *booking.Service
	Gateway *portone.Client
	Channel Channel
	// CheckoutURL is the gateway's hosted page; ReturnURL gives the address to which the browser comes back.
	CheckoutURL string
	ReturnURL   func(attempt string) string
	StoreID     string
	RequireLive bool // production: a payment over a TEST channel is no payment
	// TicketNumber makes a 13-digit ticket number of a serial.
	TicketNumber func(serial int64) string
	// Bought is told, after the commit, that a member's seats of a sale are paid for.
	Bought func(sale, member int64)
	Log    *slog.Logger
}

// Service takes payments and gives refunds. Safe for concurrent use.
type Service struct {
	Config
	read *db.Queries
}

// New returns the service.
func New(c Config) *Service {
	if c.Channel.Approval == "" {
		c.Channel.Approval = Manual
	}
	return &Service{Config: c, read: db.New(c.Pool)}
}

// AttemptState is where an attempt stands.
type AttemptState string

// The states of an attempt.
const (
	Started    AttemptState = "started"    // the customer is at the gateway; nothing is charged unless late or by mistake
	Confirming AttemptState = "confirming" // the charge may happen or have happened; the outcome is not known yet
	Applied    AttemptState = "applied"    // it bought the booking
	Refused    AttemptState = "refused"    // known to be unpaid
	Refunding  AttemptState = "refunding"  // captured, not applied: all of it goes back
	Abandoned  AttemptState = "abandoned"  // left for another attempt, or never gone through with
)

// final tells whether the gateway's answers can no longer change what an attempt is.
func (s AttemptState) final() bool { return s == Applied || s == Refunding }

// Outcome is how an attempt stands, for the page that the customer comes back to.
type Outcome struct {
	Ref    string
	State  AttemptState
	Reason string // why it was refused or given back: one of the Reason constants, or the gateway's words
}

// Reasons of ours, as codes; pages have words for them.
const (
	ReasonDeclined        = "declined"         // refused without a word why
	ReasonToken           = "token"            // the consent had run out
	ReasonSeatsLost       = "seats_lost"       // the hold ran out and its seats, or their quota, have gone
	ReasonTravellers      = "travellers"       // a traveller is on the flight by another booking
	ReasonSalesClosed     = "sales_closed"     // the flight's cut-off has passed
	ReasonFlightCancelled = "flight_cancelled" // by the airline
	ReasonPaidOtherwise   = "paid_otherwise"   // another attempt bought the booking, or is just doing so
	ReasonMismatch        = "mismatch"         // not the amount, currency, channel or total that we asked for
	ReasonGatewayAway     = "gateway_away"     // the customer was never sent to the gateway
)

// Outcome reads an attempt. Errors: ErrNotFound.
func (s *Service) Outcome(ctx context.Context, attempt string) (Outcome, error) {
	a, err := s.attempt(ctx, attempt)
	if err != nil {
		return Outcome{}, err
	}
	b, err := s.read.BookingGet(ctx, a.BookingID)
	return Outcome{Ref: b.Ref, State: AttemptState(a.State), Reason: a.Reason}, err
}

// Last is how a booking's newest attempt stands; the zero Outcome when there was none.
func (s *Service) Last(ctx context.Context, bookingID int64) (Outcome, error) {
	attempts, err := s.read.AttemptsOfBooking(ctx, bookingID)
	if err != nil || len(attempts) == 0 {
		return Outcome{}, err
	}
	last := attempts[len(attempts)-1]
	return Outcome{State: AttemptState(last.State), Reason: last.Reason}, nil
}

// attempt reads an attempt's row. Errors: ErrNotFound.
func (s *Service) attempt(ctx context.Context, id string) (db.PaymentAttempt, error) {
	if !printable(id) {
		return db.PaymentAttempt{}, ErrNotFound // the database refuses to compare such letters with our ids
	}
	a, err := s.read.AttemptGet(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return a, ErrNotFound
	}
	return a, err
}

// transact locks a booking and runs do in that transaction.
func (s *Service) transact(ctx context.Context, bookingID int64, do func(context.Context, *db.Tx, *booking.Locked) error) error {
	// READ COMMITTED: after a lock wait the rows must be those that the one before us committed.
	return db.Transact(ctx, s.Pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		l, err := s.Booking.Lock(ctx, tx, bookingID)
		if err != nil {
			return err
		}
		return do(ctx, tx, l)
	})
}

// one turns a guarded write that changed nothing into an error that rolls back.
func one(n int64, err error) error {
	if err == nil && n != 1 {
		return errLost
	}
	return err
}

// errLost means that somebody else moved the row on first; what they did stands.
var errLost = errors.New("payment: another process was first")

func sqlTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: true} }

// clip keeps a gateway's words within a column.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 250 {
		return string(runes[:250])
	}
	return text
}
