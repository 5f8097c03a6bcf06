package handlers

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"pigonair/booking"
	"pigonair/ticketing"
	"pigonair/views/bookings"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

// verifyTicket is GET /tickets/verify: whether the text of a ticket's bar code is ours, and whether the ticket still
// stands. It shows nothing that the bar code does not state itself; a name is only compared.
func (s *site) verifyTicket(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	query := r.URL.Query()
	v := bookings.Verification{Code: strings.TrimSpace(query.Get("code")), Name: strings.TrimSpace(query.Get("name")),
		Key: base64.StdEncoding.EncodeToString(s.TicketKey)}
	page := layout.Page{Title: texts.T(ctx, "booking.verify_title"), URL: "/tickets/verify"}
	if v.Code == "" {
		return s.page(w, r, http.StatusOK, page, bookings.Verify(v))
	}
	claims, err := ticketing.Verify(v.Code, s.TicketKey)
	if err != nil {
		v.Refused, page.ErrorCode = true, "invalid"
		return s.page(w, r, http.StatusUnprocessableEntity, page, bookings.Verify(v))
	}
	v.Genuine, v.Number, v.Issued = true, claims.Number.String(), claims.IssuedAt
	for _, c := range claims.Coupons {
		v.Coupons = append(v.Coupons, bookings.Coupon(c))
	}
	v.NameFits = claims.NameMatches(v.Name)
	if v.Stands, err = s.stands(r, claims); err != nil {
		return err
	}
	return s.page(w, r, http.StatusOK, page, bookings.Verify(v))
}

// stands tells whether a ticket has not been cancelled or changed since: its booking is confirmed, with the same seats.
func (s *site) stands(r *http.Request, claims ticketing.Claims) (bool, error) {
	v, err := s.Booking.ByRef(r.Context(), claims.Reference)
	if errors.Is(err, booking.ErrNotFound) {
		return false, nil
	}
	if err != nil || v.Row.State != string(booking.Confirmed) {
		return false, err
	}
	t, err := s.Tickets.Ticket(r.Context(), v)
	if err != nil {
		return false, err
	}
	for i := range t.Passengers {
		if now := ticketing.ClaimsOf(t, i); now.Number == claims.Number {
			now.IssuedAt = claims.IssuedAt
			return now.String() == claims.String(), nil
		}
	}
	return false, nil
}
