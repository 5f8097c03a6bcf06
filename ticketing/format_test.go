package ticketing

import (
	"testing"
	"time"
)

func TestWon(t *testing.T) {
	t.Parallel()
	for amount, want := range map[int64][2]string{
		0: {"0원", "₩0"}, 900: {"900원", "₩900"}, 9900: {"9,900원", "₩9,900"}, -9900: {"-9,900원", "-₩9,900"},
		123456789: {"123,456,789원", "₩123,456,789"}, -100: {"-100원", "-₩100"},
	} {
		if got := [2]string{Won(Korean, amount), Won(English, amount)}; got != want {
			t.Errorf("%d: %q", amount, got)
		}
	}
}

func TestDatesAndTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 24, 7, 5, 0, 0, zone(t, "Asia/Seoul"))
	for got, want := range map[string]string{
		DayClock(Korean, at):                   "12월 24일(목) 07:05",
		DayClock(English, at):                  "Thu 24 Dec 07:05",
		DayClock("fr", at):                     "12월 24일(목) 07:05",
		Date(Korean, at):                       "2026년 12월 24일(목)",
		Date(English, at):                      "Thu 24 Dec 2026",
		Duration(Korean, 70*time.Minute):       "1시간 10분",
		Duration(English, 70*time.Minute):      "1 h 10 min",
		Duration(English, 11*time.Hour):        "11 h",
		Duration(Korean, 45*time.Minute):       "45분",
		Zone(at):                               "UTC+9",
		Zone(at.In(zone(t, "Asia/Kolkata"))):   "UTC+5:30",
		Zone(at.In(zone(t, "America/Denver"))): "UTC-7",
		Zone(at.UTC()):                         "UTC+0",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDaysLater(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 12, 24, 23, 50, 0, 0, zone(t, "Asia/Seoul"))
	honolulu := zone(t, "Pacific/Honolulu")
	for _, c := range []struct {
		arrives time.Time
		want    int
	}{
		{evening.Add(5 * time.Minute), 0},
		{evening.Add(10 * time.Minute), 1},
		{evening.Add(9 * time.Hour).In(honolulu), 0},
		{evening.Add(-20 * time.Hour).In(honolulu), -1},
	} {
		if got := DaysLater(evening, c.arrives); got != c.want {
			t.Errorf("%s to %s: %d", evening, c.arrives, got)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	both, one := Text{"김포", "Gimpo"}, Text{Ko: "김포"}
	for i, got := range []string{both.In(Korean), both.In(English), both.Other(Korean), both.Other(English), one.In(English), one.Other(Korean)} {
		if want := []string{"김포", "Gimpo", "Gimpo", "김포", "김포", ""}[i]; got != want {
			t.Errorf("%d: %q", i, got)
		}
	}
}
