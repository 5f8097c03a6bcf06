package booking

import (
	"context"
	"slices"
	"time"

	"pigonair/db"
)

// takeovers are the seats, by flight and booking, that a transaction takes although a hold that ran out still stands
// on them. Only the seats taken are written; the bookings expire as a whole.
type takeovers map[int64]map[int64][]string

// note adds a seat as it was read under its lock, if somebody's hold stands on it.
func (t takeovers) note(flight int64, seat db.SeatsLockRow) {
	if seat.State != seatHeld {
		return
	}
	if t[flight] == nil {
		t[flight] = map[int64][]string{}
	}
	t[flight][seat.BookingID.Int64] = append(t[flight][seat.BookingID.Int64], seat.SeatNo)
}

// release ends the old holders' claims on the seats taken.
func (t takeovers) release(ctx context.Context, tx *db.Tx) error {
	for _, flight := range sortedKeys(t) {
		var seats []string
		for _, of := range t[flight] {
			seats = append(seats, of...)
		}
		slices.Sort(seats)
		n, err := tx.BookingSeatsRelease(ctx, db.BookingSeatsReleaseParams{FlightID: flight, SeatNos: seats, BookingIds: sortedKeys(t[flight])})
		if err := exactly(n, len(seats), err); err != nil {
			return err
		}
	}
	return nil
}

// expire marks the old holders' bookings as expired, at the instant at which they did. One that lost another seat
// before is marked already.
func (t takeovers) expire(ctx context.Context, tx *db.Tx, now time.Time) error {
	victims := t.bookings()
	if len(victims) == 0 {
		return nil
	}
	_, err := tx.BookingsExpire(ctx, victims, at(now))
	return err
}

// bookings lists the old holders in lock order.
func (t takeovers) bookings() []int64 {
	all := map[int64]bool{}
	for _, by := range t {
		for id := range by {
			all[id] = true
		}
	}
	return sortedKeys(all)
}

// forget takes a booking out: it took its own seats again.
func (t takeovers) forget(booking int64) {
	for _, by := range t {
		delete(by, booking)
	}
}
