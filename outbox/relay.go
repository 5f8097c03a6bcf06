package outbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// errLost ends a session whose connection is gone.
var errLost = errors.New("connection to the broker lost")

const (
	busyPoll  = 10 * time.Millisecond // first look after there was work
	dbPause   = time.Second           // after a database error
	settleMax = 5 * time.Second       // for recording what was sent, also while stopping
)

// RelayConfig holds the times and sizes of a Relay; every 0 means its default.
type RelayConfig struct {
	// Batch is how many rows are claimed and sent at once: 100.
	Batch int
	// Lease is how long a claim lasts: 30 s. A batch that is not confirmed after half of it is given up; what a
	// crashed relay had claimed is sent by another when it ends.
	Lease time.Duration
	// IdlePoll is the longest pause between two looks for work: 250 ms.
	IdlePoll time.Duration
	// FirstRetry is when a row that could not be sent is due again, doubled each time up to LongestRetry:
	// 200 ms and 1 min.
	FirstRetry, LongestRetry time.Duration
	// Grace is how long Stop waits for the batch in hand: 10 s.
	Grace time.Duration
}

func (c RelayConfig) withDefaults() RelayConfig {
	c.Batch = orDefault(c.Batch, 100)
	c.Lease = orDefault(c.Lease, 30*time.Second)
	c.IdlePoll = orDefault(c.IdlePoll, 250*time.Millisecond)
	c.FirstRetry = orDefault(c.FirstRetry, 200*time.Millisecond)
	c.LongestRetry = orDefault(c.LongestRetry, time.Minute)
	c.Grace = orDefault(c.Grace, 10*time.Second)
	return c
}

// orDefault is v, or def for the zero value.
func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// Relay brings outbox rows to the broker. Any number of relays may run side by side, in any process: each claims
// rows by a lease, and only what the broker has confirmed and not returned is marked sent. A relay that dies
// between the two leaves rows that are sent a second time, under the same message id.
type Relay struct {
	pool   *sql.DB
	link   *link
	config RelayConfig
	name   string // makes claims of this relay distinct
	claims atomic.Int64
	wake   map[string]chan struct{}
	life   life
}

// NewRelay returns a relay that Start sets to work.
func NewRelay(pool *sql.DB, broker Broker, config RelayConfig) *Relay {
	r := &Relay{
		pool: pool, link: newLink(broker, "relay"), config: config.withDefaults(),
		name: rand.Text()[:16], wake: map[string]chan struct{}{},
	}
	for _, lane := range Lanes() {
		r.wake[lane] = make(chan struct{}, 1)
	}
	return r
}

// Start sends rows in the background until Stop. It returns at once, whether or not the broker can be reached.
// The end of ctx cuts short what is in hand, so ctx should outlive the wish to stop. Errors: ErrStarted,
// ErrAddress.
func (r *Relay) Start(ctx context.Context) error {
	if err := r.link.check(); err != nil {
		return err
	}
	return r.life.start(ctx, r.config.Grace, func(soft, hard context.Context) {
		r.link.run(soft, hard, func(conn *amqp.Connection) error { return r.session(soft, hard, conn) })
	})
}

// Stop finishes the batches in hand and returns when everything has ended. It may be called more than once.
func (r *Relay) Stop() { r.life.stop() }

// Ready is nil while the broker is reached, otherwise an error that wraps ErrAway.
func (r *Relay) Ready() error { return r.link.ready() }

// Wake makes the relay look for work now. It never blocks and may be called at any time; call it after the
// commit of a transaction that wrote to the outbox.
func (r *Relay) Wake() {
	for _, w := range r.wake {
		select {
		case w <- struct{}{}:
		default: // it has been woken already
		}
	}
}

// session relays every lane over one connection until soft ends or something of the connection breaks.
func (r *Relay) session(soft, hard context.Context, conn *amqp.Connection) error {
	ctx, end := context.WithCancelCause(soft)
	defer end(nil)
	closed := conn.NotifyClose(make(chan *amqp.Error, 1))
	var lanes sync.WaitGroup
	for _, lane := range Lanes() {
		lanes.Go(func() {
			if err := r.relayLane(ctx, hard, conn, lane); err != nil {
				end(err)
			}
		})
	}
	select {
	case <-ctx.Done():
	case reason := <-closed:
		end(fmt.Errorf("%w: %w", errLost, asError(reason)))
	}
	lanes.Wait()
	return context.Cause(ctx)
}

// asError keeps a nil *amqp.Error from becoming an error that is not nil.
func asError(reason *amqp.Error) error {
	if reason == nil {
		return errors.New("closed by us")
	}
	return reason
}

// relayLane sends one lane's rows until ctx ends. Its errors are the broker's; the database's are waited out.
func (r *Relay) relayLane(ctx, hard context.Context, conn *amqp.Connection, lane string) error {
	pub, err := newPublisher(conn, r.config.Batch)
	if err != nil {
		return err
	}
	for idle := busyPoll; ctx.Err() == nil; {
		found, err := r.relayBatch(hard, lane, pub)
		switch {
		case errors.Is(err, errUnconfirmed):
			return err
		case err != nil:
			r.link.Log.Warn("outbox cannot be read or marked, will try again", "lane", lane, "error", err)
			pause(ctx, dbPause)
			continue
		case found == r.config.Batch:
			continue // there may be more
		case found > 0:
			idle = busyPoll
		}
		r.rest(ctx, lane, idle)
		idle = min(2*idle, r.config.IdlePoll)
	}
	return nil
}

// rest waits for d, or less when woken.
func (r *Relay) rest(ctx context.Context, lane string, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.wake[lane]:
	}
}
