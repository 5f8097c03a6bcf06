package seed

import (
	"fmt"

	"pigonair/flights"
)

// Days ahead, counted from today.
const (
	demoDays  = 60
	largeDays = 540

	// saleFrom and saleUntil bound the flights of the demo's open sale, waitFrom and waitUntil those of
	// the sale in which everybody waits.
	saleFrom, saleUntil = 30, 37
	waitFrom, waitUntil = 40, 41
)

// plan says which days and flights a size has.
type plan struct {
	days []flights.Date
	has  func(flights.Departure) bool
}

func planOf(size Size, today flights.Date) (plan, error) {
	all := func(flights.Departure) bool { return true }
	switch size {
	case Small:
		return plan{days: smallDays(today), has: inSmall}, nil
	case Demo:
		return plan{days: daysFrom(today, 0, demoDays-1), has: all}, nil
	case Large:
		return plan{days: daysFrom(today, 0, largeDays-1), has: all}, nil
	}
	return plan{}, fmt.Errorf("%w, not %q", ErrSize, size)
}

// smallDays are the coming days, and one of each sale.
func smallDays(today flights.Date) []flights.Date {
	return append(daysFrom(today, 1, 6), today.AddDays(saleFrom), today.AddDays(waitFrom))
}

// inSmall keeps Gimpo and Jeju, and one pair of flights each with two aisles and with summer time.
func inSmall(d flights.Departure) bool {
	switch d.From.Code + d.To.Code {
	case "GMPCJU", "CJUGMP", "ICNJFK", "JFKICN", "ICNLHR", "LHRICN":
		return true
	}
	return false
}

func daysFrom(today flights.Date, first, last int) []flights.Date {
	var out []flights.Date
	for i := first; i <= last; i++ {
		out = append(out, today.AddDays(i))
	}
	return out
}
