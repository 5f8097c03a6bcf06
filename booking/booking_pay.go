package booking

import (
	"context"
	"database/sql"
	"errors"

	"pigonair/db"
)

// BeginPaying makes a hold paying: from here on only knowledge ends it, not the clock. A hold that ran out is
// taken again if every one of its seats is still its own or free; else ErrSeatsLost and nothing has changed.
// Errors: ErrSeatsLost, ErrState, ErrCancelled, ErrSalesClosed.
func (l *Locked) BeginPaying(ctx context.Context) error {
	switch {
	case l.state != scheduled:
		return ErrCancelled
	case l.Row.State == string(Expired), l.Row.State == string(Cancelled):
		return ErrSeatsLost
	case l.Row.State != string(Held):
		return ErrState
	case !l.closes.After(l.Now):
		return ErrSalesClosed
	}
	until := l.Row.HeldUntil
	if !until.Time.After(l.Now) {
		until = at(l.Now.Add(l.s.rules.RetryLeaves))
		if err := l.checkStillFits(ctx); err != nil {
			return err
		}
	}
	if err := l.takeForPaying(ctx, until); err != nil {
		return err
	}
	return l.setState(ctx, Paying, db.BookingSetStateParams{HeldUntil: until})
}

// takeForPaying moves the seats, taking those again that were freed in between. A seat that went to somebody
// else loses them all.
func (l *Locked) takeForPaying(ctx context.Context, until sql.NullTime) error {
	if l.owns() {
		return l.moveSeats(ctx, seatPaying, until, "pay", seatHeld)
	}
	return ErrSeatsLost
}

// checkStillFits asks whether the quota has room for a hold that ran out: its places were free meanwhile.
func (l *Locked) checkStillFits(ctx context.Context) error {
	for _, flight := range sortedKeys(l.byFlight()) {
		offer, err := l.s.shop.Offer(ctx, l.tx.Queries, flight)
		if err != nil {
			return err
		}
		if err := l.checkQuota(ctx, offer); err != nil {
			return err
		}
	}
	return nil
}

func (l *Locked) checkQuota(ctx context.Context, offer *Offer) error {
	if !offer.limited() {
		return nil
	}
	rows, err := l.tx.FareUse(ctx, offer.FlightID, at(l.Now))
	if err != nil {
		return err
	}
	need := map[string]int{}
	for _, c := range l.claims {
		if c.flight == offer.FlightID {
			need[fareKey(c.seat.Cabin, c.seat.FareCode.String)]++
		}
	}
	used := map[string]int{}
	for _, row := range rows {
		used[fareKey(row.Cabin, row.FareCode.String)] = int(row.Used)
	}
	for cabin, fares := range offer.Fares {
		for _, f := range fares {
			key := fareKey(cabin, f.Code)
			if f.Quota >= 0 && need[key] > 0 && used[key]+need[key] > f.Quota {
				return ErrSeatsLost
			}
		}
	}
	return nil
}

// Confirm makes a paid booking final: seats sold, ticket numbers given, one per passenger. Errors: ErrState, or
// an error that must roll back when a seat is no longer its own.
func (l *Locked) Confirm(ctx context.Context, ticket func(passenger int) string) error {
	if l.Row.State != string(Paying) {
		return ErrState
	}
	if !l.owns() {
		return errors.New("booking: a paying booking lost a seat")
	}
	if err := l.moveSeats(ctx, seatSold, sql.NullTime{}, "confirm", seatPaying); err != nil {
		return err
	}
	if err := l.setState(ctx, Confirmed, db.BookingSetStateParams{ConfirmedAt: at(l.Now)}); err != nil {
		return err
	}
	passengers, err := l.tx.PassengersOf(ctx, l.Row.ID)
	if err != nil {
		return err
	}
	for _, p := range passengers {
		number := sql.NullString{String: ticket(p.PassengerNo), Valid: true}
		n, err := l.tx.PassengerSetTicket(ctx, db.PassengerSetTicketParams{TicketNo: number, BookingID: l.Row.ID, PassengerNo: p.PassengerNo})
		if err := exactly(n, 1, err); err != nil {
			return err
		}
	}
	return nil
}

// Unpaid ends paying when it is known that nothing was charged: back to a hold while time is left, with at least
// the rule's minimum once; else the booking expires. Errors: ErrState.
func (l *Locked) Unpaid(ctx context.Context) error {
	if l.Row.State != string(Paying) {
		return ErrState
	}
	least := earlier(l.Now.Add(l.s.rules.RetryLeaves), l.closes)
	until, granted := l.Row.HeldUntil.Time, false
	if until.Before(least) {
		until, granted = least, true
	}
	if l.state != scheduled || !until.After(l.Now) || (granted && l.Row.RetryExtended) {
		return l.expire(ctx)
	}
	if err := l.moveSeats(ctx, seatHeld, at(until), "unpaid", seatPaying); err != nil {
		return err
	}
	return l.setState(ctx, Held, db.BookingSetStateParams{HeldUntil: at(until), RetryExtended: granted})
}

func (l *Locked) expire(ctx context.Context) error {
	if err := l.giveBack(ctx, "expire"); err != nil {
		return err
	}
	return l.setState(ctx, Expired, db.BookingSetStateParams{EndedAt: at(l.Now)})
}
