//go:build unsafe_lab

package db

import (
	"context"
	"time"
)

// SeatsTakeAnyway takes seats whoever has them, and ends the claims on them so that the schema does not object. Only
// the lab's unsafe strategies use it.
func (t *Tx) SeatsTakeAnyway(ctx context.Context, flight int64, _ time.Time, takes []SeatTake) (int64, error) {
	query := `UPDATE booking_seat SET live = NULL WHERE flight_id = ? AND seat_no = ? AND live = 1`
	for _, take := range takes {
		if _, err := t.Raw.ExecContext(ctx, query, flight, take.SeatNo); err != nil {
			return 0, err
		}
	}
	n, err := t.takeSeats(ctx, flight, takes, ``, nil)
	if err != nil {
		return n, err
	}
	for i := range takes { // the version that the seat really had, so that no key objects
		if err := t.Raw.QueryRowContext(ctx, `SELECT version - 1 FROM seat WHERE flight_id = ? AND seat_no = ?`, flight, takes[i].SeatNo).Scan(&takes[i].Version); err != nil {
			return n, err
		}
	}
	return n, nil
}
