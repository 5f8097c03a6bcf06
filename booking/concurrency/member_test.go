package concurrency_test

import (
	"errors"
	"fmt"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestTwoTabsTwoFlights: one member wants three seats on one flight and two on another of the same sale, at once, with
// a limit of four. Nothing stands behind the member's row of the sale, which both must write before they count.
func TestTwoTabsTwoFlights(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{flightRow}},
		broken: []clauses{{memberRow}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return twoTabs(w, m, func(r *booking.Rules) { r.SaleHolds = 0 }, booking.ErrLimit)
	})
}

// TestOneUnpaidHold is the same with room for all five seats, but for one unpaid hold only.
func TestOneUnpaidHold(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{flightRow}},
		broken: []clauses{{memberRow}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return twoTabs(w, m, func(*booking.Rules) {}, booking.ErrOpenHold)
	})
}

func twoTabs(w *bookingtest.World, m bookingtest.Meddling, rules func(*booking.Rules), refusal error) string {
	sale, member, limit := w.Sale(), w.Member(), 4
	if refusal == booking.ErrOpenHold {
		limit = 9
	}
	w.Add(bookingtest.Flight{ID: 1, Sale: sale, MemberLimit: limit})
	w.Add(bookingtest.Flight{ID: 2, Sale: sale, MemberLimit: limit})
	gate := bookingtest.NewGate(booking.BeforeCommit)
	one := w.Process(bookingtest.Setup{Meddling: m, Rules: rules, Hooks: gate.Hook})
	two := w.Process(bookingtest.Setup{Meddling: m, Rules: rules})
	first, second := race(w, gate, hold(w, one, bookingtest.Request(member, 1, "1A", "1B", "1C")), hold(w, two, bookingtest.Request(member, 2, "1A", "1B")))
	if n := succeeded(first, second); n != 1 {
		return fmt.Sprintf("%d holds: %v, %v", n, first, second)
	}
	if !errors.Is(second, refusal) {
		return fmt.Sprintf("the second tab was told %v", second)
	}
	return ""
}
