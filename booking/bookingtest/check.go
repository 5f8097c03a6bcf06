package bookingtest

import (
	"context"
	"database/sql"
	"fmt"
)

// Check ends the test's luck where the database breaks a rule that must hold at every instant.
func (w *World) Check() {
	w.T.Helper()
	for _, fault := range w.Faults() {
		w.T.Error(fault)
	}
}

// Faults lists the rules that the database breaks now, by name and how often.
func (w *World) Faults() []string {
	w.T.Helper()
	faults, err := Faults(w.T.Context(), w.Pool)
	if err != nil {
		w.T.Fatal(err)
	}
	return faults
}

// Faults lists the rules that a database with bookings breaks now, by name and how often.
func Faults(ctx context.Context, pool *sql.DB) ([]string, error) {
	var faults []string
	for _, rule := range rules {
		var n int64
		if err := pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM ("+rule.broken+") AS broken").Scan(&n); err != nil {
			return nil, fmt.Errorf("%s: %w", rule.name, err)
		}
		if n > 0 {
			faults = append(faults, fmt.Sprintf("%s: %d times", rule.name, n))
		}
	}
	return faults, nil
}

// live is the condition under which a booking b has its seats.
const live = "(b.state IN ('paying', 'confirmed') OR (b.state = 'held' AND b.held_until > NOW(6)))"

// rules are queries that yield a row for each breach.
var rules = []struct{ name, broken string }{
	{"a live booking whose seats are not its own", `SELECT b.id FROM booking b JOIN booking_seat c ON c.booking_id = b.id
  JOIN (SELECT booking_id, flight_id, seat_no, MAX(fence) AS fence FROM booking_seat GROUP BY booking_id, flight_id, seat_no) newest
    USING (booking_id, flight_id, seat_no, fence)
  LEFT JOIN seat s ON s.flight_id = c.flight_id AND s.seat_no = c.seat_no AND s.booking_id = b.id AND s.fence = c.fence
    AND s.state = CASE b.state WHEN 'confirmed' THEN 'sold' ELSE b.state END AND s.held_until <=> b.held_until
  WHERE ` + live + ` AND (s.seat_no IS NULL OR c.live IS NULL)`},
	{"a live booking without a seat for each traveller and leg", `SELECT b.id FROM booking b JOIN booking_leg l ON l.booking_id = b.id
  LEFT JOIN booking_seat c ON c.booking_id = b.id AND c.flight_id = l.flight_id AND c.live = 1
  WHERE ` + live + ` GROUP BY b.id, l.leg_no HAVING COUNT(c.seat_no) <> MAX(b.adults + b.children)`},
	{"a taken seat without a live booking", `SELECT s.seat_no FROM seat s LEFT JOIN booking b ON b.id = s.booking_id AND ` + live + `
  WHERE (s.state IN ('paying', 'sold') OR (s.state = 'held' AND s.held_until > NOW(6))) AND b.id IS NULL`},
	{"a seat with a live claim that is not its holder's", `SELECT c.seat_no FROM booking_seat c JOIN seat s USING (flight_id, seat_no)
  WHERE c.live = 1 AND NOT (s.booking_id <=> c.booking_id AND s.fence = c.fence)`},
	{"two live claims on one seat", `SELECT seat_no FROM booking_seat WHERE live = 1 GROUP BY flight_id, seat_no HAVING COUNT(*) > 1`},
	{"a seat whose history does not tell its state", `SELECT s.seat_no FROM seat s LEFT JOIN seat_history h USING (flight_id, seat_no, version)
  WHERE s.version > 0 AND NOT (h.state <=> s.state AND h.booking_id <=> s.booking_id AND h.held_until <=> s.held_until)`},
	{"a gap in a seat's history", `SELECT s.seat_no FROM seat s LEFT JOIN seat_history h USING (flight_id, seat_no)
  GROUP BY s.flight_id, s.seat_no, s.version HAVING COUNT(h.version) <> s.version`},
	{"a history that goes back in time", `SELECT h.seat_no FROM seat_history h JOIN seat_history n
    ON n.flight_id = h.flight_id AND n.seat_no = h.seat_no AND n.version = h.version + 1 WHERE n.happened_at < h.happened_at`},
	{"a booking whose lines are not its total", `SELECT b.id FROM booking b LEFT JOIN price_line p ON p.booking_id = b.id
  GROUP BY b.id, b.total HAVING COALESCE(SUM(p.base + p.fuel + p.charges + p.seat), 0) <> b.total`},
	{"one key twice", `SELECT idem_key FROM booking WHERE idem_key IS NOT NULL GROUP BY member_id, idem_key HAVING COUNT(*) > 1`},
}
