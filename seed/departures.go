package seed

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"pigonair/db"
	"pigonair/flights"
	"pigonair/sales"
)

// salesCutoff is how long before departure a flight's sales close.
const salesCutoff = time.Hour

// dayTries bounds how often a day is begun again when another run adds the same flights.
const dayTries = 3

// day adds the flights of a day that are missing. A flight comes with all its fares and seats in one
// transaction, so that a flight that is there is whole.
func (s *seeder) day(ctx context.Context, d flights.Date) error {
	var err error
	for range dayTries {
		if err = s.tryDay(ctx, d); !db.IsDuplicate(err) && !db.Retryable(err) {
			return err
		}
	}
	return err
}

func (s *seeder) tryDay(ctx context.Context, d flights.Date) error {
	missing, err := s.missing(ctx, d)
	if err != nil || len(missing) == 0 {
		return err
	}
	flightRows, fareRows, err := s.rowsOf(missing)
	if err != nil {
		return err
	}
	// READ COMMITTED: only this transaction's own rows are read, and no gaps are locked.
	tx, err := s.conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	seats, err := s.write(ctx, tx, flightRows, fareRows)
	if err != nil {
		_ = tx.Rollback() // the reason is err
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.result.Flights += int64(len(missing))
	s.result.Seats += seats
	return nil
}

// missing are the planned departures of a day that have no row yet.
func (s *seeder) missing(ctx context.Context, d flights.Date) ([]flights.Departure, error) {
	first := flights.PublicID{Date: d}.RowID()
	const numbers = 10_000 // a row id is the day followed by four digits
	ids, err := s.queries.FlightIDsBetween(ctx, first, first+numbers-1)
	if err != nil {
		return nil, err
	}
	there := map[int64]bool{}
	for _, id := range ids {
		there[id] = true
	}
	var out []flights.Departure
	for _, f := range s.network.FlightsOn(d) {
		if s.plan.has(f) && !there[f.PublicID().RowID()] {
			out = append(out, f)
		}
	}
	return out, nil
}

func (s *seeder) rowsOf(departures []flights.Departure) (flightRows, fareRows [][]any, err error) {
	for _, d := range departures {
		id := d.PublicID().RowID()
		leaves := d.Departs.UTC()
		flightRows = append(flightRows, []any{id, d.FlightNo, d.Date.String(), d.From.Code, d.To.Code,
			leaves, d.Arrives.UTC(), d.Layout, "scheduled", d.International, leaves.Add(-salesCutoff)})
		fares, err := s.faresOf(d)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range fares {
			fareRows = append(fareRows, []any{id, f.Cabin, f.Code, f.Base, quotaOf(f)})
		}
	}
	return flightRows, fareRows, nil
}

func (s *seeder) faresOf(d flights.Departure) ([]sales.Fare, error) {
	layout, err := s.layouts.Find(d.Layout)
	if err != nil {
		return nil, err
	}
	draw := draw(s.options.Number, d.PublicID().RowID(), 100)
	var out []sales.Fare
	for _, c := range layout.Cabins {
		fares, err := s.tariff.Fares(d.From.Code, d.To.Code, string(c.Cabin), d.Departs, draw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.PublicID(), err)
		}
		out = append(out, fares...)
	}
	return out, nil
}

func quotaOf(f sales.Fare) sql.NullInt32 {
	return sql.NullInt32{Int32: int32(f.Quota.Places), Valid: f.Quota.Limited}
}

// draw is a number from 0 to n-1 that depends on nothing but the seed's number and the flight: the mixing
// function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
func draw(number, flightID int64, n uint64) int {
	z := uint64(number)*0x9e3779b97f4a7c15 + uint64(flightID)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % n)
}

const (
	intoFlight = "flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, state, international, sales_close_at)"
	intoFare   = "flight_fare (flight_id, cabin, fare_code, base_amount, quota)"
)

func (s *seeder) write(ctx context.Context, tx *sql.Tx, flightRows, fareRows [][]any) (seats int64, err error) {
	if err := insert(ctx, tx, intoFlight, flightRows, ""); err != nil {
		return 0, err
	}
	if err := insert(ctx, tx, intoFare, fareRows, ""); err != nil {
		return 0, err
	}
	var ids []any
	for _, r := range flightRows {
		ids = append(ids, r[0])
	}
	return insertSeats(ctx, tx, ids)
}
