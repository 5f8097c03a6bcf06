package concurrency_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// special is a flight with so many places at the special fare, and no other fare.
func special(id int64, seats, quota int) bookingtest.Flight {
	return bookingtest.Flight{ID: id, Seats: seats, Fares: []booking.Fare{{Code: "SPECIAL", Quota: quota}}}
}

// TestQuotaOfOne: two customers want different seats and the last place of a fare. Nothing stands behind the flight's
// row, which both must write before they count.
func TestQuotaOfOne(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{seatLock, takeGuard}},
		broken: []clauses{{flightRow}},
	}.run(t, quotaOfOne)
}

func quotaOfOne(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(special(1, 6, 1))
	gate := bookingtest.NewGate(booking.BeforeCommit)
	one := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	two := w.Process(bookingtest.Setup{Meddling: m})
	first, second := race(w, gate, hold(w, one, bookingtest.Request(w.Member(), 1, "1A")), hold(w, two, bookingtest.Request(w.Member(), 1, "1B")))
	if n := succeeded(first, second); n != 1 {
		return fmt.Sprintf("%d places of one: %v, %v", n, first, second)
	}
	if !errors.Is(second, booking.ErrFareSoldOut) {
		return fmt.Sprintf("the second was told %v", second)
	}
	return ""
}

// TestQuotaAgainstPayingLate: a hold that ran out is about to be paid after all; before it takes its locks, somebody
// takes the last place. What it counts must be what is committed after the flight's row is its own, not what stood
// when it began to read.
func TestQuotaAgainstPayingLate(t *testing.T) {
	t.Parallel()
	proof{broken: []clauses{{readCommitted}}}.run(t, quotaAgainstPayingLate)
}

func quotaAgainstPayingLate(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(special(1, 6, 1))
	plain := w.Process(bookingtest.Setup{})
	held := plain.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	w.RunOut(held.Ref)
	gate := bookingtest.NewGate(booking.BeforeLock)
	late := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	first, second := race(w, gate, func() error { return late.On(held.Ref, beginPaying) }, hold(w, plain, bookingtest.Request(w.Member(), 1, "1B")))
	if succeeded(first, second) != 1 || !errors.Is(first, booking.ErrSeatsLost) {
		return fmt.Sprintf("two places of one: %v, %v", first, second)
	}
	return ""
}

// TestQuotasUnderLoad has two processes sell fifty flights with twenty special places each to more customers than there
// are seats, while holds run out and are let go.
func TestQuotasUnderLoad(t *testing.T) {
	t.Parallel()
	const flights, quota, customers = 50, 20, 80
	w := bookingtest.New(t)
	for id := range int64(flights) {
		f := special(id+1, 30, quota)
		f.Fares = append(f.Fares, booking.Fare{Code: "FLEX", Quota: -1})
		w.Add(f)
	}
	clock := bookingtest.NewClock(time.Now().UTC())
	two := []*bookingtest.Process{w.Process(bookingtest.Setup{Meddling: bookingtest.Meddling{Clock: clock}}),
		w.Process(bookingtest.Setup{Meddling: bookingtest.Meddling{Clock: clock}})}
	over := func() int64 {
		return w.Int(`SELECT COUNT(*) FROM (SELECT flight_id FROM seat WHERE fare_code = 'SPECIAL'
  AND (state IN ('paying', 'sold') OR (state = 'held' AND held_until > ?)) GROUP BY flight_id HAVING COUNT(*) > ?) AS flights`, clock.Now(), quota)
	}
	for range 3 {
		var crowd sync.WaitGroup
		for i := range customers * flights / 2 {
			crowd.Go(func() {
				member := w.Member()
				req := bookingtest.Request(member, int64(i%flights)+1, bookingtest.SeatNo(i/flights%30))
				held, err := two[i%2].Hold(t.Context(), req)
				if err == nil && i%7 == 0 {
					err = two[i%2].LetGo(t.Context(), member, held.Ref)
				}
				if err != nil && !errors.Is(err, booking.ErrSeatTaken) && !errors.Is(err, booking.ErrFareSoldOut) {
					t.Error(err)
				}
			})
		}
		crowd.Wait()
		if n := over(); n != 0 {
			t.Fatalf("%d flights sold more than %d special places", n, quota)
		}
		clock.Move(16 * time.Minute) // all that is held runs out
	}
	if n := w.Int("SELECT COUNT(DISTINCT flight_id) FROM seat WHERE fare_code = 'SPECIAL'"); n != flights {
		t.Errorf("special places on %d flights only", n)
	}
}
