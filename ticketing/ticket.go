package ticketing

import "time"

// Ticket is all that a booking's documents say. Times carry the zone of the
// airport they are local to.
type Ticket struct {
	Airline    Text
	Reference  string
	Status     Status
	Revision   int // 0 at first, +1 whenever the journey changes: later documents replace earlier ones
	IssuedAt   time.Time
	Contact    string // the address the mails go to, already masked
	Passengers []Passenger
	Legs       []Leg
	Prices     []PriceLine // in won; their sum is what was paid
	Payment    Payment
}

// Status is what became of a ticket.
type Status int

// The states of a ticket.
const (
	Confirmed Status = iota
	Cancelled
)

// Kind is what a passenger counts as on the day of travel.
type Kind string

// The kinds of passengers. An infant travels on an adult's lap.
const (
	Adult  Kind = "adult"
	Child  Kind = "child"
	Infant Kind = "infant"
)

// Passenger is one traveller with the ticket number and a seat on each leg.
type Passenger struct {
	Name   string
	Kind   Kind
	Number Number
	Seats  []string // as many as legs; "" for an infant on a lap
}

// Seat is the passenger's seat on the leg with that index, or "".
func (p Passenger) Seat(leg int) string {
	if leg < len(p.Seats) {
		return p.Seats[leg]
	}
	return ""
}

// Leg is one flight of the journey.
type Leg struct {
	Flight      string // as spoken: ZP101
	ID          string // public id: ZP101-20261224
	From, To    Airport
	Departs     time.Time
	Arrives     time.Time
	CheckinFrom time.Time
	Cabin       Text
	Fare        Text
	Baggage     Text
}

// Duration is the time from departure to arrival.
func (l Leg) Duration() time.Duration { return l.Arrives.Sub(l.Departs) }

// Airport is one end of a leg.
type Airport struct {
	Code string // IATA code: GMP
	City Text   // what travellers call it: 김포, Seoul Gimpo
	Name Text   // in full: 김포국제공항, Gimpo International Airport
}

// PriceLine is one line of the receipt, in whole won.
type PriceLine struct {
	Label  Text
	Count  int // of passengers, or passengers and legs; 0 when it says nothing
	Amount int64
}

// Payment is how the booking was paid; the zero value leaves it out.
type Payment struct {
	Method Text // 신용카드, Credit card
	PaidAt time.Time
}

// Total is the sum of the price lines in won.
func (t Ticket) Total() int64 { return sum(t.Prices) }

func sum(lines []PriceLine) int64 {
	var total int64
	for _, l := range lines {
		total += l.Amount
	}
	return total
}

// Links are the addresses on the public site that documents point to; an empty
// one is left out.
type Links struct {
	Booking  string // the booking's page
	Calendar string // its calendar file
	Verify   string // where a bar code can be verified
}
