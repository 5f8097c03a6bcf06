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

// cabin returns one cabin; false when the flight has none of that class.
func (f *flightFacts) cabin(c Cabin) (*cabinFacts, bool) {
	for i := range f.Cabins {
		if f.Cabins[i].Cabin == c {
			return &f.Cabins[i], true
		}
	}
	return nil, false
}

// cheapest is the lowest fare with places for so many seats; false when there is none.
func (c *cabinFacts) cheapest(seats int) (fareFacts, bool) {
	for _, f := range c.Fares {
		if f.Places >= seats {
			return f, true
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
	cabin, fare string // fare is empty for blocked seats
	seats       int    // that cannot be had
}

// cabinsOf puts fares and seats together: how many seats are free, and how many can be had at each fare.
func cabinsOf(layout *Layout, fares []fareRow, uses []seatUse) []cabinFacts {
	gone, used := map[string]int{}, map[[2]string]int{}
	for _, u := range uses {
		gone[u.cabin] += u.seats
		used[[2]string{u.cabin, u.fare}] += u.seats
	}
	var out []cabinFacts
	for _, plan := range layout.Cabins {
		name := string(plan.Cabin)
		cabin := cabinFacts{Cabin: plan.Cabin, Free: max(0, layout.counts[plan.Cabin]-gone[name])}
		for _, f := range fares {
			if f.cabin != name {
				continue
			}
			places := cabin.Free
			if f.quota.Valid {
				places = max(0, min(places, int(f.quota.Int32)-used[[2]string{name, f.code}]))
			}
			cabin.Fares = append(cabin.Fares, fareFacts{Code: f.code, Base: f.base, Places: places})
		}
		slices.SortStableFunc(cabin.Fares, func(a, b fareFacts) int {
			return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.Code, b.Code))
		})
		out = append(out, cabin)
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
