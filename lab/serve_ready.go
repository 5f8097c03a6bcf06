package lab

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// serveReadySeconds asks how long a web process takes from its start to the first request that it may take.
var serveReadySeconds = benchmark{"serve_ready_seconds", "s", "<= 1", func(ctx context.Context, b *bench) (float64, string, error) {
	h, err := b.open(ctx, "ready", nil)
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	load := loadAverage()
	var took []float64
	for range starts {
		began := time.Now()
		if err := h.serve(ctx); err != nil {
			return 0, "", err
		}
		took = append(took, time.Since(began).Seconds())
		h.web.Stop()
	}
	return medianOf(took), fmt.Sprintf("%d starts: %.3f–%.3f s; load average before %s", starts, slices.Min(took), slices.Max(took), load), nil
}}

// starts is how often the process is started.
const starts = 7
