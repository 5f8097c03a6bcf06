package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pigonair/handlers"
)

// Every route refuses those whom its line in the route map does not name: strangers, other members, and forms of
// other sites.
func TestEveryRouteRefusesWhomItShould(t *testing.T) {
	t.Parallel()
	pool := database(t)
	flight, _ := freeFlight(t, pool, 3)
	cookies := sessions(t, 1+len(handlers.Map())) // one for each route: some of them log out
	held, err := send(t.Context(), http.MethodPost, house.BaseURL+"/holds", cookies[0], url.Values{"seat": {flight + ":20A"}})
	if err != nil || held.status != http.StatusSeeOther {
		t.Fatalf("hold: %+v, %v", held, err)
	}
	ref := strings.TrimPrefix(held.location, "/bookings/")
	fill := strings.NewReplacer("{ref}", ref, "{flight}", flight, "{sale}", house.Sale, "{id}", "pa-unknown")
	for i, route := range handlers.Map() {
		t.Run(route.Method+" "+route.Pattern, func(t *testing.T) {
			c := routeCall{t, route, house.BaseURL + fill.Replace(route.Pattern)}
			c.stranger()
			c.otherMember(cookies[1+i])
			c.otherSite(cookies[0])
		})
	}
}

type routeCall struct {
	t       *testing.T
	route   handlers.Route
	address string
}

func (c routeCall) send(cookie string, headers ...string) answer {
	c.t.Helper()
	var form url.Values
	if c.route.Method != http.MethodGet {
		form = url.Values{}
	}
	got, err := send(c.t.Context(), c.route.Method, c.address, cookie, form, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return got
}

func (c routeCall) stranger() {
	got := c.send("")
	switch {
	case c.route.Access == "anyone":
		if got.status >= 500 {
			c.t.Errorf("a stranger gets %d", got.status)
		}
	case c.route.Method == http.MethodGet:
		if got.status != http.StatusSeeOther || !strings.Contains(got.location, "/login?next=") {
			c.t.Errorf("a stranger gets %d to %q, not the log-in", got.status, got.location)
		}
	case got.status != http.StatusUnauthorized:
		c.t.Errorf("a stranger's write gets %d", got.status)
	}
}

func (c routeCall) otherMember(cookie string) {
	got := c.send(cookie)
	switch c.route.Access {
	case "owner", "operator":
		if got.status != http.StatusNotFound {
			c.t.Errorf("another member gets %d", got.status)
		}
	default:
		if got.status >= 500 {
			c.t.Errorf("a member gets %d", got.status)
		}
	}
}

func (c routeCall) otherSite(cookie string) {
	if c.route.Method == http.MethodGet {
		return
	}
	got := c.send(cookie, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	if got.status != http.StatusForbidden {
		c.t.Errorf("a form of another site gets %d", got.status)
	}
}
