package waitingroom

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"
)

func TestPollsStayWithinTheirBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		eta         time.Duration
		waiting     int64
		least, most time.Duration
	}{
		{0, 10, time.Second, time.Second},
		{40 * time.Second, 10, 4 * time.Second, 6 * time.Second},
		{time.Hour, 10, 8 * time.Second, 12 * time.Second},
		{-1, 10, 8 * time.Second, 12 * time.Second},
		{time.Hour, 60_000, 24 * time.Second, 36 * time.Second},
	} {
		for range 200 {
			got := pollAfter(c.eta, c.waiting, 2000)
			if got < c.least || got > c.most || got%time.Second != 0 {
				t.Fatalf("eta %v, %d waiting: next poll in %v, want %v to %v", c.eta, c.waiting, got, c.least, c.most)
			}
		}
	}
	if presence(time.Second) != 5*time.Second || presence(10*time.Second) != 25*time.Second {
		t.Error("presence is not 2.5 intervals, at least 5 s")
	}
}

// TestPromisedTimesComeTrue: at a steady rate the middle of the range is right, and the range holds the truth.
func TestPromisedTimesComeTrue(t *testing.T) {
	t.Parallel()
	l := newLine(t, 300, 5, 100_000)
	people := l.joinMany(1, 500)
	l.pass(20*time.Second, people...)
	promised := map[*customer]Status{}
	for _, c := range people {
		if st := c.poll(); st.State == Waiting {
			promised[c] = st
		}
	}
	begin := l.clock.now()
	came := map[*customer]time.Duration{}
	for len(came) < len(promised) && l.clock.now().Sub(begin) < 3*time.Minute {
		l.pass(time.Second, people...)
		for c := range promised {
			if _, in := came[c]; !in && c.last.State == Admitted {
				came[c] = l.clock.now().Sub(begin)
			}
		}
	}
	held, misses := 0, []float64{}
	for c, st := range promised {
		if came[c] >= st.ETALow-time.Second && came[c] <= st.ETAHigh+time.Second {
			held++
		}
		middle := (st.ETALow + st.ETAHigh) / 2
		misses = append(misses, math.Abs(float64(middle-came[c]))/float64(came[c]))
	}
	slices.Sort(misses)
	if share := float64(held) / float64(len(promised)); share < 0.9 {
		t.Errorf("the range held the truth for %.0f %%", share*100)
	}
	if median := misses[len(misses)/2]; median > 0.1 {
		t.Errorf("median error %.0f %%", median*100)
	}
}

// TestCensusCountsExactly compares ranks with a plain count, over a line of several words.
func TestCensusCountsExactly(t *testing.T) {
	t.Parallel()
	const from, length = 100, 150
	records := make([]byte, length*recordSize)
	s := &snapshot{serving: from, tail: from + length, now: 10_000}
	var missing []int64
	for i := range int64(length) {
		binary.BigEndian.PutUint32(records[i*recordSize+1:], 200) // present until 20 s
		switch i % 7 {
		case 0:
			binary.BigEndian.PutUint32(records[i*recordSize+1:], 50) // absent since 5 s
			missing = append(missing, from+1+i)
		case 3:
			records[i*recordSize] = 7 // left
			missing = append(missing, from+1+i)
		}
	}
	c := &census{from: from, to: from + length}
	c.count(records, length, s)
	c.sum()
	back := decodeCensus([]byte(c.encode()))
	for after := int64(from - 2); after < from+length+2; after++ {
		for upto := after; upto < from+length+70; upto += 5 {
			want := int64(0)
			for _, n := range missing {
				if n > after && n <= upto {
					want++
				}
			}
			if got := back.before(after, upto); got != want {
				t.Fatalf("missing after %d up to %d: %d, want %d", after, upto, got, want)
			}
		}
	}
	if back.absent+back.left != int64(len(missing)) {
		t.Errorf("%d absent, %d left, want %d in all", back.absent, back.left, len(missing))
	}
}
