package handlers

import (
	"context"
	"slices"
	"time"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/holds"
	"pigonair/views/texts"
)

// instead is a lost choice with only what was lost replaced: seats by the nearest free ones, and a leg on which that
// cannot be done by the flight nearest to it in time.
type instead struct {
	*site
	form holdForm
	lost []booking.SeatRef
}

// replaced fills the offer with the whole choice and what it costs; the offer stays without seats where there is none.
func (s *site) replaced(ctx context.Context, f holdForm, lost []booking.SeatRef, offer *holds.Offer) {
	i := instead{site: s, form: f, lost: lost}
	var legs []legChoice
	for _, id := range f.flights {
		leg, seats, ok := i.leg(ctx, id)
		if !ok {
			return
		}
		legs = append(legs, leg)
		offer.Seats = append(offer.Seats, seats...)
		if leg.Fare != "" {
			offer.Fares = append(offer.Fares, leg.Flight+":"+leg.Fare)
		}
	}
	offer.Total = s.costOf(ctx, f, legs)
	if offer.Total == 0 {
		offer.Seats = nil // a fare has run out: nothing is offered without its price
	}
}

// leg is what is offered on one leg: the choice, where nothing of it was lost.
func (i instead) leg(ctx context.Context, id flights.PublicID) (legChoice, []holds.Seat, bool) {
	leg := legChoice{Flight: id.String(), Fare: i.form.fares[id]}
	if len(i.form.seats[id]) == 0 {
		if i.isLost(id, autoSeat) {
			return i.otherFlight(ctx, id)
		}
		return leg, []holds.Seat{{Flight: leg.Flight, No: autoSeat}}, true
	}
	seats, err := i.nearest(ctx, id)
	if err != nil || seats == nil {
		return i.otherFlight(ctx, id)
	}
	for _, seat := range seats {
		leg.Seats = append(leg.Seats, seat.No)
	}
	return leg, seats, true
}

func (i instead) isLost(id flights.PublicID, no string) bool {
	return slices.Contains(i.lost, booking.SeatRef{Flight: id.String(), No: no})
}

// nearest replaces each lost seat of a leg: at the same price if there is one, then by rows and kind of seat. Nil where
// too few are free.
func (i instead) nearest(ctx context.Context, id flights.PublicID) ([]holds.Seat, error) {
	seats, err := i.Flights.SeatMap(ctx, id.RowID())
	if err != nil {
		return nil, err
	}
	taken := slices.Clone(i.form.seats[id])
	var all []holds.Seat
	for _, no := range i.form.seats[id] {
		if !i.isLost(id, no) {
			all = append(all, holds.Seat{Flight: id.String(), No: no})
			continue
		}
		near, found := i.nearestTo(seats, no, taken)
		if !found {
			return nil, nil
		}
		taken = append(taken, near.No)
		all = append(all, holds.Seat{Flight: id.String(), No: near.No, Instead: no, AddOn: near.PriceAddOn})
	}
	return all, nil
}

func (i instead) nearestTo(seats *flights.SeatMap, no string, taken []string) (flights.Seat, bool) {
	wanted, err := seats.Layout.Seat(no)
	if err != nil {
		return flights.Seat{}, false
	}
	for _, samePrice := range []bool{true, false} {
		near, err := seats.Layout.Nearest(no, 1, func(other string) bool {
			seat, err := seats.Layout.Seat(other)
			return err == nil && seats.Available(other) && !slices.Contains(taken, other) &&
				(wanted.Exit || !seat.Exit) && (!samePrice || seat.PriceAddOn == wanted.PriceAddOn)
		})
		if err == nil && len(near) > 0 {
			return near[0], true
		}
	}
	return flights.Seat{}, false
}

// otherFlight replaces a whole leg by the flight of the same route and day that is nearest in time and has places for
// the party in the cabin. Flights of sales are not offered: each has a line of its own.
func (i instead) otherFlight(ctx context.Context, id flights.PublicID) (legChoice, []holds.Seat, bool) {
	gone, err := i.Flights.Flight(ctx, id)
	if err != nil {
		return legChoice{}, nil, false
	}
	cabin := i.cabinOn(gone, id)
	found, err := i.Flights.Search(ctx, flights.Query{From: gone.From.Code, To: gone.To.Code, Depart: gone.Date, Cabin: cabin,
		Seats: i.form.party.Seats(), Size: 50})
	if err != nil {
		return legChoice{}, nil, false
	}
	var best *flights.Offer
	for n, o := range found.Offers {
		fits := o.Flight.ID != gone.ID && !o.SoldOut && o.Flight.SaleID == 0 && i.inOrder(ctx, id, o.Flight)
		if fits && (best == nil || apart(o.Flight, gone) < apart(best.Flight, gone)) {
			best = &found.Offers[n]
		}
	}
	if best == nil {
		return legChoice{}, nil, false
	}
	leg := legChoice{Flight: best.Flight.PublicID().String(), Fare: best.Best.Code}
	at := texts.T(ctx, "hold.other_flight", "flight", best.Flight.FlightNo, "time", texts.Clock(ctx, best.Flight.Departs))
	return leg, []holds.Seat{{Flight: leg.Flight, No: autoSeat, Name: at, Instead: gone.FlightNo}}, true
}

// cabinOn is the cabin of the choice on a flight.
func (i instead) cabinOn(f flights.Flight, id flights.PublicID) flights.Cabin {
	for _, no := range i.form.seats[id] {
		if seat, err := f.Layout.Seat(no); err == nil {
			return seat.Cabin
		}
	}
	if cabin := flights.Cabin(i.form.cabin); cabin.Valid() {
		return cabin
	}
	return defaultCabin
}

// inOrder tells whether a flight in place of a leg still leaves the other leg after or before it.
func (i instead) inOrder(ctx context.Context, leg flights.PublicID, f flights.Flight) bool {
	first := true
	for _, id := range i.form.flights {
		if id == leg {
			first = false
			continue
		}
		other, err := i.Flights.Flight(ctx, id)
		if err != nil || (first && !f.Departs.After(other.Arrives)) || (!first && !other.Departs.After(f.Arrives)) {
			return false
		}
	}
	return true
}

func apart(a, b flights.Flight) time.Duration { return a.Departs.Sub(b.Departs).Abs() }

// costOf is what a whole choice costs, in won; 0 where it cannot be told.
func (s *site) costOf(ctx context.Context, f holdForm, legs []legChoice) int64 {
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return 0
	}
	c := seatChoice{table: table, party: sales.Party(f.party), now: s.Now()}
	var sum int64
	for _, leg := range legs {
		id, err := flights.ParsePublicID(leg.Flight)
		if err != nil {
			return 0
		}
		flight, err := s.Flights.Flight(ctx, id)
		if err != nil {
			return 0
		}
		cost, err := c.costOn(flight, s.seated(flight, f, leg))
		if err != nil || cost == 0 {
			return 0
		}
		sum += cost
	}
	return sum
}

// seated is a leg with seats that stand for those that the service will choose: any of the cabin without an add-on.
func (s *site) seated(f flights.Flight, form holdForm, leg legChoice) *legChoice {
	if len(leg.Seats) > 0 {
		return &leg
	}
	cabin := instead{form: form}.cabinOn(f, f.PublicID())
	for _, seat := range f.Layout.Seats() {
		if seat.Cabin == cabin && seat.PriceAddOn == 0 && len(leg.Seats) < form.party.Seats() {
			leg.Seats = append(leg.Seats, seat.No)
		}
	}
	return &leg
}
