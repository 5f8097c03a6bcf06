package handlers

import (
	"context"
	"errors"

	"pigonair/booking"
	"pigonair/views/bookings"
)

// isOne tells whether err is any of some errors.
func isOne(err error, any ...error) bool {
	for _, target := range any {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// quoteView names the people and flights of a quote.
func quoteView(ctx context.Context, t bookings.Trip, q booking.Quote, changed bool) bookings.Quote {
	shown := bookings.Quote{Paid: q.Paid, Fee: q.Fee, Refund: q.Refund, Changed: changed}
	for _, line := range q.Lines {
		shown.Lines = append(shown.Lines, bookings.QuoteLine{Who: t.People[line.Passenger-1].NameIn(ctx),
			Flight: t.Legs[line.Leg-1].Flight, Paid: line.Paid, Fee: line.Fee, Back: line.Back})
	}
	return shown
}

// fees lists what cancelling will cost an adult, from now on, as the pay page promises it.
func (s *site) fees(ctx context.Context, v booking.View) ([]bookings.Fee, error) {
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return nil, err
	}
	if len(v.Lines) == 0 {
		return nil, nil
	}
	// The fees of the first passenger's first leg; a whole quote comes before any cancellation.
	line, leg := v.Lines[0], v.Legs[0]
	flight, err := s.Flights.FlightByID(ctx, leg.FlightID)
	if err != nil {
		return nil, err
	}
	steps, err := table.FeeSteps(line.FareCode, flight.International, v.Kinds()[line.PassengerNo-1], line.Base, v.Now, leg.DepartsAt)
	if err != nil {
		return nil, err
	}
	shown := make([]bookings.Fee, len(steps))
	for i, step := range steps {
		shown[i] = bookings.Fee{Won: step.Fee}
		if !step.Until.IsZero() {
			shown[i].Until = step.Until.In(korea)
		}
	}
	return shown, nil
}
