package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/views/bookings"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// change is POST /bookings/{ref}/change: without a seat it offers other flights for one leg, with seats it holds them, as
// POST /holds does, to replace the booking once they are paid for.
func (s *site) change(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	if err := parseForm(r); err != nil {
		return err
	}
	switch {
	case v.State != booking.Confirmed:
		return booking.ErrState
	case len(r.PostForm["seat"]) > 0:
		return s.holdFor(w, r, v.Row.Ref)
	}
	c, err := s.readChange(r, v)
	if err != nil {
		return err
	}
	return s.changePage(w, r, c)
}

// changeWish is which leg of a booking is to be flown when instead.
type changeWish struct {
	v      booking.View
	leg    int // from 0
	flight flights.Flight
	date   flights.Date
}

// readChange reads the wish; the first leg on its own day is the default. Errors: errBadRequest.
func (s *site) readChange(r *http.Request, v booking.View) (changeWish, error) {
	c := changeWish{v: v}
	if text := r.PostForm.Get("leg"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > len(v.Legs) {
			return c, errBadRequest
		}
		c.leg = n - 1
	}
	var err error
	if c.flight, err = s.Flights.FlightByID(r.Context(), v.Legs[c.leg].FlightID); err != nil {
		return c, err
	}
	c.date = c.flight.Date
	if text := r.PostForm.Get("date"); text != "" {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return c, errBadRequest
		}
		c.date = flights.DateOf(day)
	}
	return c, nil
}

func (s *site) changePage(w http.ResponseWriter, r *http.Request, c changeWish) error {
	ctx := r.Context()
	t, err := s.trip(ctx, c.v)
	if err != nil {
		return err
	}
	quote, err := s.Booking.Quote(ctx, c.v)
	if err != nil {
		return err
	}
	page := bookings.ChangePage{Leg: c.leg + 1, Date: c.date.UTC(), Refund: quote.Refund, Fee: quote.Fee}
	if page.Options, err = s.changeOptions(ctx, c); err != nil {
		return err
	}
	return s.page(w, r, http.StatusOK, layout.Page{Title: texts.T(ctx, "booking.change_title"), Nav: layout.NavTrips, URL: "/bookings/" + t.Ref}, bookings.Change(t, page))
}

// changeOptions are the flights of a day that a leg could be changed to, with what the whole new booking costs. The other
// leg stays on its flight; its seats are chosen anew, because those of the old booking are kept until it is released.
func (s *site) changeOptions(ctx context.Context, c changeWish) ([]bookings.ChangeOption, error) {
	cabins := cabinsOf(c.v)
	found, err := s.Flights.Search(ctx, flights.Query{From: c.flight.From.Code, To: c.flight.To.Code, Depart: c.date, Cabin: cabins[c.leg],
		Seats: c.v.Party().Seats(), Size: 20})
	if err != nil {
		return nil, nil // a day that cannot be searched has no flights
	}
	var out []bookings.ChangeOption
	for _, o := range found.Offers {
		if o.SoldOut || o.Flight.SaleID != 0 || o.Flight.ID == c.flight.ID {
			continue
		}
		form := holdForm{party: c.v.Party(), cabin: string(cabins[c.leg]), seats: map[flights.PublicID][]string{}}
		option := bookings.ChangeOption{LegSpec: legOf(ctx, o.Flight), Cabin: form.cabin, Key: newKey()}
		ids, ok := s.changedLegs(ctx, c, o.Flight)
		if !ok {
			continue
		}
		var legs []legChoice
		for _, id := range ids {
			form.flights = append(form.flights, id)
			legs = append(legs, legChoice{Flight: id.String()})
			option.Seats = append(option.Seats, id.String()+":"+autoSeat)
		}
		if option.Total = s.costOf(ctx, form, legs); option.Total > 0 {
			out = append(out, option)
		}
	}
	return out, nil
}

// changedLegs are the flights of a booking with one of them changed; false where they would not follow each other.
func (s *site) changedLegs(ctx context.Context, c changeWish, to flights.Flight) ([]flights.PublicID, bool) {
	var ids []flights.PublicID
	var before flights.Flight
	for i, leg := range c.v.Legs {
		f := to
		if i != c.leg {
			var err error
			if f, err = s.Flights.FlightByID(ctx, leg.FlightID); err != nil {
				return nil, false
			}
		}
		if i > 0 && !f.Departs.After(before.Arrives) {
			return nil, false
		}
		before = f
		ids = append(ids, f.PublicID())
	}
	return ids, true
}

// cabinsOf are the cabins of a booking by leg: that of the first passenger.
func cabinsOf(v booking.View) []flights.Cabin {
	cabins := slices.Repeat([]flights.Cabin{defaultCabin}, len(v.Legs))
	for _, line := range v.Lines {
		if line.PassengerNo == 1 {
			cabins[line.LegNo-1] = flights.Cabin(line.Cabin)
		}
	}
	return cabins
}

// replacedNote is the booking that a hold is to replace, as its pages tell it; nil: none.
func (s *site) replacedNote(ctx context.Context, v booking.View) (*bookings.Replaces, booking.View, error) {
	if v.State != booking.Held || !v.Row.Replaces.Valid {
		return nil, booking.View{}, nil
	}
	old, err := s.Booking.Replaced(ctx, v)
	if err != nil || old.State != booking.Confirmed {
		return nil, old, err
	}
	old.Now = v.Row.CreatedAt // the refund that holds is that of the moment when the change was held
	quote, err := s.Booking.Quote(ctx, old)
	return &bookings.Replaces{Ref: old.Row.Ref, Refund: quote.Refund}, old, err
}
