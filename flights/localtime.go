package flights

import (
	"fmt"
	"time"
)

// Clock is what a clock on the wall shows, hours and minutes.
type Clock struct{ Hour, Minute int }

// ParseClock reads "06:15".
func ParseClock(s string) (Clock, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return Clock{}, fmt.Errorf("flights: time %q: want hours and minutes such as 06:15", s)
	}
	return Clock{t.Hour(), t.Minute()}, nil
}

// String returns "06:15".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// At is the instant at which the clocks of a zone show c on day d.
//
// A time that the clocks skip when they are put forward is read with the offset from before the change, so
// that 02:30 becomes 03:30; a time that they show twice when they are put back means the first time. Both
// as in RFC 5545, section 3.3.5; time.Date promises neither.
func At(d Date, c Clock, zone *time.Location) time.Time {
	naive := time.Date(d.year, d.month, d.day, c.Hour, c.Minute, 0, 0, time.UTC)
	// No zone has changed its clocks twice within two days, so the offsets a day before and a day
	// after are the only candidates.
	before := offsetAt(naive.Add(-24*time.Hour), zone)
	after := offsetAt(naive.Add(24*time.Hour), zone)
	for _, offset := range []time.Duration{before, after} {
		if t := naive.Add(-offset); offsetAt(t, zone) == offset {
			return t.In(zone)
		}
	}
	return naive.Add(-before).In(zone)
}

// offsetAt is how far the clocks of a zone are ahead of UTC at an instant.
func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
