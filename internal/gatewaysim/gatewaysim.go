// Package gatewaysim is a payment gateway to develop and test against: a
// process of its own, with its own durable store, that serves the REST paths,
// the webhooks and a hosted payment page of PortOne V2. No money moves.
//
// It keeps the gateway's promises and its nastiness alike: idempotency keys
// live three hours, answers get lost after they took effect, webhooks come
// early, late, twice, in the wrong order or never. Which of that happens to
// which payment is chosen on the hosted page or by POST /admin/faults. Time is
// the simulator's own and can be moved on by POST /admin/clock. What was
// captured and refunded stands in GET /ledger.json.
package gatewaysim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"pigonair/payment/portone"
)

// ErrConfig: the configuration is unusable; the text says why.
var ErrConfig = errors.New("gatewaysim: invalid configuration")

// Approval says when a channel charges.
type Approval string

// The kinds of approval.
const (
	// Manual: the customer's consent yields a token; the shop's confirm charges.
	Manual Approval = "manual"
	// Automatic: the customer's consent charges at once.
	Automatic Approval = "automatic"
)

// Channel is one way to pay that the shop has a contract for.
type Channel struct {
	Key         string
	Name        string // shown on the hosted page
	EnglishName string // the same on the English page; Name when empty
	Type        portone.ChannelType
	Approval    Approval
	Method      string // portone.MethodCard, MethodEasyPay or MethodTransfer
	Provider    string // such as TOSSPAYMENTS or KAKAOPAY
}

// DefaultChannels has cards with both kinds of approval, the usual easy-pay
// services and bank transfer.
func DefaultChannels() []Channel {
	channel := func(key, name, english, method, provider string, approval Approval) Channel {
		return Channel{key, name, english, portone.ChannelLive, approval, method, provider}
	}
	return []Channel{
		channel("channel-card", "신용·체크카드", "Credit or debit card", portone.MethodCard, "TOSSPAYMENTS", Manual),
		channel("channel-card-auto", "신용·체크카드", "Credit or debit card", portone.MethodCard, "NICE_V2", Automatic),
		channel("channel-kakaopay", "카카오페이", "Kakao Pay", portone.MethodEasyPay, "KAKAOPAY", Manual),
		channel("channel-naverpay", "네이버페이", "Naver Pay", portone.MethodEasyPay, "NAVERPAY", Manual),
		channel("channel-tosspay", "토스페이", "Toss Pay", portone.MethodEasyPay, "TOSSPAY", Manual),
		channel("channel-samsungpay", "삼성페이", "Samsung Pay", portone.MethodEasyPay, "SAMSUNGPAY", Manual),
		channel("channel-applepay", "Apple Pay", "Apple Pay", portone.MethodEasyPay, "APPLEPAY", Manual),
		channel("channel-transfer", "계좌이체", "Bank transfer", portone.MethodTransfer, "TOSSPAYMENTS", Manual),
		channel("channel-transfer-auto", "계좌이체", "Bank transfer", portone.MethodTransfer, "NICE_V2", Automatic),
	}
}

// Config says what a Sim serves. StoreID, APISecret and Dir are required.
type Config struct {
	// Addr is where Start listens, host:port; when empty, Start does not listen
	// and the caller serves Handler.
	Addr      string
	StoreID   string
	APISecret string
	// WebhookURL receives the webhooks; none are sent when it is empty.
	WebhookURL    string
	WebhookSecret string
	// Dir holds the data file; it is created when missing.
	Dir string
	// Channels are DefaultChannels when empty.
	Channels []Channel
	// Now is the clock that POST /admin/clock adds to; time.Now when nil.
	Now func() time.Time
	// WebhookRetries are the pauses before a failed webhook is sent again;
	// 1, 4, 16, 64 and 256 minutes when nil.
	WebhookRetries []time.Duration
	// WebhookHold is how long a webhook is held back that has to come late; 3 s when zero.
	WebhookHold time.Duration
	// LateApproval is how long after the customer left "approve later" charges; 5 s when zero.
	LateApproval time.Duration
	// TokenLife is how long a payment token can be confirmed; 30 min when zero.
	TokenLife time.Duration
	// MaxPayments bounds the store; 500,000 when zero.
	MaxPayments int
	// Log receives what happens; nothing is logged when nil.
	Log *slog.Logger
}

func (c *Config) setDefaults() {
	if len(c.Channels) == 0 {
		c.Channels = DefaultChannels()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.WebhookRetries == nil {
		c.WebhookRetries = []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute, 256 * time.Minute}
	}
	if c.MaxPayments <= 0 {
		c.MaxPayments = 500_000
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.WebhookHold = cmp.Or(c.WebhookHold, 3*time.Second)
	c.LateApproval = cmp.Or(c.LateApproval, 5*time.Second)
	c.TokenLife = cmp.Or(c.TokenLife, 30*time.Minute)
}

func (c *Config) check() error {
	var found []error
	for name, value := range map[string]string{"StoreID": c.StoreID, "APISecret": c.APISecret, "Dir": c.Dir} {
		if value == "" {
			found = append(found, fmt.Errorf("%w: %s is missing", ErrConfig, name))
		}
	}
	if c.WebhookURL != "" {
		if _, err := portone.Sign(c.WebhookSecret, "id", time.Time{}, nil); err != nil {
			found = append(found, fmt.Errorf("%w: WebhookSecret: %w", ErrConfig, err))
		}
	}
	keys := map[string]bool{}
	for _, ch := range c.Channels {
		if ch.Key == "" || keys[ch.Key] || (ch.Approval != Manual && ch.Approval != Automatic) || methodType(ch.Method) == "" {
			found = append(found, fmt.Errorf("%w: channel %q", ErrConfig, ch.Key))
		}
		keys[ch.Key] = true
	}
	return errors.Join(found...)
}

// Sim is the simulator. Make it with New, then Start it; Stop releases its
// store. It is safe for concurrent use.
type Sim struct {
	cfg     Config
	clock   *clock
	plan    *scheduler
	journal *journal
	courier *courier
	pages   *pages
	handler http.Handler

	// mu guards state and running. It is never held while waiting for disk or
	// network.
	mu      sync.Mutex
	state   *state
	running map[string]bool // idempotency keys of calls under way

	stopping   chan struct{}
	stopOnce   sync.Once
	background sync.WaitGroup
	server     *http.Server
	listener   net.Listener
}

// New opens the store in cfg.Dir and reads what an earlier run left there.
// Errors: ErrConfig, ErrInUse (another Sim has the store), ErrCorrupt, and what
// the file system says. Call Stop even if Start is never called.
func New(cfg Config) (*Sim, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	pages, err := newPages()
	if err != nil {
		return nil, err
	}
	s := &Sim{
		cfg: cfg, clock: newClock(cfg.Now), pages: pages,
		state: newState(), running: map[string]bool{}, stopping: make(chan struct{}),
	}
	s.plan = newScheduler(s.clock.Now)
	s.courier = newCourier(s.deliver)
	s.journal, err = openJournal(filepath.Join(cfg.Dir, "gateway.jsonl"), s.state.replay)
	if err != nil {
		return nil, err
	}
	s.clock.Move(s.state.offset)
	s.resume()
	s.handler = s.routes()
	return s, nil
}

// resume plans again what an earlier run had planned.
func (s *Sim) resume() {
	for _, h := range s.state.hooks {
		s.planHook(*h)
	}
	for _, p := range s.state.payments {
		s.clock.NotBefore(p.UpdatedAt)
		if !p.LateAt.IsZero() {
			s.planLateApproval(p.ID, p.LateAt)
		}
	}
}

// Handler serves the whole simulator. Webhooks, hanging calls and late
// approvals go on only after Start.
func (s *Sim) Handler() http.Handler { return s.handler }

// Start listens on Config.Addr and runs webhooks and everything else that is
// due by the clock. It returns as soon as that is under way; the context only
// bounds the start itself. Errors: the address cannot be listened on.
func (s *Sim) Start(ctx context.Context) error {
	if s.cfg.Addr != "" {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Addr)
		if err != nil {
			return fmt.Errorf("gatewaysim: %w", err)
		}
		s.serveOn(listener)
	}
	s.background.Go(func() { s.plan.run(s.stopping) })
	return nil
}

func (s *Sim) serveOn(listener net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = listener
	// No limit on writing: an answer may hang for as long as a fault says.
	s.server = &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
	}
	server := s.server
	s.background.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("gateway simulator stopped serving", "error", err)
		}
	})
}

// URL is the address that Start listens on; empty without a listener.
func (s *Sim) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Stop ends hanging calls, lets the others finish for up to 5 s, stops the
// webhooks and closes the store. It may be called more than once and returns
// when everything is finished. What was due and not done is done after the
// next New and Start.
func (s *Sim) Stop() {
	s.stopOnce.Do(func() {
		close(s.stopping)
		s.mu.Lock()
		server := s.server
		s.mu.Unlock()
		if server != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			if server.Shutdown(ctx) != nil {
				server.Close()
			}
		}
		s.courier.stop()
		s.background.Wait()
		if err := s.journal.close(); err != nil {
			s.cfg.Log.Error("closing the gateway simulator's store", "error", err)
		}
	})
}

// wait lets d pass on the simulator's clock; false: the simulator stops.
func (s *Sim) wait(d time.Duration) bool {
	over := make(chan struct{})
	s.plan.at(s.clock.Now().Add(d), func() { close(over) })
	select {
	case <-over:
		return true
	case <-s.stopping:
		return false
	}
}
