package lab

import (
	"context"
	"fmt"
	"time"
)

// holdsOverRaw asks how much faster holds are through the whole of HTTP than by one transaction per customer.
var holdsOverRaw = benchmark{"holds_over_raw", "ratio", ">= 4", func(ctx context.Context, b *bench) (float64, string, error) {
	return b.holdsAgainstRaw(ctx, "holds", 1)
}}

// holds50FlightsOverRaw asks the same where customers spread over 50 flights, so that fewer meet on one.
var holds50FlightsOverRaw = benchmark{"holds_50_flights_over_raw", "ratio", ">= 2", func(ctx context.Context, b *bench) (float64, string, error) {
	return b.holdsAgainstRaw(ctx, "holds_50", 50)
}}

// The least and the most seats of all flights together; in between, holdsExpected seats for each second of a run.
const (
	fewestSeats   = 50_000
	holdsExpected = 16_000
)

// How many connections are tried before the runs.
var (
	httpConns = []int{128, 256, 512, 768}
	rawConns  = []int{1, 2, 4, 8, 16, 32, 64}
)

// holdsAgainstRaw compares holds through HTTP with the raw and the minimal loop on some flights.
func (b *bench) holdsAgainstRaw(ctx context.Context, name string, flights int) (float64, string, error) {
	seconds := int((b.Length + warmUp(b.Length)) / time.Second)
	seats := max(fewestSeats, holdsExpected*(seconds+1)) / flights
	folder, err := b.layoutFolder(seats)
	if err != nil {
		return 0, "", err
	}
	h, err := b.open(ctx, name, map[string]string{"layouts": folder})
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	web, raw, minimal, err := h.holdSides(ctx, flights)
	if err != nil {
		return 0, "", err
	}
	return b.compareHolds(ctx, web, raw, minimal)
}

// holdSides prepares the three ways to hold, each with the connections that serve it best.
func (h *house) holdSides(ctx context.Context, flights int) (web *httpHolds, raw, minimal *rawHolds, err error) {
	field, err := h.build(ctx, flights)
	if err != nil {
		return nil, nil, nil, err
	}
	cookies, err := h.customers(ctx, holdCustomers)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := h.serve(ctx); err != nil {
		return nil, nil, nil, err
	}
	web = &httpHolds{house: h, field: field, cookies: cookies}
	raw, minimal = &rawHolds{house: h, field: field, whole: true}, &rawHolds{house: h, field: field}
	for _, s := range []struct {
		name   string
		conns  *int
		length *time.Duration
		tried  []int
		run    func(context.Context) (float64, error)
	}{{"http", &web.conns, &web.length, httpConns, web.run}, {"raw", &raw.conns, &raw.length, rawConns, raw.run},
		{"minimal", &minimal.conns, &minimal.length, rawConns, minimal.run}} {
		if *s.conns, err = h.bestConns(ctx, s.name, s.tried, s.conns, s.length, s.run); err != nil {
			return nil, nil, nil, err
		}
		*s.length = h.Length
	}
	return web, raw, minimal, nil
}

// bestConns tries numbers of connections in short runs, up and down again, and returns the one with the highest
// rate of both.
func (h *house) bestConns(ctx context.Context, name string, tried []int, conns *int, length *time.Duration, run func(context.Context) (float64, error)) (int, error) {
	*length = min(2*time.Second, h.Length)
	rates := map[int]float64{}
	best := tried[0]
	for i := range 2 * len(tried) {
		*conns = tried[min(i, 2*len(tried)-1-i)]
		rate, err := run(ctx)
		if err != nil {
			return 0, fmt.Errorf("%s with %d connections: %w", name, *conns, err)
		}
		h.say("%s with %d connections: %.0f/s", name, *conns, rate)
		if rates[*conns] += rate; rates[*conns] > rates[best] {
			best = *conns
		}
	}
	return best, nil
}

func (b *bench) compareHolds(ctx context.Context, web *httpHolds, raw, minimal *rawHolds) (float64, string, error) {
	load := loadAverage()
	rates, err := b.interleave(ctx, side{"http", web.run}, side{"raw", raw.run}, side{"minimal", minimal.run})
	if err != nil {
		return 0, "", err
	}
	value, interval := ratio(rates[0], rates[1])
	overMinimal, minimalInterval := ratio(rates[0], rates[2])
	return value, fmt.Sprintf("%.0f holds/s through HTTP (%d connections, %d customers) over %.0f/s raw (%d connections): %s; "+
		"over the minimal loop of %.0f/s (%d connections): %.2f, %s; "+
		"%d flights, %d seats each, %d rounds of %s; processor per hold through HTTP in µs: %s; load average before %s",
		medianOf(rates[0]), web.conns, holdCustomers, medianOf(rates[1]), raw.conns, interval,
		medianOf(rates[2]), minimal.conns, overMinimal, minimalInterval,
		len(web.field.flights), len(web.field.seats), rounds, b.Length, web.used.per(web.held*b.Length.Seconds()), load), nil
}
