package waitingroom

// Stats are a line's figures for operators and for the page that explains the order.
type Stats struct {
	Joined   int64 // numbers issued since the line began
	Served   int64 // how far the line is
	Waiting  int64 // in line and there
	Absent   int64 // in line, not shown lately
	Returned int64 // missed their turn and are back
	Admitted int64 // let in since the line began
	Claimed  int64 // of these, came in
	Expected int64 // let in just now and not come yet
	Inside   int64 // inside with a pass
	Holding  int64 // of these, with a hold
	// PerMinute is the smoothed rate of claimed admissions, Target what operators set, as far as it counts by now.
	PerMinute, Target float64
	Frozen            bool // the figures are old: the store is away
}

// Stats returns a line's figures, at most a second old. Errors: ErrNoRoom; ErrFrozen when this process has
// never heard of the line.
func (rs *Rooms) Stats(sale int64) (Stats, error) {
	r, err := rs.room(sale)
	if err != nil {
		return Stats{}, err
	}
	s := r.snap.Load()
	if s == nil {
		return Stats{Frozen: true}, ErrFrozen
	}
	st := Stats{
		Joined: s.tail, Served: s.serving, Waiting: s.waiting(), Returned: s.returned,
		Admitted: s.admitted, Claimed: s.claimed, Expected: s.unclaimed, Inside: s.inside, Holding: s.holding,
		PerMinute: s.pace, Target: s.rate, Frozen: r.frozen(),
	}
	if s.census != nil {
		st.Absent = s.census.absent
	}
	return st, nil
}
