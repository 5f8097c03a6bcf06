package flights

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"pigonair/db"
)

// Pricer says what comes on top of an adult's fare on a leg bought at an instant. It must be the rule by
// which holds are charged.
type Pricer interface {
	AdultSurcharges(origin, destination string, international bool, issued time.Time) (fuel, charges int64, err error)
}

// Deps is what a Catalog works with.
type Deps struct {
	DB       *sql.DB
	Redis    rueidis.Client // shared cache; nil: each process caches for itself
	Prefix   string         // of every key in Redis
	Airports *Airports
	Layouts  *Layouts
	Prices   func(context.Context) (Pricer, error) // the present prices
	Now      func() time.Time
}

// Catalog finds flights and free seats. Answers are cached for moments, so that their cost does not grow
// with the number of customers. Safe for concurrent use.
type Catalog struct {
	queries  *db.Queries
	airports *Airports
	layouts  *Layouts
	prices   func(context.Context) (Pricer, error)
	now      func() time.Time

	days    *dayFinder
	headers *recent[flightFacts]
	flights *recent[flightFacts]
	maps    *recent[*SeatMap]
}

// How long answers are used again at most.
const (
	flightAge  = time.Second
	seatMapAge = 500 * time.Millisecond
)

// keptFlights bounds the flights of which a process remembers something at once.
const keptFlights = 4096

// NewCatalog returns a catalog.
func NewCatalog(d Deps) *Catalog {
	queries := db.New(d.DB)
	return &Catalog{
		queries: queries, airports: d.Airports, layouts: d.Layouts, prices: d.Prices, now: d.Now,
		days:    &dayFinder{cache: newDayCache(d.Redis, d.Prefix, d.Now), queries: queries, layouts: d.Layouts, now: d.Now},
		headers: newRecent[flightFacts](d.Now, keptFlights),
		flights: newRecent[flightFacts](d.Now, keptFlights),
		maps:    newRecent[*SeatMap](d.Now, keptFlights),
	}
}

// Flight returns a flight with its fares by its public id, at most a second old; departed and cancelled
// ones too. ErrNotFound when there is none.
func (c *Catalog) Flight(ctx context.Context, id PublicID) (Flight, error) {
	header, err := c.named(ctx, id)
	if err != nil {
		return Flight{}, err
	}
	return c.details(ctx, header)
}

// SaleOf tells on which sale a flight is, at most a second old: the sale's row id and slug, 0 and empty for a
// flight on none. It costs less than Flight and stands before every hold. ErrNotFound when there is no such flight.
func (c *Catalog) SaleOf(ctx context.Context, id PublicID) (sale int64, slug string, err error) {
	header, err := c.named(ctx, id)
	return header.SaleID, header.Sale, err
}

// named is a flight's row by its public id.
func (c *Catalog) named(ctx context.Context, id PublicID) (flightFacts, error) {
	key := id.String()
	return c.headers.get(ctx, key, func(ctx context.Context) (flightFacts, time.Time, error) {
		read := c.now()
		row, err := c.queries.FlightByPublicID(ctx, id.FlightNo, id.Date.UTC())
		return factsOf(db.FlightByIDRow(row)), read.Add(flightAge), notFound(err, key)
	})
}

// FlightByID is Flight by the flight's row id.
func (c *Catalog) FlightByID(ctx context.Context, id int64) (Flight, error) {
	header, err := c.header(ctx, id)
	if err != nil {
		return Flight{}, err
	}
	return c.details(ctx, header)
}

func (c *Catalog) header(ctx context.Context, id int64) (flightFacts, error) {
	key := strconv.FormatInt(id, 10)
	return c.headers.get(ctx, key, func(ctx context.Context) (flightFacts, time.Time, error) {
		read := c.now()
		row, err := c.queries.FlightByID(ctx, id)
		return factsOf(row), read.Add(flightAge), notFound(err, key)
	})
}

// details adds fares and seats to a flight's row and lays prices over them.
func (c *Catalog) details(ctx context.Context, header flightFacts) (Flight, error) {
	facts, err := c.flights.get(ctx, strconv.FormatInt(header.ID, 10), func(ctx context.Context) (flightFacts, time.Time, error) {
		read := c.now()
		cabins, err := c.readCabins(ctx, header)
		header.Cabins = cabins
		return header, read.Add(flightAge), err
	})
	if err != nil {
		return Flight{}, err
	}
	s, err := c.surcharges(ctx, facts.Origin, facts.Destination, facts.International)
	if err != nil {
		return Flight{}, err
	}
	return c.flight(facts, s)
}

func (c *Catalog) readCabins(ctx context.Context, f flightFacts) ([]cabinFacts, error) {
	layout, err := c.layouts.Find(f.Layout)
	if err != nil {
		return nil, fmt.Errorf("flights: flight %d: %w", f.ID, err)
	}
	fares, err := c.queries.FlightFares(ctx, f.ID)
	if err != nil {
		return nil, fmt.Errorf("flights: fares of %d: %w", f.ID, err)
	}
	seats, err := c.queries.FlightSeats(ctx, f.ID)
	if err != nil {
		return nil, fmt.Errorf("flights: seats of %d: %w", f.ID, err)
	}
	var rows []fareRow
	for _, f := range fares {
		rows = append(rows, fareRow{f.Cabin, f.FareCode, f.BaseAmount, f.Quota})
	}
	var uses []seatUse
	for _, s := range seats {
		uses = append(uses, seatUse{s.Cabin, s.FareCode.String, int(s.Seats)})
	}
	return cabinsOf(layout, rows, uses), nil
}

func (c *Catalog) surcharges(ctx context.Context, from, to string, international bool) (surcharges, error) {
	prices, err := c.prices(ctx)
	if err != nil {
		return surcharges{}, fmt.Errorf("flights: prices: %w", err)
	}
	fuel, charges, err := prices.AdultSurcharges(from, to, international, c.now())
	if err != nil {
		return surcharges{}, fmt.Errorf("flights: prices of %s to %s: %w", from, to, err)
	}
	return surcharges{fuel, charges}, nil
}

func notFound(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("flight %s: %w", what, ErrNotFound)
	}
	return fmt.Errorf("flights: reading %s: %w", what, err)
}
