package sales_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pigonair/audit"
	"pigonair/db"
	"pigonair/internal/testenv"
	"pigonair/sales"
)

// shop is a database with one open sale of two flights.
type shop struct {
	t     *testing.T
	pool  *sql.DB
	sales *sales.Sales
	now   time.Time
}

const (
	saleID   = 7
	operator = 1
)

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, pool: testenv.DB(t), now: time.Now()}
	s.exec(`INSERT INTO sale (id, slug, name_ko, name_en, state, joins_at, opens_at, closes_at, rate_per_minute, burst, cap)
VALUES (7, 'jeju', '제주 특가', 'Jeju fares', 'open', NOW(6) - INTERVAL 2 HOUR, NOW(6) - INTERVAL 1 HOUR, NOW(6) + INTERVAL 1 DAY, 360, 20, 800),
       (8, 'next', '다음 특가', 'Next fares', 'scheduled', NOW(6) + INTERVAL 1 HOUR, NOW(6) + INTERVAL 2 HOUR, NOW(6) + INTERVAL 1 DAY, 360, 20, 800),
       (9, 'draft', '초안', 'Draft', 'draft', NOW(6), NOW(6), NOW(6) + INTERVAL 1 DAY, 360, 20, 800),
       (10, 'past', '지난 특가', 'Past fares', 'open', NOW(6) - INTERVAL 3 DAY, NOW(6) - INTERVAL 2 DAY, NOW(6) - INTERVAL 1 DAY, 360, 20, 800)`)
	s.exec(`INSERT INTO member (id, email, email_key, password_hash, name, role, terms_version, created_at)
VALUES (1, 'op@example.test', 'op@example.test', 'x', '김운영', 'operations', '1', NOW(6))`)
	for i, no := range []string{"ZP101", "ZP103"} {
		s.exec(`INSERT INTO flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, international, sale_id, sales_close_at)
VALUES (?, ?, '2099-01-02', 'GMP', 'CJU', ?, '2099-01-02 05:00:00', 'b738', FALSE, 7, '2099-01-01 23:00:00')`, i+1, no, fmt.Sprintf("2099-01-02 0%d:00:00", i+1))
		s.exec(`INSERT INTO flight_fare (flight_id, cabin, fare_code, base_amount, quota) VALUES (?, 'economy', 'special', 9900, 2), (?, 'economy', 'flex', 50000, NULL)`, i+1, i+1)
	}
	s.seat(1, "1A", "available", "")
	s.seat(1, "1B", "held", "special")
	s.seat(1, "1C", "held over", "special")
	s.seat(1, "1D", "sold", "special")
	s.seat(1, "1E", "paying", "flex")
	s.seat(1, "1F", "blocked", "")
	s.seat(2, "1A", "sold", "special")
	s.sales = sales.NewSales(s.pool, db.NewIDs(s.pool), sales.NewPrices(s.pool, noDistance, time.Now), func() time.Time { return s.now })
	return s
}

func noDistance(string, string) (int, error) { return 0, nil }

func (s *shop) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(query, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) seat(flight int, no, state, fare string) {
	s.t.Helper()
	until := sql.NullString{}
	switch state {
	case "held", "paying":
		until = sql.NullString{String: "2099-01-01", Valid: true}
	case "held over":
		state, until = "held", sql.NullString{String: "2020-01-01", Valid: true}
	}
	owned := fare != ""
	s.exec(`INSERT INTO seat (flight_id, seat_no, cabin, state, booking_id, fare_code, held_until) VALUES (?, ?, 'economy', ?, ?, ?, ?)`,
		flight, no, state, sql.NullInt64{Int64: 5, Valid: owned}, sql.NullString{String: fare, Valid: owned}, until)
}

func (s *shop) slugs(list []sales.Sale, err error) string {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, sale := range list {
		out = append(out, sale.Slug+" "+string(sale.State))
	}
	return strings.Join(out, ", ")
}

func TestSalesOpenAndCloseByTheClock(t *testing.T) {
	s := newShop(t)
	ctx := context.Background()
	if got, want := s.slugs(s.sales.List(ctx)), "next scheduled, jeju open, past closed"; got != want {
		t.Errorf("customers see %q, want %q", got, want)
	}
	if got := s.slugs(s.sales.All(ctx)); !strings.Contains(got, "draft draft") {
		t.Errorf("operators see %q", got)
	}
	next, err := s.sales.BySlug(ctx, "next")
	if err != nil || next.Joinable() || next.OpensIn().Round(time.Minute) != 2*time.Hour {
		t.Errorf("next: joinable %v, opens in %v (%v)", next.Joinable(), next.OpensIn(), err)
	}
	if _, err := s.sales.BySlug(ctx, "nothing"); !errors.Is(err, sales.ErrNoSale) {
		t.Error(err)
	}
	s.exec(`UPDATE sale SET state = 'closed' WHERE id = 7`)
	if sale, _ := s.sales.ByID(ctx, 7); sale.State != sales.Open {
		t.Error("a read within a second asked the database again")
	}
	s.now = s.now.Add(2 * time.Second)
	if sale, _ := s.sales.ByID(ctx, 7); sale.State != sales.Closed {
		t.Error("a read after a second is old")
	}
}

func TestSaleOfAFlight(t *testing.T) {
	s := newShop(t)
	if sale, on, err := s.sales.OfFlight(context.Background(), 1); err != nil || !on || sale.Slug != "jeju" {
		t.Errorf("%+v, %v, %v", sale, on, err)
	}
	if _, _, err := s.sales.OfFlight(context.Background(), 99); !errors.Is(err, sales.ErrNoSale) {
		t.Error(err)
	}
}

func TestSaleCountsItsSeats(t *testing.T) {
	s := newShop(t)
	s.exec(`INSERT INTO distance_band (band, international, up_to_km) VALUES ('d', FALSE, 5000)`)
	s.exec(`INSERT INTO fuel_surcharge (band, passenger_kind, issue_from, amount) VALUES ('d', 'adult', '2020-01-01', 17700)`)
	s.exec(`INSERT INTO airport_charge (airport, international, passenger_kind, amount) VALUES ('GMP', FALSE, 'adult', 4000)`)
	got, err := s.sales.Seats(context.Background(), saleID)
	if want := (sales.Seats{Free: 2, Held: 1, Paying: 1, Sold: 2}); err != nil || got != want {
		t.Fatalf("%+v, want %+v (%v)", got, want, err)
	}
	flights, err := s.sales.Flights(context.Background(), saleID)
	if err != nil || len(flights) != 2 {
		t.Fatalf("%d flights, %v", len(flights), err)
	}
	first, second := flights[0], flights[1]
	if first.FlightNo != "ZP101" || first.Free != 2 || first.Fare != "flex" || first.Lowest != 50000+17700+4000 {
		t.Errorf("first flight: %+v; its special fares are used up", first)
	}
	if second.Free != 0 || second.Lowest != 0 {
		t.Errorf("second flight: %+v; no seat is free", second)
	}
}

func TestOperatorsChangesAreNoted(t *testing.T) {
	s := newShop(t)
	ctx := context.Background()
	rate, most := 420, 900
	by := sales.By{Member: operator, RequestID: "r1"}
	if err := s.sales.Control(ctx, saleID, sales.Change{Rate: &rate, Cap: &most, Reason: "결제 여유"}, by); err != nil {
		t.Fatal(err)
	}
	if err := s.sales.Control(ctx, saleID, sales.Change{Step: sales.Pause, Reason: "점검", ReasonEn: "maintenance"}, by); err != nil {
		t.Fatal(err)
	}
	sale, err := s.sales.ByID(ctx, saleID)
	if err != nil || sale.RatePerMinute != 420 || sale.Cap != 900 || !sale.Paused || sale.PauseReason("en") != "maintenance" || sale.Version != 2 {
		t.Errorf("%+v, %v", sale, err)
	}
	records, err := audit.Of(ctx, db.New(s.pool), sales.AuditSubject("jeju"), 10)
	if err != nil || len(records) != 3 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	byAction := map[string]audit.Record{}
	for _, r := range records {
		byAction[r.Action] = r
	}
	if r := byAction["sale.rate"]; r.Before != "360" || r.After != "420" || r.ActorName != "김운영" || r.Reason != "결제 여유" || r.RequestID != "r1" {
		t.Errorf("%+v", r)
	}
	if r := byAction["sale.pause"]; r.Reason != "점검" {
		t.Errorf("%+v", r)
	}
}

func TestWrongChangesAreRefusedWhole(t *testing.T) {
	s := newShop(t)
	number := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		change sales.Change
		want   []error
	}{
		"negative":             {sales.Change{Rate: number(-1), Cap: number(sales.MaxCap + 1)}, []error{sales.ErrRate, sales.ErrCap}},
		"too fast":             {sales.Change{Rate: number(sales.MaxRate + 1)}, []error{sales.ErrRate}},
		"pause without reason": {sales.Change{Rate: number(1), Step: sales.Pause}, []error{sales.ErrReason}},
		"reason too long":      {sales.Change{Rate: number(1), Reason: strings.Repeat("가", 201)}, []error{sales.ErrReason}},
		"resume without pause": {sales.Change{Rate: number(1), Step: sales.Resume}, []error{sales.ErrTransition}},
		"reopen without drain": {sales.Change{Step: sales.Reopen}, []error{sales.ErrTransition}},
		"nothing":              {sales.Change{}, []error{sales.ErrNoChange}},
		"the same figures":     {sales.Change{Rate: number(360), Cap: number(800)}, []error{sales.ErrNoChange}},
		"an unknown step":      {sales.Change{Step: "explode"}, []error{sales.ErrTransition}},
	} {
		err := s.sales.Control(context.Background(), saleID, c.change, sales.By{Member: operator})
		for _, want := range c.want {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
	}
	if err := s.sales.Control(context.Background(), 99, sales.Change{Rate: number(1)}, sales.By{}); !errors.Is(err, sales.ErrNoSale) {
		t.Error(err)
	}
	if sale, _ := s.sales.ByID(context.Background(), saleID); sale.Version != 0 {
		t.Errorf("refused changes left version %d", sale.Version)
	}
}

func TestSaleDrainsReopensAndCloses(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct {
		step sales.Step
		want sales.State
	}{{sales.Drain, sales.Drained}, {sales.Reopen, sales.Open}, {sales.Drain, sales.Drained}, {sales.Close, sales.Closed}} {
		if err := s.sales.Control(context.Background(), saleID, sales.Change{Step: c.step}, sales.By{Member: operator}); err != nil {
			t.Fatalf("%s: %v", c.step, err)
		}
		if sale, err := s.sales.ByID(context.Background(), saleID); err != nil || sale.State != c.want || sale.Joinable() != (c.want == sales.Open) {
			t.Errorf("after %s: %s (%v)", c.step, sale.State, err)
		}
	}
}
