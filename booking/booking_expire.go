package booking

import (
	"context"
	"errors"
	"fmt"

	"pigonair/db"
)

// RecordExpired writes down holds that ran out, at most n of them, and returns how many it did. Nothing depends
// on it but reports: a seat is free the instant its hold ends. One that fails does not keep the others.
func (s *Service) RecordExpired(ctx context.Context, n int) (int, error) {
	now, err := s.read.Clock(ctx)
	if err != nil {
		return 0, fmt.Errorf("booking.RecordExpired: %w", err)
	}
	ids, err := s.read.BookingsDue(ctx, at(now), int32(n))
	if err != nil {
		return 0, fmt.Errorf("booking.RecordExpired: %w", err)
	}
	done := 0
	for _, id := range ids {
		one := s.actOn(ctx, id, func(ctx context.Context, l *Locked) error { return l.ranOut(ctx) })
		if one == nil {
			done++
			continue
		}
		err = errors.Join(err, fmt.Errorf("booking %d: record expiry: %w", id, one))
	}
	return done, err
}

// ranOut ends a hold whose time is over, at the instant at which it was. Seats that others have taken are left alone.
func (l *Locked) ranOut(ctx context.Context) error {
	if l.Row.State != string(Held) || l.Row.HeldUntil.Time.After(l.Now) {
		return nil
	}
	ended, by := l.Row.HeldUntil, map[int64][]string{}
	for _, c := range l.claims {
		if l.ownsSeat(c) {
			by[c.flight] = append(by[c.flight], c.no)
		}
	}
	for _, flight := range sortedKeys(by) {
		n, err := l.tx.SeatsExpire(ctx, db.SeatsExpireParams{FlightID: flight, SeatNos: by[flight], BookingID: nullInt(l.Row.ID), Claimant: l.Row.ID, Now: at(l.Now)})
		if err := exactly(n, len(by[flight]), err); err != nil {
			return err
		}
		if err := l.history(ctx, flight, by[flight], "expire", ended.Time); err != nil {
			return err
		}
	}
	if err := l.release(ctx, by); err != nil {
		return err
	}
	return l.setState(ctx, Expired, db.BookingSetStateParams{EndedAt: ended})
}
