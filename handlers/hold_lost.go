package handlers

import (
	"errors"
	"net/http"

	"pigonair/booking"
	"pigonair/views/holds"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// holdRefused answers a hold that could not be made: a lost race keeps the rest of the choice and offers the
// nearest free seats, a changed price is told before anything is held.
func (s *site) holdRefused(w http.ResponseWriter, r *http.Request, f holdForm, err error) error {
	var taken *booking.TakenError
	var price *booking.PriceError
	switch {
	case errors.As(err, &taken):
		return s.seatsLost(w, r, f, taken)
	case errors.As(err, &price):
		return s.priceChanged(w, r, f, price)
	}
	return err
}

// offer is what a proposal keeps of a form.
func (f holdForm) offer() holds.Offer {
	action := "/holds"
	if f.change != "" {
		action = "/bookings/" + f.change + "/change"
	}
	return holds.Offer{Action: action, Flight: f.flights[0].String(), Key: newKey(), Cabin: f.cabin, Party: holds.Party(f.party), Wishes: f.wishes, Similar: f.similar}
}

func (s *site) seatsLost(w http.ResponseWriter, r *http.Request, f holdForm, taken *booking.TakenError) error {
	ctx := r.Context()
	offer := f.offer()
	offer.LetGo = taken.LetGo
	for _, seat := range taken.Seats {
		if seat.No != autoSeat {
			offer.Lost = append(offer.Lost, seat.No)
		}
	}
	s.replaced(ctx, f, taken.Seats, &offer)
	return s.page(w, r, http.StatusConflict, layout.Page{Title: texts.T(ctx, "hold.lost_title"), Nav: layout.NavFlights,
		ErrorCode: "seat_taken", URL: "/flights/" + offer.Flight + "/seats"}, holds.Lost(offer))
}

func (s *site) priceChanged(w http.ResponseWriter, r *http.Request, f holdForm, price *booking.PriceError) error {
	ctx := r.Context()
	offer := f.offer()
	offer.Total, offer.Shown = price.Total, *f.total
	for _, id := range f.flights {
		for _, no := range f.seats[id] {
			offer.Seats = append(offer.Seats, holds.Seat{Flight: id.String(), No: no})
		}
		if f.seats[id] == nil {
			offer.Seats = append(offer.Seats, holds.Seat{Flight: id.String(), No: autoSeat})
		}
		if code := f.fares[id]; code != "" {
			offer.Fares = append(offer.Fares, id.String()+":"+code)
		}
	}
	return s.page(w, r, http.StatusConflict, layout.Page{Title: texts.T(ctx, "hold.price_title"), Nav: layout.NavFlights,
		ErrorCode: "price_changed", URL: "/flights/" + offer.Flight + "/seats"}, holds.Repriced(offer))
}
