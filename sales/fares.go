// Package sales knows what a seat costs: fare products, price lines, quotas, cancellation fees; and the
// life of a sale.
//
// Amounts are whole won. What they are made of stands in tables that seed fills from data/fares.toml
// (Tariff); a PriceTable is those tables in memory and computes every price that a customer sees or pays.
package sales

import (
	"errors"
	"fmt"
	"time"
)

// Currency is that of every amount in this package.
const Currency = "KRW"

// Errors of this package.
var (
	// ErrNoPrice says that the tables hold no price for this: an unknown product, a charge that is
	// missing, a distance beyond all bands. Nothing may be sold then.
	ErrNoPrice = errors.New("sales: no price")
	// ErrParty says that such a group of passengers cannot travel on one booking.
	ErrParty = errors.New("sales: no such party")
)

// Kind is the kind of passenger that a price depends on.
type Kind string

// The kinds of passengers. An infant travels on an adult's lap.
const (
	Adult  Kind = "adult"
	Child  Kind = "child"
	Infant Kind = "infant"
)

// MaxSeats is the most seats of one booking on one flight.
const MaxSeats = 9

// Party is who travels.
type Party struct{ Adults, Children, Infants int }

// Seats is how many seats the party needs; infants need none.
func (p Party) Seats() int { return p.Adults + p.Children }

// Validate returns ErrParty unless the party needs 1 to 9 seats and each infant has an adult.
func (p Party) Validate() error {
	if p.Adults < 0 || p.Children < 0 || p.Infants < 0 || p.Seats() < 1 || p.Seats() > MaxSeats || p.Infants > p.Adults {
		return fmt.Errorf("%d adults, %d children, %d infants: %w", p.Adults, p.Children, p.Infants, ErrParty)
	}
	return nil
}

// Kinds lists the passengers in the order of their numbers: adults, children, infants. Those with a seat
// come first, so that the n-th seat belongs to the n-th passenger.
func (p Party) Kinds() []Kind {
	var out []Kind
	for range p.Adults {
		out = append(out, Adult)
	}
	for range p.Children {
		out = append(out, Child)
	}
	for range p.Infants {
		out = append(out, Infant)
	}
	return out
}

// Product is a fare product: what a fare allows.
type Product struct {
	Code           string
	NameKo, NameEn string
	// RulesKo and RulesEn say in plain words what the fare allows.
	RulesKo, RulesEn string
	BaggageKg        int  // checked, per seat
	Changeable       bool // before departure
	Discountable     bool // discounts, that of children included, apply
}

// Name returns the product's name in a language, "ko" or "en".
func (p Product) Name(lang string) string {
	if lang == "ko" {
		return p.NameKo
	}
	return p.NameEn
}

// Rules returns the product's rules in a language, "ko" or "en".
func (p Product) Rules(lang string) string {
	if lang == "ko" {
		return p.RulesKo
	}
	return p.RulesEn
}

// Fare is what one product costs on one flight and cabin.
type Fare struct {
	Cabin string
	Code  string // of the product
	Base  int64  // fare of an adult
	Quota Quota
}

// Quota is how many places there are at a fare. The zero Quota has no limit.
type Quota struct {
	Limited bool
	Places  int
}

// korea is Korean time, by which days of purchase and of cancellation are counted. Korea has had no
// summer time since 1988.
func korea() *time.Location { return time.FixedZone("KST", 9*60*60) }

// koreanDay is midnight in Korea of the day on which t falls there.
func koreanDay(t time.Time) time.Time {
	y, m, d := t.In(korea()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, korea())
}
