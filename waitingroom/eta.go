package waitingroom

import (
	"math"
	"math/rand/v2"
	"time"
)

// Bounds of the interval that customers are told.
const (
	pollLeast   = time.Second
	pollMost    = 10 * time.Second // unless the line is so long that polls would exceed the budget
	presentMin  = 5 * time.Second
	presentRate = 2.5  // intervals after which a silent ticket counts as absent
	slowest     = 0.05 // claims a minute below which no time is promised
)

// longest is the longest interval that customers are told at present, before the spread.
func longest(waiting int64, budget int) time.Duration {
	byBudget := time.Duration(float64(waiting) / float64(budget) * float64(time.Second))
	return max(pollMost, byBudget)
}

// pollAfter is the interval to tell somebody who has eta to wait (negative: unknown): an eighth of it within
// bounds, spread by ±20 % so that those who came together do not stay together, in whole seconds because
// Retry-After knows no others.
func pollAfter(eta time.Duration, waiting int64, budget int) time.Duration {
	most := longest(waiting, budget)
	next := most
	if eta >= 0 {
		next = min(max(eta/8, pollLeast), most)
	}
	spread := 0.8 + 0.4*rand.Float64()
	return max(pollLeast, time.Duration(math.Round(next.Seconds()*spread))*time.Second)
}

// presence is how long a ticket counts as present that was told to come back after an interval.
func presence(told time.Duration) time.Duration {
	return max(presentMin, time.Duration(presentRate*float64(told)))
}

// eta is when the turn of a position comes, as a range: the quicker and the slower of two smoothed rates of
// claimed admissions, widened by what a steady rate still scatters. ok is false when nothing can be promised.
func (s *snapshot) eta(position int64, now time.Time) (low, mid, high time.Duration, ok bool) {
	quick, calm := max(s.fast, s.slow), min(s.fast, s.slow)
	if !s.moving() || quick < slowest {
		return 0, 0, 0, false
	}
	calm = max(calm, quick/4)
	scatter := 1 / math.Sqrt(float64(position)+1)
	open := s.opensIn(now)
	low = open + minutes(float64(position)/quick*(1-min(0.5, 0.1+0.5*scatter)))
	mid = open + minutes(float64(position)*2/(quick+calm))
	high = open + minutes(float64(position)/calm*(1.1+scatter)) + 2*time.Second
	return low, mid, high, true
}

func minutes(n float64) time.Duration {
	return time.Duration(min(n, 60*24*7) * float64(time.Minute))
}
