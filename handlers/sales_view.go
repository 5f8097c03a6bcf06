package handlers

import (
	"context"
	"net/url"
	"time"

	"pigonair/sales"
	"pigonair/views/components"
	saleviews "pigonair/views/sales"
	"pigonair/views/texts"
)

// fewSeats is below how many seats a route has few left.
const fewSeats = 50

// mostMonths is how many months of routes a sale's page shows.
const mostMonths = 12

type routeKey struct{ from, to string }

// saleRoutes sums up what is left by route, in the order of the first departures.
func (s *site) saleRoutes(ctx context.Context, flights []sales.SaleFlight) ([]saleviews.Route, error) {
	var out []saleviews.Route
	at := map[routeKey]int{}
	for _, f := range flights {
		key := routeKey{f.Origin, f.Destination}
		i, known := at[key]
		if !known {
			from, to, err := s.places(ctx, key)
			if err != nil {
				return nil, err
			}
			i = len(out)
			at[key] = i
			out = append(out, saleviews.Route{From: from, To: to})
		}
		out[i].Seats += f.Free
	}
	for i := range out {
		out[i].Left = leftInWords(out[i].Seats)
	}
	return out, nil
}

func leftInWords(seats int64) saleviews.Left {
	switch {
	case seats == 0:
		return saleviews.None
	case seats < fewSeats:
		return saleviews.Few
	}
	return saleviews.Plenty
}

func (s *site) places(ctx context.Context, key routeKey) (from, to components.Place, err error) {
	for code, into := range map[string]*components.Place{key.from: &from, key.to: &to} {
		airport, err := s.Airports.Find(code)
		if err != nil {
			return from, to, err
		}
		*into = components.Place{Code: code, Name: airport.Short.In(texts.Lang(ctx))}
	}
	return from, to, nil
}

type monthKey struct {
	routeKey
	first time.Time
}

// saleMonths lays a sale's flights into months of days with their lowest totals, one month of one route after
// the other in the order of the first departures.
func (s *site) saleMonths(ctx context.Context, flights []sales.SaleFlight) ([]saleviews.Month, error) {
	var out []saleviews.Month
	at := map[monthKey]int{}
	for _, f := range flights {
		if f.Lowest == 0 {
			continue
		}
		key := monthKey{routeKey{f.Origin, f.Destination}, time.Date(f.Date.Year(), f.Date.Month(), 1, 0, 0, 0, 0, time.UTC)}
		i, known := at[key]
		if !known {
			if len(out) == mostMonths {
				continue
			}
			m, err := s.emptyMonth(ctx, key)
			if err != nil {
				return nil, err
			}
			i = len(out)
			at[key] = i
			out = append(out, m)
		}
		addFlight(&out[i], f)
	}
	for i := range out {
		markLowest(&out[i])
	}
	return out, nil
}

func (s *site) emptyMonth(ctx context.Context, key monthKey) (saleviews.Month, error) {
	from, to, err := s.places(ctx, key.routeKey)
	m := saleviews.Month{From: from, To: to, First: key.first}
	for d := key.first; d.Month() == key.first.Month(); d = d.AddDate(0, 0, 1) {
		m.Days = append(m.Days, saleviews.Day{Date: d})
	}
	return m, err
}

func addFlight(m *saleviews.Month, f sales.SaleFlight) {
	day := &m.Days[f.Date.Day()-1]
	if day.URL != "" && day.Price <= f.Lowest {
		return
	}
	query := url.Values{"from": {f.Origin}, "to": {f.Destination}, "depart": {f.Date.Format(time.DateOnly)}}
	day.Price, day.URL = f.Lowest, "/flights?"+query.Encode()
}

func markLowest(m *saleviews.Month) {
	var low int64
	for _, d := range m.Days {
		if d.URL != "" && (low == 0 || d.Price < low) {
			low = d.Price
		}
	}
	for i, d := range m.Days {
		m.Days[i].Lowest = d.URL != "" && d.Price == low
	}
}
