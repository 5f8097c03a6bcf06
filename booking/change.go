package booking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// change is the confirmed booking that a hold is to replace. A change is a new hold, paid for like any other; the
// transaction that confirms it releases the old one.
type change struct {
	id    int64
	sale  int64
	seats int // on flights of that sale, which the change will free
}

// changeOf finds the booking that a request is to replace, and gives the request its party; nil where it is no change.
// Errors: ErrNotFound, ErrState.
func (s *Service) changeOf(ctx context.Context, req *HoldRequest) (*change, error) {
	if req.Change == "" {
		return nil, nil
	}
	row, err := s.read.BookingByRef(ctx, req.Change)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && row.MemberID != req.MemberID:
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("booking %s: change: %w", req.Change, err)
	case row.State != string(Confirmed):
		return nil, ErrState
	}
	req.Party = partyOf(row)
	c := &change{id: row.ID, sale: row.SaleID.Int64}
	legs, err := s.read.BookingLegs(ctx, row.ID)
	if err != nil {
		return nil, fmt.Errorf("booking %s: change: %w", req.Change, err)
	}
	for _, leg := range legs {
		offer, err := s.shop.Offer(ctx, s.read, leg.FlightID)
		if err != nil {
			return nil, err
		}
		if c.sale != 0 && offer.SaleID == c.sale {
			c.seats += req.Party.Seats()
		}
	}
	return c, nil
}

// freed is how many of a member's seats in a sale a request gives back once it is paid for.
func (p *plan) freed() int {
	if p.change == nil || p.change.sale != p.saleID {
		return 0
	}
	return p.change.seats
}

// writeChanges links the accepted changes with the bookings that they are to replace.
func (t *holdTx) writeChanges(ctx context.Context, accepted []*plan) error {
	for _, p := range accepted {
		if p.change == nil {
			continue
		}
		n, err := t.tx.BookingSetReplaces(ctx, nullInt(p.change.id), p.id)
		if err := exactly(n, 1, err); err != nil {
			return err
		}
	}
	return nil
}

// Replaced is the booking that this one replaces and that still has its seats, under the same locks; nil: none. Whoever
// confirms this one cancels that one first, in the same transaction.
func (l *Locked) Replaced() *Locked {
	if l.old == nil || l.old.Row.State != string(Confirmed) {
		return nil
	}
	return l.old
}

// freed is how many of the member's seats in a sale this booking gives back once it is paid for.
func (l *Locked) freed(ctx context.Context, sale int64) (int, error) {
	old := l.Replaced()
	if old == nil {
		return 0, nil
	}
	seats := 0
	for flight, numbers := range old.byFlight() {
		offer, err := l.s.shop.Offer(ctx, l.tx.Queries, flight)
		if err != nil {
			return 0, err
		}
		if offer.SaleID == sale {
			seats += len(numbers)
		}
	}
	return seats, nil
}

// errNotReleased means that a change was to be confirmed beside the booking that it replaces.
var errNotReleased = errors.New("booking: the booking that this one replaces still has its seats")
