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
	ticket    waitingroom.QueueTicket
	hasTicket bool // a readable ticket of this sale
	pass      string
	seen      seen
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
	c.ticket, c.hasTicket = s.queueTicket(r, sale)
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
	if !c.hasTicket {
		return saleviews.Turn{Slug: sale.Slug, State: string(waitingroom.Closed), NextPoll: 10, NoPlace: true}
	}
	st := waitingroom.Status{State: waitingroom.Admitted, NextPoll: 10 * time.Second, Pass: c.pass}
	if s.Rooms.CheckPass(c.pass, sale.ID, c.ticket.Member) != nil {
		var err error
		if st, err = s.Rooms.Poll(r.Context(), c.ticket, c.seen.serving); err != nil {
			s.Log.Debug("place in line is over", "error", err, "request_id", requestID(r.Context()))
		}
	}
	t := s.turnView(r.Context(), sale, st)
	t.Say = c.seen.news(r.Context(), &t)
	if told := c.seen.after(t, st); told != c.seen || st.Ticket != "" || st.Pass != c.pass {
		s.keepTurn(w, sale, told, st)
	}
	return t
}

// turnView puts a status into what the page shows.
func (s *site) turnView(ctx context.Context, sale sales.Sale, st waitingroom.Status) saleviews.Turn {
	t := saleviews.Turn{
		Slug: sale.Slug, State: string(st.State), Position: st.Position, Ahead: max(0, st.Position-1), Served: min(st.Serving, st.Joined), Joined: st.Joined,
		ETALow: int(st.ETALow / time.Second), ETAHigh: waitSeconds(st.ETAHigh), NextPoll: max(1, int(st.NextPoll/time.Second)),
		OpensIn: waitSeconds(st.OpensIn), Opens: sale.OpensAt.In(korea), PerMinute: st.PerMinute, AllHeld: st.AllHeld,
		Missed: st.Returned, Moved: st.Moved,
	}
	switch st.State {
	case waitingroom.Admitted:
		t.PassFor = waitSeconds(s.Rooms.PassLeft(st.Pass))
	case waitingroom.Paused:
		t.PauseReason = sale.PauseReason(texts.Lang(ctx))
	case waitingroom.Waiting:
		t.Outlook = outlook(st)
	}
	return t
}

// outlook reckons with what those ahead are likely to take of the seats that are free.
func outlook(st waitingroom.Status) saleviews.Outlook {
	if st.Free < 0 || st.Position == 0 || st.AllHeld {
		return saleviews.OutlookNone
	}
	switch wanted := float64(st.Position) * seatsPerBuyer; {
	case float64(st.Free) >= 1.5*wanted:
		return saleviews.OutlookGood
	case float64(st.Free) >= 0.7*wanted:
		return saleviews.OutlookFair
	}
	return saleviews.OutlookPoor
}

// news is what is worth reading aloud after what was told before; the turn itself is announced by its title.
func (v seen) news(ctx context.Context, t *saleviews.Turn) string {
	switch {
	case v.state == "":
		return ""
	case t.State != v.state && t.State == string(waitingroom.Paused):
		return texts.T(ctx, "queue.say_paused")
	case t.State != v.state && t.State == string(waitingroom.SoldOut):
		return texts.T(ctx, "queue.say_soldout")
	case v.halved(t):
		return texts.T(ctx, "queue.say_halved", "count", t.Ahead)
	}
	return ""
}

func (v seen) halved(t *saleviews.Turn) bool {
	return t.State == string(waitingroom.Waiting) && t.Position > 0 && t.Ahead > 0 && t.Ahead <= v.said/2
}

// after is what has been told once an answer is given.
func (v seen) after(t saleviews.Turn, st waitingroom.Status) seen {
	next := seen{serving: max(v.serving, st.Serving), state: t.State, said: v.said}
	if v.said == 0 || v.halved(&t) {
		next.said = t.Ahead
	}
	return next
}

// keepTurn stores in cookies what a status brings: a new ticket, the pass, and what was told. Tokens travel
// in cookies only.
func (s *site) keepTurn(w http.ResponseWriter, sale sales.Sale, told seen, st waitingroom.Status) {
	if st.Ticket != "" {
		s.setSigned(w, s.turnCookie(ticketCookie, sale.ID), st.Ticket, ticketLife(sale))
		told.said = 0
	}
	if st.Pass != "" && st.State == waitingroom.Admitted {
		s.setSigned(w, s.passCookieName(sale.ID), st.Pass, s.Rooms.PassLeft(st.Pass))
	}
	s.setSigned(w, s.turnCookie(seenCookie, sale.ID), told.String(), ticketLife(sale))
}

// forgetTurn removes everything that keepTurn stored.
func (s *site) forgetTurn(w http.ResponseWriter, sale sales.Sale) {
	for _, name := range []string{s.turnCookie(ticketCookie, sale.ID), s.turnCookie(seenCookie, sale.ID), s.passCookieName(sale.ID)} {
		s.setSigned(w, name, "", 0)
	}
}
