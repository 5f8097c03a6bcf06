package booking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"pigonair/db"
)

// errProbed rolls a probe back.
var errProbed = errors.New("booking: probed")

// lockable asks whether one request could have all its locks at once. It keeps none.
func (s *Service) lockable(ctx context.Context, p *plan) (bool, error) {
	// READ COMMITTED as in the hold itself, so that no gap is locked.
	err := db.TransactOnce(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		if err := s.probe(ctx, tx, p); err != nil {
			return err
		}
		return errProbed
	})
	switch {
	case errors.Is(err, errProbed):
		return true, nil
	case db.IsLockWait(err):
		return false, nil
	}
	return false, fmt.Errorf("booking: probe: %w", err)
}

// probe takes a request's locks in the order of a hold, without waiting for any.
func (s *Service) probe(ctx context.Context, tx *db.Tx, p *plan) error {
	if p.saleID != 0 || s.rules.MemberHolds > 0 {
		if _, err := tx.MemberSaleProbe(ctx, p.saleID, p.req.MemberID); err != nil {
			return err
		}
	}
	for i := range p.legs {
		leg := &p.legs[i]
		if !leg.offer.limited() && !p.chooses(leg) {
			continue
		}
		if _, err := tx.FlightProbe(ctx, leg.offer.FlightID); err != nil {
			return err
		}
	}
	if err := probeSeats(ctx, tx, p); err != nil {
		return err
	}
	if p.req.Key == "" {
		return nil
	}
	_, err := tx.BookingKeyProbe(ctx, sql.NullString{String: p.req.Key, Valid: true}, p.req.MemberID)
	return err
}

// probeSeats asks for the seats and for the bookings whose holds still stand on them.
func probeSeats(ctx context.Context, tx *db.Tx, p *plan) error {
	holders := map[int64]bool{}
	for _, leg := range p.legs {
		if len(leg.named) == 0 {
			continue
		}
		rows, err := tx.SeatsProbe(ctx, leg.offer.FlightID, leg.named)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.State == seatHeld {
				holders[row.BookingID.Int64] = true
			}
		}
	}
	if len(holders) == 0 {
		return nil
	}
	_, err := tx.BookingsProbe(ctx, sortedKeys(holders))
	return err
}

// probeTries bounds how often one request asks for its locks: with growing pauses, some seconds.
const probeTries = 9

// awaitLocks waits until a request could have its locks, without keeping any meanwhile: a seat that somebody sits on
// must not keep the flight's row from everybody else. False means that it gave up.
func (s *Service) awaitLocks(ctx context.Context, p *plan) bool {
	for try := range probeTries {
		if free, err := s.lockable(ctx, p); free || err != nil {
			return err == nil || again(err)
		}
		if !db.Pause(ctx, try) {
			return false
		}
	}
	return false
}
