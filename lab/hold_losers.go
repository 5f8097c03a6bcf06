package lab

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/lab/wire"
	"pigonair/offers"
	"pigonair/sales"
	"pigonair/ticketing"
)

// holdLosersOverLocking asks how many customers more can be told, through HTTP, that their seat is gone than where each
// of them locks it first.
var holdLosersOverLocking = benchmark{"hold_losers_over_locking", "ratio", ">= 3", func(ctx context.Context, b *bench) (float64, string, error) {
	h, field, err := b.openLost(ctx, "losers")
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	cookies, err := h.customers(ctx, holdCustomers)
	if err != nil {
		return 0, "", err
	}
	var sides []*httpLosers
	for _, strategy := range []booking.Strategy{booking.Batched, booking.Pessimistic} {
		h.settings["hold-strategy"] = string(strategy)
		if err := h.serve(ctx); err != nil {
			return 0, "", err
		}
		sides = append(sides, &httpLosers{house: h, holds: &httpHolds{house: &house{bench: h.bench, addr: h.addr}, field: field, cookies: cookies}})
	}
	return b.compareLosers(ctx, sides[0].run, sides[1].run, fmt.Sprintf("through HTTP, %d connections", loserConns))
}}

// holdLosersBooking asks the same of package booking alone.
var holdLosersBooking = benchmark{"hold_losers_booking", "ratio", ">= 10", func(ctx context.Context, b *bench) (float64, string, error) {
	h, field, err := b.openLost(ctx, "losers_booking")
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	var runs []func(context.Context) (float64, error)
	for _, strategy := range []booking.Strategy{booking.Batched, booking.Pessimistic} {
		l, err := h.loserService(field, strategy)
		if err != nil {
			return 0, "", err
		}
		defer l.stop()
		runs = append(runs, l.run)
	}
	return b.compareLosers(ctx, runs[0], runs[1], fmt.Sprintf("by %d goroutines", loserConns))
}}

// lostSeats is how many seats the flight has on which everybody loses: a usual aircraft. Of ten, seven are sold.
const lostSeats = 190

// loserConns is how many customers ask at once.
const loserConns = 128

// openLost makes a house with one flight of which most seats are sold; the airfield lists those.
func (b *bench) openLost(ctx context.Context, name string) (*house, *airfield, error) {
	folder, err := b.layoutFolder(lostSeats)
	if err != nil {
		return nil, nil, err
	}
	h, err := b.open(ctx, name, map[string]string{"layouts": folder})
	if err != nil {
		return nil, nil, err
	}
	field, err := h.build(ctx, 1)
	if err == nil {
		err = h.refill(ctx, field)
	}
	if err != nil {
		h.close()
		return nil, nil, err
	}
	field.seats = field.seats[:lostSeats*7/10]
	for i, seat := range field.seats {
		_, err := h.pool.ExecContext(ctx, `UPDATE seat SET state = 'sold', booking_id = ?, fare_code = ?, version = 1, fence = 1 WHERE flight_id = ? AND seat_no = ?`,
			1+i, labFare, field.flights[0].RowID(), seat)
		if err != nil {
			h.close()
			return nil, nil, err
		}
	}
	return h, field, nil
}

func (b *bench) compareLosers(ctx context.Context, ours, locking func(context.Context) (float64, error), how string) (float64, string, error) {
	load := loadAverage()
	rates, err := b.interleave(ctx, side{"turned away", ours}, side{"locking", locking})
	if err != nil {
		return 0, "", err
	}
	value, interval := ratio(rates[0], rates[1])
	return value, fmt.Sprintf("%.0f/s told that a seat is sold, each with an idempotency key of its own, over %.0f/s where each locks it first, %s: %s; %d rounds of %s; load average before %s",
		medianOf(rates[0]), medianOf(rates[1]), how, interval, rounds, b.Length, load), nil
}

// httpLosers sends forms for seats that are sold.
type httpLosers struct {
	*house
	holds *httpHolds
	sent  atomic.Int64
}

// run returns how many were refused per second.
func (l *httpLosers) run(ctx context.Context) (float64, error) {
	load := wire.Load{Addr: l.holds.addr, Conns: loserConns, Request: func(buf []byte) []byte { return l.holds.form(buf, int(l.sent.Add(1))) }}
	run := func(long time.Duration) (float64, error) {
		ctx, stop := context.WithTimeout(ctx, long)
		defer stop()
		began := time.Now()
		counts, err := load.Run(ctx)
		if n := counts[http.StatusConflict]; err == nil && (len(counts) != 1 || n == 0) {
			err = fmt.Errorf("losers were answered %v (the log: %s)", counts, l.group.Log("serve"))
		}
		return float64(counts[http.StatusConflict]) / time.Since(began).Seconds(), err
	}
	if _, err := run(warmUp(l.Length)); err != nil {
		return 0, err
	}
	return run(l.Length)
}

// serviceLosers asks a booking service for seats that are sold.
type serviceLosers struct {
	*house
	service *booking.Service
	pool    *sql.DB
	field   *airfield
	sent    atomic.Int64
}

func (h *house) loserService(field *airfield, strategy booking.Strategy) (*serviceLosers, error) {
	layouts, err := flights.LoadLayoutsWith(h.settings["layouts"])
	if err != nil {
		return nil, err
	}
	airports, err := flights.LoadAirports()
	if err != nil {
		return nil, err
	}
	refs, err := ticketing.NewReferences(make([]byte, 32))
	if err != nil {
		return nil, err
	}
	pool, err := db.Open(h.dsn, db.Pool{MaxOpen: servePool})
	if err != nil {
		return nil, err
	}
	shop := offers.New(layouts, sales.NewPrices(pool, airports.DistanceKm, time.Now), time.Now)
	return &serviceLosers{house: h, field: field, pool: pool, service: booking.New(booking.Config{Pool: pool, IDs: db.NewIDs(pool), References: refs,
		Shop: shop, Rules: booking.DefaultRules(), Strategy: strategy})}, nil
}

func (l *serviceLosers) stop() {
	l.service.Stop()
	_ = l.pool.Close() // nothing was written
}

// servePool is how many connections a web process has.
const servePool = 16

func (l *serviceLosers) run(ctx context.Context) (float64, error) {
	if _, err := l.lose(ctx, warmUp(l.Length)); err != nil {
		return 0, err
	}
	return l.lose(ctx, l.Length)
}

// lose returns how many were refused per second.
func (l *serviceLosers) lose(ctx context.Context, long time.Duration) (float64, error) {
	ctx, stop := context.WithTimeout(ctx, long)
	defer stop()
	began := time.Now()
	var refused atomic.Int64
	var all errgroup.Group
	for range loserConns {
		all.Go(func() error {
			for ctx.Err() == nil {
				_, err := l.service.Hold(context.WithoutCancel(ctx), l.request())
				if !errors.Is(err, booking.ErrSeatTaken) {
					return fmt.Errorf("a loser was answered %w", err)
				}
				refused.Add(1)
			}
			return nil
		})
	}
	err := all.Wait()
	return float64(refused.Load()) / time.Since(began).Seconds(), err
}

func (l *serviceLosers) request() booking.HoldRequest {
	i := int(l.sent.Add(1))
	return booking.HoldRequest{MemberID: int64(i % holdCustomers), Language: "ko", Party: booking.Party{Adults: 1}, Key: string(appendKey(nil, i)),
		Legs: []booking.LegRequest{{FlightID: l.field.flights[0].RowID(), Seats: []string{l.field.seats[i%len(l.field.seats)]}, Fare: labFare}}}
}
