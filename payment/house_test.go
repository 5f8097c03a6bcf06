package payment_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/db"
	"pigonair/internal/gatewaysim"
	"pigonair/payment"
	"pigonair/payment/portone"
	"pigonair/ticketing"
)

const (
	storeID       = "store-test"
	apiSecret     = "api-secret"
	webhookSecret = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rcw=="
)

// house is a shop with its database, the gateway's simulator, and one clock for both. The clock stands still but
// for a second at the begin and the end of every transaction, so that no two of them share an instant.
type house struct {
	*bookingtest.World
	clock   *bookingtest.Clock
	sim     *gatewaysim.Sim
	gateway *httptest.Server
	hooks   chan portone.Webhook // those that the simulator has delivered, once they are stored
	late    chan string          // payments that were approved late
	process *process
	staff   []*process // that play schedules
	flights int64
	sold    atomic.Int64 // told through Config.Bought
	settled int          // entries of the ledger that belong to earlier schedules
}

// choice changes how a house is built.
type choice struct {
	channel  string // at the simulator; empty: channel-card
	live     bool   // a house in production: TEST channels count for nothing
	timeout  time.Duration
	webhooks bool          // the simulator delivers them by itself
	late     time.Duration // until a late approval; 0: 5 s
	rules    func(*booking.Rules)
	cuts     []bookingtest.Cut // out of the program's SQL
}

func newHouse(t testing.TB, c choice) *house {
	t.Helper()
	h := &house{World: bookingtest.New(t), clock: bookingtest.NewClock(time.Now()), hooks: make(chan portone.Webhook, 1000), late: make(chan string, 1000)}
	h.Pool = h.Open(bookingtest.Meddling{Clock: h.clock})
	h.startGateway(c)
	h.process = h.newProcess(c)
	return h
}

func (h *house) startGateway(c choice) {
	h.T.Helper()
	cfg := gatewaysim.Config{StoreID: storeID, APISecret: apiSecret, WebhookSecret: webhookSecret, Dir: h.T.(interface{ TempDir() string }).TempDir(),
		LateApproval: c.late, Now: h.clock.Now, Log: slog.New(lateLog{slog.DiscardHandler, h.late})}
	if c.webhooks {
		shop := httptest.NewServer(http.HandlerFunc(h.receive))
		h.T.Cleanup(shop.Close)
		cfg.WebhookURL = shop.URL
	}
	sim, err := gatewaysim.New(cfg)
	if err != nil {
		h.T.Fatal(err)
	}
	if err := sim.Start(context.Background()); err != nil {
		h.T.Fatal(err)
	}
	h.sim, h.gateway = sim, httptest.NewServer(sim.Handler())
	h.T.Cleanup(func() { sim.Stop(); h.gateway.Close() })
}

// process is one process of the shop: its own connections, its own way to the gateway, and a life that can end.
type process struct {
	*payment.Service
	h       *house
	pool    *sql.DB
	booking *booking.Service
	settler *payment.Settler
	wire    *wire
	dead    atomic.Bool
	point   func(booking.Point) // called at the points of transactions; nil: nothing
	ended   func()              // called when a transaction has ended; nil: nothing
}

func (h *house) newProcess(c choice) *process {
	h.T.Helper()
	p := &process{h: h, wire: &wire{base: h.gateway.Client().Transport}}
	p.pool = h.Open(bookingtest.Meddling{Clock: h.clock, Cuts: c.cuts, See: p.see, Fault: func(bookingtest.Statement) bookingtest.Fault {
		if p.dead.Load() {
			return bookingtest.LoseBefore
		}
		return bookingtest.None
	}})
	references, err := ticketing.NewReferences([]byte("0123456789abcdef"))
	if err != nil {
		h.T.Fatal(err)
	}
	rules := booking.DefaultRules()
	if c.rules != nil {
		c.rules(&rules)
	}
	ids := db.NewIDs(p.pool)
	p.booking = booking.New(booking.Config{Pool: p.pool, IDs: ids, References: references, Shop: h.Shop, Rules: rules, Strategy: booking.Pessimistic,
		Hooks: func(_ context.Context, at booking.Point) {
			if p.point != nil {
				p.point(at)
			}
		}})
	p.Service = payment.New(payment.Config{Pool: p.pool, IDs: ids, Booking: p.booking, Log: slog.New(slog.DiscardHandler),
		Gateway: portone.New(portone.Config{BaseURL: h.gateway.URL, StoreID: storeID, APISecret: apiSecret, Timeout: c.timeout,
			HTTPClient: &http.Client{Transport: p.wire}}),
		Channel: channelOf(c.channel), CheckoutURL: h.gateway.URL, StoreID: storeID, RequireLive: c.live,
		ReturnURL:    func(attempt string) string { return "http://shop.example/payments/" + attempt + "/return" },
		TicketNumber: ticketNumber, Bought: func(int64, int64) { h.sold.Add(1) }})
	p.settler = payment.NewSettler(p.Service, time.Hour)
	return p
}

func channelOf(key string) payment.Channel {
	c := payment.Channel{Key: "channel-card", Name: "card", Method: portone.MethodCard, Approval: payment.Manual}
	if key != "" {
		c.Key = key
	}
	if strings.HasSuffix(key, "-auto") {
		c.Approval = payment.Automatic
	}
	return c
}

func ticketNumber(serial int64) string {
	n, err := ticketing.NewNumber("990", serial)
	if err != nil {
		return ""
	}
	return n.Digits()
}

// see lets a second pass at both ends of a transaction.
func (p *process) see(s bookingtest.Statement) {
	switch s.Text {
	case "BEGIN":
		p.h.clock.Move(time.Second)
	case "COMMIT", "ROLLBACK":
		p.h.clock.Move(time.Second)
		if p.ended != nil {
			p.ended()
		}
	}
}

// advance moves the clock of database and gateway.
func (h *house) advance(d time.Duration) {
	h.T.Helper()
	h.clock.Move(d)
	h.post("/admin/clock", map[string]any{"advance_seconds": 0}) // makes the simulator look at the clock
}

// settle works on everything that is due.
func (p *process) settle() {
	p.h.T.Helper()
	if err := p.settler.RunOnce(context.Background()); err != nil {
		p.h.T.Errorf("settle: %v", err)
	}
}

// kill ends a process: nothing that it does reaches database or gateway any more.
func (p *process) kill() {
	p.dead.Store(true)
	p.wire.down.Store(true)
	p.pool.Close()
}

// flight puts a further flight on offer, with seats 1A to 1F unless f says otherwise.
func (h *house) flight(f bookingtest.Flight) int64 {
	h.T.Helper()
	h.flights++
	f.ID = h.flights
	h.Add(f)
	return f.ID
}

// order is a member's hold, complete and ready to be paid.
type order struct {
	member int64
	ref    string
	flight int64
	total  int64
}

func (p *process) order(flight int64, seats ...string) order {
	p.h.T.Helper()
	o, err := p.tryOrder(p.h.Member(), flight, seats...)
	if err != nil {
		p.h.T.Fatalf("order: %v", err)
	}
	return o
}

func (p *process) tryOrder(member, flight int64, seats ...string) (order, error) {
	ctx := context.Background()
	held, err := p.booking.Hold(ctx, bookingtest.Request(member, flight, seats...))
	if err != nil {
		return order{}, err
	}
	var people []booking.Passenger
	for i := range seats {
		people = append(people, booking.Passenger{Kind: "adult", Surname: "KIM", GivenName: fmt.Sprintf("%s%d", held.Ref, i),
			BirthDate: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	err = p.booking.SetPassengers(ctx, member, held.Ref, people, booking.Contact{Name: "Kim", Email: "kim@pigonair.test", Phone: "010", Language: "ko"})
	if err != nil {
		return order{}, err
	}
	view, err := p.booking.Get(ctx, member, held.Ref)
	return order{member: member, ref: held.Ref, flight: flight, total: view.Row.Total}, err
}

// state is a booking's state as its row has it.
func (h *house) state(o order) string { return h.Booking(o.ref).State }

// attempt is how an attempt's row stands.
func (h *house) attempt(id string) db.PaymentAttempt {
	h.T.Helper()
	a, err := db.New(h.Pool).AttemptGet(context.Background(), id)
	if err != nil {
		h.T.Fatal(err)
	}
	return a
}

// want checks a booking's and an attempt's state.
func (h *house) want(o order, bookingState string, attempt string, attemptState payment.AttemptState, reason string) {
	h.T.Helper()
	a := h.attempt(attempt)
	if got := h.state(o); got != bookingState || a.State != string(attemptState) || a.Reason != reason {
		h.T.Fatalf("booking %s, attempt %s (%q); want %s, %s (%q)", got, a.State, a.Reason, bookingState, attemptState, reason)
	}
}

// lateLog is the simulator's log: it passes on the payments that were approved late.
type lateLog struct {
	slog.Handler
	payments chan<- string
}

// Enabled is for slog.
func (lateLog) Enabled(context.Context, slog.Level) bool { return true }

// Handle is for slog.
func (l lateLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "approved late" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "payment" {
				l.payments <- a.Value.String()
			}
			return true
		})
	}
	return nil
}
