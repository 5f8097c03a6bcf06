// Package bookings shows a booking through its life: passengers, payment, ticket, cancellation, and the list of
// trips.
package bookings

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/components"
	"pigonair/views/texts"
)

// Trip is a booking as its pages show it.
type Trip struct {
	Ref         string
	State       string // held, paying, confirmed, cancelled or expired
	SecondsLeft int
	Until       time.Time // of the hold, Korean time
	Legs        []Leg
	People      []Person
	Lines       []components.Line
	Total       int64
	Email       string
	Story       []Event
	Extendable  bool
	Replaces    *Replaces // of a hold that is to replace a booking
}

// Replaces is the booking that a hold is to replace, and what comes back for it, in won.
type Replaces struct {
	Ref    string
	Refund int64
}

// ChangePage offers other flights for one leg of a booking.
type ChangePage struct {
	Leg         int // from 1
	Date        time.Time
	Fee, Refund int64 // of the booking as it is, in won
	Options     []ChangeOption
}

// ChangeOption is a flight that a leg can be changed to.
type ChangeOption struct {
	components.LegSpec
	Seats []string // fields of the form
	Cabin string
	Total int64 // of the whole new booking, in won
	Key   string
}

// Leg is a flight of a trip.
type Leg struct {
	components.LegSpec
	PublicID  string
	Fare      string // name of the product
	BaggageKg int
	Aircraft  string
	Cancelled bool // by the airline
	CheckIn   time.Time
}

// Person is a passenger of a trip.
type Person struct {
	No     int
	Kind   string // adult, child or infant
	Name   string // empty before it is known
	Seats  string // one per leg
	Ticket string // 13 digits, shown in groups
}

// Event is a line of what happened.
type Event struct {
	At   time.Time // Korean time
	Text string
}

// marks are the attributes by which scripts and tests find the booking on its page.
func (t Trip) marks() templ.Attributes {
	return templ.Attributes{"data-ref": t.Ref, "data-booking-state": t.State}
}

// Seats lists all seats of the trip.
func (t Trip) Seats() string {
	var all string
	for _, p := range t.People {
		if p.Seats == "" {
			continue
		}
		if all != "" {
			all += ", "
		}
		all += p.Seats
	}
	return all
}

// PersonForm is one passenger's part of the form, with what was typed and what is wrong with it.
type PersonForm struct {
	No          int
	Kind        string
	Seat        string
	Surname     string
	GivenName   string
	Birth       string
	Nationality string
	Exit        bool // sits in an exit row
	Consent     bool
	Errors      map[string]string // by field: surname, given, birth, nationality, consent
}

// Form is the passengers' page.
type Form struct {
	Total, TotalBefore int64 // in won, where the birth dates make another price; 0: they do not

	Replaced      []string // what a fresh hold has in place of seats that were gone, in words
	People        []PersonForm
	Email, Phone  string
	Errors        map[string]string // email, phone, or empty key for the whole form
	International bool
	Faults        []components.Fault
}

// FieldID is the id and name of a passenger's field.
func FieldID(no int, field string) string {
	return "p" + itoa(no) + "-" + field
}

// Fee is one line of the cancellation fees.
type Fee struct {
	Until time.Time // Korean time; zero: after departure
	Won   int64
	Today bool
}

// Quote is what a cancellation gives back.
type Quote struct {
	Lines             []QuoteLine
	Paid, Fee, Refund int64
	Changed           bool // it is not what was shown before
}

// QuoteLine is a passenger's leg in a quote.
type QuoteLine struct {
	Who, Flight     string
	Paid, Fee, Back int64
}

// FindForm is the guest's look-up.
type FindForm struct {
	Ref, Surname, Date string
	NotFound           bool
	Wait               int // seconds until the next attempt; 0: none was refused
	Errors             map[string]string
}

// Notice is a sentence on top of the pay page.
type Notice struct{ Title, Text string }

// nameHint says in which script a name has to be.
func nameHint(ctx context.Context, international bool) string {
	if international {
		return texts.T(ctx, "booking.name_hint_passport")
	}
	return texts.T(ctx, "booking.name_hint_id")
}

// KindName is a kind of passenger in words.
func KindName(ctx context.Context, kind string) string {
	switch kind {
	case "child":
		return texts.T(ctx, "booking.child")
	case "infant":
		return texts.T(ctx, "booking.infant")
	}
	return texts.T(ctx, "booking.adult")
}

func stateName(ctx context.Context, state string) string {
	return texts.T(ctx, "booking.state_"+state)
}

func stateKind(state string) components.Kind {
	switch state {
	case "confirmed":
		return components.Good
	case "held", "paying":
		return components.Warn
	}
	return components.Neutral
}

// NameIn is the person's name, or the kind while nobody has written it down.
func (p Person) NameIn(ctx context.Context) string {
	if p.Name != "" {
		return p.Name
	}
	return KindName(ctx, p.Kind)
}

// terms are the fare and what baggage it brings.
func (l Leg) terms(ctx context.Context) string {
	if l.BaggageKg == 0 {
		return texts.T(ctx, "booking.fare_no_bag", "fare", l.Fare)
	}
	return texts.T(ctx, "booking.fare_and_bag", "fare", l.Fare, "kg", l.BaggageKg)
}
