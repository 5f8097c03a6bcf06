package waitingroom

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"pigonair/db"
)

// Options are what the rooms of a process need. Redis, DB and Keys are required.
type Options struct {
	Redis rueidis.Client
	DB    *sql.DB
	Keys  *Keys
	Log   *slog.Logger
	Now   func() time.Time // nil: time.Now
	// Prefix begins the name of every key in Redis; empty: "room".
	Prefix string
	// PollBudget is how many polls a second all web processes together answer with ease; 0: 2,000.
	PollBudget int
	// Serves says that this process answers customers. While no such process is heard from, nobody is let
	// in, because nobody could be told.
	Serves bool
}

// Rooms are the waiting rooms of all sales, as one process sees them. Any number of processes share them.
// Safe for concurrent use.
type Rooms struct {
	*shared
	bySale atomic.Pointer[map[int64]*room]
	loadMu sync.Mutex // one loading of settings at a time

	cancel  context.CancelFunc
	ctx     context.Context // the loops' life; nil before Start
	loops   sync.WaitGroup
	stopped sync.Once
}

// settingsEvery is how often the settings are read; with the room's own step a change counts within 1 s.
const settingsEvery = 400 * time.Millisecond

// New returns the rooms, not yet started.
func New(o Options) (*Rooms, error) {
	if o.Prefix == "" {
		o.Prefix = "room"
	}
	if o.PollBudget <= 0 {
		o.PollBudget = 2000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	store, err := newStore(o.Redis, o.Prefix)
	if err != nil {
		return nil, fmt.Errorf("waitingroom.New: %w", err)
	}
	rs := &Rooms{shared: &shared{
		store: store, pool: o.DB, keys: o.Keys, log: o.Log, now: o.Now,
		journal: &journal{pool: o.DB, log: o.Log}, budget: o.PollBudget, serves: o.Serves, name: rand.Text(),
	}}
	rs.bySale.Store(&map[int64]*room{})
	return rs, nil
}

// Start begins to serve the lines in the background and returns at once; call it once. The loops end with
// Stop, or with ctx.
func (rs *Rooms) Start(ctx context.Context) error {
	rs.ctx, rs.cancel = context.WithCancel(ctx)
	rs.loops.Go(func() { rs.journal.run(rs.ctx) })
	for _, r := range *rs.bySale.Load() {
		rs.launch(r)
	}
	rs.loops.Go(rs.watchSettings)
	return nil
}

// Stop ends the loops and writes what has gathered. It may be called twice and returns when all has ended.
func (rs *Rooms) Stop() {
	rs.stopped.Do(func() {
		if rs.cancel == nil {
			return
		}
		rs.cancel()
		rs.loops.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
		defer cancel()
		for _, r := range *rs.bySale.Load() {
			r.door.wait()
			if _, err := r.stepOnce(ctx); err != nil {
				rs.log.Warn("last step of a waiting room failed", "sale", r.sale, "error", err)
			}
		}
		rs.journal.flush(ctx)
	})
}

func (rs *Rooms) watchSettings() {
	ticker := time.NewTicker(settingsEvery)
	defer ticker.Stop()
	for {
		if err := rs.Reload(rs.ctx); err != nil && !errors.Is(err, context.Canceled) {
			rs.log.Warn("settings of the sales could not be read", "error", err)
		}
		select {
		case <-rs.ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Reload reads what operators set and hands it on. It runs by itself; call it after a change so that the
// change counts at once. Errors: the database's.
func (rs *Rooms) Reload(ctx context.Context) error {
	rs.loadMu.Lock()
	defer rs.loadMu.Unlock()
	dbctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	all, err := loadSettings(dbctx, db.New(rs.pool))
	if err != nil {
		return fmt.Errorf("waitingroom.Reload: %w", err)
	}
	old := *rs.bySale.Load()
	next := make(map[int64]*room, len(all))
	for id, set := range all {
		if r := old[id]; r != nil && r.epoch == set.Epoch {
			r.setConfig(set)
			next[id] = r
			continue
		}
		next[id] = rs.open(set)
	}
	rs.bySale.Store(&next)
	for id, r := range old {
		if next[id] != r {
			r.close()
		}
	}
	return nil
}

// open makes a room and, once started, its loop.
func (rs *Rooms) open(set settings) *room {
	r := newRoom(rs.shared, set)
	if rs.ctx != nil {
		rs.launch(r)
	}
	return r
}

func (rs *Rooms) launch(r *room) {
	ctx, cancel := context.WithCancel(rs.ctx)
	r.close = cancel
	rs.loops.Go(func() { r.run(ctx) })
}

// room finds a sale's room. Errors: ErrNoRoom.
func (rs *Rooms) room(sale int64) (*room, error) {
	if r := (*rs.bySale.Load())[sale]; r != nil {
		return r, nil
	}
	return nil, ErrNoRoom
}

// Ready returns once the sale's line can be joined and polled, or with ctx's error.
func (rs *Rooms) Ready(ctx context.Context, sale int64) error {
	for {
		if r, err := rs.room(sale); err == nil {
			select {
			case <-r.heard:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := rs.Reload(ctx); err != nil {
			return err
		}
		if _, err := rs.room(sale); err != nil {
			return err
		}
	}
}
