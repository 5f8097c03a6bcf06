package booking

import (
	"context"
	"fmt"
)

// Own is what a member has to do with a flight at the moment.
type Own struct {
	Ref   string   // the booking that holds Seats; of several the newest; empty: none
	Seats []string // held or being paid for, of all the member's bookings
	// Latest is the id of the member's newest booking of the last day, on whatever flight; 0: none. It changes
	// with every hold.
	Latest int64
}

// OwnSeats returns the seats of a flight that a member holds now.
func (s *Service) OwnSeats(ctx context.Context, member, flight int64) (Own, error) {
	rows, err := s.read.SeatsOfMemberOnFlight(ctx, flight, member)
	if err != nil {
		return Own{}, fmt.Errorf("booking.OwnSeats: %w", err)
	}
	var own Own
	for i, row := range rows {
		if i == 0 {
			own.Latest = row.ID
		}
		if row.Live == 0 || row.SeatNo == "" {
			continue
		}
		if own.Ref == "" {
			own.Ref = row.Ref
		}
		own.Seats = append(own.Seats, row.SeatNo)
	}
	return own, nil
}
