package booking

import (
	"context"
	"database/sql"
	"errors"

	"pigonair/db"
)

// BeginPaying makes a hold paying: from here on only knowledge ends it, not the clock. A hold that ran out is
// taken again as a whole if every one of its seats is free and the sale's cut-off, quotas and limits allow it; else
// nothing changes. Errors: ErrSeatsLost, ErrState, ErrCancelled, ErrSalesClosed.
func (l *Locked) BeginPaying(ctx context.Context) error {
	switch State(l.Row.State) {
	case Held, Expired:
	case Cancelled:
		return ErrSeatsLost
	default:
		return ErrState
	}
	switch {
	case l.state != scheduled:
		return ErrCancelled
	case !l.closes.After(l.Now):
		return ErrSalesClosed
	case l.moved:
		return ErrSeatsLost
	}
	until := l.Row.HeldUntil
	if !l.live() {
		until = at(earlier(l.Now.Add(l.s.rules.RetryLeaves), l.closes))
		if err := l.retake(ctx, until.Time); err != nil {
			return err
		}
	}
	if err := l.moveSeats(ctx, seatHeld, seatPaying, until, "pay"); err != nil {
		return err
	}
	return l.setState(ctx, Paying, db.BookingSetStateParams{HeldUntil: until})
}

// errLostSeat means that a rule of the schema or of this package was broken: nothing may be committed on top of it.
var errLostSeat = errors.New("booking: a booking lost a seat that no clock ends")

// Confirm makes a paid booking final: seats sold, travellers' places taken, ticket numbers given, one per passenger.
// Errors, all of which must roll back: ErrState, ErrCancelled, ErrSeatsLost (the aircraft was changed and has no such
// seat), ErrTravellerHere (somebody has booked a traveller on the
// flight, on whatever account), or one without a name when a seat is no longer its own, or when it replaces a booking
// that was not cancelled before.
func (l *Locked) Confirm(ctx context.Context, ticket func(passenger int) string) error {
	switch {
	case l.Row.State != string(Paying):
		return ErrState
	case l.state != scheduled:
		return ErrCancelled
	case l.moved:
		return ErrSeatsLost
	case l.Replaced() != nil:
		return errNotReleased
	case !l.owns():
		return errLostSeat
	}
	if err := l.moveSeats(ctx, seatPaying, seatSold, sql.NullTime{}, "confirm"); err != nil {
		return err
	}
	if err := l.setState(ctx, Confirmed, db.BookingSetStateParams{ConfirmedAt: at(l.Now)}); err != nil {
		return err
	}
	if err := l.claimTravellers(ctx); err != nil {
		return err
	}
	return l.giveTickets(ctx, ticket)
}

func (l *Locked) giveTickets(ctx context.Context, ticket func(passenger int) string) error {
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
// the rule's minimum once; else the booking expires. Errors: ErrState, or an error that must roll back when a seat
// is no longer its own.
func (l *Locked) Unpaid(ctx context.Context) error {
	if l.Row.State != string(Paying) {
		return ErrState
	}
	if !l.owns() {
		return errLostSeat
	}
	least := earlier(l.Now.Add(l.s.rules.RetryLeaves), l.closes)
	until, granted := earlier(l.Row.HeldUntil.Time, l.closes), false
	if until.Before(least) {
		until, granted = least, true
	}
	if l.state != scheduled || l.moved || !until.After(l.Now) || (granted && l.Row.RetryExtended) {
		return l.endUnpaid(ctx)
	}
	if err := l.moveSeats(ctx, seatPaying, seatHeld, at(until), "unpaid"); err != nil {
		return err
	}
	return l.setState(ctx, Held, db.BookingSetStateParams{HeldUntil: at(until), RetryExtended: granted})
}

func (l *Locked) endUnpaid(ctx context.Context) error {
	if err := l.giveBack(ctx, seatPaying, "expire"); err != nil {
		return err
	}
	return l.setState(ctx, Expired, db.BookingSetStateParams{EndedAt: at(l.Now)})
}
