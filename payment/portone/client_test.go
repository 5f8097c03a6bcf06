package portone_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pigonair/payment/portone"
)

const testKey = "key-0123456789abcdef"

// seen is a request as the gateway read it.
type seen struct {
	method, uri, auth, key, contentType string
	body                                map[string]any
}

// gateway answers every call with the same status and body, and hands over
// what it was asked.
func gateway(t *testing.T, status int, answer string) (*portone.Client, <-chan seen) {
	t.Helper()
	asked := make(chan seen, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := seen{
			method: r.Method, uri: r.URL.RequestURI(), auth: r.Header.Get("Authorization"),
			key: r.Header.Get("Idempotency-Key"), contentType: r.Header.Get("Content-Type"),
		}
		if raw, _ := io.ReadAll(r.Body); len(raw) > 0 {
			if err := json.Unmarshal(raw, &got.body); err != nil {
				t.Errorf("body %q: %v", raw, err)
			}
		}
		asked <- got
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return newClient(server.URL), asked
}

func newClient(address string) *portone.Client {
	return portone.New(portone.Config{BaseURL: address + "/", StoreID: "store-1", APISecret: "s3cret"})
}

func confirmRequest() portone.ConfirmRequest {
	return portone.ConfirmRequest{
		PaymentToken: "tok", TxID: "tx", Currency: "KRW", TotalAmount: 63200, IsTest: new(false),
	}
}

func cancelRequest() portone.CancelRequest {
	return portone.CancelRequest{
		Reason: "refund r-1", Amount: 3000, CurrentCancellableAmount: 63200, Requester: portone.RequesterCustomer,
	}
}

func TestGetReadsPayment(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{"status":"PARTIAL_CANCELLED","id":"p-1","transactionId":"tx-1",
		"merchantId":"m","storeId":"store-1","method":{"type":"PaymentMethodCard","installment":{"month":3,"isInterestFree":true}},
		"channel":{"type":"LIVE","key":"ck","pgProvider":"TOSSPAYMENTS","pgMerchantId":"x"},
		"orderName":"ZP101","amount":{"total":63200,"taxFree":0,"discount":0,"paid":63200,"cancelled":3000},
		"currency":"KRW","paidAt":"2026-12-24T01:02:03.5Z",
		"cancellations":[{"status":"SUCCEEDED","id":"c-1","totalAmount":3000,"reason":"refund r-1","cancelledAt":"2026-12-24T02:00:00Z"}]}`)
	p, err := client.Get(t.Context(), "p-1")
	if err != nil {
		t.Fatal(err)
	}
	got := <-asked
	if got.method != "GET" || got.uri != "/payments/p-1?storeId=store-1" || got.auth != "PortOne s3cret" || got.key != "" {
		t.Errorf("asked %+v", got)
	}
	if p.Status != portone.StatusPartialCancelled || p.Cancellable() != 60200 || p.Channel.Type != portone.ChannelLive {
		t.Errorf("payment %+v", p)
	}
	if p.Method.Installment.Month != 3 || len(p.Cancellations) != 1 || p.Cancellations[0].Reason != "refund r-1" {
		t.Errorf("payment %+v", p)
	}
	if want := time.Date(2026, 12, 24, 1, 2, 3, 5e8, time.UTC); !p.PaidAt.Equal(want) {
		t.Errorf("paidAt %v", p.PaidAt)
	}
}

func TestPaymentIDIsEscaped(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{}`)
	_, _ = client.Get(t.Context(), "a/../b?c")
	if got := <-asked; got.uri != "/payments/a%2F..%2Fb%3Fc?storeId=store-1" {
		t.Errorf("asked %q", got.uri)
	}
}

func TestPreRegister(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{}`)
	if err := client.PreRegister(t.Context(), "p-1", 63200, "KRW"); err != nil {
		t.Fatal(err)
	}
	got := <-asked
	if got.method != "POST" || got.uri != "/payments/p-1/pre-register" || got.contentType != "application/json" ||
		got.body["totalAmount"] != 63200.0 || got.body["currency"] != "KRW" || got.body["storeId"] != "store-1" {
		t.Errorf("asked %+v", got)
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{"pgTxId":"pg-1","paidAt":"2026-12-24T01:02:03Z"}`)
	done, err := client.Confirm(t.Context(), "p-1", confirmRequest(), testKey)
	if err != nil || done.PGTxID != "pg-1" || done.PaidAt.IsZero() {
		t.Fatalf("%+v, %v", done, err)
	}
	got := <-asked
	if got.uri != "/payments/p-1/confirm" || got.key != `"`+testKey+`"` {
		t.Errorf("asked %+v", got)
	}
	want := map[string]any{"storeId": "store-1", "paymentToken": "tok", "txId": "tx", "currency": "KRW",
		"totalAmount": 63200.0, "isTest": false}
	for name, value := range want {
		if got.body[name] != value {
			t.Errorf("%s = %v, want %v", name, got.body[name], value)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{"cancellation":{"status":"SUCCEEDED","id":"c-1","totalAmount":3000,"reason":"refund r-1"}}`)
	done, err := client.Cancel(t.Context(), "p-1", cancelRequest(), testKey)
	if err != nil || done.ID != "c-1" || done.Status != portone.CancellationSucceeded {
		t.Fatalf("%+v, %v", done, err)
	}
	got := <-asked
	if got.uri != "/payments/p-1/cancel" || got.key != `"`+testKey+`"` || got.body["amount"] != 3000.0 ||
		got.body["currentCancellableAmount"] != 63200.0 || got.body["reason"] != "refund r-1" || got.body["requester"] != "CUSTOMER" {
		t.Errorf("asked %+v", got)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	item := `{"payment":{"id":"p","status":"PAID"},"cursor":"c9"}`
	full := `{"items":[` + strings.Repeat(item+",", portone.PageSize-1) + item + `]}`
	client, asked := gateway(t, 200, full)
	from := time.Date(2026, 12, 24, 0, 0, 0, 0, time.FixedZone("KST", 9*3600))
	page, err := client.List(t.Context(), from, from.Add(48*time.Hour), "c0")
	if err != nil || len(page.Payments) != portone.PageSize || page.Next != "c9" {
		t.Fatalf("%d payments, next %q, %v", len(page.Payments), page.Next, err)
	}
	if got := (<-asked).uri; !strings.HasPrefix(got, "/payments-by-cursor?requestBody=") || !strings.Contains(got, "2026-12-23T15%3A00%3A00Z") {
		t.Errorf("asked %q", got)
	}
	last, _ := gateway(t, 200, `{"items":[`+item+`]}`)
	if page, err = last.List(t.Context(), from, from.Add(time.Hour), ""); err != nil || page.Next != "" || len(page.Payments) != 1 {
		t.Errorf("last page %+v, %v", page, err)
	}
}

func TestResendWebhook(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{"webhook":{"id":"w"}}`)
	if err := client.ResendWebhook(t.Context(), "p-1", "w-1"); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got.uri != "/payments/p-1/resend-webhook" || got.body["webhookId"] != "w-1" {
		t.Errorf("asked %+v", got)
	}
}

// TestErrorAnswers is the table from answers to meanings.
func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		answer string
		want   error
	}{
		{401, `{"type":"UNAUTHORIZED"}`, portone.ErrUnauthorized},
		{401, `nonsense`, portone.ErrUnauthorized},
		{403, `{"type":"FORBIDDEN"}`, portone.ErrUnauthorized},
		{404, `{"type":"PAYMENT_NOT_FOUND"}`, portone.ErrNotFound},
		{404, `{"type":"PaymentNotFoundError","message":"x"}`, portone.ErrNotFound},
		{400, `{"type":"INVALID_REQUEST"}`, portone.ErrInvalidRequest},
		{400, `{"type":"InvalidPaymentTokenError"}`, portone.ErrInvalidToken},
		{409, `{"type":"InformationMismatchError"}`, portone.ErrMismatch},
		{409, `{"type":"AlreadyPaidError"}`, portone.ErrAlreadyPaid},
		{409, `{"type":"PaymentNotPaidError"}`, portone.ErrNotPaid},
		{409, `{"type":"PaymentAlreadyCancelledError"}`, portone.ErrAlreadyCancelled},
		{409, `{"type":"CancellableAmountConsistencyBrokenError"}`, portone.ErrAmountBroken},
		{409, `{"type":"CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"}`, portone.ErrAmountExceeded},
		{409, `{"type":"IDEMPOTENCY_OUTSTANDING_REQUEST"}`, portone.ErrOutstanding},
		{409, `{"type":"SOMETHING_NEW"}`, portone.ErrRefused},
		{429, ``, portone.ErrTooManyRequests},
		{404, `<html>no such page</html>`, portone.ErrUnknownOutcome},
		{403, `<html>blocked</html>`, portone.ErrUnknownOutcome},
		{408, `{"type":"INVALID_REQUEST"}`, portone.ErrUnknownOutcome},
		{302, `{"type":"ALREADY_PAID"}`, portone.ErrUnknownOutcome},
		{500, `{"type":"PAYMENT_NOT_FOUND"}`, portone.ErrUnknownOutcome},
		{502, `{"type":"PG_PROVIDER","pgCode":"LIMIT"}`, portone.ErrUnknownOutcome},
		{502, `{"type":"PgProviderError"}`, portone.ErrProvider},
		{503, ``, portone.ErrUnknownOutcome},
		{200, `not json`, portone.ErrUnknownOutcome},
		{200, `{}`, portone.ErrUnknownOutcome},
		{200, `{"pgTxId":"` + strings.Repeat("x", 2<<20) + `"}`, portone.ErrUnknownOutcome},
	} {
		client, _ := gateway(t, c.status, c.answer)
		_, err := client.Confirm(t.Context(), "p-1", confirmRequest(), testKey)
		if !errors.Is(err, c.want) {
			t.Errorf("%d %.60s: %v, want %v", c.status, c.answer, err, c.want)
		}
	}
}

func TestAPIErrorKeepsTheReason(t *testing.T) {
	t.Parallel()
	client, _ := gateway(t, 502, `{"type":"PG_PROVIDER","message":"m","pgCode":"LIMIT","pgMessage":"한도 초과"}`)
	_, err := client.Confirm(t.Context(), "p-1", confirmRequest(), testKey)
	var api *portone.APIError
	if !errors.As(err, &api) || api.Status != 502 || api.Type != portone.TypeProvider || api.PGCode != "LIMIT" || api.PGMessage != "한도 초과" {
		t.Errorf("%+v", api)
	}
	if !strings.Contains(err.Error(), "confirm p-1") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("text %q", err)
	}
}

// TestIncompleteAnswersAreUnknown: a 200 without the fields that matter proves nothing.
func TestIncompleteAnswersAreUnknown(t *testing.T) {
	t.Parallel()
	client, _ := gateway(t, 200, `{"cancellation":{}}`)
	if _, err := client.Cancel(t.Context(), "p-1", cancelRequest(), testKey); !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("cancel: %v", err)
	}
	if _, err := client.Get(t.Context(), "p-1"); !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("get: %v", err)
	}
}

// TestWrongRequestsAreNotSent: what must never reach the gateway does not.
func TestWrongRequestsAreNotSent(t *testing.T) {
	t.Parallel()
	client, asked := gateway(t, 200, `{}`)
	cancel := func(change func(*portone.CancelRequest)) error {
		r := cancelRequest()
		change(&r)
		_, err := client.Cancel(t.Context(), "p-1", r, testKey)
		return err
	}
	confirm := func(change func(*portone.ConfirmRequest)) error {
		r := confirmRequest()
		change(&r)
		_, err := client.Confirm(t.Context(), "p-1", r, testKey)
		return err
	}
	_, noID := client.Get(t.Context(), "")
	_, dots := client.Get(t.Context(), "..")
	_, shortKey := client.Confirm(t.Context(), "p-1", confirmRequest(), "short")
	_, oddKey := client.Cancel(t.Context(), "p-1", cancelRequest(), `0123456789abcdef"`)
	for name, err := range map[string]error{
		"no id": noID, "dots": dots, "short key": shortKey, "odd key": oddKey,
		"cancel nothing":       cancel(func(r *portone.CancelRequest) { r.Amount = 0 }),
		"cancel too much":      cancel(func(r *portone.CancelRequest) { r.Amount = 63201 }),
		"cancel, no reason":    cancel(func(r *portone.CancelRequest) { r.Reason = "" }),
		"cancel, no balance":   cancel(func(r *portone.CancelRequest) { r.CurrentCancellableAmount = 0 }),
		"confirm, no token":    confirm(func(r *portone.ConfirmRequest) { r.PaymentToken = "" }),
		"confirm, no amount":   confirm(func(r *portone.ConfirmRequest) { r.TotalAmount = 0 }),
		"confirm, no currency": confirm(func(r *portone.ConfirmRequest) { r.Currency = "" }),
		"pre-register nothing": client.PreRegister(t.Context(), "p-1", 0, "KRW"),
	} {
		if !errors.Is(err, portone.ErrInvalidRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(asked) != 0 {
		t.Errorf("%d requests left anyway", len(asked))
	}
}

func TestUnreachableGatewayWasNotSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	_, err = newClient(address).Confirm(t.Context(), "p-1", confirmRequest(), testKey)
	if !errors.Is(err, portone.ErrNotSent) || errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("%v", err)
	}
}

func TestTimeoutIsUnknown(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	client := portone.New(portone.Config{BaseURL: server.URL, Timeout: 50 * time.Millisecond})
	_, err := client.Confirm(t.Context(), "p-1", confirmRequest(), testKey)
	if !errors.Is(err, portone.ErrUnknownOutcome) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestNotSentTwice: a connection that breaks after the request went out is an
// unknown outcome, and net/http must not send the request again behind our
// back, though the idempotency key makes it think that it may.
func TestNotSentTwice(t *testing.T) {
	t.Parallel()
	calls := make(chan string, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- r.Method
		io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			io.WriteString(w, `{"id":"p-1","status":"READY"}`)
			return
		}
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
	}))
	t.Cleanup(server.Close)
	client := newClient(server.URL)
	if _, err := client.Get(t.Context(), "p-1"); err != nil { // leaves a connection to reuse
		t.Fatal(err)
	}
	_, err := client.Confirm(t.Context(), "p-1", confirmRequest(), testKey)
	if !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("%v", err)
	}
	if got := len(calls); got != 2 {
		t.Errorf("%d requests, want a GET and one POST", got)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere <- r.Header.Get("Authorization")
	}))
	t.Cleanup(other.Close)
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	if _, err := newClient(server.URL).Get(t.Context(), "p-1"); !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("%v", err)
	}
	if len(elsewhere) != 0 {
		t.Error("the secret went to another address")
	}
}
