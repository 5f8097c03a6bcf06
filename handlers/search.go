package handlers

import (
	"context"
	"errors"
	"net/http"

	"pigonair/flights"
	"pigonair/views/components"
	"pigonair/views/layout"
	"pigonair/views/search"
	"pigonair/views/texts"
)

// home is GET /.
func (s *site) home(w http.ResponseWriter, r *http.Request) error {
	return s.shared(w, r, func(ctx context.Context) (sharedBody, error) {
		page := layout.Page{Title: texts.T(ctx, "search.title"), Description: texts.T(ctx, "search.promise"), Nav: layout.NavFlights, URL: "/"}
		return sharedBody{http.StatusOK, page, search.Home(s.finder(ctx), s.deals(ctx))}, nil
	})
}

// flightList is GET /flights. Without any field it is the start page's form.
func (s *site) flightList(w http.ResponseWriter, r *http.Request) error {
	if r.URL.RawQuery == "" {
		return s.home(w, r)
	}
	return s.shared(w, r, func(ctx context.Context) (sharedBody, error) {
		form := r.URL.Query()
		wanted, faults := s.readSearch(ctx, form)
		if len(faults) > 0 {
			return s.searchRefused(ctx, r, faults), nil
		}
		results, err := s.results(ctx, wanted)
		if errors.Is(err, flights.ErrQuery) {
			fault := components.Fault{ID: "from", Message: texts.T(ctx, "search.bad_order")}
			return s.searchRefused(ctx, r, []components.Fault{fault}), nil
		}
		if err != nil {
			return sharedBody{}, err
		}
		title := texts.T(ctx, "search.results_title", "from", results.From.Name, "to", results.To.Name)
		page := layout.Page{Title: title, Nav: layout.NavFlights, URL: wanted.path()}
		return sharedBody{http.StatusOK, page, search.List(results)}, nil
	})
}

// searchRefused is the form again, with what was typed and a sentence at each field that needs it.
func (s *site) searchRefused(ctx context.Context, r *http.Request, faults []components.Fault) sharedBody {
	page := layout.Page{Title: texts.T(ctx, "search.title"), Nav: layout.NavFlights, ErrorCode: "search", URL: r.URL.RequestURI()}
	return sharedBody{http.StatusUnprocessableEntity, page, search.Refused(s.typedFinder(ctx, r.URL.Query(), faults))}
}

// popular are the routes whose lowest totals the start page shows; routes that nobody flies are left out.
func popular() [][2]string {
	return [][2]string{{"GMP", "CJU"}, {"PUS", "CJU"}, {"GMP", "PUS"}, {"ICN", "KIX"}, {"ICN", "FUK"}, {"ICN", "BKK"}}
}

// dealDays is how many days ahead the start page looks.
const dealDays = 14

// deals are the lowest totals of popular routes. The form must not wait for them: what fails is left out.
func (s *site) deals(ctx context.Context) []search.Deal {
	tomorrow := flights.DateOf(s.Now().In(korea)).AddDays(1)
	var out []search.Deal
	for _, ends := range popular() {
		q := flights.Query{From: ends[0], To: ends[1], Depart: tomorrow, Until: tomorrow.AddDays(dealDays - 1)}
		days, err := s.Flights.LowestByDay(ctx, q)
		if err != nil {
			s.Log.Warn("start page without a route", "from", ends[0], "to", ends[1], "error", err)
			continue
		}
		if best, ok := lowest(days); ok {
			out = append(out, s.deal(ctx, q, best))
		}
	}
	return out
}

// lowest is the first of the cheapest days; false when nothing is sold on any.
func lowest(days []flights.DayPrice) (flights.DayPrice, bool) {
	var best flights.DayPrice
	for _, d := range days {
		if d.Flights > 0 && (best.Flights == 0 || d.Lowest < best.Lowest) {
			best = d
		}
	}
	return best, best.Flights > 0
}

func (s *site) deal(ctx context.Context, q flights.Query, day flights.DayPrice) search.Deal {
	from, _ := s.Airports.Find(q.From) // the search has found them
	to, _ := s.Airports.Find(q.To)
	w := wish{from: from, to: to, depart: day.Date, party: adult, cabin: defaultCabin, sort: defaultSort, size: defaultSize}
	return search.Deal{From: shortPlace(ctx, from), To: shortPlace(ctx, to), Date: day.Date.UTC(), Price: day.Lowest, URL: w.path()}
}
