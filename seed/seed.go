// Package seed fills a database with the airline: airports, fares, and the flights of the days ahead with
// all their seats; and with the sales that the demo shows.
//
// The same number, day and size always give the same rows. Rows that are there are left as they are, so
// that seeding again on the same day changes nothing and on a later day adds what is missing.
package seed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"pigonair/db"
	"pigonair/flights"
	"pigonair/sales"
)

// Size says how much is seeded.
type Size string

// The sizes.
const (
	Small Size = "small" // a few routes and days, for tests
	Demo  Size = "demo"  // 60 days, about 6,000 flights and a million seats
	Large Size = "large" // more than ten million seats
)

// ErrSize says that there is no such size.
var ErrSize = errors.New("seed: want small, demo or large")

// ParseSize reads the name of a size, or returns ErrSize.
func ParseSize(s string) (Size, error) {
	switch size := Size(s); size {
	case Small, Demo, Large:
		return size, nil
	}
	return "", fmt.Errorf("%w, not %q", ErrSize, s)
}

// Options says what to seed.
type Options struct {
	Size     Size
	Number   int64     // decides which flights have special fares
	Today    time.Time // the first day is the one on which this instant falls in Korea
	Carrier  string    // two characters; empty: ZP
	Progress io.Writer // where progress is shown; nil: nowhere
}

// Result tells what Run has added, and where the demo can be tried.
type Result struct {
	Flights, Seats int64
	Places         Places
}

// Run seeds a migrated database. It takes a connection of its own from the pool. One run at a time is
// enough; of two at once each adds its part. Errors: ErrSize, faults in the data files, or the database's.
func Run(ctx context.Context, pool *sql.DB, o Options) (Result, error) {
	s, err := newSeeder(o)
	if err != nil {
		return Result{}, err
	}
	if s.conn, err = pool.Conn(ctx); err != nil {
		return Result{}, fmt.Errorf("seed: %w", err)
	}
	defer s.conn.Close()
	s.queries = db.New(s.conn)
	if err := s.run(ctx); err != nil {
		return Result{}, fmt.Errorf("seed: %w", err)
	}
	return s.result, nil
}

// seeder is one run.
type seeder struct {
	options  Options
	plan     plan
	airports *flights.Airports
	layouts  *flights.Layouts
	network  *flights.Network
	tariff   *sales.Tariff
	conn     *sql.Conn
	queries  *db.Queries
	bar      *bar
	result   Result
}

func newSeeder(o Options) (*seeder, error) {
	if o.Carrier == "" {
		o.Carrier = "ZP"
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	s := &seeder{options: o}
	var err error
	if s.airports, err = flights.LoadAirports(); err != nil {
		return nil, err
	}
	if s.layouts, err = flights.LoadLayouts(); err != nil {
		return nil, err
	}
	if s.network, err = flights.LoadNetwork(o.Carrier, s.airports, s.layouts); err != nil {
		return nil, err
	}
	if s.tariff, err = sales.LoadTariff(); err != nil {
		return nil, err
	}
	if s.plan, err = planOf(o.Size, s.today()); err != nil {
		return nil, err
	}
	s.bar = newBar(o.Progress, len(s.plan.days))
	return s, nil
}

// today is the present day in Korea.
func (s *seeder) today() flights.Date {
	return flights.DateOf(s.options.Today.In(seoul()))
}

// seoul is Korean time.
func seoul() *time.Location { return time.FixedZone("KST", 9*60*60) }

func (s *seeder) run(ctx context.Context) error {
	if err := s.reference(ctx); err != nil {
		return fmt.Errorf("airports and fares: %w", err)
	}
	if err := s.seatTemplate(ctx); err != nil {
		return fmt.Errorf("seat template: %w", err)
	}
	for _, d := range s.plan.days {
		if err := s.day(ctx, d); err != nil {
			return fmt.Errorf("flights of %s: %w", d, err)
		}
		s.bar.step(s.result.Flights, s.result.Seats)
	}
	s.bar.end()
	if err := s.sales(ctx); err != nil {
		return fmt.Errorf("sales: %w", err)
	}
	var err error
	s.result.Places, err = s.places(ctx)
	return err
}
