package handlers

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strconv"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/static"
	"pigonair/views/layout"
	"pigonair/views/seats"
	"pigonair/views/texts"
)

// seatMap is GET /flights/{flight}/seats: the page, or for the page's own polls the map alone. A map that shows
// what the browser has already is not sent again.
func (s *site) seatMap(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.flightNamed(ctx, r.PathValue("flight"))
	if err != nil {
		return err
	}
	c, err := s.readChoice(ctx, f, r.URL.Query())
	if err != nil {
		return err
	}
	if c.incomplete() {
		return see(w, r, c.again())
	}
	if c.seats, err = s.Flights.SeatMap(ctx, f.ID); err != nil {
		return err
	}
	if c.own, err = s.ownSeats(ctx, c.seats); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	part, tag := partial(w, r), c.mapTag(ctx)
	if !part {
		tag = c.pageTag(ctx, tag, s.account(r))
	}
	w.Header().Set("ETag", tag)
	if static.Matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	view, err := s.seatsView(ctx, c)
	if err != nil {
		return err
	}
	if part {
		return s.fragment(w, r, http.StatusOK, seats.MapPart(view))
	}
	page := layout.Page{Title: texts.T(ctx, "seats.page_title", "flight", f.FlightNo), Nav: layout.NavFlights, URL: r.URL.RequestURI()}
	return s.page(w, r, http.StatusOK, page, seats.Choose(view))
}

// ownSeats is what the visitor holds on the flight of a map.
func (s *site) ownSeats(ctx context.Context, m *flights.SeatMap) (booking.Own, error) {
	who := visitor(ctx)
	if who == nil {
		return booking.Own{}, nil
	}
	return s.Booking.OwnSeats(ctx, who.ID, m.FlightID)
}

// mapTag names what the map shows: the seats, whose they are, what they cost, and the words. It is computed
// without drawing the map.
func (c seatChoice) mapTag(ctx context.Context) string {
	h := fnv.New64a()
	fmt.Fprint(h, c.seats.Version, texts.Lang(ctx), static.URL("app.css"), c.fare, c.cabins(), c.costs, c.own.Seats, c.path())
	return `"` + strconv.FormatUint(h.Sum64(), 36) + `"`
}

// pageTag names the whole page. A page that was used for a hold is another one afterwards, because its form's key
// is spent.
func (c seatChoice) pageTag(ctx context.Context, mapTag string, account layout.Account) string {
	h := fnv.New64a()
	fmt.Fprint(h, mapTag, account, c.ticked, c.own.Ref, c.own.Latest, c.earlier, c.later, c.short, c.flight.Cancelled, c.closed)
	if who := visitor(ctx); who != nil {
		fmt.Fprint(h, who.ID)
	}
	return `"` + strconv.FormatUint(h.Sum64(), 36) + `-p"`
}

// path is the address under which the map fetches itself, in one form whatever the order of the fields was.
func (c seatChoice) path() string {
	v := url.Values{}
	if c.fare != "" {
		v.Set("fare", c.fare)
	}
	if c.given {
		v.Set("adults", strconv.Itoa(c.party.Adults))
		setUnless(v, "children", strconv.Itoa(c.party.Children), "0")
		setUnless(v, "infants", strconv.Itoa(c.party.Infants), "0")
	}
	return withQuery("/flights/"+c.flight.PublicID().String()+"/seats", v)
}
