package handlers

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/sales"
)

// seatChoice is what a customer is about to choose: the flight's address as read, and the map beside it.
type seatChoice struct {
	flight  flights.Flight
	party   sales.Party
	given   bool   // the party was said; else every seat ticked is an adult
	fare    string // code; empty: the cheapest that has places
	offer   flights.FareOffer
	cabin   flights.Cabin // of the fare
	max     int           // seats that may be ticked
	ticked  []string      // seats of this flight that are ticked from the beginning
	later   string        // second flight of a round trip, chosen after this one
	earlier *legChoice    // first flight of a round trip, chosen already
	short   bool          // came back because too few seats were ticked
	closed  bool
	costs   map[flights.Cabin][]int64 // what the first, second, … seat costs without its add-on
	table   *sales.PriceTable
	now     time.Time

	seats *flights.SeatMap
	own   booking.Own
}

// legChoice is what was chosen on the first flight of a round trip.
type legChoice struct {
	Flight string
	Fare   string
	Seats  []string
	Cost   int64
}

// readChoice reads the address of a seat map. Fares and flights that do not fit are left out: the form then goes
// without them.
func (s *site) readChoice(ctx context.Context, f flights.Flight, form url.Values) (seatChoice, error) {
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return seatChoice{}, err
	}
	c := seatChoice{flight: f, max: sales.MaxSeats, table: table, now: s.Now(), short: form.Has("short")}
	c.closed = !c.now.Before(f.SalesClose)
	c.party, c.given = readParty(form)
	if c.given {
		c.max = c.party.Seats()
	}
	own := f.PublicID().String()
	c.setFare(fareFor(form["fare"], own))
	c.ticked = seatsFor(form["seat"], own)
	if id, err := flights.ParsePublicID(form.Get("then")); err == nil && id.String() != own && c.given {
		c.later = id.String()
	}
	if err := s.readEarlier(ctx, &c, form); err != nil {
		return c, err
	}
	c.costs = map[flights.Cabin][]int64{}
	for _, cabin := range f.Cabins {
		if c.costs[cabin.Cabin], err = seatCosts(table, f, cabin, c.fare, c.party, c.given, c.now); err != nil {
			return c, err
		}
	}
	return c, nil
}

// fareFor is the fare that fields name for a flight, as FLIGHT:CODE or, where there is one flight, as CODE alone.
func fareFor(fields []string, flight string) string {
	for _, field := range fields {
		id, code, found := strings.Cut(field, ":")
		if !found {
			return field
		}
		if id == flight {
			return code
		}
	}
	return ""
}

// seatsFor are the seats that fields name on a flight.
func seatsFor(fields []string, flight string) []string {
	var out []string
	for _, field := range fields {
		id, no, _ := strings.Cut(field, ":")
		if id == flight && no != autoSeat && !slices.Contains(out, no) {
			out = append(out, no)
		}
	}
	return out
}

// setFare keeps a fare of the flight that has places for the party.
func (c *seatChoice) setFare(code string) {
	for _, cabin := range c.flight.Cabins {
		for _, o := range cabin.Fares {
			if o.Code == code && o.Places >= c.party.Seats() {
				c.fare, c.offer, c.cabin = code, o, cabin.Cabin
				c.max = min(c.max, o.Places)
			}
		}
	}
}

// readEarlier reads the seats of another flight that the address carries: the first half of a round trip.
func (s *site) readEarlier(ctx context.Context, c *seatChoice, form url.Values) error {
	other := ""
	for _, field := range form["seat"] {
		id, no, _ := strings.Cut(field, ":")
		if id != c.flight.PublicID().String() && no != autoSeat {
			other = id
		}
	}
	if other == "" || !c.given || c.later != "" {
		return nil
	}
	f, err := s.flightNamed(ctx, other)
	if err != nil {
		return err
	}
	leg := &legChoice{Flight: other, Fare: fareFor(form["fare"], other), Seats: seatsFor(form["seat"], other)}
	if leg.Cost, err = c.costOn(f, leg); err != nil {
		return err
	}
	c.earlier = leg
	return nil
}

// costOn is what the party pays on another flight with the seats chosen there.
func (c *seatChoice) costOn(f flights.Flight, leg *legChoice) (int64, error) {
	var sum int64
	taken := map[flights.Cabin]int{}
	for _, no := range leg.Seats {
		seat, err := f.Layout.Seat(no)
		if err != nil {
			return 0, err
		}
		cabin, _ := f.Cabin(seat.Cabin)
		costs, err := seatCosts(c.table, f, cabin, leg.Fare, c.party, true, c.now)
		if err != nil {
			return 0, err
		}
		if len(costs) > 0 {
			sum += costs[min(taken[seat.Cabin], len(costs)-1)]
		}
		taken[seat.Cabin]++
		sum += seat.PriceAddOn
	}
	return sum, nil
}

// incomplete tells whether too few or too many seats were ticked on the first flight of a round trip.
func (c seatChoice) incomplete() bool {
	return c.earlier != nil && len(c.earlier.Seats) != c.party.Seats()
}

// again is the map of the first flight once more, to choose as many seats as there are travellers.
func (c seatChoice) again() string {
	v := partyQuery(c.party)
	v.Set("adults", itoa(c.party.Adults))
	v.Set("then", c.flight.PublicID().String())
	v.Set("short", "1")
	for _, fare := range c.fares() {
		v.Add("fare", fare)
	}
	for _, no := range c.earlier.Seats {
		v.Add("seat", c.earlier.Flight+":"+no)
	}
	return withQuery("/flights/"+c.earlier.Flight+"/seats", v)
}

// fares are the fare fields of the form.
func (c seatChoice) fares() []string {
	var out []string
	if c.earlier != nil && c.earlier.Fare != "" {
		out = append(out, c.earlier.Flight+":"+c.earlier.Fare)
	}
	if c.fare != "" {
		out = append(out, c.flight.PublicID().String()+":"+c.fare)
	}
	return out
}

// cabins are the cabins that the map shows: that of the fare, or all.
func (c seatChoice) cabins() []flights.Cabin {
	if c.fare != "" {
		return []flights.Cabin{c.cabin}
	}
	var out []flights.Cabin
	for _, plan := range c.flight.Layout.Cabins {
		out = append(out, plan.Cabin)
	}
	return out
}

// seatCosts is what the first, second, … seat chosen in a cabin costs without its add-on, in won. As a hold does
// it, each seat gets the fare asked for, or the cheapest that then has a place; an infant is counted with the
// adult whose lap it takes. The last amount goes for all seats after it.
func seatCosts(table *sales.PriceTable, f flights.Flight, cabin flights.CabinOffer, code string, party sales.Party, given bool, now time.Time) ([]int64, error) {
	if !given {
		party = sales.Party{Adults: sales.MaxSeats}
	}
	used := map[string]int{}
	costs := make([]int64, party.Seats())
	for i, kind := range party.Kinds() {
		fare, ok := nextFare(cabin, code, used)
		if !ok {
			return costs[:min(i, len(costs))], nil
		}
		line, err := table.Line(saleLeg(f), fare.Code, fare.Base, kind, now)
		if err != nil {
			return nil, err
		}
		if kind == sales.Infant {
			costs[i-party.Seats()] += line.Total()
			continue
		}
		used[fare.Code]++
		costs[i] = line.Total()
	}
	return withoutTail(costs), nil
}

// nextFare is the fare that one more seat gets.
func nextFare(cabin flights.CabinOffer, code string, used map[string]int) (flights.FareOffer, bool) {
	for _, o := range cabin.Fares {
		if (code == "" && used[o.Code] < o.Places) || o.Code == code {
			return o, true
		}
	}
	return flights.FareOffer{}, false
}

// withoutTail leaves out what repeats the amount before it at the end.
func withoutTail(costs []int64) []int64 {
	for len(costs) > 1 && costs[len(costs)-1] == costs[len(costs)-2] {
		costs = costs[:len(costs)-1]
	}
	return costs
}

// cheapest is the fare that one tap buys for the party: the one asked for, or the cheapest of the first cabin from
// the cheapest that has places for all.
func (c seatChoice) cheapest() (flights.FareOffer, flights.Cabin, bool) {
	if c.fare != "" {
		return c.offer, c.cabin, true
	}
	for _, cabin := range c.flight.Cabins {
		if o, ok := cabin.Cheapest(c.party.Seats()); ok {
			return o, cabin.Cabin, true
		}
	}
	return flights.FareOffer{}, "", false
}
