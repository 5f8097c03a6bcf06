package sales_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"pigonair/internal/testenv"
	"pigonair/sales"
	"pigonair/seed"
)

func seeded(t *testing.T) *sql.DB {
	t.Helper()
	pool := testenv.DB(t)
	if _, err := seed.Run(context.Background(), pool, seed.Options{Size: seed.Small, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return pool
}

func TestPrices(t *testing.T) {
	t.Parallel()
	pool := seeded(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	prices := sales.NewPrices(pool, distance, func() time.Time { return now })
	fuel := func() int64 {
		t.Helper()
		table, err := prices.Table(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		amount, _, err := table.AdultSurcharges("GMP", "CJU", false, now)
		if err != nil {
			t.Fatal(err)
		}
		return amount
	}
	if got := fuel(); got != 17700 {
		t.Errorf("the tables say %d, the data file 17,700", got)
	}
	if _, err := pool.Exec("UPDATE fuel_surcharge SET amount = 1 WHERE band = 'domestic'"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute - 1)
	if got := fuel(); got != 17700 {
		t.Errorf("read again before a minute: %d", got)
	}
	now = now.Add(1)
	if got := fuel(); got != 1 {
		t.Errorf("after a minute %d, want the new amount", got)
	}
	// While the database does not answer, here because its only connection is taken, the last table serves.
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if got := fuel(); got != 1 {
		t.Errorf("without the database %d, want the last amount", got)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if got := fuel(); got != 1 {
		t.Errorf("with the database again %d", got)
	}
}

// The tables hold what the data file says, and what seed writes prices the same.
func TestRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rows, err := sales.ReadRows(context.Background(), seeded(t))
	if err != nil {
		t.Fatal(err)
	}
	read, file := sales.NewPriceTable(rows, distance), table(t)
	for _, p := range file.Products() {
		if got, err := read.Product(p.Code); err != nil || got != p {
			t.Errorf("product %s: %+v, %v", p.Code, got, err)
		}
		for _, leg := range []sales.Leg{jeju, newYork} {
			at := seoul("2026-11-23 12:00:00")
			party := sales.Party{Adults: 1, Children: 1, Infants: 1}
			want, errWant := file.Quote(leg, p.Code, 50000, party, at, nil)
			got, errGot := read.Quote(leg, p.Code, 50000, party, at, nil)
			if errWant != nil || errGot != nil || got.Total != want.Total {
				t.Errorf("%s: %d, %v from the tables, %d, %v from the file", p.Code, got.Total, errGot, want.Total, errWant)
			}
			fees, errFees := read.FeeSteps(p.Code, leg.International, sales.Adult, 50000, at, at.AddDate(0, 6, 0))
			wanted, _ := file.FeeSteps(p.Code, leg.International, sales.Adult, 50000, at, at.AddDate(0, 6, 0))
			if errFees != nil || len(fees) != len(wanted) {
				t.Errorf("fees of %s: %v, %v, want %v", p.Code, fees, errFees, wanted)
			}
		}
	}
}

func TestACrowdReadsTheTablesOnce(t *testing.T) {
	t.Parallel()
	pool := seeded(t)
	prices := sales.NewPrices(pool, distance, time.Now)
	var crowd sync.WaitGroup
	first := make([]*sales.PriceTable, 50)
	for i := range first {
		crowd.Go(func() {
			var err error
			if first[i], err = prices.Table(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	for _, other := range first {
		if other != first[0] {
			t.Fatal("the tables were read more than once")
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sales.NewPrices(pool, distance, time.Now).Table(ctx); err == nil {
		t.Error("a caller who has gone got a table")
	}
}
