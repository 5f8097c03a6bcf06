package flights_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"pigonair/flights"
	"pigonair/internal/testenv"
	"pigonair/sales"
	"pigonair/seed"
)

// shop is a seeded database with a catalog over it and a clock that tests move.
type shop struct {
	pool    *sql.DB
	places  seed.Places
	prices  *sales.Prices
	deps    flights.Deps
	catalog *flights.Catalog

	mu  sync.Mutex
	now time.Time
}

// newShop seeds a database; the catalog has no Redis.
func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{pool: testenv.DB(t), now: time.Now()}
	result, err := seed.Run(context.Background(), s.pool, seed.Options{Size: seed.Small, Number: 1, Today: s.now})
	if err != nil {
		t.Fatal(err)
	}
	s.places = result.Places
	a := airports(t)
	s.prices = sales.NewPrices(s.pool, a.DistanceKm, s.clock)
	s.deps = flights.Deps{DB: s.pool, Airports: a, Layouts: layouts(t), Now: s.clock,
		Prices: func(ctx context.Context) (flights.Pricer, error) { return s.prices.Table(ctx) }}
	s.catalog = flights.NewCatalog(s.deps)
	return s
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) forward(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *shop) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := s.pool.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// take gives seats of a flight to a booking: state held, paying or sold; until is SQL.
func (s *shop) take(t *testing.T, flightID int64, fare, state, until string, seats ...string) {
	t.Helper()
	for _, no := range seats {
		s.exec(t, `UPDATE seat SET state = ?, booking_id = 1, fare_code = ?, held_until = `+until+`,
			version = version + 1, fence = version WHERE flight_id = ? AND seat_no = ?`, state, fare, flightID, no)
	}
}

func (s *shop) day(t *testing.T, ahead int) flights.Date {
	t.Helper()
	return flights.DateOf(s.clock().In(zone(t, "Asia/Seoul"))).AddDays(ahead)
}

func (s *shop) flight(t *testing.T, id string) flights.Flight {
	t.Helper()
	public, err := flights.ParsePublicID(id)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.catalog.Flight(context.Background(), public)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (s *shop) search(t *testing.T, q flights.Query) flights.Result {
	t.Helper()
	r, err := s.catalog.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSaleOfAFlight(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, name := range []string{s.places.Flight, s.places.SaleFlight} {
		f := s.flight(t, name)
		sale, slug, err := s.catalog.SaleOf(t.Context(), f.PublicID())
		if err != nil || sale != f.SaleID || slug != f.Sale {
			t.Errorf("%s: %d %q, %v; want %d %q", name, sale, slug, err, f.SaleID, f.Sale)
		}
	}
	none := flights.PublicID{FlightNo: "ZP1", Date: s.day(t, 0)}
	if _, _, err := s.catalog.SaleOf(t.Context(), none); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("no such flight: %v", err)
	}
}

func TestFlight(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.flight(t, s.places.Flight)
	if f.PublicID().String() != s.places.Flight || f.From.Code != "GMP" || f.To.Code != "CJU" || f.Layout.Code != "b738" ||
		f.Duration() != 70*time.Minute || f.DaysLater() != 0 || f.International || f.Cancelled || f.SaleID != 0 || f.Sale != "" {
		t.Errorf("%+v", f)
	}
	if f.Departs.Sub(f.SalesClose) != time.Hour || flights.DateOf(f.Departs) != f.Date {
		t.Errorf("departs %s, sales close %s", f.Departs, f.SalesClose)
	}
	economy, ok := f.Cabin(flights.Economy)
	if !ok || economy.SeatsFree != 189 || len(economy.Fares) < 2 {
		t.Errorf("economy: %+v, %v", economy, ok)
	}
	if _, ok := f.Cabin(flights.First); ok {
		t.Error("there is a first class")
	}
	byID, err := s.catalog.FlightByID(context.Background(), f.ID)
	if err != nil || byID.PublicID() != f.PublicID() || len(byID.Cabins) != 1 {
		t.Errorf("by id: %+v, %v", byID, err)
	}
	if onSale := s.flight(t, s.places.SaleFlight); onSale.Sale != s.places.Sale || onSale.SaleID == 0 {
		t.Errorf("%s is on sale %q", s.places.SaleFlight, onSale.Sale)
	}
	none := flights.PublicID{FlightNo: "ZP101", Date: flights.NewDate(2001, 1, 1)}
	if _, err := s.catalog.Flight(context.Background(), none); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("a flight that is not there: %v", err)
	}
	if _, err := s.catalog.FlightByID(context.Background(), 1); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("an id that is not there: %v", err)
	}
	s.exec(t, "UPDATE flight SET state = 'cancelled' WHERE id = ?", f.ID)
	s.forward(2 * time.Second)
	if f := s.flight(t, s.places.Flight); !f.Cancelled {
		t.Error("the cancelled flight is not cancelled")
	}
}

func longHaulArrivesTheNextDay(t *testing.T, s *shop) {
	r := s.search(t, flights.Query{From: "JFK", To: "ICN", Depart: s.day(t, 3), Cabin: flights.First})
	if len(r.Offers) != 1 {
		t.Fatalf("%d flights from New York", len(r.Offers))
	}
	f := r.Offers[0].Flight
	if f.DaysLater() != 1 || f.Departs.Location().String() != "America/New_York" || f.Departs.Hour() != 13 || !f.International {
		t.Errorf("leaves %s, arrives %s", f.Departs, f.Arrives)
	}
	if len(f.Cabins) != 3 || f.Cabins[0].Cabin != flights.Economy || f.Cabins[2].Cabin != flights.First ||
		f.Cabins[0].SeatsFree != 224 || f.Cabins[2].SeatsFree != 8 {
		t.Errorf("cabins %+v", f.Cabins)
	}
}

// What search and flight pages show is what the price table charges for a hold.
func totalsAreWhatAHoldCharges(t *testing.T, s *shop) {
	table, err := s.prices.Table(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	offers := s.search(t, flights.Query{From: "GMP", To: "CJU", Depart: s.day(t, 2), Size: 50}).Offers
	offers = append(offers, s.search(t, flights.Query{From: "ICN", To: "LHR", Depart: s.day(t, 2)}).Offers...)
	for _, o := range offers {
		for _, cabin := range o.Flight.Cabins {
			for _, fare := range cabin.Fares {
				leg := sales.Leg{Origin: o.Flight.From.Code, Destination: o.Flight.To.Code, International: o.Flight.International}
				q, err := table.Quote(leg, fare.Code, fare.Base, sales.Party{Adults: 1}, s.clock(), nil)
				if err != nil || q.Total != fare.Total() || q.Lines[0].Fuel != fare.Fuel || q.Lines[0].Charges != fare.Charges {
					t.Errorf("%s %s: shown %d, held %d, %v", o.Flight.PublicID(), fare.Code, fare.Total(), q.Total, err)
				}
			}
		}
	}
	if len(offers) < 10 {
		t.Errorf("%d flights were compared", len(offers))
	}
}

func TestSeatsAndQuotasAreCountedByTheClock(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.flight(t, s.places.SaleFlight) // 80 special fares
	const future, past = "NOW(6) + INTERVAL 1 HOUR", "NOW(6) - INTERVAL 1 SECOND"
	s.take(t, f.ID, "special", "sold", "NULL", "7A", "7B")
	s.take(t, f.ID, "special", "paying", past, "7C")
	s.take(t, f.ID, "special", "held", future, "7D", "7E")
	s.take(t, f.ID, "special", "held", past, "7F", "8A")
	s.take(t, f.ID, "standard", "sold", "NULL", "8B")
	s.exec(t, "UPDATE seat SET state = 'blocked' WHERE flight_id = ? AND seat_no = '8C'", f.ID)
	s.forward(2 * time.Second)

	f = s.flight(t, s.places.SaleFlight)
	economy, _ := f.Cabin(flights.Economy)
	if economy.SeatsFree != 189-7 {
		t.Errorf("%d seats free, want 182", economy.SeatsFree)
	}
	places := map[string]int{}
	for _, fare := range economy.Fares {
		places[fare.Code] = fare.Places
	}
	if places["special"] != 75 || places["standard"] != 182 || places["flexible"] != 182 {
		t.Errorf("places %v, want 75 special, 182 of the others", places)
	}

	s.exec(t, "UPDATE flight_fare SET quota = 6 WHERE flight_id = ? AND fare_code = 'special'", f.ID)
	s.forward(11 * time.Second)
	for seats, want := range map[int]string{1: "special", 2: "standard"} {
		r := s.search(t, flights.Query{From: f.From.Code, To: f.To.Code, Depart: f.Date, Seats: seats, Size: 50})
		for _, o := range r.Offers {
			if o.Flight.ID == f.ID && o.Best.Code != want {
				t.Errorf("%d seats: cheapest is %s, want %s", seats, o.Best.Code, want)
			}
		}
	}
}
