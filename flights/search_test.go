package flights_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pigonair/flights"
)

// TestSearch holds what only reads, on one database.
func TestSearch(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for name, test := range map[string]func(*testing.T, *shop){
		"finds the day": findsTheDay, "shows the week": showsTheWeek, "refuses": refuses, "lowest by day": lowestByDay,
		"long haul": longHaulArrivesTheNextDay, "totals": totalsAreWhatAHoldCharges,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

func findsTheDay(t *testing.T, s *shop) {
	date := s.day(t, 3)
	r := s.search(t, flights.Query{From: "GMP", To: "CJU", Depart: date, Size: 50})
	want := 0
	for _, d := range network(t).FlightsOn(date) {
		if d.From.Code == "GMP" && d.To.Code == "CJU" {
			want++
		}
	}
	if len(r.Offers) != want || r.Total != want || r.Next != "" || want < 10 {
		t.Fatalf("%d of %d flights, want %d", len(r.Offers), r.Total, want)
	}
	for i, o := range r.Offers {
		if o.Flight.Date != date || o.SoldOut || o.Best.Total() <= o.Best.Base || o.Cabin.Cabin != flights.Economy {
			t.Errorf("%+v", o)
		}
		if i > 0 && o.Flight.Departs.Before(r.Offers[i-1].Flight.Departs) {
			t.Errorf("%s stands behind a later flight", o.Flight.PublicID())
		}
	}
	if r.From.Code != "GMP" || r.To.Code != "CJU" || r.Until != date {
		t.Errorf("searched %s to %s until %s", r.From.Code, r.To.Code, r.Until)
	}
}

func showsTheWeek(t *testing.T, s *shop) {
	r := s.search(t, flights.Query{From: "GMP", To: "CJU", Depart: s.day(t, 4)})
	if len(r.Week) != 7 || r.Week[0].Date != s.day(t, 1) || r.Week[3].Date != s.day(t, 4) {
		t.Fatalf("week %+v", r.Week)
	}
	lowest := r.Offers[0].Best.Total()
	for _, o := range r.Offers {
		lowest = min(lowest, o.Best.Total())
	}
	if r.Week[3].Lowest != lowest || r.Week[3].Flights != r.Total {
		t.Errorf("the day itself: %+v, want %d of %d flights", r.Week[3], lowest, r.Total)
	}
	// Small seeds days 1 to 6 only.
	if r.Week[0].Flights == 0 || r.Week[6].Flights != 0 || r.Week[6].Lowest != 0 {
		t.Errorf("first %+v, last %+v", r.Week[0], r.Week[6])
	}
	if soon := s.search(t, flights.Query{From: "GMP", To: "CJU", Depart: s.day(t, 1)}); soon.Week[0].Date != s.day(t, 0) {
		t.Errorf("the week begins on %s, in the past", soon.Week[0].Date)
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	base := flights.Query{From: "GMP", To: "CJU", Depart: s.day(t, 1), Until: s.day(t, 6), Size: 10}
	// One flight is sold out: it stands behind all others in every order.
	id := s.search(t, base).Offers[3].Flight.ID
	s.exec(t, "UPDATE seat SET state = 'blocked' WHERE flight_id = ?", id)
	s.forward(11 * time.Second)
	for _, sort := range []flights.Sort{flights.SortTime, flights.SortPrice, flights.SortDuration} {
		for _, down := range []bool{false, true} {
			q := base
			q.Sort, q.Descending = sort, down
			var all []flights.Offer
			total := 0
			for page := 0; page == 0 || q.After != ""; page++ {
				r := s.search(t, q)
				all, total, q.After = append(all, r.Offers...), r.Total, r.Next
				if len(r.Offers) > 10 || page > 20 {
					t.Fatalf("page %d has %d results", page, len(r.Offers))
				}
			}
			checkOrder(t, all, total, sort, down, id)
		}
	}
}

func checkOrder(t *testing.T, all []flights.Offer, total int, sort flights.Sort, down bool, soldOut int64) {
	t.Helper()
	key := func(o flights.Offer) int64 {
		switch sort {
		case flights.SortPrice:
			return o.Best.Total()
		case flights.SortDuration:
			return int64(o.Flight.Duration())
		}
		return o.Flight.Departs.Unix()
	}
	seen := map[int64]bool{}
	for i, o := range all {
		seen[o.Flight.ID] = true
		if i == 0 || o.SoldOut {
			continue
		}
		before, after := key(all[i-1]), key(o)
		if down && before < after || !down && before > after {
			t.Errorf("%s, down %t: %d stands before %d", sort, down, before, after)
		}
	}
	if len(seen) != total || len(all) != total || total < 60 {
		t.Errorf("%s: %d flights on the pages, %d different ones, %d in all", sort, len(all), len(seen), total)
	}
	if last := all[len(all)-1]; last.Flight.ID != soldOut || !last.SoldOut {
		t.Errorf("%s, down %t: the sold-out flight is not the last", sort, down)
	}
}

func refuses(t *testing.T, s *shop) {
	good := flights.Query{From: "GMP", To: "CJU", Depart: s.day(t, 1)}
	for name, change := range map[string]func(*flights.Query){
		"airport":   func(q *flights.Query) { q.From = "XXX" },
		"same":      func(q *flights.Query) { q.To = "GMP" },
		"no day":    func(q *flights.Query) { q.Depart = flights.Date{} },
		"backwards": func(q *flights.Query) { q.Until = q.Depart.AddDays(-1) },
		"cabin":     func(q *flights.Query) { q.Cabin = "steerage" },
		"seats":     func(q *flights.Query) { q.Seats = 10 },
		"order":     func(q *flights.Query) { q.Sort = "colour" },
		"size":      func(q *flights.Query) { q.Size = 11 },
		"page":      func(q *flights.Query) { q.After = "1.2.3" },
		"page text": func(q *flights.Query) { q.After = "1.2.3.x" },
	} {
		q := good
		change(&q)
		if _, err := s.catalog.Search(context.Background(), q); !errors.Is(err, flights.ErrQuery) {
			t.Errorf("%s: %v, want ErrQuery", name, err)
		}
	}
	long := good
	long.Until = good.Depart.AddDays(400)
	if r := s.search(t, long); r.Until != good.Depart.AddDays(30) {
		t.Errorf("a range of 400 days is searched until %s", r.Until)
	}
}

func TestSearchLeavesOutWhatCannotBeBought(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	q := flights.Query{From: "CJU", To: "GMP", Depart: s.day(t, 2), Size: 50}
	before := s.search(t, q)
	s.exec(t, "UPDATE flight SET state = 'cancelled' WHERE id = ?", before.Offers[0].Flight.ID)
	s.exec(t, "UPDATE flight SET sales_close_at = NOW(6) WHERE id = ?", before.Offers[1].Flight.ID)
	s.forward(2 * time.Second)
	after := s.search(t, q)
	if after.Total != before.Total-2 || after.Offers[0].Flight.ID != before.Offers[2].Flight.ID {
		t.Errorf("%d of %d flights are left", after.Total, before.Total)
	}
}

func lowestByDay(t *testing.T, s *shop) {
	q := flights.Query{From: "GMP", To: "CJU", Depart: s.day(t, 1), Until: s.day(t, 31)}
	days, err := s.catalog.LowestByDay(context.Background(), q)
	if err != nil || len(days) != 31 {
		t.Fatalf("%d days, %v", len(days), err)
	}
	with := slices.DeleteFunc(days, func(d flights.DayPrice) bool { return d.Flights == 0 })
	if len(with) != 7 || with[6].Date != s.day(t, 30) || with[6].Lowest == 0 {
		t.Errorf("flights on %+v, want days 1 to 6 and 30", with)
	}
	if _, err := s.catalog.LowestByDay(context.Background(), flights.Query{From: "GMP"}); !errors.Is(err, flights.ErrQuery) {
		t.Errorf("half a question: %v", err)
	}
}
