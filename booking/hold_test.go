package booking_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

var strategies = []booking.Strategy{booking.Batched, booking.Pessimistic, booking.Conditional}

// everyStrategy runs a test once for each strategy, in a world of its own.
func everyStrategy(t *testing.T, test func(t *testing.T, w *bookingtest.World, p *bookingtest.Process)) {
	for _, strategy := range strategies {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			test(t, w, w.Process(bookingtest.Setup{Strategy: strategy}))
			w.Check()
		})
	}
}

func TestHoldTakesAllSeats(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1})
		member := w.Member()
		before := time.Now()
		held := p.MustHold(bookingtest.Request(member, 1, "1B", "1A"))
		view, err := p.Get(t.Context(), member, held.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if view.State != booking.Held || view.Row.Total != 2*(89_900+bookingtest.Charges) || view.Seat(1, 1) != "1B" || view.Seat(1, 2) != "1A" {
			t.Errorf("%s, %d won, seats %s and %s", view.State, view.Row.Total, view.Seat(1, 1), view.Seat(1, 2))
		}
		if life := held.Until.Sub(before); life < 14*time.Minute || life > 16*time.Minute {
			t.Errorf("held for %v", life)
		}
		if n := w.Int("SELECT COUNT(*) FROM seat WHERE state = 'held'"); n != 2 {
			t.Errorf("%d seats held", n)
		}
	})
}

func TestHoldOfTwoFlights(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1})
		w.Add(bookingtest.Flight{ID: 2, Closes: 10 * time.Minute})
		both := bookingtest.Request(w.Member(), 2, "1A")
		both.Legs = append(both.Legs, booking.LegRequest{FlightID: 1, Seats: []string{"1C"}})
		held := p.MustHold(both)
		if left := time.Until(held.Until); left > 10*time.Minute {
			t.Errorf("held for %v, past the earlier cut-off", left)
		}
		w.MustFree(2, "1B")
		other := bookingtest.Request(w.Member(), 1, "1D")
		other.Legs = append(other.Legs, booking.LegRequest{FlightID: 2, Seats: []string{"1A"}})
		_, err := p.Hold(t.Context(), other)
		var taken *booking.TakenError
		if !errors.As(err, &taken) || len(taken.Seats) != 1 || taken.Seats[0].String() != "ZP2-20300101:1A" {
			t.Errorf("a lost leg answers %v", err)
		}
		w.MustFree(1, "1D")
	})
}

func TestHoldRefusals(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		sale, other := w.Sale(), w.Sale()
		w.Add(bookingtest.Flight{ID: 1, Seats: 18, Exit: 3, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 1}, {Code: "FLEX", Quota: -1}}})
		w.Add(bookingtest.Flight{ID: 2, Sale: sale, BookingLimit: 2, MemberLimit: 3})
		w.Add(bookingtest.Flight{ID: 3, Sale: other})
		w.Add(bookingtest.Flight{ID: 4})
		w.Add(bookingtest.Flight{ID: 5, Closes: -time.Second})
		w.Exec("UPDATE flight SET state = 'cancelled' WHERE id = 4")
		w.Exec("UPDATE seat SET state = 'blocked' WHERE flight_id = 1 AND seat_no = '2F'")
		p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
		wrong, right := int64(1), int64(89_900+bookingtest.Charges)
		legs := func(ids ...int64) (r booking.HoldRequest) {
			r = bookingtest.Request(w.Member(), ids[0], "1C")
			for _, id := range ids[1:] {
				r.Legs = append(r.Legs, booking.LegRequest{FlightID: id, Seats: []string{"1C"}})
			}
			return r
		}
		with := func(change func(*booking.HoldRequest)) booking.HoldRequest {
			r := bookingtest.Request(w.Member(), 1, "1B")
			change(&r)
			return r
		}
		for name, c := range map[string]struct {
			req  booking.HoldRequest
			want error
		}{
			"taken":                 {bookingtest.Request(w.Member(), 1, "1A"), booking.ErrSeatTaken},
			"one of two taken":      {bookingtest.Request(w.Member(), 1, "1B", "1A"), booking.ErrSeatTaken},
			"blocked":               {bookingtest.Request(w.Member(), 1, "2F"), booking.ErrSeatTaken},
			"no such seat":          {bookingtest.Request(w.Member(), 1, "99A"), booking.ErrNoSeat},
			"no such flight":        {bookingtest.Request(w.Member(), 99, "1A"), booking.ErrNoFlight},
			"no such fare":          {with(func(r *booking.HoldRequest) { r.Legs[0].Fare = "NONE" }), booking.ErrNoFare},
			"no such cabin":         {with(func(r *booking.HoldRequest) { r.Legs[0].Seats, r.Legs[0].Cabin = nil, "first" }), booking.ErrNoFare},
			"fare sold out":         {with(func(r *booking.HoldRequest) { r.Legs[0].Fare = "SPECIAL" }), booking.ErrFareSoldOut},
			"other total":           {with(func(r *booking.HoldRequest) { r.Total = &wrong }), booking.ErrPriceChanged},
			"the same seat twice":   {bookingtest.Request(w.Member(), 1, "1B", "1B"), booking.ErrParty},
			"nobody":                {bookingtest.Request(w.Member(), 1), booking.ErrParty},
			"more infants":          {with(func(r *booking.HoldRequest) { r.Party.Infants = 2 }), booking.ErrParty},
			"fewer seats":           {with(func(r *booking.HoldRequest) { r.Party.Adults = 2 }), booking.ErrParty},
			"infant in an exit row": {with(func(r *booking.HoldRequest) { r.Legs[0].Seats, r.Party.Infants = []string{"3A"}, 1 }), booking.ErrParty},
			"the same flight twice": {legs(1, 1), booking.ErrParty},
			"two sales":             {legs(2, 3), booking.ErrTwoSales},
			"booking limit":         {bookingtest.Request(w.Member(), 2, "1A", "1B", "1C"), booking.ErrLimit},
			"cancelled":             {bookingtest.Request(w.Member(), 4, "1A"), booking.ErrCancelled},
			"closed":                {bookingtest.Request(w.Member(), 5, "1A"), booking.ErrSalesClosed},
			"one leg closed":        {legs(1, 5), booking.ErrSalesClosed},
		} {
			_, err := p.Hold(t.Context(), c.req)
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			var price *booking.PriceError
			if errors.As(err, &price) && price.Total != right {
				t.Errorf("%s: told %d won", name, price.Total)
			}
		}
		p.MustHold(with(func(r *booking.HoldRequest) { r.Total = &right }))
	})
}

func TestInfantsTravelOnTheirAdultsFare(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 1}, {Code: "VALUE", Quota: -1}}})
	p := w.Process(bookingtest.Setup{})
	req := bookingtest.Request(w.Member(), 1, "1A", "1B", "1C")
	req.Party = booking.Party{Adults: 2, Children: 1, Infants: 2}
	held := p.MustHold(req)
	view, err := p.ByRef(t.Context(), held.Ref)
	if err != nil {
		t.Fatal(err)
	}
	var fares []string
	for _, line := range view.Lines {
		fares = append(fares, line.FareCode)
	}
	if got := strings.Join(fares, " "); got != "SPECIAL VALUE VALUE SPECIAL VALUE" {
		t.Errorf("fares %s", got)
	}
	if n := len(view.Seats); n != 3 {
		t.Errorf("%d seats for three travellers and two infants", n)
	}
	w.Check()
}

func TestHoldTakesOverWhatRanOut(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1})
		first := w.Member()
		lost := p.MustHold(bookingtest.Request(first, 1, "1A", "1B"))
		w.RunOut(lost.Ref)
		if view, err := p.Get(t.Context(), first, lost.Ref); err != nil || view.State != booking.Expired || view.SecondsLeft() != 0 {
			t.Errorf("a hold that ran out shows as %s, %v", view.State, err)
		}
		won := p.MustHold(bookingtest.Request(w.Member(), 1, "1B", "1C"))
		row := w.Booking(lost.Ref)
		if row.State != "expired" || !row.EndedAt.Valid || row.EndedAt.Time.After(w.Booking(won.Ref).CreatedAt) {
			t.Errorf("the booking that lost a seat: %+v", row)
		}
		// The other seat of the victim is free too, though nobody has written that down.
		p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
		if err := p.Extend(t.Context(), first, lost.Ref); !errors.Is(err, booking.ErrExpired) {
			t.Errorf("extend after the take-over: %v", err)
		}
	})
}

func TestKeyMakesARepeatHarmless(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1})
		req := bookingtest.Request(w.Member(), 1, "1A")
		req.Key = "0123456789abcdef"
		first := p.MustHold(req)
		again := p.MustHold(req)
		if again.Ref != first.Ref || !again.Repeated || first.Repeated {
			t.Errorf("first %+v, again %+v", first, again)
		}
		other := req
		other.Legs = []booking.LegRequest{{FlightID: 1, Seats: []string{"1B"}}}
		if _, err := p.Hold(t.Context(), other); !errors.Is(err, booking.ErrKeyReused) {
			t.Errorf("the key with other seats: %v", err)
		}
		other.MemberID = w.Member()
		if held := p.MustHold(other); held.Repeated {
			t.Error("another member's key counts")
		}
		// Only successes are stored: after a refusal the key is free.
		refused := bookingtest.Request(w.Member(), 1, "1A")
		refused.Key = "fedcba9876543210"
		if _, err := p.Hold(t.Context(), refused); !errors.Is(err, booking.ErrSeatTaken) {
			t.Errorf("taken: %v", err)
		}
		refused.Legs[0].Seats = []string{"1C"}
		p.MustHold(refused)
	})
}

func TestNobodyHoldsForSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	everyStrategy(t, func(t *testing.T, w *bookingtest.World, p *bookingtest.Process) {
		w.Add(bookingtest.Flight{ID: 1})
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := p.Hold(gone, bookingtest.Request(w.Member(), 1, "1A")); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

// Every part of a request but its member, language and key makes it another wish.
func TestContentTellsRequestsApart(t *testing.T) {
	t.Parallel()
	if n, m, k := reflect.TypeFor[booking.HoldRequest]().NumField(), reflect.TypeFor[booking.LegRequest]().NumField(), reflect.TypeFor[booking.Wishes]().NumField(); n != 8 || m != 5 || k != 4 {
		t.Errorf("requests have %d, legs %d, wishes %d fields: is the new one among the changes below?", n, m, k)
	}
	leg := func(change func(*booking.LegRequest)) func(*booking.HoldRequest) {
		return func(r *booking.HoldRequest) { change(&r.Legs[0]) }
	}
	total := int64(0)
	seen := map[[32]byte]int{}
	for i, change := range []func(*booking.HoldRequest){
		func(*booking.HoldRequest) {},
		func(r *booking.HoldRequest) { r.Party.Adults = 2 },
		func(r *booking.HoldRequest) { r.Party.Children = 1 },
		func(r *booking.HoldRequest) { r.Party.Infants = 1 },
		func(r *booking.HoldRequest) { r.Similar = true },
		func(r *booking.HoldRequest) { r.Change = "ABCDEF" },
		func(r *booking.HoldRequest) { r.Total = &total },
		func(r *booking.HoldRequest) { r.Legs = append(r.Legs, booking.LegRequest{FlightID: 2}) },
		leg(func(l *booking.LegRequest) { l.FlightID = 2 }),
		leg(func(l *booking.LegRequest) { l.Seats = []string{"1B"} }),
		leg(func(l *booking.LegRequest) { l.Seats = nil }),
		leg(func(l *booking.LegRequest) { l.Fare = "1B" }),
		leg(func(l *booking.LegRequest) { l.Cabin = "1B" }),
		leg(func(l *booking.LegRequest) { l.Wishes.Together = true }),
		leg(func(l *booking.LegRequest) { l.Wishes.Window = true }),
		leg(func(l *booking.LegRequest) { l.Wishes.Aisle = true }),
		leg(func(l *booking.LegRequest) { l.Wishes.Front = true }),
	} {
		req := bookingtest.Request(1, 1, "1A")
		change(&req)
		hash := booking.ContentHash(req)
		if before, known := seen[hash]; known {
			t.Errorf("change %d makes no difference to %d", i, before)
		}
		seen[hash] = i
	}
	req, same := bookingtest.Request(1, 1, "1A"), bookingtest.Request(2, 1, "1A")
	same.Key, same.Language = "another", "en"
	if booking.ContentHash(req) != booking.ContentHash(same) {
		t.Error("member, key or language make another wish")
	}
}
