// Package etickets makes a booking's documents: it joins what booking, flights and sales know into the ticket that
// package ticketing renders. Pages and mails use the same.
package etickets

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/sales"
	"pigonair/ticketing"
)

// checkInOpens is how long before departure check-in begins.
const checkInOpens = 24 * time.Hour

// Maker makes tickets. Safe for concurrent use.
type Maker struct {
	Airline   ticketing.Text
	BaseURL   string // of the public site
	Documents *ticketing.Documents
	Airports  *flights.Airports
	Layouts   *flights.Layouts
	Prices    *sales.Prices
}

// Ticket is the e-ticket of a confirmed or cancelled booking.
func (m *Maker) Ticket(ctx context.Context, v booking.View) (ticketing.Ticket, error) {
	table, err := m.Prices.Table(ctx)
	if err != nil {
		return ticketing.Ticket{}, err
	}
	t := ticketing.Ticket{Airline: m.Airline, Reference: v.Row.Ref, IssuedAt: v.Row.ConfirmedAt.Time.In(seoul),
		Contact: maskedAddress(v.Row.ContactEmail), Prices: prices(v),
		Payment: ticketing.Payment{Method: ticketing.Text{Ko: "신용·체크카드", En: "Card"}, PaidAt: v.Row.ConfirmedAt.Time.In(seoul)}}
	if v.State == booking.Cancelled {
		t.Status, t.Revision = ticketing.Cancelled, 1
	}
	for _, leg := range v.Legs {
		shown, err := m.leg(v, leg, table)
		if err != nil {
			return ticketing.Ticket{}, fmt.Errorf("etickets: booking %s: %w", v.Row.Ref, err)
		}
		t.Legs = append(t.Legs, shown)
	}
	t.Passengers, err = passengers(v)
	return t, err
}

// seoul is the seller's zone, for times that belong to no airport.
var seoul = time.FixedZone("KST", 9*60*60)

func (m *Maker) leg(v booking.View, row db.LegsOfBookingsRow, table *sales.PriceTable) (ticketing.Leg, error) {
	from, err := m.Airports.Find(row.Origin)
	if err != nil {
		return ticketing.Leg{}, err
	}
	to, err := m.Airports.Find(row.Destination)
	if err != nil {
		return ticketing.Leg{}, err
	}
	id := flights.PublicID{FlightNo: row.FlightNo, Date: flights.DateOf(row.LocalDate)}
	leg := ticketing.Leg{Flight: row.FlightNo, ID: id.String(), From: airport(from), To: airport(to), Departs: row.DepartsAt.In(from.Zone),
		Arrives: row.ArrivesAt.In(to.Zone), CheckinFrom: row.DepartsAt.Add(-checkInOpens).In(from.Zone)}
	for _, line := range v.Lines {
		if line.LegNo == row.LegNo {
			leg.Cabin = cabins[line.Cabin]
			product, err := table.Product(line.FareCode)
			if err != nil {
				return ticketing.Leg{}, err
			}
			leg.Fare = ticketing.Text{Ko: product.NameKo, En: product.NameEn}
			leg.Baggage = ticketing.Text{Ko: fmt.Sprintf("위탁 %d kg", product.BaggageKg), En: fmt.Sprintf("%d kg checked", product.BaggageKg)}
			break
		}
	}
	return leg, nil
}

var cabins = map[string]ticketing.Text{
	"economy":  {Ko: "일반석", En: "Economy"},
	"business": {Ko: "비즈니스석", En: "Business"},
	"first":    {Ko: "일등석", En: "First"},
}

func airport(a flights.Airport) ticketing.Airport {
	return ticketing.Airport{Code: a.Code, City: ticketing.Text{Ko: a.Short.Ko, En: a.Short.En}, Name: ticketing.Text{Ko: a.Name.Ko, En: a.Name.En}}
}

func passengers(v booking.View) ([]ticketing.Passenger, error) {
	var list []ticketing.Passenger
	for _, p := range v.Passengers {
		number, err := ticketing.ParseNumber(p.TicketNo.String)
		if err != nil {
			return nil, fmt.Errorf("etickets: booking %s passenger %d: %w", v.Row.Ref, p.PassengerNo, err)
		}
		out := ticketing.Passenger{Name: name(p), Kind: ticketing.Kind(p.Kind), Number: number}
		for _, leg := range v.Legs {
			out.Seats = append(out.Seats, v.Seat(leg.FlightID, p.PassengerNo))
		}
		list = append(list, out)
	}
	return list, nil
}

// name writes a name as its script does: Hangul without a space, Latin with one.
func name(p db.Passenger) string {
	whole := p.Surname + p.GivenName
	if whole != "" && !strings.ContainsFunc(whole, func(r rune) bool { return !unicode.Is(unicode.Hangul, r) }) {
		return whole
	}
	return strings.TrimSpace(p.Surname + " " + p.GivenName)
}

// prices sums the frozen price lines by component.
func prices(v booking.View) []ticketing.PriceLine {
	var base, fuel, charges, seats int64
	for _, line := range v.Lines {
		base, fuel, charges, seats = base+line.Base, fuel+line.Fuel, charges+line.Charges, seats+line.Seat
	}
	lines := []ticketing.PriceLine{{Label: ticketing.Text{Ko: "항공운임", En: "Fare"}, Amount: base},
		{Label: ticketing.Text{Ko: "유류할증료", En: "Fuel surcharge"}, Amount: fuel},
		{Label: ticketing.Text{Ko: "공항시설사용료", En: "Airport charges"}, Amount: charges}}
	if seats > 0 {
		lines = append(lines, ticketing.PriceLine{Label: ticketing.Text{Ko: "좌석 요금", En: "Seats"}, Amount: seats})
	}
	return lines
}

// Fees is what a cancelled booking's fees were, for its mail; empty when there were none.
func Fees(v booking.View) []ticketing.PriceLine {
	var fee int64
	for _, line := range v.Lines {
		fee += line.Fee
	}
	if fee == 0 {
		return nil
	}
	return []ticketing.PriceLine{{Label: ticketing.Text{Ko: "취소 수수료", En: "Cancellation fee"}, Amount: fee}}
}

// Links are the addresses of a booking's pages.
func (m *Maker) Links(v booking.View) ticketing.Links {
	page := m.BaseURL + "/bookings/" + v.Row.Ref
	return ticketing.Links{Booking: page, Calendar: page + "/calendar.ics", Verify: m.BaseURL + "/tickets/verify"}
}

// PDF is the e-ticket as a PDF file.
func (m *Maker) PDF(ctx context.Context, lang string, v booking.View) ([]byte, error) {
	t, err := m.Ticket(ctx, v)
	if err != nil {
		return nil, err
	}
	return m.Documents.TicketPDF(ticketing.Lang(lang), t, m.Links(v))
}

// Calendar is the journey as a calendar file.
func (m *Maker) Calendar(ctx context.Context, lang string, v booking.View) ([]byte, error) {
	t, err := m.Ticket(ctx, v)
	if err != nil {
		return nil, err
	}
	return m.Documents.Calendar(ticketing.Lang(lang), t, m.Links(v))
}

// maskedAddress hides most of a mail address.
func maskedAddress(address string) string {
	local, host, found := strings.Cut(address, "@")
	if !found || local == "" {
		return ""
	}
	return string([]rune(local)[:1]) + "***@" + host
}
