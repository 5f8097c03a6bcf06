package ticketing

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Mail is what a mail says: one subject, and the same words as plain text and
// as HTML without anything to load from elsewhere.
type Mail struct {
	Subject, Text, HTML string
}

// letter is the content of a mail in parts that both templates show alike.
type letter struct {
	Lang     Lang
	Airline  string
	Subject  string
	Heading  string
	Lead     []string
	Labels   labels
	Ref      string
	Legs     []letterLeg
	People   []letterPassenger
	Prices   []letterLine
	Total    letterLine
	Warning  string
	Button   letterButton
	Notes    []string
	Fallback string
	Footer   []string
}

type labels struct {
	Reference, Fare, Baggage, Checkin, Passengers string
}

type letterLeg struct {
	Flight, Cabin, Duration, Fare, Baggage, Checkin string
	From, To                                        letterEnd
}

type letterEnd struct {
	Clock, Place, Date, Later string
}

type letterPassenger struct {
	Name, Kind, Number, Seats string
}

type letterLine struct {
	Label, Amount string
}

type letterButton struct {
	Label, URL string
}

// TicketMail tells that a booking is confirmed. PDF and calendar file go with it
// as attachments; its text names the booking reference. The error is ErrWords,
// or that of a template.
func (d *Documents) TicketMail(lang Lang, t Ticket, links Links) (Mail, error) {
	v := d.voice(lang)
	l := d.letter(v)
	l.Subject = v.say("mail.ticket.subject", "route", route(v.lang, t), "day", firstDay(v.lang, t), "ref", t.Reference)
	l.Heading = v.say("mail.ticket.heading")
	l.Lead = []string{v.say("mail.ticket.lead")}
	d.addJourney(&l, v, t)
	for i, leg := range t.Legs {
		l.Legs[i].Checkin = DayClock(v.lang, leg.CheckinFrom)
	}
	l.Prices = priceLines(v.lang, t.Prices)
	l.Total = letterLine{v.say("ticket.total"), Won(v.lang, t.Total())}
	if len(t.Legs) > 0 {
		when := DayClock(v.lang, t.Legs[0].CheckinFrom)
		l.Warning = v.say("ticket.no_boarding_pass") + " " + v.say("ticket.no_boarding_pass_more", "when", when)
	}
	l.Button = letterButton{v.say("mail.ticket.button"), links.Booking}
	l.Footer = append(l.Footer, v.say("ticket.times"))
	return d.write(l, v)
}

// Reason is why a booking, or a part of it, was cancelled.
type Reason string

// The reasons of cancellations.
const (
	ByCustomer Reason = "customer"
	ByAirline  Reason = "airline"
	PaidLate   Reason = "late" // the payment was captured when the seats were gone
)

// Cancellation is what was cancelled and what comes back.
type Cancellation struct {
	Cancelled Ticket      // only the legs and passengers that no longer travel, with what was paid for them
	Partial   bool        // the rest of the booking stands
	Fees      []PriceLine // what is kept, as positive amounts
	Reason    Reason
}

// Refund is what was paid less the fees, in won.
func (c Cancellation) Refund() int64 { return c.Cancelled.Total() - sum(c.Fees) }

// CancellationMail tells what was cancelled and how much money comes back. The
// error is ErrWords, or that of a template.
func (d *Documents) CancellationMail(lang Lang, c Cancellation, links Links) (Mail, error) {
	v := d.voice(lang)
	l := d.letter(v)
	refund := Won(v.lang, c.Refund())
	subject, sentence, heading := "mail.cancel.subject", "mail.cancel.refund_sentence", "mail.cancel.heading"
	if c.Refund() == 0 {
		subject, sentence = "mail.cancel.subject_no_refund", "mail.cancel.no_refund_sentence"
	}
	if c.Partial {
		heading = "mail.cancel.heading_part"
	}
	l.Subject = v.say(subject, "ref", c.Cancelled.Reference, "refund", refund)
	l.Heading = v.say(heading)
	l.Lead = []string{v.say("mail.cancel.lead_" + string(c.Reason)), v.say(sentence, "refund", refund)}
	d.addJourney(&l, v, c.Cancelled)
	l.Prices = []letterLine{{v.say("mail.cancel.paid"), Won(v.lang, c.Cancelled.Total())}}
	for _, fee := range c.Fees {
		l.Prices = append(l.Prices, letterLine{counted(v.lang, fee), Won(v.lang, -fee.Amount)})
	}
	l.Total = letterLine{v.say("mail.cancel.refund"), refund}
	l.Button = letterButton{v.say("mail.cancel.button"), links.Booking}
	return d.write(l, v)
}

// letter begins a mail with what all mails share.
func (d *Documents) letter(v *voice) letter {
	l := letter{
		Lang:     v.lang,
		Airline:  d.config.Airline.In(v.lang),
		Fallback: v.say("mail.link_fallback"),
		Footer:   []string{v.say("mail.footer")},
		Labels: labels{
			Reference:  v.say("ticket.reference"),
			Fare:       v.say("ticket.fare"),
			Baggage:    v.say("ticket.baggage"),
			Checkin:    v.say("ticket.checkin"),
			Passengers: v.say("ticket.passengers"),
		},
	}
	if seller := d.config.Seller.In(v.lang); seller != "" {
		l.Footer = append(l.Footer, seller)
	}
	return l
}

func (d *Documents) addJourney(l *letter, v *voice, t Ticket) {
	l.Ref = t.Reference
	for _, leg := range t.Legs {
		l.Legs = append(l.Legs, letterLeg{
			Flight: leg.Flight, Cabin: leg.Cabin.In(v.lang), Duration: Duration(v.lang, leg.Duration()),
			Fare: leg.Fare.In(v.lang), Baggage: leg.Baggage.In(v.lang),
			From: end(v.lang, leg.From, leg.Departs, 0),
			To:   end(v.lang, leg.To, leg.Arrives, DaysLater(leg.Departs, leg.Arrives)),
		})
	}
	for _, p := range t.Passengers {
		l.People = append(l.People, letterPassenger{
			Name: oneLine(p.Name), Kind: v.say("ticket." + string(p.Kind)), Number: p.Number.String(), Seats: seats(v, p, len(t.Legs)),
		})
	}
}

func end(lang Lang, a Airport, at time.Time, later int) letterEnd {
	e := letterEnd{Clock: Clock(at), Place: a.City.In(lang) + " " + a.Code, Date: Day(lang, at)}
	if later != 0 {
		e.Later = fmt.Sprintf("%+d", later)
	}
	return e
}

// seats are a passenger's seats on all legs, in their order.
func seats(v *voice, p Passenger, legs int) string {
	out := make([]string, legs)
	for i := range out {
		if out[i] = p.Seat(i); out[i] == "" {
			out[i] = v.say("ticket.lap")
		}
	}
	return strings.Join(out, " · ")
}

func priceLines(lang Lang, lines []PriceLine) []letterLine {
	out := make([]letterLine, len(lines))
	for i, l := range lines {
		out[i] = letterLine{counted(lang, l), Won(lang, l.Amount)}
	}
	return out
}

// counted is the label of a price line, with how many it is for.
func counted(lang Lang, l PriceLine) string {
	if l.Count > 1 {
		return l.Label.In(lang) + " × " + strconv.Itoa(l.Count)
	}
	return l.Label.In(lang)
}

// route is a journey in a few characters: 김포 → 제주, or 인천 ⇄ 로스앤젤레스.
func route(lang Lang, t Ticket) string {
	if len(t.Legs) == 0 {
		return ""
	}
	first, last := t.Legs[0], t.Legs[len(t.Legs)-1]
	if len(t.Legs) > 1 && first.From.Code == last.To.Code {
		return first.From.City.In(lang) + " ⇄ " + first.To.City.In(lang)
	}
	return first.From.City.In(lang) + " → " + last.To.City.In(lang)
}

func firstDay(lang Lang, t Ticket) string {
	if len(t.Legs) == 0 {
		return ""
	}
	return Day(lang, t.Legs[0].Departs)
}

// write sets a letter in both forms.
func (d *Documents) write(l letter, v *voice) (Mail, error) {
	if v.err != nil {
		return Mail{}, v.err
	}
	var text, html bytes.Buffer
	if err := d.text.Execute(&text, l); err != nil {
		return Mail{}, fmt.Errorf("ticketing: mail: %w", err)
	}
	if err := d.html.Execute(&html, l); err != nil {
		return Mail{}, fmt.Errorf("ticketing: mail: %w", err)
	}
	return Mail{Subject: oneLine(l.Subject), Text: text.String(), HTML: html.String()}, nil
}

// oneLine makes text that cannot break out of its line nor turn the direction of
// what stands beside it.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Bidi_Control) {
			return -1
		}
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// MessageID is the Message-ID, without angle brackets, of the one mail of a kind
// about the thing with that id (such as "ticket", "K7M2QX/0"). Sent again, the
// mail has it again, and says nothing about the id to who does not know it.
func MessageID(kind, id, domain string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + id))
	return fmt.Sprintf("%s.%x@%s", kind, sum[:12], domain)
}
