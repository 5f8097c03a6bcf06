package components

import (
	"context"
	"strconv"
	"time"

	"pigonair/views/texts"
)

// word is a text of the gallery.
func word(ctx context.Context, key string) string { return texts.T(ctx, key) }

// sampleDay is the day on which everything in the gallery happens.
var sampleDay = time.Date(2026, 12, 24, 0, 0, 0, 0, time.FixedZone("KST", 9*60*60))

func sampleLegs(ctx context.Context) []LegSpec {
	gimpo := Place{Code: "GMP", Name: word(ctx, "gallery.gimpo")}
	jeju := Place{Code: "CJU", Name: word(ctx, "gallery.jeju")}
	incheon := Place{Code: "ICN", Name: word(ctx, "gallery.incheon")}
	angeles := Place{Code: "LAX", Name: word(ctx, "gallery.los_angeles")}
	const hop, ocean = 70 * time.Minute, 11*time.Hour + 25*time.Minute
	morning := sampleDay.Add(6*time.Hour + 15*time.Minute)
	west := time.FixedZone("PST", -8*60*60)
	late := time.Date(2026, 12, 24, 23, 10, 0, 0, west)
	return []LegSpec{
		{From: gimpo, To: jeju, Depart: morning, Arrive: morning.Add(hop), Duration: hop, Flight: "ZP101"},
		{From: angeles, To: incheon, Depart: late, Arrive: late.Add(ocean + 2*time.Hour).In(sampleDay.Location()), Duration: ocean + 2*time.Hour, Flight: "ZP802"},
	}
}

func sampleDays() []DaySpec {
	prices := []int64{48300, 31200, 52800, 31600, 98400, -1, 74500}
	days := make([]DaySpec, len(prices))
	for i, price := range prices {
		days[i] = DaySpec{Date: sampleDay.AddDate(0, 0, i-3), Price: price, URL: "#", Current: i == 3, Lowest: i == 1}
	}
	return days
}

func sampleLines(ctx context.Context) []Line {
	return []Line{
		{Label: word(ctx, "gallery.base"), Amount: 19800},
		{Label: word(ctx, "gallery.surcharge"), Amount: 35400},
		{Label: word(ctx, "gallery.charge"), Amount: 8000},
		{Label: word(ctx, "gallery.sum"), Amount: 63200, Sum: true},
	}
}

// sampleSeat is one seat of the gallery's cabin.
type sampleSeat struct {
	no, letter, state, price, label string
	taken, plus, chosen             bool
}

func sampleRow(ctx context.Context, row int, letters string) []sampleSeat {
	seats := make([]sampleSeat, 0, len(letters))
	for _, letter := range letters {
		s := sampleSeat{letter: string(letter), state: "available", price: "0"}
		s.no = strconv.Itoa(row) + s.letter
		s.taken = (row*7+int(letter)*3)%5 < 2 && row != 7
		s.plus = row == 6 || row == 9
		s.chosen = row == 7 && letter < 'C'
		key := "gallery.seat_free"
		switch {
		case s.taken:
			s.state, key = "sold", "gallery.seat_taken"
		case s.plus:
			s.price, key = "9000", "gallery.seat_plus"
		}
		s.label = texts.T(ctx, key, "seat", s.no)
		seats = append(seats, s)
	}
	return seats
}
