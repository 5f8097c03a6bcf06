package flights

import (
	"sort"
	"time"
)

// Network is the timetable: which flight numbers operate on which days. It never changes.
type Network struct {
	carrier  string
	services []service
}

// service is a flight number with the days on which it operates.
type service struct {
	number   int
	from, to Airport
	departs  Clock // local at the origin
	days     daySet
	block    time.Duration
	layout   string
	season   Season
	first    Date // zero: no first day
	last     Date // zero: no last day
}

// daySet has bit 1<<weekday for each day of operation.
type daySet uint8

const everyDay daySet = 1<<7 - 1

func (s daySet) has(d time.Weekday) bool { return s&(1<<d) != 0 }

// Departure is one flight of one day as the timetable has it.
type Departure struct {
	FlightNo      string // carrier and number
	Date          Date   // local date at the origin
	From, To      Airport
	Departs       time.Time // in the origin's zone
	Arrives       time.Time // in the destination's zone
	Layout        string    // code of the cabin layout
	International bool
}

// PublicID is the departure's public name.
func (d Departure) PublicID() PublicID { return PublicID{FlightNo: d.FlightNo, Date: d.Date} }

// FlightsOn returns the departures of one local date, ordered by flight number.
func (n *Network) FlightsOn(date Date) []Departure {
	var out []Departure
	for _, s := range n.services {
		if s.operatesOn(date) {
			out = append(out, n.departure(s, date))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].PublicID().Number() < out[j].PublicID().Number() })
	return out
}

// Routes returns the pairs of airports between which there are flights, each once, in the order of the
// data file: origin, destination.
func (n *Network) Routes() [][2]string {
	seen := map[[2]string]bool{}
	var out [][2]string
	for _, s := range n.services {
		r := [2]string{s.from.Code, s.to.Code}
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

func (s service) operatesOn(d Date) bool {
	return s.days.has(d.Weekday()) &&
		(s.season == AllYear || s.season == SeasonOf(d)) &&
		(s.first.IsZero() || !d.Before(s.first)) &&
		(s.last.IsZero() || !s.last.Before(d))
}

func (n *Network) departure(s service, date Date) Departure {
	leaves := At(date, s.departs, s.from.Zone)
	return Departure{
		FlightNo:      flightNo(n.carrier, s.number),
		Date:          date,
		From:          s.from,
		To:            s.to,
		Departs:       leaves,
		Arrives:       leaves.Add(s.block).In(s.to.Zone),
		Layout:        s.layout,
		International: s.from.Country != s.to.Country,
	}
}
