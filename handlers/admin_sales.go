package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"pigonair/audit"
	"pigonair/sales"
	"pigonair/views/admin"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// shownEntries is how many entries of the audit log a sale's page shows.
const shownEntries = 50

// didKeys are the sentences for what operators did, by the audit log's action.
var didKeys = map[string]string{
	sales.ActionRate: "admin.did_rate", sales.ActionCap: "admin.did_cap",
	sales.ActionOf(sales.Pause): "admin.did_pause", sales.ActionOf(sales.Resume): "admin.did_resume",
	sales.ActionOf(sales.Drain): "admin.did_drain", sales.ActionOf(sales.Reopen): "admin.did_reopen",
	sales.ActionOf(sales.Close): "admin.did_close",
}

// adminSales is GET /admin: every sale with its figures.
func (s *site) adminSales(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Sales.All(ctx)
	if err != nil {
		return err
	}
	var shown []admin.Sale
	for _, sale := range all {
		view, err := s.figures(ctx, sale)
		if err != nil {
			return err
		}
		shown = append(shown, view)
	}
	return s.page(w, r, http.StatusOK, opsPage(ctx, texts.T(ctx, "admin.sales_title")), admin.Sales(shown))
}

// opsPage is the shell of an operators' page about sales.
func opsPage(ctx context.Context, title string) layout.Page {
	return layout.Page{Title: title, Ops: true, Menu: []layout.Link{{Label: texts.T(ctx, "admin.menu_sales"), URL: "/admin", Current: true}}}
}

// figures puts a sale, its seats and its line together. A line that cannot be asked is shown as not known.
func (s *site) figures(ctx context.Context, sale sales.Sale) (admin.Sale, error) {
	seats, err := s.Sales.Seats(ctx, sale.ID)
	if err != nil {
		return admin.Sale{}, err
	}
	view := admin.Sale{
		URL: "/admin/sales/" + url.PathEscape(sale.Slug), Name: sale.Name(texts.Lang(ctx)), State: string(sale.State), Paused: sale.Paused,
		Opens: sale.OpensAt.In(korea), Cap: int64(sale.Cap), Rate: int64(sale.RatePerMinute),
		Held: seats.Held, Paying: seats.Paying, Sold: seats.Sold, Free: seats.Free,
	}
	if st, err := s.Rooms.Stats(sale.ID); err == nil {
		view.Known, view.Frozen = true, st.Frozen
		view.Waiting, view.Absent, view.Admitted, view.Inside = st.Waiting, st.Absent, st.Admitted, st.Inside
		view.PerMinute = int64(st.PerMinute + 0.5)
	}
	return view, nil
}

// adminSale is GET /admin/sales/{sale}: the sale's cockpit, or only its figures for htmx.
func (s *site) adminSale(w http.ResponseWriter, r *http.Request) error {
	sale, err := s.Sales.BySlug(r.Context(), r.PathValue("sale"))
	if err != nil {
		return err
	}
	form := admin.Control{Rate: strconv.Itoa(sale.RatePerMinute), Cap: strconv.Itoa(sale.Cap)}
	return s.showCockpit(w, r, sale, form, http.StatusOK)
}

func (s *site) showCockpit(w http.ResponseWriter, r *http.Request, sale sales.Sale, form admin.Control, status int) error {
	ctx := r.Context()
	figures, err := s.figures(ctx, sale)
	if err != nil {
		return err
	}
	view := admin.Cockpit{Sale: figures, Slug: sale.Slug, Form: form, PauseReason: sale.PauseReason(texts.Lang(ctx))}
	if status == http.StatusOK && partial(w, r) {
		return s.fragment(w, r, status, admin.Figures(view))
	}
	records, err := s.Sales.Log(ctx, sale, shownEntries)
	if err != nil {
		return err
	}
	for _, record := range records {
		view.Log = append(view.Log, logEntry(ctx, record))
	}
	page := opsPage(ctx, view.Name)
	page.URL = view.URL
	if status != http.StatusOK {
		page.ErrorCode = "invalid"
	}
	if r.URL.Query().Has("done") {
		page.Toast = texts.T(ctx, "admin.done")
	}
	return s.page(w, r, status, page, admin.CockpitPage(view))
}

func logEntry(ctx context.Context, record audit.Record) admin.Entry {
	what := record.Action
	if key, ok := didKeys[record.Action]; ok {
		what = texts.T(ctx, key, "before", record.Before, "after", record.After)
	}
	return admin.Entry{At: record.At.In(korea), Who: record.ActorName, What: what, Reason: record.Reason}
}
