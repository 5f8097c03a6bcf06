package sales

import (
	"fmt"
	"time"
)

// Leg is the flight that a price is for.
type Leg struct {
	Origin        string
	Destination   string
	International bool
}

// PriceLine is what one passenger pays on one leg, in won.
type PriceLine struct {
	Passenger int // number within the party, from 1
	Kind      Kind
	Base      int64 // fare
	Fuel      int64 // fuel surcharge
	Charges   int64 // airport charges
	Seat      int64 // add-on of the seat
}

// Total is the sum of the line.
func (l PriceLine) Total() int64 { return l.Base + l.Fuel + l.Charges + l.Seat }

// Quote is the price of a party on one leg.
type Quote struct {
	Lines []PriceLine // in the order of the passengers' numbers
	Total int64
}

// Quote computes the price of a party on one leg at a fare: product is its code, base its amount for an
// adult, issued the instant of purchase. seatAddOns are the add-ons of the party's seats, the first for
// passenger 1; nil prices the party without seats.
//
// Everything is whole won. A share of the fare (children, infants) is rounded to the nearest 100 won,
// halves up; a child's discount applies only where the product is discountable. Nothing else is rounded.
// Errors: ErrParty (also when there are not as many add-ons as seats), ErrNoPrice.
func (t *PriceTable) Quote(leg Leg, product string, base int64, party Party, issued time.Time, seatAddOns []int64) (Quote, error) {
	if err := party.Validate(); err != nil {
		return Quote{}, err
	}
	if seatAddOns != nil && len(seatAddOns) != party.Seats() {
		return Quote{}, fmt.Errorf("%d seats for %d passengers: %w", len(seatAddOns), party.Seats(), ErrParty)
	}
	p, err := t.Product(product)
	if err != nil {
		return Quote{}, err
	}
	var q Quote
	for i, kind := range party.Kinds() {
		line, err := t.lineOf(leg, p, base, kind, issued)
		if err != nil {
			return Quote{}, err
		}
		line.Passenger = i + 1
		if i < len(seatAddOns) {
			line.Seat = seatAddOns[i]
		}
		q.Lines = append(q.Lines, line)
		q.Total += line.Total()
	}
	return q, nil
}

// Line is the price of one passenger on one leg, without a seat's add-on, computed as in Quote. Errors:
// ErrNoPrice.
func (t *PriceTable) Line(leg Leg, product string, base int64, kind Kind, issued time.Time) (PriceLine, error) {
	p, err := t.Product(product)
	if err != nil {
		return PriceLine{}, err
	}
	return t.lineOf(leg, p, base, kind, issued)
}

func (t *PriceTable) lineOf(leg Leg, p Product, base int64, kind Kind, issued time.Time) (PriceLine, error) {
	rule, ok := t.kinds[market(leg.International)][kind]
	if !ok {
		return PriceLine{}, fmt.Errorf("share of the fare of kind %s: %w", kind, ErrNoPrice)
	}
	percent := rule.PercentOfBase
	if kind == Child && !p.Discountable {
		percent = 100
	}
	fuel, charges, err := t.Surcharges(leg.Origin, leg.Destination, leg.International, kind, issued)
	if err != nil {
		return PriceLine{}, err
	}
	return PriceLine{Kind: kind, Base: shareOf(base, percent), Fuel: fuel, Charges: charges}, nil
}

// shareOf is a percentage of an amount to the nearest 100 won, halves up; the whole is not rounded.
func shareOf(amount int64, percent int) int64 {
	if percent == 100 {
		return amount
	}
	const unit = 100
	return (amount*int64(percent)/100 + unit/2) / unit * unit
}
