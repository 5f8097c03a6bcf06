package sales_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pigonair/sales"
)

func tariff(t *testing.T) *sales.Tariff {
	t.Helper()
	tariff, err := sales.LoadTariff()
	if err != nil {
		t.Fatal(err)
	}
	return tariff
}

func seoul(s string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, time.FixedZone("KST", 9*60*60))
	if err != nil {
		panic(err)
	}
	return at
}

func TestFaresFollowTheRule(t *testing.T) {
	tr := tariff(t)
	base := func(at, code string, draw int) int64 {
		t.Helper()
		fares, err := tr.Fares("GMP", "CJU", "economy", seoul(at), draw)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fares {
			if f.Code == code {
				return f.Base
			}
		}
		return -1
	}
	for _, c := range []struct {
		why, at, code string
		draw          int
		want          int64
	}{
		{"Monday at noon: 45,000 × 0.95", "2026-11-23 12:00:00", "standard", 0, 42900},
		{"Tuesday, early: 45,000 × 0.85 × 0.9", "2026-11-24 06:15:00", "standard", 0, 34900},
		{"× 1.6; of two as near the higher", "2026-11-23 12:00:00", "flexible", 0, 68900},
		{"× 0.24", "2026-11-23 12:00:00", "special", 59, 9900},
		{"not on every flight", "2026-11-23 12:00:00", "special", 60, -1},
		{"New Year costs more: Friday × 1.35", "2027-01-01 12:00:00", "standard", 0, 72900},
		{"no special fares then", "2027-01-01 12:00:00", "special", 0, -1},
		{"the day after: Monday", "2027-01-04 12:00:00", "standard", 0, 42900},
		{"the dearer of two seasons", "2026-09-25 12:00:00", "standard", 0, 86900},
		{"that season does not come again", "2027-09-24 12:00:00", "standard", 0, 53900},
	} {
		if got := base(c.at, c.code, c.draw); got != c.want {
			t.Errorf("%s: %s on %s costs %d, want %d", c.why, c.code, c.at, got, c.want)
		}
	}
	back, err := tr.Fares("CJU", "GMP", "business", seoul("2026-11-23 12:00:00"), 0)
	if err != nil || len(back) != 1 || back[0].Base != 92900 || back[0].Quota.Limited {
		t.Errorf("business on the way back: %+v, %v", back, err)
	}
	if _, err := tr.Fares("GMP", "JFK", "economy", seoul("2026-11-23 12:00:00"), 0); !errors.Is(err, sales.ErrNoPrice) {
		t.Errorf("a route without reference fare: %v", err)
	}
}

func TestParseTariffSaysWhatIsWrong(t *testing.T) {
	whole := func(old, new string) string {
		text := dataFile(t)
		if !strings.Contains(text, old) {
			t.Fatalf("the data file has no %q", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	for name, c := range map[string]struct{ text, fault string }{
		"unknown key": {whole("share = 60", "chare = 60"), "unknown key"},
		"name":        {whole(`en = "Special"`, `en = ""`), "Korean and English"},
		"factor":      {whole("factor = 0.24", "factor = 0.0"), "factor above 0"},
		"weekday":     {whole("monday = 0.95", ""), "weekday monday"},
		"hour":        {whole("from = 0\n", "from = 1\n"), "count from 0"},
		"season":      {whole(`from = "07-18"`, `from = "18 July"`), "want two days"},
		"fuel day":    {whole(`from = "2026-11-01"`, `from = "November"`), "such as 2026-11-01"},
		"fuel band":   {whole("domestic = 17700, ", ""), "no amount for band domestic"},
		"fees":        {whole(`product = "first"`, `product = "last"`), "product first: no fees"},
		"fee days":    {whole("31 = 5000", "soon = 5000"), "soon = 5000"},
		"no-show":     {whole(", -1 = 30000", ""), "entries for 0 and -1 are needed"},
		"passengers":  {whole("[[passenger]]\ninternational = true", "[[passenger]]\ninternational = false"), "one for international"},
	} {
		if _, err := sales.ParseTariff(c.text); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want a fault with %q", name, err, c.fault)
		}
	}
}
