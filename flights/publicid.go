package flights

import (
	"fmt"
	"regexp"
	"strconv"
)

// PublicID names a departure to people and in URLs: flight number and local date at the origin, such as
// ZP101-20261224.
type PublicID struct {
	FlightNo string // carrier and number, such as ZP101
	Date     Date   // local date of departure
}

var publicID = regexp.MustCompile(`^([A-Z0-9]{2}[1-9][0-9]{0,3})-([0-9]{4})([0-9]{2})([0-9]{2})$`)

// ParsePublicID reads "ZP101-20261224"; anything else is ErrNotFound, because such a flight cannot exist.
func ParsePublicID(s string) (PublicID, error) {
	m := publicID.FindStringSubmatch(s)
	if m == nil {
		return PublicID{}, fmt.Errorf("flight %q: %w", s, ErrNotFound)
	}
	date, err := ParseDate(m[2] + "-" + m[3] + "-" + m[4])
	if err != nil {
		return PublicID{}, fmt.Errorf("flight %q: %w", s, ErrNotFound)
	}
	return PublicID{FlightNo: m[1], Date: date}, nil
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
