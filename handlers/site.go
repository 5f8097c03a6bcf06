// Package handlers turns HTTP into calls of the domain packages, and their results into views. routes.go
// shows every URL, who may call it and through which gate.
package handlers

import (
	"log/slog"
	"net/http"

	"github.com/alexedwards/scs/v2"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/members"
	"pigonair/payment"
	"pigonair/sales"
	"pigonair/views/layout"
	"pigonair/waitingroom"
)

// Deps is what the pages work with. All fields are required.
type Deps struct {
	Log      *slog.Logger
	Sessions *scs.SessionManager
	Members  *members.Service
	Flights  *flights.Catalog
	Prices   *sales.Prices
	Sales    *sales.Sales
	Rooms    *waitingroom.Rooms
	Booking  *booking.Service
	Payment  *payment.Service
	Observe  Observer
	Site     Settings
}

// Settings are the parts of the configuration that pages need.
type Settings struct {
	BaseURL string // as customers see it, without a slash at the end
	Demo    bool   // a local run: plain cookies, helpers, no limits on loopback
	Seller  layout.Seller
	Airline string // the carrier's code, such as ZP
}

// Observer is told of every request that ended; Seconds is the time until the last byte was handed over.
type Observer interface {
	Request(pattern string, status int, seconds float64)
}

// site carries the dependencies; its methods are the handlers.
type site struct{ Deps }

// New returns the public site: every route of routes.go behind the middleware in chain.go.
func New(deps Deps) http.Handler {
	return (&site{deps}).router()
}
