package waitingroom

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"pigonair/db"
)

// Times of a room's loop.
const (
	stepEvery       = 200 * time.Millisecond
	stepLeast       = 5 * time.Millisecond
	databaseTimeout = 3 * time.Second
	configTimeout   = 2 * time.Second
)

// doorMost is how many visits one script takes: a few milliseconds of Redis.
const doorMost = 256

// beatsKept bounds the tickets whose heartbeats wait for a step.
const beatsKept = 200_000

// stepBeats is how many heartbeats one step carries.
const stepBeats = 2_000

// room is this process's end of one sale's line.
type room struct {
	*shared
	sale  int64
	epoch int
	key   string
	door  *batcher[visit, verdict]

	config   atomic.Pointer[settings]
	snap     atomic.Pointer[snapshot]
	heard    chan struct{} // closed at the first snapshot
	hearOnce sync.Once

	mu      sync.RWMutex
	beats   heartbeats
	ops     []op
	revoked map[int64]time.Time

	// Used by the loop only.
	pushed      int64 // version of the settings that Redis has from us; -1: none
	warned      bool  // whether an outage has been logged
	greeted     bool  // whether the first step told that this process has just started
	since       int64 // releases are known up to here
	loggedServe int64
	censused    time.Time
	wake        chan struct{}
	close       context.CancelFunc // ends the loop
}

// shared is what all rooms of a process use.
type shared struct {
	store   *store
	pool    *sql.DB
	keys    *Keys
	log     *slog.Logger
	now     func() time.Time
	journal *journal
	budget  int
	serves  bool
	name    string // of this process, for leases
}

func newRoom(sh *shared, set settings) *room {
	r := &room{
		shared: sh, sale: set.ID, epoch: set.Epoch, key: sh.store.key(set.ID, set.Epoch),
		heard: make(chan struct{}), revoked: map[int64]time.Time{}, pushed: -1, wake: make(chan struct{}, 1), close: func() {},
	}
	r.config.Store(&set)
	r.door = &batcher[visit, verdict]{run: r.enter, most: doorMost}
	return r
}

// frozen tells whether this process no longer knows how the line stands.
func (r *room) frozen() bool {
	s := r.snap.Load()
	return s == nil || r.now().Sub(s.at) > stale
}

func (r *room) waitingNow() int64 {
	if s := r.snap.Load(); s != nil {
		return s.waiting()
	}
	return 0
}

// beat notes that a ticket was shown and told to come back after an interval.
func (r *room) beat(number int64, told time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.beats.add(number, presence(told))
}

// setConfig takes over newer settings and wakes the loop to hand them on.
func (r *room) setConfig(set settings) {
	if old := r.config.Load(); old.Version == set.Version {
		return
	}
	r.config.Store(&set)
	select {
	case r.wake <- struct{}{}:
	default: // awake already
	}
}

// run is the room's loop until ctx ends.
func (r *room) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-timer.C:
		}
		more := r.turn(ctx)
		timer.Reset(r.pause(more))
	}
}

// pause is how long until the next turn: before the bucket is full, so that a small burst loses no rate.
func (r *room) pause(more bool) time.Duration {
	if more {
		return stepLeast
	}
	s := r.snap.Load()
	if s == nil || s.tail == s.serving && s.returned == 0 {
		return stepEvery
	}
	return min(stepEvery, max(stepLeast, s.fullIn))
}

// turn is one round of the loop; true asks for the next one soon.
func (r *room) turn(ctx context.Context) bool {
	s, err := r.stepOnce(ctx)
	if errors.Is(err, errRebuild) {
		if err = r.rebuild(ctx); err == nil {
			return true
		}
	}
	switch {
	case errors.Is(err, errLease), errors.Is(err, context.Canceled):
		return false
	case err != nil:
		if !r.warned {
			r.log.Warn("waiting room stands still", "sale", r.sale, "error", err)
		}
		r.warned = true
		return false
	case r.warned:
		r.log.Info("waiting room goes on", "sale", r.sale)
		r.warned = false
	}
	if s.choresDue {
		r.chores(ctx, s)
	}
	return s.more || s.choresDue && s.census == nil // without a census positions are too high
}

// stepOnce hands over settings, ops and heartbeats and takes a new snapshot.
func (r *room) stepOnce(ctx context.Context) (*snapshot, error) {
	if err := r.pushConfig(ctx); err != nil {
		return nil, err
	}
	if err := r.flushOps(ctx); err != nil {
		return nil, err
	}
	full := longest(r.waitingNow(), r.budget) * 6 / 5
	args := []string{flag(r.serves), flag(r.serves && !r.greeted), itoa(full.Milliseconds()), itoa(r.since)}
	figures, err := r.store.ints(ctx, r.store.step, r.key, r.takeBeats(args)...)
	if err != nil {
		return nil, err
	}
	s, err := parseSnapshot(figures, r.now())
	if err != nil {
		return nil, err
	}
	r.greeted = true
	return s, r.take(ctx, s)
}

// takeBeats appends waiting heartbeats to a step's arguments. Those of a step that fails are lost, which
// harms nobody: after an outage everybody is spared for a full interval.
func (r *room) takeBeats(args []string) []string {
	r.mu.Lock()
	batch := r.beats.take(stepBeats)
	r.mu.Unlock()
	for _, b := range batch {
		args = append(args, itoa(b.number), itoa(b.present.Milliseconds()))
	}
	return args
}

// take makes a snapshot the one that polls are answered from.
func (r *room) take(ctx context.Context, s *snapshot) error {
	fresh := r.revoke(s.released...)
	r.since = s.now - 2000 // a clock that goes back a little loses no release
	before := r.snap.Load()
	if before != nil && before.censusVersion == s.censusVersion {
		s.census, s.gone = before.census, before.gone
	} else if s.censusVersion > 0 {
		c, err := r.fetchCensus(ctx)
		if err != nil {
			return err
		}
		s.census = c
	}
	s.gone = s.withGone(fresh)
	s.more = s.more || r.hasBeats()
	r.snap.Store(s)
	r.hearOnce.Do(func() { close(r.heard) })
	return nil
}

func (r *room) hasBeats() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.beats.order) >= stepBeats
}

// pushConfig hands newer settings to Redis; whichever process reads them first does.
func (r *room) pushConfig(ctx context.Context) error {
	set := r.config.Load()
	if set.Version <= r.pushed {
		return nil
	}
	interval := longest(r.waitingNow(), r.budget) * 6 / 5
	if _, err := r.store.run(ctx, r.store.config, r.key, append(set.args(), itoa(interval.Milliseconds()))...); err != nil {
		return err
	}
	r.pushed = set.Version
	return nil
}

// chores are done once a second by one process for all: the stock, the census, the log of how far the line is.
func (r *room) chores(ctx context.Context, s *snapshot) {
	r.forgetRevoked()
	free, held := s.free, s.held
	q := db.New(r.pool)
	dbctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	if stock, err := q.RoomStock(dbctx, sql.NullInt64{Int64: r.sale, Valid: true}); err == nil {
		free, held = stock.Free, stock.Held
	} else {
		r.log.Warn("stock of a sale could not be read", "sale", r.sale, "error", err)
	}
	if err := r.logServing(dbctx, s); err != nil {
		r.log.Warn("how far the line is could not be noted", "sale", r.sale, "error", err)
	}
	if err := r.note(ctx, s, free, held); err != nil && !errors.Is(err, errRebuild) {
		r.log.Warn("chores of a waiting room failed", "sale", r.sale, "error", err)
	}
}

// censusPace is how many records one process counts a second: a line of a million is counted every 4 s.
const censusPace = 250_000

func (r *room) note(ctx context.Context, s *snapshot, free, held int64) error {
	encoded := ""
	pace := time.Duration(float64(s.tail-s.serving) / censusPace * float64(time.Second))
	if r.now().Sub(r.censused) >= pace {
		c, err := r.takeCensus(ctx, s)
		if err != nil {
			return err
		}
		encoded, r.censused = c.encode(), r.now()
	}
	_, err := r.store.run(ctx, r.store.note, r.key, itoa(free), itoa(held), encoded)
	return err
}

func (r *room) logServing(ctx context.Context, s *snapshot) error {
	if s.serving == r.loggedServe {
		return nil
	}
	err := db.New(r.pool).QueueBlockServing(ctx, db.QueueBlockServingParams{
		Serving: s.serving, SaleID: r.sale, Epoch: r.epoch,
	})
	if err == nil {
		r.loggedServe = s.serving
	}
	return err
}
