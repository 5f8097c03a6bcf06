package handlers

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/components"
	"pigonair/views/search"
	"pigonair/views/texts"
)

// Bounds of a search.
const (
	searchAhead = 365 // days
	searchRange = 31  // days
)

// searchReader turns the fields of the search form into a wish, or into sentences at the fields. It asks nobody.
type searchReader struct {
	ctx      context.Context
	form     url.Values
	airports *flights.Airports
	now      time.Time
	faults   []components.Fault
}

// readSearch reads a search. Without faults the wish can be made.
func (s *site) readSearch(ctx context.Context, form url.Values) (wish, []components.Fault) {
	r := &searchReader{ctx: ctx, form: form, airports: s.Airports, now: s.Now()}
	w := wish{cabin: defaultCabin, sort: defaultSort, size: defaultSize}
	r.places(&w)
	r.days(&w)
	r.travellers(&w)
	r.order(&w)
	return w, r.faults
}

func (r *searchReader) fault(field, key string, pairs ...any) {
	r.faults = append(r.faults, components.Fault{ID: field, Message: texts.T(r.ctx, key, pairs...)})
}

func (r *searchReader) text(field string) string { return strings.TrimSpace(r.form.Get(field)) }

func (r *searchReader) places(w *wish) {
	w.from = r.airport("from", "search.bad_from")
	w.to = r.airport("to", "search.bad_to")
	if w.from.Code != "" && w.from.Code == w.to.Code {
		r.fault("to", "search.same_airport")
	}
}

// airport is the airport that a field means. A text that means several is answered with their names.
func (r *searchReader) airport(field, missing string) flights.Airport {
	typed := r.text(field)
	if typed == "" {
		r.fault(field, missing)
		return flights.Airport{}
	}
	a, err := r.airports.Resolve(typed)
	if err == nil {
		return a
	}
	var names []string
	for _, found := range r.airports.Suggest(typed, 4) {
		names = append(names, airportName(r.ctx, found))
	}
	if len(names) == 0 {
		r.fault(field, "search.unknown_airport", "typed", typed)
	} else {
		r.fault(field, "search.which_airport", "typed", typed, "airports", strings.Join(names, ", "))
	}
	return flights.Airport{}
}

// days reads the dates. What is past is past at the airport of departure.
func (r *searchReader) days(w *wish) {
	zone := w.from.Zone
	if zone == nil {
		zone = korea
	}
	today := flights.DateOf(r.now.In(zone))
	w.depart, w.until, w.back = r.date("depart"), r.date("until"), r.date("return")
	switch {
	case r.text("depart") == "":
		r.fault("depart", "search.no_depart")
	case w.depart.IsZero():
	case w.depart.Before(today):
		r.fault("depart", "search.past_depart")
	case today.AddDays(searchAhead).Before(w.depart):
		r.fault("depart", "search.far_depart")
	}
	r.until(w)
	if !w.back.IsZero() && w.back.Before(w.last()) {
		r.fault("return", "search.past_return")
	}
}

func (r *searchReader) until(w *wish) {
	switch {
	case w.until.IsZero() || w.depart.IsZero():
	case w.until.Before(w.depart):
		r.fault("until", "search.bad_until")
	case w.until.Sub(w.depart) >= searchRange:
		r.fault("until", "search.long_until")
	case w.until == w.depart:
		w.until = flights.Date{}
	}
}

// date is the day of a field; zero where nothing, or nothing readable, was typed.
func (r *searchReader) date(field string) flights.Date {
	typed := r.text(field)
	if typed == "" {
		return flights.Date{}
	}
	d, err := flights.ParseDate(typed)
	if err != nil {
		r.fault(field, "search.bad_date")
	}
	return d
}

func (r *searchReader) travellers(w *wish) {
	w.party = sales.Party{Adults: r.number("adults", 1), Children: r.number("children", 0), Infants: r.number("infants", 0)}
	switch p := w.party; {
	case len(r.faults) > 0 && slices.ContainsFunc(r.faults, ofParty):
	case p.Adults < 1:
		r.fault("adults", "search.no_adult")
	case p.Seats() > sales.MaxSeats:
		r.fault("adults", "search.many_people")
	case p.Infants > p.Adults:
		r.fault("infants", "search.many_infants")
	}
	if typed := r.text("cabin"); typed != "" {
		w.cabin = flights.Cabin(typed)
		if !w.cabin.Valid() {
			r.fault("cabin", "search.bad_cabin")
		}
	}
}

func ofParty(f components.Fault) bool {
	return f.ID == "adults" || f.ID == "children" || f.ID == "infants"
}

// number is a field's whole number, usual where nothing was typed.
func (r *searchReader) number(field string, usual int) int {
	typed := r.text(field)
	if typed == "" {
		return usual
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 {
		r.fault(field, "search.bad_number")
		return usual
	}
	return n
}

// order reads what no field but the page's links write.
func (r *searchReader) order(w *wish) {
	fine := true
	if typed := r.text("sort"); typed != "" {
		w.sort = flights.Sort(typed)
		fine = slices.Contains([]flights.Sort{flights.SortTime, flights.SortPrice, flights.SortDuration}, w.sort)
	}
	dir := r.text("dir")
	w.descending = dir == "desc"
	fine = fine && (dir == "" || dir == "asc" || dir == "desc")
	if typed := r.text("size"); typed != "" {
		w.size = r.pageSize(typed)
		fine = fine && w.size != 0
	}
	if !fine {
		r.fault("from", "search.bad_order")
	}
	w.after, w.out = r.text("after"), r.text("out")
}

// pageSizes are the numbers of flights that a page may show.
var pageSizes = []int{10, 20, 50}

// pageSize is one of pageSizes, else 0.
func (r *searchReader) pageSize(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil || !slices.Contains(pageSizes, n) {
		return 0
	}
	return n
}

// typedFinder is the form with what was typed, whatever it was.
func (s *site) typedFinder(ctx context.Context, form url.Values, faults []components.Fault) search.Finder {
	r := &searchReader{ctx: ctx, form: form}
	f := s.finder(ctx)
	f.From, f.To, f.Depart, f.Until, f.Return = r.text("from"), r.text("to"), r.text("depart"), r.text("until"), r.text("return")
	f.Party = search.Party{Adults: r.number("adults", 1), Children: r.number("children", 0), Infants: r.number("infants", 0)}
	f.Cabin, f.Faults, f.Open = r.text("cabin"), faults, true
	return f
}

// finderOf is the form of a search that was made.
func (s *site) finderOf(ctx context.Context, w wish) search.Finder {
	f := s.finder(ctx)
	f.From, f.To, f.Depart = airportName(ctx, w.from), airportName(ctx, w.to), w.depart.String()
	f.Party, f.Cabin = search.Party(w.party), string(w.cabin)
	if !w.until.IsZero() {
		f.Until = w.until.String()
	}
	if !w.back.IsZero() {
		f.Return = w.back.String()
	}
	return f
}

// finder is the empty form, which proposes a flight of tomorrow for one.
func (s *site) finder(ctx context.Context) search.Finder {
	today := flights.DateOf(s.Now().In(korea))
	f := search.Finder{Depart: today.AddDays(1).String(), Party: search.Party{Adults: 1}, Cabin: string(defaultCabin), Today: today.String()}
	for _, a := range s.Airports.All() {
		f.Airports = append(f.Airports, search.Suggestion{Value: airportName(ctx, a), Label: otherNames(ctx, a)})
	}
	return f
}

// airportName is how pages name an airport in one field: 김포 GMP.
func airportName(ctx context.Context, a flights.Airport) string {
	return a.Short.In(texts.Lang(ctx)) + " " + a.Code
}

// otherNames are the names of an airport by which the browser finds it, besides its own.
func otherNames(ctx context.Context, a flights.Airport) string {
	other := texts.English
	if texts.Lang(ctx) == texts.English {
		other = texts.Korean
	}
	names := []string{a.City.In(texts.Lang(ctx)), a.Short.In(other), a.City.In(other)}
	return strings.Join(slices.Compact(names), " · ")
}

// shortPlace is an airport as lists of flights name it.
func shortPlace(ctx context.Context, a flights.Airport) components.Place {
	return components.Place{Code: a.Code, Name: a.Short.In(texts.Lang(ctx))}
}
