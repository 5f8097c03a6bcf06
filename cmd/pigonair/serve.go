package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/alexedwards/scs/v2"

	"pigonair/handlers"
	"pigonair/internal/config"
	"pigonair/internal/health"
	"pigonair/internal/sessions"
	"pigonair/internal/telemetry"
	"pigonair/payment/portone"
	"pigonair/sales"
	"pigonair/views/layout"
)

// heapGrowth is by how many percent a web process lets its heap grow before it collects garbage, unless GOGC says
// otherwise. Most of what a request needs is garbage at its end: with Go's 100 a twentieth of all time goes into
// looking at what stays.
const heapGrowth = 200

// serve is the web process. It keeps no state that another instance would miss.
func serve(ctx context.Context, args []string, env environment) error {
	cfg, err := checkedSettings("serve", "Serves the shop.", args, env, nil, config.Config.CheckServing)
	if err != nil {
		return err
	}
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	return withHealth(ctx, cfg, env, "serve", true, serveIn)
}

// withHealth runs a process whose health can be asked from its first moment on.
func withHealth(ctx context.Context, cfg config.Config, env environment, name string, serves bool, run func(context.Context, *house) error) error {
	log := newLog(cfg, env, name)
	metrics, h := telemetry.New(), health.New()
	if err := h.Listen(cfg.InternalAddr, metrics.Handler()); err != nil {
		return fmt.Errorf("internal listener: %w", err)
	}
	defer h.Stop()
	hs, err := openHouse(ctx, cfg, log, h, metrics, serves)
	if err != nil {
		return err
	}
	defer hs.close()
	return run(ctx, hs)
}

func serveIn(ctx context.Context, hs *house) error {
	var store *sessions.Store
	err := hs.wait(ctx, "session redis", func(context.Context) (err error) {
		store, err = sessions.Open(hs.cfg.SessionRedisURL)
		return err
	})
	if err != nil {
		return err
	}
	defer store.Close()
	site, err := hs.site(store)
	if err != nil {
		return err
	}
	if err := hs.rooms.Reload(ctx); err != nil {
		return err
	}
	if err := hs.rooms.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", hs.cfg.Addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(hs.log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	hs.health.Started(ctx, append(hs.checks(), health.Check{Name: "session redis", Ask: store.Ping})...)
	hs.log.Info("serving", "addr", listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return hs.drain(server)
	}
}

// drain stops in the order that loses nothing: not ready any more, requests in hand finished, then the rest.
func (hs *house) drain(server *http.Server) error {
	hs.health.Drain()
	hs.log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), hs.cfg.Drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

func (hs *house) site(store *sessions.Store) (http.Handler, error) {
	verifier, err := portone.NewVerifier(time.Now, hs.cfg.PortOne.WebhookSecrets...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.EnvName("portone-webhook-secrets"), err)
	}
	seller := hs.cfg.Seller
	return handlers.New(handlers.Deps{
		Log: hs.log, Sessions: newSessions(hs.cfg, store), Members: hs.members, Airports: hs.airports, Layouts: hs.layouts, Flights: hs.catalog(),
		Prices: hs.prices, Sales: sales.NewSales(hs.pool, hs.ids, hs.prices, time.Now), Rooms: hs.rooms, Booking: hs.booking, Payment: hs.payment,
		Webhooks: verifier, Tickets: hs.tickets, TicketKey: hs.ticketKey, Observe: hs.metrics, Now: time.Now,
		Site: handlers.Settings{BaseURL: hs.cfg.BaseURL, Demo: hs.cfg.Mode == config.Demo, Gateway: hs.cfg.PortOne.CheckoutURL,
			Seller: layout.Seller{Name: seller.Name, Representative: seller.Representative, BusinessNumber: seller.BusinessNumber,
				MailOrderNumber: seller.MailOrderNumber, Address: seller.Address, Phone: seller.Phone, Email: seller.Email}},
	}), nil
}

// sessionLife is how long a log-in lasts; renewed tokens begin anew.
const sessionLife = 30 * 24 * time.Hour

// newSessions keeps sessions in Redis. There is no idle time-out, which would cost a write per request.
func newSessions(cfg config.Config, store *sessions.Store) *scs.SessionManager {
	m := scs.New()
	m.Store, m.Codec = store, sessions.Codec{}
	m.HashTokenInStore = true
	m.Lifetime = sessionLife
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Name = "session"
	if cfg.Mode == config.Production {
		m.Cookie.Name, m.Cookie.Secure = "__Host-session", true
	}
	return m
}
