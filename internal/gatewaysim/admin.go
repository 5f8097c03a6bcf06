package gatewaysim

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// routes is every address of the simulator.
func (s *Sim) routes() http.Handler {
	mux := http.NewServeMux()

	// The gateway's REST API, for the shop's servers.
	mux.Handle("GET /payments/{id}", s.call(opGet, s.get))
	mux.Handle("POST /payments/{id}/pre-register", s.call(opPreRegister, s.preRegister))
	mux.Handle("POST /payments/{id}/confirm", s.call(opConfirm, s.confirm))
	mux.Handle("POST /payments/{id}/cancel", s.call(opCancel, s.cancel))
	mux.Handle("POST /payments/{id}/resend-webhook", s.call(opResend, s.resend))
	mux.Handle("GET /payments-by-cursor", s.call(opList, s.list))

	// The hosted page, for the customer's browser.
	mux.HandleFunc("GET /checkout", s.openCheckout)
	mux.HandleFunc("GET /checkout/{tx}", s.reopenCheckout)
	mux.HandleFunc("POST /checkout/{tx}/{choice}", s.choose)
	mux.HandleFunc("GET /assets/gateway.css", s.serveCSS)

	// For tests and whoever runs the simulator.
	mux.HandleFunc("GET /{$}", s.serveIndex)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.HandleFunc("GET /ledger.json", s.serveLedger)
	mux.HandleFunc("GET /admin/faults", s.showFaults)
	mux.HandleFunc("POST /admin/faults", s.addFaults)
	mux.HandleFunc("DELETE /admin/faults", s.clearFaults)
	mux.HandleFunc("GET /admin/clock", s.showClock)
	mux.HandleFunc("POST /admin/clock", s.moveClock)

	// A page of another origin must not press buttons here.
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *Sim) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if err := s.journal.failure(); err != nil {
		http.Error(w, "the store failed", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// serveLedger tells every capture and refund, oldest first; with payment_id,
// only those of the payments named.
func (s *Sim) serveLedger(w http.ResponseWriter, r *http.Request) {
	entries := s.entries(r.URL.Query()["payment_id"])
	if err := s.settle(); err != nil {
		http.Error(w, "the store failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	out := bufio.NewWriter(w)
	encode := json.NewEncoder(out)
	before := "["
	for _, e := range entries {
		_, _ = out.WriteString(before)
		// Errors stay with the writer and only mean that the reader is gone.
		_ = encode.Encode(e)
		before = ","
	}
	if len(entries) == 0 {
		_, _ = out.WriteString(before)
	}
	_, _ = out.WriteString("]\n")
	_ = out.Flush()
}

func (s *Sim) entries(paymentIDs []string) []entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(paymentIDs) == 0 {
		return s.state.ledger[:len(s.state.ledger):len(s.state.ledger)] // only ever appended to
	}
	var positions []int
	for _, id := range paymentIDs {
		positions = append(positions, s.state.entriesOf[id]...)
	}
	slices.Sort(positions)
	found := make([]entry, 0, len(positions))
	for _, i := range slices.Compact(positions) {
		found = append(found, s.state.ledger[i])
	}
	return found
}

// faultOrder is the body of POST /admin/faults: what shall go wrong, with one
// payment (payment_id, which need not exist yet) or with the next calls or
// payments, how many times (next, 1 when missing).
type faultOrder struct {
	PaymentID string   `json:"payment_id"`
	Next      int      `json:"next"`
	Faults    []string `json:"faults"`
	Seconds   int      `json:"seconds"` // of a hang; 70 when missing
	Status    int      `json:"status"`  // of an error; 500 when missing
	Amount    int64    `json:"amount"`  // of amount-tampered
}

var (
	errFault       = errors.New("unknown fault, or particulars out of range")
	errUnsupported = errors.New("a JSON object with Content-Type application/json is expected")
)

// list makes the faults that an order asks for.
func (o faultOrder) list() ([]fault, error) {
	f := fault{Left: o.Next, Seconds: o.Seconds, Status: o.Status, Amount: o.Amount}
	if f.Left == 0 {
		f.Left = 1
	}
	if f.Seconds == 0 {
		f.Seconds = hangSeconds
	}
	if f.Status == 0 {
		f.Status = errorStatus
	}
	if f.Left < 0 || f.Left > maxFaultTimes || f.Seconds < 0 || f.Seconds > maxHangSeconds || f.Status < 500 || f.Status > 599 {
		return nil, errFault
	}
	var list []fault
	for _, name := range o.Faults {
		if !slices.Contains(faultNames(), name) || (name == faultAmount && !validAmount(f.Amount)) {
			return nil, fmt.Errorf("%w: %q", errFault, name)
		}
		f.Name = name
		list = append(list, f)
	}
	return list, nil
}

// formFaults reads the faults chosen on the hosted page.
func formFaults(form url.Values) ([]fault, error) {
	o := faultOrder{Faults: form["fault"]}
	var found []error
	read := func(name string) int64 {
		if form.Get(name) == "" {
			return 0
		}
		n, err := strconv.ParseInt(form.Get(name), 10, 64)
		found = append(found, err)
		return n
	}
	o.Seconds, o.Status, o.Amount = int(read("seconds")), int(read("status")), read("amount")
	if err := errors.Join(found...); err != nil {
		return nil, errFault
	}
	return o.list()
}

// maxFaultLists bounds the payments that faults wait for.
const maxFaultLists = 200_000

// setFaults replaces the faults of a payment, and changes the payment at once
// where they do. The caller holds mu.
func (s *Sim) setFaults(paymentID string, list []fault) change {
	c := change{Faults: []faultList{{paymentID, list}}}
	if p := s.state.payments[paymentID]; p != nil && p.open() {
		if next := p.tampered(list); next.Amount != p.Amount || next.Channel != p.Channel {
			c.Payment = &next
		}
	}
	return c
}

// addFaults serves POST /admin/faults.
func (s *Sim) addFaults(w http.ResponseWriter, r *http.Request) {
	var order faultOrder
	if err := readJSON(w, r, &order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	list, err := order.list()
	if err != nil || (order.PaymentID != "" && !validID(order.PaymentID)) {
		http.Error(w, errors.Join(errFault, err).Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	full := len(s.state.faults) >= maxFaultLists
	if !full {
		s.commit(s.setFaults(order.PaymentID, append(slices.Clone(s.state.faults[order.PaymentID]), list...)))
	}
	s.mu.Unlock()
	if full {
		http.Error(w, "too many faults are waiting", http.StatusTooManyRequests)
		return
	}
	s.write(w, reply{http.StatusOK, struct{}{}})
}

// showFaults serves GET /admin/faults: what is waiting, and what there is.
func (s *Sim) showFaults(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("payment_id")
	s.mu.Lock()
	waiting := s.state.faults[id]
	s.mu.Unlock()
	s.write(w, reply{http.StatusOK, map[string]any{"waiting": faultList{id, append([]fault{}, waiting...)}, "known": faultNames()}})
}

// clearFaults serves DELETE /admin/faults: nothing goes wrong any more.
func (s *Sim) clearFaults(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	var gone []faultList
	for id := range s.state.faults {
		gone = append(gone, faultList{PaymentID: id})
	}
	s.commit(change{Faults: gone})
	s.mu.Unlock()
	s.write(w, reply{http.StatusOK, struct{}{}})
}

// showClock serves GET /admin/clock.
func (s *Sim) showClock(w http.ResponseWriter, _ *http.Request) {
	s.write(w, reply{http.StatusOK, map[string]time.Time{"now": s.clock.Now()}})
}

// maxAdvance bounds how far the clock is moved at once.
const maxAdvance = 366 * 24 * time.Hour

// moveClock serves POST /admin/clock {"advance_seconds": 14400}.
func (s *Sim) moveClock(w http.ResponseWriter, r *http.Request) {
	var order struct {
		AdvanceSeconds int64 `json:"advance_seconds"`
	}
	if err := readJSON(w, r, &order); err != nil || order.AdvanceSeconds < 0 || order.AdvanceSeconds > int64(maxAdvance/time.Second) {
		http.Error(w, errors.Join(errors.New("advance_seconds: 0 or more"), err).Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	offset := s.state.offset + time.Duration(order.AdvanceSeconds)*time.Second
	s.commit(change{Offset: &offset})
	s.clock.Move(offset)
	s.mu.Unlock()
	s.plan.poke()
	s.showClock(w, r)
}

// readJSON reads a body. It insists on the content type, which no form of a
// foreign page can send.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errUnsupported
	}
	decode := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequestBody))
	decode.DisallowUnknownFields()
	if err := decode.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errUnsupported, err)
	}
	return nil
}
