package seed

import (
	"context"
	"strings"
)

// The template holds every layout's seats once, for the length of the connection, so that a day's seats
// are copied inside the database instead of being sent to it one by one.
const createTemplate = `CREATE TEMPORARY TABLE seat_template (
  layout VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seat_no VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cabin VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (layout, seat_no)
)`

func (s *seeder) seatTemplate(ctx context.Context) error {
	// The connection comes from a pool: an earlier run may have left its template there.
	for _, statement := range []string{"DROP TEMPORARY TABLE IF EXISTS seat_template", createTemplate} {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	var rows [][]any
	for _, l := range s.layouts.All() {
		for _, seat := range l.Seats() {
			state := "available"
			if seat.Blocked {
				state = "blocked"
			}
			rows = append(rows, []any{l.Code, seat.No, string(seat.Cabin), state})
		}
	}
	return insert(ctx, s.conn, "seat_template (layout, seat_no, cabin, state)", rows, "")
}

// insertSeats gives flights their seats, in the order of the primary key, and returns how many.
func insertSeats(ctx context.Context, on execer, flightIDs []any) (int64, error) {
	marks := strings.TrimSuffix(strings.Repeat("?,", len(flightIDs)), ",")
	result, err := on.ExecContext(ctx, `INSERT INTO seat (flight_id, seat_no, cabin, state)
SELECT f.id, t.seat_no, t.cabin, t.state
FROM flight f JOIN seat_template t ON t.layout = f.layout
WHERE f.id IN (`+marks+`) ORDER BY f.id, t.seat_no`, flightIDs...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
