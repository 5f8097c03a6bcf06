package concurrency_test

import (
	"errors"
	"fmt"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestTwoCustomersOneSeat: both want the seat; the first stands behind its lock when the second comes. Five
// protections stand behind each other, and each alone is enough: the seat's lock, the guard of the change, the version
// in the history's primary key, the fence in the claims', and UNIQUE live.
func TestTwoCustomersOneSeat(t *testing.T) {
	t.Parallel()
	proof{
		whole: []clauses{
			{seatLock},
			{takeGuard, uniqueVersion, uniqueLive, uniqueFence},
			{seatLock, uniqueVersion, uniqueLive, uniqueFence},
			{seatLock, takeGuard, uniqueLive, uniqueFence},
			{seatLock, takeGuard, uniqueVersion, uniqueFence},
			{seatLock, takeGuard, uniqueVersion, uniqueLive},
		},
		broken: []clauses{{seatLock, takeGuard, uniqueVersion, uniqueLive, uniqueFence}},
	}.run(t, twoCustomersOneSeat)
}

func twoCustomersOneSeat(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(bookingtest.Flight{ID: 1})
	gate := bookingtest.NewGate(booking.AfterLock)
	one := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	two := w.Process(bookingtest.Setup{Meddling: m})
	first, second := race(w, gate, hold(w, one, bookingtest.Request(w.Member(), 1, "1A")), hold(w, two, bookingtest.Request(w.Member(), 1, "1A")))
	if n := succeeded(first, second); n != 1 {
		return fmt.Sprintf("%d customers were told that the seat is theirs: %v, %v", n, first, second)
	}
	if loser := errors.Join(first, second); !errors.Is(loser, booking.ErrSeatTaken) {
		return fmt.Sprintf("the loser was told %v", loser)
	}
	return faultsOf(w, "")
}

// TestConditionalTakesOnlyWhatItSaw: the first read the seat as free, without a lock; before it writes, the seat has
// been taken and let go again, so that it is free but has another version. Without the version in the guard its claim
// would carry a fence that the seat never had.
func TestConditionalTakesOnlyWhatItSaw(t *testing.T) {
	t.Parallel()
	version := cut("version guard", " AND version = CASE", " AND 0 <= CASE")
	proof{
		whole:  []clauses{{seatLock}},
		broken: []clauses{{version}},
	}.run(t, conditionalTakesOnlyWhatItSaw)
}

func conditionalTakesOnlyWhatItSaw(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(bookingtest.Flight{ID: 1})
	gate := bookingtest.NewGate(booking.AfterLock)
	slow := w.Process(bookingtest.Setup{Strategy: booking.Conditional, Meddling: m, Hooks: gate.Hook})
	quick := w.Process(bookingtest.Setup{Strategy: booking.Conditional})
	member := w.Member()
	first, second := race(w, gate, hold(w, slow, bookingtest.Request(w.Member(), 1, "1A")), func() error {
		held, err := quick.Hold(w.T.Context(), bookingtest.Request(member, 1, "1A"))
		if err != nil {
			return err
		}
		return quick.LetGo(w.T.Context(), member, held.Ref)
	})
	if first != nil || second != nil {
		return fmt.Sprintf("refused: %v, %v", first, second)
	}
	return faultsOf(w, "")
}
