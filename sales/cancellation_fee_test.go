package sales_test

import (
	"errors"
	"testing"

	"pigonair/sales"
)

func TestFeesChangeAtMidnightInKorea(t *testing.T) {
	prices := table(t)
	bought, departs := seoul("2026-11-01 10:00:00"), seoul("2026-12-24 06:15:00")
	for at, want := range map[string]int64{
		"2026-11-01 10:00:00": 0, // the day of purchase
		"2026-11-01 23:59:59": 0,
		"2026-11-02 00:00:00": 1000,
		"2026-11-23 23:59:59": 1000, // 31 midnights before
		"2026-11-24 00:00:00": 3000,
		"2026-12-16 23:59:59": 3000,
		"2026-12-17 00:00:00": 6000,
		"2026-12-23 23:59:59": 6000,
		"2026-12-24 00:00:00": 10000,
		"2026-12-24 06:14:59": 10000,
		"2026-12-24 06:15:00": 20000,
		"2027-02-01 00:00:00": 20000,
	} {
		fee, err := prices.CancellationFee("standard", false, sales.Adult, 44900, bought, departs, seoul(at).UTC())
		if err != nil || fee != want {
			t.Errorf("cancelled %s: %d, %v, want %d", at, fee, err, want)
		}
	}
}

func TestFeeIsNeverAboveTheFare(t *testing.T) {
	prices := table(t)
	bought, departs := seoul("2026-11-01 10:00:00"), seoul("2026-12-24 06:15:00")
	steps, err := prices.FeeSteps("special", false, sales.Adult, 9900, bought, departs)
	if err != nil {
		t.Fatal(err)
	}
	want := []sales.FeeStep{
		{Until: seoul("2026-11-02 00:00:00")},
		{Until: seoul("2026-11-24 00:00:00"), Fee: 5000},
		{Fee: 9900}, // 10,000, then 20,000, then 30,000: all above the fare
	}
	if len(steps) != len(want) {
		t.Fatalf("steps %v, want %v", steps, want)
	}
	for i, s := range steps {
		if !s.Until.Equal(want[i].Until) || s.Fee != want[i].Fee {
			t.Errorf("step %d: %v, want %v", i, s, want[i])
		}
	}
}

func TestFeeOfInfantsAndUnknownProducts(t *testing.T) {
	prices := table(t)
	bought, departs := seoul("2026-11-01 10:00:00"), seoul("2026-12-24 06:15:00")
	steps, err := prices.FeeSteps("standard", true, sales.Infant, 70000, bought, departs)
	if err != nil || len(steps) != 1 || sales.FeeAt(steps, departs) != 0 {
		t.Errorf("an infant: %v, %v", steps, err)
	}
	if _, err := prices.FeeSteps("none", false, sales.Adult, 1, bought, departs); !errors.Is(err, sales.ErrNoPrice) {
		t.Errorf("an unknown product: %v", err)
	}
}

func TestBoughtOnTheDayOfDeparture(t *testing.T) {
	prices := table(t)
	bought, departs := seoul("2026-12-24 01:00:00"), seoul("2026-12-24 06:15:00")
	for at, want := range map[string]int64{"2026-12-24 06:14:59": 0, "2026-12-24 06:15:00": 20000} {
		fee, err := prices.CancellationFee("standard", false, sales.Adult, 44900, bought, departs, seoul(at))
		if err != nil || fee != want {
			t.Errorf("cancelled %s: %d, %v, want %d", at, fee, err, want)
		}
	}
}

// Midnights in Korea count, not those at the place of departure: 13:30 in New York is the day after in
// Korea.
func TestFeesOfAFlightFromAbroad(t *testing.T) {
	prices := table(t)
	bought, departs := seoul("2026-09-01 10:00:00"), seoul("2026-12-25 03:30:00")
	for at, want := range map[string]int64{"2026-12-24 23:59:59": 70000, "2026-12-25 00:00:00": 100000} {
		fee, err := prices.CancellationFee("standard", true, sales.Adult, 767900, bought, departs, seoul(at))
		if err != nil || fee != want {
			t.Errorf("cancelled %s: %d, %v, want %d", at, fee, err, want)
		}
	}
}
