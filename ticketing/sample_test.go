package ticketing

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// seed of the tests' bar codes.
var seed = bytes.Repeat([]byte{7}, 32)

func newDocuments(t testing.TB) *Documents {
	t.Helper()
	signer, err := NewSigner(seed)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDocuments(Config{
		Airline: Text{"피곤에어", "PigonAir"},
		Seller:  Text{"피곤에어(주) · 대표 홍길동 · 사업자등록번호 000-00-00000", "PigonAir Ltd."},
		BaseURL: "https://pigonair.test",
		Signer:  signer,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func links() Links {
	return Links{
		Booking:  "https://pigonair.test/bookings/K7M2QX",
		Calendar: "https://pigonair.test/bookings/K7M2QX/calendar.ics",
		Verify:   "https://pigonair.test/tickets/verify",
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func number(t testing.TB, serial int64) Number {
	t.Helper()
	n, err := NewNumber("990", serial)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// domestic is a ticket for two from Gimpo to Jeju.
func domestic(t testing.TB) Ticket {
	seoul := zone(t, "Asia/Seoul")
	departs := time.Date(2026, 12, 24, 6, 15, 0, 0, seoul)
	return Ticket{
		Airline:   Text{"피곤에어", "PigonAir"},
		Reference: "K7M2QX",
		IssuedAt:  time.Date(2026, 12, 1, 10, 29, 49, 0, seoul),
		Contact:   "s**@example.test",
		Passengers: []Passenger{
			{Name: "김하늘", Kind: Adult, Number: number(t, 261224000), Seats: []string{"7A"}},
			{Name: "이바다", Kind: Child, Number: number(t, 261224001), Seats: []string{"7B"}},
		},
		Legs: []Leg{{
			Flight: "ZP101", ID: "ZP101-20261224",
			From:    Airport{"GMP", Text{"김포", "Gimpo"}, Text{"김포국제공항", "Gimpo International Airport"}},
			To:      Airport{"CJU", Text{"제주", "Jeju"}, Text{"제주국제공항", "Jeju International Airport"}},
			Departs: departs, Arrives: departs.Add(70 * time.Minute), CheckinFrom: departs.Add(-24 * time.Hour),
			Cabin: Text{"일반석", "Economy"}, Fare: Text{"특가", "Special"}, Baggage: Text{"위탁 15 kg, 기내 10 kg", "15 kg checked, 10 kg cabin"},
		}},
		Prices: []PriceLine{
			{Text{"운임", "Fare"}, 2, 39600},
			{Text{"유류할증료", "Fuel surcharge"}, 2, 15600},
			{Text{"공항시설사용료", "Airport charges"}, 2, 8000},
		},
		Payment: Payment{Text{"토스페이", "Toss Pay"}, time.Date(2026, 12, 1, 10, 29, 48, 0, seoul)},
	}
}

// abroad is a return ticket over midnight and the date line, with an infant.
func abroad(t testing.TB) Ticket {
	b := domestic(t)
	out := time.Date(2026, 12, 24, 22, 40, 0, 0, zone(t, "Asia/Seoul"))
	back := time.Date(2027, 1, 3, 23, 55, 0, 0, zone(t, "America/Los_Angeles"))
	icn := Airport{"ICN", Text{"서울 인천", "Seoul Incheon"}, Text{"인천국제공항", "Incheon International Airport"}}
	lax := Airport{"LAX", Text{"로스앤젤레스", "Los Angeles"}, Text{"로스앤젤레스 국제공항", "Los Angeles International Airport"}}
	leg := b.Legs[0]
	leg.Flight, leg.ID, leg.From, leg.To = "ZP801", "ZP801-20261224", icn, lax
	leg.Departs, leg.Arrives, leg.CheckinFrom = out, out.Add(11*time.Hour).In(back.Location()), out.Add(-48*time.Hour)
	leg.Fare = Text{"표준", "Standard"}
	home := leg
	home.Flight, home.ID, home.From, home.To = "ZP802", "ZP802-20270103", lax, icn
	home.Departs, home.Arrives, home.CheckinFrom = back, back.Add(13*time.Hour+20*time.Minute).In(out.Location()), back.Add(-48*time.Hour)
	b.Legs = []Leg{leg, home}
	b.Passengers = []Passenger{
		{Name: "KIM HANEUL", Kind: Adult, Number: number(t, 1), Seats: []string{"31A", "32H"}},
		{Name: "LEE BADA", Kind: Infant, Number: number(t, 2), Seats: []string{"", ""}},
	}
	return b
}

// crowded is the hardest ticket: nine passengers with every kind of name.
func crowded(t testing.TB) Ticket {
	b := abroad(t)
	names := []string{
		strings.Repeat("가나다라마바사아자차", 20),
		strings.Repeat("Hubert Blaine Wolfeschlegelsteinhausenbergerdorff ", 4),
		strings.Repeat("W", 200),
		"🕊️ 김👨‍👩‍👧하늘 🎉", "محمد عبد الله", "<script>alert(1)</script>", "\u202eevil\u202c\x00\r\nname",
		"\u1100\u1161\u11a8 Zoë", "ab" + strings.Repeat("́", 50),
	}
	b.Passengers = nil
	for i, name := range names {
		b.Passengers = append(b.Passengers, Passenger{Name: name, Kind: Adult, Number: number(t, int64(i)), Seats: []string{"31A", "32H"}})
	}
	return b
}
