package flights

import (
	"fmt"
	"strconv"
	"time"
)

// Date is a day of the calendar at some place; it has no zone of its own. The zero Date is no day.
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate returns a day; months and days beyond their range carry over, as with time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf is the day that a calendar shows at t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-12-24".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("flights: date %q: want a day such as 2026-12-24", s)
	}
	return DateOf(t), nil
}

// String returns "2026-12-24".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.year, int(d.month), d.day) }

// Compact returns "20261224".
func (d Date) Compact() string {
	number := strconv.Itoa(d.year*10000 + int(d.month)*100 + d.day)
	return "00000000"[:max(0, dateDigits-len(number))] + number
}

// IsZero tells whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// AddDays is the day n days after d, before it when n is negative.
func (d Date) AddDays(n int) Date { return NewDate(d.year, d.month, d.day+n) }

// Sub is the number of days from e to d.
func (d Date) Sub(e Date) int { return int(d.UTC().Sub(e.UTC()) / (24 * time.Hour)) }

// Before tells whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.UTC().Before(e.UTC()) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.UTC().Weekday() }

// UTC is midnight UTC of the day, the form in which a DATE column travels.
func (d Date) UTC() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC) }

// Start is the first instant of the day at a place. Where the clocks are put forward at midnight the day
// starts later than 00:00.
func (d Date) Start(zone *time.Location) time.Time {
	return At(d, Clock{}, zone)
}

// Year is the year of the date.
func (d Date) Year() int { return d.year }

// Month is the month of the date.
func (d Date) Month() time.Month { return d.month }

// Day is the day of the month.
func (d Date) Day() int { return d.day }
