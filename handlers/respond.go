package handlers

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"pigonair/views/layout"
	"pigonair/views/texts"
)

// adapt makes an http.Handler of a method that returns an error; errors become pages in one place.
func (s *site) adapt(handle func(*site, http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := handle(s, w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// page answers with a whole page, rendered to memory first so that a fault in a view is a clean 500.
func (s *site) page(w http.ResponseWriter, r *http.Request, status int, p layout.Page, body templ.Component) error {
	ctx := templ.WithChildren(r.Context(), body)
	return send(ctx, w, status, layout.Shell(s.frame(r, p)))
}

// fragment answers with a piece of a page, for htmx.
func (s *site) fragment(w http.ResponseWriter, r *http.Request, status int, piece templ.Component) error {
	return send(r.Context(), w, status, piece)
}

// frame fills in what every page's shell shows.
func (s *site) frame(r *http.Request, p layout.Page) layout.Page {
	if p.URL == "" && r.Method == http.MethodGet {
		p.URL = r.URL.RequestURI()
	}
	p.SalesURL = "/sales"
	p.Seller = s.Site.Seller
	p.Demo = s.Site.Demo
	p.Account = s.account(r)
	p.Legal = []layout.Link{
		{Label: texts.T(r.Context(), "layout.terms"), URL: "/terms"},
		{Label: texts.T(r.Context(), "layout.privacy"), URL: "/privacy", Strong: true},
	}
	return p
}

func send(ctx context.Context, w http.ResponseWriter, status int, c templ.Component) error {
	var buf bytes.Buffer
	if err := c.Render(ctx, &buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // a customer who went away is no fault of ours
	return nil
}

// partial tells whether htmx asked for a piece of the page it already shows.
func partial(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "HX-Request-Type")
	return r.Header.Get("HX-Request-Type") == "partial"
}

// see sends the browser on with 303: after a write, a repeat of the request must be a harmless GET.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
