package flights

import "time"

// Season is half a year of the timetable, as the airlines of IATA divide it: summer from the last Sunday
// of March to the Saturday before the last Sunday of October, winter the rest.
type Season string

// The seasons; AllYear is no restriction.
const (
	AllYear Season = ""
	Summer  Season = "summer"
	Winter  Season = "winter"
)

// SeasonOf is the season that a day belongs to.
func SeasonOf(d Date) Season {
	if d.Before(lastSunday(d.year, time.March)) || !d.Before(lastSunday(d.year, time.October)) {
		return Winter
	}
	return Summer
}

func lastSunday(year int, month time.Month) Date {
	last := NewDate(year, month+1, 0)
	return last.AddDays(-int(last.Weekday()))
}
