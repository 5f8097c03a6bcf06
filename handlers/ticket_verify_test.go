package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pigonair/booking"
	"pigonair/ticketing"
)

// A bar code of ours is genuine; it is valid as long as its booking stands as it was. Nothing else passes, and nothing
// is told that the bar code does not say itself.
func TestTicketsAreVerified(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	ref := strings.TrimPrefix(s.held(s.places.Flight), "/bookings/")
	code := s.issued(ref)
	verify := func(code, name string) reply {
		return s.get("/tickets/verify?lang=en&code=" + url.QueryEscape(code) + "&name=" + url.QueryEscape(name))
	}
	s.want(s.get("/tickets/verify?lang=en"), http.StatusOK, "", `name="code"`)
	s.want(verify(code, "김하늘"), http.StatusOK, "", "Genuine and valid", "990-", s.places.Flight, "20A", "The name fits")
	s.want(verify(code, "이바다"), http.StatusOK, "", "Genuine and valid", "not that on the ticket")
	if page := verify(code, ""); strings.Contains(page.body, "하늘") || strings.Contains(page.body, ref) && !strings.Contains(code, ref) {
		t.Error("the page tells more than the bar code")
	}
	s.want(verify(strings.ToLower(code), ""), http.StatusOK, "", "Genuine and valid")
	other, err := ticketing.NewSigner([]byte(strings.Repeat("o", 32)))
	if err != nil {
		t.Fatal(err)
	}
	claims, err := ticketing.Verify(code, s.signer.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"x", code[:len(code)-1], strings.Replace(code, "20A", "21A", 1), other.Sign(claims), strings.Repeat("A/", 5000)} {
		s.want(verify(bad, ""), http.StatusUnprocessableEntity, "", `data-error="invalid"`, "not a ticket of ours")
	}
	s.exec("UPDATE booking SET state = 'cancelled', ended_at = NOW(6) WHERE ref = ?", ref)
	s.want(verify(code, ""), http.StatusOK, "", "no longer valid")
}

// issued makes a held booking a confirmed one, as if it had been paid for, and returns its ticket's bar code.
func (s *shop) issued(ref string) string {
	s.t.Helper()
	number, err := ticketing.NewNumber("990", 7)
	if err != nil {
		s.t.Fatal(err)
	}
	s.exec("UPDATE booking SET state = 'confirmed', held_until = NULL, confirmed_at = NOW(6) WHERE ref = ?", ref)
	s.exec("INSERT INTO passenger (booking_id, passenger_no, kind, surname, given_name, ticket_no) SELECT id, 1, 'adult', '김', '하늘', ? FROM booking WHERE ref = ?", number.Digits(), ref)
	v, err := s.booking.ByRef(s.t.Context(), ref)
	if err != nil || v.Row.State != string(booking.Confirmed) {
		s.t.Fatalf("%+v, %v", v.Row, err)
	}
	ticket, err := s.tickets.Ticket(s.t.Context(), v)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.signer.Sign(ticketing.ClaimsOf(ticket, 0))
}
