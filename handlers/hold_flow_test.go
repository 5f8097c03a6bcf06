package handlers

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// others gives a seat to nobody in particular, so that it is gone for everybody.
func (s *shop) others(flight string, seats ...string) {
	s.t.Helper()
	id := s.flightID(flight)
	for _, no := range seats {
		s.exec("UPDATE seat SET state = 'blocked' WHERE flight_id = ? AND seat_no = ?", id, no)
	}
}

func (s *shop) flightID(flight string) int64 {
	s.t.Helper()
	var id int64
	no, date, _ := strings.Cut(flight, "-")
	err := s.pool.QueryRow("SELECT id FROM flight WHERE flight_no = ? AND local_date = STR_TO_DATE(?, '%Y%m%d')", no, date).Scan(&id)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *shop) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// seatsOf are the seats of a booking by flight, in passenger order.
func (s *shop) seatsOf(booking string) []string {
	s.t.Helper()
	rows, err := s.pool.Query(`SELECT CONCAT(f.flight_no, '-', DATE_FORMAT(f.local_date, '%Y%m%d'), ':', c.seat_no) FROM booking b
		JOIN booking_seat c ON c.booking_id = b.id AND c.live = 1 JOIN flight f ON f.id = c.flight_id WHERE b.ref = ? ORDER BY f.departs_at, c.passenger_no`,
		strings.TrimPrefix(strings.Split(booking, "?")[0], "/bookings/"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	var seats []string
	for rows.Next() {
		var seat string
		if err := rows.Scan(&seat); err != nil {
			s.t.Fatal(err)
		}
		seats = append(seats, seat)
	}
	return seats
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// proposal is the form of a page that offers something in place of what was lost.
func proposal(page string) url.Values {
	_, form, _ := strings.Cut(page, `action="/holds"`)
	form, _, _ = strings.Cut(form, "</form>")
	out := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		out.Add(m[1], m[2])
	}
	return out
}

// TestALostSeatIsReplacedAlone: the rest of the choice is kept, one tap holds it with the nearest seat, and the answer
// is small.
func TestALostSeatIsReplacedAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	s.others(f, "20B")
	form := url.Values{"seat": {f + ":20A", f + ":20B"}, "adults": {"2"}, "infants": {"1"}, "fare": {f + ":standard"}, "key": {"a-key-for-two-and-a-baby"}}
	got := s.do(http.MethodPost, "/holds", form)
	s.want(got, http.StatusConflict, "", `data-error="seat_taken"`, "20B")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(got.body))
	_ = z.Close()
	if zipped.Len() > 8<<10 {
		t.Errorf("the answer has %d bytes, zipped", zipped.Len())
	}
	offer := proposal(got.body)
	seats := offer["seat"]
	if len(seats) != 2 || seats[0] != f+":20A" || seats[1] == f+":20B" || offer.Get("infants") != "1" || offer.Get("fare") != f+":standard" || offer.Get("total") == "" {
		t.Fatalf("offered %v", offer)
	}
	held := s.do(http.MethodPost, "/holds", offer)
	if held.StatusCode != http.StatusSeeOther {
		t.Fatalf("one tap: %d\n%s", held.StatusCode, held.body)
	}
	if mine := s.seatsOf(held.Header.Get("Location")); !slices.Equal(mine, seats) {
		t.Errorf("held %v, offered %v", mine, seats)
	}
}

// roundTrip are two flights that can be bought together.
func (s *shop) roundTrip() (out, back string) {
	s.t.Helper()
	outs, _ := found(s.get("/flights?from=GMP&to=CJU&depart=" + inDays(3)).body)
	backs, _ := found(s.get("/flights?from=CJU&to=GMP&depart=" + inDays(5)).body)
	if len(outs) < 2 || len(backs) < 2 {
		s.t.Fatal("no flights to choose between")
	}
	return outs[0], backs[0]
}

// TestALostLegIsReplacedAlone: no seat is left on the way back, so the offer keeps the seat on the way out and has the
// nearest flight back.
func TestALostLegIsReplacedAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	out, back := s.roundTrip()
	s.exec("UPDATE seat SET state = 'blocked' WHERE flight_id = ?", s.flightID(back))
	got := s.do(http.MethodPost, "/holds", url.Values{"seat": {out + ":21C", back + ":21C"}, "key": {"a-key-for-there-and-back"}})
	s.want(got, http.StatusConflict, "", `data-error="seat_taken"`)
	offer := proposal(got.body)
	seats := offer["seat"]
	if len(seats) != 2 || seats[0] != out+":21C" || strings.HasPrefix(seats[1], back) || !strings.HasSuffix(seats[1], ":auto") {
		t.Fatalf("offered %v", offer)
	}
	held := s.do(http.MethodPost, "/holds", offer)
	if held.StatusCode != http.StatusSeeOther {
		t.Fatalf("one tap: %d\n%s", held.StatusCode, held.body)
	}
	if mine := s.seatsOf(held.Header.Get("Location")); len(mine) != 2 || mine[0] != out+":21C" {
		t.Errorf("held %v", mine)
	}
}

// TestTwoFlightsAllOrNone: both seats are held by one request, or neither.
func TestTwoFlightsAllOrNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	out, back := s.roundTrip()
	s.others(back, "22C")
	hold := func(there, here string) reply {
		return s.do(http.MethodPost, "/holds", url.Values{"seat": {out + ":" + there, back + ":" + here}, "key": {"a-key-for-there-and-back-" + here}})
	}
	s.want(hold("22C", "22C"), http.StatusConflict, "", `data-error="seat_taken"`)
	var n int
	if err := s.pool.QueryRow("SELECT COUNT(*) FROM booking").Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d bookings, %v", n, err)
	}
	held := hold("22C", "22D")
	if held.StatusCode != http.StatusSeeOther {
		t.Fatalf("both: %d", held.StatusCode)
	}
	if mine := s.seatsOf(held.Header.Get("Location")); !slices.Equal(mine, []string{out + ":22C", back + ":22D"}) {
		t.Errorf("held %v", mine)
	}
}

// TestASimilarSeatWillDo: the same request takes the nearest seat like the one that is gone, and the customer is told.
func TestASimilarSeatWillDo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	s.others(f, "20A")
	held := s.post("/holds", "seat", f+":20A", "accept", "similar")
	if held.StatusCode != http.StatusSeeOther {
		t.Fatalf("hold: %d", held.StatusCode)
	}
	mine := s.seatsOf(held.Header.Get("Location"))
	if len(mine) != 1 || mine[0] == f+":20A" || !strings.HasSuffix(mine[0], "A") && !strings.HasSuffix(mine[0], "F") {
		t.Errorf("held %v in place of a window", mine)
	}
	_, no, _ := strings.Cut(mine[0], ":")
	s.want(s.get(held.Header.Get("Location")), http.StatusOK, "", "20A 좌석이 이미 차서", no)
	s.want(s.post("/holds", "seat", f+":20A", "accept", "anything"), http.StatusBadRequest, "")
}

// TestWishesReachTheService: of a free flight the wishes choose a window in front, or seats at the aisle.
func TestWishesReachTheService(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	s.exec("UPDATE seat SET state = 'available' WHERE flight_id = ?", s.flightID(f))
	for wish, letters := range map[string]string{"window": "AF", "aisle": "CD"} {
		held := s.do(http.MethodPost, "/holds", url.Values{"seat": {f + ":auto"}, "wish": {wish, "front"}, "adults": {"2"}})
		if held.StatusCode != http.StatusSeeOther {
			t.Fatalf("hold: %d", held.StatusCode)
		}
		for _, seat := range s.seatsOf(held.Header.Get("Location")) {
			if !strings.ContainsAny(seat[len(seat)-1:], letters) {
				t.Errorf("%s: %s", wish, seat)
			}
		}
	}
	s.want(s.post("/holds", "seat", f+":auto", "wish", "leg room"), http.StatusBadRequest, "")
}

// TestAKeyThatComesAgain: the same form gets the first answer, another content under its key is refused.
func TestAKeyThatComesAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	key := fmt.Sprintf("key-%d", time.Now().UnixNano())
	first := s.post("/holds", "seat", f+":23A", "key", key)
	again := s.post("/holds", "seat", f+":23A", "key", key)
	if first.StatusCode != http.StatusSeeOther || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("%d to %q, then %d to %q", first.StatusCode, first.Header.Get("Location"), again.StatusCode, again.Header.Get("Location"))
	}
	s.want(s.post("/holds", "seat", f+":23B", "key", key), http.StatusUnprocessableEntity, "", `data-error="key_reused"`)
}

// TestANewTotalIsToldBeforeAnythingIsHeld: one tap agrees to it.
func TestANewTotalIsToldBeforeAnythingIsHeld(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	got := s.post("/holds", "seat", f+":auto", "total", "1", "wish", "aisle")
	s.want(got, http.StatusConflict, "", `data-error="price_changed"`)
	offer := proposal(got.body)
	if offer.Get("wish") != "aisle" || len(offer["total"]) != 1 {
		t.Errorf("offered %v", offer)
	}
	if held := s.do(http.MethodPost, "/holds", offer); held.StatusCode != http.StatusSeeOther {
		t.Errorf("one tap: %d\n%s", held.StatusCode, held.body)
	}
}

// TestNoHoldAfterTheCutOff: the flight leaves in an hour, and nobody may hold a seat.
func TestNoHoldAfterTheCutOff(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	s.exec("UPDATE flight SET sales_close_at = NOW(6) WHERE id = ?", s.flightID(f))
	s.want(s.post("/holds", "seat", f+":auto", "key", "a-key-that-comes-too-late"), http.StatusConflict, "", `data-error="sales_closed"`)
}
