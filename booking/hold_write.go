package booking

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"pigonair/db"
)

// write stores every accepted request: seats first, then booking_seat, then bookings, as the lock order says.
func (t *holdTx) write(ctx context.Context) error {
	accepted := slices.DeleteFunc(slices.Clone(t.plans), func(p *plan) bool { return !p.accepted })
	if len(accepted) == 0 {
		return nil
	}
	for _, id := range sortedKeys(t.flights) {
		if err := t.writeSeats(ctx, id); err != nil {
			return err
		}
	}
	return t.writeBookings(ctx, accepted)
}

// writeSeats gives a flight's seats to their takers, ends the holds that ran out on them, and notes it all.
func (t *holdTx) writeSeats(ctx context.Context, flight int64) error {
	takes, victims := t.takesOf(flight)
	if len(takes) == 0 {
		return nil
	}
	n, err := t.tx.SeatsTake(ctx, flight, t.now, takes)
	if err != nil {
		return err
	}
	if n != int64(len(takes)) {
		return errRaced // only without locks; under them the guard sees what we saw
	}
	numbers := make([]string, len(takes))
	for i, take := range takes {
		numbers[i] = take.SeatNo
	}
	err = t.tx.SeatHistoryAppend(ctx, db.SeatHistoryAppendParams{HappenedAt: t.now, Cause: "hold", FlightID: flight, SeatNos: numbers})
	if err != nil || len(victims) == 0 {
		return err
	}
	return t.endVictims(ctx, flight, takes, victims)
}

// takesOf lists the seats taken on a flight and the bookings whose hold ran out on them.
func (t *holdTx) takesOf(flight int64) (takes []db.SeatTake, victims []int64) {
	for key, row := range t.seats {
		if key.flight != flight || row.taker == nil {
			continue
		}
		takes = append(takes, t.take(key, row))
		if row.State == seatHeld && !slices.Contains(victims, row.BookingID.Int64) {
			victims = append(victims, row.BookingID.Int64)
		}
	}
	slices.SortFunc(takes, func(a, b db.SeatTake) int { return cmp.Compare(a.SeatNo, b.SeatNo) })
	slices.Sort(victims)
	return takes, victims
}

func (t *holdTx) take(key seatKey, row *seatRow) db.SeatTake {
	p := row.taker
	for l, leg := range p.legs {
		if leg.offer.FlightID == key.flight {
			i := slices.Index(leg.seats, key.no)
			return db.SeatTake{SeatNo: key.no, BookingID: p.id, FareCode: p.line(l, i).Fare, Until: p.until}
		}
	}
	return db.SeatTake{}
}

// endVictims marks the bookings whose run-out hold lost a seat here as expired, at the instant at which they did.
func (t *holdTx) endVictims(ctx context.Context, flight int64, takes []db.SeatTake, victims []int64) error {
	var stale []string
	for _, take := range takes {
		if t.seats[seatKey{flight, take.SeatNo}].State == seatHeld {
			stale = append(stale, take.SeatNo)
		}
	}
	if _, err := t.tx.BookingSeatsRelease(ctx, flight, stale); err != nil {
		return err
	}
	_, err := t.tx.BookingsExpire(ctx, victims, sql.NullTime{Time: t.now, Valid: true})
	return err
}

func (t *holdTx) writeBookings(ctx context.Context, accepted []*plan) error {
	var seats, bookings, legs, lines [][]any
	for _, p := range accepted {
		seats = append(seats, t.seatRows(p)...)
		bookings = append(bookings, t.bookingRow(p))
		for l, leg := range p.legs {
			legs = append(legs, []any{p.id, l + 1, leg.offer.FlightID})
		}
		lines = append(lines, p.lineRows()...)
	}
	if err := t.tx.BookingSeatsInsert(ctx, seats); err != nil {
		return err
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

func saleUse(sale int64, members []int64, now time.Time) db.MemberSaleUseParams {
	return db.MemberSaleUseParams{MemberIds: members, SaleID: nullInt(sale), Now: sql.NullTime{Time: now, Valid: true}}
}

func timeOf(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time
}
