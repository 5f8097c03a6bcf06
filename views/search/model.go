// Package search shows what flies: the search form, results, and a flight with its fares.
package search

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/components"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// Party is who travels.
type Party struct{ Adults, Children, Infants int }

// Seats is how many seats the party needs; infants sit on a lap.
func (p Party) Seats() int { return p.Adults + p.Children }

// Alone tells whether the party is a single adult.
func (p Party) Alone() bool { return p == Party{Adults: 1} }

// Words names the party: 성인 2, 소아 1.
func (p Party) Words(ctx context.Context) string {
	words := texts.T(ctx, "search.party_adults", "count", p.Adults)
	if p.Children > 0 {
		words += ", " + texts.T(ctx, "search.party_children", "count", p.Children)
	}
	if p.Infants > 0 {
		words += ", " + texts.T(ctx, "search.party_infants", "count", p.Infants)
	}
	return words
}

// Finder is the search form: what was typed, and what is wrong with it. Field ids are the fields' names.
type Finder struct {
	From, To, Depart, Until, Return string
	Party                           Party
	Cabin                           string
	Today                           string // the first day that can be chosen, such as 2026-12-24
	Airports                        []Suggestion
	Faults                          []components.Fault
	Open                            bool // where the form folds: it stands open
}

// Suggestion is an airport that the browser offers while somebody types.
type Suggestion struct {
	Value string // what the field then says: 김포 GMP
	Label string // other names by which it is found
}

// fault is the sentence at a field; empty when the field is fine.
func (f Finder) fault(id string) string {
	for _, fault := range f.Faults {
		if fault.ID == id {
			return fault.Message
		}
	}
	return ""
}

// unfolded tells whether the less common fields hold something that must be seen.
func (f Finder) unfolded() bool {
	for _, id := range []string{"children", "infants", "cabin", "until"} {
		if f.fault(id) != "" {
			return true
		}
	}
	return f.Party.Children+f.Party.Infants > 0 || f.Until != "" || (f.Cabin != "" && f.Cabin != "economy")
}

// Deal is a route with its lowest total of the days to come.
type Deal struct {
	From, To components.Place
	Date     time.Time
	Price    int64 // total per adult
	URL      string
}

// Way says for which of a trip's flights a list stands.
type Way string

// The ways. A round trip is chosen in two steps.
const (
	OneWay   Way = "one"
	Outbound Way = "out"
	Inbound  Way = "back"
)

// Results is a page of flights.
type Results struct {
	Finder        Finder
	From, To      components.Place
	Depart, Until time.Time // Until is zero where one day was searched
	Cabin         string    // in words
	Way           Way
	Out           *Row   // Inbound: the flight out that was chosen
	OutURL        string // Inbound: back to the choice of the flight out
	Total         int    // on all pages
	Rows          []Row
	Days          []components.DaySpec
	Sorts         []Sort
	Sizes         []layout.Link
	First, Next   string // addresses; empty where there is none
	// Nearest are days on which there is something, where this one has nothing.
	Nearest []Deal
}

// Sort is one order of results.
type Sort struct {
	Label   string
	URL     string
	Current bool
	Down    bool // descending
}

// Row is one flight of a list.
type Row struct {
	ID         string
	Leg        components.LegSpec
	Aircraft   string
	Fare       string // name of the product
	Kind       components.Kind
	BaggageKg  int
	Price      int64 // total per adult
	PartyTotal int64 // of all travellers; 0 for a single adult
	Lines      []components.Line
	Left       int // seats left at this price; 0 where they are not few
	SoldOut    bool
	OnSale     bool // sold after waiting in line
	URL        string
}

// marks are what tests and scripts find a row by; nothing can be bought where they are missing.
func (r Row) marks() templ.Attributes {
	if r.SoldOut {
		return nil
	}
	return templ.Attributes{"data-flight": r.ID, "data-price": strconv.FormatInt(r.Price, 10)}
}

// heading is the days of a list in words.
func (r Results) heading(ctx context.Context) string {
	if r.Until.IsZero() {
		return texts.Date(ctx, r.Depart)
	}
	return texts.T(ctx, "search.between", "from", texts.Date(ctx, r.Depart), "until", texts.Date(ctx, r.Until))
}

// choose is the word on a row's button.
func (r Results) choose(ctx context.Context) string {
	switch r.Way {
	case Outbound:
		return texts.T(ctx, "search.choose_out")
	case Inbound:
		return texts.T(ctx, "search.choose_back")
	}
	return texts.T(ctx, "search.choose")
}

func itoa(n int) string { return strconv.Itoa(n) }

func currentOrder(s Sort) templ.Attributes {
	if !s.Current {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

func currentLink(l layout.Link) templ.Attributes {
	if !l.Current {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}
