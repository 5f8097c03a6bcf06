package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/layout"
	"pigonair/views/search"
	"pigonair/views/texts"
)

// flightPage is GET /flights/{flight}. With back= it is the last step of choosing a round trip.
func (s *site) flightPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.flightNamed(ctx, r.PathValue("flight"))
	if err != nil {
		return err
	}
	party, _ := readParty(r.URL.Query())
	if r.URL.Query().Has("back") {
		return s.roundTrip(w, r, f, party)
	}
	view, err := s.flightView(ctx, f, party, s.showsPass(r, f))
	if err != nil {
		return err
	}
	page := layout.Page{Nav: layout.NavFlights, URL: withQuery("/flights/"+view.ID, partyQuery(party)),
		Title: texts.T(ctx, "search.flight_title", "flight", f.FlightNo, "from", view.From.Name, "to", view.To.Name)}
	w.Header().Set("Cache-Control", "private, no-cache")
	return s.page(w, r, http.StatusOK, page, search.Detail(view))
}

// readParty reads who travels from an address; false where that is not said, or cannot be: then it is one adult.
func readParty(form url.Values) (sales.Party, bool) {
	r := searchReader{form: form, ctx: context.Background()}
	if r.text("adults") == "" {
		return adult, false
	}
	p := sales.Party{Adults: r.number("adults", 0), Children: r.number("children", 0), Infants: r.number("infants", 0)}
	if len(r.faults) > 0 || p.Validate() != nil {
		return adult, false
	}
	return p, true
}

func partyQuery(p sales.Party) url.Values {
	v := url.Values{}
	setParty(v, p)
	return v
}

// showsPass tells whether the browser shows something that looks like a pass of the flight's sale. It only decides
// what the page offers; the gate checks the pass.
func (s *site) showsPass(r *http.Request, f flights.Flight) bool {
	if f.SaleID == 0 {
		return false
	}
	_, err := r.Cookie(s.passCookieName(f.SaleID))
	return err == nil
}

// flightView lays names, prices and rules over a flight.
func (s *site) flightView(ctx context.Context, f flights.Flight, party sales.Party, admitted bool) (search.Flight, error) {
	table, err := s.Prices.Table(ctx)
	if err != nil {
		return search.Flight{}, err
	}
	now := s.Now()
	v := search.Flight{
		ID: f.PublicID().String(), From: shortPlace(ctx, f.From), To: shortPlace(ctx, f.To), Leg: legOf(ctx, f),
		Aircraft: f.Layout.Name.In(texts.Lang(ctx)) + " (" + f.Layout.Aircraft + ")", Cancelled: f.Cancelled, Closed: !now.Before(f.SalesClose),
		Closes: f.SalesClose.In(f.From.Zone), Admitted: admitted, Party: search.Party(party), ListURL: listURL(f, party), Key: newKey(),
	}
	v.Leg.Dates = true
	if f.Sale != "" {
		v.SaleURL = "/sales/" + url.PathEscape(f.Sale)
	}
	m := fareMaker{ctx: ctx, table: table, flight: f, party: party, now: now}
	for _, c := range f.Cabins {
		cabin := search.FareCabin{Code: string(c.Cabin), Name: cabinName(ctx, c.Cabin)}
		for _, o := range c.Fares {
			fare, err := m.fare(o)
			if err != nil {
				return v, err
			}
			cabin.Fares = append(cabin.Fares, fare)
		}
		v.Cabins = append(v.Cabins, cabin)
	}
	return v, nil
}

// listURL is the search that shows a flight among its neighbours.
func listURL(f flights.Flight, party sales.Party) string {
	w := wish{from: f.From, to: f.To, depart: f.Date, party: party, cabin: defaultCabin, sort: defaultSort, size: defaultSize}
	return w.path()
}

// roundTrip shows two flights that are bought together. A flight back that does not fit is no such page.
func (s *site) roundTrip(w http.ResponseWriter, r *http.Request, out flights.Flight, party sales.Party) error {
	ctx := r.Context()
	back, err := s.flightNamed(ctx, r.URL.Query().Get("back"))
	if err != nil {
		return err
	}
	if back.From.Code != out.To.Code || back.To.Code != out.From.Code || back.Departs.Before(out.Arrives) {
		return errNotFound
	}
	cabin := flights.Cabin(strings.TrimSpace(r.URL.Query().Get("cabin")))
	if !cabin.Valid() {
		cabin = defaultCabin
	}
	trip, err := s.tripView(ctx, []flights.Flight{out, back}, cabin, party)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	page := layout.Page{Title: texts.T(ctx, "search.round_trip"), Nav: layout.NavFlights, URL: r.URL.RequestURI()}
	return s.page(w, r, http.StatusOK, page, search.RoundTrip(trip))
}

func (s *site) tripView(ctx context.Context, legs []flights.Flight, cabin flights.Cabin, party sales.Party) (search.Trip, error) {
	again := wish{from: legs[0].From, to: legs[0].To, depart: legs[0].Date, back: legs[1].Date, party: party, cabin: cabin, sort: defaultSort, size: defaultSize}
	t := search.Trip{Cabin: string(cabin), Party: search.Party(party), Key: newKey(), ListURL: again.path(),
		SeatsURL: "/flights/" + legs[0].PublicID().String() + "/seats"}
	for _, f := range legs {
		v, err := s.flightView(ctx, f, party, false)
		if err != nil {
			return t, err
		}
		choices, least := fareChoices(ctx, v, cabin)
		t.Legs, t.Choices, t.Total = append(t.Legs, v), append(t.Choices, choices), t.Total+least
	}
	return t, nil
}

// fareChoices are the fares of a cabin that have places for all, and what the party pays at the first of them.
func fareChoices(ctx context.Context, f search.Flight, cabin flights.Cabin) (choices []search.FareChoice, least int64) {
	for _, c := range f.Cabins {
		for _, fare := range c.Fares {
			if c.Code != string(cabin) || !fare.Enough {
				continue
			}
			if choices == nil {
				least = fare.PartyTotal
			}
			choices = append(choices, search.FareChoice{Value: f.ID + ":" + fare.Code, Label: fare.Label(ctx), Total: fare.PartyTotal})
		}
	}
	return choices, least
}
