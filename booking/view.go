package booking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// View is a booking as pages show it: its rows, with the state that holds at the database's clock.
type View struct {
	Row        db.Booking
	Now        time.Time
	State      State // a hold that ran out shows as expired before anybody wrote it down
	Legs       []db.LegsOfBookingsRow
	Seats      []db.SeatsOfBookingsRow
	Passengers []db.Passenger
	Lines      []db.PriceLine
	Events     []db.BookingEvent
}

// SecondsLeft is how long the hold lives on; 0 when it does not.
func (v View) SecondsLeft() int {
	if v.State != Held && v.State != Paying {
		return 0
	}
	return max(0, int(v.Row.HeldUntil.Time.Sub(v.Now)/time.Second))
}

// Seat is the seat of a passenger on a flight; empty for infants.
func (v View) Seat(flight int64, passenger int) string {
	for _, s := range v.Seats {
		if s.FlightID == flight && s.PassengerNo == passenger {
			return s.SeatNo
		}
	}
	return ""
}

// Party is who travels.
func (v View) Party() Party { return partyOf(v.Row) }

// Kinds lists the passengers' kinds in passenger order.
func (v View) Kinds() []Kind { return v.Party().Kinds() }

// Get reads a member's own booking. Errors: ErrNotFound, also for somebody else's.
func (s *Service) Get(ctx context.Context, member int64, ref string) (View, error) {
	v, err := s.ByRef(ctx, ref)
	if err == nil && v.Row.MemberID != member {
		return View{}, ErrNotFound
	}
	return v, err
}

// ByRef reads a booking for those who may see any: workers and operators. Errors: ErrNotFound.
func (s *Service) ByRef(ctx context.Context, ref string) (View, error) {
	row, err := s.read.BookingView(ctx, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return View{}, ErrNotFound
	}
	if err != nil {
		return View{}, fmt.Errorf("booking %s: %w", ref, err)
	}
	v := View{Row: row.Booking, Now: row.Now, State: stateAt(row.Booking, row.Now)}
	if err := s.fill(ctx, &v); err != nil {
		return View{}, fmt.Errorf("booking %s: %w", ref, err)
	}
	return v, nil
}

// Replaced is the booking that a change is to replace, or has replaced. Errors: ErrNotFound where it is no change.
func (s *Service) Replaced(ctx context.Context, v View) (View, error) {
	if !v.Row.Replaces.Valid {
		return View{}, ErrNotFound
	}
	old, err := s.read.BookingGet(ctx, v.Row.Replaces.Int64)
	if err != nil {
		return View{}, fmt.Errorf("booking %s: replaced: %w", v.Row.Ref, err)
	}
	return s.ByRef(ctx, old.Ref)
}

func (s *Service) fill(ctx context.Context, v *View) (err error) {
	id := v.Row.ID
	if v.Legs, err = s.read.LegsOfBookings(ctx, []int64{id}); err != nil {
		return err
	}
	if v.Seats, err = s.read.SeatsOfBookings(ctx, []int64{id}); err != nil {
		return err
	}
	if v.Passengers, err = s.read.PassengersOf(ctx, id); err != nil {
		return err
	}
	if v.Lines, err = s.read.PriceLinesOf(ctx, id); err != nil {
		return err
	}
	v.Events, err = s.read.BookingEvents(ctx, id)
	return err
}

// stateAt is the state that a booking's row means at an instant.
func stateAt(row db.Booking, now time.Time) State {
	if row.State == string(Held) && !row.HeldUntil.Time.After(now) {
		return Expired
	}
	return State(row.State)
}

// Quote is what a member would get back for cancelling the whole booking now. Errors: ErrState.
func (s *Service) Quote(ctx context.Context, v View) (Quote, error) {
	if v.State != Confirmed {
		return Quote{}, ErrState
	}
	offers, cancelled := map[int]*Offer{}, false
	for _, leg := range v.Legs {
		offer, err := s.shop.Offer(ctx, s.read, leg.FlightID)
		if err != nil {
			return Quote{}, err
		}
		offers[leg.LegNo] = offer
		cancelled = cancelled || leg.State != scheduled
	}
	return s.quote(v.Row, offers, v.Lines, cancelled, v.Now)
}

// Cursor is where a page of trips begins; zero: at the newest.
type Cursor struct {
	Before time.Time
	ID     int64
}

// Trips reads a page of a member's bookings, newest first, in three queries whatever their number. next is
// nil on the last page.
func (s *Service) Trips(ctx context.Context, member int64, from Cursor, size int) (trips []View, next *Cursor, err error) {
	if from.Before.IsZero() {
		from.Before = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	rows, err := s.read.BookingsOfMember(ctx, db.BookingsOfMemberParams{MemberID: member, BeforeAt: from.Before, BeforeID: from.ID, Limit: int32(size + 1)})
	if err != nil {
		return nil, nil, fmt.Errorf("booking.Trips: %w", err)
	}
	if len(rows) > size {
		rows = rows[:size]
		last := rows[size-1].Booking
		next = &Cursor{last.CreatedAt, last.ID}
	}
	for _, row := range rows {
		trips = append(trips, View{Row: row.Booking, Now: row.Now, State: stateAt(row.Booking, row.Now)})
	}
	if err := s.fillTrips(ctx, trips); err != nil {
		return nil, nil, fmt.Errorf("booking.Trips: %w", err)
	}
	return trips, next, nil
}

func (s *Service) fillTrips(ctx context.Context, trips []View) error {
	if len(trips) == 0 {
		return nil
	}
	ids := make([]int64, len(trips))
	byID := map[int64]*View{}
	for i := range trips {
		ids[i] = trips[i].Row.ID
		byID[ids[i]] = &trips[i]
	}
	legs, err := s.read.LegsOfBookings(ctx, ids)
	if err != nil {
		return err
	}
	for _, leg := range legs {
		v := byID[leg.BookingID]
		v.Legs = append(v.Legs, leg)
	}
	seats, err := s.read.SeatsOfBookings(ctx, ids)
	for _, seat := range seats {
		v := byID[seat.BookingID]
		v.Seats = append(v.Seats, seat)
	}
	return err
}
