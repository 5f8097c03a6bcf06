package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
)

// The router serves what the route map shows and nothing else, so that no route goes without its access, gate and
// proof.
func TestRouterIsTheMap(t *testing.T) {
	t.Parallel()
	s := &site{Deps: Deps{Sessions: scs.New()}}
	router, ok := s.router().(chi.Routes)
	if !ok {
		t.Fatal("the router cannot be walked")
	}
	var served []string
	err := chi.Walk(router, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if pattern != "/static/*" {
			served = append(served, method+" "+pattern)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var mapped []string
	for _, r := range routes {
		mapped = append(mapped, r.method+" "+r.pattern)
	}
	slices.Sort(served)
	slices.Sort(mapped)
	if !slices.Equal(served, mapped) {
		t.Errorf("served %q\nmapped %q", served, mapped)
	}
}

// A write that may acquire a seat passes the gate of the sale; a write outside this list may not acquire one.
func TestWritesThatAcquireSeatsPassTheGate(t *testing.T) {
	t.Parallel()
	harmless := []string{"/bookings/{ref}/passengers", "/bookings/{ref}/extend", "/bookings/{ref}/pay", "/bookings/{ref}/cancel",
		"/find", "/webhooks/portone", "/signup", "/login", "/logout", "/verify-email", "/password/reset", "/account",
		"/sales/{sale}/queue", "/sales/{sale}/queue/leave"}
	for _, r := range routes {
		if r.method == http.MethodGet || strings.HasPrefix(r.pattern, "/admin/") || slices.Contains(harmless, r.pattern) {
			continue
		}
		if r.gate != salePass {
			t.Errorf("%s %s has no gate", r.method, r.pattern)
		}
	}
}

// Only a route whose caller proves itself by a signature may do without the origin check's proof, and only pages
// that show nothing personal may do without a session.
func TestExceptionsInTheMapAreTheKnownOnes(t *testing.T) {
	t.Parallel()
	for _, r := range routes {
		if r.proof == signature && r.pattern != "/webhooks/portone" {
			t.Errorf("%s %s is called without a proof of origin", r.method, r.pattern)
		}
		if r.session == noSession && r.who != anyone {
			t.Errorf("%s %s asks who it is without a session", r.method, r.pattern)
		}
	}
}
