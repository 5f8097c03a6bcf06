package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pigonair/flights"
)

func TestUnknownBenchmarkIsRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	err := Bench(t.Context(), Options{Home: home, Only: []string{"holds_over_raw", "speed"}, Out: io.Discard, Progress: io.Discard})
	if !errors.Is(err, ErrNoBenchmark) || !strings.Contains(err.Error(), `"speed"`) {
		t.Errorf("got %v", err)
	}
	if made, _ := os.ReadDir(home); len(made) != 0 {
		t.Errorf("made %v", made)
	}
}

func TestChooseKeepsTheOrder(t *testing.T) {
	t.Parallel()
	names := Names()
	slices.Reverse(names)
	chosen, err := choose(names)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range Names() {
		if chosen[i].name != name {
			t.Errorf("%d is %s, want %s", i, chosen[i].name, name)
		}
	}
}

func TestSidesRunForwardsAndBackwards(t *testing.T) {
	t.Parallel()
	var order strings.Builder
	of := func(name string, rate float64) side {
		return side{name, func(context.Context) (float64, error) {
			order.WriteString(name)
			rate++
			return rate, nil
		}}
	}
	b := &bench{Options: Options{Progress: io.Discard}}
	rates, err := b.interleave(t.Context(), of("a", 10), of("b", 20), of("c", 30))
	if err != nil {
		t.Fatal(err)
	}
	if order.String() != "abccbaabccbaabccba" || !slices.Equal(rates[1], []float64{21, 22, 23, 24, 25, 26}) {
		t.Errorf("%s %v", order.String(), rates)
	}
}

func TestRatioIsTheMedianOfPairs(t *testing.T) {
	t.Parallel()
	// The machine is twice as slow in the last three rounds: pairs do not see it.
	value, interval := ratio([]float64{10, 20, 30, 5, 10, 15}, []float64{10, 10, 10, 5, 5, 5})
	if value != 2 || interval != "1.00–3.00" {
		t.Errorf("%v %s", value, interval)
	}
	if m := medianOf([]float64{3, 1, 2}); m != 2 {
		t.Errorf("median %v", m)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	results := []Result{{"holds_over_raw", 5.25, "ratio", ">= 4", "one; two", "abc"}, {"serve_ready_seconds", 0.031, "s", "<= 1", "x", "abc"}}
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := writeJSON(path, results); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read []map[string]any
	if err := json.Unmarshal(content, &read); err != nil || len(read) != 2 || len(read[0]) != 6 || read[0]["value"] != 5.25 || read[1]["rev"] != "abc" {
		t.Errorf("%s, %v", content, err)
	}
	var table bytes.Buffer
	printTable(&table, results)
	if !regexp.MustCompile(`(?m)^holds_over_raw +5\.25 +ratio +>= 4$`).Match(table.Bytes()) || !strings.Contains(table.String(), "  one\n  two\n") {
		t.Errorf("%s", table.String())
	}
}

func TestHoldsAreAllDifferent(t *testing.T) {
	t.Parallel()
	day := flights.NewDate(2026, 12, 24)
	s := &httpHolds{house: &house{addr: "127.0.0.1:1"}, cookies: []string{"session=a; in=1", "session=b; in=1"},
		field: &airfield{flights: []flights.PublicID{{FlightNo: "ZP9000", Date: day}, {FlightNo: "ZP9001", Date: day}}, seats: []string{"1A", "2B", "3C"}}}
	seats, keys := map[string]bool{}, map[string]bool{}
	for {
		request := s.request(nil)
		if request == nil {
			break
		}
		seats[regexp.MustCompile(`seat=[^&]*`).FindString(string(request))] = true
		keys[regexp.MustCompile(`key=[a-z0-9-]{16,64}$`).FindString(string(request))] = true
		head, body, _ := strings.Cut(string(request), "\r\n\r\n")
		if !strings.Contains(head, "Content-Length: "+strconv.Itoa(len(body))+"\r\n") || !strings.Contains(head, "Origin: http://127.0.0.1:1\r\n") {
			t.Fatalf("%s", request)
		}
	}
	if len(seats) != 6 || len(keys) != 6 {
		t.Errorf("%v %v", seats, keys)
	}
}

func TestRawHoldsLookLikeOurs(t *testing.T) {
	t.Parallel()
	refs := map[string]bool{}
	for id := range int64(100_000) {
		refs[rawHold{id: id}.ref()] = true
	}
	if len(refs) != 100_000 {
		t.Errorf("%d different references of 100,000", len(refs))
	}
	h := rawHold{id: 7}
	if len(h.key()) != 36 || len(h.hash()) != 32 {
		t.Errorf("key %q, hash of %d bytes", h.key(), len(h.hash()))
	}
}

func TestProcessorTimeOfAProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc here")
	}
	before := cpuOf(os.Getpid())
	end := time.Now().Add(10 * time.Second)
	for cpuOf(os.Getpid()) == before && time.Now().Before(end) {
	}
	if used := cpuOf(os.Getpid()) - before; used <= 0 || cpuOf(0) != 0 {
		t.Errorf("used %s", used)
	}
	if redisPID("# Server\r\nprocess_id:123\r\n") != 123 || redisPID("") != 0 {
		t.Error("Redis's process is not found in what INFO says")
	}
}
