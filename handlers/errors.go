package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"pigonair/views/components"
	"pigonair/views/layout"
	"pigonair/views/texts"
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
	{errAway, answer{http.StatusServiceUnavailable, "away", 3 * time.Second}},
	{context.DeadlineExceeded, answer{http.StatusServiceUnavailable, "away", 3 * time.Second}},
}

// answerTo finds how err is shown; what nobody foresaw is a 500 with fixed words.
func answerTo(err error) answer {
	for _, k := range known {
		if errors.Is(err, k.err) {
			return k.answer
		}
	}
	return answer{http.StatusInternalServerError, "internal", 0}
}

// fail logs err with the request's id and shows its page or fragment.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the customer went away: there is nobody to tell
	}
	a := answerTo(err)
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
