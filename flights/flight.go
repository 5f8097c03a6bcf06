package flights

import "time"

// Flight is one departure as customers see it, with what can be bought on it.
type Flight struct {
	ID            int64
	FlightNo      string // such as ZP101
	Date          Date   // local date at the origin
	From, To      Airport
	Departs       time.Time // in the origin's zone
	Arrives       time.Time // in the destination's zone
	Layout        *Layout
	International bool
	Cancelled     bool
	SalesClose    time.Time // no hold is made or kept past this instant
	SaleID        int64     // 0: on no sale
	Sale          string    // slug of the sale; empty: on no sale
	Cabins        []CabinOffer
}

// PublicID is the flight's public name.
func (f Flight) PublicID() PublicID { return PublicID{FlightNo: f.FlightNo, Date: f.Date} }

// Duration is the time from gate to gate.
func (f Flight) Duration() time.Duration { return f.Arrives.Sub(f.Departs) }

// DaysLater is by how many days of the calendar the local arrival is after the local departure: 1 for
// "+1"; -1 when the flight crosses the date line eastwards in time.
func (f Flight) DaysLater() int { return DateOf(f.Arrives).Sub(DateOf(f.Departs)) }

// Cabin returns what can be bought in a cabin; false when the flight has no such cabin.
func (f Flight) Cabin(c Cabin) (CabinOffer, bool) {
	for _, o := range f.Cabins {
		if o.Cabin == c {
			return o, true
		}
	}
	return CabinOffer{}, false
}

// CabinOffer is one cabin of a flight with its fares, the cheapest first.
type CabinOffer struct {
	Cabin     Cabin
	SeatsFree int
	Fares     []FareOffer
}

// Cheapest returns the cheapest fare with places for so many seats; false when there is none.
func (o CabinOffer) Cheapest(seats int) (FareOffer, bool) {
	for _, f := range o.Fares {
		if f.Places >= seats {
			return f, true
		}
	}
	return FareOffer{}, false
}

// FareOffer is one fare for an adult, in won.
type FareOffer struct {
	Code    string // of the fare product
	Base    int64  // fare
	Fuel    int64  // fuel surcharge
	Charges int64  // airport charges
	Places  int    // how many seats can be had at this fare, at most those free in the cabin
}

// Total is what an adult pays without a seat's add-on; a hold charges exactly this.
func (f FareOffer) Total() int64 { return f.Base + f.Fuel + f.Charges }
