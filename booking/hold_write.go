package booking

import (
	"cmp"
	"context"
	"slices"

	"pigonair/db"
)

// write stores every accepted request in lock order: seats with their history, then booking_seat, then bookings.
func (t *holdTx) write(ctx context.Context) error {
	accepted := slices.DeleteFunc(slices.Clone(t.plans), func(p *plan) bool { return !p.accepted })
	if len(accepted) == 0 {
		return nil
	}
	taken := takeovers{}
	for _, id := range sortedKeys(t.flights) {
		if err := t.writeSeats(ctx, id, taken); err != nil {
			return err
		}
	}
	if err := taken.release(ctx, t.tx); err != nil {
		return err
	}
	var seats [][]any
	for _, p := range accepted {
		seats = append(seats, t.seatRows(p)...)
	}
	if err := t.tx.BookingSeatsInsert(ctx, seats); err != nil {
		return err
	}
	if err := taken.expire(ctx, t.tx, t.now); err != nil {
		return err
	}
	if err := t.writeBookings(ctx, accepted); err != nil {
		return err
	}
	return t.writeChanges(ctx, accepted)
}

// writeSeats gives a flight's seats to their takers, notes it, and adds to taken whose hold ran out on them.
func (t *holdTx) writeSeats(ctx context.Context, flight int64, taken takeovers) error {
	takes := t.takesOf(flight)
	if len(takes) == 0 {
		return nil
	}
	n, err := t.how.take(t.tx, ctx, flight, t.now, takes)
	if err != nil {
		return err
	}
	if n != int64(len(takes)) {
		return errRaced // only without locks; under them the guard sees what we saw
	}
	history := make([][]any, len(takes))
	for i, take := range takes {
		t.seats[seatKey{flight, take.SeatNo}].Version = take.Version // as the change found it
		history[i] = []any{flight, take.SeatNo, take.Version + 1, take.BookingID, take.Until, t.now}
		taken.note(flight, t.seats[seatKey{flight, take.SeatNo}].SeatsLockRow)
	}
	return t.tx.SeatHoldsNote(ctx, history)
}

// takesOf lists the seats taken on a flight, in their order.
func (t *holdTx) takesOf(flight int64) []db.SeatTake {
	var takes []db.SeatTake
	for key, row := range t.seats {
		if key.flight == flight && row.taker != nil {
			takes = append(takes, t.take(key, row))
		}
	}
	slices.SortFunc(takes, func(a, b db.SeatTake) int { return cmp.Compare(a.SeatNo, b.SeatNo) })
	return takes
}

func (t *holdTx) take(key seatKey, row *seatRow) db.SeatTake {
	p := row.taker
	l := slices.IndexFunc(p.legs, func(leg planLeg) bool { return leg.offer.FlightID == key.flight })
	i := slices.Index(p.legs[l].seats, key.no)
	return db.SeatTake{SeatNo: key.no, BookingID: p.id, FareCode: p.line(l, i).Fare, Until: p.until, Version: row.Version}
}

func (t *holdTx) writeBookings(ctx context.Context, accepted []*plan) error {
	var bookings, legs, lines [][]any
	for _, p := range accepted {
		bookings = append(bookings, t.bookingRow(p))
		for l, leg := range p.legs {
			legs = append(legs, []any{p.id, l + 1, leg.offer.FlightID})
		}
		lines = append(lines, p.lineRows()...)
	}
	if err := t.tx.BookingsInsert(ctx, bookings); err != nil {
		return err
	}
	if err := t.tx.BookingLegsInsert(ctx, legs); err != nil {
		return err
	}
	return t.tx.PriceLinesInsert(ctx, lines)
}

// seatRows are the booking's claims: the fence is the version that the seat has just got.
func (t *holdTx) seatRows(p *plan) [][]any {
	var rows [][]any
	for _, leg := range p.legs {
		for i, no := range leg.seats {
			fence := t.seats[seatKey{leg.offer.FlightID, no}].Version + 1
			rows = append(rows, []any{leg.offer.FlightID, no, fence, p.id, i + 1})
		}
	}
	return rows
}

func (t *holdTx) bookingRow(p *plan) []any {
	var key, hash any
	if p.req.Key != "" {
		key, hash = p.req.Key, p.hash[:]
	}
	party := p.req.Party
	return []any{p.id, p.ref, p.req.MemberID, nullInt(p.saleID), p.until, party.Adults, party.Children, party.Infants,
		p.total(), Currency, p.req.Language, key, hash, t.now}
}

func (p *plan) lineRows() [][]any {
	var rows [][]any
	passengers := len(p.req.Party.Kinds())
	for i, line := range p.lines {
		leg, passenger := i/passengers+1, i%passengers+1
		rows = append(rows, []any{p.id, passenger, leg, line.Cabin, line.Fare, line.Base, line.Fuel, line.Charges, line.Seat})
	}
	return rows
}
