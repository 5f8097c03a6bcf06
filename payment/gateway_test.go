package payment_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pigonair/payment"
	"pigonair/payment/portone"
)

// wire is a process's way to the gateway, with points before and after each call. What is nil does nothing.
type wire struct {
	base   http.RoundTripper
	down   atomic.Bool
	before func(call string)
	after  func(call string, answer *http.Response)
	calls  func(call, payment string, status int)
	fate   func(call string) fate
	hang   func(ctx context.Context, payment string) // returns when the call goes on
	astray sync.WaitGroup                            // calls that nobody waits for
	onWay  []func()                                  // calls that are delayed

	mu      sync.Mutex
	reached map[string]int // calls that reached the gateway
}

// count is how many calls of a kind reached the gateway.
func (w *wire) count(call string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reached[call]
}

func (w *wire) reach(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reached == nil {
		w.reached = map[string]int{}
	}
	w.reached[call]++
}

// fate is what becomes of a call.
type fate int

const (
	arrives    fate = iota
	lost            // it never reaches the gateway
	unanswered      // it does, but the answer is lost
	hangs           // it does, but we give up before it is answered
	delayed         // as hangs, but it reaches the gateway only when onWay is run
)

var errDown = errors.New("the wire is cut")

// RoundTrip is for http.Client.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	call, id := callOf(r)
	if w.before != nil {
		w.before(call)
	}
	end := arrives
	if w.fate != nil {
		end = w.fate(call)
	}
	switch {
	case w.down.Load() || end == lost:
		return nil, errDown
	}
	w.reach(call)
	if w.hang != nil {
		w.hang(r.Context(), id)
	}
	if end == hangs || end == delayed {
		send := w.later(r)
		if end == hangs {
			w.astray.Go(send)
		} else {
			w.onWay = append(w.onWay, send)
		}
		return nil, errDown
	}
	res, err := w.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if w.calls != nil {
		w.calls(call, id, res.StatusCode)
	}
	if w.after != nil {
		w.after(call, res)
	}
	if w.down.Load() || end == unanswered {
		res.Body.Close()
		return nil, errDown
	}
	return res, nil
}

// later is a call whose answer nobody waits for.
func (w *wire) later(r *http.Request) func() {
	body, err := io.ReadAll(r.Body)
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return func() {
		if err != nil {
			return
		}
		if res, err := w.base.RoundTrip(again); err == nil {
			res.Body.Close()
		}
	}
}

// callOf names a call: get, confirm, cancel, pre-register, list.
func callOf(r *http.Request) (call, payment string) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case parts[0] != "payments":
		return "list", ""
	case len(parts) == 2:
		return "get", parts[1]
	}
	return parts[2], parts[1]
}

// post sends an order to the simulator's own paths.
func (h *house) post(path string, body any) {
	h.T.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		h.T.Fatal(err)
	}
	res, err := h.gateway.Client().Post(h.gateway.URL+path, "application/json", bytes.NewReader(raw))
	if err != nil {
		h.T.Fatal(err)
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		h.T.Fatalf("%s %s: %d %s", path, raw, res.StatusCode, answer)
	}
}

// fault makes something go wrong with a payment, or with whatever comes next when it is empty.
func (h *house) fault(payment string, names ...string) {
	h.T.Helper()
	h.post("/admin/faults", map[string]any{"payment_id": payment, "faults": names, "amount": 100})
}

// entry is a line of the ledger.
type entry struct {
	PaymentID string `json:"payment_id"`
	Kind      string `json:"kind"`
	Amount    int64  `json:"amount"`
}

// ledger is what the simulator captured and refunded.
func (h *house) ledger() []entry {
	h.T.Helper()
	res, err := h.gateway.Client().Get(h.gateway.URL + "/ledger.json")
	if err != nil {
		h.T.Fatal(err)
	}
	defer res.Body.Close()
	var entries []entry
	if err := json.NewDecoder(res.Body).Decode(&entries); err != nil {
		h.T.Fatal(err)
	}
	return entries[h.settled:]
}

// money is a payment's ledger in words, such as "capture 93900, refund 92900".
func (h *house) money(payment string) string {
	h.T.Helper()
	var lines []string
	for _, e := range h.ledger() {
		if e.PaymentID == payment {
			lines = append(lines, fmt.Sprintf("%s %d", e.Kind, e.Amount))
		}
	}
	return strings.Join(lines, ", ")
}

func (h *house) wantMoney(payment, want string) {
	h.T.Helper()
	if got := h.money(payment); got != want {
		h.T.Fatalf("the gateway's ledger of %s: %q, want %q", payment, got, want)
	}
}

// visit is a customer's stay at the gateway.
type visit struct {
	h       *house
	payment string
	address string
}

// start presses pay and opens the gateway's page.
func (p *process) start(o order) visit {
	p.h.T.Helper()
	v, err := p.tryStart(o)
	if err != nil {
		p.h.T.Fatalf("start: %v", err)
	}
	return v
}

func (p *process) tryStart(o order) (visit, error) {
	address, err := p.Start(context.Background(), o.member, o.ref, "ZP1", "Kim")
	if err != nil {
		return visit{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return visit{}, err
	}
	v := visit{p.h, u.Query().Get("paymentId"), address}
	return v, v.open()
}

// errPage means that the hosted page refuses what a customer does there.
var errPage = errors.New("the hosted page refuses")

// open opens the hosted page, or opens it again.
func (v visit) open() error {
	res, err := v.h.gateway.Client().Get(v.address)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", errPage, res.Status)
	}
	return nil
}

// press chooses something on the hosted page; what the browser brings back is empty where it stays there.
func (v visit) press(choice string) portone.Return {
	v.h.T.Helper()
	back, err := v.try(choice)
	if err != nil {
		v.h.T.Fatalf("press %s: %v", choice, err)
	}
	return back
}

func (v visit) try(choice string) (portone.Return, error) {
	p, err := v.h.direct().Get(context.Background(), v.payment)
	if err != nil {
		return portone.Return{}, err
	}
	res, err := v.h.gateway.Client().Transport.RoundTrip(mustRequest(v.h.gateway.URL + "/checkout/" + p.TransactionID + "/" + choice))
	if err != nil {
		return portone.Return{}, err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusOK {
		return portone.Return{}, fmt.Errorf("%w: %s", errPage, res.Status)
	}
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		return portone.Return{}, err
	}
	return portone.ParseReturn(back.Query()), nil
}

func mustRequest(address string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, address, http.NoBody)
	if err != nil {
		panic(err) // the address is the test server's own
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// direct is a client of the gateway that no process's faults touch.
func (h *house) direct() *portone.Client {
	return portone.New(portone.Config{BaseURL: h.gateway.URL, StoreID: storeID, APISecret: apiSecret, HTTPClient: h.gateway.Client()})
}

// approveLate leaves the hosted page and lets the approval come later; it returns once the gateway has charged.
func (v visit) approveLate() {
	v.h.T.Helper()
	v.press("approve-late")
	v.h.advance(6 * time.Second)
	v.awaitLate()
}

// awaitLate waits for a late approval that is due.
func (v visit) awaitLate() {
	v.h.T.Helper()
	for {
		select {
		case id := <-v.h.late:
			if id == v.payment {
				return
			}
		case <-time.After(20 * time.Second):
			v.h.T.Fatal("no late approval came")
		}
	}
}

// back brings what a browser brings.
func (p *process) back(v visit, back portone.Return) payment.Outcome {
	p.h.T.Helper()
	o, err := p.Return(context.Background(), v.payment, back)
	if err != nil {
		p.h.T.Fatalf("return: %v", err)
	}
	return o
}

// buy goes all the way.
func (p *process) buy(o order) visit {
	p.h.T.Helper()
	v := p.start(o)
	if got := p.back(v, v.press("approve")); got.State != payment.Applied {
		p.h.T.Fatalf("the purchase ended %s (%s)", got.State, got.Reason)
	}
	return v
}
