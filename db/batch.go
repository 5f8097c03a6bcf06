package db

import (
	"context"
	"strings"
	"time"
)

// Batched writes whose number of rows varies: what sqlc cannot express. Every one is a single statement.

// SeatTake gives one seat to a booking.
type SeatTake struct {
	SeatNo    string
	BookingID int64
	FareCode  string
	Until     time.Time
	Version   int64 // of the seat as it was read; SeatsTakeSeen alone looks at it
}

// seatsTakeGuard is the only condition under which a seat changes hands: a live hold ends at held_until.
const seatsTakeGuard = ` AND (state = 'available' OR (state = 'held' AND held_until <= ?))`

// SeatsTake gives seats of one flight to bookings and returns how many it changed: fewer than asked means that
// the guard, which looks at state and clock, refused some. The caller has locked the seats.
func (t *Tx) SeatsTake(ctx context.Context, flight int64, now time.Time, takes []SeatTake) (int64, error) {
	return t.takeSeats(ctx, flight, takes, seatsTakeGuard, []any{now})
}

// SeatsTakeSeen is SeatsTake for seats that were read without a lock: one whose version has moved on since is
// refused too.
func (t *Tx) SeatsTakeSeen(ctx context.Context, flight int64, now time.Time, takes []SeatTake) (int64, error) {
	seen, args := ` AND version = `, []any{now}
	var cases strings.Builder
	for _, take := range takes {
		cases.WriteString(" WHEN ? THEN ?")
		args = append(args, take.SeatNo, take.Version)
	}
	return t.takeSeats(ctx, flight, takes, seatsTakeGuard+seen+`CASE seat_no`+cases.String()+` END`, args)
}

func (t *Tx) takeSeats(ctx context.Context, flight int64, takes []SeatTake, guard string, guardArgs []any) (int64, error) {
	var args []any
	set := func(column string, same bool, value func(SeatTake) any) string {
		if same {
			args = append(args, value(takes[0]))
			return column + ` = ?, `
		}
		for _, take := range takes {
			args = append(args, take.SeatNo, value(take))
		}
		return column + ` = CASE seat_no` + strings.Repeat(" WHEN ? THEN ?", len(takes)) + ` END, `
	}
	// Choosing a value by the seat's number costs the database a comparison per seat and taker.
	sameFare, sameUntil := true, true
	for _, take := range takes {
		sameFare, sameUntil = sameFare && take.FareCode == takes[0].FareCode, sameUntil && take.Until.Equal(takes[0].Until)
	}
	query := `UPDATE seat SET state = 'held', ` + set("booking_id", len(takes) == 1, func(s SeatTake) any { return s.BookingID }) +
		set("fare_code", sameFare, func(s SeatTake) any { return s.FareCode }) + set("held_until", sameUntil, func(s SeatTake) any { return s.Until }) +
		`fence = version + 1, version = version + 1
WHERE flight_id = ? AND seat_no IN (` + strings.Repeat(",?", len(takes))[1:] + `)` + guard
	args = append(args, flight)
	for _, take := range takes {
		args = append(args, take.SeatNo)
	}
	result, err := t.Raw.ExecContext(ctx, query, append(args, guardArgs...)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// MemberSalesWrite writes rows of (sale, member), making those that are missing.
func (t *Tx) MemberSalesWrite(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO member_sale (sale_id, member_id, version) VALUES `, `(?,?,1)`, ` ON DUPLICATE KEY UPDATE version = version + 1`, rows)
}

// SeatHoldsNote writes the history of holds: rows of (flight, seat, version, booking, held until, happened at), seats
// as this transaction has just written them.
func (t *Tx) SeatHoldsNote(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO seat_history (flight_id, seat_no, version, booking_id, held_until, happened_at, state, cause) VALUES `, `(?,?,?,?,?,?,'held','hold')`, ``, rows)
}

// BookingSeatsInsert writes rows of (flight, seat, fence, booking, passenger), live.
func (t *Tx) BookingSeatsInsert(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO booking_seat (flight_id, seat_no, fence, booking_id, passenger_no, live) VALUES `, `(?,?,?,?,?,1)`, ``, rows)
}

// BookingsInsert writes held bookings: rows of (id, ref, member, sale, held until, adults, children, infants,
// total, currency, language, key, key's hash, now).
func (t *Tx) BookingsInsert(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO booking (id, ref, member_id, sale_id, state, held_until, adults, children, infants, total, currency, language, idem_key, idem_hash, created_at) VALUES `,
		`(?,?,?,?,'held',?,?,?,?,?,?,?,?,?,?)`, ``, rows)
}

// BookingLegsInsert writes rows of (booking, leg, flight).
func (t *Tx) BookingLegsInsert(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO booking_leg (booking_id, leg_no, flight_id) VALUES `, `(?,?,?)`, ``, rows)
}

// PriceLinesInsert writes rows of (booking, passenger, leg, cabin, fare, base, fuel, charges, seat), in won.
func (t *Tx) PriceLinesInsert(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO price_line (booking_id, passenger_no, leg_no, cabin, fare_code, base, fuel, charges, seat) VALUES `,
		`(?,?,?,?,?,?,?,?,?)`, ``, rows)
}

// insert runs one INSERT of all rows; row is the placeholder of one of them.
func (t *Tx) insert(ctx context.Context, head, row, tail string, rows [][]any) error {
	var query strings.Builder
	query.WriteString(head)
	args := make([]any, 0, len(rows)*len(rows[0]))
	query.Grow(len(head) + len(rows)*(len(row)+1) + len(tail))
	for i, values := range rows {
		if i > 0 {
			query.WriteByte(',')
		}
		query.WriteString(row)
		args = append(args, values...)
	}
	query.WriteString(tail)
	_, err := t.Raw.ExecContext(ctx, query.String(), args...)
	return err
}
