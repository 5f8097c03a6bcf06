package ticketing

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// unfold reads content lines back (RFC 5545, 3.1).
func unfold(t *testing.T, file []byte) []string {
	t.Helper()
	for _, l := range strings.Split(string(file), "\r\n") {
		if len(l) > 75 || strings.ContainsAny(l, "\r\n") || !utf8.ValidString(l) {
			t.Errorf("line of %d octets: %q", len(l), l)
		}
	}
	if !bytes.HasSuffix(file, []byte("\r\n")) {
		t.Error("the last line has no end")
	}
	whole := strings.ReplaceAll(string(file), "\r\n ", "")
	return strings.Split(strings.TrimSuffix(whole, "\r\n"), "\r\n")
}

func makeCalendar(t *testing.T, lang Lang, ticket Ticket) []string {
	t.Helper()
	file, err := newDocuments(t).Calendar(lang, ticket, links())
	if err != nil {
		t.Fatal(err)
	}
	return unfold(t, file)
}

func contains(lines []string, want string) bool {
	for _, l := range lines {
		if l == want {
			return true
		}
	}
	return false
}

func TestCalendarSaysWhenAndWhere(t *testing.T) {
	t.Parallel()
	lines := makeCalendar(t, Korean, domestic(t))
	for _, want := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "UID:k7m2qx-1@pigonair.test", "SEQUENCE:0", "STATUS:CONFIRMED",
		"DTSTAMP:20261201T012949Z", "DTSTART:20261223T211500Z", "DTEND:20261223T222500Z",
		"SUMMARY:ZP101 김포 → 제주", "LOCATION:김포국제공항 (GMP)", "URL:https://pigonair.test/bookings/K7M2QX",
		`DESCRIPTION:예약번호 K7M2QX\n좌석 7A\, 7B\n체크인 시작 12월 23일(수) 06:15`, "END:VCALENDAR",
	} {
		if !contains(lines, want) {
			t.Errorf("no line %q in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func TestCalendarTakesCancelledFlightsBack(t *testing.T) {
	t.Parallel()
	ticket := abroad(t)
	before := makeCalendar(t, English, ticket)
	ticket.Status, ticket.Revision = Cancelled, 3
	after := makeCalendar(t, English, ticket)
	for _, uid := range []string{"UID:k7m2qx-1@pigonair.test", "UID:k7m2qx-2@pigonair.test"} {
		if !contains(before, uid) || !contains(after, uid) {
			t.Errorf("%s does not stay", uid)
		}
	}
	if !contains(after, "STATUS:CANCELLED") || contains(after, "STATUS:CONFIRMED") || !contains(after, "SEQUENCE:3") {
		t.Errorf("not taken back:\n%s", strings.Join(after, "\n"))
	}
}

func TestCalendarKeepsAnyTextInItsLine(t *testing.T) {
	t.Parallel()
	d := newDocuments(t)
	ticket := domestic(t)
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.String().Draw(r, "name")
		ticket.Legs[0].From.Name = Text{Ko: "x" + name}
		file, err := d.Calendar(Korean, ticket, Links{})
		if err != nil {
			r.Fatal(err)
		}
		lines := unfold(t, file)
		if len(lines) != 19-1 {
			r.Fatalf("%d lines:\n%s", len(lines), file)
		}
		for _, l := range lines {
			if strings.ContainsFunc(l, func(c rune) bool { return c < ' ' }) {
				r.Fatalf("control character in %q", l)
			}
		}
	})
}
