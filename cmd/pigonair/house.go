package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/rueidis"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/etickets"
	"pigonair/flights"
	"pigonair/internal/config"
	"pigonair/internal/health"
	"pigonair/internal/telemetry"
	"pigonair/members"
	"pigonair/offers"
	"pigonair/payment"
	"pigonair/payment/portone"
	"pigonair/sales"
	"pigonair/ticketing"
	"pigonair/waitingroom"
)

// house is what serve and worker are both made of.
type house struct {
	cfg     config.Config
	log     *slog.Logger
	health  *health.Health
	metrics *telemetry.Metrics

	pool     *sql.DB
	ids      *db.IDs
	redis    rueidis.Client
	airports *flights.Airports
	layouts  *flights.Layouts
	prices   *sales.Prices
	members  *members.Service
	rooms    *waitingroom.Rooms
	booking  *booking.Service
	payment  *payment.Service
	tickets  *etickets.Maker

	ticketKey ed25519.PublicKey
}

// openHouse connects, waiting for servers that are not there yet, and wires the domain packages.
func openHouse(ctx context.Context, cfg config.Config, log *slog.Logger, h *health.Health, m *telemetry.Metrics, serves bool) (*house, error) {
	hs := &house{cfg: cfg, log: log, health: h, metrics: m}
	for _, step := range []func(context.Context) error{hs.openDatabase, hs.openRedis, hs.openFlights, hs.openMembers, hs.openTickets} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if err := hs.openRooms(serves); err != nil {
		return nil, err
	}
	return hs, hs.openBooking(ctx)
}

// wait repeats a step until it works or ctx ends, and says in log and readiness what it is waiting for.
func (hs *house) wait(ctx context.Context, name string, step func(context.Context) error) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := step(ctx)
		if err == nil {
			hs.health.Waiting(name, "")
			return nil
		}
		hs.health.Waiting(name, "not there yet")
		hs.log.Warn("waiting for "+name, "error", err.Error(), "again_in", pause.String())
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", name, errors.Join(context.Cause(ctx), err))
		case <-time.After(pause):
		}
	}
}

func (hs *house) openDatabase(ctx context.Context) (err error) {
	if hs.pool, err = db.Open(hs.cfg.DBDSN, db.Pool{MaxOpen: hs.cfg.DBPool}); err != nil {
		return err
	}
	hs.metrics.Pool("main", hs.pool)
	hs.ids = db.NewIDs(hs.pool)
	return hs.wait(ctx, "database", func(ctx context.Context) error {
		missing, err := db.Pending(ctx, hs.pool)
		if err == nil && missing {
			err = errors.New("migrations are missing: run pigonair migrate")
		}
		return err
	})
}

func (hs *house) openRedis(ctx context.Context) error {
	option, err := rueidis.ParseURL(hs.cfg.RedisURL)
	if err != nil {
		return fmt.Errorf("%s: %w", config.EnvName("redis-url"), err)
	}
	option.CacheSizeEachConn = 32 << 20
	return hs.wait(ctx, "redis", func(context.Context) error {
		hs.redis, err = rueidis.NewClient(option)
		return err
	})
}

func (hs *house) openFlights(context.Context) (err error) {
	if hs.airports, err = flights.LoadAirports(); err != nil {
		return err
	}
	if hs.layouts, err = flights.LoadLayoutsWith(hs.cfg.Layouts); err != nil {
		return err
	}
	hs.prices = sales.NewPrices(hs.pool, hs.airports.DistanceKm, time.Now)
	return nil
}

// catalog finds flights; only the web process searches.
func (hs *house) catalog() *flights.Catalog {
	return flights.NewCatalog(flights.Deps{DB: hs.pool, Redis: hs.redis, Prefix: "flights:", Airports: hs.airports, Layouts: hs.layouts,
		Prices: func(ctx context.Context) (flights.Pricer, error) { return hs.prices.Table(ctx) }, Now: time.Now})
}

func (hs *house) openMembers(context.Context) (err error) {
	hs.members, err = members.New(members.Options{Pool: hs.pool, IDs: hs.ids, Redis: hs.redis, Keys: hs.keysFor, Demo: hs.cfg.Mode == config.Demo})
	return err
}

// keysFor are the keys of one purpose, newest first.
func (hs *house) keysFor(purpose string) [][]byte {
	var keys [][]byte
	for _, key := range hs.cfg.SecretKeys.Derive(purpose) {
		keys = append(keys, key.Bytes)
	}
	return keys
}

// openTickets signs bar codes with a key that this installation made for itself: a ticket is good for a year and more,
// while the configured keys change when they have to.
func (hs *house) openTickets(ctx context.Context) error {
	seed, err := hs.ownKey(ctx, "ticket key")
	if err != nil {
		return err
	}
	signer, err := ticketing.NewSigner(seed)
	if err != nil {
		return err
	}
	hs.ticketKey = signer.PublicKey()
	airline := ticketing.Text{Ko: "피곤에어", En: "PigonAir"}
	documents, err := ticketing.NewDocuments(ticketing.Config{Airline: airline, Seller: ticketing.Text{Ko: hs.cfg.Seller.Name, En: hs.cfg.Seller.Name},
		BaseURL: hs.cfg.BaseURL, Signer: signer})
	if err != nil {
		return err
	}
	hs.tickets = &etickets.Maker{Airline: airline, BaseURL: hs.cfg.BaseURL, Documents: documents, Airports: hs.airports, Layouts: hs.layouts, Prices: hs.prices}
	return nil
}

func (hs *house) openRooms(serves bool) error {
	var keys []waitingroom.Key
	for _, key := range hs.cfg.SecretKeys {
		keys = append(keys, waitingroom.Key{ID: key.ID, Secret: key.Bytes})
	}
	signing, err := waitingroom.NewKeys(keys)
	if err != nil {
		return err
	}
	hs.rooms, err = waitingroom.New(waitingroom.Options{Redis: hs.redis, DB: hs.pool, Keys: signing, Log: hs.log, Serves: serves})
	return err
}

func (hs *house) openBooking(ctx context.Context) error {
	refs, err := hs.references(ctx)
	if err != nil {
		return err
	}
	rules := booking.DefaultRules()
	rules.HoldFor = time.Duration(hs.cfg.HoldMinutes) * time.Minute
	rules.RefuseFor = time.Duration(hs.cfg.RefuseMinutes) * time.Minute
	if hs.cfg.Mode != config.Demo {
		rules.MemberHolds = hs.cfg.MemberHolds
	}
	hs.booking = booking.New(booking.Config{Pool: hs.pool, IDs: hs.ids, References: refs,
		Shop: offers.New(hs.layouts, hs.prices, time.Now), Rules: rules, Strategy: booking.Strategy(hs.cfg.HoldStrategy)})
	p := hs.cfg.PortOne
	hs.payment = payment.New(payment.Config{Pool: hs.pool, IDs: hs.ids, Booking: hs.booking, Log: hs.log,
		Gateway:     portone.New(portone.Config{BaseURL: p.BaseURL, StoreID: p.StoreID, APISecret: p.APISecret}),
		Channel:     payment.Channel{Key: p.ChannelKey, Name: "card", Method: portone.MethodCard},
		CheckoutURL: p.CheckoutURL, StoreID: p.StoreID, RequireLive: hs.cfg.Mode == config.Production,
		ReturnURL:    func(attempt string) string { return hs.cfg.BaseURL + "/payments/" + attempt + "/return" },
		TicketNumber: hs.ticketNumber,
		Bought:       hs.bought})
	return nil
}

// ticketNumber makes a serial's ticket number; the prefix was checked at start and a serial has room for
// 999,999,999 tickets.
func (hs *house) ticketNumber(serial int64) string {
	number, err := ticketing.NewNumber(hs.cfg.TicketPrefix, serial%1_000_000_000)
	if err != nil {
		hs.log.Error("ticket number", "serial", serial, "error", err)
	}
	return number.Digits()
}

// bought frees a customer's place inside a sale for the next in line.
func (hs *house) bought(sale, member int64) {
	if err := hs.rooms.Release(sale, member); err != nil {
		hs.log.Warn("waiting room not told of a purchase", "sale", sale, "error", err)
	}
}

// references uses a key of this installation's own: booking references stay unique only as long as it never changes.
func (hs *house) references(ctx context.Context) (*ticketing.References, error) {
	key, err := hs.ownKey(ctx, "reference key")
	if err != nil {
		return nil, err
	}
	return ticketing.NewReferences(key)
}

// ownKey is a key of 32 bytes that this installation made for itself at its first start and that never changes.
func (hs *house) ownKey(ctx context.Context, name string) ([]byte, error) {
	q := db.New(hs.pool)
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails since Go 1.24
	if err := q.InstallationPut(ctx, name, fresh); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	key, err := q.InstallationGet(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// checks are what readiness depends on.
func (hs *house) checks() []health.Check {
	return []health.Check{
		{Name: "database", Ask: hs.pool.PingContext},
		{Name: "redis", Ask: func(ctx context.Context) error { return hs.redis.Do(ctx, hs.redis.B().Ping().Build()).Error() }},
	}
}

// close ends what openHouse began, last first.
func (hs *house) close() {
	hs.booking.Stop()
	hs.rooms.Stop()
	hs.redis.Close()
	if err := hs.pool.Close(); err != nil {
		hs.log.Warn("closing the pool", "error", err)
	}
}
