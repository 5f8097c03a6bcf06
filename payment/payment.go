// Package payment takes money for bookings and gives it back. It believes only what the gateway answers to our
// own question, never what a browser or a webhook says, and never holds a lock or a transaction across a call.
package payment

import (
	"context"
	"crypto/rand"
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

// maxAttempts is how often one hold may try to pay.
const maxAttempts = 5

// leaseFor outlives the longest call to the gateway (its read time-out is 60 s), in seconds.
const leaseFor = 90

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

// Channel is one way to pay.
type Channel struct {
	Key    string // at the gateway
	Name   string // ours, such as card
	Method string // of the request, such as CARD
}

// Service takes payments and gives refunds. Safe for concurrent use.
type Service struct {
	Config
	read  *db.Queries
	owner string // of this process's leases
}

// New returns the service.
func New(c Config) *Service {
	return &Service{Config: c, read: db.New(c.Pool), owner: rand.Text()}
}

// Outcome is how an attempt stands, for the page that the customer comes back to.
type Outcome struct {
	Ref    string
	State  AttemptState
	Reason string // why it was refused, in the gateway's words
}

// AttemptState is where an attempt stands.
type AttemptState string

// The states of an attempt.
const (
	Started    AttemptState = "started"    // the customer is at the gateway; nothing is charged
	Confirming AttemptState = "confirming" // we asked for the charge and do not know the outcome yet
	Applied    AttemptState = "applied"    // it bought the booking
	Refused    AttemptState = "refused"    // known to be unpaid
	Refunding  AttemptState = "refunding"  // captured, not applied: all of it goes back
	Abandoned  AttemptState = "abandoned"  // left for another attempt; never charged
)

// Outcome reads an attempt. Errors: ErrNotFound.
func (s *Service) Outcome(ctx context.Context, attempt string) (Outcome, error) {
	a, err := s.read.AttemptGet(ctx, attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return Outcome{}, ErrNotFound
	}
	if err != nil {
		return Outcome{}, err
	}
	b, err := s.read.BookingGet(ctx, a.BookingID)
	return Outcome{Ref: b.Ref, State: AttemptState(a.State), Reason: a.Reason}, err
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

func now(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: true} }

// Last is how a booking's newest attempt stands; the zero Outcome when there was none.
func (s *Service) Last(ctx context.Context, bookingID int64) (Outcome, error) {
	attempts, err := s.read.AttemptsOfBooking(ctx, bookingID)
	if err != nil || len(attempts) == 0 {
		return Outcome{}, err
	}
	last := attempts[len(attempts)-1]
	return Outcome{State: AttemptState(last.State), Reason: last.Reason}, nil
}
