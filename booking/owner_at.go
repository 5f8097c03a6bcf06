package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pigonair/db"
)

// Ownership tells who had a seat from an instant on, and why.
type Ownership struct {
	State   string // available, held, paying, sold or blocked
	Booking int64  // 0: nobody
	Ref     string // the booking's reference
	Since   time.Time
	Cause   string
	Until   time.Time // of a hold; zero otherwise
}

// String is the ownership as one line of a report.
func (o Ownership) String() string {
	line := o.State
	if o.Booking != 0 {
		line += " by booking " + o.Ref
	}
	if !o.Until.IsZero() {
		line += " until " + o.Until.Format(time.RFC3339Nano)
	}
	return line + " (" + o.Cause + ")"
}

// OwnerAt is the seat time machine: it computes from the append-only history who had a seat at an instant. A
// hold ends at its until, whether or not anybody wrote that down.
func OwnerAt(ctx context.Context, q *db.Queries, flight int64, seat string, instant time.Time) (Ownership, error) {
	story, err := SeatStory(ctx, q, flight, seat)
	if err != nil {
		return Ownership{}, err
	}
	for _, o := range slices.Backward(story) {
		if !o.Since.After(instant) {
			return o, nil
		}
	}
	return Ownership{State: seatAvailable, Cause: "never taken"}, nil
}

// SeatStory is a seat's whole history, oldest first, with the ends of holds that ran out put in at their instant.
func SeatStory(ctx context.Context, q *db.Queries, flight int64, seat string) ([]Ownership, error) {
	rows, err := q.SeatHistoryOf(ctx, flight, seat)
	if err != nil {
		return nil, fmt.Errorf("booking.SeatStory: %w", err)
	}
	clock, err := q.Clock(ctx)
	if err != nil {
		return nil, fmt.Errorf("booking.SeatStory: %w", err)
	}
	var story []Ownership
	for i, row := range slices.Backward(rows) { // rows are newest first
		story = append(story, Ownership{State: row.State, Booking: row.BookingID.Int64, Since: row.HappenedAt, Cause: row.Cause, Until: timeOf(row.HeldUntil)})
		next := clock
		if i > 0 {
			next = rows[i-1].HappenedAt
		}
		if row.State == seatHeld && row.HeldUntil.Time.Before(next) {
			story = append(story, Ownership{State: seatAvailable, Since: row.HeldUntil.Time, Cause: "expire"})
		}
	}
	return story, nameBookings(ctx, q, story)
}

// nameBookings fills the references in.
func nameBookings(ctx context.Context, q *db.Queries, story []Ownership) error {
	ids := map[int64]string{}
	for _, o := range story {
		if o.Booking != 0 {
			ids[o.Booking] = ""
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.BookingsStored(ctx, sortedKeys(ids))
	if err != nil {
		return fmt.Errorf("booking.SeatStory: %w", err)
	}
	for _, row := range rows {
		ids[row.ID] = row.Ref
	}
	for i := range story {
		story[i].Ref = ids[story[i].Booking]
	}
	return nil
}
