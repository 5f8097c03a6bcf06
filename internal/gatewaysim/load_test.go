package gatewaysim_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pigonair/internal/gatewaysim"
	"pigonair/payment/portone"
)

// TestRaces: whatever arrives at once, a payment is charged once, and no more
// than was charged goes back.
func TestRaces(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	const many = 30
	race := func(do func(i int) error, want ...error) (won int64) {
		var wins atomic.Int64
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				err := do(i)
				if err == nil {
					wins.Add(1)
					return
				}
				for _, w := range want {
					if errors.Is(err, w) {
						return
					}
				}
				t.Error(err)
			})
		}
		all.Wait()
		return wins.Load()
	}
	back := b.consent("p-1", "channel-card")
	if won := race(func(i int) error {
		_, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm-"+strconv.Itoa(i)))
		return err
	}, portone.ErrAlreadyPaid); won != 1 {
		t.Errorf("%d confirms won", won)
	}
	if won := race(func(i int) error {
		_, err := b.cancel("p-1", 1000, 63200, key("cancel-"+strconv.Itoa(i)))
		return err
	}, portone.ErrAmountBroken); won != 1 {
		t.Errorf("%d cancels won", won)
	}
	race(func(int) error {
		_, err := b.cancel("p-1", 200, 62200, key("same"))
		return err
	}, portone.ErrOutstanding)
	if got := b.money("p-1"); got != "capture 63200, refund 1000, refund 200" {
		t.Errorf("ledger %q", got)
	}
}

// TestManyPayments runs whole payments side by side and adds everything up.
func TestManyPayments(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	const payers, each = 16, 20
	var all sync.WaitGroup
	for payer := range payers {
		all.Go(func() {
			for i := range each {
				b.pay(fmt.Sprintf("p-%d-%d", payer, i))
			}
		})
	}
	all.Wait()
	counts := map[string]int{}
	for range 2 * payers * each {
		counts[b.hook().Type]++
	}
	if counts[portone.EventPaid] != payers*each || counts[portone.EventReady] != payers*each {
		t.Errorf("webhooks %v", counts)
	}
	var ledger []entry
	b.getJSON("/ledger.json", &ledger)
	paid := map[string]bool{}
	for _, e := range ledger {
		paid[e.PaymentID] = true
	}
	if len(ledger) != payers*each || len(paid) != payers*each {
		t.Errorf("%d entries of %d payments", len(ledger), len(paid))
	}
}

// TestStoreIsBounded: payments beyond the bound are refused, those within go on.
func TestStoreIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *gatewaysim.Config) { c.MaxPayments = 2 })
	b.pay("p-1")
	if err := b.client.PreRegister(t.Context(), "p-2", 63200, "KRW"); err != nil {
		t.Fatal(err)
	}
	if err := b.client.PreRegister(t.Context(), "p-3", 63200, "KRW"); !errors.Is(err, portone.ErrTooManyRequests) {
		t.Errorf("%v", err)
	}
	if p := b.open(ask("p-3", "channel-card")); p.status != http.StatusConflict {
		t.Errorf("%d", p.status)
	}
	b.pay("p-2")
}

// TestLifeCycle: Start listens, Stop ends hanging calls and leaves nothing
// running, and may be called again.
func TestLifeCycle(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	shop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer shop.Close()
	sim, err := gatewaysim.New(gatewaysim.Config{
		Addr: "127.0.0.1:0", StoreID: storeID, APISecret: apiSecret, Dir: t.TempDir(),
		WebhookURL: shop.URL, WebhookSecret: webhookSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	if sim.URL() != "" {
		t.Errorf("listening before Start: %s", sim.URL())
	}
	if err := sim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, sim: sim, server: &httptest.Server{URL: sim.URL()}}
	if status, body := b.raw("GET", "/healthz", "", nil); status != http.StatusOK || body != "ok\n" {
		t.Errorf("%d %q", status, body)
	}
	transport := &http.Transport{}
	b.client = portone.New(portone.Config{
		BaseURL: sim.URL(), StoreID: storeID, APISecret: apiSecret, HTTPClient: &http.Client{Transport: transport},
	})
	b.fault(map[string]any{"faults": []string{"get-hang"}})
	hung := make(chan error, 1)
	go func() {
		_, err := b.client.Get(t.Context(), "p-1")
		hung <- err
	}()
	for b.waiting() { // until the call has met its fault
	}
	started := time.Now()
	sim.Stop()
	sim.Stop()
	if err := <-hung; !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("the hanging call: %v", err)
	}
	if took := time.Since(started); took > 30*time.Second { // a hang lasts for minutes
		t.Errorf("stopping took %v", took)
	}
	transport.CloseIdleConnections()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// waiting reports whether a fault for any payment has not struck yet.
func (b *bench) waiting() bool {
	var shown struct {
		Waiting struct{ Faults []any }
	}
	b.getJSON("/admin/faults", &shown)
	return len(shown.Waiting.Faults) > 0
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	good := gatewaysim.Config{StoreID: "s", APISecret: "a", Dir: t.TempDir()}
	for name, change := range map[string]func(*gatewaysim.Config){
		"store":          func(c *gatewaysim.Config) { c.StoreID = "" },
		"secret":         func(c *gatewaysim.Config) { c.APISecret = "" },
		"dir":            func(c *gatewaysim.Config) { c.Dir = "" },
		"webhook secret": func(c *gatewaysim.Config) { c.WebhookURL = "http://x/" },
		"channel twice": func(c *gatewaysim.Config) {
			c.Channels = append(gatewaysim.DefaultChannels(), gatewaysim.DefaultChannels()...)
		},
		"no approval": func(c *gatewaysim.Config) { c.Channels = []gatewaysim.Channel{{Key: "k", Method: portone.MethodCard}} },
		"no method":   func(c *gatewaysim.Config) { c.Channels = []gatewaysim.Channel{{Key: "k", Approval: gatewaysim.Manual}} },
	} {
		c := good
		change(&c)
		if _, err := gatewaysim.New(c); !errors.Is(err, gatewaysim.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	taken, err := gatewaysim.New(good)
	if err != nil {
		t.Fatal(err)
	}
	taken.Stop()
	bad := good
	bad.Addr = "256.0.0.1:0"
	sim, err := gatewaysim.New(bad)
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Stop()
	if sim.Start(t.Context()) == nil {
		t.Error("listening on an address that cannot be")
	}
}

// BenchmarkPayments runs whole payments (window, get, consent, get) side by
// side; the more runs, the more the simulator already holds.
func BenchmarkPayments(b *testing.B) {
	sim, err := gatewaysim.New(gatewaysim.Config{StoreID: storeID, APISecret: apiSecret, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Stop()
	if err := sim.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	client := portone.New(portone.Config{
		BaseURL: server.URL, StoreID: storeID, APISecret: apiSecret, HTTPClient: &http.Client{Transport: transport},
	})
	var count atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := "p-" + strconv.FormatInt(count.Add(1), 10)
			if err := payOnce(b, transport, server.URL, client, id); err != nil {
				b.Error(err)
			}
		}
	})
}

func payOnce(b *testing.B, transport http.RoundTripper, base string, client *portone.Client, id string) error {
	res, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, ask(id, "channel-card-auto").HostedURL(base), nil))
	if err != nil {
		return err
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	p, err := client.Get(b.Context(), id)
	if err != nil {
		return err
	}
	res, err = transport.RoundTrip(httptest.NewRequest(http.MethodPost, base+"/checkout/"+p.TransactionID+"/approve", nil))
	if err != nil {
		return err
	}
	res.Body.Close()
	p, err = client.Get(b.Context(), id)
	if err != nil {
		return err
	}
	return portone.Verify(p, expected(id))
}
