package payment_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"pigonair/db"
	"pigonair/payment"
)

// rest lets everything come to rest: the clock goes on, nothing goes wrong any more, and whatever is due is done,
// with the gateway's own list as the last word.
func (p *process) rest(from time.Time) {
	h := p.h
	h.T.Helper()
	h.clearFaults()
	for range 60 {
		p.settle()
		h.advance(100 * time.Second)
		p.reconcile(from)
		if h.atRest() {
			p.settle()
			return
		}
	}
	h.T.Errorf("no rest: %s", h.restless())
}

// clearFaults lets nothing go wrong at the gateway any more.
func (h *house) clearFaults() {
	h.T.Helper()
	req := mustRequest(h.gateway.URL + "/admin/faults")
	req.Method = http.MethodDelete
	res, err := h.gateway.Client().Do(req)
	if err != nil {
		h.T.Fatal(err)
	}
	res.Body.Close()
}

func (p *process) reconcile(from time.Time) {
	p.h.T.Helper()
	if err := p.Reconcile(context.Background(), from, p.h.clock.Now().Add(time.Minute)); err != nil {
		p.h.T.Error(err)
	}
}

// open are the queries that count what is still to do.
var open = map[string]string{
	"confirming": "SELECT COUNT(*) FROM payment_attempt WHERE state = 'confirming'",
	"refunds":    "SELECT COUNT(*) FROM refund WHERE state = 'pending'",
	"webhooks":   "SELECT COUNT(*) FROM webhook WHERE pending = 1",
}

func (h *house) atRest() bool {
	for _, query := range open {
		if h.Int(query) > 0 {
			return false
		}
	}
	return true
}

func (h *house) restless() string {
	text := ""
	for name, query := range open {
		text += fmt.Sprintf("%d %s ", h.Int(query), name)
	}
	return text
}

// books checks, at rest, what the house promises about seats and money, against the gateway's ledger.
func (h *house) books() {
	h.T.Helper()
	for _, fault := range h.bookFaults() {
		h.T.Error(fault)
	}
}

// account is one payment's or booking's money.
type account struct {
	captured, refunded int64
	captures, refunds  int
}

func (h *house) bookFaults() []string {
	faults := h.Faults()
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	gateway := map[string]*account{}
	for _, e := range h.ledger() {
		a := gateway[e.PaymentID]
		if a == nil {
			a = &account{}
			gateway[e.PaymentID] = a
		}
		if e.Kind == "capture" {
			a.captured, a.captures = a.captured+e.Amount, a.captures+1
		} else {
			a.refunded, a.refunds = a.refunded+e.Amount, a.refunds+1
		}
	}
	faults = append(faults, h.captureFaults(gateway)...)
	faults = append(faults, h.bookingFaults(gateway)...)
	for name, query := range map[string]string{
		"seats paying at rest":                 "SELECT COUNT(*) FROM seat WHERE state = 'paying'",
		"bookings paying at rest":              "SELECT COUNT(*) FROM booking WHERE state = 'paying'",
		"claims that nobody gave back":         "SELECT COUNT(*) FROM payment_attempt WHERE lease_owner <> '' AND lease_until > NOW(6)",
		"ticket messages that are not one":     "SELECT COUNT(*) FROM (SELECT b.id FROM booking b LEFT JOIN outbox o ON o.kind = 'ticket.issue' AND o.subject_id = b.id GROUP BY b.id, b.confirmed_at HAVING COUNT(o.id) <> (b.confirmed_at IS NOT NULL)) x",
		"cancellation mails that are not one":  "SELECT COUNT(*) FROM (SELECT b.id FROM booking b LEFT JOIN outbox o ON o.kind = 'mail.cancelled' AND o.subject_id = b.id GROUP BY b.id, b.confirmed_at, b.state HAVING COUNT(o.id) <> (b.confirmed_at IS NOT NULL AND b.state = 'cancelled')) x",
		"refund mails that are not one":        "SELECT COUNT(*) FROM (SELECT r.id FROM refund r LEFT JOIN outbox o ON o.kind = 'mail.refunded' AND o.subject_id = r.id GROUP BY r.id, r.state HAVING COUNT(o.id) <> (r.state = 'done')) x",
		"confirmed bookings without tickets":   "SELECT COUNT(*) FROM booking b JOIN passenger p ON p.booking_id = b.id WHERE b.state = 'confirmed' AND p.ticket_no IS NULL",
		"bookings confirmed without a payment": "SELECT COUNT(*) FROM booking b LEFT JOIN payment_attempt a ON a.booking_id = b.id AND a.applied = 1 WHERE b.confirmed_at IS NOT NULL AND a.id IS NULL",
	} {
		if n := h.Int(query); n > 0 {
			add("%s: %d", name, n)
		}
	}
	return faults
}

// captureFaults: every capture ends applied or refunded, exactly once.
func (h *house) captureFaults(gateway map[string]*account) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for id, g := range gateway {
		rows, err := db.New(h.Pool).AttemptsByIDs(context.Background(), []string{id})
		if err != nil || len(rows) != 1 {
			add("captured without a row: %s (%v)", id, err)
			continue
		}
		refunds, err := db.New(h.Pool).RefundsOfAttempts(context.Background(), []string{id})
		if err != nil {
			add("%v", err)
		}
		var owed int64
		for _, r := range refunds {
			owed += r.Amount
		}
		switch state := payment.AttemptState(rows[0].State); {
		case g.captures != 1:
			add("%s was captured %d times", id, g.captures)
		case state == payment.Applied && (g.captured != rows[0].Amount || g.refunded != owed || g.refunds != len(refunds)):
			add("%s applied for %d: captured %d, owed back %d, given back %d in %d", id, rows[0].Amount, g.captured, owed, g.refunded, g.refunds)
		case state == payment.Refunding && (g.refunded != g.captured || g.refunds != 1 || len(refunds) != 1):
			add("%s is to be given back: captured %d, given back %d in %d", id, g.captured, g.refunded, g.refunds)
		case state != payment.Applied && state != payment.Refunding:
			add("%s was captured and is %s", id, state)
		}
	}
	return faults
}

// bookingFaults: what was captured for a booking and not given back is the price of what it has, plus fees kept.
func (h *house) bookingFaults(gateway map[string]*account) (faults []string) {
	rows, err := h.Pool.Query(`SELECT b.id, b.ref, b.state, b.total, COALESCE((SELECT SUM(fee) FROM price_line l WHERE l.booking_id = b.id), 0),
  COALESCE((SELECT GROUP_CONCAT(a.id) FROM payment_attempt a WHERE a.booking_id = b.id AND a.applied = 1), '') FROM booking b`)
	if err != nil {
		return []string{err.Error()}
	}
	defer rows.Close()
	for rows.Next() {
		var id, total, fee, kept, want int64
		var ref, state, applied string
		if err := rows.Scan(&id, &ref, &state, &total, &fee, &applied); err != nil {
			return append(faults, err.Error())
		}
		if g := gateway[applied]; g != nil {
			kept = g.captured - g.refunded
		}
		switch {
		case state == "confirmed":
			want = total
		case applied != "":
			want = fee
		}
		if kept != want {
			faults = append(faults, fmt.Sprintf("booking %s is %s: kept %d won, its price and fees are %d", ref, state, kept, want))
		}
	}
	if err := rows.Err(); err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// balanced checks that the program's own balance finds nothing odd.
func (p *process) balanced() payment.Balance {
	p.h.T.Helper()
	now := p.h.clock.Now()
	b, err := p.Balance(context.Background(), now.Add(-12*time.Hour), now.Add(time.Minute))
	if err != nil {
		p.h.T.Fatal(err)
	}
	if b.Total.Difference != 0 || len(b.Odd) > 0 {
		p.h.T.Errorf("the balance has a difference: %+v", b)
	}
	return b
}

// done brings everything to rest and checks the books.
func (p *process) done() payment.Balance {
	p.h.T.Helper()
	p.rest(p.h.clock.Now().Add(-48 * time.Hour))
	p.h.books()
	return p.balanced()
}
