package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestLocalPathLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for _, next := range []string{
		"", "bookings", "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\/evil.example",
		"/\t/evil.example", "/\n/evil.example", "http:/evil.example", "javascript:alert(1)", "/ /evil.example",
		"/%2f%2fevil.example/..//x\x00", "//user@evil.example", "/login", "/logout", "/signup?next=/x", "/admin/login",
		"/%zz", "?next=/", "#top",
	} {
		if got := localPath(next); got != "" {
			t.Errorf("localPath(%q) = %q, want nothing", next, got)
		}
	}
	for _, next := range []string{
		"/", "/bookings", "/sales/jeju-1212/queue", "/flights?from=GMP&to=CJU&depart=2026-12-24", "/bookings/ABC234?a=b%2Fc",
	} {
		if got := localPath(next); got != next {
			t.Errorf("localPath(%q) = %q", next, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/a", "//b.example", "/\\b.example", "/a?b#c", "/%2f/b.example", "/./", "/.//b.example", "/..//b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, next string) {
		path := localPath(next)
		if path == "" {
			return
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "http://shop.example/login", nil)
		if err := see(w, r, path); err != nil {
			t.Fatal(err)
		}
		target, err := r.URL.Parse(w.Header().Get("Location"))
		if err != nil || target.Host != "shop.example" || target.Scheme != "http" {
			t.Errorf("%q leads to %q", next, w.Header().Get("Location"))
		}
	})
}

func TestCallerBelievesOnlyProxiesNearby(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.5:4000", "", "203.0.113.5"},
		{"203.0.113.5:4000", "127.0.0.1", "203.0.113.5"},
		{"127.0.0.1:4000", "", "127.0.0.1"},
		{"10.0.0.2:4000", "127.0.0.1, 198.51.100.7", "198.51.100.7"},
		{"127.0.0.1:4000", "198.51.100.7", "198.51.100.7"},
		{"127.0.0.1:4000", "unknown", "127.0.0.1"},
		{"[::ffff:203.0.113.5]:4000", "", "203.0.113.5"},
		{"[::1]:4000", "2001:db8::1", "2001:db8::1"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := caller(r).String(); got != c.want {
			t.Errorf("%s forwarding %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}
