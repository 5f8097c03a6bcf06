package handlers

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"pigonair/sales"
	"pigonair/views/layout"
	saleviews "pigonair/views/sales"
	"pigonair/views/texts"
)

// saleList is GET /sales: what is open and what is to come, and what ended last.
func (s *site) saleList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Sales.List(ctx)
	if err != nil {
		return err
	}
	var running, ended []saleviews.Card
	for _, sale := range all {
		if sale.State == sales.Closed {
			ended = append(ended, saleCard(ctx, sale, 0))
			continue
		}
		flights, err := s.Sales.Flights(ctx, sale.ID)
		if err != nil {
			return err
		}
		running = append(running, saleCard(ctx, sale, lowestTotal(flights)))
	}
	ended = ended[:min(len(ended), 5)]
	page := layout.Page{Title: texts.T(ctx, "sale.list_title"), Nav: layout.NavSales}
	return s.page(w, r, http.StatusOK, page, saleviews.List(append(running, ended...)))
}

// sale is the sale of the path. Errors: sales.ErrNoSale, also for drafts.
func (s *site) sale(r *http.Request) (sales.Sale, error) {
	sale, err := s.Sales.BySlug(r.Context(), r.PathValue("sale"))
	if err == nil && sale.State == sales.Draft {
		err = sales.ErrNoSale
	}
	return sale, err
}

// salePage is GET /sales/{sale}.
func (s *site) salePage(w http.ResponseWriter, r *http.Request) error {
	sale, err := s.sale(r)
	if err != nil {
		return err
	}
	return s.showSale(w, r, sale, http.StatusOK, layout.Page{}, nil)
}

// showSale shows a sale's page, with what came of a request if there is something to say.
func (s *site) showSale(w http.ResponseWriter, r *http.Request, sale sales.Sale, status int, page layout.Page, notice *saleviews.Notice) error {
	ctx := r.Context()
	flights, err := s.Sales.Flights(ctx, sale.ID)
	if err != nil {
		return err
	}
	view := saleviews.Sale{
		Card: saleCard(ctx, sale, lowestTotal(flights)), Slug: sale.Slug, PauseReason: sale.PauseReason(texts.Lang(ctx)),
		Joins: sale.JoinsAt.In(korea), Now: sale.Now.In(korea), OpensIn: waitSeconds(sale.OpensIn()), Limit: sale.BookingLimit,
		Joinable: sale.Joinable(), HasPlace: s.hasPlace(r, sale), Notice: notice,
	}
	if m := visitor(ctx); m != nil {
		view.SignedIn, view.Verified = true, m.Verified
		view.InsideFor = s.insideFor(r, sale.ID, m.ID)
	}
	if view.Routes, err = s.saleRoutes(ctx, flights); err != nil {
		return err
	}
	if view.Months, err = s.saleMonths(ctx, flights); err != nil {
		return err
	}
	page.Title, page.Nav, page.URL = view.Name, layout.NavSales, "/sales/"+sale.Slug
	return s.page(w, r, status, page, saleviews.Page(view))
}

func saleCard(ctx context.Context, sale sales.Sale, lowest int64) saleviews.Card {
	return saleviews.Card{
		URL: "/sales/" + url.PathEscape(sale.Slug), Name: sale.Name(texts.Lang(ctx)), State: string(sale.State), Paused: sale.Paused,
		Opens: sale.OpensAt.In(korea), Closes: sale.ClosesAt.In(korea), Lowest: lowest,
	}
}

// waitSeconds rounds a time that is left up to whole seconds.
func waitSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// lowestTotal is the lowest total of all flights, 0 when nothing can be had.
func lowestTotal(flights []sales.SaleFlight) int64 {
	var low int64
	for _, f := range flights {
		if f.Lowest > 0 && (low == 0 || f.Lowest < low) {
			low = f.Lowest
		}
	}
	return low
}

// insideFor is for how many seconds the visitor's pass still opens a sale.
func (s *site) insideFor(r *http.Request, sale, member int64) int {
	c, err := r.Cookie(s.passCookieName(sale))
	if err != nil || s.Rooms.CheckPass(c.Value, sale, member) != nil {
		return 0
	}
	return waitSeconds(s.Rooms.PassLeft(c.Value))
}
