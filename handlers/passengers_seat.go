package handlers

import (
	"net/http"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/holds"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// needsSeat offers the same flights with a seat for each infant who is too old for a lap on the day of a leg, at its
// price. The seats held stay as they are; the new ones are chosen anew, so that all sit together.
func (s *site) needsSeat(w http.ResponseWriter, r *http.Request, v booking.View, people []booking.Passenger, legs []legRules) error {
	ctx := r.Context()
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return err
	}
	f := holdForm{party: v.Party(), seats: map[flights.PublicID][]string{}, fares: map[flights.PublicID]string{}}
	for i, kind := range v.Kinds() {
		if kind == sales.Infant && tooOld(table, people[i], legs) {
			f.party.Infants--
			f.party.Children++
		}
	}
	if f.party.Seats() > booking.MaxSeats {
		return booking.ErrNeedsSeat
	}
	var choice []legChoice
	for i, leg := range v.Legs {
		flight, err := s.Flights.FlightByID(ctx, leg.FlightID)
		if err != nil {
			return err
		}
		id := flight.PublicID()
		f.flights, f.fares[id], f.cabin = append(f.flights, id), fareOf(v, leg.LegNo), string(cabinsOf(v)[i])
		choice = append(choice, legChoice{Flight: id.String(), Fare: f.fares[id]})
	}
	offer := f.offer()
	for _, leg := range choice {
		offer.Seats = append(offer.Seats, holds.Seat{Flight: leg.Flight, No: autoSeat})
		offer.Fares = append(offer.Fares, leg.Flight+":"+leg.Fare)
	}
	if offer.Total, offer.Shown = s.costOf(ctx, f, choice), v.Row.Total; offer.Total == 0 {
		return booking.ErrNeedsSeat
	}
	return s.page(w, r, http.StatusConflict, layout.Page{Title: texts.T(ctx, "error.needs_seat.title"), Nav: layout.NavTrips,
		ErrorCode: "needs_seat", URL: "/bookings/" + v.Row.Ref}, holds.NeedsSeat(offer, v.Row.Ref))
}

// tooOld tells whether somebody is no infant any more on the day of a leg.
func tooOld(table *sales.PriceTable, p booking.Passenger, legs []legRules) bool {
	for _, leg := range legs {
		if table.KindOn(leg.international, p.BirthDate, leg.day) != sales.Infant {
			return true
		}
	}
	return false
}
