package booking

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// certainLeft is what a hold must have left to turn somebody away: clocks and answers take some time.
	certainLeft = time.Second
	// contestedFor is how long a flight counts as contested after somebody has lost a seat there.
	contestedFor = 5 * time.Second
	// contestedMost bounds the flights remembered; beyond it all are forgotten.
	contestedMost = 1024
)

// losers turns requests away, before any lock, whose seats are surely somebody else's: sold, blocked, being paid for,
// or held for longer than a second still. Only on flights where somebody has just lost a seat does it read the seats,
// twice a second at most; everywhere else it costs nothing. What it is not certain of the transaction decides.
type losers struct {
	s       *Service
	keys    *keyFinder
	reading singleflight.Group

	mu        sync.Mutex
	contested map[int64]*contestedFlight
}

// contestedFlight is a flight where somebody lost, with what was read of its seats. Times are this process's.
type contestedFlight struct {
	lost  time.Time            // by the last who did
	asked time.Time            // before the seats were read
	ends  map[string]time.Time // of seats that are taken: when the hold ends; zero: by no clock
}

func newLosers(s *Service, keys *keyFinder) *losers {
	return &losers{s: s, keys: keys, contested: map[int64]*contestedFlight{}}
}

// turnAway gives a request its outcome where one of its seats is surely taken: the loss, or the hold that stands under
// its key already.
func (l *losers) turnAway(ctx context.Context, p *plan) bool {
	if l.s.rules.TakenFor == 0 || p.choosesAny() {
		return false
	}
	taken := &TakenError{}
	for _, leg := range p.legs {
		ends := l.takenOn(ctx, leg.offer.FlightID)
		for _, no := range leg.named {
			if end, ok := ends[no]; ok && (end.IsZero() || time.Until(end) > certainLeft) {
				taken.Seats = append(taken.Seats, SeatRef{Flight: leg.offer.PublicID, No: no})
			}
		}
	}
	if len(taken.Seats) == 0 {
		return false
	}
	if p.req.Key != "" {
		row, found, err := l.keys.find(ctx, p.req.Key, p.req.MemberID)
		switch {
		case err != nil:
			return false
		case found:
			p.repeat(row)
			return true
		}
	}
	p.fail(taken)
	return true
}

// note remembers the flights of a request that has lost.
func (l *losers) note(p *plan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.contested) > contestedMost {
		clear(l.contested)
	}
	for _, leg := range p.legs {
		flight := l.contested[leg.offer.FlightID]
		if flight == nil {
			flight = &contestedFlight{}
			l.contested[leg.offer.FlightID] = flight
		}
		flight.lost = time.Now()
	}
}

// takenOn returns the seats of a contested flight that were taken at most Rules.TakenFor ago, with the ends of their holds;
// nil where nothing is known.
func (l *losers) takenOn(ctx context.Context, flight int64) map[string]time.Time {
	ends, contested := l.remembered(flight)
	if ends != nil || !contested {
		return ends
	}
	read := l.reading.DoChan(strconv.FormatInt(flight, 10), func() (any, error) {
		if ends, _ := l.remembered(flight); ends != nil {
			return ends, nil // somebody has read it between our look and our turn
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.s.rules.BatchDeadline)
		defer cancel()
		return l.read(ctx, flight)
	})
	select {
	case <-ctx.Done():
		return nil
	case result := <-read:
		ends, _ := result.Val.(map[string]time.Time) // without, the transaction decides, and says what is wrong
		return ends
	}
}

func (l *losers) remembered(flight int64) (ends map[string]time.Time, contested bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.contested[flight]
	if c == nil {
		return nil, false
	}
	if time.Since(c.lost) > contestedFor {
		delete(l.contested, flight)
		return nil, false
	}
	if time.Since(c.asked) < l.s.rules.TakenFor {
		return c.ends, true
	}
	return nil, true
}

// read reads which seats are taken. On a flight that cannot be booked any more it finds none: the transaction says so.
func (l *losers) read(ctx context.Context, flight int64) (map[string]time.Time, error) {
	asked, ends := time.Now(), map[string]time.Time{}
	clock, err := l.s.read.FlightClock(ctx, flight)
	if err != nil {
		return nil, err
	}
	if clock.State == "scheduled" && clock.SalesCloseAt.After(clock.Now.Add(l.s.rules.TakenFor)) {
		rows, err := l.s.read.SeatsTaken(ctx, flight)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			ends[row.SeatNo] = time.Time{}
			if row.State == seatHeld {
				ends[row.SeatNo] = asked.Add(time.Duration(row.LeftUs) * time.Microsecond)
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.contested[flight]; c != nil {
		c.asked, c.ends = asked, ends
	}
	return ends, nil
}
