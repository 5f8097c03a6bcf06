package flights

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"pigonair/db"
)

// route is a pair of airports with flights between them.
type route struct{ from, to Airport }

func (r route) key(d Date) string {
	return "flights:" + r.from.Code + r.to.Code + ":" + d.Compact()
}

// span is a stretch of days, both included.
type span struct{ first, last Date }

func (s span) holds(d Date) bool { return !d.Before(s.first) && !s.last.Before(d) }

func (s span) days() []Date {
	var out []Date
	for d := s.first; !s.last.Before(d); d = d.AddDays(1) {
		out = append(out, d)
	}
	return out
}

// join is the shortest span that holds both.
func (s span) join(o span) span {
	if o.first.Before(s.first) {
		s.first = o.first
	}
	if s.last.Before(o.last) {
		s.last = o.last
	}
	return s
}

// dayFinder returns days of routes from the cache, or by two queries from the database.
type dayFinder struct {
	cache   *dayCache
	queries *db.Queries
	layouts *Layouts
	now     func() time.Time
	reading singleflight.Group
}

// find returns the flights of every day of all; the days of asked are at most askedAge old, the others
// aroundAge. Whatever is missing is read at once.
func (f *dayFinder) find(ctx context.Context, r route, all, asked span) (map[Date][]flightFacts, error) {
	days := all.days()
	keys := make([]string, len(days))
	for i, d := range days {
		keys[i] = r.key(d)
	}
	cached := f.cache.get(ctx, keys)
	out := map[Date][]flightFacts{}
	var missing span
	for i, d := range days {
		facts, ok := cached[keys[i]]
		age := f.now().Sub(facts.read)
		if ok && (age < askedAge || !asked.holds(d)) {
			out[d] = facts.flights
			continue
		}
		if missing.first.IsZero() {
			missing = span{d, d}
		}
		missing.last = d
	}
	if missing.first.IsZero() {
		return out, nil
	}
	read, err := f.read(ctx, r, missing)
	for d, flights := range read {
		out[d] = flights
	}
	return out, err
}

// read reads days once for all who miss the same ones now.
func (f *dayFinder) read(ctx context.Context, r route, days span) (map[Date][]flightFacts, error) {
	key := r.key(days.first) + days.last.Compact()
	done := f.reading.DoChan(key, func() (any, error) {
		// Somebody may have read them between our look and our turn.
		if just, ok := f.cache.justRead(r, days); ok {
			return just, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return f.query(ctx, r, days)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-done:
		if result.Err != nil {
			return nil, fmt.Errorf("flights: search %s to %s: %w", r.from.Code, r.to.Code, result.Err)
		}
		return result.Val.(map[Date][]flightFacts), nil
	}
}

func (f *dayFinder) query(ctx context.Context, r route, days span) (map[Date][]flightFacts, error) {
	read := f.now()
	earliest := days.first.Start(r.from.Zone).UTC()
	latest := days.last.AddDays(1).Start(r.from.Zone).UTC()
	rows, err := f.queries.FlightSearch(ctx, db.FlightSearchParams{
		Origin: r.from.Code, Destination: r.to.Code, Earliest: earliest, Latest: latest})
	if err != nil {
		return nil, err
	}
	seats, err := f.queries.FlightSearchSeats(ctx, db.FlightSearchSeatsParams{
		Origin: r.from.Code, Destination: r.to.Code, Earliest: earliest, Latest: latest})
	if err != nil {
		return nil, err
	}
	out, err := f.byDay(r, days, rows, seats)
	if err != nil {
		return nil, err
	}
	cached := map[string][]flightFacts{}
	for d, flights := range out {
		cached[r.key(d)] = flights
	}
	f.cache.put(ctx, cached, read)
	return out, nil
}

// byDay puts flights, fares and seats together. Days without flights are there too, so that they are cached.
func (f *dayFinder) byDay(r route, days span, rows []db.FlightSearchRow, seats []db.FlightSearchSeatsRow) (map[Date][]flightFacts, error) {
	uses := map[int64][]seatUse{}
	for _, s := range seats {
		uses[s.FlightID] = append(uses[s.FlightID], seatUse{s.Cabin, s.FareCode.String, int(s.Seats)})
	}
	out := map[Date][]flightFacts{}
	for _, d := range days.days() {
		out[d] = []flightFacts{}
	}
	for len(rows) > 0 {
		n := 1 // rows of the same flight stand together
		for n < len(rows) && rows[n].ID == rows[0].ID {
			n++
		}
		facts := searchFacts(r, rows[0])
		layout, err := f.layouts.Find(facts.Layout)
		if err != nil {
			return nil, fmt.Errorf("flight %d: %w", facts.ID, err)
		}
		var fares []fareRow
		for _, row := range rows[:n] {
			fares = append(fares, fareRow{row.Cabin, row.FareCode, row.BaseAmount, row.Quota})
		}
		facts.Cabins = cabinsOf(layout, fares, uses[facts.ID])
		date := DateOf(rows[0].LocalDate)
		out[date] = append(out[date], facts)
		rows = rows[n:]
	}
	return out, nil
}

func searchFacts(r route, row db.FlightSearchRow) flightFacts {
	return flightFacts{
		ID: row.ID, FlightNo: row.FlightNo, Date: row.LocalDate.Format(time.DateOnly),
		Origin: r.from.Code, Destination: r.to.Code,
		Departs: row.DepartsAt, Arrives: row.ArrivesAt,
		Layout: row.Layout, International: row.International,
		SalesClose: row.SalesCloseAt, SaleID: row.SaleID.Int64, Sale: row.SaleSlug.String,
	}
}
