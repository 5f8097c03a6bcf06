package booking

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can stand in the way of a customer, by meaning.
var (
	ErrNotFound      = errors.New("booking: no such booking")
	ErrNoFlight      = errors.New("booking: no such flight")
	ErrNoSeat        = errors.New("booking: no such seat on this flight")
	ErrNoFare        = errors.New("booking: no such fare for this cabin")
	ErrParty         = errors.New("booking: party and seats do not fit")
	ErrSeatTaken     = errors.New("booking: seat taken")
	ErrFareSoldOut   = errors.New("booking: no place left in this fare")
	ErrPriceChanged  = errors.New("booking: the total is not the one shown")
	ErrSalesClosed   = errors.New("booking: sales for this flight are closed")
	ErrCancelled     = errors.New("booking: the flight is cancelled")
	ErrLimit         = errors.New("booking: more seats than a member may have in this sale")
	ErrOpenHold      = errors.New("booking: the member already has as many unpaid holds as allowed")
	ErrRefused       = errors.New("booking: too many of the member's holds ran out unpaid")
	ErrTwoSales      = errors.New("booking: flights of two sales in one booking")
	ErrKeyReused     = errors.New("booking: the key was used for another request")
	ErrBusy          = errors.New("booking: too many requests for this flight at once")
	ErrExpired       = errors.New("booking: the hold has run out")
	ErrState         = errors.New("booking: not possible in this state")
	ErrExtended      = errors.New("booking: the one extension is used")
	ErrSeatsLost     = errors.New("booking: the hold ran out and its seats have gone")
	ErrTravellerHere = errors.New("booking: the traveller is already booked on this flight")
	ErrNeedsSeat     = errors.New("booking: an infant is too old for a lap on the day of a leg")
	ErrExitRow       = errors.New("booking: a traveller may not sit in an exit row")
	ErrIncomplete    = errors.New("booking: passengers or contact are missing")
)

// SeatRef names a seat of a flight by their public names.
type SeatRef struct{ Flight, No string }

func (r SeatRef) String() string { return r.Flight + ":" + r.No }

// TakenError is ErrSeatTaken with the seats that were lost.
type TakenError struct {
	Seats []SeatRef
	LetGo bool // some of them the member has let go just now, and may not have back at once
}

func (e *TakenError) Error() string {
	names := make([]string, len(e.Seats))
	for i, seat := range e.Seats {
		names[i] = seat.String()
	}
	return fmt.Sprintf("%v: %s", ErrSeatTaken, strings.Join(names, ", "))
}

// Is makes errors.Is(err, ErrSeatTaken) true.
func (e *TakenError) Is(target error) bool { return target == ErrSeatTaken }

// PriceError is ErrPriceChanged with the total that holds now, in won.
type PriceError struct{ Total int64 }

func (e *PriceError) Error() string { return fmt.Sprintf("%v: now %d", ErrPriceChanged, e.Total) }

// Is makes errors.Is(err, ErrPriceChanged) true.
func (e *PriceError) Is(target error) bool { return target == ErrPriceChanged }

// RefusedError is ErrRefused with the instant from which the member's next hold is taken again. It is an ErrOpenHold
// too, for whoever does not tell them apart.
type RefusedError struct{ Until time.Time }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%v: until %s", ErrRefused, e.Until.Format(time.RFC3339))
}

// Is makes errors.Is(err, ErrRefused) and errors.Is(err, ErrOpenHold) true.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused || target == ErrOpenHold }
