package bookingtest

import (
	"context"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"pigonair/booking"
)

// Gate stops the first transaction that comes to a point until it is opened.
type Gate struct {
	point   booking.Point
	seen    atomic.Bool
	reached chan struct{}
	open    chan struct{}
}

// NewGate returns a closed gate at a point.
func NewGate(point booking.Point) *Gate {
	return &Gate{point: point, reached: make(chan struct{}), open: make(chan struct{})}
}

// Hook is the gate for one process.
func (g *Gate) Hook(ctx context.Context, point booking.Point) {
	if point != g.point || !g.seen.CompareAndSwap(false, true) {
		return
	}
	close(g.reached)
	select {
	case <-g.open:
	case <-ctx.Done():
	}
}

// Reached is closed when a transaction stands at the gate.
func (g *Gate) Reached() <-chan struct{} { return g.reached }

// Open lets it pass; it may be called once. Those that came after were not stopped.
func (g *Gate) Open() { close(g.open) }

// Go runs f and returns a channel that yields its error.
func Go(f func() error) chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// Await waits until f, started by Go, has ended or a transaction of the world waits for a lock. It tells whether f has
// ended; its error is put back.
func (w *World) Await(done chan error) bool {
	w.T.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			done <- err
			return true
		case <-w.T.Context().Done():
			w.T.Fatal("nobody came to wait for a lock")
		case <-tick.C:
			if w.waiting() {
				return false
			}
		}
	}
}

// waiting tells whether a transaction of the world's database waits for a row lock. The engine's own report is asked:
// the tables of information_schema stay as they are while several tests ask for them.
func (w *World) waiting() bool {
	w.T.Helper()
	var kind, name, report string
	if err := w.Pool.QueryRowContext(w.T.Context(), "SHOW ENGINE INNODB STATUS").Scan(&kind, &name, &report); err != nil {
		w.T.Fatal(err)
	}
	for part := range strings.SplitSeq(report, "---TRANSACTION") {
		thread := threadOf.FindStringSubmatch(part)
		if strings.Contains(part, "LOCK WAIT") && thread != nil &&
			w.Int("SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND db = DATABASE()", thread[1]) > 0 {
			return true
		}
	}
	return false
}

var threadOf = regexp.MustCompile(`thread id (\d+)`)
