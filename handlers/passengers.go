package handlers

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/members"
	"pigonair/views/bookings"
	"pigonair/views/components"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// leg is what the passengers' rules need of a flight.
type legRules struct {
	day           time.Time // of departure, at the origin
	international bool
	exits         map[int]bool // by passenger: sits in an exit row
	id            int64
}

// legsOf reads the flights of a booking for the passengers' rules.
func (s *site) legsOf(ctx context.Context, v booking.View) ([]legRules, error) {
	var legs []legRules
	for _, row := range v.Legs {
		f, err := s.Flights.FlightByID(ctx, row.FlightID)
		if err != nil {
			return nil, err
		}
		leg := legRules{day: f.Departs, international: f.International, exits: map[int]bool{}, id: row.FlightID}
		for i := range v.Kinds() {
			if seat, err := f.Layout.Seat(v.Seat(row.FlightID, i+1)); err == nil && seat.Exit {
				leg.exits[i+1] = true
			}
		}
		legs = append(legs, leg)
	}
	return legs, nil
}

// formOf fills the form with what is known: earlier answers, else the account's address.
func (s *site) formOf(r *http.Request, v booking.View) bookings.Form {
	if len(v.Passengers) == 0 {
		if _, old, err := s.replacedNote(r.Context(), v); err == nil { // a change is for the same people
			v.Passengers, v.Row.ContactEmail, v.Row.ContactPhone = old.Passengers, old.Row.ContactEmail, old.Row.ContactPhone
		}
	}
	f := bookings.Form{Email: v.Row.ContactEmail, Phone: v.Row.ContactPhone, Errors: map[string]string{}}
	if f.Email == "" {
		f.Email = visitor(r.Context()).Email
	}
	for i, kind := range v.Kinds() {
		p := bookings.PersonForm{No: i + 1, Kind: string(kind), Seat: people(v)[i].Seats, Nationality: "KR", Errors: map[string]string{}}
		if i < len(v.Passengers) {
			known := v.Passengers[i]
			p.Surname, p.GivenName, p.Consent = known.Surname, known.GivenName, known.ExitConsent && !v.Row.Replaces.Valid
			p.Nationality = known.Nationality
			if known.BirthDate.Valid {
				p.Birth = known.BirthDate.Time.Format("20060102")
			}
		}
		f.People = append(f.People, p)
	}
	return f
}

func (s *site) passengersPage(w http.ResponseWriter, r *http.Request, v booking.View, f bookings.Form, status int) error {
	ctx := r.Context()
	t, err := s.trip(ctx, v)
	if err != nil {
		return err
	}
	legs, err := s.legsOf(ctx, v)
	if err != nil {
		return err
	}
	for _, leg := range legs {
		f.International = f.International || leg.international
		for i := range f.People {
			f.People[i].Exit = f.People[i].Exit || leg.exits[i+1]
		}
	}
	if t.Replaces, _, err = s.replacedNote(ctx, v); err != nil {
		return err
	}
	f.Replaced = replacedTexts(ctx, v, r.URL.Query()["replaced"])
	page := layout.Page{Title: texts.T(ctx, "booking.passengers_title"), Nav: layout.NavTrips, URL: "/bookings/" + t.Ref}
	switch status {
	case http.StatusUnprocessableEntity:
		page.ErrorCode = "invalid"
	case http.StatusConflict:
		page.ErrorCode = "price_changed"
	}
	return s.page(w, r, status, page, bookings.Passengers(t, f))
}

// replacedTexts says which seats of a fresh hold are not those that were named, where the booking has them.
func replacedTexts(ctx context.Context, v booking.View, pairs []string) []string {
	var out []string
	for _, pair := range pairs {
		lost, got, _ := strings.Cut(pair, "-")
		mine := slices.ContainsFunc(v.Seats, func(s db.SeatsOfBookingsRow) bool { return s.SeatNo == got })
		if mine && seatForm.MatchString(lost) {
			out = append(out, texts.T(ctx, "hold.replaced", "lost", lost, "got", got))
		}
	}
	return out
}

// passengers is POST /bookings/{ref}/passengers.
func (s *site) passengers(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	if v.State != booking.Held {
		return see(w, r, "/bookings/"+v.Row.Ref)
	}
	if err := parseForm(r); err != nil {
		return err
	}
	legs, err := s.legsOf(r.Context(), v)
	if err != nil {
		return err
	}
	f := readPassengers(r, v)
	people := checkPassengers(r.Context(), &f, v, legs)
	if len(f.Faults) > 0 {
		return s.passengersPage(w, r, v, f, http.StatusUnprocessableEntity)
	}
	contact := booking.Contact{Name: visitor(r.Context()).Name, Email: f.Email, Phone: f.Phone, Language: texts.Lang(r.Context())}
	err = s.setPassengers(r, v, people, contact)
	if price := (*booking.PriceError)(nil); errors.As(err, &price) {
		f.Total, f.TotalBefore = price.Total, v.Row.Total
		return s.passengersPage(w, r, v, f, http.StatusConflict)
	}
	if isOne(err, booking.ErrNeedsSeat) {
		return s.needsSeat(w, r, v, people, legs)
	}
	if err != nil && !isOne(err, booking.ErrExpired) {
		return err
	}
	return see(w, r, "/bookings/"+v.Row.Ref)
}

// setPassengers writes the passengers, at the new total where the form agrees to one.
func (s *site) setPassengers(r *http.Request, v booking.View, people []booking.Passenger, c booking.Contact) error {
	text := r.PostForm.Get("total")
	if text == "" {
		return s.Booking.SetPassengers(r.Context(), v.Row.MemberID, v.Row.Ref, people, c)
	}
	total, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return errBadRequest
	}
	return s.Booking.AgreePassengers(r.Context(), v.Row.MemberID, v.Row.Ref, people, c, total)
}

func readPassengers(r *http.Request, v booking.View) bookings.Form {
	f := bookings.Form{Email: strings.TrimSpace(r.PostForm.Get("email")), Phone: strings.TrimSpace(r.PostForm.Get("phone")), Errors: map[string]string{}}
	for i, kind := range v.Kinds() {
		field := func(name string) string { return r.PostForm.Get(bookings.FieldID(i+1, name)) }
		f.People = append(f.People, bookings.PersonForm{No: i + 1, Kind: string(kind), Seat: people(v)[i].Seats, Surname: field("surname"),
			GivenName: field("given"), Birth: strings.TrimSpace(field("birth")), Nationality: strings.ToUpper(strings.TrimSpace(field("country"))),
			Consent: field("consent") != "", Errors: map[string]string{}})
	}
	return f
}

var (
	phoneForm   = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{6,28}[0-9]$`)
	seatForm    = regexp.MustCompile(`^[1-9][0-9]{0,2}[A-Z]$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
)

// checkPassengers validates the whole form, notes each fault at its field and in the summary, and returns the
// passengers as they are stored.
func checkPassengers(ctx context.Context, f *bookings.Form, v booking.View, legs []legRules) []booking.Passenger {
	out := make([]booking.Passenger, len(f.People))
	for i := range f.People {
		c := personCheck{ctx: ctx, form: f, p: &f.People[i], legs: legs}
		out[i] = c.check(v.Now)
	}
	if _, fault := members.ParseEmail(f.Email); fault != "" {
		f.Errors["email"] = texts.T(ctx, "booking.bad_email")
		f.Faults = append(f.Faults, components.Fault{ID: "email", Message: f.Errors["email"]})
	}
	if !phoneForm.MatchString(f.Phone) {
		f.Errors["phone"] = texts.T(ctx, "booking.bad_phone")
		f.Faults = append(f.Faults, components.Fault{ID: "phone", Message: f.Errors["phone"]})
	}
	return out
}

// personCheck validates one passenger.
type personCheck struct {
	ctx  context.Context
	form *bookings.Form
	p    *bookings.PersonForm
	legs []legRules
}

func (c personCheck) bad(field, message string) {
	c.p.Errors[field] = message
	c.form.Faults = append(c.form.Faults, components.Fault{ID: bookings.FieldID(c.p.No, field), Message: message})
}

func (c personCheck) check(now time.Time) booking.Passenger {
	out := booking.Passenger{Kind: booking.Kind(c.p.Kind), Surname: booking.CleanName(c.p.Surname), GivenName: booking.CleanName(c.p.GivenName),
		ExitConsent: c.p.Consent, Nationality: c.p.Nationality}
	c.name("surname", out.Surname, "booking.bad_surname")
	c.name("given", out.GivenName, "booking.bad_given")
	birth, ok := booking.ParseBirth(c.p.Birth, now.In(korea))
	if !ok {
		c.bad("birth", texts.T(c.ctx, "booking.bad_birth"))
	}
	out.BirthDate = birth
	for _, leg := range c.legs {
		if ok && len(c.p.Errors["birth"]) == 0 {
			c.age(leg, birth)
		}
	}
	if c.abroad() && !countryForm.MatchString(out.Nationality) {
		c.bad("country", texts.T(c.ctx, "booking.bad_country"))
	}
	if !c.abroad() {
		out.Nationality = ""
	}
	return out
}

func (c personCheck) abroad() bool {
	for _, leg := range c.legs {
		if leg.international {
			return true
		}
	}
	return false
}

func (c personCheck) name(field, name, missing string) {
	switch booking.CheckName(name, c.abroad()) {
	case booking.NameMissing:
		c.bad(field, texts.T(c.ctx, missing))
	case booking.NameLatin:
		c.bad(field, texts.T(c.ctx, "booking.bad_name_latin"))
	case booking.NameScript:
		c.bad(field, texts.T(c.ctx, "booking.bad_name_script"))
	}
}

// age checks who may sit in an exit row on the day of a leg. Another kind than the one declared is no fault: it has
// another price, or needs a seat.
func (c personCheck) age(leg legRules, birth time.Time) {
	if !leg.exits[c.p.No] {
		return
	}
	if booking.AgeOn(birth, leg.day) < flights.ExitRowMinAge {
		c.bad("birth", texts.T(c.ctx, "booking.bad_exit_age"))
	}
	if !c.p.Consent && c.p.Errors["consent"] == "" {
		c.bad("consent", texts.T(c.ctx, "booking.bad_consent"))
	}
}
