// Package health serves what load balancers and engineers ask a process: whether it lives, whether it may take
// traffic and if not because of what, its figures and its profiles. It listens apart from the public site.
package health

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"sync/atomic"
	"time"
)

// checkEvery is how often the servers behind the process are looked at; requests read the last result.
const checkEvery = time.Second

// Check looks at one server that the process needs.
type Check struct {
	Name string
	Ask  func(context.Context) error
}

// Health is the state of one process.
type Health struct {
	draining atomic.Bool
	mu       sync.Mutex
	waiting  map[string]string // name to what is the matter; empty: ready
	checks   []Check
	server   *http.Server
	cancel   context.CancelFunc
	done     sync.WaitGroup
}

// New returns the health of a process that is still starting.
func New() *Health { return &Health{waiting: map[string]string{"start": "not finished"}} }

// Listen serves health, metrics and profiles on addr until Stop.
func (h *Health) Listen(addr string, metrics http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	h.done.Go(func() { _ = h.server.Serve(listener) }) // ends with Stop
	return nil
}

// Waiting says what the start is waiting for; an empty matter means that it is there.
func (h *Health) Waiting(name, matter string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if matter == "" {
		delete(h.waiting, name)
		return
	}
	h.waiting[name] = matter
}

// Started ends the start: from now on readiness depends on the checks, which run once a second.
func (h *Health) Started(ctx context.Context, checks ...Check) {
	h.Waiting("start", "")
	h.checks = checks
	ctx, h.cancel = context.WithCancel(ctx)
	h.done.Go(func() {
		tick := time.NewTicker(checkEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				h.look(ctx)
			}
		}
	})
}

func (h *Health) look(ctx context.Context) {
	for _, check := range h.checks {
		ctx, cancel := context.WithTimeout(ctx, checkEvery)
		matter := ""
		if err := check.Ask(ctx); err != nil {
			matter = "does not answer"
		}
		cancel()
		h.Waiting(check.Name, matter)
	}
}

// Drain makes the process not ready, so that no new traffic comes, while it still answers.
func (h *Health) Drain() { h.draining.Store(true) }

// Stop ends the listener.
func (h *Health) Stop() {
	if h.cancel != nil {
		h.cancel()
	}
	if h.server != nil {
		_ = h.server.Close()
	}
	h.done.Wait()
}

// ready answers 200 when traffic may come, else 503 with the names of what is missing.
func (h *Health) ready(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	missing := make(map[string]string, len(h.waiting))
	for name, matter := range h.waiting {
		missing[name] = matter
	}
	h.mu.Unlock()
	if h.draining.Load() {
		missing["process"] = "is stopping"
	}
	w.Header().Set("Content-Type", "application/json")
	if len(missing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": len(missing) == 0, "missing": missing})
}
