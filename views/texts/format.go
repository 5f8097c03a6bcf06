package texts

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Won writes an amount of won: 9,900원 or ₩9,900.
func Won(ctx context.Context, amount int64) string {
	sign := ""
	if amount < 0 {
		sign = "-"
	}
	return from(ctx).text("format.won", []any{"sign", sign, "amount", strings.TrimPrefix(grouped(amount), "-")})
}

// Count writes a number with separators: 8,140.
func Count(_ context.Context, n int64) string { return grouped(n) }

// Date writes day and weekday: 12월 24일(목) or Thu 24 Dec. Like all formats
// of times it takes t in the zone in which it is to be read, as a rule the
// airport's.
func Date(ctx context.Context, t time.Time) string { return from(ctx).date("format.date", t) }

// LongDate is Date with the year: 2026년 12월 24일(목) or Thu 24 Dec 2026.
func LongDate(ctx context.Context, t time.Time) string { return from(ctx).date("format.longdate", t) }

// ShortDate is Date for narrow places: 12/24 (목) or Thu 24 Dec.
func ShortDate(ctx context.Context, t time.Time) string {
	return from(ctx).date("format.shortdate", t)
}

// Month writes month and year: 2026년 12월 or Dec 2026.
func Month(ctx context.Context, t time.Time) string { return from(ctx).date("format.month", t) }

// Weekday writes the short name of a weekday: 목 or Thu.
func Weekday(ctx context.Context, d time.Weekday) string { return from(ctx).weekdays[d] }

// Clock writes the time of day: 07:05.
func Clock(_ context.Context, t time.Time) string { return t.Format("15:04") }

// DateTime writes 12월 24일(목) 07:05 or Thu 24 Dec, 07:05.
func DateTime(ctx context.Context, t time.Time) string { return from(ctx).date("format.datetime", t) }

// LongDateTime is DateTime with the year.
func LongDateTime(ctx context.Context, t time.Time) string {
	return from(ctx).date("format.longdatetime", t)
}

// Duration writes a length of time to the minute, 1시간 10분 or 1 h 10 min,
// and below a minute in seconds. Negative lengths count as none.
func Duration(ctx context.Context, d time.Duration) string {
	d = max(d, 0)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())
	pairs := []any{"hours", hours, "minutes", minutes, "seconds", seconds}
	switch {
	case d < time.Minute:
		return from(ctx).text("format.seconds", pairs)
	case hours == 0:
		return from(ctx).text("format.minutes", pairs)
	case minutes == 0:
		return from(ctx).text("format.hours", pairs)
	}
	return from(ctx).text("format.hoursminutes", pairs)
}

// Left writes what remains of a countdown as a clock: 12:41 or 1:02:03.
func Left(seconds int) string {
	seconds = max(seconds, 0)
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	if h > 0 {
		return strconv.Itoa(h) + ":" + twoDigits(m) + ":" + twoDigits(s)
	}
	return strconv.Itoa(m) + ":" + twoDigits(s)
}

func (l *locale) date(key string, t time.Time) string {
	year, month, day := t.Date()
	return l.text(key, []any{
		"year", strconv.Itoa(year),
		"month", strconv.Itoa(int(month)),
		"monthname", l.months[month-1],
		"day", strconv.Itoa(day),
		"weekday", l.weekdays[t.Weekday()],
		"clock", t.Format("15:04"),
	})
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// grouped writes n with a comma before every third digit from the end.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
