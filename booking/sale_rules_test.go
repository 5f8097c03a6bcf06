package booking_test

import (
	"errors"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

func TestOneUnpaidHoldPerMemberAndSale(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		sale, member := w.Sale(), w.Member()
		w.Add(bookingtest.Flight{ID: 1, Sale: sale, MemberLimit: 3})
		w.Add(bookingtest.Flight{ID: 2, Sale: sale, MemberLimit: 3})
		w.Add(bookingtest.Flight{ID: 3})
		first := p.MustHold(bookingtest.Request(member, 1, "1A"))
		_, err := p.Hold(t.Context(), bookingtest.Request(member, 2, "1A"))
		want(t, "a second hold", err, booking.ErrOpenHold)
		p.MustHold(bookingtest.Request(member, 3, "1A")) // elsewhere as many as one likes
		p.MustHold(bookingtest.Request(member, 3, "1B"))
		must(t, p.On(first.Ref, beginPaying))
		_, err = p.Hold(t.Context(), bookingtest.Request(member, 2, "1A"))
		want(t, "a hold while paying", err, booking.ErrOpenHold)
		must(t, p.On(first.Ref, confirm))
		_, err = p.Hold(t.Context(), bookingtest.Request(member, 2, "1A", "1B", "1C"))
		want(t, "a fourth seat", err, booking.ErrLimit)
		// A flight on no sale does not count to the sale's limit, whichever leg it is.
		both := bookingtest.Request(member, 3, "1C", "1D")
		both.Legs = append(both.Legs, booking.LegRequest{FlightID: 2, Seats: []string{"1A", "1B"}})
		p.MustHold(both)
	})
}

func TestTheLimitCountsWhicheverLegIsOnTheSale(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	sale := w.Sale()
	w.Add(bookingtest.Flight{ID: 1})
	w.Add(bookingtest.Flight{ID: 2, Sale: sale, MemberLimit: 2})
	p := w.Process(bookingtest.Setup{})
	both := bookingtest.Request(w.Member(), 1, "1A", "1B", "1C")
	both.Legs = append(both.Legs, booking.LegRequest{FlightID: 2, Seats: []string{"1A", "1B", "1C"}})
	_, err := p.Hold(t.Context(), both)
	want(t, "three seats on the second leg", err, booking.ErrLimit)
}

func TestHoldsThatRunOutAreRefusedForAWhile(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Sale: w.Sale(), Seats: 12, Closes: 24 * time.Hour})
	clock := bookingtest.NewClock(time.Now().UTC())
	p := w.Process(bookingtest.Setup{Meddling: bookingtest.Meddling{Clock: clock}})
	member := w.Member()
	hold := func(seat string) (booking.HoldResult, error) {
		return p.Hold(t.Context(), bookingtest.Request(member, 1, seat))
	}
	runOut := func(seat string) {
		t.Helper()
		_, err := hold(seat)
		must(t, err)
		clock.Move(15 * time.Minute)
	}
	runOut("1A")
	held, err := hold("1A") // paid: what ran out before is forgotten
	must(t, err)
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, confirm))
	runOut("1B")
	runOut("1C")
	_, err = hold("1D")
	var refused *booking.RefusedError
	if !errors.As(err, &refused) || !refused.Until.Equal(clock.Now().Add(30*time.Minute)) || !errors.Is(err, booking.ErrOpenHold) {
		t.Fatalf("after two that ran out: %v", err)
	}
	clock.Move(30*time.Minute - time.Second)
	_, err = hold("1D")
	want(t, "a second too early", err, booking.ErrRefused)
	clock.Move(time.Second)
	_, err = hold("1D")
	must(t, err)
	other := w.Member()
	_, err = p.Hold(t.Context(), bookingtest.Request(other, 1, "1B"))
	must(t, err)
}

func TestASeatLetGoIsLeftToOthers(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Sale: w.Sale()})
	clock := bookingtest.NewClock(time.Now().UTC())
	p := w.Process(bookingtest.Setup{Meddling: bookingtest.Meddling{Clock: clock}})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A"))
	must(t, p.LetGo(t.Context(), member, held.Ref))
	_, err := p.Hold(t.Context(), bookingtest.Request(member, 1, "1A"))
	var taken *booking.TakenError
	if !errors.As(err, &taken) || !taken.LetGo {
		t.Fatalf("the same seat: %v", err)
	}
	auto := p.MustHold(bookingtest.Auto(member, 1, 1))
	if got := seatsOf(t, p, auto.Ref); got != "1B" {
		t.Errorf("picked %s, want the seat beside", got)
	}
	must(t, p.LetGo(t.Context(), member, auto.Ref))
	other := w.Member()
	free := p.MustHold(bookingtest.Request(other, 1, "1A")) // for anybody else at once
	must(t, p.LetGo(t.Context(), other, free.Ref))
	clock.Move(2 * time.Minute)
	p.MustHold(bookingtest.Request(member, 1, "1A"))
}

func TestHoldsElsewhereAreBounded(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1})
	p := w.Process(bookingtest.Setup{Rules: func(r *booking.Rules) { r.MemberHolds = 2 }})
	member := w.Member()
	first := p.MustHold(bookingtest.Request(member, 1, "1A"))
	p.MustHold(bookingtest.Request(member, 1, "1B"))
	_, err := p.Hold(t.Context(), bookingtest.Request(member, 1, "1C"))
	want(t, "a third", err, booking.ErrOpenHold)
	w.RunOut(first.Ref)
	p.MustHold(bookingtest.Request(member, 1, "1C"))
	want(t, "the first, paid late", p.On(first.Ref, beginPaying), booking.ErrSeatsLost)
	p.MustHold(bookingtest.Request(w.Member(), 1, "1D"))
	w.Check()
}
