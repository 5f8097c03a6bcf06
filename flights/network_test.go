package flights_test

import (
	"strings"
	"testing"
	"time"

	"pigonair/flights"
)

func network(t *testing.T) *flights.Network {
	t.Helper()
	n, err := flights.LoadNetwork("ZP", airports(t), layouts(t))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNetworkIsThatOfACarrier(t *testing.T) {
	n := network(t)
	start := flights.NewDate(2026, 11, 23)
	total := 0
	for i := range 60 {
		day := n.FlightsOn(start.AddDays(i))
		total += len(day)
		there, back := 0, 0
		for _, d := range day {
			switch d.From.Code + d.To.Code {
			case "GMPCJU":
				there++
			case "CJUGMP":
				back++
			}
		}
		if there < 10 || back < 10 {
			t.Errorf("%s: %d flights from Gimpo to Jeju, %d back; want 10 each", start.AddDays(i), there, back)
		}
	}
	if total < 5500 || total > 6500 {
		t.Errorf("%d flights in 60 days, want about 6,000", total)
	}
}

func TestDeparturesAreSound(t *testing.T) {
	n := network(t)
	all := layouts(t)
	for i := range 370 {
		date := flights.NewDate(2026, 11, 23).AddDays(i)
		seen := map[string]bool{}
		for _, d := range n.FlightsOn(date) {
			if seen[d.FlightNo] || flights.DateOf(d.Departs) != date || !d.Departs.Before(d.Arrives) {
				t.Errorf("%+v", d)
			}
			seen[d.FlightNo] = true
			if _, err := all.Find(d.Layout); err != nil {
				t.Error(err)
			}
			// Gimpo is closed from 23:00 to 06:00.
			night := func(at time.Time) bool { return at.Hour() >= 23 || at.Hour() < 6 }
			if d.From.Code == "GMP" && night(d.Departs) || d.To.Code == "GMP" && night(d.Arrives) {
				t.Errorf("%s is at Gimpo by night: %s to %s", d.PublicID(), d.Departs, d.Arrives)
			}
		}
	}
}

// Whoever flies there must be able to come back, and an aircraft cannot fly faster than about 1,000 km/h.
func TestRoutesAreFlyable(t *testing.T) {
	n, a := network(t), airports(t)
	routes := map[[2]string]bool{}
	for _, r := range n.Routes() {
		routes[r] = true
	}
	for r := range routes {
		if !routes[[2]string{r[1], r[0]}] {
			t.Errorf("there is no way back from %s to %s", r[1], r[0])
		}
	}
	for i := range 7 {
		for _, d := range n.FlightsOn(flights.NewDate(2026, 11, 23).AddDays(i)) {
			km, err := a.DistanceKm(d.From.Code, d.To.Code)
			if err != nil {
				t.Fatal(err)
			}
			hours := d.Arrives.Sub(d.Departs).Hours()
			if speed := float64(km) / hours; speed > 1000 || speed < 150 {
				t.Errorf("%s flies %d km in %.1f hours", d.PublicID(), km, hours)
			}
		}
	}
}

func TestLocalTimesAcrossTheSummerTime(t *testing.T) {
	n := network(t)
	at := func(number string, date flights.Date) flights.Departure {
		for _, d := range n.FlightsOn(date) {
			if d.FlightNo == number {
				return d
			}
		}
		t.Fatalf("%s does not fly on %s", number, date)
		return flights.Departure{}
	}
	winter := at("ZP902", flights.NewDate(2027, 3, 13))
	summer := at("ZP902", flights.NewDate(2027, 3, 14))
	if winter.Departs.Hour() != 13 || summer.Departs.Hour() != 13 {
		t.Errorf("leaves New York at %s and %s", winter.Departs, summer.Departs)
	}
	if apart := summer.Departs.Sub(winter.Departs); apart != 23*time.Hour {
		t.Errorf("the two departures are %s apart, want 23h", apart)
	}
	if got := winter.Arrives.Format("01-02 15:04 -0700"); got != "03-14 18:50 +0900" {
		t.Errorf("arrives at %s", got)
	}
	if !winter.International || winter.PublicID().String() != "ZP902-20270313" {
		t.Errorf("%+v", winter)
	}
}

func TestParseNetworkSaysWhatIsWrong(t *testing.T) {
	a, l := airports(t), layouts(t)
	route := func(flights string) string {
		return "[[route]]\nfrom='GMP'\nto='CJU'\nblock='1h10m'\nlayout='b738'\nflights=[" + flights + "]\n"
	}
	for name, c := range map[string]struct{ text, fault string }{
		"airport":     {strings.Replace(route("'101 06:15 daily'"), "GMP", "XXX", 1), `airport "XXX"`},
		"block":       {strings.Replace(route("'101 06:15 daily'"), "1h10m", "70", 1), "such as 1h10m"},
		"layout":      {route("'101 06:15 daily layout=zeppelin'"), `layout "zeppelin"`},
		"number":      {route("'10101 06:15 daily'"), "want 1 to 9999"},
		"time":        {route("'101 6:15 daily'"), "such as 06:15"},
		"days":        {route("'101 06:15 08'"), "digits from 1"},
		"day twice":   {route("'101 06:15 11'"), "twice"},
		"season":      {route("'101 06:15 daily season=spring'"), "summer or winter"},
		"option":      {route("'101 06:15 daily colour=red'"), "unknown option"},
		"date":        {route("'101 06:15 daily from=tomorrow'"), "such as 2026-12-24"},
		"short":       {route("'101 06:15'"), "number, time and days"},
		"twice":       {route("'101 06:15 12','101 07:15 23'"), "flight 101 stands twice on one day"},
		"dates meet":  {route("'101 06:15 daily until=2026-12-01','101 07:15 daily from=2026-12-01'"), "twice on one day"},
		"unknown key": {route("") + "colour='red'", "unknown key"},
	} {
		if _, err := flights.ParseNetwork(c.text, "ZP", a, l); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want a fault with %q", name, err, c.fault)
		}
	}
	if _, err := flights.ParseNetwork(route(""), "PIGON", a, l); err == nil {
		t.Error("carrier PIGON was taken")
	}
	apart := route("'101 06:15 daily until=2026-11-30','101 07:15 daily from=2026-12-01','102 06:15 12','102 07:15 34'")
	n, err := flights.ParseNetwork(apart, "ZP", a, l)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.FlightsOn(flights.NewDate(2026, 12, 1))[0].Departs.Hour(); got != 7 {
		t.Errorf("101 leaves at %d on the first day of its new time", got)
	}
}
