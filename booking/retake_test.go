package booking_test

import (
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

func TestPayingLateTakesTheSeatsAgain(t *testing.T) {
	t.Parallel()
	for name, recorded := range map[string]bool{"run out": false, "recorded as run out": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p := stage(t, bookingtest.Flight{Fares: []booking.Fare{{Code: "SPECIAL", Quota: 2}}})
			held := p.MustHold(bookingtest.Request(w.Member(), 1, "1A", "1B"))
			w.RunOut(held.Ref)
			if recorded {
				_, err := p.RecordExpired(t.Context(), 10)
				must(t, err)
			}
			must(t, p.On(held.Ref, beginPaying))
			if row := w.Booking(held.Ref); row.State != "paying" || row.EndedAt.Valid {
				t.Errorf("%+v", row)
			}
			w.Check()
			must(t, p.On(held.Ref, confirm))
			if n := w.Int("SELECT COUNT(*) FROM seat WHERE state = 'sold' AND fare_code = 'SPECIAL'"); n != 2 {
				t.Errorf("%d seats sold", n)
			}
			w.Check()
		})
	}
}

func TestPayingLateLosesAsAWhole(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	held := p.MustHold(bookingtest.Request(w.Member(), 1, "1A", "1B"))
	w.RunOut(held.Ref)
	other := p.MustHold(bookingtest.Request(w.Member(), 1, "1B"))
	want(t, "a seat is gone", p.On(held.Ref, beginPaying), booking.ErrSeatsLost)
	if state := w.Booking(held.Ref).State; state != "expired" {
		t.Errorf("the loser is %s", state)
	}
	w.Check()
	w.RunOut(other.Ref)
	must(t, p.On(held.Ref, beginPaying)) // over the other's hold, which ran out in turn
	if state := w.Booking(other.Ref).State; state != "expired" {
		t.Errorf("the other is %s", state)
	}
	w.Check()
}

func TestPayingLateKeepsQuotas(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{Fares: []booking.Fare{{Code: "SPECIAL", Quota: 2}}})
	held := p.MustHold(bookingtest.Request(w.Member(), 1, "1A", "1B"))
	w.RunOut(held.Ref)
	p.MustHold(bookingtest.Request(w.Member(), 1, "1C"))
	want(t, "the quota has one place left", p.On(held.Ref, beginPaying), booking.ErrSeatsLost)
	w.Check()
}

func TestPayingLateKeepsTheMembersLimits(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	sale, member := w.Sale(), w.Member()
	for id := range int64(2) {
		w.Add(bookingtest.Flight{ID: id + 1, Sale: sale, MemberLimit: 3})
	}
	p := w.Process(bookingtest.Setup{})
	late := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	w.RunOut(late.Ref)
	other := p.MustHold(bookingtest.Request(member, 2, "1A", "1B"))
	want(t, "beside an unpaid hold", p.On(late.Ref, beginPaying), booking.ErrSeatsLost)
	must(t, p.On(other.Ref, beginPaying))
	must(t, p.On(other.Ref, confirm))
	want(t, "above the limit", p.On(late.Ref, beginPaying), booking.ErrSeatsLost)
	w.Check()
}
