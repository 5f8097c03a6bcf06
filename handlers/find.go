package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pigonair/booking"
	"pigonair/members"
	"pigonair/ticketing"
	"pigonair/views/bookings"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// findPage is GET /find.
func (s *site) findPage(w http.ResponseWriter, r *http.Request) error {
	return s.showFind(w, r, http.StatusOK, bookings.FindForm{})
}

func (s *site) showFind(w http.ResponseWriter, r *http.Request, status int, f bookings.FindForm) error {
	page := layout.Page{Title: texts.T(r.Context(), "booking.find_title"), Nav: layout.NavTrips, URL: "/find"}
	switch status {
	case http.StatusNotFound:
		page.ErrorCode = "not_found"
	case http.StatusUnprocessableEntity:
		page.ErrorCode = "invalid"
	case http.StatusTooManyRequests:
		page.ErrorCode = "throttled"
	}
	return s.page(w, r, status, page, bookings.Find(f))
}

// find is POST /find: a guest's look-up. Unknown and wrong get the same answer; personal data is masked and
// nothing can be changed from here.
func (s *site) find(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	f := bookings.FindForm{Ref: r.PostForm.Get("ref"), Surname: r.PostForm.Get("surname"), Date: r.PostForm.Get("date"), Errors: map[string]string{}}
	ref, err := ticketing.ParseReference(f.Ref)
	if err != nil {
		f.Errors["ref"] = texts.T(ctx, "booking.bad_ref")
	}
	if booking.CleanName(f.Surname) == "" {
		f.Errors["surname"] = texts.T(ctx, "booking.bad_surname")
	}
	if _, err := time.Parse(time.DateOnly, f.Date); err != nil {
		f.Errors["date"] = texts.T(ctx, "booking.bad_date")
	}
	if len(f.Errors) > 0 {
		return s.showFind(w, r, http.StatusUnprocessableEntity, f)
	}
	found, err := s.Members.LookUp(ctx, ref, caller(r))
	if wait := (*members.WaitError)(nil); errors.As(err, &wait) {
		f.Wait = seconds(wait.Wait)
		w.Header().Set("Retry-After", strconv.Itoa(f.Wait))
		return s.showFind(w, r, http.StatusTooManyRequests, f)
	}
	if err != nil {
		return err
	}
	v, err := s.Booking.ByRef(ctx, ref)
	if err != nil && !isOne(err, booking.ErrNotFound) {
		return err
	}
	if err != nil || !matches(v, booking.CleanName(f.Surname), f.Date) {
		f.NotFound = true
		return s.showFind(w, r, http.StatusNotFound, f)
	}
	if err := found(ctx); err != nil {
		return err
	}
	return s.found(w, r, v)
}

// matches tells whether surname and local date of a departure belong to a booking.
func matches(v booking.View, surname, date string) bool {
	for _, p := range v.Passengers {
		for _, leg := range v.Legs {
			if p.Surname == surname && leg.LocalDate.Format(time.DateOnly) == date {
				return true
			}
		}
	}
	return false
}

func (s *site) found(w http.ResponseWriter, r *http.Request, v booking.View) error {
	ctx := r.Context()
	t, err := s.trip(ctx, v)
	if err != nil {
		return err
	}
	for i := range t.People {
		t.People[i].Name = masked(t.People[i].Name)
		t.People[i].Ticket = ""
	}
	t.Email, t.Story = "", nil
	return s.page(w, r, http.StatusOK, layout.Page{Title: texts.T(ctx, "booking.found_title"), Nav: layout.NavTrips, URL: "/find"}, bookings.Found(t))
}

// masked keeps the first letter of each part of a name.
func masked(name string) string {
	parts := strings.Fields(name)
	for i, part := range parts {
		letters := []rune(part)
		parts[i] = string(letters[0]) + strings.Repeat("*", min(len(letters)-1, 5))
	}
	return strings.Join(parts, " ")
}

// isHangul tells whether every letter of a name is Hangul.
func isHangul(name string) bool {
	for _, r := range name {
		if r < '가' || r > '힣' {
			return false
		}
	}
	return name != ""
}
