package handlers

import (
	"slices"
	"testing"

	"pigonair/flights"
	"pigonair/sales"
)

// priceTable is the tables of the data files that the program comes with.
func priceTable(t *testing.T, airports *flights.Airports) *sales.PriceTable {
	t.Helper()
	tariff, err := sales.LoadTariff()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tariff.Rows()
	if err != nil {
		t.Fatal(err)
	}
	return sales.NewPriceTable(rows, airports.DistanceKm)
}

// jejuFlight is a flight with two special seats left and any number of standard ones, as the catalog tells it.
func jejuFlight(t *testing.T, s *site) (flights.Flight, flights.CabinOffer) {
	t.Helper()
	from, _ := s.Airports.Find("GMP")
	to, err := s.Airports.Find("CJU")
	if err != nil {
		t.Fatal(err)
	}
	cabin := flights.CabinOffer{Cabin: flights.Economy, SeatsFree: 100,
		Fares: []flights.FareOffer{{Code: "special", Base: 9900, Places: 2}, {Code: "standard", Base: 44900, Places: 100}}}
	return flights.Flight{ID: 1, FlightNo: "ZP101", Date: flights.NewDate(2026, 12, 24), From: from, To: to, Cabins: []flights.CabinOffer{cabin}}, cabin
}

func TestSeatsCostWhatAHoldWouldCharge(t *testing.T) {
	t.Parallel()
	s := formSite(t)
	table := priceTable(t, s.Airports)
	f, cabin := jejuFlight(t, s)
	fuel, charges, err := table.AdultSurcharges("GMP", "CJU", false, searchNoon)
	if err != nil {
		t.Fatal(err)
	}
	special, standard := 9900+fuel+charges, 44900+fuel+charges
	child, err := table.Line(saleLeg(f), "standard", 44900, sales.Child, searchNoon)
	if err != nil {
		t.Fatal(err)
	}
	infant, err := table.Line(saleLeg(f), "standard", 44900, sales.Infant, searchNoon)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fare  string
		party sales.Party
		given bool
		want  []int64
	}{
		"cheapest first, then the next": {"", adult, false, []int64{special, special, standard}},
		"one fare for all":              {"standard", adult, false, []int64{standard}},
		"one traveller":                 {"", adult, true, []int64{special}},
		"a family at one fare":          {"standard", sales.Party{Adults: 1, Children: 1, Infants: 1}, true, []int64{standard + infant.Total(), child.Total()}},
	} {
		got, err := seatCosts(table, f, cabin, c.fare, c.party, c.given, searchNoon)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %d %v, want %d", name, got, err, c.want)
		}
	}
	// A family's seats cost together what its quote says.
	party := sales.Party{Adults: 2, Children: 2, Infants: 1}
	quote, err := table.Quote(saleLeg(f), "standard", 44900, party, searchNoon, nil)
	if err != nil {
		t.Fatal(err)
	}
	costs, err := seatCosts(table, f, cabin, "standard", party, true, searchNoon)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for i := range party.Seats() {
		sum += costs[min(i, len(costs)-1)]
	}
	if sum != quote.Total {
		t.Errorf("seats cost %d, the quote says %d", sum, quote.Total)
	}
}

func TestSoldOutCabinCostsNothingKnown(t *testing.T) {
	t.Parallel()
	s := formSite(t)
	f, cabin := jejuFlight(t, s)
	cabin.Fares = cabin.Fares[:1]
	cabin.Fares[0].Places = 0
	got, err := seatCosts(priceTable(t, s.Airports), f, cabin, "", adult, false, searchNoon)
	if err != nil || len(got) != 0 {
		t.Errorf("costs %d %v", got, err)
	}
}

func TestFieldsOfTwoFlightsAreToldApart(t *testing.T) {
	t.Parallel()
	const out, back = "ZP101-20261224", "ZP102-20261226"
	seats := []string{out + ":9A", back + ":auto", out + ":9B", out + ":9A", "nonsense"}
	if got := seatsFor(seats, out); !slices.Equal(got, []string{"9A", "9B"}) {
		t.Errorf("seats of the flight out: %q", got)
	}
	if got := seatsFor(seats, back); got != nil {
		t.Errorf("seats of the flight back: %q", got)
	}
	fares := []string{out + ":special", back + ":standard"}
	for flight, want := range map[string]string{out: "special", back: "standard", "ZP1-20261224": ""} {
		if got := fareFor(fares, flight); got != want {
			t.Errorf("fare of %s is %q, want %q", flight, got, want)
		}
	}
	if got := fareFor([]string{"special"}, out); got != "special" {
		t.Errorf("a fare without a flight is %q", got)
	}
}

func TestFareLimitsHowManySeatsAreTicked(t *testing.T) {
	t.Parallel()
	f, _ := jejuFlight(t, formSite(t))
	c := seatChoice{flight: f, party: adult, max: 9}
	c.setFare("special")
	if c.fare != "special" || c.max != 2 || !slices.Equal(c.cabins(), []flights.Cabin{flights.Economy}) {
		t.Errorf("fare %q, at most %d, cabins %q", c.fare, c.max, c.cabins())
	}
	big := seatChoice{flight: f, party: sales.Party{Adults: 3}, max: 3}
	big.setFare("special")
	if big.fare != "" {
		t.Error("a fare with two places is sold to three")
	}
}
