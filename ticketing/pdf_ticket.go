package ticketing

import (
	"fmt"
	"strconv"
	"time"
)

// The page: margins, and the faces that its parts are set in.
const (
	left       = 16.0
	right      = pageWidth - left
	contentMM  = right - left
	bandHeight = 46.0
	topMM      = 26.0 // first baseline region of the pages after the first
	bottomMM   = pageHeight - 24
	gap        = 6.0
	padding    = 7.0
	bandSteps  = 105
	wayMM      = 36.0
	secondMM   = left + 66  // second and
	thirdMM    = left + 112 // third column of a leg
)

var (
	labelFace  = typeface{size: 8, color: faint}
	valueFace  = typeface{size: 9.5, color: ink}
	strongFace = typeface{size: 10, bold: true, color: ink}
	smallFace  = typeface{size: 8, color: soft}
	headFace   = typeface{size: 13, bold: true, color: ink}
	timeFace   = typeface{size: 24, bold: true, color: ink}
)

// page is the layout of one ticket: y is where the next part begins.
type page struct {
	*canvas
	*voice
	ticket Ticket
	links  Links
	config Config
	y      float64
}

// TicketPDF is the ticket as a document to print or keep, with one bar code a
// passenger that Verify can check without a network. The same ticket gives the
// same bytes. It leads to Links.Booking and Links.Verify. Its errors are
// ErrWords, or those of the PDF writer.
func (d *Documents) TicketPDF(lang Lang, t Ticket, links Links) ([]byte, error) {
	p := &page{canvas: newCanvas(d.fonts), voice: d.voice(lang), ticket: t, links: links, config: d.config}
	if err := p.layOut(); err != nil {
		return nil, err
	}
	return p.render(meta{
		title:  p.say("ticket.file", "ref", t.Reference),
		author: d.config.Airline.In(p.lang),
		lang:   p.lang,
		at:     t.IssuedAt,
	})
}

func (p *page) layOut() error {
	p.addPage()
	p.band()
	for _, leg := range p.ticket.Legs {
		p.leg(leg)
	}
	p.warning()
	if err := p.passengers(); err != nil {
		return err
	}
	p.receipt()
	p.feet()
	return p.voice.err
}

// room makes sure that h fits on the page, or begins another.
func (p *page) room(h float64) {
	if p.y+h <= bottomMM {
		return
	}
	p.addPage()
	p.shimmer(0, 0, pageWidth, 3, bandSteps)
	p.text(left, 15, p.config.Airline.In(p.lang), strongFace)
	p.textRight(right, 15, p.say("ticket.reference")+" "+p.ticket.Reference, strongFace)
	p.y = topMM - gap
}

// band is the head of the first page: who, which booking, what became of it.
func (p *page) band() {
	if p.ticket.Status == Cancelled {
		p.box(0, 0, pageWidth, bandHeight, 0, soft)
	} else {
		p.shimmer(0, 0, pageWidth, bandHeight, bandSteps)
	}
	p.logo(left, 9, 9)
	on := func(size float64, bold bool) typeface { return typeface{size: size, bold: bold, color: white} }
	p.short(left+12, 16, p.config.Airline.In(p.lang), on(15, true), 90)
	p.textRight(right, 16, p.say("ticket.title"), on(11, true))

	p.text(left, 29, p.say("ticket.reference"), on(8.5, false))
	reference := on(24, true)
	reference.track = 1.6
	p.text(left, 39, p.ticket.Reference, reference)
	p.link(0, left, 26, 60, 15, p.links.Booking)

	status := "ticket.confirmed"
	if p.ticket.Status == Cancelled {
		status = "ticket.cancelled"
	}
	p.textRight(right, 33, p.say(status), on(11, true))
	issued := Date(p.lang, p.ticket.IssuedAt) + " " + Clock(p.ticket.IssuedAt)
	p.textRight(right, 39, p.say("ticket.issued", "when", issued), on(8.5, false))
	p.y = bandHeight + 2
}

// logo draws the paper bird in a square of that size.
func (p *page) logo(x, y, size float64) {
	at := func(points ...float64) []float64 {
		out := make([]float64, len(points))
		for i, v := range points {
			out[i] = v*size/40 + [2]float64{x, y}[i%2]
		}
		return out
	}
	p.polygon(white, at(3, 21, 37, 5, 28, 35, 20, 26, 12, 32, 14, 22)...)
	p.polygon(rgb{0xc4, 0xdc, 0xe6}, at(20, 26, 37, 5, 14, 22)...)
}

// leg is one flight: from, to, and what goes with it.
func (p *page) leg(l Leg) {
	const height = 55.0
	p.room(height + gap)
	p.y += gap
	p.frame(left, p.y, contentMM, height, 4)
	x := left + padding
	p.text(x, p.y+9, l.Flight, strongFace)
	p.textRight(right-padding, p.y+9, l.Cabin.In(p.lang), smallFace)

	p.endpoint(x, p.y, l.From, l.Departs)
	p.endpoint(thirdMM, p.y, l.To, l.Arrives)
	if days := DaysLater(l.Departs, l.Arrives); days != 0 {
		after := thirdMM + p.width(Clock(l.Arrives), timeFace) + 1.5
		p.text(after, p.y+18, fmt.Sprintf("%+d", days), typeface{size: 9, bold: true, color: coral})
	}
	p.shimmer(secondMM, p.y+20, wayMM, 0.7, bandSteps)
	p.middle(secondMM+wayMM/2, p.y+18, Duration(p.lang, l.Duration()), smallFace)

	p.rule(x, right-padding, p.y+40.5, line, 0.2)
	p.fact(x, p.y+45.5, p.say("ticket.fare"), l.Fare.In(p.lang), 52)
	p.fact(secondMM, p.y+45.5, p.say("ticket.baggage"), l.Baggage.In(p.lang), 42)
	p.fact(thirdMM, p.y+45.5, p.say("ticket.checkin"), DayClock(p.lang, l.CheckinFrom), 59)
	p.y += height
}

// endpoint is one end of a leg, in a card that begins at top: the place in both
// languages, as a traveller may have to show it to somebody who reads the other.
func (p *page) endpoint(x, top float64, a Airport, at time.Time) {
	const room = 58
	p.text(x, top+22, Clock(at), timeFace)
	city := a.City.In(p.lang) + " " + a.Code
	face := p.fitted(city, strongFace, room, 6)
	p.text(x, top+28, city, face)
	if after := p.width(p.clean(city, face), face) + 2; after < room {
		p.short(x+after, top+28, a.City.Other(p.lang), smallFace, room-after)
	}
	p.short(x, top+32.5, a.Name.In(p.lang), smallFace, room)
	p.short(x, top+37, Date(p.lang, at)+" · "+Zone(at), smallFace, room)
}

// short sets one line, made smaller where it would not fit.
func (p *page) short(x, y float64, text string, t typeface, room float64) {
	p.text(x, y, text, p.fitted(text, t, room, 4))
}

// fact is a small label over its value.
func (p *page) fact(x, y float64, label, value string, room float64) {
	p.text(x, y, label, labelFace)
	p.short(x, y+4.4, value, valueFace, room)
}

// middle centres one line on x.
func (p *page) middle(x, y float64, text string, t typeface) {
	p.text(x-p.width(p.clean(text, t), t)/2, y, text, t)
}

// warning says what this document is not.
func (p *page) warning() {
	what, more := p.say("ticket.no_boarding_pass"), ""
	fill, color := warnTint, warn
	switch {
	case p.ticket.Status == Cancelled:
		what, more = p.say("ticket.not_valid"), p.say("ticket.not_valid_more")
		fill, color = coralTint, coral
	case len(p.ticket.Legs) > 0:
		first := p.ticket.Legs[0].CheckinFrom
		more = p.say("ticket.no_boarding_pass_more", "when", DayClock(p.lang, first))
	}
	p.room(18 + gap)
	p.y += gap
	p.box(left, p.y, contentMM, 18, 3, fill)
	p.text(left+padding, p.y+7.5, what, typeface{size: 10, bold: true, color: color})
	p.text(left+padding, p.y+13.2, more, typeface{size: 9, color: color})
	p.y += 18
}

// heading begins a part of the page that keeps at least h together.
func (p *page) heading(text string, h float64) {
	p.room(gap + 9 + h)
	p.y += gap + 6
	p.text(left, p.y, text, headFace)
	p.y += 3
}

// passengers lists who travels, each with ticket number, seats and bar code.
func (p *page) passengers() error {
	p.heading(p.say("ticket.passengers"), 36)
	if p.ticket.Contact != "" {
		p.textRight(right, p.y-3, p.say("ticket.contact", "contact", p.ticket.Contact), smallFace)
	}
	for i := range p.ticket.Passengers {
		if err := p.passenger(i); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) passenger(i int) error {
	const code, names = 28.0, 132.0
	who := p.ticket.Passengers[i]
	face := headFace
	lines, after := p.wrap(who.Name, face, names), 0.0
	if len(lines) > 2 {
		face.size, after = 9, 1.5
		lines = p.wrap(who.Name, face, names)
	}
	height := max(code+8, float64(len(lines))*face.leading()+after+24)
	p.room(height)
	if i > 0 {
		p.rule(left, right, p.y, line, 0.2)
	}
	y := p.y + 4 + face.leading()*0.8
	for _, l := range lines {
		p.text(left, y, l, face)
		y += face.leading()
	}
	y += after
	p.text(left, y, p.say("ticket."+string(who.Kind))+" · "+p.say("ticket.number")+" "+who.Number.String(), valueFace)
	p.chips(y+4, who)
	if p.ticket.Status == Confirmed {
		m, err := BarCode(p.config.Signer.Sign(ClaimsOf(p.ticket, i)))
		if err != nil {
			return err
		}
		p.modules(right-code, p.y+4, code, m)
	}
	p.y += height
	return nil
}

// chips are a passenger's seats, one a leg.
func (p *page) chips(y float64, who Passenger) {
	x := left
	for i, l := range p.ticket.Legs {
		seat := who.Seat(i)
		if seat == "" {
			seat = p.say("ticket.lap")
		}
		flight := typeface{size: 8.5, color: soft}
		flightWidth, seatWidth := p.width(l.Flight, flight), p.width(seat, strongFace)
		w := flightWidth + seatWidth + 8.5
		p.box(x, y, w, 8, 2, sunken)
		p.text(x+3, y+5.3, l.Flight, flight)
		p.text(x+flightWidth+5.5, y+5.4, seat, strongFace)
		x += w + 3
	}
}

// receipt lists what was paid, to the won.
func (p *page) receipt() {
	if len(p.ticket.Prices) == 0 {
		return
	}
	const row = 6.2
	p.heading(p.say("ticket.receipt"), row*float64(len(p.ticket.Prices)+2))
	p.y += 3
	for _, l := range p.ticket.Prices {
		p.room(row)
		p.y += row
		p.short(left, p.y-1.5, counted(p.lang, l), valueFace, 130)
		p.textRight(right, p.y-1.5, Won(p.lang, l.Amount), valueFace)
	}
	p.room(2 * row)
	p.y += row + 2
	p.rule(left, right, p.y-row-0.5, line, 0.3)
	p.text(left, p.y-1, p.say("ticket.total"), strongFace)
	p.textRight(right, p.y-1, Won(p.lang, p.ticket.Total()), typeface{size: 12, bold: true, color: ink})
	if !p.ticket.Payment.PaidAt.IsZero() {
		at := p.ticket.Payment.PaidAt
		when := Date(p.lang, at) + " " + Clock(at)
		p.y += row
		p.text(left, p.y-1.5, p.say("ticket.paid", "when", when, "method", p.ticket.Payment.Method.In(p.lang)), smallFace)
	}
}

// feet finishes every page: times, where to verify, who sells, which page.
func (p *page) feet() {
	face := typeface{size: 7.5, color: faint}
	for i := range p.pages {
		y := pageHeight - 17.0
		p.textOn(i, left, y, p.say("ticket.times"), face)
		number := p.say("ticket.page", "page", strconv.Itoa(i+1), "pages", strconv.Itoa(len(p.pages)))
		p.textOn(i, right-p.width(number, face), y, number, face)
		if p.links.Verify != "" {
			y += 4
			p.textOn(i, left, y, p.say("ticket.verify")+" "+p.links.Verify, face)
			p.link(i, left, y-3, contentMM, 4, p.links.Verify)
		}
		if seller := p.config.Seller.In(p.lang); seller != "" {
			y += 4
			p.textOn(i, left, y, seller, p.fitted(seller, face, contentMM, 4))
		}
	}
}
