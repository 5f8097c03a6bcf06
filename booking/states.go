package booking

// State is a booking's state. A seat knows available and blocked besides, and is sold where its booking is
// confirmed.
type State string

// The states of a booking.
const (
	Held      State = "held"
	Paying    State = "paying"
	Confirmed State = "confirmed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// The states of a seat.
const (
	seatAvailable = "available"
	seatHeld      = "held"
	seatPaying    = "paying"
	seatSold      = "sold"
)

// Transition is one line of the state machine: who may cause it and what guards it in SQL.
type Transition struct {
	From, To State
	Cause    string
	Who      string
	Guard    string
}

// Transitions is the whole state machine of a booking; ARCHITECTURE.md shows the same table, and a test
// compares them. An empty From means that the booking begins there. State, fence and clock are guarded in the SQL of
// the change, whatever was read before it.
var Transitions = []Transition{
	{"", Held, "hold", "customer", "every seat available or its hold run out, under its row lock; flight scheduled, with the aircraft that was offered, before the cut-off; quota, limits, total"},
	{Held, Held, "extend", "customer", "hold live, not extended before, every seat still under its fence; never past the cut-off"},
	{Held, Held, "pay", "customer", "hold live, not lengthened by pay before, every seat still under its fence; never past the cut-off"},
	{Held, Paying, "return", "customer's return from the gateway", "flight scheduled, before the cut-off; every seat in its cabin still; hold live, or run out and taken again as a whole"},
	{Expired, Paying, "return", "customer's return from the gateway", "flight scheduled, before the cut-off; every seat in its cabin still, free and taken again under a new fence; quota, limits"},
	{Held, Expired, "expire", "clock; recorded by whoever takes a seat over, or by the worker", "held_until reached"},
	{Held, Cancelled, "let go", "customer", "hold live, every seat still under its fence"},
	{Paying, Confirmed, "confirm", "gateway's answer", "attempt not yet applied, UNIQUE (booking, applied); flight scheduled; every seat in its cabin still, paying under its fence; UNIQUE (flight, traveller, live)"},
	{Paying, Held, "refused", "gateway's answer", "known to be unpaid; at least 3 minutes left, which are given once; never past the cut-off"},
	{Paying, Expired, "refused", "gateway's answer", "known to be unpaid; less time left, the flight cancelled, or a seat not in its cabin any more"},
	{Confirmed, Cancelled, "change", "gateway's answer for the booking that replaces it", "every seat sold under its fence; the other confirmed and a refund row in the same transaction"},
	{Confirmed, Cancelled, "cancel", "customer or operator", "every seat sold under its fence; refund row in the same transaction"},
}

// may tells whether the table knows a transition.
func may(from, to State) bool {
	for _, t := range Transitions {
		if t.From == from && t.To == to {
			return true
		}
	}
	return false
}
