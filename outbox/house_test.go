package outbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"pigonair/db"
	"pigonair/internal/testenv"
	"pigonair/outbox"
)

// patience bounds every wait of a test; it is reached only when something is wrong.
const patience = 60 * time.Second

// discard is a log that nobody reads.
var discard = slog.New(slog.DiscardHandler)

// house is a database and a broker of the test's own, with what the tests count.
type house struct {
	t      *testing.T
	pool   *sql.DB
	ids    *db.IDs
	wall   *wall
	broker outbox.Broker
	tally  *tally
	effect atomic.Int64 // number of the next effect row
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, pool: testenv.DB(t), tally: newTally(), wall: newWall(t, testenv.AMQP(t))}
	h.ids = db.NewIDs(h.pool)
	h.broker = outbox.Broker{
		URLs: []string{h.wall.url}, Topology: quickTopology(), Log: discard,
		Metrics: h.tally.metrics(), FirstPause: 2 * time.Millisecond, LongestPause: 50 * time.Millisecond,
	}
	return h
}

// quickTopology has the standard queues with delays for impatient tests.
func quickTopology() outbox.Topology {
	topology := outbox.StandardTopology()
	topology.Delays = []time.Duration{5 * time.Millisecond, 15 * time.Millisecond}
	return topology
}

// write leaves n messages of a lane in the outbox, in one transaction.
func (h *house) write(lane string, n int) (first int64) {
	h.t.Helper()
	first, err := h.ids.NextN(h.t.Context(), db.OutboxIDs, n)
	if err != nil {
		h.t.Fatal(err)
	}
	h.transact(func(ctx context.Context, tx *db.Tx) error {
		for i := range int64(n) {
			m := outbox.Message{Lane: lane, Kind: outbox.KindTicketIssue, SubjectID: fmt.Sprint(first + i)}
			if err := outbox.Write(ctx, tx.Queries, first+i, m); err != nil {
				return err
			}
		}
		return nil
	})
	return first
}

func (h *house) transact(fn func(context.Context, *db.Tx) error) {
	h.t.Helper()
	if err := db.Transact(h.t.Context(), h.pool, sql.LevelReadCommitted, fn); err != nil {
		h.t.Fatal(err)
	}
}

// relay starts a relay that gives up a row only briefly.
func (h *house) relay(config outbox.RelayConfig) *outbox.Relay {
	h.t.Helper()
	config.FirstRetry, config.LongestRetry = 5*time.Millisecond, 50*time.Millisecond
	r := outbox.NewRelay(h.pool, h.broker, config)
	if err := r.Start(context.WithoutCancel(h.t.Context())); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(r.Stop)
	return r
}

// consumer starts a consumer.
func (h *house) consumer(config outbox.ConsumerConfig, prepare ...func(*outbox.Consumer)) *outbox.Consumer {
	h.t.Helper()
	c := outbox.NewConsumer(h.pool, h.broker, config)
	for _, f := range prepare {
		f(c)
	}
	if err := c.Start(context.WithoutCancel(h.t.Context())); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(c.Stop)
	return c
}

// record is a handler whose effect is one more row for the message.
func (h *house) record(ctx context.Context, tx *db.Tx, m outbox.Message) error {
	return tx.BookingEventAppend(ctx, db.BookingEventAppendParams{
		BookingID: m.ID, EventNo: h.effect.Add(1), Kind: m.Kind, Detail: m.SubjectID, HappenedAt: m.CreatedAt,
	})
}

// count answers a query for one number.
func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.pool.QueryRowContext(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// wantOnce checks that n messages had one effect each and that nothing is left to send.
func (h *house) wantOnce(n int) {
	h.t.Helper()
	effects := h.count("SELECT COUNT(*) FROM booking_event")
	messages := h.count("SELECT COUNT(DISTINCT booking_id) FROM booking_event")
	pending := h.count("SELECT COUNT(*) FROM outbox WHERE pending = 1 OR sent_at IS NULL")
	if effects != n || messages != n || pending != 0 {
		h.t.Errorf("%d effects of %d messages, %d rows pending; want %d, %d, 0", effects, messages, pending, n, n)
	}
}

// channel is a channel to the broker for the test itself, past the wall.
func (h *house) channel() *amqp.Channel {
	h.t.Helper()
	conn, err := amqp.Dial(h.wall.behind)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		h.t.Fatal(err)
	}
	return ch
}

// taken empties a queue and returns how often it held each message id.
func (h *house) taken(queue string) map[string]int {
	h.t.Helper()
	ch, found := h.channel(), map[string]int{}
	for {
		d, ok, err := ch.Get(queue, true)
		if err != nil {
			h.t.Fatal(err)
		}
		if !ok {
			return found
		}
		found[d.MessageId]++
	}
}

// tally counts what the metrics report, and lets a test wait for a count.
type tally struct {
	mu      sync.Mutex
	counts  map[string]int
	changed chan struct{}
}

func newTally() *tally { return &tally{counts: map[string]int{}, changed: make(chan struct{})} }

func (y *tally) add(key string, n int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.counts[key] += n
	close(y.changed)
	y.changed = make(chan struct{})
}

func (y *tally) get(key string) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.counts[key]
}

// await returns when key has been counted n times.
func (y *tally) await(t *testing.T, key string, n int) {
	t.Helper()
	timeout := time.After(patience)
	for {
		y.mu.Lock()
		have, changed := y.counts[key], y.changed
		y.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%s is %d, want %d; all: %v", key, have, n, y.counts)
		}
	}
}

func (y *tally) metrics() outbox.Metrics {
	return outbox.Metrics{
		Connected:  func(component string, change int) { y.add("connected "+component, max(change, 0)) },
		Sent:       func(lane string, n int) { y.add("sent "+lane, n) },
		SendFailed: func(_, reason string, n int) { y.add(reason, n) },
		Consumed:   func(consumer, _, outcome string, _ time.Duration) { y.add(consumer+" "+outcome, 1) },
	}
}
