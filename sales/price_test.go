package sales_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"pigonair/sales"
)

func dataFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("data/fares.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func distance(from, to string) (int, error) {
	km, ok := map[string]int{"GMPCJU": 451, "ICNFUK": 569, "ICNJFK": 11114, "ICNXXX": 30000}[from+to]
	if !ok {
		return 0, fmt.Errorf("no distance from %s to %s", from, to)
	}
	return km, nil
}

func table(t *testing.T) *sales.PriceTable {
	t.Helper()
	rows, err := tariff(t).Rows()
	if err != nil {
		t.Fatal(err)
	}
	return sales.NewPriceTable(rows, distance)
}

var (
	jeju    = sales.Leg{Origin: "GMP", Destination: "CJU"}
	newYork = sales.Leg{Origin: "ICN", Destination: "JFK", International: true}
)

func TestQuoteOfAFamily(t *testing.T) {
	for _, c := range []struct {
		why     string
		leg     sales.Leg
		product string
		base    int64
		want    []sales.PriceLine
	}{
		{"domestic: a child pays 75 %, an infant nothing", jeju, "standard", 37300, []sales.PriceLine{
			{Passenger: 1, Kind: sales.Adult, Base: 37300, Fuel: 17700, Charges: 4000, Seat: 9000},
			{Passenger: 2, Kind: sales.Adult, Base: 37300, Fuel: 17700, Charges: 4000},
			{Passenger: 3, Kind: sales.Child, Base: 28000, Fuel: 17700, Charges: 4000, Seat: 12000},
			{Passenger: 4, Kind: sales.Infant},
		}},
		{"no discount on special fares, but an infant pays nothing either", jeju, "special", 9900, []sales.PriceLine{
			{Passenger: 1, Kind: sales.Adult, Base: 9900, Fuel: 17700, Charges: 4000, Seat: 9000},
			{Passenger: 2, Kind: sales.Adult, Base: 9900, Fuel: 17700, Charges: 4000},
			{Passenger: 3, Kind: sales.Child, Base: 9900, Fuel: 17700, Charges: 4000, Seat: 12000},
			{Passenger: 4, Kind: sales.Infant},
		}},
		{"international: an infant pays 10 %", newYork, "standard", 767900, []sales.PriceLine{
			{Passenger: 1, Kind: sales.Adult, Base: 767900, Fuel: 105000, Charges: 17000, Seat: 9000},
			{Passenger: 2, Kind: sales.Adult, Base: 767900, Fuel: 105000, Charges: 17000},
			{Passenger: 3, Kind: sales.Child, Base: 575900, Fuel: 105000, Charges: 17000, Seat: 12000},
			{Passenger: 4, Kind: sales.Infant, Base: 76800},
		}},
	} {
		q, err := table(t).Quote(c.leg, c.product, c.base, sales.Party{Adults: 2, Children: 1, Infants: 1},
			seoul("2026-11-23 12:00:00"), []int64{9000, 0, 12000})
		if err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for i, line := range q.Lines {
			total += line.Total()
			if line != c.want[i] {
				t.Errorf("%s: passenger %d: %+v, want %+v", c.why, i+1, line, c.want[i])
			}
		}
		if q.Total != total || len(q.Lines) != 4 {
			t.Errorf("%s: total %d of %d lines, want %d of 4", c.why, q.Total, len(q.Lines), total)
		}
	}
}

func TestQuoteIsWhatSearchShows(t *testing.T) {
	prices, at := table(t), seoul("2026-11-23 12:00:00")
	fuel, charges, err := prices.AdultSurcharges("GMP", "CJU", false, at)
	if err != nil {
		t.Fatal(err)
	}
	q, err := prices.Quote(jeju, "special", 9900, sales.Party{Adults: 1}, at, nil)
	if err != nil || q.Total != 9900+fuel+charges || q.Total != 31600 {
		t.Errorf("held at %d, %v; shown as %d", q.Total, err, 9900+fuel+charges)
	}
}

func TestFuelSurchargeChangesAtMidnightInKorea(t *testing.T) {
	prices := table(t)
	for at, want := range map[string]int64{
		"2026-10-31 23:59:59": 16500, "2026-11-01 00:00:00": 17700, "2026-12-31 23:59:59": 17700,
		"2027-01-01 00:00:00": 15400, "2030-01-01 00:00:00": 14300,
	} {
		fuel, _, err := prices.AdultSurcharges("GMP", "CJU", false, seoul(at).UTC())
		if err != nil || fuel != want {
			t.Errorf("bought %s: %d, %v, want %d", at, fuel, err, want)
		}
	}
}

func TestQuoteRefuses(t *testing.T) {
	prices, at := table(t), seoul("2026-11-23 12:00:00")
	one := sales.Party{Adults: 1}
	for name, c := range map[string]struct {
		leg     sales.Leg
		product string
		party   sales.Party
		seats   []int64
		at      time.Time
		want    error
	}{
		"nobody":          {jeju, "special", sales.Party{}, nil, at, sales.ErrParty},
		"ten":             {jeju, "special", sales.Party{Adults: 9, Children: 1}, nil, at, sales.ErrParty},
		"two infants":     {jeju, "special", sales.Party{Adults: 1, Infants: 2}, nil, at, sales.ErrParty},
		"less than none":  {jeju, "special", sales.Party{Adults: 2, Children: -1}, nil, at, sales.ErrParty},
		"seats":           {jeju, "special", one, []int64{0, 0}, at, sales.ErrParty},
		"product":         {jeju, "none", one, nil, at, sales.ErrNoPrice},
		"before all fuel": {jeju, "special", one, nil, seoul("2019-12-31 12:00:00"), sales.ErrNoPrice},
		"beyond all":      {sales.Leg{Origin: "ICN", Destination: "XXX", International: true}, "special", one, nil, at, sales.ErrNoPrice},
		"no charge":       {sales.Leg{Origin: "GMP", Destination: "CJU", International: true}, "special", one, nil, at, nil},
	} {
		_, err := prices.Quote(c.leg, c.product, 10000, c.party, c.at, c.seats)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestKindOn(t *testing.T) {
	prices := table(t)
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		why           string
		international bool
		birth, travel string
		want          sales.Kind
	}{
		{"the day before the second birthday", false, "2024-12-25", "2026-12-24", sales.Infant},
		{"the second birthday", false, "2024-12-24", "2026-12-24", sales.Child},
		{"twelve, domestic", false, "2014-12-24", "2026-12-24", sales.Child},
		{"twelve, international", true, "2014-12-24", "2026-12-24", sales.Adult},
		{"a day before twelve, international", true, "2014-12-25", "2026-12-24", sales.Child},
		{"thirteen, domestic", false, "2013-12-24", "2026-12-24", sales.Adult},
		{"born on 29 February, the day before", false, "2024-02-29", "2026-02-28", sales.Infant},
		{"born on 29 February, the day after", false, "2024-02-29", "2026-03-01", sales.Child},
	} {
		if got := prices.KindOn(c.international, day(c.birth), day(c.travel)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}
