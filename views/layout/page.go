// Package layout is the shell around every page: head, header, footer.
package layout

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"pigonair/views/texts"
)

// Nav names the entry of the main menu under which a page stands.
type Nav string

// The entries of the customers' main menu.
const (
	NavFlights Nav = "flights"
	NavSales   Nav = "sales"
	NavTrips   Nav = "trips"
)

// Page is what the shell needs to know about the page inside it.
type Page struct {
	Title       string // without the site's name
	Description string // for search engines and shared links; may be empty
	// ErrorCode is the stable code of an error page, or of a form that came
	// back with faults. It puts "Error:" before the title and data-error on
	// the main element.
	ErrorCode string
	Nav       Nav
	// URL is path and query under which the page can be fetched again; the
	// language switch leads there. Empty: the start page.
	URL string
	// SalesURL is where the menu's special fares lead; empty leaves them out.
	SalesURL string
	Account  Account
	Seller   Seller
	// Legal are the footer's links: terms, privacy notice, accessibility.
	Legal []Link
	Demo  bool // the footer says that the airline is invented
	// Ops turns the shell into the operators': denser, wider, with Menu as its
	// main menu.
	Ops  bool
	Menu []Link
	// Refresh, in seconds, reloads the page in browsers without JavaScript;
	// 0 does not.
	Refresh int
	// Toast is a sentence about what has just been done; may be empty.
	Toast string
}

// Account is what the header shows of the person at the browser.
type Account struct {
	SignedIn bool
	Name     string // as to be shown; may be empty although signed in
	Operator bool   // shows the way to the operators' pages
}

// Seller holds the particulars that a shop must state. Empty ones are left out.
type Seller struct {
	Name            string
	Representative  string
	BusinessNumber  string
	MailOrderNumber string
	Address         string
	Phone           string
	Email           string
}

// Link is an entry of a menu.
type Link struct {
	Label   string
	URL     string
	Current bool
	Strong  bool // set in bold, as the law asks for the privacy notice
}

// title is the document's title, faults first.
func (p Page) title(ctx context.Context) string {
	title := texts.T(ctx, "layout.title", "title", p.Title)
	switch {
	case p.Title == "":
		title = texts.T(ctx, "layout.name")
	case p.Ops:
		title = texts.T(ctx, "layout.title_ops", "title", p.Title)
	}
	if p.ErrorCode != "" {
		return texts.T(ctx, "layout.title_error", "title", title)
	}
	return title
}

// menu is the main menu, the current entry marked.
func (p Page) menu(ctx context.Context) []Link {
	if p.Ops {
		return p.Menu
	}
	menu := []Link{{Label: texts.T(ctx, "layout.nav_flights"), URL: "/", Current: p.Nav == NavFlights}}
	if p.SalesURL != "" {
		menu = append(menu, Link{Label: texts.T(ctx, "layout.nav_sales"), URL: p.SalesURL, Current: p.Nav == NavSales})
	}
	return append(menu, Link{Label: texts.T(ctx, "layout.nav_trips"), URL: "/bookings", Current: p.Nav == NavTrips})
}

func (p Page) home() string {
	if p.Ops {
		return "/admin"
	}
	return "/"
}

// inLanguage is the page's own address with lang as its language.
func (p Page) inLanguage(lang string) string {
	u, err := url.Parse(p.URL)
	if err != nil || u.Path == "" || u.Host != "" {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set("lang", lang)
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// otherLanguage is the language that the switch offers.
func otherLanguage(ctx context.Context) string {
	if texts.Lang(ctx) == texts.Korean {
		return texts.English
	}
	return texts.Korean
}

// marks are the main element's attributes for scripts and tests.
func (p Page) marks() templ.Attributes {
	if p.ErrorCode == "" {
		return nil
	}
	return templ.Attributes{"data-error": p.ErrorCode}
}

func current(link Link) templ.Attributes {
	if !link.Current {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}
