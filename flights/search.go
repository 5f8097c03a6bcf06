package flights

import (
	"context"
	"errors"
	"fmt"
)

// ErrQuery says that a search cannot be made as asked; the text says what is wrong with it.
var ErrQuery = errors.New("flights: bad search")

// maxDays is the longest range of one search; longer ones are cut.
const maxDays = 31

// weekDays is the length of the strip of days with their lowest totals.
const weekDays = 7

// Sort is what results are ordered by.
type Sort string

// The orders of results.
const (
	SortTime     Sort = "time"
	SortPrice    Sort = "price"
	SortDuration Sort = "duration"
)

// Query is a search. Zero values of Until, Cabin, Seats, Sort and Size stand for Depart, Economy, 1,
// SortTime and 20.
type Query struct {
	From, To   string // airport codes
	Depart     Date   // local date at the origin
	Until      Date   // last day of a range; at most 31 days are searched
	Cabin      Cabin
	Seats      int // adults and children together, 1 to 9
	Sort       Sort
	Descending bool
	Size       int    // 10, 20 or 50 results
	After      string // Result.Next of the page before
}

// Result is one page of a search.
type Result struct {
	From, To      Airport
	Depart, Until Date // as searched
	Offers        []Offer
	Total         int    // on all pages
	Next          string // Query.After of the next page; empty on the last
	// Week is seven days around Depart, none in the past, with what an adult pays at least.
	Week []DayPrice
}

// Offer is a flight with what can be bought in the cabin of the search.
type Offer struct {
	Flight Flight
	Cabin  CabinOffer
	Best   FareOffer // the cheapest fare with places for all; zero when SoldOut
	// SoldOut says that not enough seats are left; such flights stand behind all others.
	SoldOut bool
}

// DayPrice is the lowest total of a day.
type DayPrice struct {
	Date    Date
	Flights int   // that can be bought
	Lowest  int64 // total per adult in won; 0 when there is no flight
}

// Search finds the flights of a route that can still be bought, with the totals that a hold would charge.
// Answers are at most a second old, those for the other days of the week ten. Errors: ErrQuery, or the
// database's.
func (c *Catalog) Search(ctx context.Context, q Query) (Result, error) {
	q, r, err := c.check(q)
	if err != nil {
		return Result{}, err
	}
	cursor, err := parseCursor(q.After)
	if err != nil {
		return Result{}, err
	}
	asked := span{q.Depart, q.Until}
	week := c.weekAround(r, q.Depart)
	days, err := c.days.find(ctx, r, asked.join(week), asked)
	if err != nil {
		return Result{}, err
	}
	s, err := c.surcharges(ctx, q.From, q.To, r.international())
	if err != nil {
		return Result{}, err
	}
	all := candidates(days, asked, q)
	result := Result{From: r.from, To: r.to, Depart: q.Depart, Until: q.Until, Total: len(all)}
	shown, next := page(all, q, cursor)
	result.Next = next
	result.Week = dayPrices(days, week, q, s)
	result.Offers, err = c.offers(shown, q, s)
	return result, err
}

// LowestByDay returns the lowest total per adult for each day of a range of at most 31 days, at most ten
// seconds old. Sort, Size and After of the query count for nothing. Errors as of Search.
func (c *Catalog) LowestByDay(ctx context.Context, q Query) ([]DayPrice, error) {
	q, r, err := c.check(q)
	if err != nil {
		return nil, err
	}
	all := span{q.Depart, q.Until}
	days, err := c.days.find(ctx, r, all, span{})
	if err != nil {
		return nil, err
	}
	s, err := c.surcharges(ctx, q.From, q.To, r.international())
	if err != nil {
		return nil, err
	}
	return dayPrices(days, all, q, s), nil
}

func (r route) international() bool { return r.from.Country != r.to.Country }

// check fills the defaults in and refuses what cannot be searched.
func (c *Catalog) check(q Query) (Query, route, error) {
	q = q.withDefaults()
	from, errFrom := c.airports.Find(q.From)
	to, errTo := c.airports.Find(q.To)
	fault := ""
	switch {
	case errFrom != nil || errTo != nil:
		fault = "unknown airport"
	case q.From == q.To:
		fault = "origin and destination are the same"
	case q.Depart.IsZero():
		fault = "no day of departure"
	case q.Until.Before(q.Depart):
		fault = "the range ends before it begins"
	case !q.Cabin.Valid():
		fault = "unknown cabin"
	case q.Seats < 1 || q.Seats > 9:
		fault = "want 1 to 9 seats"
	case q.Sort != SortTime && q.Sort != SortPrice && q.Sort != SortDuration:
		fault = "unknown order"
	case q.Size != 10 && q.Size != 20 && q.Size != 50:
		fault = "want 10, 20 or 50 results"
	}
	if fault != "" {
		return q, route{}, fmt.Errorf("%w: %s", ErrQuery, fault)
	}
	if last := q.Depart.AddDays(maxDays - 1); last.Before(q.Until) {
		q.Until = last
	}
	return q, route{from, to}, nil
}

func (q Query) withDefaults() Query {
	if q.Until.IsZero() {
		q.Until = q.Depart
	}
	if q.Cabin == "" {
		q.Cabin = Economy
	}
	if q.Seats == 0 {
		q.Seats = 1
	}
	if q.Sort == "" {
		q.Sort = SortTime
	}
	if q.Size == 0 {
		q.Size = 20
	}
	return q
}

// weekAround is seven days with d in the middle, moved so that none is in the past at the origin.
func (c *Catalog) weekAround(r route, d Date) span {
	first := d.AddDays(-weekDays / 2)
	if today := DateOf(c.now().In(r.from.Zone)); first.Before(today) && !d.Before(today) {
		first = today
	}
	return span{first, first.AddDays(weekDays - 1)}
}

// offers shows the flights of a page.
func (c *Catalog) offers(shown []candidate, q Query, s surcharges) ([]Offer, error) {
	var out []Offer
	for _, cd := range shown {
		flight, err := c.flight(*cd.facts, s)
		if err != nil {
			return nil, err
		}
		o := Offer{Flight: flight, SoldOut: cd.place.soldOut > 0}
		o.Cabin, _ = flight.Cabin(q.Cabin) // candidates have it
		o.Best, _ = o.Cabin.Cheapest(q.Seats)
		out = append(out, o)
	}
	return out, nil
}

func dayPrices(days map[Date][]flightFacts, shown span, q Query, s surcharges) []DayPrice {
	var out []DayPrice
	for _, d := range shown.days() {
		p := DayPrice{Date: d}
		for i := range days[d] {
			cabin, ok := days[d][i].cabin(q.Cabin)
			if !ok {
				continue
			}
			fare, ok := cabin.cheapest(q.Seats)
			if !ok {
				continue
			}
			total := FareOffer{Base: fare.Base, Fuel: s.fuel, Charges: s.charges}.Total()
			if p.Flights == 0 || total < p.Lowest {
				p.Lowest = total
			}
			p.Flights++
		}
		out = append(out, p)
	}
	return out
}
