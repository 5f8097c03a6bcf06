package gatewaysim_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pigonair/payment/portone"
)

// raw sends a request as it is and returns status and body.
func (b *bench) raw(method, path, body string, header map[string]string) (int, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(raw)
}

var credentials = map[string]string{"Authorization": "PortOne " + apiSecret}

func with(name, value string) map[string]string {
	return map[string]string{"Authorization": "PortOne " + apiSecret, name: value}
}

// refusal is a call and what it is answered.
type refusal struct {
	method, path, body string
	header             map[string]string
	status             int
	answer             string // a part of it
}

// refusals is the table of what the REST API turns down, in the wire's own
// words. It speaks of two payments: "open" and "paid".
func refusals() []refusal {
	return []refusal{
		{"GET", "/payments/paid", "", nil, 401, portone.TypeUnauthorized},
		{"GET", "/payments/paid", "", map[string]string{"Authorization": "PortOne wrong"}, 401, portone.TypeUnauthorized},
		{"GET", "/payments/paid", "", map[string]string{"Authorization": "Bearer " + apiSecret}, 401, portone.TypeUnauthorized},
		{"POST", "/payments/paid/cancel", `{"reason":"x"}`, nil, 401, portone.TypeUnauthorized},
		{"GET", "/payments-by-cursor", "", nil, 401, portone.TypeUnauthorized},
		{"GET", "/payments/paid?storeId=other", "", credentials, 403, portone.TypeForbidden},
		{"POST", "/payments/paid/cancel", `{"storeId":"other","reason":"x"}`, credentials, 403, portone.TypeForbidden},
		{"GET", "/payments/none", "", credentials, 404, portone.TypePaymentNotFound},
		{"GET", "/payments/paid", "", credentials, 200, `"status":"PAID"`},

		{"POST", "/payments/new/pre-register", `{"totalAmount":0,"currency":"KRW"}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/new/pre-register", `{"totalAmount":1,"currency":"won"}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/new/pre-register", `{"totalAmount":1.5,"currency":"KRW"}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/n%20w/pre-register", `{"totalAmount":1,"currency":"KRW"}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/new/pre-register", strings.Repeat("x", 70_000), credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/new/pre-register", `[]`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/paid/pre-register", `{"totalAmount":1,"currency":"KRW"}`, credentials, 409, portone.TypeAlreadyPaid},
		{"POST", "/payments/new/pre-register", `{"totalAmount":1,"currency":"KRW"}`, credentials, 200, `{}`},

		{"POST", "/payments/open/confirm", `{}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/open/confirm", `{"paymentToken":"wrong"}`, credentials, 400, portone.TypeInvalidToken},
		{"POST", "/payments/none/confirm", `{"paymentToken":"x"}`, credentials, 404, portone.TypePaymentNotFound},
		{"POST", "/payments/paid/confirm", `{"paymentToken":"x"}`, credentials, 409, portone.TypeAlreadyPaid},

		{"POST", "/payments/paid/cancel", `{}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/paid/cancel", `{"reason":"x","amount":0}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/paid/cancel", `{"reason":"x","amount":-1}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/paid/cancel", `{"reason":"x","requester":"NOBODY"}`, credentials, 400, portone.TypeInvalidRequest},
		{"POST", "/payments/paid/cancel", `{"reason":"x","amount":63201}`, credentials, 409, portone.TypeAmountExceeded},
		{"POST", "/payments/none/cancel", `{"reason":"x"}`, credentials, 404, portone.TypePaymentNotFound},

		{"POST", "/payments/none/resend-webhook", `{}`, credentials, 404, portone.TypePaymentNotFound},
		{"POST", "/payments/paid/resend-webhook", `{"webhookId":"other"}`, credentials, 404, portone.TypeWebhookNotFound},

		{"GET", "/payments-by-cursor?requestBody=%7B", "", credentials, 400, portone.TypeInvalidRequest},
		{"GET", "/payments-by-cursor?requestBody=%7B%22size%22%3A1001%7D", "", credentials, 400, portone.TypeInvalidRequest},
		{"GET", "/payments-by-cursor?requestBody=%7B%22cursor%22%3A%22x%22%7D", "", credentials, 400, portone.TypeInvalidRequest},
		{"GET", "/payments-by-cursor?requestBody=%7B%22storeId%22%3A%22x%22%7D", "", credentials, 403, portone.TypeForbidden},
		{"GET", "/payments-by-cursor", "", credentials, 200, `"items":[{"payment":{`},

		{"POST", "/payments/paid/cancel", `{"reason":"x"}`, with("Idempotency-Key", key("unquoted")), 400, portone.TypeInvalidRequest},
		{"POST", "/payments/paid/cancel", `{"reason":"x"}`, with("Idempotency-Key", `"short"`), 400, portone.TypeInvalidRequest},

		{"POST", "/checkout/none/approve", "", map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, 403, ""},
		{"POST", "/admin/clock", `{"advance_seconds":1}`, map[string]string{"Content-Type": "text/plain"}, 400, "Content-Type"},
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.consent("open", "channel-card")
	b.pay("paid")
	for _, c := range refusals() {
		status, answer := b.raw(c.method, c.path, c.body, c.header)
		if status != c.status || !strings.Contains(answer, c.answer) {
			t.Errorf("%s %s %.60s: %d %.200s, want %d %s", c.method, c.path, c.body, status, answer, c.status, c.answer)
		}
	}
	if got := b.money("paid"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
}

// TestConfirmMismatch: each particular that differs keeps the charge from happening.
func TestConfirmMismatch(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	back := b.consent("p-1", "channel-card")
	for name, change := range map[string]func(*portone.ConfirmRequest){
		"amount":      func(r *portone.ConfirmRequest) { r.TotalAmount = 100 },
		"currency":    func(r *portone.ConfirmRequest) { r.Currency = "USD" },
		"transaction": func(r *portone.ConfirmRequest) { r.TxID = "tx_other" },
		"channel":     func(r *portone.ConfirmRequest) { r.IsTest = new(true) },
	} {
		request := order(back)
		change(&request)
		if _, err := b.client.Confirm(t.Context(), "p-1", request, key(name)); !errors.Is(err, portone.ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := b.money("p-1"); got != "" {
		t.Errorf("ledger %q", got)
	}
	// An amount announced since counts too.
	if err := b.client.PreRegister(t.Context(), "p-1", 70000, "KRW"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.Confirm(t.Context(), "p-1", order(back), key("announced")); !errors.Is(err, portone.ErrMismatch) {
		t.Errorf("announced since: %v", err)
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	back := b.consent("p-1", "channel-card")
	b.advance(31 * time.Minute)
	if _, err := b.client.Confirm(t.Context(), "p-1", order(back), key("late")); !errors.Is(err, portone.ErrInvalidToken) {
		t.Errorf("%v", err)
	}
}

// TestSkipWebhook: the shop may ask not to be told.
func TestSkipWebhook(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	request := order(b.consent("p-1", "channel-card"))
	request.SkipWebhook = true
	if _, err := b.client.Confirm(t.Context(), "p-1", request, key("confirm")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.cancel("p-1", 63200, 63200, key("cancel")); err != nil {
		t.Fatal(err)
	}
	b.wantHooks(portone.EventReady, portone.EventCancelled)
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	first, err := b.cancel("p-1", 1000, 63200, key("one"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.cancel("p-1", 1000, 63200, key("one"))
	if err != nil || again != first {
		t.Errorf("same key: %+v, %v, want %+v", again, err, first)
	}
	if _, err := b.cancel("p-1", 2000, 63200, key("one")); !errors.Is(err, portone.ErrInvalidRequest) {
		t.Errorf("same key, other request: %v", err)
	}
	// A refusal is an answer, too.
	if _, err := b.cancel("p-1", 1000, 63200, key("two")); !errors.Is(err, portone.ErrAmountBroken) {
		t.Errorf("%v", err)
	}
	b.restart()
	if again, err = b.cancel("p-1", 1000, 63200, key("one")); err != nil || again != first {
		t.Errorf("same key after a restart: %+v, %v", again, err)
	}
	b.advance(3*time.Hour - time.Second)
	if again, err = b.cancel("p-1", 1000, 63200, key("one")); err != nil || again != first {
		t.Errorf("same key just within three hours: %+v, %v", again, err)
	}
	b.advance(2 * time.Second)
	if _, err = b.cancel("p-1", 1000, 63200, key("one")); !errors.Is(err, portone.ErrAmountBroken) {
		t.Errorf("after three hours the key is forgotten, the amount is not: %v", err)
	}
	if got := b.money("p-1"); got != "capture 63200, refund 1000" {
		t.Errorf("ledger %q", got)
	}
}

// TestOutstandingKey: while a call runs, its key is taken; afterwards the same
// answer comes.
func TestOutstandingKey(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	b.wantHooks(portone.EventReady, portone.EventPaid)
	b.faultOf("p-1", "cancel-hang")
	type result struct {
		done portone.Cancellation
		err  error
	}
	hanging := make(chan result, 1)
	go func() {
		done, err := b.cancel("p-1", 1000, 63200, key("one"))
		hanging <- result{done, err}
	}()
	b.wantHooks(portone.EventPartialCancelled) // it took effect, and hangs
	if _, err := b.cancel("p-1", 1000, 63200, key("one")); !errors.Is(err, portone.ErrOutstanding) {
		t.Errorf("%v", err)
	}
	b.advance(71 * time.Second)
	first := <-hanging
	again, err := b.cancel("p-1", 1000, 63200, key("one"))
	if first.err != nil || err != nil || again != first.done {
		t.Errorf("%+v, then %+v, %v", first, again, err)
	}
	if got := b.money("p-1"); got != "capture 63200, refund 1000" {
		t.Errorf("ledger %q", got)
	}
}

func TestLedgerContract(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	if status, body := b.raw("GET", "/ledger.json", "", nil); status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("empty: %d %q", status, body)
	}
	b.pay("p-1")
	b.pay("p-2")
	if _, err := b.cancel("p-1", 200, 63200, key("part")); err != nil {
		t.Fatal(err)
	}
	var got []entry
	b.getJSON("/ledger.json", &got)
	want := []entry{
		{"p-1", "capture", 63200, "KRW", morning}, {"p-2", "capture", 63200, "KRW", morning}, {"p-1", "refund", 200, "KRW", morning},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}
