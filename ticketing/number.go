package ticketing

import (
	"errors"
	"fmt"
	"strings"
)

const (
	prefixLength = 3
	serialLength = 9
	numberLength = prefixLength + serialLength + 1
	maxSerial    = 999_999_999
)

// Errors of ticket numbers.
var (
	// ErrNumber says that a text is no ticket number, or that its check digit
	// is wrong.
	ErrNumber = errors.New("ticketing: not a ticket number")
	// ErrPrefix says that an airline's ticket prefix is not three digits.
	ErrPrefix = errors.New("ticketing: ticket prefix must be three digits")
	// ErrSerial says that a serial number lies outside 0 to 999,999,999.
	ErrSerial = errors.New("ticketing: serial number out of range")
)

// Number is a ticket number: 13 digits, of which 3 are the airline's prefix, 9 a
// serial number and the last is the check digit, the remainder of the first
// twelve, read as one number, divided by 7 (the modulus-7 rule that airlines
// have for their documents). The zero value is no ticket.
//
// The check digit finds every single wrong digit and every exchange of two
// neighbours, save where the two differ by 7 (0 and 7, 1 and 8, 2 and 9).
type Number struct {
	digits string
}

// NewNumber makes the number of the serial-th ticket of an airline. Its errors
// are ErrPrefix and ErrSerial.
func NewNumber(prefix string, serial int64) (Number, error) {
	if len(prefix) != prefixLength || !allDigits(prefix) {
		return Number{}, fmt.Errorf("%w: %q", ErrPrefix, prefix)
	}
	if serial < 0 || serial > maxSerial {
		return Number{}, fmt.Errorf("%w: %d", ErrSerial, serial)
	}
	digits := fmt.Sprintf("%s%0*d", prefix, serialLength, serial)
	return Number{digits: digits + string(checkDigit(digits))}, nil
}

// ParseNumber reads a ticket number with or without hyphens and spaces. A wrong
// length, other characters or a wrong check digit give ErrNumber.
func ParseNumber(text string) (Number, error) {
	digits := strings.NewReplacer("-", "", " ", "").Replace(text)
	if len(digits) != numberLength || !allDigits(digits) {
		return Number{}, ErrNumber
	}
	if digits[numberLength-1] != checkDigit(digits[:numberLength-1]) {
		return Number{}, ErrNumber
	}
	return Number{digits: digits}, nil
}

// Digits is the number without hyphens, as it is stored; empty for no ticket.
func (n Number) Digits() string { return n.digits }

// String is the number as it is printed, such as 990-261224000-1.
func (n Number) String() string {
	if n.digits == "" {
		return ""
	}
	return n.digits[:prefixLength] + "-" + n.digits[prefixLength:numberLength-1] + "-" + n.digits[numberLength-1:]
}

func checkDigit(digits string) byte {
	rest := 0
	for _, d := range []byte(digits) {
		rest = (rest*10 + int(d-'0')) % 7
	}
	return byte('0' + rest)
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
