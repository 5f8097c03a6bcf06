package seed

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"pigonair/db"
	"pigonair/flights"
)

// Places is where the demo can be tried: slugs of sales and public ids of flights.
type Places struct {
	Sale        string // open, with a waiting room that lets people in
	WaitingSale string // open, but with no room inside: who joins waits
	Flight      string // on no sale, one cabin of 189 seats, at least three days ahead
	SaleFlight  string // of Sale
}

// demoSale is a sale of the demo with the flights that it takes, by flight number.
type demoSale struct {
	row               db.SaleSeedParams // without times
	numbers           []int
	firstDay, lastDay int // days from today
}

// The special fares of the demo's sales: lower than any other, and so many a flight.
const (
	saleFare  = 9900
	saleQuota = 80
	// saleCabin is the cabin that is on sale.
	saleCabin = string(flights.Economy)
	// saleDays is how long a sale stays open; every run begins it anew.
	saleDays = 14
)

func demoSales() []demoSale {
	return []demoSale{
		{
			row: db.SaleSeedParams{ID: 1, Slug: "jeju-special", NameKo: "제주 특가", NameEn: "Jeju special",
				RatePerMinute: 1200, Burst: 200, Cap: 1000},
			numbers: []int{109, 121, 133, 110, 122, 126}, firstDay: saleFrom, lastDay: saleUntil,
		},
		{
			row: db.SaleSeedParams{ID: 2, Slug: "hallasan-special", NameKo: "한라산 특가", NameEn: "Hallasan special",
				RatePerMinute: 600, Burst: 100, Cap: 0},
			numbers: []int{107, 125, 145, 108, 118, 142}, firstDay: waitFrom, lastDay: waitUntil,
		},
	}
}

// sales opens the sales of the demo and gives them their flights.
func (s *seeder) sales(ctx context.Context) error {
	opens := s.today().AddDays(-1).Start(seoul()).UTC()
	for _, sale := range demoSales() {
		row := sale.row
		row.JoinsAt, row.OpensAt, row.ClosesAt = opens, opens, opens.AddDate(0, 0, saleDays+1)
		if err := s.queries.SaleSeed(ctx, row); err != nil {
			return err
		}
		if row.Cap == 0 { // that nobody gets in is what this sale is for
			if err := s.queries.SaleSetCap(ctx, 0, row.ID); err != nil {
				return err
			}
		}
		if err := s.flightsOnSale(ctx, sale); err != nil {
			return fmt.Errorf("%s: %w", row.Slug, err)
		}
	}
	return nil
}

func (s *seeder) flightsOnSale(ctx context.Context, sale demoSale) error {
	var numbers []string
	for _, n := range sale.numbers {
		numbers = append(numbers, fmt.Sprintf("%s%d", s.options.Carrier, n))
	}
	candidates, err := s.queries.SaleCandidates(ctx, db.SaleCandidatesParams{FlightNos: numbers,
		FirstDay: s.today().AddDays(sale.firstDay).UTC(), LastDay: s.today().AddDays(sale.lastDay).UTC()})
	if err != nil {
		return err
	}
	for _, id := range candidates {
		if err := s.putOnSale(ctx, sale.row.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// putOnSale gives a flight to a sale, with the sale's special fare, both or neither.
func (s *seeder) putOnSale(ctx context.Context, saleID, flightID int64) error {
	// READ COMMITTED: two writes, each guarded by itself.
	tx, err := s.conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	q := s.queries.WithTx(tx)
	n, err := q.FlightPutOnSale(ctx, sql.NullInt64{Int64: saleID, Valid: true}, flightID)
	if err == nil && n == 1 {
		err = q.FlightFareSet(ctx, db.FlightFareSetParams{FlightID: flightID, Cabin: saleCabin,
			FareCode: "special", BaseAmount: saleFare, Quota: sql.NullInt32{Int32: saleQuota, Valid: true}})
	}
	if err != nil {
		_ = tx.Rollback() // the reason is err
		return err
	}
	return tx.Commit()
}

// The flight of Places.Flight: from the fourth day on, so that it is at least three days ahead, and soon.
const (
	flightFrom, flightUntil = 4, 12
	flightLayout            = "b738"
)

// places finds where the demo can be tried now.
func (s *seeder) places(ctx context.Context) (Places, error) {
	all := demoSales()
	start := func(days int) time.Time { return s.today().AddDays(days).Start(seoul()).UTC() }
	free, err := s.queries.DemoFlightOnNoSale(ctx, db.DemoFlightOnNoSaleParams{
		Origin: "GMP", Destination: "CJU", Layout: flightLayout, Earliest: start(flightFrom), Latest: start(flightUntil)})
	if err != nil {
		return Places{}, fmt.Errorf("a flight on no sale: %w", err)
	}
	onSale, err := s.queries.DemoFlightOnSale(ctx, sql.NullInt64{Int64: all[0].row.ID, Valid: true}, start(1))
	if err != nil {
		return Places{}, fmt.Errorf("a flight on sale: %w", err)
	}
	id := func(no string, date time.Time) string {
		return flights.PublicID{FlightNo: no, Date: flights.DateOf(date)}.String()
	}
	return Places{
		Sale: all[0].row.Slug, WaitingSale: all[1].row.Slug,
		Flight: id(free.FlightNo, free.LocalDate), SaleFlight: id(onSale.FlightNo, onSale.LocalDate),
	}, nil
}
