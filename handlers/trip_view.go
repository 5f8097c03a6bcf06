package handlers

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/bookings"
	"pigonair/views/components"
	"pigonair/views/texts"
)

// korea is where times that belong to no airport are shown.
var korea = time.FixedZone("KST", 9*60*60)

// newKey makes an idempotency key for a form.
func newKey() string { return rand.Text() }

// place is an airport in the page's language.
func place(ctx context.Context, a flights.Airport) components.Place {
	return components.Place{Code: a.Code, Name: a.Short.In(texts.Lang(ctx))}
}

// trip lays names, zones and words over a booking.
func (s *site) trip(ctx context.Context, v booking.View) (bookings.Trip, error) {
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return bookings.Trip{}, err
	}
	t := bookings.Trip{Ref: v.Row.Ref, State: string(v.State), SecondsLeft: v.SecondsLeft(), Until: v.Row.HeldUntil.Time.In(korea),
		Total: v.Row.Total, Email: v.Row.ContactEmail, Extendable: v.State == booking.Held && !v.Row.Extended,
		Lines: priceLines(ctx, v), People: people(v), Story: s.story(ctx, v)}
	for _, leg := range v.Legs {
		shown, err := s.legView(ctx, leg, fareOf(v, leg.LegNo), table)
		if err != nil {
			return bookings.Trip{}, err
		}
		t.Legs = append(t.Legs, shown)
	}
	return t, nil
}

// fareOf is the fare product of a leg: that of its first passenger.
func fareOf(v booking.View, leg int) string {
	for _, line := range v.Lines {
		if line.LegNo == leg {
			return line.FareCode
		}
	}
	return ""
}

func (s *site) legView(ctx context.Context, leg db.LegsOfBookingsRow, fare string, table *sales.PriceTable) (bookings.Leg, error) {
	from, err := s.Airports.Find(leg.Origin)
	if err != nil {
		return bookings.Leg{}, err
	}
	to, err := s.Airports.Find(leg.Destination)
	if err != nil {
		return bookings.Leg{}, err
	}
	layout, err := s.Layouts.Find(leg.Layout)
	if err != nil {
		return bookings.Leg{}, err
	}
	id := flights.PublicID{FlightNo: leg.FlightNo, Date: flights.DateOf(leg.LocalDate)}
	shown := bookings.Leg{PublicID: id.String(), Aircraft: layout.Aircraft, Cancelled: leg.State == "cancelled",
		CheckIn: leg.DepartsAt.Add(-24 * time.Hour).In(from.Zone),
		LegSpec: components.LegSpec{From: place(ctx, from), To: place(ctx, to), Depart: leg.DepartsAt.In(from.Zone),
			Arrive: leg.ArrivesAt.In(to.Zone), Duration: leg.ArrivesAt.Sub(leg.DepartsAt), Flight: leg.FlightNo, Dates: true}}
	if product, err := table.Product(fare); err == nil {
		shown.Fare, shown.BaggageKg = product.Name(texts.Lang(ctx)), product.BaggageKg
	}
	return shown, nil
}

// people lists the travellers with their seats, leg by leg.
func people(v booking.View) []bookings.Person {
	list := make([]bookings.Person, 0, len(v.Kinds()))
	for i, kind := range v.Kinds() {
		p := bookings.Person{No: i + 1, Kind: string(kind)}
		var seats []string
		for _, leg := range v.Legs {
			if no := v.Seat(leg.FlightID, i+1); no != "" {
				seats = append(seats, no)
			}
		}
		p.Seats = strings.Join(seats, " / ")
		if i < len(v.Passengers) {
			p.Name = fullName(v.Passengers[i])
			p.Ticket = groupedTicket(v.Passengers[i].TicketNo.String)
		}
		list = append(list, p)
	}
	return list
}

// fullName writes a name as its script does: Hangul without a space, Latin with one.
func fullName(p db.Passenger) string {
	if isHangul(p.Surname) && isHangul(p.GivenName) {
		return p.Surname + p.GivenName
	}
	return strings.TrimSpace(p.Surname + " " + p.GivenName)
}

// groupedTicket sets a ticket number in its usual groups: 990-2612240001.
func groupedTicket(number string) string {
	if len(number) != 13 {
		return number
	}
	return number[:3] + "-" + number[3:]
}

// priceLines sums the stored lines by component.
func priceLines(ctx context.Context, v booking.View) []components.Line {
	var base, fuel, charges, seats int64
	for _, line := range v.Lines {
		base, fuel, charges, seats = base+line.Base, fuel+line.Fuel, charges+line.Charges, seats+line.Seat
	}
	lines := []components.Line{{Label: texts.T(ctx, "booking.line_base"), Amount: base},
		{Label: texts.T(ctx, "booking.line_fuel"), Amount: fuel}, {Label: texts.T(ctx, "booking.line_charges"), Amount: charges}}
	if seats > 0 {
		lines = append(lines, components.Line{Label: texts.T(ctx, "booking.line_seats"), Amount: seats})
	}
	return append(lines, components.Line{Label: texts.T(ctx, "booking.line_total"), Amount: v.Row.Total, Sum: true})
}

// story tells what happened in sentences, beginning with the hold.
func (s *site) story(ctx context.Context, v booking.View) []bookings.Event {
	var seats []string
	for _, seat := range v.Seats {
		seats = append(seats, seat.SeatNo)
	}
	events := []bookings.Event{{At: v.Row.CreatedAt.In(korea), Text: texts.T(ctx, "booking.event_held", "seats", strings.Join(seats, ", "))}}
	for _, e := range v.Events {
		events = append(events, bookings.Event{At: e.HappenedAt.In(korea), Text: eventText(ctx, e)})
	}
	return events
}

func eventText(ctx context.Context, e db.BookingEvent) string {
	amount := texts.Won(ctx, e.Amount.Int64)
	switch e.Kind {
	case "declined":
		return texts.T(ctx, "booking.event_declined", "reason", reasonText(ctx, e.Detail))
	case "changed":
		return texts.T(ctx, "booking.event_changed", "ref", e.Detail)
	case "cancelled":
		if e.Amount.Int64 == 0 {
			return texts.T(ctx, "booking.event_cancelled_free")
		}
	}
	return texts.T(ctx, "booking.event_"+e.Kind, "won", amount)
}

// reasonText is a reason in our words where we have them, else in the gateway's.
func reasonText(ctx context.Context, reason string) string {
	if key := "pay.reason_" + reason; texts.Has(ctx, key) {
		return texts.T(ctx, key)
	}
	return reason
}
