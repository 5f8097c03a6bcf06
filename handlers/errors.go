package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/members"
	"pigonair/payment"
	"pigonair/sales"
	"pigonair/views/components"
	"pigonair/views/layout"
	"pigonair/views/texts"
	"pigonair/waitingroom"
)

// answer is how an error is shown: a true status and a stable code, whose sentence stands in the catalogues
// under error.CODE.title and error.CODE.text.
type answer struct {
	status int
	code   string
	retry  time.Duration // told as Retry-After where it helps
}

// Errors of the HTTP layer itself.
var (
	errNotFound   = errors.New("not found")
	errMethod     = errors.New("method not allowed")
	errBadRequest = errors.New("bad request")
	errLogin      = errors.New("log-in needed")
	errForbidden  = errors.New("forbidden")
	errOrigin     = errors.New("request from another site")
	errTooLarge   = errors.New("request too large")
	errUnverified = errors.New("the member's e-mail address is not verified")
	errNoSeat     = errors.New("no seat chosen")
	errAway       = errors.New("a server we need is away")
)

// known maps errors to answers; docs/errors.md lists the codes. The first match counts.
var known = []struct {
	err error
	answer
}{
	{errNotFound, answer{http.StatusNotFound, "not_found", 0}},
	{errMethod, answer{http.StatusMethodNotAllowed, "method", 0}},
	{errBadRequest, answer{http.StatusBadRequest, "bad_request", 0}},
	{errLogin, answer{http.StatusUnauthorized, "login", 0}},
	{errForbidden, answer{http.StatusForbidden, "forbidden", 0}},
	{errOrigin, answer{http.StatusForbidden, "origin", 0}},
	{errTooLarge, answer{http.StatusRequestEntityTooLarge, "too_large", 0}},
	{errUnverified, answer{http.StatusForbidden, "unverified", 0}},
	{errNoSeat, answer{http.StatusUnprocessableEntity, "no_seat", 0}},
	{booking.ErrNotFound, answer{http.StatusNotFound, "not_found", 0}},
	{booking.ErrNoFlight, answer{http.StatusNotFound, "not_found", 0}},
	{payment.ErrNotFound, answer{http.StatusNotFound, "not_found", 0}},
	{flights.ErrNotFound, answer{http.StatusNotFound, "not_found", 0}},
	{booking.ErrNoSeat, answer{http.StatusUnprocessableEntity, "no_such_seat", 0}},
	{booking.ErrNoFare, answer{http.StatusUnprocessableEntity, "no_such_fare", 0}},
	{booking.ErrParty, answer{http.StatusUnprocessableEntity, "party", 0}},
	{booking.ErrTwoSales, answer{http.StatusUnprocessableEntity, "two_sales", 0}},
	{booking.ErrKeyReused, answer{http.StatusUnprocessableEntity, "key_reused", 0}},
	{booking.ErrSeatTaken, answer{http.StatusConflict, "seat_taken", 0}},
	{booking.ErrFareSoldOut, answer{http.StatusConflict, "fare_sold_out", 0}},
	{booking.ErrPriceChanged, answer{http.StatusConflict, "price_changed", 0}},
	{booking.ErrSalesClosed, answer{http.StatusConflict, "sales_closed", 0}},
	{booking.ErrCancelled, answer{http.StatusConflict, "flight_cancelled", 0}},
	{booking.ErrLimit, answer{http.StatusConflict, "limit", 0}},
	{booking.ErrRefused, answer{http.StatusConflict, "hold_refused", 0}},
	{booking.ErrOpenHold, answer{http.StatusConflict, "open_hold", 0}},
	{booking.ErrExpired, answer{http.StatusConflict, "expired", 0}},
	{booking.ErrState, answer{http.StatusConflict, "state", 0}},
	{booking.ErrSeatsLost, answer{http.StatusConflict, "expired", 0}},
	{booking.ErrTravellerHere, answer{http.StatusConflict, "traveller_here", 0}},
	{booking.ErrNeedsSeat, answer{http.StatusConflict, "needs_seat", 0}},
	{booking.ErrExitRow, answer{http.StatusConflict, "exit_row", 0}},
	{booking.ErrIncomplete, answer{http.StatusConflict, "incomplete", 0}},
	{booking.ErrBusy, answer{http.StatusServiceUnavailable, "busy", 2 * time.Second}},
	{sales.ErrNoSale, answer{http.StatusNotFound, "not_found", 0}},
	{waitingroom.ErrTooEarly, answer{http.StatusConflict, "too_early", 0}},
	{waitingroom.ErrShut, answer{http.StatusConflict, "line_shut", 0}},
	{waitingroom.ErrNoRoom, answer{http.StatusConflict, "line_shut", 0}},
	{waitingroom.ErrFrozen, answer{http.StatusServiceUnavailable, "line_frozen", 5 * time.Second}},
	{payment.ErrTooMany, answer{http.StatusConflict, "too_many_attempts", 0}},
	{payment.ErrGatewayAway, answer{http.StatusServiceUnavailable, "gateway_away", 10 * time.Second}},
	{errAway, answer{http.StatusServiceUnavailable, "away", 3 * time.Second}},
	{members.ErrAway, answer{http.StatusServiceUnavailable, "away", 3 * time.Second}},
	{context.DeadlineExceeded, answer{http.StatusServiceUnavailable, "away", 3 * time.Second}},
}

// answerTo finds how err is shown: a database that is away as any other server, and what nobody foresaw as a 500 with
// fixed words.
func answerTo(err error) answer {
	for _, k := range known {
		if errors.Is(err, k.err) {
			return k.answer
		}
	}
	if db.ConnectionLost(err) {
		return answer{http.StatusServiceUnavailable, "away", 3 * time.Second}
	}
	return answer{http.StatusInternalServerError, "internal", 0}
}

// fail logs err with the request's id and shows its page or fragment.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the customer went away: there is nobody to tell
	}
	a := answerTo(err)
	if refused := (*booking.RefusedError)(nil); errors.As(err, &refused) {
		a.retry = max(time.Second, refused.Until.Sub(s.Now()).Round(time.Second))
	}
	level := slog.LevelInfo
	if a.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.Log(r.Context(), level, "request refused", "code", a.code, "status", a.status, "error", err.Error(), "request_id", requestID(r.Context()))
	if a.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(a.retry.Seconds())))
	}
	s.failPage(w, r, a)
}

func (s *site) failPage(w http.ResponseWriter, r *http.Request, a answer) {
	ctx := r.Context()
	title := texts.T(ctx, "error."+a.code+".title")
	body := components.ErrorPage(title, texts.T(ctx, "error."+a.code+".text"), requestID(ctx))
	if err := s.page(w, r, a.status, layout.Page{Title: title, ErrorCode: a.code, URL: "/"}, body); err != nil {
		s.Log.Error("error page failed", "error", err)
		http.Error(w, http.StatusText(a.status), a.status)
	}
}
