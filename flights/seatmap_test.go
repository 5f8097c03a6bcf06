package flights_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pigonair/flights"
)

func (s *shop) seatMap(t *testing.T, id int64) *flights.SeatMap {
	t.Helper()
	m, err := s.catalog.SeatMap(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSeatMap(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	t.Run("states", func(t *testing.T) { seatStates(t, s) })
	t.Run("ages", func(t *testing.T) { seatMapAges(t, s) })
	t.Run("runs out", func(t *testing.T) { seatMapRunsOut(t, s) })
	if _, err := s.catalog.SeatMap(context.Background(), 1); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("the map of no flight: %v", err)
	}
}

func seatStates(t *testing.T, s *shop) {
	f := s.flight(t, s.places.Flight)
	s.take(t, f.ID, "standard", "sold", "NULL", "7A")
	s.take(t, f.ID, "standard", "paying", "NOW(6) - INTERVAL 1 HOUR", "7B")
	s.take(t, f.ID, "standard", "held", "NOW(6) + INTERVAL 1 HOUR", "7C")
	s.take(t, f.ID, "standard", "held", "NOW(6)", "7D")
	s.exec(t, "UPDATE seat SET state = 'blocked' WHERE flight_id = ? AND seat_no = '7E'", f.ID)
	s.exec(t, "DELETE FROM seat WHERE flight_id = ? AND seat_no = '7F'", f.ID)
	m := s.seatMap(t, f.ID)
	for no, want := range map[string]flights.SeatState{
		"7A": flights.SeatSold, "7B": flights.SeatHeld, "7C": flights.SeatHeld, "7D": flights.SeatAvailable,
		"7E": flights.SeatBlocked, "7F": flights.SeatBlocked, "8A": flights.SeatAvailable,
	} {
		seat, err := m.Seat(no)
		if err != nil || seat.State != want || m.Available(no) != (want == flights.SeatAvailable) {
			t.Errorf("%s is %s, %v, want %s", no, seat.State, err, want)
		}
	}
	if len(m.Seats) != 189 || m.Free(flights.Economy) != 184 || m.Layout.Code != "b738" {
		t.Errorf("%d seats, %d free, layout %s", len(m.Seats), m.Free(flights.Economy), m.Layout.Code)
	}
	if held, _ := m.Seat("7C"); held.HeldUntil.Sub(m.ReadAt) < 59*time.Minute || held.HeldUntil.Sub(m.ReadAt) > time.Hour {
		t.Errorf("7C is held for %s", held.HeldUntil.Sub(m.ReadAt))
	}
	if paying, _ := m.Seat("7B"); !paying.HeldUntil.IsZero() {
		t.Errorf("7B, being paid for, ends at %s", paying.HeldUntil)
	}
	if first, _ := m.Seat("1A"); first.PriceAddOn != 12000 || !first.Window {
		t.Errorf("1A is %+v", first)
	}
	if _, err := m.Seat("99Z"); !errors.Is(err, flights.ErrNotFound) || m.Available("99Z") {
		t.Errorf("99Z: %v", err)
	}
}

func seatMapAges(t *testing.T, s *shop) {
	f := s.flight(t, s.places.SaleFlight)
	first := s.seatMap(t, f.ID)
	s.take(t, f.ID, "standard", "sold", "NULL", "9A")
	s.forward(499 * time.Millisecond)
	if m := s.seatMap(t, f.ID); m != first {
		t.Error("the map was read again before half a second")
	}
	s.forward(time.Millisecond)
	m := s.seatMap(t, f.ID)
	if m.Available("9A") || m.Version == first.Version {
		t.Errorf("after half a second 9A is still free, or the version still %s", m.Version)
	}
	s.forward(time.Second)
	if again := s.seatMap(t, f.ID); again == m || again.Version != m.Version {
		t.Errorf("the same seats have the versions %s and %s", m.Version, again.Version)
	}
	other := flights.NewCatalog(s.deps)
	if same, err := other.SeatMap(context.Background(), f.ID); err != nil || same.Version != m.Version {
		t.Errorf("another instance has version %s, %v, want %s", same.Version, err, m.Version)
	}
}

// A hold that runs out writes nothing: the map says by itself when it is no longer to be believed.
func seatMapRunsOut(t *testing.T, s *shop) {
	f := s.flight(t, s.places.SaleFlight)
	s.take(t, f.ID, "standard", "held", "NOW(6) + INTERVAL 400000 MICROSECOND", "10A")
	s.forward(time.Second)
	m := s.seatMap(t, f.ID)
	if seat, _ := m.Seat("10A"); seat.State != flights.SeatHeld {
		t.Skipf("the database took 0.4 s to answer")
	}
	if left := m.ValidUntil.Sub(m.ReadAt); left > 400*time.Millisecond || left <= 0 {
		t.Errorf("the map is valid for %s, want until the hold's end", left)
	}
	s.exec(t, "UPDATE seat SET held_until = NOW(6) WHERE flight_id = ? AND seat_no = '10A'", f.ID)
	s.forward(m.ValidUntil.Sub(m.ReadAt))
	if again := s.seatMap(t, f.ID); !again.Available("10A") || again.Version == m.Version {
		t.Errorf("10A is not free again, or the version still %s", again.Version)
	}
}
