// Package lab measures what the shop can do, on private servers and on processes of this very program. docs/lab.md
// tells the method.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pigonair/internal/localservers"
)

// ErrNoBenchmark says that there is no benchmark of such a name.
var ErrNoBenchmark = errors.New("lab: no such benchmark")

// Options say what to measure and where.
type Options struct {
	Home     string        // servers and their data go below it, bench.json into it
	Only     []string      // names; empty: all
	Length   time.Duration // of one run of one side
	Revision string        // of the program, for the record
	Out      io.Writer     // the table
	Progress io.Writer     // what goes on meanwhile
}

// Result is one line of bench.json.
type Result struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Goal   string  `json:"goal"`
	Detail string  `json:"detail"`
	Rev    string  `json:"rev"`
}

// benchmark is one thing that is measured; each stands in a file of its own.
type benchmark struct {
	name, unit, goal string
	run              func(context.Context, *bench) (value float64, detail string, err error)
}

// benchmarks lists them in the order in which they run.
func benchmarks() []benchmark {
	return []benchmark{holdsOverRaw, holds50FlightsOverRaw, holdP99OverP50, holdLosersOverLocking, holdLosersBooking, holdCost10mOver10k,
		pollOverBare, queueBytesPerCustomer, searchCachedOverBare, serveReadySeconds}
}

// Names are the names of all benchmarks.
func Names() []string {
	var names []string
	for _, m := range benchmarks() {
		names = append(names, m.name)
	}
	return names
}

// bench is one call of Bench.
type bench struct {
	Options
	servers *localservers.Servers
}

// Bench measures, prints a table and writes bench.json. One process at a time per home. A benchmark that fails
// does not keep the others from running. Errors: ErrNoBenchmark, localservers.ErrInUse, or what went wrong.
func Bench(ctx context.Context, o Options) error {
	chosen, err := choose(o.Only)
	if err != nil {
		return err
	}
	home, err := filepath.Abs(o.Home)
	if err != nil {
		return err
	}
	b := &bench{Options: o}
	b.Home = filepath.Join(home, "bench")
	// Nothing here talks to the broker; left out, it costs neither time nor noise.
	b.servers, err = localservers.Start(ctx, localservers.Options{Home: b.Home, Progress: o.Progress, AMQPURL: nobody("amqp")})
	if err != nil {
		return err
	}
	results, err := b.measure(ctx, chosen)
	err = errors.Join(err, b.servers.Stop())
	if len(results) == 0 {
		return err
	}
	printTable(o.Out, results)
	return errors.Join(err, writeJSON(filepath.Join(home, "bench.json"), results))
}

// nobody is an address at which nobody listens: port 9 is kept for that.
func nobody(scheme string) string { return scheme + "://127.0.0.1:9" }

func choose(only []string) ([]benchmark, error) {
	all := benchmarks()
	if len(only) == 0 {
		return all, nil
	}
	for _, name := range only {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("%w: %q; there are %s", ErrNoBenchmark, name, strings.Join(Names(), ", "))
		}
	}
	return slices.DeleteFunc(all, func(m benchmark) bool { return !slices.Contains(only, m.name) }), nil
}

func (b *bench) measure(ctx context.Context, chosen []benchmark) ([]Result, error) {
	var results []Result
	var faults []error
	for _, m := range chosen {
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(b.Progress, "%s:\n", m.name)
		value, detail, err := m.run(ctx, b)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", m.name, err))
			continue
		}
		results = append(results, Result{m.name, value, m.unit, m.goal, detail, b.Revision})
	}
	return results, errors.Join(faults...)
}

// say notes what goes on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.Progress, "  "+format+"\n", args...) }
