package flights_test

import (
	"testing"
	"time"

	"pigonair/flights"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAtFollowsTheRulesOfTheZone(t *testing.T) {
	for _, c := range []struct{ why, zone, date, clock, utc string }{
		{"no summer time", "Asia/Seoul", "2026-12-24", "06:15", "2026-12-23T21:15:00Z"},
		{"winter in New York", "America/New_York", "2026-12-24", "13:30", "2026-12-24T18:30:00Z"},
		{"summer in New York", "America/New_York", "2026-07-24", "13:30", "2026-07-24T17:30:00Z"},
		{"day of the change, after it", "America/New_York", "2027-03-14", "13:30", "2027-03-14T17:30:00Z"},
		{"day of the change, before it", "America/New_York", "2027-03-14", "01:59", "2027-03-14T06:59:00Z"},
		{"skipped hour, read as an hour later", "America/New_York", "2027-03-14", "02:30", "2027-03-14T07:30:00Z"},
		{"hour that comes twice, the first", "America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"},
		{"after the hour that comes twice", "America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		{"London, skipped", "Europe/London", "2027-03-28", "01:30", "2027-03-28T01:30:00Z"},
		{"London, twice", "Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30:00Z"},
		{"London, the last minute of summer time", "Europe/London", "2026-10-25", "01:59", "2026-10-25T00:59:00Z"},
		{"Sydney, skipped", "Australia/Sydney", "2026-10-04", "02:30", "2026-10-03T16:30:00Z"},
		{"Sydney, twice", "Australia/Sydney", "2027-04-04", "02:30", "2027-04-03T15:30:00Z"},
		{"Sydney, southern summer", "Australia/Sydney", "2026-12-24", "08:30", "2026-12-23T21:30:00Z"},
		{"half an hour forward on Lord Howe", "Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-03T15:40:00Z"},
	} {
		d, err := flights.ParseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		clock, err := flights.ParseClock(c.clock)
		if err != nil {
			t.Fatal(err)
		}
		if got := flights.At(d, clock, zone(t, c.zone)).UTC().Format(time.RFC3339); got != c.utc {
			t.Errorf("%s: %s %s in %s is %s, want %s", c.why, c.date, c.clock, c.zone, got, c.utc)
		}
	}
}

func TestAtIsWhatTheClocksShow(t *testing.T) {
	ny := zone(t, "America/New_York")
	for d := flights.NewDate(2026, 1, 1); d.Year() == 2026; d = d.AddDays(1) {
		for _, c := range []flights.Clock{{Hour: 0}, {Hour: 6, Minute: 15}, {Hour: 23, Minute: 59}} {
			at := flights.At(d, c, ny)
			if flights.DateOf(at) != d || at.Hour() != c.Hour || at.Minute() != c.Minute {
				t.Fatalf("%s %s became %s", d, c, at)
			}
		}
	}
}

func TestParseClockRefuses(t *testing.T) {
	for _, s := range []string{"", "6:15", "24:00", "12:60", "12:5", "noon", "06:15:00"} {
		if _, err := flights.ParseClock(s); err == nil {
			t.Errorf("ParseClock(%q) was taken", s)
		}
	}
}

func TestDate(t *testing.T) {
	d, err := flights.ParseDate("2026-12-24")
	if err != nil {
		t.Fatal(err)
	}
	if d.String() != "2026-12-24" || d.Compact() != "20261224" || d.Weekday() != time.Thursday {
		t.Errorf("got %s %s %s", d, d.Compact(), d.Weekday())
	}
	if next := d.AddDays(8); next.String() != "2027-01-01" || next.Sub(d) != 8 || !d.Before(next) {
		t.Errorf("8 days after %s: %s", d, next)
	}
	for _, s := range []string{"", "2026-02-30", "24.12.2026", "2026-1-1", "20261224"} {
		if _, err := flights.ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) was taken", s)
		}
	}
	// Clocks in Cuba go from 23:59 to 01:00 on the Sunday of the change.
	if start := flights.NewDate(2026, 3, 8).Start(zone(t, "America/Havana")); start.Hour() != 1 {
		t.Errorf("the day starts at %s", start)
	}
}

func TestSeason(t *testing.T) {
	for date, want := range map[string]flights.Season{
		"2026-03-28": flights.Winter, "2026-03-29": flights.Summer,
		"2026-10-24": flights.Summer, "2026-10-25": flights.Winter, "2027-01-01": flights.Winter,
	} {
		d, err := flights.ParseDate(date)
		if err != nil {
			t.Fatal(err)
		}
		if got := flights.SeasonOf(d); got != want {
			t.Errorf("%s belongs to %s, want %s", date, got, want)
		}
	}
}

func TestPublicID(t *testing.T) {
	id, err := flights.ParsePublicID("ZP101-20261224")
	if err != nil {
		t.Fatal(err)
	}
	if id.String() != "ZP101-20261224" || id.Number() != 101 || id.RowID() != 202612240101 {
		t.Errorf("got %s, number %d, row %d", id, id.Number(), id.RowID())
	}
	for _, s := range []string{"", "ZP101", "ZP101-2026122", "ZP101-20261324", "ZP0-20261224", "zp101-20261224",
		"ZP10101-20261224", "ZP101-20261224 ", "ZP101-20261224\n", "ZP-101-20261224"} {
		if _, err := flights.ParsePublicID(s); err == nil {
			t.Errorf("ParsePublicID(%q) was taken", s)
		}
	}
}
