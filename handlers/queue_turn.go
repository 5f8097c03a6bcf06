package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pigonair/sales"
	saleviews "pigonair/views/sales"
	"pigonair/views/texts"
	"pigonair/waitingroom"
)

// Names of the cookies of a place in line, before the sale's id.
const (
	ticketCookie = "queue"
	seenCookie   = "seen"
)

// seatsPerBuyer is how many seats a customer takes on average, for the outlook of those behind.
const seatsPerBuyer = 1.7

// turnCookies is what a browser brings of its place: no secrets but the signed tokens.
type turnCookies struct {
	ticket  waitingroom.QueueTicket
	hasSeat bool // a readable ticket of this sale
	pass    string
	seen    seen
}

// seen is what the browser was last told: how far the line was, so that no answer is older; the state, and the
// number ahead that was last read aloud, so that only news is.
type seen struct {
	serving int64
	state   string
	said    int64
}

func (v seen) String() string { return fmt.Sprintf("%d.%s.%d", v.serving, v.state, v.said) }

func parseSeen(text string) seen {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return seen{}
	}
	serving, err := strconv.ParseInt(parts[0], 10, 64)
	said, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || err2 != nil || serving < 0 || said < 0 || len(parts[1]) > 10 {
		return seen{}
	}
	return seen{serving, parts[1], said}
}

func (s *site) turnCookie(kind string, sale int64) string {
	return s.cookieName(kind + strconv.FormatInt(sale, 10))
}

func (s *site) turnCookies(r *http.Request, sale sales.Sale) turnCookies {
	var c turnCookies
	c.ticket, c.hasSeat = s.queueTicket(r, sale)
	if cookie, err := r.Cookie(s.passCookieName(sale.ID)); err == nil {
		c.pass = cookie.Value
	}
	if cookie, err := r.Cookie(s.turnCookie(seenCookie, sale.ID)); err == nil {
		c.seen = parseSeen(cookie.Value)
	}
	return c
}

// queueTicket is the ticket that this browser has for a sale; forged and foreign ones count as none.
func (s *site) queueTicket(r *http.Request, sale sales.Sale) (waitingroom.QueueTicket, bool) {
	cookie, err := r.Cookie(s.turnCookie(ticketCookie, sale.ID))
	if err != nil {
		return waitingroom.QueueTicket{}, false
	}
	ticket, err := s.Rooms.Ticket(cookie.Value)
	return ticket, err == nil && ticket.Sale == sale.ID
}

// hasPlace tells whether this browser has a ticket for a sale.
func (s *site) hasPlace(r *http.Request, sale sales.Sale) bool {
	ticket, ok := s.queueTicket(r, sale)
	m := visitor(r.Context())
	return ok && ticket.Epoch == sale.Epoch && m != nil && m.ID == ticket.Member
}

// turn asks how this browser's place stands, keeps what comes of it in cookies, and puts it into words.
func (s *site) turn(w http.ResponseWriter, r *http.Request, sale sales.Sale) saleviews.Turn {
	c := s.turnCookies(r, sale)
	if !c.hasSeat {
		return saleviews.Turn{Slug: sale.Slug, State: string(waitingroom.Closed), NextPoll: 10, NoPlace: true}
	}
	if s.Rooms.CheckPass(c.pass, sale.ID, c.ticket.Member) == nil {
		return s.turnView(r.Context(), sale, c, waitingroom.Status{State: waitingroom.Admitted, NextPoll: 10 * time.Second, PassExpires: sale.Now.Add(s.Rooms.PassLeft(c.pass))})
	}
	st, err := s.Rooms.Poll(r.Context(), c.ticket, c.seen.serving)
	if err != nil {
		s.Log.Debug("place in line is over", "error", err, "request_id", requestID(r.Context()))
		st.State = waitingroom.Closed
	}
	t := s.turnView(r.Context(), sale, c, st)
	c.seen.said = t.said(c.seen)
	s.keepTurn(w, sale, c, st)
	return t.Turn
}
