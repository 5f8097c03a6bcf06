package handlers

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/components"
	"pigonair/views/layout"
	"pigonair/views/search"
	"pigonair/views/texts"
)

// few is how many places are few enough to be told: as many as one booking can take.
const few = sales.MaxSeats

// adult is the party that pages assume.
var adult = sales.Party{Adults: 1}

// results makes a search. Errors: flights.ErrQuery, or the database's.
func (s *site) results(ctx context.Context, w wish) (search.Results, error) {
	out, err := s.chosenOut(ctx, &w)
	if err != nil {
		return search.Results{}, err
	}
	found, err := s.Flights.Search(ctx, w.query())
	if err != nil {
		return search.Results{}, err
	}
	r := search.Results{
		Finder: s.finderOf(ctx, w), From: shortPlace(ctx, found.From), To: shortPlace(ctx, found.To), Depart: found.Depart.UTC(),
		Cabin: cabinName(ctx, w.cabin), Way: wayOf(w), Out: out, Total: found.Total, Days: dayStrip(w, found.Week), Sorts: orders(ctx, w),
		Sizes: sizes(ctx, w),
	}
	if found.Until != found.Depart {
		r.Until = found.Until.UTC()
	}
	if out != nil {
		r.OutURL = w.choosing("").path()
	}
	if r.Rows, err = s.rows(ctx, w, found.Offers); err != nil {
		return r, err
	}
	if w.after != "" {
		r.First = w.page("").path() + "#results"
	}
	if found.Next != "" {
		r.Next = w.page(found.Next).path() + "#results"
	}
	if len(r.Rows) == 0 && w.after == "" {
		r.Nearest, err = s.nearest(ctx, w, found)
	}
	return r, err
}

// chosenOut shows the flight out that the search names. One that does not fit the search counts as not chosen.
func (s *site) chosenOut(ctx context.Context, w *wish) (*search.Row, error) {
	if w.out == "" || w.back.IsZero() {
		w.out = ""
		return nil, nil
	}
	f, err := s.flightNamed(ctx, w.out)
	if isOne(err, flights.ErrNotFound) || f.From.Code != w.from.Code || f.To.Code != w.to.Code {
		w.out = ""
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cabin, _ := f.Cabin(w.cabin)
	best, _ := cabin.Cheapest(w.party.Seats())
	offer := flights.Offer{Flight: f, Cabin: cabin, Best: best, SoldOut: best.Code == ""}
	rows, err := s.rows(ctx, w.choosing(""), []flights.Offer{offer})
	if err != nil {
		return nil, err
	}
	rows[0].Leg.Dates = true
	return &rows[0], nil
}

// flightNamed finds a flight by its public id as text. Errors: flights.ErrNotFound, or the database's.
func (s *site) flightNamed(ctx context.Context, name string) (flights.Flight, error) {
	id, err := flights.ParsePublicID(name)
	if err != nil {
		return flights.Flight{}, err
	}
	return s.Flights.Flight(ctx, id)
}

func wayOf(w wish) search.Way {
	switch {
	case w.back.IsZero():
		return search.OneWay
	case w.out == "":
		return search.Outbound
	}
	return search.Inbound
}

func (s *site) rows(ctx context.Context, w wish, offers []flights.Offer) ([]search.Row, error) {
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return nil, err
	}
	var rows []search.Row
	for _, o := range offers {
		row := search.Row{ID: o.Flight.PublicID().String(), Leg: legOf(ctx, o.Flight), Aircraft: o.Flight.Layout.Aircraft,
			SoldOut: o.SoldOut, OnSale: o.Flight.SaleID != 0, URL: w.next(o.Flight)}
		row.Leg.Dates = !w.until.IsZero() || o.Flight.International
		if !o.SoldOut {
			product, err := table.Product(o.Best.Code)
			if err != nil {
				return nil, err
			}
			row.Fare, row.Kind, row.BaggageKg = product.Name(texts.Lang(ctx)), fareKind(product.Code), product.BaggageKg
			row.Price, row.Lines, row.Left = o.Best.Total(), fareLines(ctx, o.Best), left(o.Best.Places)
			if row.PartyTotal, err = partyTotal(table, o.Flight, o.Best, w.party, s.Now()); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// next is where choosing a flight leads: to its fares, to the flights back, or to the fares of both.
func (w wish) next(f flights.Flight) string {
	id := f.PublicID().String()
	v := url.Values{}
	switch wayOf(w) {
	case search.Outbound:
		return w.choosing(id).path()
	case search.Inbound:
		v.Set("back", id)
		setUnless(v, "cabin", string(w.cabin), string(defaultCabin))
		id = w.out
	}
	setParty(v, w.party)
	path := withQuery("/flights/"+id, v)
	if wayOf(w) == search.OneWay && w.cabin != defaultCabin {
		path += "#cabin-" + string(w.cabin)
	}
	return path
}

func withQuery(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func legOf(ctx context.Context, f flights.Flight) components.LegSpec {
	return components.LegSpec{From: shortPlace(ctx, f.From), To: shortPlace(ctx, f.To), Depart: f.Departs, Arrive: f.Arrives,
		Duration: f.Duration(), Flight: f.FlightNo}
}

// left is a number of places where it is few, else 0.
func left(places int) int {
	if places > few {
		return 0
	}
	return places
}

// partyTotal is what a party pays; 0 for a single adult, whose total is the fare's.
func partyTotal(table *sales.PriceTable, f flights.Flight, fare flights.FareOffer, party sales.Party, now time.Time) (int64, error) {
	if party == adult {
		return 0, nil
	}
	q, err := table.Quote(saleLeg(f), fare.Code, fare.Base, party, now, nil)
	return q.Total, err
}

func saleLeg(f flights.Flight) sales.Leg {
	return sales.Leg{Origin: f.From.Code, Destination: f.To.Code, International: f.International}
}

func fareLines(ctx context.Context, f flights.FareOffer) []components.Line {
	return []components.Line{{Label: texts.T(ctx, "search.line_base"), Amount: f.Base}, {Label: texts.T(ctx, "search.line_fuel"), Amount: f.Fuel},
		{Label: texts.T(ctx, "search.line_charges"), Amount: f.Charges}, {Label: texts.T(ctx, "search.line_total"), Amount: f.Total(), Sum: true}}
}

// fareKind is how a product's badge looks.
func fareKind(code string) components.Kind {
	switch code {
	case "special":
		return components.Sale
	case "flexible":
		return components.Good
	}
	return components.Brand
}

func cabinName(ctx context.Context, c flights.Cabin) string {
	switch c {
	case flights.Business:
		return texts.T(ctx, "search.cabin_business")
	case flights.First:
		return texts.T(ctx, "search.cabin_first")
	}
	return texts.T(ctx, "search.cabin_economy")
}

// dayStrip is the days around the search, each with its lowest total. The flight back cannot be on a day before
// the flight out.
func dayStrip(w wish, week []flights.DayPrice) []components.DaySpec {
	best, found := lowest(week)
	var days []components.DaySpec
	for _, d := range week {
		spec := components.DaySpec{Date: d.Date.UTC(), Price: -1, URL: w.on(d.Date).path(), Current: !d.Date.Before(w.depart) && !w.last().Before(d.Date)}
		if w.out != "" {
			if d.Date.Before(w.last()) {
				continue
			}
			spec.URL, spec.Current = w.backOn(d.Date).path(), d.Date == w.back
		}
		if d.Flights > 0 {
			spec.Price, spec.Lowest = d.Lowest, found && d.Lowest == best.Lowest
		}
		days = append(days, spec)
	}
	return days
}

// orders lists the orders of results. The present one leads to itself reversed.
func orders(ctx context.Context, w wish) []search.Sort {
	labels := []struct {
		by        flights.Sort
		asc, desc string
	}{
		{flights.SortTime, "search.order_time_asc", "search.order_time_desc"},
		{flights.SortPrice, "search.order_price_asc", "search.order_price_desc"},
		{flights.SortDuration, "search.order_duration_asc", "search.order_duration_desc"},
	}
	var out []search.Sort
	for _, l := range labels {
		current := w.sort == l.by
		o := search.Sort{Label: texts.T(ctx, l.asc), Current: current, URL: w.ordered(l.by, current && !w.descending).path()}
		if current && w.descending {
			o.Label, o.Down = texts.T(ctx, l.desc), true
		}
		out = append(out, o)
	}
	return out
}

func sizes(ctx context.Context, w wish) []layout.Link {
	var out []layout.Link
	for _, n := range pageSizes {
		out = append(out, layout.Link{Label: texts.T(ctx, "search.page_of", "count", n), URL: w.sized(n).path() + "#results", Current: n == w.size})
	}
	return out
}

// nearestDays is how many other days an empty list offers.
const nearestDays = 3

// nearest are the days nearest to a search that found nothing, with something to buy.
func (s *site) nearest(ctx context.Context, w wish, found flights.Result) ([]search.Deal, error) {
	days := slices.DeleteFunc(slices.Clone(found.Week), nothingSold)
	if len(days) == 0 {
		var err error
		if days, err = s.monthAround(ctx, w.query()); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(days, func(a, b flights.DayPrice) int {
		return cmp.Compare(absolute(a.Date.Sub(found.Depart)), absolute(b.Date.Sub(found.Depart)))
	})
	var out []search.Deal
	for _, d := range days[:min(nearestDays, len(days))] {
		deal := search.Deal{From: shortPlace(ctx, found.From), To: shortPlace(ctx, found.To), Date: d.Date.UTC(), Price: d.Lowest, URL: w.on(d.Date).path()}
		if w.out != "" {
			deal.URL = w.backOn(d.Date).path()
		}
		out = append(out, deal)
	}
	return out, nil
}

// monthAround are the days of the month after a day with something to buy, or, where there is none, of the month
// before it.
func (s *site) monthAround(ctx context.Context, q flights.Query) ([]flights.DayPrice, error) {
	today := flights.DateOf(s.Now().In(korea)) // where it is still yesterday, the first day has nothing to sell
	day := q.Depart
	for _, first := range []flights.Date{day, day.AddDays(1 - searchRange)} {
		if first.Before(today) {
			first = today
		}
		q.Depart, q.Until = first, first.AddDays(searchRange-1)
		month, err := s.Flights.LowestByDay(ctx, q)
		if err != nil {
			return nil, err
		}
		if month = slices.DeleteFunc(month, nothingSold); len(month) > 0 {
			return month, nil
		}
	}
	return nil, nil
}

func nothingSold(d flights.DayPrice) bool { return d.Flights == 0 }

func absolute(n int) int { return max(n, -n) }
