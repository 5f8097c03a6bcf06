package handlers

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"pigonair/views/texts"
)

// maxBody bounds every form: the largest has nine passengers.
const maxBody = 64 << 10

// chain mounts what every request passes, outermost first. The request id comes first, so that everything
// after it can be logged under it; recovery stands inside the log, so that a panic is logged as a 500.
func (s *site) chain(r chi.Router) {
	r.Use(s.withRequestID)
	r.Use(s.observed)
	r.Use(s.recovered)
	r.Use(securityHeaders)
	r.Use(s.withLanguage)
	r.Use(s.checkOrigin)
	r.Use(boundedBody)
	r.Use(middleware.GetHead)
}

type requestIDKey struct{}

func (s *site) withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// observed counts and logs each request under its pattern, never under its path: paths hold references.
func (s *site) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(ww, r)
		pattern, status := pattern(r), max(ww.Status(), http.StatusOK)
		took := time.Since(start)
		s.Observe.Request(pattern, status, took.Seconds())
		if s.Log.Enabled(r.Context(), slog.LevelDebug) {
			s.Log.Debug("request", "pattern", pattern, "status", status, "ms", took.Milliseconds(), "request_id", requestID(r.Context()))
		}
	})
}

// pattern is the route's pattern with its method, or one word for all that matched none.
func pattern(r *http.Request) string {
	if p := chi.RouteContext(r.Context()).RoutePattern(); p != "" && p != "/*" {
		return r.Method + " " + p
	}
	return "unmatched"
}

func (s *site) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.Log.Error("panic", "value", p, "request_id", requestID(r.Context()))
			s.failPage(w, r, answer{http.StatusInternalServerError, "internal", 0})
		}()
		next.ServeHTTP(w, r)
	})
}

// contentPolicy allows our own files and nothing inline. htmx and app.js need no eval.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// allowGateway lets this page's form end at the gateway: browsers hold redirects after a form to form-action too.
func (s *site) allowGateway(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", strings.Replace(contentPolicy, "form-action 'self'", "form-action 'self' "+s.Site.Gateway, 1))
}

// fixedHeaders stand in every answer. The slices are shared: a handler may replace one, never change it.
var fixedHeaders = http.Header{
	"Content-Security-Policy":      {contentPolicy},
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), payment=()"},
}

func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), fixedHeaders)
		next.ServeHTTP(w, r)
	})
}

// withLanguage takes the language from ?lang=, else from the cookie that keeps an earlier choice, else from
// the browser. A choice by ?lang= is kept for a year.
func (s *site) withLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, chosen := "", ""
		if c, err := r.Cookie("lang"); err == nil {
			cookie = c.Value
		}
		if strings.Contains(r.URL.RawQuery, "lang=") {
			chosen = r.URL.Query().Get("lang")
		}
		if chosen == texts.Korean || chosen == texts.English {
			cookie = chosen
			http.SetCookie(w, &http.Cookie{Name: "lang", Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !s.Site.Demo})
		}
		lang := texts.Match(r.Header.Get("Accept-Language"), cookie)
		w.Header().Add("Vary", "Accept-Language, Cookie")
		next.ServeHTTP(w, r.WithContext(texts.WithLang(r.Context(), lang)))
	})
}

// checkOrigin refuses writes that another site made the browser send. Routes whose proof is a signature are
// called by servers, which send no Origin, and so pass.
func (s *site) checkOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.adapt(func(*site, http.ResponseWriter, *http.Request) error { return errOrigin }))
	return guard.Handler(next)
}

func boundedBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
