package booking_test

import (
	"errors"
	"strings"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// seatsOf lists a booking's seats in passenger order.
func seatsOf(t *testing.T, p *bookingtest.Process, ref string) string {
	t.Helper()
	view, err := p.ByRef(t.Context(), ref)
	must(t, err)
	var list []string
	for _, seat := range view.Seats {
		list = append(list, seat.SeatNo)
	}
	return strings.Join(list, " ")
}

func TestAutoPicksFreeSeats(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1, Seats: 18, Business: 6, Exit: 3, AddOn: map[string]int64{"2A": 5000, "2B": 5000}})
		first := p.MustHold(bookingtest.Auto(w.Member(), 1, 2))
		if got := seatsOf(t, p, first.Ref); got != "2E 2F" && got != "2C 2D" && got != "2D 2E" {
			t.Errorf("picked %s", got)
		}
		family := bookingtest.Auto(w.Member(), 1, 2)
		family.Party = booking.Party{Adults: 1, Children: 1}
		if got := seatsOf(t, p, p.MustHold(family).Ref); strings.Contains(got, "3") {
			t.Errorf("a family sits in the exit row: %s", got)
		}
		w.RunOut(first.Ref) // its seats are free again
		all := bookingtest.Auto(w.Member(), 1, 9)
		p.MustHold(all)
		_, err := p.Hold(t.Context(), bookingtest.Auto(w.Member(), 1, 9))
		var taken *booking.TakenError
		if !errors.As(err, &taken) || taken.Seats[0].No != "auto" {
			t.Errorf("too few: %v", err)
		}
		front := bookingtest.Auto(w.Member(), 1, 1)
		front.Legs[0].Cabin = "business"
		if got := seatsOf(t, p, p.MustHold(front).Ref); got != "1A" {
			t.Errorf("business: %s", got)
		}
	})
}

func TestAutoEmptiesAFlight(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1, Seats: 12})
		for range 4 {
			p.MustHold(bookingtest.Auto(w.Member(), 1, 3))
		}
		if n := w.Int("SELECT COUNT(*) FROM seat WHERE state = 'held'"); n != 12 {
			t.Errorf("%d held", n)
		}
	})
}

func TestSimilarReplacesWhatIsGone(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1, Seats: 18, AddOn: map[string]int64{"1B": 3000}})
		p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
		req := bookingtest.Request(w.Member(), 1, "1A", "1C")
		req.Similar = true
		total := int64(2 * (89_900 + bookingtest.Charges))
		req.Total = &total
		held := p.MustHold(req)
		if got := seatsOf(t, p, held.Ref); got != "1F 1C" {
			t.Errorf("got %s", got)
		}
		if len(held.Replaced) != 1 || held.Replaced[0].Lost.No != "1A" || held.Replaced[0].Got.No != "1F" {
			t.Errorf("told %+v", held.Replaced)
		}
		// What is like the lost seat costs the same: the only other seat with an add-on does not exist.
		p.MustHold(bookingtest.Request(w.Member(), 1, "1B"))
		req = bookingtest.Request(w.Member(), 1, "1B")
		req.Similar = true
		_, err := p.Hold(t.Context(), req)
		want(t, "nothing like it", err, booking.ErrSeatTaken)
		req = bookingtest.Request(w.Member(), 1, "3F")
		req.Similar = true
		if held := p.MustHold(req); len(held.Replaced) != 0 || seatsOf(t, p, held.Ref) != "3F" {
			t.Errorf("a free seat was replaced: %+v", held.Replaced)
		}
	})
}
