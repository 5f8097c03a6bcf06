// Package concurrency_test proves what protects each critical section of package booking: one file per section. Each
// scenario forces one interleaving at named points of real transactions on the real database. It must come out whole
// with the SQL as it is, and also with one protection taken out of it while another stands behind; and it must break,
// the same scenario, when all of those are gone. What each takes out stands in clauses_test.go.
package concurrency_test

import (
	"context"
	"strings"
	"testing"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// scenario plays an interleaving in a new world and tells what broke; empty: nothing.
type scenario func(w *bookingtest.World, m bookingtest.Meddling) string

// proof lists what may be missing without harm, and what may not.
type proof struct {
	whole  []clauses
	broken []clauses
}

func (p proof) run(t *testing.T, play scenario) {
	for _, missing := range append([]clauses{nil}, p.whole...) {
		t.Run("whole "+missing.String(), func(t *testing.T) {
			t.Parallel()
			if fault := play(missing.world(t), missing.meddling()); fault != "" {
				t.Error(fault)
			}
		})
	}
	for _, missing := range p.broken {
		t.Run("broken "+missing.String(), func(t *testing.T) {
			t.Parallel()
			fault := play(missing.world(t), missing.meddling())
			if fault == "" {
				t.Error("nothing broke, so the scenario proves nothing")
			}
			t.Log(fault)
		})
	}
}

// faultsOf joins what the world's rules say with a scenario's own finding.
func faultsOf(w *bookingtest.World, own string) string {
	faults := w.Faults()
	if own != "" {
		faults = append(faults, own)
	}
	return strings.Join(faults, "; ")
}

// succeeded counts those of the errors that are none.
func succeeded(errs ...error) int {
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// hold asks one process for seats and returns only the error.
func hold(w *bookingtest.World, p *bookingtest.Process, req booking.HoldRequest) func() error {
	return func() error {
		_, err := p.Hold(w.T.Context(), req)
		return err
	}
}

// race lets the first run to the gate, then the second until it ends or waits for a lock, and then both to their end.
func race(w *bookingtest.World, gate *bookingtest.Gate, first, second func() error) (error, error) {
	one := bookingtest.Go(first)
	select {
	case <-gate.Reached():
	case err := <-one:
		w.T.Fatalf("the first never came to its gate: %v", err)
	}
	two := bookingtest.Go(second)
	w.Await(two)
	gate.Open()
	return <-one, <-two
}

func beginPaying(ctx context.Context, l *booking.Locked) error { return l.BeginPaying(ctx) }
