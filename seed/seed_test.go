package seed_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pigonair/internal/testenv"
	"pigonair/seed"
)

// today is an afternoon in Korea.
func today() time.Time { return time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC) }

func run(t *testing.T, pool *sql.DB, o seed.Options) seed.Result {
	t.Helper()
	r, err := seed.Run(context.Background(), pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func count(t *testing.T, pool *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// checksum condenses everything that seed writes.
func checksum(t *testing.T, pool *sql.DB) string {
	t.Helper()
	var out []string
	for _, table := range []string{"airport", "fare_product", "passenger_rule", "distance_band", "fuel_surcharge",
		"airport_charge", "cancellation_fee", "flight", "flight_fare", "seat", "sale"} {
		var name string
		var sum sql.NullInt64
		if err := pool.QueryRow("CHECKSUM TABLE "+table+" EXTENDED").Scan(&name, &sum); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(table, " ", sum.Int64))
	}
	return strings.Join(out, "\n")
}

func TestSmall(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	first := run(t, pool, seed.Options{Size: seed.Small, Number: 1, Today: today()})
	if first.Flights < 150 || first.Seats < 20000 {
		t.Errorf("%d flights and %d seats", first.Flights, first.Seats)
	}
	if n := count(t, pool, "SELECT COUNT(*) FROM flight f WHERE NOT EXISTS (SELECT 1 FROM seat s WHERE s.flight_id = f.id)"); n != 0 {
		t.Errorf("%d flights have no seats", n)
	}
	if n := count(t, pool, `SELECT COUNT(*) FROM (SELECT DISTINCT flight_id, cabin FROM seat) s
		WHERE NOT EXISTS (SELECT 1 FROM flight_fare f WHERE f.flight_id = s.flight_id AND f.cabin = s.cabin AND f.quota IS NULL)`); n != 0 {
		t.Errorf("%d cabins have no fare without a quota", n)
	}
	if n := count(t, pool, "SELECT COUNT(*) FROM seat WHERE state = 'blocked'"); n == 0 {
		t.Error("no seats are kept for the crew")
	}

	before := checksum(t, pool)
	again := run(t, pool, seed.Options{Size: seed.Small, Number: 1, Today: today().Add(2 * time.Hour)})
	if again.Flights != 0 || again.Seats != 0 || checksum(t, pool) != before {
		t.Errorf("the second run on one day added %d flights; before\n%s\nafter\n%s", again.Flights, before, checksum(t, pool))
	}
	if again.Places != first.Places {
		t.Errorf("places %+v became %+v", first.Places, again.Places)
	}
}

func TestSameNumberSameRows(t *testing.T) {
	t.Parallel()
	a, b, c := testenv.DB(t), testenv.DB(t), testenv.DB(t)
	run(t, a, seed.Options{Size: seed.Small, Number: 7, Today: today()})
	run(t, b, seed.Options{Size: seed.Small, Number: 7, Today: today()})
	run(t, c, seed.Options{Size: seed.Small, Number: 8, Today: today()})
	if checksum(t, a) != checksum(t, b) {
		t.Error("the same number gave other rows")
	}
	if checksum(t, a) == checksum(t, c) {
		t.Error("another number gave the same rows")
	}
}

func TestALaterDayAddsWhatIsMissing(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	run(t, pool, seed.Options{Size: seed.Small, Today: today()})
	before := count(t, pool, "SELECT COUNT(*) FROM flight")
	var closed time.Time
	if err := pool.QueryRow("SELECT closes_at FROM sale WHERE slug = 'jeju-special'").Scan(&closed); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec("UPDATE sale SET rate_per_minute = 7, paused = TRUE, state = 'closed'"); err != nil {
		t.Fatal(err)
	}
	later := today().AddDate(0, 0, 1)
	r := run(t, pool, seed.Options{Size: seed.Small, Today: later})
	if r.Flights == 0 || count(t, pool, "SELECT COUNT(*) FROM flight") != before+int(r.Flights) {
		t.Errorf("%d flights were added to %d", r.Flights, before)
	}
	if n := count(t, pool, `SELECT COUNT(*) FROM sale WHERE state = 'open' AND NOT paused AND rate_per_minute = 7
		AND opens_at <= ? AND closes_at > ? AND closes_at > ?`, later, later, closed); n != 2 {
		t.Errorf("%d of 2 sales are open as the day before, with what operators have set", n)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	p := run(t, pool, seed.Options{Size: seed.Small, Today: today()}).Places
	flight := func(id string) (saleID sql.NullInt64, departs time.Time, free int) {
		no, date, _ := strings.Cut(id, "-")
		err := pool.QueryRow(`SELECT f.sale_id, f.departs_at, COUNT(*) FROM flight f JOIN seat s ON s.flight_id = f.id
			WHERE f.flight_no = ? AND f.local_date = ? AND s.state = 'available' AND s.cabin = 'economy' GROUP BY f.id`, no, date).
			Scan(&saleID, &departs, &free)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return
	}
	if sale, departs, free := flight(p.Flight); sale.Valid || free != 189 || departs.Before(today().AddDate(0, 0, 3)) {
		t.Errorf("flight %s: sale %v, %d free, departs %s", p.Flight, sale, free, departs)
	}
	if sale, _, _ := flight(p.SaleFlight); sale.Int64 != 1 {
		t.Errorf("flight %s is on sale %v", p.SaleFlight, sale)
	}
	if n := count(t, pool, "SELECT cap FROM sale WHERE slug = ?", p.WaitingSale); n != 0 {
		t.Errorf("the cap of %s is %d", p.WaitingSale, n)
	}
	if n := count(t, pool, "SELECT cap FROM sale WHERE slug = ? AND state = 'open'", p.Sale); n <= 0 {
		t.Errorf("the cap of %s is %d", p.Sale, n)
	}
	if n := count(t, pool, `SELECT COUNT(*) FROM flight f JOIN sale ON sale.id = f.sale_id
		JOIN flight_fare ff ON ff.flight_id = f.id AND ff.fare_code = 'special' WHERE ff.quota = 80 AND ff.base_amount = 9900`); n != 12 {
		t.Errorf("%d flights are on sale with their special fare, want 12", n)
	}
}

func TestBookedFlightsAreNotPutOnSale(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	run(t, pool, seed.Options{Size: seed.Small, Today: today()})
	if _, err := pool.Exec(`INSERT INTO booking_leg (booking_id, leg_no, flight_id)
		SELECT 1, 1, id FROM flight WHERE flight_no = 'ZP109' AND local_date = '2026-12-23'`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec("UPDATE flight SET sale_id = NULL"); err != nil {
		t.Fatal(err)
	}
	run(t, pool, seed.Options{Size: seed.Small, Today: today()})
	if n := count(t, pool, "SELECT COUNT(*) FROM flight WHERE sale_id IS NOT NULL"); n != 11 {
		t.Errorf("%d flights are on sale, want all but the booked one", n)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	run(t, testenv.DB(t), seed.Options{Size: seed.Small, Today: today(), Progress: &out})
	if !strings.HasSuffix(strings.TrimSpace(out.String()), "seats added") || !strings.Contains(out.String(), "100 %") {
		t.Errorf("progress ended with %q", out.String())
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	if s, err := seed.ParseSize("demo"); s != seed.Demo || err != nil {
		t.Errorf("demo is %q, %v", s, err)
	}
	if _, err := seed.ParseSize("huge"); !errors.Is(err, seed.ErrSize) {
		t.Errorf("huge: %v", err)
	}
}
