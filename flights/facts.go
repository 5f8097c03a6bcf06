package flights

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"pigonair/db"
)

// flightFacts is what the database says of a flight: what the cache keeps. Names and prices are laid over
// it when it is shown.
type flightFacts struct {
	ID            int64        `json:"id"`
	FlightNo      string       `json:"no"`
	Date          string       `json:"date"`
	Origin        string       `json:"from"`
	Destination   string       `json:"to"`
	Departs       time.Time    `json:"departs"`
	Arrives       time.Time    `json:"arrives"`
	Layout        string       `json:"layout"`
	International bool         `json:"intl,omitempty"`
	Cancelled     bool         `json:"cancelled,omitempty"`
	SalesClose    time.Time    `json:"close"`
	SaleID        int64        `json:"sale_id,omitempty"`
	Sale          string       `json:"sale,omitempty"`
	Cabins        []cabinFacts `json:"cabins"`
}

type cabinFacts struct {
	Cabin Cabin       `json:"cabin"`
	Free  int         `json:"free"`
	Fares []fareFacts `json:"fares"` // cheapest first
}

type fareFacts struct {
	Code   string `json:"code"`
	Base   int64  `json:"base"`
	Places int    `json:"places"`
}

// cheapest is the lowest fare of a cabin with places for so many seats.
func (f flightFacts) cheapest(cabin Cabin, seats int) (fareFacts, bool) {
	for _, c := range f.Cabins {
		if c.Cabin != cabin {
			continue
		}
		for _, fare := range c.Fares {
			if fare.Places >= seats {
				return fare, true
			}
		}
	}
	return fareFacts{}, false
}

// fareRow and seatUse are the rows from which a flight's cabins are put together.
type fareRow struct {
	cabin, code string
	base        int64
	quota       sql.NullInt32
}

type seatUse struct {
	cabin, fare string // fare is empty where the seats never had one
	seats, used int
}

// cabinsOf puts fares and seats together: how many seats are free, and how many can be had at each fare.
func cabinsOf(fares []fareRow, uses []seatUse) []cabinFacts {
	free, used := map[string]int{}, map[[2]string]int{}
	for _, u := range uses {
		free[u.cabin] += u.seats - u.used
		used[[2]string{u.cabin, u.fare}] += u.used
	}
	byCabin := map[string]*cabinFacts{}
	var order []string
	for _, f := range fares {
		c := byCabin[f.cabin]
		if c == nil {
			c = &cabinFacts{Cabin: Cabin(f.cabin), Free: free[f.cabin]}
			byCabin[f.cabin] = c
			order = append(order, f.cabin)
		}
		places := c.Free
		if f.quota.Valid {
			places = max(0, min(places, int(f.quota.Int32)-used[[2]string{f.cabin, f.code}]))
		}
		c.Fares = append(c.Fares, fareFacts{Code: f.code, Base: f.base, Places: places})
	}
	var out []cabinFacts
	for _, name := range order {
		c := byCabin[name]
		slices.SortStableFunc(c.Fares, func(a, b fareFacts) int {
			return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.Code, b.Code))
		})
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b cabinFacts) int { return cmp.Compare(rank(a.Cabin), rank(b.Cabin)) })
	return out
}

func rank(c Cabin) int {
	switch c {
	case Economy:
		return 0
	case Business:
		return 1
	}
	return 2
}

// factsOf reads one flight's row; its cabins come from elsewhere.
func factsOf(r db.FlightByIDRow) flightFacts {
	return flightFacts{
		ID: r.ID, FlightNo: r.FlightNo, Date: r.LocalDate.Format(time.DateOnly),
		Origin: r.Origin, Destination: r.Destination,
		Departs: r.DepartsAt, Arrives: r.ArrivesAt,
		Layout: r.Layout, International: r.International, Cancelled: r.State == "cancelled",
		SalesClose: r.SalesCloseAt, SaleID: r.SaleID.Int64, Sale: r.SaleSlug.String,
	}
}

// surcharges is what comes on top of the fare for an adult on one route today.
type surcharges struct{ fuel, charges int64 }

// flight lays names, zones and prices over the facts.
func (c *Catalog) flight(f flightFacts, s surcharges) (Flight, error) {
	from, err := c.airports.Find(f.Origin)
	if err != nil {
		return Flight{}, fmt.Errorf("flights: flight %d: %w", f.ID, err)
	}
	to, err := c.airports.Find(f.Destination)
	if err != nil {
		return Flight{}, fmt.Errorf("flights: flight %d: %w", f.ID, err)
	}
	layout, err := c.layouts.Find(f.Layout)
	if err != nil {
		return Flight{}, fmt.Errorf("flights: flight %d: %w", f.ID, err)
	}
	date, err := ParseDate(f.Date)
	if err != nil {
		return Flight{}, fmt.Errorf("flights: flight %d: %w", f.ID, err)
	}
	out := Flight{
		ID: f.ID, FlightNo: f.FlightNo, Date: date, From: from, To: to,
		Departs: f.Departs.In(from.Zone), Arrives: f.Arrives.In(to.Zone),
		Layout: layout, International: f.International, Cancelled: f.Cancelled,
		SalesClose: f.SalesClose, SaleID: f.SaleID, Sale: f.Sale,
	}
	for _, cabin := range f.Cabins {
		offer := CabinOffer{Cabin: cabin.Cabin, SeatsFree: cabin.Free}
		for _, fare := range cabin.Fares {
			offer.Fares = append(offer.Fares, FareOffer{Code: fare.Code, Base: fare.Base,
				Fuel: s.fuel, Charges: s.charges, Places: fare.Places})
		}
		out.Cabins = append(out.Cabins, offer)
	}
	return out, nil
}
