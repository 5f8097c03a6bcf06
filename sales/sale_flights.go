package sales

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"pigonair/db"
)

// SaleFlight is a flight of a sale that can still be bought, in economy.
type SaleFlight struct {
	ID          int64
	FlightNo    string
	Date        time.Time // local date at the origin, at midnight UTC
	Origin      string
	Destination string
	Departs     time.Time // UTC
	Free        int64     // seats that can be had now
	// Lowest is what an adult pays at least, in won, with a fare that has places; 0 when there is none.
	Lowest int64
	Fare   string // the code of that fare
}

// Seats counts the seats of a sale.
type Seats struct{ Free, Held, Paying, Sold int64 }

// add adds other to s.
func (s *Seats) add(other Seats) {
	s.Free += other.Free
	s.Held += other.Held
	s.Paying += other.Paying
	s.Sold += other.Sold
}

// saleOffers is what a sale's flights offer, as read at an instant of our own clock.
type saleOffers struct {
	flights []SaleFlight
	seats   Seats
	read    time.Time
}

// Flights returns the flights of a sale that can still be bought, in the order of departure, at most a second
// old.
func (s *Sales) Flights(ctx context.Context, sale int64) ([]SaleFlight, error) {
	o, err := s.offersOf(ctx, sale)
	return o.flights, err
}

// Seats counts the seats of all flights of a sale, at most a second old.
func (s *Sales) Seats(ctx context.Context, sale int64) (Seats, error) {
	o, err := s.offersOf(ctx, sale)
	return o.seats, err
}

func (s *Sales) offersOf(ctx context.Context, sale int64) (saleOffers, error) {
	s.mu.Lock()
	o, known := s.offers[sale]
	s.mu.Unlock()
	if known && o.read.After(s.now().Add(-saleOfferAge)) {
		return o, nil
	}
	got, err, _ := s.reading.Do(strconv.FormatInt(sale, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		o, err := s.readOffers(ctx, sale)
		if err != nil {
			return saleOffers{}, fmt.Errorf("sales: reading the flights of sale %d: %w", sale, err)
		}
		s.mu.Lock()
		s.offers[sale] = o
		s.mu.Unlock()
		return o, nil
	})
	return got.(saleOffers), err
}

func (s *Sales) readOffers(ctx context.Context, sale int64) (saleOffers, error) {
	o := saleOffers{read: s.now()}
	q, id := db.New(s.pool), sql.NullInt64{Int64: sale, Valid: true}
	fares, err := q.SaleFlightFares(ctx, id)
	if err != nil {
		return o, err
	}
	rows, err := q.SaleSeats(ctx, id)
	if err != nil {
		return o, err
	}
	uses := seatUses(rows)
	for _, u := range uses {
		o.seats.add(u)
	}
	table, err := s.prices.Table(ctx)
	if err != nil {
		return o, err
	}
	o.flights, err = saleFlights(fares, uses, table, s.now())
	return o, err
}

// fareUse names the seats of one cabin of a flight that are in use at a fare; without a fare, those in none.
type fareUse struct {
	flight      int64
	cabin, fare string
}

func seatUses(rows []db.SaleSeatsRow) map[fareUse]Seats {
	out := make(map[fareUse]Seats, len(rows))
	for _, r := range rows {
		out[fareUse{r.FlightID, r.Cabin, r.FareCode.String}] = Seats{Free: r.Free, Held: r.Held, Paying: r.Paying, Sold: r.Sold}
	}
	return out
}

// saleCabin is the cabin whose prices a sale is announced with.
const saleCabin = "economy"

// saleFlights folds fare rows, cheapest first within a flight, into flights with their lowest total.
func saleFlights(fares []db.SaleFlightFaresRow, uses map[fareUse]Seats, table *PriceTable, now time.Time) ([]SaleFlight, error) {
	free := map[int64]int64{}
	for use, seats := range uses {
		if use.cabin == saleCabin {
			free[use.flight] += seats.Free
		}
	}
	var out []SaleFlight
	for _, f := range fares {
		if len(out) == 0 || out[len(out)-1].ID != f.ID {
			out = append(out, SaleFlight{
				ID: f.ID, FlightNo: f.FlightNo, Date: f.LocalDate, Origin: f.Origin, Destination: f.Destination,
				Departs: f.DepartsAt, Free: free[f.ID],
			})
		}
		flight := &out[len(out)-1]
		if flight.Lowest > 0 || f.Cabin != saleCabin || !hasPlaces(f, uses, flight.Free) {
			continue
		}
		fuel, charges, err := table.AdultSurcharges(f.Origin, f.Destination, f.International, now)
		if err != nil {
			return nil, err
		}
		flight.Lowest, flight.Fare = f.BaseAmount+fuel+charges, f.FareCode
	}
	return out, nil
}

// hasPlaces tells whether a seat can be had at a fare: one is free and the fare's quota is not used up.
func hasPlaces(f db.SaleFlightFaresRow, uses map[fareUse]Seats, free int64) bool {
	use := uses[fareUse{f.ID, f.Cabin, f.FareCode}]
	used := use.Held + use.Paying + use.Sold
	return free > 0 && (!f.Quota.Valid || used < int64(f.Quota.Int32))
}
