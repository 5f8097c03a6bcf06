package flights

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PublicID names a departure to people and in URLs: flight number and local date at the origin, such as
// ZP101-20261224.
type PublicID struct {
	FlightNo string // carrier and number, such as ZP101
	Date     Date   // local date of departure
}

// dateDigits is the length of the date in a public id.
const dateDigits = 8

// ParsePublicID reads "ZP101-20261224"; anything else is ErrNotFound, because such a flight cannot exist. Every
// hold reads several, so it goes by hand rather than by regular expression.
func ParsePublicID(s string) (PublicID, error) {
	number, date, found := strings.Cut(s, "-")
	if !found || !isFlightNo(number) || len(date) != dateDigits || !allDigits(date) {
		return PublicID{}, fmt.Errorf("flight %q: %w", s, ErrNotFound)
	}
	digits, _ := strconv.Atoi(date) // eight digits always are a number
	day := NewDate(digits/10000, time.Month(digits/100%100), digits%100)
	if day.year != digits/10000 || int(day.month) != digits/100%100 || day.day != digits%100 {
		return PublicID{}, fmt.Errorf("flight %q: %w", s, ErrNotFound)
	}
	return PublicID{FlightNo: number, Date: day}, nil
}

// isFlightNo tells whether s is a carrier's two letters or digits and a number of at most four digits.
func isFlightNo(s string) bool {
	if len(s) < 3 || len(s) > 6 {
		return false
	}
	for _, c := range []byte(s[:2]) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s[2] != '0' && allDigits(s[2:])
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// String returns "ZP101-20261224".
func (p PublicID) String() string { return p.FlightNo + "-" + p.Date.Compact() }

// Number is the flight number without its carrier, 101 for ZP101; 0 for a flight number without one.
func (p PublicID) Number() int {
	if len(p.FlightNo) < 3 {
		return 0
	}
	n, err := strconv.Atoi(p.FlightNo[2:])
	if err != nil {
		return 0
	}
	return n
}

// RowID is the primary key of the departure's row: the date's digits followed by the four digits of the
// number, so that whoever seeds the same departure writes the same row.
func (p PublicID) RowID() int64 {
	d := int64(p.Date.year)*10000 + int64(p.Date.month)*100 + int64(p.Date.day)
	return d*10000 + int64(p.Number())
}
