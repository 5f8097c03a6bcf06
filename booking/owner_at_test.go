package booking_test

import (
	"strings"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/db"
)

// TestSeatTimeMachine asks who had a seat at every turn of its life, on a clock that the test moves.
func TestSeatTimeMachine(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1})
	clock := bookingtest.NewClock(time.Now().UTC())
	p := w.Process(bookingtest.Setup{Meddling: bookingtest.Meddling{Clock: clock}})
	q := db.New(w.Open(bookingtest.Meddling{Clock: clock}))
	type moment struct {
		at    time.Time
		state string
		id    int64
	}
	var moments []moment
	step := func(by time.Duration) { clock.Move(by) }
	note := func(state string, id int64) {
		moments = append(moments, moment{clock.Now(), state, id})
		step(time.Second)
	}

	note("available", 0)
	step(time.Minute)
	first := p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	a := w.Booking(first.Ref).ID
	note("held", a)
	step(14*time.Minute + 58*time.Second)
	note("held", a)
	// now is the instant at which the hold ends
	note("available", 0)
	step(10 * time.Minute)
	member := w.Member()
	second := p.MustHold(bookingtest.Request(member, 1, "1A"))
	b := w.Booking(second.Ref).ID
	note("held", b)
	step(14 * time.Minute)
	must(t, p.Extend(t.Context(), member, second.Ref))
	step(3 * time.Minute)
	note("held", b)
	must(t, p.On(second.Ref, beginPaying))
	step(time.Hour)
	note("paying", b)
	must(t, p.On(second.Ref, confirm))
	note("sold", b)
	step(time.Minute)
	must(t, p.On(second.Ref, cancel))
	note("available", 0)
	third := p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	c := w.Booking(third.Ref).ID
	step(time.Minute)
	note("held", c)
	step(time.Hour)
	_, err := p.RecordExpired(t.Context(), 10)
	must(t, err)
	note("available", 0)

	for _, m := range moments {
		owner, err := booking.OwnerAt(t.Context(), q, 1, "1A", m.at)
		must(t, err)
		if owner.State != m.state || owner.Booking != m.id {
			t.Errorf("at %v: %v, want %s by %d", m.at, owner, m.state, m.id)
		}
	}
	story, err := booking.SeatStory(t.Context(), q, 1, "1A")
	must(t, err)
	var causes []string
	for _, o := range story {
		causes = append(causes, o.Cause)
	}
	if got := strings.Join(causes, ", "); got != "hold, expire, hold, extend, pay, confirm, cancel, hold, expire" {
		t.Errorf("story: %s", got)
	}
	if _, err := booking.OwnerAt(t.Context(), q, 1, "1B", clock.Now()); err != nil {
		t.Errorf("a seat without history: %v", err)
	}
}
