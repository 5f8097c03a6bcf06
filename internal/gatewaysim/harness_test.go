package gatewaysim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"pigonair/internal/gatewaysim"
	"pigonair/payment/portone"
)

const (
	storeID       = "store-test"
	apiSecret     = "api-secret"
	webhookSecret = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rcw=="
	shopReturn    = "http://shop.example:8080/payments/p/return?t=signed"
)

// morning is the base of the simulator's clock in tests: it stands still unless
// a test moves it.
var morning = time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)

// bench is a running simulator, a client of it, and the shop's webhook address.
type bench struct {
	t      *testing.T
	cfg    gatewaysim.Config
	sim    *gatewaysim.Sim
	server *httptest.Server
	client *portone.Client
	hooks  chan portone.Webhook
	status atomic.Int32 // what the shop answers to webhooks
	failed chan string  // payments whose webhook could not be delivered, once that is noted
}

// newBench starts a simulator; change may alter its configuration.
func newBench(t *testing.T, change func(*gatewaysim.Config)) *bench {
	t.Helper()
	b := &bench{t: t, hooks: make(chan portone.Webhook, 10_000), failed: make(chan string, 10_000)}
	b.status.Store(http.StatusOK)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hook, err := verify(r.Header, body)
		if err != nil {
			t.Errorf("webhook %s: %v", body, err)
		}
		status := int(b.status.Load())
		b.hooks <- hook
		w.WriteHeader(status)
	}))
	t.Cleanup(shop.Close)
	b.cfg = gatewaysim.Config{
		StoreID: storeID, APISecret: apiSecret, WebhookURL: shop.URL, WebhookSecret: webhookSecret,
		Dir: t.TempDir(), Now: func() time.Time { return morning },
		Log: slog.New(failures{slog.DiscardHandler, b.failed}),
	}
	if change != nil {
		change(&b.cfg)
	}
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *bench) start() {
	b.t.Helper()
	sim, err := gatewaysim.New(b.cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := sim.Start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.sim, b.server = sim, httptest.NewServer(sim.Handler())
	b.client = portone.New(portone.Config{
		BaseURL: b.server.URL, StoreID: storeID, APISecret: apiSecret,
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	})
}

func (b *bench) stop() {
	b.sim.Stop()
	b.server.Close()
}

// restart stops the simulator and starts another on the same data.
func (b *bench) restart() {
	b.t.Helper()
	b.stop()
	b.start()
}

// failures is a log that passes on the payments of failed deliveries.
type failures struct {
	slog.Handler
	payments chan<- string
}

// Enabled is for slog.
func (failures) Enabled(context.Context, slog.Level) bool { return true }

// Handle is for slog.
func (f failures) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "webhook not delivered" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "payment" {
				f.payments <- a.Value.String()
			}
			return true
		})
	}
	return nil
}

// verify checks a webhook as a shop whose clock is right would: the simulator's
// clock is moved under way, so the time of sending stands for it.
func verify(header http.Header, body []byte) (portone.Webhook, error) {
	sent, err := strconv.ParseInt(header.Get(portone.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return portone.Webhook{}, err
	}
	verifier, err := portone.NewVerifier(func() time.Time { return time.Unix(sent, 0) }, webhookSecret)
	if err != nil {
		return portone.Webhook{}, err
	}
	return verifier.Verify(header, body)
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	b.post("/admin/clock", map[string]int{"advance_seconds": int(d.Seconds())})
}

// fault orders something to go wrong.
func (b *bench) fault(order map[string]any) {
	b.t.Helper()
	b.post("/admin/faults", order)
}

func (b *bench) faultOf(paymentID string, names ...string) {
	b.t.Helper()
	b.fault(map[string]any{"payment_id": paymentID, "faults": names, "amount": 100})
}

func (b *bench) post(path string, body any) {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := http.Post(b.server.URL+path, "application/json", strings.NewReader(string(raw)))
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %d %s", path, raw, res.StatusCode, answer)
	}
}

func (b *bench) getJSON(path string, into any) {
	b.t.Helper()
	res, err := http.Get(b.server.URL + path)
	if err != nil {
		b.t.Error(err)
		return
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		b.t.Errorf("%s: %v", path, err)
	}
}

// entry is a line of the ledger as the contract has it.
type entry struct {
	PaymentID string    `json:"payment_id"`
	Kind      string    `json:"kind"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	At        time.Time `json:"at"`
}

// money writes a payment's ledger as "capture 63200, refund 3000".
func (b *bench) money(paymentID string) string {
	b.t.Helper()
	var entries []entry
	b.getJSON("/ledger.json?payment_id="+paymentID, &entries)
	var lines []string
	for _, e := range entries {
		lines = append(lines, fmt.Sprintf("%s %d", e.Kind, e.Amount))
	}
	return strings.Join(lines, ", ")
}

func (b *bench) get(paymentID string) portone.Payment {
	b.t.Helper()
	p, err := b.client.Get(b.t.Context(), paymentID)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// hook waits for the next webhook, whatever it is.
func (b *bench) hook() portone.Webhook {
	b.t.Helper()
	select {
	case h := <-b.hooks:
		return h
	case <-time.After(20 * time.Second):
		b.t.Fatal("no webhook came")
		return portone.Webhook{}
	}
}

// wantHooks waits for webhooks of exactly these types, in this order.
func (b *bench) wantHooks(types ...string) {
	b.t.Helper()
	for i, want := range types {
		if got := b.hook(); got.Type != want {
			b.t.Fatalf("webhook %d is %s, want %s", i+1, got.Type, want)
		}
	}
}

// ask is a request for the hosted page that is in order.
func ask(paymentID, channel string) portone.Checkout {
	c := portone.Checkout{
		StoreID: storeID, ChannelKey: channel, PaymentID: paymentID, OrderName: "김포 → 제주 ZP101", TotalAmount: 63200,
		Currency: "KRW", PayMethod: portone.MethodCard, RedirectURL: shopReturn, CustomerName: "김하늘", Locale: "ko",
	}
	switch {
	case strings.Contains(channel, "transfer"):
		c.PayMethod = portone.MethodTransfer
	case strings.HasSuffix(channel, "pay"):
		c.PayMethod = portone.MethodEasyPay
	}
	return c
}

// page is an answer to a browser.
type page struct {
	status   int
	location string
	header   http.Header
	text     string
	root     *html.Node
}

func (b *bench) browse(method, address string, form url.Values) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultTransport.RoundTrip(req) // as it is: no redirect is followed
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(raw)))
	if err != nil {
		b.t.Fatal(err)
	}
	return page{res.StatusCode, res.Header.Get("Location"), res.Header, string(raw), root}
}

// open opens the hosted page.
func (b *bench) open(c portone.Checkout) page {
	b.t.Helper()
	return b.browse(http.MethodGet, c.HostedURL(b.server.URL), nil)
}

// press submits the form that the marked button stands in, with its fields,
// some of them changed.
func (b *bench) press(p page, action string, change url.Values) page {
	b.t.Helper()
	form := formOf(p.root, action)
	if form == nil {
		b.t.Fatalf("no form with %q in %s", action, p.text)
	}
	fields := url.Values{}
	for node := range form.Descendants() {
		if name := attr(node, "name"); name != "" && (node.Data == "select" || attr(node, "type") == "number") {
			fields.Set(name, attr(node, "value"))
		}
	}
	for name, values := range change {
		fields[name] = values
	}
	return b.browse(http.MethodPost, b.server.URL+attr(form, "action"), fields)
}

func formOf(root *html.Node, action string) *html.Node {
	for node := range root.Descendants() {
		if attr(node, "data-action") != action {
			continue
		}
		for up := node.Parent; up != nil; up = up.Parent {
			if up.Data == "form" {
				return up
			}
		}
	}
	return nil
}

func attr(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// consent opens the page, approves, and returns what the browser brings back.
func (b *bench) consent(paymentID, channel string) portone.Return {
	b.t.Helper()
	return b.returned(b.press(b.open(ask(paymentID, channel)), "approve", nil))
}

func (b *bench) returned(p page) portone.Return {
	b.t.Helper()
	u, err := url.Parse(p.location)
	if err != nil || p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "http://shop.example:8080/payments/p/return?") || u.Query().Get("t") != "signed" {
		b.t.Fatalf("no return: %d %q %s", p.status, p.location, p.text)
	}
	return portone.ParseReturn(u.Query())
}

// order is a confirmation that is in order.
func order(r portone.Return) portone.ConfirmRequest {
	return portone.ConfirmRequest{
		PaymentToken: r.PaymentToken, TxID: r.TxID, Currency: "KRW", TotalAmount: 63200, IsTest: new(false),
	}
}

func key(name string) string { return name + "-0123456789abcdef" }

// pay goes all the way to a paid payment of 63,200 won.
func (b *bench) pay(paymentID string) {
	b.t.Helper()
	if _, err := b.client.Confirm(b.t.Context(), paymentID, order(b.consent(paymentID, "channel-card")), key("confirm-"+paymentID)); err != nil {
		b.t.Fatal(err)
	}
}

// cancel gives back amount of what is left.
func (b *bench) cancel(paymentID string, amount, left int64, idempotencyKey string) (portone.Cancellation, error) {
	return b.client.Cancel(b.t.Context(), paymentID, portone.CancelRequest{
		Reason: "refund " + idempotencyKey, Amount: amount, CurrentCancellableAmount: left, Requester: portone.RequesterCustomer,
	}, idempotencyKey)
}
