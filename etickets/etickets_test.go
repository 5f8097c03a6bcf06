package etickets_test

import (
	"bytes"
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/etickets"
	"pigonair/flights"
	"pigonair/internal/testenv"
	"pigonair/sales"
	"pigonair/ticketing"
)

// maker makes tickets with one fare product in the database.
func maker(t *testing.T) *etickets.Maker {
	t.Helper()
	pool := testenv.DB(t)
	_, err := pool.Exec(`INSERT INTO fare_product (code, name_ko, name_en, rules_ko, rules_en, baggage_kg, changeable, discountable, sort_order)
VALUES ('standard', '표준', 'Standard', '', '', 15, TRUE, TRUE, 1)`)
	if err != nil {
		t.Fatal(err)
	}
	airports, err := flights.LoadAirports()
	if err != nil {
		t.Fatal(err)
	}
	layouts, err := flights.LoadLayouts()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ticketing.NewSigner(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	airline := ticketing.Text{Ko: "피곤에어", En: "PigonAir"}
	documents, err := ticketing.NewDocuments(ticketing.Config{Airline: airline, BaseURL: "https://pigonair.test", Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	return &etickets.Maker{Airline: airline, BaseURL: "https://pigonair.test", Documents: documents, Airports: airports, Layouts: layouts,
		Prices: sales.NewPrices(pool, airports.DistanceKm, time.Now)}
}

func number(t *testing.T, serial int64) string {
	t.Helper()
	n, err := ticketing.NewNumber("990", serial)
	if err != nil {
		t.Fatal(err)
	}
	return n.Digits()
}

// journey is a couple's trip from Incheon to New York and back, with an infant on a lap.
func journey(t *testing.T) booking.View {
	t.Helper()
	confirmed := time.Date(2026, 12, 1, 20, 30, 0, 0, time.UTC)
	date := func(day int) time.Time { return time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC) }
	v := booking.View{State: booking.Confirmed, Row: db.Booking{Ref: "K7M2QX", State: "confirmed", Adults: 2, Infants: 1, Total: 3_000_000,
		ContactEmail: "skyblue@example.test", Language: "en", ConfirmedAt: sql.NullTime{Time: confirmed, Valid: true}}}
	v.Legs = []db.LegsOfBookingsRow{
		{LegNo: 1, FlightID: 11, FlightNo: "ZP801", LocalDate: date(24), Origin: "ICN", Destination: "JFK", State: "scheduled",
			DepartsAt: time.Date(2026, 12, 24, 1, 0, 0, 0, time.UTC), ArrivesAt: time.Date(2026, 12, 24, 15, 0, 0, 0, time.UTC)},
		{LegNo: 2, FlightID: 12, FlightNo: "ZP802", LocalDate: date(30), Origin: "JFK", Destination: "ICN", State: "scheduled",
			DepartsAt: time.Date(2026, 12, 30, 18, 0, 0, 0, time.UTC), ArrivesAt: time.Date(2026, 12, 31, 8, 45, 0, 0, time.UTC)},
	}
	for i, p := range []db.Passenger{{Kind: "adult", Surname: "김", GivenName: "하늘"}, {Kind: "adult", Surname: "VAN DAM", GivenName: "ANNA"},
		{Kind: "infant", Surname: "김", GivenName: "바다"}} {
		p.PassengerNo, p.TicketNo = i+1, sql.NullString{String: number(t, int64(i)), Valid: true}
		v.Passengers = append(v.Passengers, p)
	}
	for leg := 1; leg <= 2; leg++ {
		for passenger := 1; passenger <= 3; passenger++ {
			line := db.PriceLine{LegNo: leg, PassengerNo: passenger, Cabin: "economy", FareCode: "standard", Base: 500_000, Fuel: 100_000, Charges: 40_000}
			if passenger < 3 {
				line.Seat = 20_000
				v.Seats = append(v.Seats, db.SeatsOfBookingsRow{FlightID: int64(10 + leg), SeatNo: []string{"31A", "31B"}[passenger-1], PassengerNo: passenger})
			}
			v.Lines = append(v.Lines, line)
		}
	}
	return v
}

func TestTicket(t *testing.T) {
	t.Parallel()
	m, v := maker(t), journey(t)
	got, err := m.Ticket(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	if got.Reference != "K7M2QX" || got.Status != ticketing.Confirmed || got.Revision != 0 || got.Contact != "s***@example.test" {
		t.Errorf("%+v", got)
	}
	if issued := got.IssuedAt.Format("2006-01-02 15:04 MST"); issued != "2026-12-02 05:30 KST" {
		t.Errorf("issued %s", issued)
	}
	first, back := got.Legs[0], got.Legs[1]
	if first.ID != "ZP801-20261224" || first.From.Code != "ICN" || first.Cabin.En != "Economy" || first.Fare.Ko != "표준" || first.Baggage.En != "15 kg checked" {
		t.Errorf("%+v", first)
	}
	if got, want := first.Departs.Format("Jan 2 15:04")+" "+first.Arrives.Format("Jan 2 15:04")+" "+first.CheckinFrom.Format("Jan 2 15:04"),
		"Dec 24 10:00 Dec 24 10:00 Dec 23 10:00"; got != want {
		t.Errorf("local times %s, want %s", got, want)
	}
	if got, want := back.Departs.Format("Jan 2 15:04")+" "+back.Arrives.Format("Jan 2 15:04"), "Dec 30 13:00 Dec 31 17:45"; got != want {
		t.Errorf("local times %s, want %s", got, want)
	}
	var people []string
	for _, p := range got.Passengers {
		people = append(people, strings.Join(append([]string{p.Name, string(p.Kind), p.Number.String()}, p.Seats...), " "))
	}
	if got, want := strings.Join(people, "; "), "김하늘 adult 990-000000000-"+number(t, 0)[12:]+" 31A 31A; VAN DAM ANNA adult 990-000000001-"+
		number(t, 1)[12:]+" 31B 31B; 김바다 infant 990-000000002-"+number(t, 2)[12:]+"  "; got != want {
		t.Errorf("passengers\n%s\nwant\n%s", got, want)
	}
	if got.Total() != 6*640_000+4*20_000 || len(got.Prices) != 4 {
		t.Errorf("%d won in %+v", got.Total(), got.Prices)
	}
}

func TestCancelledTicket(t *testing.T) {
	t.Parallel()
	m, v := maker(t), journey(t)
	v.State = booking.Cancelled
	v.Lines[0].Fee, v.Lines[1].Fee = 30_000, 12_000
	got, err := m.Ticket(context.Background(), v)
	if err != nil || got.Status != ticketing.Cancelled || got.Revision != 1 {
		t.Errorf("%v, %+v", err, got)
	}
	if fees := etickets.Fees(v); len(fees) != 1 || fees[0].Amount != 42_000 {
		t.Errorf("fees %+v", fees)
	}
	calendar, err := m.Calendar(context.Background(), "en", v)
	if err != nil || strings.Count(string(calendar), "STATUS:CANCELLED") != 2 || !strings.Contains(string(calendar), "SEQUENCE:1") {
		t.Errorf("%v\n%s", err, calendar)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	m, v := maker(t), journey(t)
	for _, lang := range []string{"ko", "en"} {
		pdf, err := m.PDF(context.Background(), lang, v)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 10_000 {
			t.Errorf("%s: a PDF of %d bytes, %v", lang, len(pdf), err)
		}
		calendar, err := m.Calendar(context.Background(), lang, v)
		if err != nil || strings.Count(string(calendar), "BEGIN:VEVENT") != 2 || !strings.Contains(string(calendar), "SUMMARY:ZP801") ||
			!strings.Contains(string(calendar), "DTSTART:20261224T010000Z") || !strings.Contains(string(calendar), "URL:https://pigonair.test/bookings/K7M2QX") {
			t.Errorf("%s: %v\n%s", lang, err, calendar)
		}
	}
	if links := m.Links(v); links.Calendar != "https://pigonair.test/bookings/K7M2QX/calendar.ics" {
		t.Errorf("%+v", links)
	}
	if etickets.Fees(v) != nil {
		t.Error("a booking that stands has fees")
	}
}

// What does not fit is an error that names the booking and nobody in it.
func TestFaults(t *testing.T) {
	t.Parallel()
	m := maker(t)
	for name, spoil := range map[string]func(*booking.View){
		"ticket number": func(v *booking.View) { v.Passengers[0].TicketNo = sql.NullString{} },
		"airport":       func(v *booking.View) { v.Legs[0].Origin = "XXX" },
		"fare":          func(v *booking.View) { v.Lines[0].FareCode = "gone" },
	} {
		v := journey(t)
		spoil(&v)
		_, err := m.Ticket(context.Background(), v)
		if err == nil || !strings.Contains(err.Error(), "K7M2QX") || strings.Contains(err.Error(), "하늘") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
