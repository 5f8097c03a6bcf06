package handlers

import (
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/db"
	"pigonair/internal/testenv"
	"pigonair/members"
	"pigonair/payment"
	"pigonair/payment/portone"
)

const webhookSecret = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rcw=="

// newPaymentSite is a site of which only the members' and the gateway's routes work, with one attempt to pay. The
// gateway behind it knows no payment.
func newPaymentSite(t *testing.T) (*memberSite, *bookingtest.World) {
	t.Helper()
	w := bookingtest.New(t)
	service, err := members.New(members.Options{Pool: w.Pool, IDs: db.NewIDs(w.Pool), Redis: testenv.RedisClient(t), Hasher: quickHasher{}, Demo: true,
		Keys: func(purpose string) [][]byte { return [][]byte{[]byte(strings.Repeat(purpose, 8))[:32]} }})
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"type":"PAYMENT_NOT_FOUND"}`)
	}))
	t.Cleanup(gateway.Close)
	verifier, err := portone.NewVerifier(time.Now, webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	bookings := w.Process(bookingtest.Setup{}).Service
	quiet := slog.New(slog.DiscardHandler)
	sessions := scs.New()
	sessions.Cookie.Secure = false
	server := httptest.NewServer(New(Deps{
		Log: quiet, Sessions: sessions, Members: service, Observe: noObserver{}, Site: Settings{Demo: true}, Booking: bookings, Now: time.Now,
		Webhooks: verifier, Payment: payment.New(payment.Config{Pool: w.Pool, IDs: db.NewIDs(w.Pool), Booking: bookings, Log: quiet,
			Gateway: portone.New(portone.Config{BaseURL: gateway.URL, StoreID: "store-test", APISecret: "secret"})}),
	}))
	t.Cleanup(server.Close)
	return &memberSite{t: t, url: server.URL, pool: w.Pool, members: service, browser: newBrowser(t)}, w
}

// enter signs a member up and logs in, and returns the member's id.
func (m *memberSite) enter(email string) (id int64) {
	m.t.Helper()
	m.signUp(email)
	m.get(m.mailed())
	m.want(m.post("/login", "email", email, "password", "three grey pigeons"), 303, "/")
	if err := m.pool.QueryRow("SELECT id FROM member WHERE email = ?", email).Scan(&id); err != nil {
		m.t.Fatal(err)
	}
	return id
}

// paid makes a member's booking with one attempt and returns its reference.
func paid(w *bookingtest.World, member int64) (ref string) {
	w.Add(bookingtest.Flight{ID: 1})
	p := w.Process(bookingtest.Setup{})
	ref = p.MustHold(bookingtest.Request(member, 1, "1A")).Ref
	err := p.SetPassengers(w.T.Context(), member, ref, []booking.Passenger{{Kind: "adult", Surname: "SECRETNAME", GivenName: "A"}},
		booking.Contact{Name: "Secret Contact", Email: "secret@example.com", Phone: "010-9999-9999", Language: "ko"})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Exec(`INSERT INTO payment_attempt (id, booking_id, attempt_no, channel, approval, amount, currency, state, live, lease_until, taken_at, next_check_at, created_at)
SELECT 'pa-TEST', id, 1, 'card', 'manual', total, 'KRW', 'started', 1, NOW(6), NOW(6), NOW(6), NOW(6) FROM booking`)
	return ref
}

// The return shows the member whose booking it is the booking, and everybody else how the payment stands and nothing
// personal: it may be opened in another browser, by a card company's app.
func TestPaymentReturn(t *testing.T) {
	t.Parallel()
	m, w := newPaymentSite(t)
	ref := paid(w, m.enter("owner@example.com"))
	owner, stranger, other := m.browser, newBrowser(t), newBrowser(t)
	m.browser = other
	m.enter("other@example.com")
	m.browser = stranger
	m.want(m.get("/payments/pa-NOBODY/return"), 404, "", `data-error="not_found"`)
	m.want(m.get("/payments/%EA%B2%B0%EC%A0%9C/return"), 404, "", `data-error="not_found"`)
	for state, words := range map[string]string{
		"started": "Not paid yet", "confirming": "Do not pay again", "applied": "The payment is complete",
		"refused": "Nothing was charged", "abandoned": "Nothing was charged", "refunding": "all that was charged goes back",
	} {
		w.Exec("UPDATE payment_attempt SET state = ?", state)
		for name, browser := range map[string]*http.Client{"stranger": stranger, "other": other} {
			m.browser = browser
			got := m.get("/payments/pa-TEST/return?lang=en")
			m.want(got, 200, "", words)
			for _, secret := range []string{ref, "SECRETNAME", "Secret Contact", "secret@example.com", "9999", "93,900", "1A", "owner@"} {
				if strings.Contains(got.body, secret) {
					t.Errorf("%s, %s: the page shows %q", state, name, secret)
				}
			}
			if cache := got.Header.Get("Cache-Control"); !strings.Contains(cache, "no-store") {
				t.Errorf("%s: Cache-Control is %q", state, cache)
			}
		}
		m.browser = owner
		to := "/bookings/" + ref
		if state == "applied" {
			to += "?paid"
		}
		m.want(m.get("/payments/pa-TEST/return"), 303, to)
	}
}

// A browser's word that a payment failed ends the attempt, once, and its token for an ended attempt does nothing.
func TestPaymentReturnFailed(t *testing.T) {
	t.Parallel()
	m, w := newPaymentSite(t)
	paid(w, 1)
	for range 2 {
		m.want(m.get("/payments/pa-TEST/return?lang=en&code=PG&message=declined"), 200, "", "Nothing was charged")
	}
	m.want(m.get("/payments/pa-TEST/return?lang=en&paymentToken=tok"), 200, "", "Nothing was charged")
	if n := w.Int("SELECT COUNT(*) FROM booking_event"); n != 1 {
		t.Errorf("the booking's story has %d lines", n)
	}
}

func TestWebhookRoute(t *testing.T) {
	t.Parallel()
	m, w := newPaymentSite(t)
	body := `{"type":"Transaction.Paid","timestamp":"2026-12-24T00:00:00Z","data":{"paymentId":"pa-TEST","storeId":"store-test","transactionId":"tx"}}`
	send := func(id, body string, at time.Time, change func(http.Header)) int {
		r, err := http.NewRequest(http.MethodPost, m.url+"/webhooks/portone", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		signature, err := portone.Sign(webhookSecret, id, at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(portone.HeaderWebhookID, id)
		r.Header.Set(portone.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
		r.Header.Set(portone.HeaderWebhookSignature, signature)
		change(r.Header)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	same := func(http.Header) {}
	now := time.Now()
	for name, c := range map[string]struct{ got, want int }{
		"good":       {send("wh-1", body, now, same), 204},
		"again":      {send("wh-1", body, now, same), 204},
		"forged":     {send("wh-2", body, now, func(h http.Header) { h.Set(portone.HeaderWebhookSignature, "v1,Zm9yZ2Vk") }), 403},
		"unsigned":   {send("wh-3", body, now, func(h http.Header) { h.Del(portone.HeaderWebhookSignature) }), 403},
		"old":        {send("wh-4", body, now.Add(-6*time.Minute), same), 403},
		"unreadable": {send("wh-5", "{", now, same), 400},
		"too large":  {send("wh-6", `{"x":"`+strings.Repeat("x", maxBody)+`"}`, now, same), 413},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	var stored sql.NullString
	if err := w.Pool.QueryRow("SELECT GROUP_CONCAT(id) FROM webhook WHERE pending = 1").Scan(&stored); err != nil || stored.String != "wh-1" {
		t.Errorf("stored: %q, %v", stored.String, err)
	}
}
