// Package handlers turns HTTP into calls of the domain packages, and their results into views. routes.go
// shows every URL, who may call it and through which gate.
package handlers

import (
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"pigonair/booking"
	"pigonair/etickets"
	"pigonair/flights"
	"pigonair/members"
	"pigonair/payment"
	"pigonair/payment/portone"
	"pigonair/sales"
	"pigonair/views/layout"
	"pigonair/waitingroom"
)

// Deps is what the pages work with. All fields are required.
type Deps struct {
	Log      *slog.Logger
	Sessions *scs.SessionManager
	Members  *members.Service
	Airports *flights.Airports
	Layouts  *flights.Layouts
	Flights  *flights.Catalog
	Prices   *sales.Prices
	Sales    *sales.Sales
	Rooms    *waitingroom.Rooms
	Booking  *booking.Service
	Payment  *payment.Service
	Webhooks *portone.Verifier
	Tickets  *etickets.Maker
	Observe  Observer
	// TicketKey is the public key of the bar codes on tickets.
	TicketKey ed25519.PublicKey
	Now       func() time.Time // for what pages show and propose; no rule rests on it
	Site      Settings
}

// Settings are the parts of the configuration that pages need.
type Settings struct {
	BaseURL string // as customers see it, without a slash at the end
	Demo    bool   // a local run: plain cookies, helpers, no limits on loopback
	Seller  layout.Seller
	Gateway string // origin of the gateway's pay page: the browser is sent there by a form
}

// Observer is told of every request that ended; Seconds is the time until the last byte was handed over.
type Observer interface {
	Request(pattern string, status int, seconds float64)
}

// site carries the dependencies; its methods are the handlers.
type site struct {
	Deps
	pages *sharedPages
}

// New returns the public site: every route of routes.go behind the middleware in chain.go.
func New(deps Deps) http.Handler {
	s := &site{Deps: deps, pages: newSharedPages(deps.Now)}
	s.Sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		w.Header().Del("Location") // of an answer that was written already, about a session that could not be kept
		w.Header().Del("Set-Cookie")
		s.fail(w, r, errors.Join(errAway, err))
	}
	return s.router()
}
