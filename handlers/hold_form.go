package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pigonair/booking"
	"pigonair/flights"
	"pigonair/views/texts"
)

// autoSeat asks the service to choose.
const autoSeat = "auto"

// knownWishes are what may be wished for where the service chooses.
var knownWishes = []string{"together", "window", "aisle", "front"}

// acceptSimilar lets the service replace a seat that is gone.
const acceptSimilar = "similar"

// holdForm is POST /holds as it was sent: flights in the order in which they first appear.
type holdForm struct {
	flights []flights.PublicID
	seats   map[flights.PublicID][]string // empty where the service chooses
	fares   map[flights.PublicID]string
	cabin   string
	party   booking.Party
	total   *int64
	key     string
	wishes  []string // where the service chooses: together, window, aisle, front
	change  string   // reference of the booking that is to be replaced; empty: none
	similar bool     // a seat that is gone may be replaced by the nearest like it
}

// parseHold reads the form. seat alone is a valid request: one adult per seat. Errors: errNoSeat, errNotFound,
// errBadRequest, booking.ErrParty.
func parseHold(form url.Values) (holdForm, error) {
	f := holdForm{seats: map[flights.PublicID][]string{}, fares: map[flights.PublicID]string{}, cabin: form.Get("cabin"), key: form.Get("key")}
	for _, value := range form["seat"] {
		if err := f.addSeat(value); err != nil {
			return f, err
		}
	}
	if len(f.flights) == 0 {
		return f, errNoSeat
	}
	for _, value := range form["fare"] {
		flight, code, found := strings.Cut(value, ":")
		id, err := flights.ParsePublicID(flight)
		if !found || err != nil {
			return f, errBadRequest
		}
		f.fares[id] = code
	}
	if err := f.readParty(form); err != nil {
		return f, err
	}
	return f, f.readRest(form)
}

func (f *holdForm) addSeat(value string) error {
	flight, seat, found := strings.Cut(value, ":")
	id, err := flights.ParsePublicID(flight)
	if !found || err != nil {
		return errNotFound
	}
	if _, known := f.seats[id]; !known {
		f.flights = append(f.flights, id)
		f.seats[id] = nil
	}
	if seat != autoSeat {
		f.seats[id] = append(f.seats[id], strings.ToUpper(seat))
	}
	return nil
}

// readParty takes the numbers of travellers; without them each seat is an adult.
func (f *holdForm) readParty(form url.Values) error {
	for _, field := range []struct {
		name string
		into *int
	}{{"adults", &f.party.Adults}, {"children", &f.party.Children}, {"infants", &f.party.Infants}} {
		text := form.Get(field.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > booking.MaxSeats {
			return booking.ErrParty
		}
		*field.into = n
	}
	if f.party.Seats() == 0 {
		f.party.Adults = max(1, len(f.seats[f.flights[0]]))
	}
	return nil
}

func (f *holdForm) readRest(form url.Values) error {
	for _, wish := range form["wish"] {
		if !slices.Contains(knownWishes, wish) {
			return errBadRequest
		}
		f.wishes = append(f.wishes, wish)
	}
	if accept := form.Get("accept"); accept != "" && accept != acceptSimilar {
		return errBadRequest
	}
	f.similar = form.Get("accept") == acceptSimilar
	if text := form.Get("total"); text != "" {
		total, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errBadRequest
		}
		f.total = &total
	}
	if f.key != "" && !validKey(f.key) {
		return errBadRequest
	}
	return nil
}

// validKey tells whether an idempotency key has the form that the contract allows.
func validKey(key string) bool {
	if len(key) < 16 || len(key) > 64 {
		return false
	}
	for _, c := range key {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-') {
			return false
		}
	}
	return true
}

// request resolves the public names. Errors: errNotFound.
func (s *site) holdRequest(ctx context.Context, f holdForm) (booking.HoldRequest, error) {
	req := booking.HoldRequest{MemberID: visitor(ctx).ID, Language: texts.Lang(ctx), Party: f.party, Total: f.total, Key: f.key, Similar: f.similar, Change: f.change}
	wish := func(name string) bool { return slices.Contains(f.wishes, name) }
	wishes := booking.Wishes{Together: wish("together"), Window: wish("window"), Aisle: wish("aisle"), Front: wish("front")}
	for _, id := range f.flights {
		req.Legs = append(req.Legs, booking.LegRequest{FlightID: id.RowID(), Seats: f.seats[id], Fare: f.fares[id], Cabin: f.cabin, Wishes: wishes})
	}
	return req, nil
}

// hold is POST /holds.
func (s *site) hold(w http.ResponseWriter, r *http.Request) error { return s.holdFor(w, r, "") }

// holdFor holds what a form asks for, to replace a booking where change names one.
func (s *site) holdFor(w http.ResponseWriter, r *http.Request, change string) error {
	if !visitor(r.Context()).Verified {
		return errUnverified
	}
	form, err := parseHold(r.PostForm)
	if err != nil {
		return err
	}
	form.change = change
	req, err := s.holdRequest(r.Context(), form)
	if err != nil {
		return err
	}
	held, err := s.Booking.Hold(r.Context(), req)
	if err != nil {
		return s.holdRefused(w, r, form, err)
	}
	s.keepPass(w, r, form, held)
	return see(w, r, "/bookings/"+held.Ref+replacedQuery(held.Replaced))
}

// replacedQuery tells the booking's page which seats are not those that were named.
func replacedQuery(list []booking.Replacement) string {
	query := url.Values{}
	for _, seat := range list {
		query.Add("replaced", seat.Lost.No+"-"+seat.Got.No)
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}
