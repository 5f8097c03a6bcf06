package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"pigonair/sales"
	"pigonair/views/layout"
	saleviews "pigonair/views/sales"
	"pigonair/views/texts"
	"pigonair/waitingroom"
)

// queueJoin is POST /sales/{sale}/queue: a place in line, or straight in where there is room.
func (s *site) queueJoin(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sale, err := s.sale(r)
	if err != nil {
		return err
	}
	m := visitor(ctx)
	if !m.Verified {
		notice := &saleviews.Notice{Title: texts.T(ctx, "sale.unverified_title"), Text: texts.T(ctx, "sale.unverified_text")}
		return s.showSale(w, r, sale, http.StatusForbidden, layout.Page{ErrorCode: "unverified"}, notice)
	}
	var prior *waitingroom.QueueTicket
	if ticket, ok := s.queueTicket(r, sale); ok {
		prior = &ticket
	}
	st, err := s.Rooms.Join(ctx, sale.ID, m.ID, prior)
	if err != nil {
		return err
	}
	s.keepTurn(w, sale, seen{}, st)
	if st.State == waitingroom.Admitted {
		return see(w, r, "/sales/"+sale.Slug+"#flights")
	}
	return see(w, r, "/sales/"+sale.Slug+"/queue")
}

// queuePage is GET /sales/{sale}/queue. It reloads itself in browsers without scripts until told to stop.
func (s *site) queuePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sale, err := s.sale(r)
	if err != nil {
		return err
	}
	view := saleviews.Waiting{Turn: s.turn(w, r, sale), Name: sale.Name(texts.Lang(ctx)), Stopped: r.URL.Query().Has("stop")}
	if view.NoPlace {
		return see(w, r, "/sales/"+sale.Slug)
	}
	view.Say = ""                                                  // the whole page is read anyway
	if flights, err := s.Sales.Flights(ctx, sale.ID); err == nil { // what is left is a help, no reason to fail
		if view.Routes, err = s.saleRoutes(ctx, flights); err != nil {
			return err
		}
	}
	page := layout.Page{Title: texts.T(ctx, "queue.page_title", "name", view.Name), Nav: layout.NavSales, URL: "/sales/" + sale.Slug + "/queue"}
	if goesOn(view.Turn) {
		retryAfter(w, view.Turn)
		if !view.Stopped {
			page.Refresh = view.NextPoll
		}
	}
	return s.page(w, r, http.StatusOK, page, saleviews.WaitingPage(view))
}

// queueStatus is GET /sales/{sale}/queue/status: the poll. It touches no session and, while the turn has not
// come, no store; its answer is always 200 with the fragment.
func (s *site) queueStatus(w http.ResponseWriter, r *http.Request) error {
	sale, err := s.sale(r)
	if err != nil {
		return err
	}
	turn := s.turn(w, r, sale)
	if goesOn(turn) {
		retryAfter(w, turn)
	}
	return s.fragment(w, r, http.StatusOK, saleviews.TurnPart(turn))
}

// goesOn tells whether there is anything to wait for.
func goesOn(t saleviews.Turn) bool {
	return t.State != string(waitingroom.Admitted) && t.State != string(waitingroom.Closed)
}

func retryAfter(w http.ResponseWriter, t saleviews.Turn) {
	w.Header().Set("Retry-After", strconv.Itoa(t.NextPoll))
}

// queueLeave is POST /sales/{sale}/queue/leave: gives the place up. Somebody else's ticket in this browser is
// only forgotten.
func (s *site) queueLeave(w http.ResponseWriter, r *http.Request) error {
	sale, err := s.sale(r)
	if err != nil {
		return err
	}
	if ticket, ok := s.queueTicket(r, sale); ok && ticket.Member == visitor(r.Context()).ID {
		err := s.Rooms.Leave(r.Context(), ticket)
		if err != nil && !errors.Is(err, waitingroom.ErrNoRoom) {
			return err
		}
	}
	s.forgetTurn(w, sale)
	return see(w, r, "/sales/"+sale.Slug)
}

// fairness is GET /sales/{sale}/fairness: the rule of the order and its figures.
func (s *site) fairness(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sale, err := s.sale(r)
	if err != nil {
		return err
	}
	view := saleviews.Order{Slug: sale.Slug, Name: sale.Name(texts.Lang(ctx))}
	if st, err := s.Rooms.Stats(sale.ID); err == nil {
		view.Known = true
		view.Joined, view.Served, view.Waiting, view.Absent, view.Back = st.Joined, st.Served, st.Waiting, st.Absent, st.Returned
		view.Admitted, view.Claimed, view.Inside = st.Admitted, st.Claimed, st.Inside
	}
	page := layout.Page{Title: texts.T(ctx, "queue.fair_title"), Nav: layout.NavSales}
	return s.page(w, r, http.StatusOK, page, saleviews.Fairness(view))
}

// ticketLife is how long a browser keeps a ticket: a day beyond the sale's end.
func ticketLife(sale sales.Sale) time.Duration {
	return max(0, sale.ClosesAt.Sub(sale.Now)) + 24*time.Hour
}
