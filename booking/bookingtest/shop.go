// Package bookingtest is what tests of bookings share: a small shop with made-up flights on a real database, gates
// that force an interleaving, and a connector that meddles with what the driver is told.
package bookingtest

import (
	"context"
	"sync"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/sales"
)

// Base is what an adult pays for each fare that the shop knows, in won.
var bases = map[string]int64{"SPECIAL": 9_900, "VALUE": 49_900, "FLEX": 89_900, "BUSINESS": 150_000}

// Charges is what the shop adds to every adult's and child's line, in won.
const Charges = 4_000

// Shop offers made-up flights at made-up prices. Safe for concurrent use.
type Shop struct {
	Fees   func(booking.FeeQuestion) int64 // nil: the usual
	mu     sync.Mutex
	offers map[int64]*booking.Offer
}

// Offer returns a flight's offer. Errors: booking.ErrNoFlight.
func (s *Shop) Offer(_ context.Context, _ *db.Queries, flight int64) (*booking.Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	offer, ok := s.offers[flight]
	if !ok {
		return nil, booking.ErrNoFlight
	}
	return offer, nil
}

func (s *Shop) put(offer *booking.Offer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offers == nil {
		s.offers = map[int64]*booking.Offer{}
	}
	s.offers[offer.FlightID] = offer
}

// Price is the fare's base, three quarters of it for a child and a tenth for an infant, and charges for those with a
// seat.
func (s *Shop) Price(_ *booking.Offer, cabin, fare string, kind booking.Kind, _ time.Time) (booking.Line, error) {
	base, ok := bases[fare]
	if !ok {
		return booking.Line{}, booking.ErrNoFare
	}
	line := booking.Line{Cabin: cabin, Fare: fare, Base: base, Charges: Charges}
	switch kind {
	case sales.Child:
		line.Base = base * 3 / 4
	case sales.Infant:
		line.Base, line.Charges = base/10, 0
	}
	return line, nil
}

// KindOn counts whole years on the flight's day: below 2 an infant, below 13 a child.
func (s *Shop) KindOn(o *booking.Offer, birth time.Time) booking.Kind {
	switch age := booking.AgeOn(birth, o.Day); {
	case age < 2:
		return sales.Infant
	case age < 13:
		return sales.Child
	}
	return sales.Adult
}

// Fee is 1,000 won a line, or what Fees says.
func (s *Shop) Fee(_ *booking.Offer, q booking.FeeQuestion) (int64, error) {
	if s.Fees != nil {
		return s.Fees(q), nil
	}
	return 1_000, nil
}
