package ticketing

import (
	"fmt"
	"strconv"
	"time"
)

// Lang is the language of a document. Whatever is not English is Korean, the
// shop's first language.
type Lang string

// The languages that documents come in.
const (
	Korean  Lang = "ko"
	English Lang = "en"
)

// Text is something said in both languages.
type Text struct {
	Ko, En string
}

// In is the text in one language, or in the other where that one is empty.
func (t Text) In(lang Lang) string {
	if lang == English && t.En != "" || t.Ko == "" {
		return t.En
	}
	return t.Ko
}

// Other is the text in the language that lang is not, empty where In already
// gives it.
func (t Text) Other(lang Lang) string {
	other := English
	if lang == English {
		other = Korean
	}
	if s := t.In(other); s != t.In(lang) {
		return s
	}
	return ""
}

// Won writes an amount of whole won: 9,900원 or ₩9,900.
func Won(lang Lang, amount int64) string {
	sign := ""
	digits := strconv.FormatInt(amount, 10)
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if lang == English {
		return sign + "₩" + digits
	}
	return sign + digits + "원"
}

// Clock writes the time of day of t, in the zone that t carries: 07:05.
func Clock(t time.Time) string { return t.Format("15:04") }

// Day writes a date without its year: 12월 24일(목) or Thu 24 Dec.
func Day(lang Lang, t time.Time) string {
	if lang == English {
		return t.Format("Mon 2 Jan")
	}
	return fmt.Sprintf("%d월 %d일(%s)", t.Month(), t.Day(), koreanWeekday(t))
}

// Date writes a date with its year: 2026년 12월 24일(목) or Thu 24 Dec 2026.
func Date(lang Lang, t time.Time) string {
	if lang == English {
		return t.Format("Mon 2 Jan 2006")
	}
	return fmt.Sprintf("%d년 %s", t.Year(), Day(lang, t))
}

// DayClock writes a date without its year, and the time: 12월 24일(목) 07:05 or
// Thu 24 Dec 07:05.
func DayClock(lang Lang, t time.Time) string { return Day(lang, t) + " " + Clock(t) }

// Zone writes how far the zone of t is from Greenwich: UTC+9, UTC-3:30.
func Zone(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	if minutes := seconds / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%s%d:%02d", sign, seconds/3600, minutes)
	}
	return fmt.Sprintf("UTC%s%d", sign, seconds/3600)
}

// Duration writes hours and minutes: 1시간 10분 or 1 h 10 min.
func Duration(lang Lang, d time.Duration) string {
	hour, minute := "시간", "분"
	if lang == English {
		hour, minute = " h", " min"
	}
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return strconv.Itoa(minutes) + minute
	case minutes == 0:
		return strconv.Itoa(hours) + hour
	}
	return strconv.Itoa(hours) + hour + " " + strconv.Itoa(minutes) + minute
}

// DaysLater is how many calendar days the local date of arrival lies after the
// local date of departure: 1 for the "+1" on an overnight flight, -1 across the
// date line.
func DaysLater(departs, arrives time.Time) int {
	return int(midnightUTC(arrives).Sub(midnightUTC(departs)).Hours() / 24)
}

func midnightUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func koreanWeekday(t time.Time) string {
	return [...]string{"일", "월", "화", "수", "목", "금", "토"}[t.Weekday()]
}
