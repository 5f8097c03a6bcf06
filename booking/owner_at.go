package booking

import (
	"context"
	"fmt"
	"time"
)

// Ownership tells who had a seat at an instant, since when and why.
type Ownership struct {
	State   string // available, held, paying, sold or blocked
	Booking int64  // 0: nobody
	Since   time.Time
	Cause   string
	Until   time.Time // of a hold; zero otherwise
}

// OwnerAt is the seat time machine: it computes from the append-only history who had a seat at an instant. A
// hold ends at its until, whether or not anybody wrote that down.
func (s *Service) OwnerAt(ctx context.Context, flight int64, seat string, instant time.Time) (Ownership, error) {
	rows, err := s.read.SeatHistoryOf(ctx, flight, seat)
	if err != nil {
		return Ownership{}, fmt.Errorf("booking.OwnerAt: %w", err)
	}
	for _, row := range rows { // newest first
		if row.HappenedAt.After(instant) {
			continue
		}
		if row.State == seatHeld && !row.HeldUntil.Time.After(instant) {
			return Ownership{State: seatAvailable, Since: row.HeldUntil.Time, Cause: "expire"}, nil
		}
		return Ownership{State: row.State, Booking: row.BookingID.Int64, Since: row.HappenedAt, Cause: row.Cause, Until: timeOf(row.HeldUntil)}, nil
	}
	return Ownership{State: seatAvailable, Cause: "never taken"}, nil
}
