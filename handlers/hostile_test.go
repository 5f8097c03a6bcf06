package handlers

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"pigonair/members"
)

// held holds a seat for the customer who is logged in and returns the booking's path.
func (s *shop) held(flight string) string {
	s.t.Helper()
	got := s.post("/holds", "seat", flight+":20A")
	if got.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("hold: %d", got.StatusCode)
	}
	return got.Header.Get("Location")
}

// What can be no name of ours is unknown, never a fault of the database that is asked for it.
func TestAddressesThatNobodyWasGiven(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	const emoji = "%F0%9F%98%80"
	for _, path := range []string{"/bookings/" + emoji, "/bookings/%ff", "/bookings/" + emoji + "/ticket.pdf", "/payments/" + emoji + "/return"} {
		s.want(s.get(path), http.StatusNotFound, "")
	}
	for _, step := range []string{"passengers", "extend", "pay", "cancel"} {
		s.want(s.post("/bookings/"+emoji+"/"+step), http.StatusNotFound, "")
	}
	for _, after := range []string{"garbage", "zzzzzzzzzzzz-zzzzzzzzzzzz", "-zzzzzzzzzzzz-1"} {
		s.want(s.get("/bookings?after="+after), http.StatusOK, "")
	}
}

func TestReferenceIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	path := s.held(s.places.Flight)
	s.want(s.get(strings.ToLower(path)), http.StatusOK, "", `data-ref="`+strings.TrimPrefix(path, "/bookings/")+`"`)
}

func TestLongestNamesAndOddAddressesOfTravellers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	path := s.held(s.places.Flight)
	send := func(surname, email string) reply {
		return s.post(path+"/passengers", "p1-surname", surname, "p1-given", strings.Repeat("나", 200), "p1-birth", "19900517", "email", email, "phone", "010-1234-5678")
	}
	s.want(send(strings.Repeat("가", 200), "sky@example.com"), http.StatusSeeOther, path)
	for _, email := range []string{"sky@example", "sky@[127.0.0.1]", "a@b.example,c@d.example", "Sky <sky@example.com>"} {
		s.want(send("가", email), http.StatusUnprocessableEntity, "", `data-error="invalid"`)
	}
}

func TestMethodsThatAPathDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := newMemberSite(t)
	if got := s.do(http.MethodHead, "/login", nil); got.StatusCode != http.StatusOK || got.body != "" {
		t.Errorf("HEAD: %d with %q", got.StatusCode, got.body)
	}
	for path, allow := range map[string]string{"/login": "GET, POST, HEAD", "/terms": "GET, HEAD", "/logout": "POST"} {
		got := s.do(http.MethodDelete, path, nil)
		s.want(got, http.StatusMethodNotAllowed, "", `data-error="method"`)
		if got.Header.Get("Allow") != allow {
			t.Errorf("%s allows %q, want %q", path, got.Header.Get("Allow"), allow)
		}
	}
}

// lostStore finds sessions but keeps none: a Redis that goes away in the middle of a request.
type lostStore struct{}

func (lostStore) Delete(string) error                    { return errors.New("away") }
func (lostStore) Find(string) ([]byte, bool, error)      { return nil, false, nil }
func (lostStore) Commit(string, []byte, time.Time) error { return errors.New("away") }

// Nobody is led on, or told that they are logged in, by a log-in whose session could not be kept.
func TestLogInWhoseSessionIsLost(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	sessions := scs.New()
	sessions.Store, sessions.Cookie.Secure = lostStore{}, false
	server := httptest.NewServer(New(Deps{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Sessions: sessions, Members: s.members,
		Observe: noObserver{}, Now: time.Now, Site: Settings{Demo: true}}))
	t.Cleanup(server.Close)
	s.url = server.URL
	a := members.DemoCustomer()
	got := s.post("/login", "email", a.Email, "password", a.Password)
	s.want(got, http.StatusServiceUnavailable, "", `data-error="away"`)
	if cookies := got.Cookies(); len(cookies) > 0 {
		t.Errorf("cookies %v", cookies)
	}
}

// A stranger who guesses at a booking is told to wait, on the page of the form, with what was typed.
func TestGuessingAtABookingHasToWait(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	guess := func() *http.Response {
		form := url.Values{"ref": {"ABCDEF"}, "surname": {"김"}, "date": {"2026-12-24"}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/find", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", "192.0.2.9")
		got, err := s.browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { got.Body.Close() })
		return got
	}
	got := guess()
	for range 20 { // each of those that are looked at doubles the wait for the next
		if got.StatusCode != http.StatusNotFound {
			break
		}
		got = guess()
	}
	page, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" || !strings.Contains(string(page), `value="ABCDEF"`) {
		t.Errorf("%d %v\n%s", got.StatusCode, got.Header, page)
	}
}
