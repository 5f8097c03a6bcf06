package flights_test

import (
	"context"
	"testing"
	"time"

	"pigonair/db"
	"pigonair/flights"
	"pigonair/sales"
)

func BenchmarkLarge(b *testing.B) {
	pool, _ := db.Open("zp:zp@tcp(127.0.0.1:33991)/zp", db.Pool{})
	a, _ := flights.LoadAirports()
	l, _ := flights.LoadLayouts()
	now := time.Now()
	clock := func() time.Time { return now }
	p := sales.NewPrices(pool, a.DistanceKm, time.Now)
	c := flights.NewCatalog(flights.Deps{DB: pool, Airports: a, Layouts: l, Now: clock, Prices: func(ctx context.Context) (flights.Pricer, error) { return p.Table(ctx) }})
	d := flights.DateOf(now).AddDays(20)
	for _, x := range []struct {
		n    string
		days int
		from string
	}{{"day", 0, "GMP"}, {"month", 30, "GMP"}, {"jfk", 0, "ICN"}} {
		to := map[string]string{"GMP": "CJU", "ICN": "JFK"}[x.from]
		b.Run(x.n+"/uncached", func(b *testing.B) {
			for b.Loop() {
				now = now.Add(11 * time.Second)
				if _, err := c.Search(context.Background(), flights.Query{From: x.from, To: to, Depart: d, Until: d.AddDays(x.days)}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(x.n+"/cached", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Search(context.Background(), flights.Query{From: x.from, To: to, Depart: d, Until: d.AddDays(x.days)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	id := flights.PublicID{FlightNo: "ZP101", Date: d}
	b.Run("seatmap/uncached", func(b *testing.B) {
		for b.Loop() {
			now = now.Add(1 * time.Second)
			if _, err := c.SeatMap(context.Background(), id.RowID()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("seatmap/cached", func(b *testing.B) {
		for b.Loop() {
			c.SeatMap(context.Background(), id.RowID())
		}
	})
	b.Run("flight/cached", func(b *testing.B) {
		for b.Loop() {
			c.Flight(context.Background(), id)
		}
	})
}
