package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"pigonair/static"
)

// access says who may call a route.
type access int

const (
	// anyone may call it; the handler shows nothing personal.
	anyone access = iota
	// member: logged in, else 303 to /login (GET) or 401 (write).
	member
	// owner: a member whose booking it is; everybody else gets 404. The handler loads the booking by member.
	owner
	// operator: logged in with an operator's role, else 303 to /admin/login or 404.
	operator
)

// session says how much of the session a route touches.
type session int

const (
	// noSession: neither reads nor writes it; the hint cookie drives the header.
	noSession session = iota
	// withSession: loaded before the handler, saved after it.
	withSession
)

// gate is what a write that acquires a seat has to pass.
type gate int

const (
	noGate gate = iota
	// salePass: where the request names a flight of a sale with a waiting room, the sale's pass is required
	// before anything else about the seat is looked at.
	salePass
)

// proof says what shows that a write comes from our own pages.
type proof int

const (
	// sameOrigin: net/http.CrossOriginProtection.
	sameOrigin proof = iota
	// signature: the body is signed by the caller.
	signature
)

// route is one line of the map.
type route struct {
	method, pattern string
	who             access
	session         session
	gate            gate
	proof           proof
	handle          func(*site, http.ResponseWriter, *http.Request) error
}

// routes is the map of the public listener. A test walks the router and fails for a route without a line here.
var routes = []route{
	// Search and flights
	{"GET", "/", anyone, noSession, noGate, sameOrigin, (*site).home},
	{"GET", "/flights", anyone, noSession, noGate, sameOrigin, (*site).flightList},
	{"GET", "/flights/{flight}", anyone, noSession, noGate, sameOrigin, (*site).flightPage},
	{"GET", "/flights/{flight}/seats", anyone, withSession, salePass, sameOrigin, (*site).seatMap},

	// Holds and bookings
	{"POST", "/holds", member, withSession, salePass, sameOrigin, (*site).hold},
	{"GET", "/bookings", member, withSession, noGate, sameOrigin, (*site).trips},
	{"GET", "/bookings/{ref}", owner, withSession, noGate, sameOrigin, (*site).booking},
	{"POST", "/bookings/{ref}/passengers", owner, withSession, noGate, sameOrigin, (*site).passengers},
	{"POST", "/bookings/{ref}/extend", owner, withSession, noGate, sameOrigin, (*site).extend},
	{"POST", "/bookings/{ref}/pay", owner, withSession, noGate, sameOrigin, (*site).pay},
	{"POST", "/bookings/{ref}/cancel", owner, withSession, noGate, sameOrigin, (*site).cancel},
	{"POST", "/bookings/{ref}/change", owner, withSession, salePass, sameOrigin, (*site).change},
	{"GET", "/bookings/{ref}/ticket.pdf", owner, withSession, noGate, sameOrigin, (*site).ticketPDF},
	{"GET", "/bookings/{ref}/calendar.ics", owner, withSession, noGate, sameOrigin, (*site).calendar},
	{"GET", "/find", anyone, withSession, noGate, sameOrigin, (*site).findPage},
	{"POST", "/find", anyone, withSession, noGate, sameOrigin, (*site).find},
	{"GET", "/tickets/verify", anyone, noSession, noGate, sameOrigin, (*site).verifyTicket},

	// From the payment gateway
	{"GET", "/payments/{id}/return", anyone, noSession, noGate, sameOrigin, (*site).paymentReturn},
	{"POST", "/webhooks/portone", anyone, noSession, noGate, signature, (*site).webhook},

	// Members
	{"GET", "/signup", anyone, withSession, noGate, sameOrigin, (*site).signupPage},
	{"POST", "/signup", anyone, withSession, noGate, sameOrigin, (*site).signup},
	{"GET", "/login", anyone, withSession, noGate, sameOrigin, (*site).loginPage},
	{"POST", "/login", anyone, withSession, noGate, sameOrigin, (*site).login},
	{"POST", "/logout", anyone, withSession, noGate, sameOrigin, (*site).logout},
	{"GET", "/verify-email", anyone, withSession, noGate, sameOrigin, (*site).verifyPage},
	{"POST", "/verify-email", anyone, withSession, noGate, sameOrigin, (*site).verifyEmail},
	{"GET", "/password/reset", anyone, withSession, noGate, sameOrigin, (*site).resetPage},
	{"POST", "/password/reset", anyone, withSession, noGate, sameOrigin, (*site).resetPassword},
	{"GET", "/account", member, withSession, noGate, sameOrigin, (*site).accountPage},
	{"POST", "/account", member, withSession, noGate, sameOrigin, (*site).changeAccount},
	{"GET", "/terms", anyone, noSession, noGate, sameOrigin, (*site).terms},
	{"GET", "/privacy", anyone, noSession, noGate, sameOrigin, (*site).privacy},

	// Sales and their waiting rooms
	{"GET", "/sales", anyone, noSession, noGate, sameOrigin, (*site).saleList},
	{"GET", "/sales/{sale}", anyone, withSession, noGate, sameOrigin, (*site).salePage},
	{"POST", "/sales/{sale}/queue", member, withSession, noGate, sameOrigin, (*site).queueJoin},
	{"GET", "/sales/{sale}/queue", anyone, noSession, noGate, sameOrigin, (*site).queuePage},
	{"GET", "/sales/{sale}/queue/status", anyone, noSession, noGate, sameOrigin, (*site).queueStatus},
	{"POST", "/sales/{sale}/queue/leave", member, withSession, noGate, sameOrigin, (*site).queueLeave},
	{"GET", "/sales/{sale}/fairness", anyone, noSession, noGate, sameOrigin, (*site).fairness},

	// Operators
	{"GET", "/admin", operator, withSession, noGate, sameOrigin, (*site).adminSales},
	{"GET", "/admin/sales/{sale}", operator, withSession, noGate, sameOrigin, (*site).adminSale},
	{"POST", "/admin/sales/{sale}/control", operator, withSession, noGate, sameOrigin, (*site).adminSaleControl},

	// Operators' log-in
	{"GET", "/admin/login", anyone, withSession, noGate, sameOrigin, (*site).adminLoginPage},
	{"POST", "/admin/login", anyone, withSession, noGate, sameOrigin, (*site).adminLogin},
}

// router mounts the map behind the middleware.
func (s *site) router() http.Handler {
	r := chi.NewRouter()
	s.chain(r)
	r.Handle("/static/*", static.Handler())
	for _, line := range routes {
		r.Method(line.method, line.pattern, s.serve(line))
	}
	r.NotFound(s.adapt(func(_ *site, _ http.ResponseWriter, _ *http.Request) error { return errNotFound }))
	r.MethodNotAllowed(s.adapt(func(_ *site, w http.ResponseWriter, req *http.Request) error {
		w.Header().Set("Allow", strings.Join(methods(r, req), ", "))
		return errMethod
	}))
	return r
}

// methods lists what a path may be asked with, as an answer 405 has to tell (RFC 9110, 15.5.6).
func methods(router chi.Routes, r *http.Request) []string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if router.Match(chi.NewRouteContext(), method, r.URL.EscapedPath()) {
			allowed = append(allowed, method)
		}
	}
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	return allowed
}

// serve puts a route's own checks around its handler: session, access, gate, in this order.
func (s *site) serve(line route) http.Handler {
	h := http.Handler(s.adapt(line.handle))
	if line.gate == salePass {
		h = s.requirePass(h)
	}
	h = s.require(line.who, h)
	if line.session == withSession {
		h = s.loadSession(h)
	}
	return h
}

// Route is a line of the route map as documents and tests see it.
type Route struct{ Method, Pattern, Access, Proof, Gate string }

// Map is the route map of the public listener.
func Map() []Route {
	names := map[access]string{anyone: "anyone", member: "member", owner: "owner", operator: "operator"}
	proofs := map[proof]string{sameOrigin: "same origin", signature: "signature"}
	gates := map[gate]string{noGate: "", salePass: "sale pass"}
	lines := make([]Route, len(routes))
	for i, r := range routes {
		lines[i] = Route{r.method, r.pattern, names[r.who], proofs[r.proof], gates[r.gate]}
	}
	return lines
}
