package waitingroom

import "time"

// Status is what a customer is told about a place.
type Status struct {
	State    State
	Position int64 // 1 is first; 0: not known
	Serving  int64 // how far the line is; give it back at the next poll, so that no answer is older
	Joined   int64 // numbers issued so far
	// ETALow and ETAHigh are the range in which the turn should come; both 0 when nothing can be promised.
	ETALow, ETAHigh time.Duration
	OpensIn         time.Duration // until the opening; 0 after it
	NextPoll        time.Duration // whole seconds
	PerMinute       int64         // claimed admissions a minute lately, on which the ETA rests
	Free            int64         // seats of the sale that are free; -1: not known
	AllHeld         bool          // every seat is held or sold: some may come back
	Returned        bool          // the turn came while the customer was away
	Moved           bool          // too many turns were missed: the place is now at the end
	Ticket          string        // token to keep from now on; empty: the one shown goes on
	Pass            string        // token that opens the sale's flights, with Admitted
	PassExpires     time.Time     // when the pass ends unless a hold lengthens it
}

// standing is the state of everybody who waits.
func (s *snapshot) standing(now time.Time) State {
	switch {
	case s.ended(now):
		return Closed
	case s.opensIn(now) > 0 && !s.paused:
		return Early
	case s.paused:
		return Paused
	case s.soldOut():
		return SoldOut
	}
	return Waiting
}

// waitingStatus answers a ticket whose turn has not come.
func (r *room) waitingStatus(s *snapshot, number, seen int64) Status {
	now := r.now()
	serving := max(s.serving, min(seen, number-1))
	st := Status{
		State: s.standing(now), Position: s.position(number, serving), Serving: serving, Joined: s.tail,
		OpensIn: s.opensIn(now), PerMinute: int64(s.pace + 0.5), Free: s.free, AllHeld: s.allHeld(),
	}
	return r.timed(st, s)
}

// timed adds the times that a position promises.
func (r *room) timed(st Status, s *snapshot) Status {
	low, mid, high, ok := s.eta(st.Position, r.now())
	if ok && (st.State == Waiting || st.State == Early || st.State == Next) {
		st.ETALow, st.ETAHigh = low, high
	} else {
		mid = -1
	}
	st.NextPoll = pollAfter(mid, s.waiting(), r.budget)
	return st
}

// frozenStatus answers while the store is away: the place as it was last known.
func (r *room) frozenStatus(number, seen int64) Status {
	st := Status{State: Frozen, NextPoll: pollAfter(40*time.Second, 0, r.budget), Serving: seen, Free: -1}
	if s := r.snap.Load(); s != nil && number > s.serving {
		serving := max(s.serving, min(seen, number-1))
		st.Position, st.Serving, st.Joined = s.position(number, serving), serving, s.tail
	}
	return st
}
