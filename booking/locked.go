package booking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"pigonair/db"
)

// Locked is a booking with all its rows locked in the one order (member's sale row, flight rows, seats, booking_seat,
// bookings), inside a running transaction, with the clock read after the last lock was granted. Its methods are the
// transitions; each may be used by whoever composes a transaction, such as package payment.
type Locked struct {
	s      *Service
	tx     *db.Tx
	Row    db.Booking
	Now    time.Time
	old    *Locked // the booking that it is to replace; nil: none
	heir   *Locked // the booking that is to replace this one and was locked with it; nil: none
	claims []claim
	closes time.Time // the earliest cut-off of its flights
	state  string    // of the first flight that is not scheduled, else scheduled
	moved  bool      // a seat is not in its cabin any more: the aircraft was changed
}

// claim is one seat of the booking, its newest fence there, and the seat's row as it is now.
type claim struct {
	flight    int64
	no        string
	fence     int64
	passenger int
	live      bool
	seat      db.SeatsLockRow
}

// Lock locks a booking and everything it owns, and with it, in the same order, the booking that it is to replace.
// Errors: ErrNotFound.
func (s *Service) Lock(ctx context.Context, tx *db.Tx, id int64) (*Locked, error) {
	l, err := s.find(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if l.Row.Replaces.Valid {
		if l.old, err = s.find(ctx, tx, l.Row.Replaces.Int64); err != nil {
			return nil, err
		}
		l.old.heir = l
	}
	s.at(ctx, BeforeLock)
	for _, step := range []func(context.Context) error{l.writeCounted, l.lockSeats, l.lockClaims, l.lockBookings} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	s.at(ctx, AfterLock)
	for _, one := range l.all() {
		if err := one.readClock(ctx); err != nil {
			return nil, err
		}
		one.Now = l.Now
	}
	return l, nil
}

// find reads a booking and which seats to lock.
func (s *Service) find(ctx context.Context, tx *db.Tx, id int64) (*Locked, error) {
	row, err := tx.BookingGet(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	l := &Locked{s: s, tx: tx, Row: row}
	return l, l.readClaims(ctx)
}

// all are the bookings that are locked together.
func (l *Locked) all() []*Locked {
	if l.old == nil {
		return []*Locked{l}
	}
	return []*Locked{l, l.old}
}

// readClaims learns which seats to lock: those never change. What else it reads is read again under the locks.
func (l *Locked) readClaims(ctx context.Context) error {
	rows, err := l.tx.BookingSeats(ctx, l.Row.ID)
	for _, r := range rows {
		c := claim{flight: r.FlightID, no: r.SeatNo, fence: r.Fence, passenger: r.PassengerNo}
		if n := len(l.claims); n > 0 && l.claims[n-1].flight == c.flight && l.claims[n-1].no == c.no {
			l.claims[n-1] = c // the same seat, had again later
			continue
		}
		l.claims = append(l.claims, c)
	}
	return err
}

// writeCounted writes the rows under which quotas and limits are counted, so that a transaction that counts and
// one that keeps a hold alive meet there.
func (l *Locked) writeCounted(ctx context.Context) error {
	sales := map[int64]bool{}
	for _, one := range l.all() {
		if one.Row.SaleID.Valid || l.s.rules.MemberHolds > 0 {
			sales[one.Row.SaleID.Int64] = true
		}
	}
	var rows [][]any
	for _, sale := range sortedKeys(sales) {
		rows = append(rows, []any{sale, l.Row.MemberID})
	}
	if len(rows) > 0 {
		if err := l.tx.MemberSalesWrite(ctx, rows); err != nil {
			return err
		}
	}
	for _, flight := range sortedKeys(l.toLock()) {
		offer, err := l.s.shop.Offer(ctx, l.tx.Queries, flight)
		if err != nil {
			return err
		}
		if !offer.limited() {
			continue
		}
		if _, err := l.tx.FlightWrite(ctx, flight); err != nil {
			return err
		}
	}
	return nil
}

// toLock lists the seats of all the bookings per flight, each once, in seat order.
func (l *Locked) toLock() map[int64][]string {
	seats := map[int64][]string{}
	for _, one := range l.all() {
		for flight, numbers := range one.byFlight() {
			seats[flight] = append(seats[flight], numbers...)
		}
	}
	for flight, numbers := range seats {
		slices.Sort(numbers)
		seats[flight] = slices.Compact(numbers)
	}
	return seats
}

func (l *Locked) lockSeats(ctx context.Context) error {
	seats := l.toLock()
	for _, flight := range sortedKeys(seats) {
		rows, err := l.tx.SeatsLock(ctx, flight, seats[flight])
		if err != nil {
			return err
		}
		for _, row := range rows {
			for _, one := range l.all() {
				if i := one.indexOf(flight, row.SeatNo); i >= 0 {
					one.claims[i].seat = row
				}
			}
		}
	}
	return nil
}

// lockClaims locks the live claims on the seats, and learns which are the bookings' own.
func (l *Locked) lockClaims(ctx context.Context) error {
	seats := l.toLock()
	for _, flight := range sortedKeys(seats) {
		rows, err := l.tx.BookingSeatsLock(ctx, flight, seats[flight])
		if err != nil {
			return err
		}
		for _, row := range rows {
			for _, one := range l.all() {
				if i := one.indexOf(flight, row.SeatNo); i >= 0 && row.BookingID == one.Row.ID {
					one.claims[i].live, one.claims[i].fence = true, row.Fence
				}
			}
		}
	}
	return nil
}

// lockBookings locks the bookings, and with them, by id, those whose holds stand on seats that they lost: should they
// have run out too, the seats may be taken again.
func (l *Locked) lockBookings(ctx context.Context) error {
	ids := map[int64]bool{}
	for _, one := range l.all() {
		ids[one.Row.ID] = true
		for _, c := range one.claims {
			if c.seat.State == seatHeld {
				ids[c.seat.BookingID.Int64] = true
			}
		}
	}
	rows, err := l.tx.BookingsLock(ctx, sortedKeys(ids))
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, one := range l.all() {
			if row.ID == one.Row.ID {
				one.Row = row
			}
		}
	}
	return nil
}

func (l *Locked) indexOf(flight int64, no string) int {
	return slices.IndexFunc(l.claims, func(c claim) bool { return c.flight == flight && c.no == no })
}

func (l *Locked) readClock(ctx context.Context) error {
	l.state = scheduled
	for _, flight := range sortedKeys(l.byFlight()) {
		row, err := l.tx.FlightClock(ctx, flight)
		if err != nil {
			return err
		}
		l.Now = row.Now
		if l.closes.IsZero() || row.SalesCloseAt.Before(l.closes) {
			l.closes = row.SalesCloseAt
		}
		if row.State != scheduled {
			l.state = row.State
		}
		if err := l.checkCabin(ctx, flight, row.Layout); err != nil {
			return err
		}
	}
	return nil
}

// checkCabin finds out whether the seats on a flight are still there, should the aircraft have been changed. Errors:
// ErrBusy for a second or two after the change.
func (l *Locked) checkCabin(ctx context.Context, flight int64, layout string) error {
	offer, err := l.s.shop.Offer(ctx, l.tx.Queries, flight)
	if err != nil {
		return err
	}
	if offer.Layout != layout {
		return ErrBusy
	}
	for _, c := range l.claims {
		if seat, found := offer.Seats[c.no]; c.flight == flight && (!found || seat.Cabin != c.seat.Cabin) {
			l.moved = true
		}
	}
	return nil
}

const scheduled = "scheduled"

// byFlight lists the seat numbers per flight, in seat order.
func (l *Locked) byFlight() map[int64][]string {
	by := map[int64][]string{}
	for _, c := range l.claims {
		by[c.flight] = append(by[c.flight], c.no)
	}
	return by
}

// owns tells whether every seat still carries the booking's id and fence. Only then may it act on any of them.
func (l *Locked) owns() bool {
	return len(l.claims) > 0 && !slices.ContainsFunc(l.claims, func(c claim) bool { return !l.ownsSeat(c) })
}

func (l *Locked) ownsSeat(c claim) bool {
	return c.live && c.seat.BookingID.Int64 == l.Row.ID && c.seat.Fence == c.fence
}

// live tells whether the hold lives: held, not run out, and every seat its own.
func (l *Locked) live() bool {
	return l.Row.State == string(Held) && l.Row.HeldUntil.Time.After(l.Now) && l.owns()
}

// checkLive is the error that says why a hold cannot act, or nil.
func (l *Locked) checkLive() error {
	switch {
	case l.Row.State == string(Held) && l.state != scheduled:
		return ErrCancelled
	case l.Row.State == string(Held) && l.moved:
		return ErrSeatsLost
	case l.live():
		return nil
	case l.Row.State == string(Held) || l.Row.State == string(Expired):
		return ErrExpired
	}
	return ErrState
}

// moveSeats puts all seats of the booking from one state into another and notes it in their history.
func (l *Locked) moveSeats(ctx context.Context, from, to string, until sql.NullTime, cause string) error {
	by := l.byFlight()
	for _, flight := range sortedKeys(by) {
		n, err := l.tx.SeatsOfBooking(ctx, db.SeatsOfBookingParams{ToState: to, HeldUntil: until, FlightID: flight,
			SeatNos: by[flight], BookingID: nullInt(l.Row.ID), Claimant: l.Row.ID, FromState: from, Now: at(l.Now)})
		if err := exactly(n, len(by[flight]), err); err != nil {
			return err
		}
		if err := l.history(ctx, flight, by[flight], cause, l.Now); err != nil {
			return err
		}
	}
	return nil
}

// giveBack frees all seats, which are in one state, and the claims on them.
func (l *Locked) giveBack(ctx context.Context, from, cause string) error {
	by := l.byFlight()
	for _, flight := range sortedKeys(by) {
		n, err := l.tx.SeatsGiveBack(ctx, db.SeatsGiveBackParams{FlightID: flight, SeatNos: by[flight], BookingID: nullInt(l.Row.ID), Claimant: l.Row.ID,
			FromState: from, Now: at(l.Now)})
		if err := exactly(n, len(by[flight]), err); err != nil {
			return err
		}
		if err := l.history(ctx, flight, by[flight], cause, l.Now); err != nil {
			return err
		}
	}
	return l.release(ctx, by)
}

// release ends the booking's claims on seats.
func (l *Locked) release(ctx context.Context, by map[int64][]string) error {
	for _, flight := range sortedKeys(by) {
		n, err := l.tx.BookingSeatsRelease(ctx, db.BookingSeatsReleaseParams{FlightID: flight, SeatNos: by[flight], BookingIds: []int64{l.Row.ID}})
		if err := exactly(n, len(by[flight]), err); err != nil {
			return err
		}
	}
	return nil
}

func (l *Locked) history(ctx context.Context, flight int64, seats []string, cause string, happened time.Time) error {
	return l.tx.SeatHistoryAppend(ctx, db.SeatHistoryAppendParams{HappenedAt: happened, Cause: cause, FlightID: flight, SeatNos: seats})
}

// setState makes a transition of the booking's row; the table in states.go must know it.
func (l *Locked) setState(ctx context.Context, to State, change db.BookingSetStateParams) error {
	from := State(l.Row.State)
	if !may(from, to) {
		return fmt.Errorf("%w: %s to %s", ErrState, from, to)
	}
	change.ToState, change.FromState, change.ID, change.Version = string(to), string(from), l.Row.ID, l.Row.Version
	change.RetryExtended = change.RetryExtended || l.Row.RetryExtended
	n, err := l.tx.BookingSetState(ctx, change)
	if err := exactly(n, 1, err); err != nil {
		return err
	}
	l.Row.State, l.Row.HeldUntil = string(to), change.HeldUntil
	l.Row.Version++
	return nil
}

// Note adds a line to the booking's story. The number only orders lines: the instant in microseconds, or what comes
// after the line before.
func (l *Locked) Note(ctx context.Context, kind, detail string, amount int64) error {
	last, err := l.tx.BookingEventLast(ctx, l.Row.ID)
	if err != nil {
		return err
	}
	return l.tx.BookingEventAppend(ctx, db.BookingEventAppendParams{BookingID: l.Row.ID, EventNo: max(last+1, l.Now.UnixMicro()),
		Kind: kind, Detail: detail, Amount: sql.NullInt64{Int64: amount, Valid: amount != 0}, HappenedAt: l.Now})
}

// exactly turns a guarded write that changed too few rows into an error: the rows were locked, so it means that
// a rule was broken elsewhere, and nothing may be committed on top of that.
func exactly(n int64, want int, err error) error {
	if err != nil {
		return err
	}
	if n != int64(want) {
		return fmt.Errorf("booking: a guarded write changed %d rows of %d", n, want)
	}
	return nil
}

func at(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }

func timeOf(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time
}
