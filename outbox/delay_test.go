package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"pigonair/db"
	"pigonair/outbox"
)

func TestTheLastDelayRepeats(t *testing.T) {
	t.Parallel()
	topology := outbox.StandardTopology()
	var got []string
	var all time.Duration
	for failures := 1; failures < 55; failures++ {
		d := topology.Delay(failures)
		all += d
		if failures < 8 {
			got = append(got, d.String())
		}
	}
	if want := "[5s 30s 2m0s 10m0s 1h0m0s 1h0m0s 1h0m0s]"; fmt.Sprint(got) != want {
		t.Errorf("delays are %v, want %s", got, want)
	}
	if all < 48*time.Hour || all > 72*time.Hour {
		t.Errorf("a message is given up after %v, want about two days", all)
	}
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	t.Parallel()
	const first, longest = 100 * time.Millisecond, 5 * time.Second
	for failures, whole := range []time.Duration{first, 2 * first, 4 * first, 8 * first, 16 * first, 32 * first, longest, longest} {
		for range 50 {
			if d := outbox.Backoff(first, longest, failures); d < whole/2 || d > whole {
				t.Errorf("after %d failures the pause is %v, want %v to %v", failures, d, whole/2, whole)
			}
		}
	}
	if d := outbox.Backoff(first, longest, 1_000_000); d > longest {
		t.Errorf("after a million failures the pause is %v", d)
	}
}

func TestUnsentRowsComeDueLaterAndLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.write(outbox.LaneMail, 1)
	for tries, want := range map[int]int{1: 10, 2: 20, 4: 80, 9: 600, 1000: 600} {
		_, err := h.pool.ExecContext(t.Context(), "UPDATE outbox SET tries = ?, claimed_by = 'me', claimed_until = NOW(6)", tries)
		if err != nil {
			t.Fatal(err)
		}
		given, err := db.New(h.pool).OutboxRelease(t.Context(), db.OutboxReleaseParams{
			FirstUs: 10_000_000, LongestUs: 600_000_000, Ids: []int64{id}, ClaimedBy: "me",
		})
		if err != nil || given != 1 {
			t.Fatalf("OutboxRelease changed %d rows, %v", given, err)
		}
		wait := h.count("SELECT CEILING(TIMESTAMPDIFF(MICROSECOND, NOW(6), claimed_until) / 1000000) FROM outbox")
		if wait < want-5 || wait > want {
			t.Errorf("after %d tries the row is due in %d s, want %d", tries, wait, want)
		}
	}
}
