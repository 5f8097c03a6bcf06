package lab

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"pigonair/lab/wire"
)

// holdP99OverP50 asks how unlike the waits are of 1,000 customers who want seats of one flight at the same moment.
var holdP99OverP50 = benchmark{"hold_p99_over_p50", "ratio", "<= 5", func(ctx context.Context, b *bench) (float64, string, error) {
	folder, err := b.layoutFolder(fewestSeats)
	if err != nil {
		return 0, "", err
	}
	h, err := b.open(ctx, "latency", map[string]string{"layouts": folder})
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	field, err := h.build(ctx, 1)
	if err != nil {
		return 0, "", err
	}
	cookies, err := h.customers(ctx, atOnce)
	if err != nil {
		return 0, "", err
	}
	if err := h.serve(ctx); err != nil {
		return 0, "", err
	}
	if err := h.refill(ctx, field); err != nil {
		return 0, "", err
	}
	return (&holdRush{house: h, holds: &httpHolds{house: h, field: field, cookies: cookies}}).measure(ctx)
}}

const (
	// atOnce is how many customers press the button together.
	atOnce = 1000
	// rushes is how often they do; the first is not counted.
	rushes = 21
)

// holdRush sends one hold of every customer at the same moment.
type holdRush struct {
	*house
	holds *httpHolds
	conns []*wire.Conn
}

// measure returns the median over the rushes of p99 ÷ p50.
func (r *holdRush) measure(ctx context.Context) (float64, string, error) {
	load := loadAverage()
	for range atOnce {
		c, err := wire.Dial(ctx, r.addr)
		if err != nil {
			return 0, "", err
		}
		defer c.Close()
		r.conns = append(r.conns, c)
	}
	var ratios, p50s, p99s []float64
	for i := range rushes {
		took, err := r.rush()
		if err != nil {
			return 0, "", err
		}
		if i == 0 {
			continue
		}
		p50, p99 := took[len(took)/2].Seconds(), took[len(took)*99/100].Seconds()
		ratios, p50s, p99s = append(ratios, p99/p50), append(p50s, 1000*p50), append(p99s, 1000*p99)
	}
	return medianOf(ratios), fmt.Sprintf("%d customers hold a seat of one flight at the same moment, %d times: p50 %.0f ms, p99 %.0f ms, ratios %.2f–%.2f; load average before %s",
		atOnce, len(ratios), medianOf(p50s), medianOf(p99s), slices.Min(ratios), slices.Max(ratios), load), nil
}

// rush returns how long each customer waited, in order of length.
func (r *holdRush) rush() ([]time.Duration, error) {
	var all errgroup.Group
	var mu sync.Mutex
	var took []time.Duration
	gun := make(chan struct{})
	for _, c := range r.conns {
		request := r.holds.request(nil)
		all.Go(func() error {
			<-gun
			began := time.Now()
			answer, err := c.Do(request)
			if err == nil && answer.Status != http.StatusSeeOther {
				err = fmt.Errorf("a hold was answered with %d (the log: %s)", answer.Status, r.group.Log("serve"))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began))
			return err
		})
	}
	close(gun)
	err := all.Wait()
	slices.Sort(took)
	return took, err
}
