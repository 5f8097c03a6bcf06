package booking

import (
	"context"
	"time"

	"pigonair/db"
)

// retake takes all seats of a hold that ran out again, under new fences, or none. Errors: ErrSeatsLost.
func (l *Locked) retake(ctx context.Context, until time.Time) error {
	for _, c := range l.claims {
		if !free(c.seat, l.Now) {
			return ErrSeatsLost
		}
	}
	fares, err := l.fares(ctx)
	if err != nil {
		return err
	}
	if err := l.checkStillFits(ctx, fares); err != nil {
		return err
	}
	return l.takeAgain(ctx, fares, until)
}

// fares are the fare codes that the hold was priced at, by flight and passenger.
func (l *Locked) fares(ctx context.Context) (map[int64]map[int]string, error) {
	legs, err := l.tx.BookingLegs(ctx, l.Row.ID)
	if err != nil {
		return nil, err
	}
	flights, fares := map[int]int64{}, map[int64]map[int]string{}
	for _, leg := range legs {
		flights[leg.LegNo], fares[leg.FlightID] = leg.FlightID, map[int]string{}
	}
	lines, err := l.tx.PriceLinesOf(ctx, l.Row.ID)
	for _, line := range lines {
		fares[flights[line.LegNo]][line.PassengerNo] = line.FareCode
	}
	return fares, err
}

func (l *Locked) takeAgain(ctx context.Context, fares map[int64]map[int]string, until time.Time) error {
	taken, takes, numbers := takeovers{}, map[int64][]db.SeatTake{}, l.byFlight()
	var rows [][]any
	for i := range l.claims {
		c := &l.claims[i]
		taken.note(c.flight, c.seat)
		takes[c.flight] = append(takes[c.flight], db.SeatTake{SeatNo: c.no, BookingID: l.Row.ID, FareCode: fares[c.flight][c.passenger], Until: until})
		c.fence, c.live = c.seat.Version+1, true
		rows = append(rows, []any{c.flight, c.no, c.fence, l.Row.ID, c.passenger})
	}
	for _, flight := range sortedKeys(takes) {
		n, err := l.tx.SeatsTake(ctx, flight, l.Now, takes[flight])
		if err := exactly(n, len(takes[flight]), err); err != nil {
			return err
		}
		if err := l.history(ctx, flight, numbers[flight], "retake", l.Now); err != nil {
			return err
		}
	}
	if err := taken.release(ctx, l.tx); err != nil {
		return err
	}
	if err := l.tx.BookingSeatsInsert(ctx, rows); err != nil {
		return err
	}
	taken.forget(l.Row.ID)
	return taken.expire(ctx, l.tx, l.Now)
}

// checkStillFits asks whether quotas and limits have room for a hold that ran out: its places were free meanwhile.
func (l *Locked) checkStillFits(ctx context.Context, fares map[int64]map[int]string) error {
	by, saleSeats, limit := l.byFlight(), 0, 0
	for _, flight := range sortedKeys(by) {
		offer, err := l.s.shop.Offer(ctx, l.tx.Queries, flight)
		if err != nil {
			return err
		}
		if err := l.checkQuota(ctx, offer, fares[flight]); err != nil {
			return err
		}
		if offer.SaleID != 0 && offer.SaleID == l.Row.SaleID.Int64 {
			saleSeats, limit = saleSeats+len(by[flight]), offer.MemberLimit
		}
	}
	return l.checkMember(ctx, saleSeats, limit)
}

func (l *Locked) checkQuota(ctx context.Context, offer *Offer, fares map[int]string) error {
	if !offer.limited() {
		return nil
	}
	rows, err := l.tx.FareUse(ctx, offer.FlightID, at(l.Now))
	if err != nil {
		return err
	}
	need, used := map[string]int{}, map[string]int{}
	for _, c := range l.claims {
		if c.flight == offer.FlightID {
			need[fareKey(c.seat.Cabin, fares[c.passenger])]++
		}
	}
	for _, row := range rows {
		used[fareKey(row.Cabin, row.FareCode.String)] = int(row.Used)
	}
	for cabin, list := range offer.Fares {
		for _, f := range list {
			key := fareKey(cabin, f.Code)
			if f.Quota >= 0 && need[key] > 0 && used[key]+need[key] > f.Quota {
				return ErrSeatsLost
			}
		}
	}
	return nil
}

// checkMember asks whether the member's other bookings leave room.
func (l *Locked) checkMember(ctx context.Context, seats, limit int) error {
	members, holds, used, unpaid := []int64{l.Row.MemberID}, l.s.rules.MemberHolds, 0, 0
	switch {
	case l.Row.SaleID.Valid:
		holds = l.s.rules.SaleHolds
		rows, err := l.tx.MemberSaleUse(ctx, db.MemberSaleUseParams{MemberIds: members, SaleID: l.Row.SaleID, Now: at(l.Now)})
		if err != nil {
			return err
		}
		for _, row := range rows {
			used, unpaid = int(row.Seats), int(row.Unpaid)
		}
	case holds > 0:
		rows, err := l.tx.MemberHolds(ctx, members, at(l.Now))
		if err != nil {
			return err
		}
		for _, row := range rows {
			unpaid = int(row.Unpaid)
		}
	}
	freed, err := l.freed(ctx, l.Row.SaleID.Int64)
	if err != nil {
		return err
	}
	used -= freed
	if (holds > 0 && unpaid >= holds) || (limit > 0 && used+seats > limit) {
		return ErrSeatsLost
	}
	return nil
}
