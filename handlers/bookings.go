package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"pigonair/booking"
	"pigonair/payment"
	"pigonair/ticketing"
	"pigonair/views/bookings"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// tripsPerPage is the size of a page of My trips.
const tripsPerPage = 20

// trips is GET /bookings.
func (s *site) trips(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, next, err := s.Booking.Trips(ctx, visitor(ctx).ID, parseCursor(r.URL.Query().Get("after")), tripsPerPage)
	if err != nil {
		return err
	}
	shown := make([]bookings.Trip, 0, len(list))
	for _, v := range list {
		t, err := s.trip(ctx, v)
		if err != nil {
			return err
		}
		shown = append(shown, t)
	}
	more := ""
	if next != nil {
		more = "/bookings?after=" + strconv.FormatInt(next.Before.UnixMicro(), 36) + "-" + strconv.FormatInt(next.ID, 36)
	}
	return s.page(w, r, http.StatusOK, layout.Page{Title: texts.T(ctx, "booking.trips"), Nav: layout.NavTrips}, bookings.Trips(shown, more))
}

// parseCursor reads where a page of trips begins; anything else is the first page.
func parseCursor(after string) booking.Cursor {
	at, id, found := strings.Cut(after, "-")
	micros, err := strconv.ParseInt(at, 36, 64)
	number, err2 := strconv.ParseInt(id, 36, 64)
	before := time.UnixMicro(micros).UTC()
	if !found || err != nil || err2 != nil || before.Year() < 1 || before.Year() > 9999 { // the database knows no others
		return booking.Cursor{}
	}
	return booking.Cursor{Before: before, ID: number}
}

// reference is the booking reference of the path. Errors: booking.ErrNotFound for what cannot be one.
func reference(r *http.Request) (string, error) {
	ref, err := ticketing.ParseReference(r.PathValue("ref"))
	if err != nil {
		return "", booking.ErrNotFound
	}
	return ref, nil
}

// view loads the booking of the path for its owner. Errors: booking.ErrNotFound, also for somebody else's.
func (s *site) view(r *http.Request) (booking.View, error) {
	ref, err := reference(r)
	if err != nil {
		return booking.View{}, err
	}
	return s.Booking.Get(r.Context(), visitor(r.Context()).ID, ref)
}

// booking is GET /bookings/{ref}: the page of the state that it is in.
func (s *site) booking(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	if v.State == booking.Held && (!complete(v) || r.URL.Query().Get("edit") == "passengers") {
		return s.passengersPage(w, r, v, s.formOf(r, v), http.StatusOK)
	}
	return s.statePage(w, r, v)
}

// complete tells whether all passengers are written down.
func complete(v booking.View) bool {
	return len(v.Passengers) == len(v.Kinds()) && v.Row.ContactEmail != ""
}

func (s *site) statePage(w http.ResponseWriter, r *http.Request, v booking.View) error {
	ctx := r.Context()
	t, err := s.trip(ctx, v)
	if err != nil {
		return err
	}
	page := layout.Page{Title: texts.T(ctx, "booking.state_"+t.State) + " " + t.Ref, Nav: layout.NavTrips, URL: "/bookings/" + t.Ref}
	switch v.State {
	case booking.Held:
		return s.payPage(w, r, v, t)
	case booking.Paying:
		page.Refresh = 5
		return s.page(w, r, http.StatusOK, page, bookings.Checking(t))
	case booking.Confirmed:
		return s.page(w, r, http.StatusOK, page, bookings.Ticket(t, r.URL.Query().Has("paid")))
	}
	return s.page(w, r, http.StatusOK, page, bookings.Ended(t, s.lostNotice(r, v)))
}

// payPage shows the last step, with why an earlier attempt did not pay.
func (s *site) payPage(w http.ResponseWriter, r *http.Request, v booking.View, t bookings.Trip) error {
	ctx := r.Context()
	fees, err := s.fees(ctx, v)
	if err != nil {
		return err
	}
	if t.Replaces, _, err = s.replacedNote(ctx, v); err != nil {
		return err
	}
	last, err := s.Payment.Last(ctx, v.Row.ID)
	if err != nil {
		return err
	}
	var notice *bookings.Notice
	if last.State == payment.Refused {
		notice = &bookings.Notice{Title: texts.T(ctx, "pay.declined_title", "reason", reasonText(ctx, last.Reason)),
			Text: texts.T(ctx, "pay.declined_text", "until", texts.Clock(ctx, t.Until))}
	}
	s.allowGateway(w)
	return s.page(w, r, http.StatusOK, layout.Page{Title: texts.T(ctx, "pay.title"), Nav: layout.NavTrips, URL: "/bookings/" + t.Ref}, bookings.Pay(t, fees, notice))
}

// lostNotice says that nothing was charged when the hold ran out while the customer paid.
func (s *site) lostNotice(r *http.Request, v booking.View) *bookings.Notice {
	ctx := r.Context()
	last, err := s.Payment.Last(ctx, v.Row.ID)
	if err != nil || last.Reason != "seats_lost" {
		return nil
	}
	return &bookings.Notice{Title: texts.T(ctx, "pay.lost_title"), Text: texts.T(ctx, "pay.lost_text")}
}

// extend is POST /bookings/{ref}/extend. A second press finds the extension used, which is what it wanted.
func (s *site) extend(w http.ResponseWriter, r *http.Request) error {
	ref, err := reference(r)
	if err != nil {
		return err
	}
	err = s.Booking.Extend(r.Context(), visitor(r.Context()).ID, ref)
	if err != nil && !isOne(err, booking.ErrExtended, booking.ErrExpired) {
		return err
	}
	return see(w, r, "/bookings/"+ref)
}

// pay is POST /bookings/{ref}/pay: it leads to the gateway.
func (s *site) pay(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := s.view(r)
	if err != nil {
		return err
	}
	if v.State != booking.Held || !complete(v) {
		return see(w, r, "/bookings/"+v.Row.Ref)
	}
	order := texts.T(ctx, "booking.order_name", "flight", v.Legs[0].FlightNo)
	url, err := s.Payment.Start(ctx, v.Row.MemberID, v.Row.Ref, order, fullName(v.Passengers[0]))
	if isOne(err, booking.ErrExpired, booking.ErrState, payment.ErrChecking) {
		return see(w, r, "/bookings/"+v.Row.Ref)
	}
	if err != nil {
		return err
	}
	return see(w, r, url)
}

// cancel is POST /bookings/{ref}/cancel: a hold is let go; a confirmed booking is quoted first and cancelled for
// exactly the refund that was shown.
func (s *site) cancel(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	if err := parseForm(r); err != nil {
		return err
	}
	switch {
	case v.State == booking.Held:
		if err := s.Booking.LetGo(r.Context(), v.Row.MemberID, v.Row.Ref); err != nil && !isOne(err, booking.ErrExpired) {
			return err
		}
	case v.State == booking.Confirmed && r.PostForm.Has("refund"):
		return s.cancelQuoted(w, r, v)
	case v.State == booking.Confirmed:
		return s.quotePage(w, r, v, http.StatusOK, false)
	case v.State == booking.Paying:
		return booking.ErrState
	}
	return see(w, r, "/bookings/"+v.Row.Ref)
}

func (s *site) cancelQuoted(w http.ResponseWriter, r *http.Request, v booking.View) error {
	quoted, err := strconv.ParseInt(r.PostForm.Get("refund"), 10, 64)
	if err != nil {
		return errBadRequest
	}
	err = s.Payment.Cancel(r.Context(), v.Row.MemberID, v.Row.Ref, quoted)
	if isOne(err, payment.ErrQuoteChanged) {
		return s.quotePage(w, r, v, http.StatusConflict, true)
	}
	if err != nil && !isOne(err, booking.ErrState) { // cancelled already, perhaps by a second press: its page says so
		return err
	}
	return see(w, r, "/bookings/"+v.Row.Ref)
}

func (s *site) quotePage(w http.ResponseWriter, r *http.Request, v booking.View, status int, changed bool) error {
	ctx := r.Context()
	q, err := s.Booking.Quote(ctx, v)
	if err != nil {
		return err
	}
	t, err := s.trip(ctx, v)
	if err != nil {
		return err
	}
	page := layout.Page{Title: texts.T(ctx, "booking.cancel_title"), Nav: layout.NavTrips, URL: "/bookings/" + t.Ref}
	if changed {
		page.ErrorCode = "quote_changed"
	}
	return s.page(w, r, status, page, bookings.CancelQuote(t, quoteView(ctx, t, q, changed)))
}
