package handlers

import (
	"cmp"
	"net/url"
	"strconv"

	"pigonair/flights"
	"pigonair/sales"
)

// wish is a search that can be made: what the fields of the search form mean.
type wish struct {
	from, to            flights.Airport
	depart, until, back flights.Date // until is zero for one day, back for one way
	party               sales.Party
	cabin               flights.Cabin
	sort                flights.Sort
	descending          bool
	size                int
	after               string // where the page begins
	out                 string // public id of the flight out, once it is chosen
}

// defaults of a search; addresses leave them out, so that the same search has one address.
const (
	defaultSize  = 20
	defaultSort  = flights.SortTime
	defaultCabin = flights.Economy
)

// path is the address of the search's results.
func (w wish) path() string {
	v := url.Values{"from": {w.from.Code}, "to": {w.to.Code}, "depart": {w.depart.String()}}
	setDate(v, "until", w.until)
	setDate(v, "return", w.back)
	setParty(v, w.party)
	setUnless(v, "cabin", string(w.cabin), string(defaultCabin))
	setUnless(v, "sort", string(w.sort), string(defaultSort))
	if w.descending {
		v.Set("dir", "desc")
	}
	setUnless(v, "size", strconv.Itoa(w.size), strconv.Itoa(defaultSize))
	setUnless(v, "after", w.after, "")
	setUnless(v, "out", w.out, "")
	return "/flights?" + v.Encode()
}

func setDate(v url.Values, name string, d flights.Date) {
	if !d.IsZero() {
		v.Set(name, d.String())
	}
}

func setUnless(v url.Values, name, value, usual string) {
	if value != usual {
		v.Set(name, value)
	}
}

// setParty writes who travels. A single adult is what every page assumes, and on the seat map leaves the number
// of seats open.
func setParty(v url.Values, p sales.Party) {
	if p == (sales.Party{Adults: 1}) {
		return
	}
	v.Set("adults", strconv.Itoa(p.Adults))
	setUnless(v, "children", strconv.Itoa(p.Children), "0")
	setUnless(v, "infants", strconv.Itoa(p.Infants), "0")
}

// on is the search of one other day. The day of return moves with it where it would lie before.
func (w wish) on(d flights.Date) wish {
	w.depart, w.until, w.after, w.out = d, flights.Date{}, "", ""
	if !w.back.IsZero() && w.back.Before(d) {
		w.back = d
	}
	return w
}

// backOn is the search for a flight back on another day.
func (w wish) backOn(d flights.Date) wish {
	w.back, w.after = d, ""
	return w
}

// ordered is the search in another order, from its first page.
func (w wish) ordered(by flights.Sort, descending bool) wish {
	w.sort, w.descending, w.after = by, descending, ""
	return w
}

// sized is the search with another number of flights on a page, from its first page.
func (w wish) sized(n int) wish {
	w.size, w.after = n, ""
	return w
}

// page is another page of the search.
func (w wish) page(after string) wish {
	w.after = after
	return w
}

// choosing is the search once the flight out has been chosen; an empty id takes the choice back.
func (w wish) choosing(out string) wish {
	w.out, w.after = out, ""
	return w
}

// query is what the catalog is asked: the way out, or the way back where the flight out is chosen.
func (w wish) query() flights.Query {
	q := flights.Query{From: w.from.Code, To: w.to.Code, Depart: w.depart, Until: w.until, Cabin: w.cabin, Seats: w.party.Seats(),
		Sort: w.sort, Descending: w.descending, Size: w.size, After: w.after}
	if w.out != "" {
		q.From, q.To, q.Depart, q.Until = q.To, q.From, w.back, flights.Date{}
	}
	return q
}

// last is the last day of departure that is searched.
func (w wish) last() flights.Date {
	return cmp.Or(w.until, w.depart)
}
