package waitingroom

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// snapshot is how a room stands, as a process last heard from Redis. Polls are answered from it. Times are
// Redis' own, in milliseconds.
type snapshot struct {
	at                                          time.Time // when we heard, by our own clock
	now, opens, closes, joins                   int64
	live, paused, drained                       bool
	serving, tail                               int64
	admitted, claimed                           int64   // since the line began
	unclaimed, inside, holding, returned        int64   // at this moment
	pace, fast, slow, rate                      float64 // a minute: claims as they are, two forecasts, what operators set
	cap, free, held, censusVersion, base, grace int64
	fullIn                                      time.Duration // until the bucket is full
	choresDue, more                             bool
	released                                    []int64
	census                                      *census
	gone                                        []int64 // left the line since the census, sorted
}

// stale is the age beyond which a snapshot no longer says how the line stands.
const stale = 1500 * time.Millisecond

// snapshotSize is how many figures step.lua answers with before the released numbers.
const snapshotSize = 28

func parseSnapshot(v []int64, at time.Time) (*snapshot, error) {
	if len(v) < snapshotSize {
		return nil, fmt.Errorf("%w: %d figures", ErrFrozen, len(v))
	}
	return &snapshot{
		at: at, now: v[0], opens: v[1], closes: v[2], joins: v[3],
		live: v[4] == 1, paused: v[5] == 1, drained: v[6] == 1,
		serving: v[7], tail: v[8], admitted: v[9], claimed: v[10],
		unclaimed: v[11], inside: v[12], holding: v[13], returned: v[14],
		pace: perMinute(v[15]), fast: perMinute(v[16]), slow: perMinute(v[17]), rate: perMinute(v[18]),
		cap: v[19], free: v[20], held: v[21], censusVersion: v[22], base: v[23], grace: v[24],
		fullIn: time.Duration(v[25]) * time.Millisecond, choresDue: v[26] == 1, more: v[27] == 1, released: v[28:],
	}, nil
}

func perMinute(thousandths int64) float64 { return float64(thousandths) / 1000 }

// clock is Redis' time now, carried on by our own clock since we heard.
func (s *snapshot) clock(now time.Time) int64 { return s.now + now.Sub(s.at).Milliseconds() }

// opensIn is how long until the opening; 0 after it.
func (s *snapshot) opensIn(now time.Time) time.Duration {
	return max(0, time.Duration(s.opens-s.clock(now))*time.Millisecond)
}

// ended tells whether nobody can be let in any more.
func (s *snapshot) ended(now time.Time) bool { return !s.live || s.clock(now) >= s.closes }

// soldOut tells whether no seat is free and none can come back from a hold.
func (s *snapshot) soldOut() bool { return s.free == 0 && s.held == 0 }

// allHeld tells whether every seat is held or sold, so that some may still come back.
func (s *snapshot) allHeld() bool { return s.free == 0 && s.held > 0 }

// position is the place of a number that has not been served, 1 for the first: those known to be missing are
// left out, those who missed their turn and are back stand first.
func (s *snapshot) position(number, serving int64) int64 {
	return max(1, number-serving-s.missing(serving, number-1)+s.returned)
}

// waiting is how many stand in line and are there.
func (s *snapshot) waiting() int64 {
	return max(0, s.tail-s.serving-s.missing(s.serving, s.tail)) + s.returned
}

// missing is how many are known to be missing among the numbers after `after`, up to and including `upto`.
func (s *snapshot) missing(after, upto int64) int64 {
	low := sort.Search(len(s.gone), func(i int) bool { return s.gone[i] > after })
	high := sort.Search(len(s.gone), func(i int) bool { return s.gone[i] > upto })
	return s.census.before(after, upto) + int64(max(0, high-low))
}

// withGone is s.gone with those of some numbers that are still in line.
func (s *snapshot) withGone(numbers []int64) []int64 {
	out := slices.Clone(s.gone)
	for _, n := range numbers {
		if n > s.serving {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// moving tells whether people are let in at all at present.
func (s *snapshot) moving() bool {
	return !s.paused && s.cap > 0 && s.rate > 0 && !(s.free == 0)
}
