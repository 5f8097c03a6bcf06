package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// bought is the path of a confirmed booking of two adults on a flight of its own day.
func (s *shop) bought(flight string) string {
	s.t.Helper()
	held := s.do(http.MethodPost, "/holds", url.Values{"seat": {flight + ":21A", flight + ":21B"}})
	path := held.Header.Get("Location")
	s.want(s.do(http.MethodPost, path+"/passengers", travellers("19900517", "19910517")), http.StatusSeeOther, path)
	s.exec("UPDATE seat s JOIN booking b ON b.id = s.booking_id SET s.state = 'sold', s.held_until = NULL, b.state = 'confirmed', b.held_until = NULL, b.confirmed_at = NOW(6)")
	return path
}

// TestAFlightIsChangedInTwoSteps: the booking's page leads to other flights of the route with their prices, one press
// holds the same party there, and the page of the new hold knows the people and tells what comes back.
func TestAFlightIsChangedInTwoSteps(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	path := s.bought(s.places.Flight)
	list := s.post(path + "/change")
	s.want(list, http.StatusOK, "", "항공편 변경", `data-action="hold"`)
	_, first, _ := strings.Cut(list.body, `name="seat"`)
	form := url.Values{}
	part, _, _ := strings.Cut(`<input type="hidden" name="seat"`+first, "</form>")
	for _, m := range hiddenField.FindAllStringSubmatch(part, -1) {
		form.Add(m[1], m[2])
	}
	held := s.do(http.MethodPost, path+"/change", form)
	location := held.Header.Get("Location")
	if held.StatusCode != http.StatusSeeOther || !strings.HasPrefix(location, "/bookings/") || location == path {
		t.Fatalf("hold: %d to %q\n%s", held.StatusCode, location, held.body)
	}
	s.want(s.get(location), http.StatusOK, "", "예약 "+strings.TrimPrefix(path, "/bookings/"), "대신합니다", `value="19910517"`)
	s.want(s.get(path), http.StatusOK, "", `data-booking-state="confirmed"`)
	s.want(s.do(http.MethodPost, location+"/passengers", travellers("19900517", "19910517")), http.StatusSeeOther, location)
	s.want(s.post(location+"/change"), http.StatusConflict, "", `data-error="state"`)
}
