package ticketing

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is the journey as a calendar file (iCalendar, RFC 5545), one event a
// leg. An event keeps its UID for the booking's life and grows in SEQUENCE with
// the ticket's revision, so that a later file replaces an earlier one; a
// cancelled ticket takes its events back. The error is ErrWords.
func (d *Documents) Calendar(lang Lang, t Ticket, links Links) ([]byte, error) {
	v := d.voice(lang)
	c := &calendar{}
	c.add("BEGIN", "VCALENDAR")
	c.add("VERSION", "2.0")
	c.add("PRODID", "-//PigonAir//Tickets//EN")
	c.add("CALSCALE", "GREGORIAN")
	c.add("METHOD", "PUBLISH")
	for i, leg := range t.Legs {
		c.event(v, t, i, leg, fmt.Sprintf("%s-%d@%s", strings.ToLower(t.Reference), i+1, d.host), links.Booking)
	}
	c.add("END", "VCALENDAR")
	return []byte(c.out.String()), v.err
}

type calendar struct {
	out strings.Builder
}

func (c *calendar) event(v *voice, t Ticket, index int, leg Leg, uid, address string) {
	status := "CONFIRMED"
	if t.Status == Cancelled {
		status = "CANCELLED"
	}
	c.add("BEGIN", "VEVENT")
	c.add("UID", uid)
	c.add("SEQUENCE", fmt.Sprint(t.Revision))
	c.add("STATUS", status)
	c.add("DTSTAMP", utc(t.IssuedAt))
	c.add("DTSTART", utc(leg.Departs))
	c.add("DTEND", utc(leg.Arrives))
	summary := v.say("calendar.summary", "flight", leg.Flight, "from", leg.From.City.In(v.lang), "to", leg.To.City.In(v.lang))
	c.add("SUMMARY", escapeText(summary))
	c.add("LOCATION", escapeText(leg.From.Name.In(v.lang)+" ("+leg.From.Code+")"))
	c.add("DESCRIPTION", escapeText(describe(v, t, index, leg)))
	if address != "" {
		c.add("URL", address)
	}
	c.add("TRANSP", "OPAQUE")
	c.add("END", "VEVENT")
}

func describe(v *voice, t Ticket, index int, leg Leg) string {
	var seats []string
	for _, p := range t.Passengers {
		if s := p.Seat(index); s != "" {
			seats = append(seats, s)
		}
	}
	lines := []string{v.say("calendar.reference", "ref", t.Reference)}
	if len(seats) > 0 {
		lines = append(lines, v.say("calendar.seats", "seats", strings.Join(seats, ", ")))
	}
	return strings.Join(append(lines, v.say("calendar.checkin", "when", DayClock(v.lang, leg.CheckinFrom))), "\n")
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escapeText writes a value of type TEXT (RFC 5545, 3.3.11) and drops control
// characters, which it may not hold.
func escapeText(s string) string {
	s = strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "\\n").Replace(s)
	return dropControls(s)
}

func dropControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, s)
}

// add writes one content line, folded so that no line has more than 75 octets
// and no character is cut (RFC 5545, 3.1).
func (c *calendar) add(name, value string) {
	rest := name + ":" + dropControls(value)
	for room := 75; len(rest) > room; room = 74 {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		c.out.WriteString(rest[:cut] + "\r\n ")
		rest = rest[cut:]
	}
	c.out.WriteString(rest + "\r\n")
}
