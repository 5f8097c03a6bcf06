package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/db"
)

// everything takes one process through every transaction that package booking knows, and most of its queries, on
// flights 1 and 2, which have quotas and are on a sale, and flight 3, which is on none.
func everything(t *testing.T, w *bookingtest.World, m bookingtest.Meddling) {
	t.Helper()
	sale := w.Sale()
	for id := range int64(2) {
		w.Add(bookingtest.Flight{ID: id + 1, Sale: sale, MemberLimit: 9, Seats: 30, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 20}}})
	}
	w.Add(bookingtest.Flight{ID: 3, Seats: 30})
	for _, strategy := range strategies {
		p := w.Process(bookingtest.Setup{Strategy: strategy, Meddling: m, Rules: func(r *booking.Rules) { r.MemberHolds = 9 }})
		holdsOfAllKinds(t, w, p)
		stepsOfAllKinds(t, w, p)
		readAll(t, w, p, w.Open(m))
		for _, flight := range []int64{1, 2, 3} {
			w.Exec("UPDATE booking_seat SET live = NULL WHERE flight_id = ?", flight)
			w.Exec("UPDATE seat SET state = 'available', booking_id = NULL, fare_code = NULL, held_until = NULL WHERE flight_id = ?", flight)
		}
	}
}

func holdsOfAllKinds(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
	t.Helper()
	both := bookingtest.Request(w.Member(), 2, "1A", "1B")
	both.Legs = append(both.Legs, booking.LegRequest{FlightID: 1, Seats: []string{"2A", "2B"}})
	victim := p.MustHold(both)
	w.RunOut(victim.Ref)
	both.MemberID = w.Member()
	both.Key = "a-key-of-sixteen-or-more"
	p.MustHold(both) // a take-over on two flights
	p.MustHold(both)
	p.MustHold(bookingtest.Auto(w.Member(), 2, 3))
	similar := bookingtest.Request(w.Member(), 2, "1A")
	similar.Similar = true
	p.MustHold(similar)
	p.MustHold(bookingtest.Request(w.Member(), 3, "1A"))
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "5A"))
	must(t, p.LetGo(t.Context(), member, held.Ref))
	p.MustHold(bookingtest.Auto(member, 1, 1))
}

func stepsOfAllKinds(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
	t.Helper()
	member := w.Member()
	pair := bookingtest.Request(member, 2, "4A")
	pair.Legs = append(pair.Legs, booking.LegRequest{FlightID: 1, Seats: []string{"4B"}})
	held := p.MustHold(pair)
	must(t, p.SetPassengers(t.Context(), member, held.Ref, adults(1), contact))
	must(t, p.Extend(t.Context(), member, held.Ref))
	w.Leave(held.Ref, time.Minute)
	must(t, p.On(held.Ref, func(ctx context.Context, l *booking.Locked) error {
		return errors.Join(l.PressedPay(ctx), l.Complete(ctx))
	}))
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, unpaid))
	w.RunOut(held.Ref)
	robber := p.MustHold(bookingtest.Request(w.Member(), 2, "4A"))
	w.RunOut(robber.Ref)
	must(t, p.On(held.Ref, beginPaying)) // again, over the one who took a seat meanwhile
	must(t, p.On(held.Ref, confirm))
	changed := bookingtest.Request(member, 1, "4D")
	changed.Legs, changed.Change = append(changed.Legs, booking.LegRequest{FlightID: 2, Seats: []string{"4D"}}), held.Ref
	change := p.MustHold(changed)
	must(t, p.SetPassengers(t.Context(), member, change.Ref, []booking.Passenger{born("CHANGED", 40, 0)}, contact))
	view, err := p.Get(t.Context(), member, held.Ref)
	must(t, err)
	_, err = p.Quote(t.Context(), view)
	must(t, err)
	must(t, p.On(change.Ref, beginPaying))
	must(t, p.On(change.Ref, confirmChange))
	must(t, p.On(change.Ref, cancel))
	spent := p.MustHold(bookingtest.Request(w.Member(), 2, "3A"))
	must(t, p.On(spent.Ref, beginPaying))
	w.Exec("UPDATE booking SET retry_extended = TRUE WHERE ref = ?", spent.Ref)
	w.RunOut(spent.Ref)
	must(t, p.On(spent.Ref, unpaid))
	lost := p.MustHold(bookingtest.Request(w.Member(), 1, "3A"))
	w.RunOut(lost.Ref)
	_, err = p.RecordExpired(t.Context(), 10)
	must(t, err)
}

func readAll(t *testing.T, w *bookingtest.World, p *bookingtest.Process, pool db.DBTX) {
	t.Helper()
	member := w.Member()
	p.MustHold(bookingtest.Request(member, 3, "2A"))
	p.MustHold(bookingtest.Request(member, 3, "2B"))
	_, next, err := p.Trips(t.Context(), member, booking.Cursor{}, 1)
	must(t, err)
	rest, last, err := p.Trips(t.Context(), member, *next, 1)
	must(t, err)
	if len(rest) != 1 || last != nil {
		t.Errorf("the second page of two trips: %d, %v", len(rest), last)
	}
	_, err = p.OwnSeats(t.Context(), member, 3)
	must(t, err)
	_, err = booking.SeatStory(t.Context(), db.New(pool), 2, "1A")
	must(t, err)
}
