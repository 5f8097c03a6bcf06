package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/views/holds"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// certainLeft is how long a hold must still have before a cached map may turn somebody away because of it.
const certainLeft = time.Second

// surelyTaken turns a request away before any lock where the cached map, at most half a second old, leaves no
// doubt: a seat sold, blocked or being paid for, or held for longer than a second still. A key may belong to a
// hold that stands already, and a similar seat may do, so such requests always go through.
func (s *site) surelyTaken(ctx context.Context, f holdForm) error {
	if f.key != "" || f.similar {
		return nil
	}
	var lost []booking.SeatRef
	for _, id := range f.flights {
		seats, err := s.Flights.SeatMap(ctx, id.RowID())
		if err != nil {
			return nil // the transaction decides, and says what is wrong
		}
		for _, no := range f.seats[id] {
			seat, err := seats.Seat(no)
			if err == nil && certainlyTaken(seat, seats.ReadAt) {
				lost = append(lost, booking.SeatRef{Flight: id.String(), No: no})
			}
		}
	}
	if lost == nil {
		return nil
	}
	return &booking.TakenError{Seats: lost}
}

func certainlyTaken(seat flights.SeatStatus, readAt time.Time) bool {
	switch seat.State {
	case flights.SeatAvailable:
		return false
	case flights.SeatHeld:
		return seat.HeldUntil.IsZero() || seat.HeldUntil.Sub(readAt) > certainLeft
	}
	return true
}

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
	return holds.Offer{Flight: f.flights[0].String(), Key: newKey(), Cabin: f.cabin, Party: holds.Party(f.party), Wishes: f.wishes, Similar: f.similar}
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
