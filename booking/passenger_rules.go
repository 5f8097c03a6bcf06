package booking

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxName is the longest part of a name, in characters.
const maxName = 200

// NameFault says what is wrong with a part of a name.
type NameFault int

// What can be wrong with a name.
const (
	NameFine NameFault = iota
	NameMissing
	NameScript // neither Hangul nor Latin, on a domestic ticket
	NameLatin  // not Latin, on an international ticket
)

// CleanName is a name as it is stored: one Unicode form, single spaces, nothing invisible, Latin in capitals.
func CleanName(typed string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFC.String(typed))
	return strings.ToUpper(strings.Join(strings.Fields(visible), " "))
}

// CheckName tells whether a cleaned name can stand on a ticket: Hangul or Latin as on the identity card, Latin as
// in the passport on international flights.
func CheckName(name string, international bool) NameFault {
	switch {
	case name == "" || len([]rune(name)) > maxName:
		return NameMissing
	case international && !all(name, isLatin):
		return NameLatin
	case !all(name, isLatin) && !all(name, isHangul):
		return NameScript
	}
	return NameFine
}

func all(name string, in func(rune) bool) bool {
	letters := 0
	for _, r := range name {
		if strings.ContainsRune(" -'.", r) {
			continue
		}
		if !in(r) {
			return false
		}
		letters++
	}
	return letters > 0
}

func isLatin(r rune) bool { return unicode.Is(unicode.Latin, r) }

func isHangul(r rune) bool { return unicode.Is(unicode.Hangul, r) }

// ParseBirth reads 19900517 or 1990-05-17 as a date in the past; false for anything else.
func ParseBirth(typed string, today time.Time) (time.Time, bool) {
	digits := strings.NewReplacer("-", "", ".", "", "/", "", " ", "").Replace(typed)
	date, err := time.Parse("20060102", digits)
	if err != nil || date.After(today) || date.Year() < today.Year()-130 {
		return time.Time{}, false
	}
	return date, true
}

// AgeOn is the age in whole years on a day.
func AgeOn(birth, day time.Time) int {
	age := day.Year() - birth.Year()
	if day.Month() < birth.Month() || (day.Month() == birth.Month() && day.Day() < birth.Day()) {
		age--
	}
	return age
}
