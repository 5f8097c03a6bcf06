package concurrency_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestACrowdForOneSeat sends customers through two processes, for each strategy: ten thousand where they are batched.
func TestACrowdForOneSeat(t *testing.T) {
	t.Parallel()
	for strategy, customers := range map[booking.Strategy]int{booking.Batched: 10_000, booking.Pessimistic: 400, booking.Conditional: 400} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			w.Add(bookingtest.Flight{ID: 1})
			if won := crowd(w, strategy, customers, func(int) string { return "1A" }); won != 1 {
				t.Errorf("%d winners", won)
			}
			w.Check()
		})
	}
}

// TestMoreCustomersThanSeats: 300 customers and 189 seats, each asked for at least once: none twice, none lost.
func TestMoreCustomersThanSeats(t *testing.T) {
	t.Parallel()
	for _, strategy := range []booking.Strategy{booking.Batched, booking.Pessimistic, booking.Conditional} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			w.Add(bookingtest.Flight{ID: 1, Seats: 189})
			if won := crowd(w, strategy, 300, func(i int) string { return bookingtest.SeatNo(i % 189) }); won != 189 {
				t.Errorf("%d winners", won)
			}
			if n := w.Int("SELECT COUNT(DISTINCT booking_id) FROM seat WHERE state = 'held'"); n != 189 {
				t.Errorf("%d bookings have a seat", n)
			}
			w.Check()
		})
	}
}

// TestACrowdThatTakesAnySeat: two processes pick for 120 customers of a flight with 100 seats.
func TestACrowdThatTakesAnySeat(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Seats: 100})
	if won := crowd(w, booking.Batched, 120, nil); won != 100 {
		t.Errorf("%d winners", won)
	}
	w.Check()
}

// crowd lets so many customers hold a seat each at once, through two processes, and counts those who were told that
// they have it. nil: any seat.
func crowd(w *bookingtest.World, strategy booking.Strategy, customers int, seat func(int) string) int64 {
	room := func(r *booking.Rules) { r.BatchQueue = customers }
	two := []*bookingtest.Process{w.Process(bookingtest.Setup{Strategy: strategy, Rules: room}), w.Process(bookingtest.Setup{Strategy: strategy, Rules: room})}
	var won atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range customers {
		all.Go(func() {
			req := bookingtest.Auto(w.Member(), 1, 1)
			if seat != nil {
				req = bookingtest.Request(w.Member(), 1, seat(i))
			}
			<-start
			_, err := two[i%2].Hold(w.T.Context(), req)
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, booking.ErrSeatTaken):
				w.T.Error(fmt.Errorf("customer %d: %w", i, err))
			}
		})
	}
	close(start)
	all.Wait()
	return won.Load()
}
