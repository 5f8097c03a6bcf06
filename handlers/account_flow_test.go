package handlers

import (
	"database/sql"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"

	"pigonair/db"
	"pigonair/internal/testenv"
	"pigonair/members"
)

// quickHasher makes hashes that cost nothing.
type quickHasher struct{}

func (quickHasher) Hash(password string) (string, error) {
	return hex.EncodeToString([]byte(password)), nil
}

func (quickHasher) Matches(password, hash string) (bool, error) {
	return hex.EncodeToString([]byte(password)) == hash, nil
}

type noObserver struct{}

func (noObserver) Request(string, int, float64) {}

// memberSite is a site of which only the members' routes work, with a browser in front of it.
type memberSite struct {
	t       *testing.T
	url     string
	pool    *sql.DB
	members *members.Service
	browser *http.Client
}

func newMemberSite(t *testing.T, change ...func(*members.Options)) *memberSite {
	t.Helper()
	pool := testenv.DB(t)
	o := members.Options{
		Pool: pool, IDs: db.NewIDs(pool), Redis: testenv.RedisClient(t), Hasher: quickHasher{}, Demo: true,
		Keys: func(purpose string) [][]byte { return [][]byte{[]byte(strings.Repeat(purpose, 8))[:32]} },
	}
	for _, f := range change {
		f(&o)
	}
	service, err := members.New(o)
	if err != nil {
		t.Fatal(err)
	}
	sessions := scs.New()
	sessions.Cookie.Secure = false
	server := httptest.NewServer(New(Deps{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Sessions: sessions, Members: service,
		Observe: noObserver{}, Site: Settings{Demo: true},
	}))
	t.Cleanup(server.Close)
	return &memberSite{t: t, url: server.URL, pool: pool, members: service, browser: newBrowser(t)}
}

// newBrowser keeps cookies and shows redirects instead of following them.
func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body string
}

func (m *memberSite) do(method, path string, form url.Values) reply {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		m.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := m.browser.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return reply{res, string(body)}
}

func (m *memberSite) get(path string) reply { return m.do(http.MethodGet, path, nil) }

func (m *memberSite) post(path string, pairs ...string) reply {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return m.do(http.MethodPost, path, form)
}

// want checks an answer's status, where it leads, and words in its body.
func (m *memberSite) want(r reply, status int, location string, words ...string) {
	m.t.Helper()
	if r.StatusCode != status || r.Header.Get("Location") != location {
		m.t.Fatalf("%s %s: %d to %q, want %d to %q", r.Request.Method, r.Request.URL, r.StatusCode, r.Header.Get("Location"), status, location)
	}
	for _, w := range words {
		if !strings.Contains(r.body, w) {
			m.t.Errorf("%s %s: %q is missing in\n%s", r.Request.Method, r.Request.URL, w, r.body)
		}
	}
}

// mailed is the link in the newest mail.
func (m *memberSite) mailed() string {
	m.t.Helper()
	var kind, subject string
	row := m.pool.QueryRowContext(m.t.Context(), "SELECT kind, subject_id FROM outbox ORDER BY id DESC LIMIT 1")
	if err := row.Scan(&kind, &subject); err != nil {
		m.t.Fatal(err)
	}
	mail, err := m.members.Mail(m.t.Context(), kind, subject)
	if err != nil {
		m.t.Fatal(err)
	}
	return mail.Path
}

func (m *memberSite) signUp(email string) reply {
	return m.post("/signup", "name", "김하늘", "email", email, "password", "three grey pigeons", "terms", "1", "next", "/bookings")
}

func TestFromSignUpToLogOut(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	m.want(m.get("/signup?next=/bookings"), 200, "", `autocomplete="new-password"`, `autocomplete="name"`, `autocomplete="email"`,
		`data-action="signup"`, `name="next" value="/bookings"`, `href="/terms"`, `href="/privacy"`)
	m.want(m.signUp("kim@example.com"), 303, "/verify-email?next=%2Fbookings")
	m.want(m.get("/verify-email?next=%2Fbookings"), 200, "", "kim@example.com", "/login?next=%2Fbookings")
	m.want(m.get(m.mailed()), 200, "", "kim@example.com")

	m.want(m.get("/account"), 303, "/login?next=%2Faccount")
	m.want(m.get("/login?next=/account"), 200, "", `autocomplete="current-password"`, `data-action="login"`)
	wrong := m.post("/login", "email", "kim@example.com", "password", "wrong<b>word", "next", "/account")
	m.want(wrong, 422, "", `data-error="credentials"`, `value="kim@example.com"`, `name="next" value="/account"`)
	if strings.Contains(wrong.body, "wrong&lt;b&gt;word") {
		t.Error("the password comes back")
	}
	m.want(m.post("/login", "email", "kim@example.com", "password", "three grey pigeons", "next", "/account"), 303, "/account")
	m.want(m.get("/account"), 200, "", "김하늘", "kim@example.com")
	m.want(m.get("/login?next=/bookings"), 303, "/bookings")
	m.want(m.get("/signup"), 303, "/")
	m.want(m.post("/logout"), 303, "/")
	m.want(m.get("/account"), 303, "/login?next=%2Faccount")
}

func TestSignUpComesBackWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	back := m.post("/signup", "name", "<script>alert(1)</script>", "email", "kim@example", "password", "password1", "marketing", "1")
	m.want(back, 422, "", `data-error="invalid"`, "&lt;script&gt;alert(1)&lt;/script&gt;", `value="kim@example"`,
		`id="email-error"`, `id="password-error"`, `id="terms-error"`, `href="#email"`, `checked`)
	if strings.Contains(back.body, "password1") || strings.Contains(back.body, "<script>alert") {
		t.Error("a password or raw input comes back")
	}
	english := m.do(http.MethodPost, "/signup?lang=en", url.Values{"email": {""}})
	m.want(english, 422, "", "Enter your e-mail address.", "Enter your name.")
}

func TestSignUpAnswersTheSameForAKnownAddress(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	first := m.signUp("kim@example.com")
	m.get(m.mailed())
	again := m.signUp("kim@example.com")
	if first.StatusCode != again.StatusCode || first.Header.Get("Location") != again.Header.Get("Location") || first.body != again.body {
		t.Errorf("%d %s, then %d %s", first.StatusCode, first.body, again.StatusCode, again.body)
	}
	known := m.post("/password/reset", "email", "kim@example.com")
	unknown := m.post("/password/reset", "email", "nobody@example.com")
	if known.StatusCode != unknown.StatusCode || known.Header.Get("Location") != unknown.Header.Get("Location") || known.body != unknown.body {
		t.Errorf("%d %s, then %d %s", known.StatusCode, known.body, unknown.StatusCode, unknown.body)
	}
}

func TestSessionIsRenewedAtLogIn(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	m.signUp("kim@example.com")
	login := func() string {
		m.post("/login", "email", "kim@example.com", "password", "three grey pigeons")
		u, _ := url.Parse(m.url)
		for _, c := range m.browser.Jar.Cookies(u) {
			if c.Name == "session" {
				return c.Value
			}
		}
		t.Fatal("no session cookie")
		return ""
	}
	if first, second := login(), login(); first == second {
		t.Error("the session's token stays the same")
	}
}

func TestResetEndsSessionsElsewhere(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	m.signUp("kim@example.com")
	m.get(m.mailed())
	m.post("/login", "email", "kim@example.com", "password", "three grey pigeons")
	m.want(m.get("/account"), 200, "")
	here := m.browser

	m.browser = newBrowser(t)
	m.want(m.get("/password/reset"), 200, "", `autocomplete="email"`)
	m.want(m.post("/password/reset", "email", "kim"), 422, "", `id="email-error"`)
	m.want(m.post("/password/reset", "email", "kim@example.com"), 303, "/password/reset?done=sent")
	link := m.mailed()
	m.want(m.get(link), 200, "", `autocomplete="new-password"`)
	m.want(m.get(link), 200, "") // looking uses nothing up
	token := strings.TrimPrefix(link, "/password/reset?token=")
	m.want(m.post("/password/reset", "token", token, "password", "short"), 422, "", `id="password-error"`, token)
	m.want(m.post("/password/reset", "token", token, "password", "four white pigeons"), 303, "/login?done=reset")
	m.want(m.post("/password/reset", "token", token, "password", "four white pigeons"), 410, "", `data-error="link"`)
	m.want(m.get(link), 410, "", `data-error="link"`)
	m.want(m.get("/verify-email?token=made-up"), 410, "", `data-error="link"`)
	m.want(m.post("/login", "email", "kim@example.com", "password", "four white pigeons"), 303, "/")

	m.browser = here
	m.want(m.get("/account"), 303, "/login?next=%2Faccount")
}

func TestAccountForms(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	m.signUp("kim@example.com")
	m.post("/login", "email", "kim@example.com", "password", "three grey pigeons")
	m.want(m.post("/account", "do", "resend"), 303, "/account?done=resend")
	m.want(m.get("/verify-email"), 200, "", `data-action="continue"`)
	m.want(m.post("/verify-email"), 303, "/verify-email?done=resend")
	m.get(m.mailed())
	m.want(m.post("/account", "do", "profile", "name", "", "language", "en"), 422, "", `id="name-error"`)
	m.want(m.post("/account", "do", "profile", "name", "Kim", "language", "en"), 303, "/account?done=profile&lang=en")
	m.want(m.get("/account?done=profile&lang=en"), 200, "", "Saved.", `value="Kim"`, "Confirmed")
	m.want(m.post("/account", "do", "password", "current", "wrong", "password", "four white pigeons"), 422, "", `id="current-error"`)
	m.want(m.post("/account", "do", "password", "current", "three grey pigeons", "password", "four white pigeons"), 303, "/account?done=password")
	m.want(m.get("/account?done=password"), 200, "")
	m.want(m.post("/account", "do", "something"), 400, "")
	m.want(m.get("/account?done=%3Cscript%3E"), 200, "")
}

func TestOperatorsDoor(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	if err := m.members.EnsureDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	customer, operator := members.DemoCustomer(), members.DemoOperator()
	m.want(m.get("/admin/login"), 200, "", `autocomplete="one-time-code"`, `data-action="login"`)
	m.want(m.post("/admin/login", "email", customer.Email, "password", customer.Password), 422, "", `data-error="credentials"`)
	m.want(m.post("/admin/login", "email", operator.Email, "password", operator.Password), 303, "/admin")
	m.want(m.get("/admin/login"), 303, "/admin")
}

func TestStormOfLogInsIsToldToComeBack(t *testing.T) {
	t.Parallel()
	hold, entered := make(chan struct{}), make(chan struct{}, 1)
	m := newMemberSite(t, func(o *members.Options) {
		o.Hasher = slowHasher{hold, entered}
		o.Gate = members.GateLimits{Slots: 1, Queue: 1, Patience: 1}
	})
	first := make(chan struct{})
	go func() {
		defer close(first)
		_, _ = m.members.Authenticate(t.Context(), members.Attempt{Email: "a@example.com", Password: "x"})
	}()
	<-entered
	busy := m.post("/login", "email", "kim@example.com", "password", "three grey pigeons")
	m.want(busy, 503, "", `data-error="busy"`, `value="kim@example.com"`)
	if busy.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	close(hold)
	<-first
}

// slowHasher compares only when hold is closed.
type slowHasher struct {
	hold    <-chan struct{}
	entered chan<- struct{}
}

func (slowHasher) Hash(string) (string, error) { return "", nil }

func (h slowHasher) Matches(string, string) (bool, error) {
	select {
	case h.entered <- struct{}{}:
	default:
	}
	<-h.hold
	return false, nil
}

func TestGuessersAreToldToWait(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t, func(o *members.Options) { o.Demo = false })
	m.signUp("kim@example.com")
	for range 5 {
		m.want(m.post("/login", "email", "kim@example.com", "password", "a guess"), 422, "")
	}
	late := m.post("/login", "email", "kim@example.com", "password", "three grey pigeons")
	m.want(late, 429, "", `data-error="throttled"`, `href="/password/reset"`)
	if late.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", late.Header.Get("Retry-After"))
	}
}

func TestLegalPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	m := newMemberSite(t)
	m.want(m.get("/terms"), 200, "", "이용약관", members.TermsVersion)
	m.want(m.get("/terms?lang=en"), 200, "", "Terms of use")
	m.want(m.get("/privacy"), 200, "", "Privacy notice")
}
