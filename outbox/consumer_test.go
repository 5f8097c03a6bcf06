package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"pigonair/db"
	"pigonair/outbox"
)

var errHandler = errors.New("the other server said no")

func TestACrashBetweenEffectAndAnswerChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var once sync.Once
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: h.record}, func(c *outbox.Consumer) {
		c.AfterWork(func(outbox.Message) { once.Do(h.wall.cut) }) // the answer never reaches the broker
	})
	h.relay(outbox.RelayConfig{})
	h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDuplicate, 1)
	h.tally.await(t, "sent mail", 1)
	h.wantOnce(1)
}

func TestTheSameMessageSentTwiceHasOneEffect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: h.record})
	h.relay(outbox.RelayConfig{})
	h.write(outbox.LaneMail, 50)
	h.tally.await(t, "sent mail", 50)
	if _, err := h.pool.ExecContext(t.Context(), "UPDATE outbox SET pending = 1, sent_at = NULL, claimed_until = NOW(6)"); err != nil {
		t.Fatal(err) // as a relay leaves them that dies after the confirm
	}
	h.tally.await(t, "sent mail", 100)
	h.tally.await(t, "mail "+outbox.OutcomeDuplicate, 50)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 50)
	h.wantOnce(50)
}

func TestRetryThenDeadLetterThenReplay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.broker.Topology.Queues = append(h.broker.Topology.Queues, outbox.Queue{Consumer: "statistics", Key: "mail.#"})
	var mended atomic.Bool
	var others atomic.Int64
	h.consumer(outbox.ConsumerConfig{Name: "statistics", Handle: func(context.Context, *db.Tx, outbox.Message) error {
		others.Add(1)
		return nil
	}})
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Tries: 4, Handle: func(ctx context.Context, tx *db.Tx, m outbox.Message) error {
		if err := h.record(ctx, tx, m); err != nil || mended.Load() {
			return err
		}
		return errHandler // what was written is undone with the record
	}})
	h.relay(outbox.RelayConfig{})
	id := h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDead, 1)
	if n := h.tally.get("mail " + outbox.OutcomeRetry); n != 3 {
		t.Errorf("tried again %d times, want 3", n)
	}
	dead := h.wantDead(id, errHandler.Error())
	if dead.Tries != 4 {
		t.Errorf("the dead letter tells of %d tries, want 4", dead.Tries)
	}
	mended.Store(true)
	replay := func() error {
		next, err := h.ids.Next(t.Context(), db.OutboxIDs)
		if err != nil {
			t.Fatal(err)
		}
		// READ COMMITTED: guarded by primary key.
		return db.Transact(t.Context(), h.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
			return outbox.Replay(ctx, tx.Queries, next, id, outbox.LaneMail)
		})
	}
	if err := replay(); err != nil {
		t.Fatal(err)
	}
	if err := replay(); !errors.Is(err, outbox.ErrNoDeadLetter) {
		t.Errorf("the second replay gives %v, want ErrNoDeadLetter", err)
	}
	h.tally.await(t, "mail "+outbox.OutcomeDone, 1)
	h.tally.await(t, "sent mail", 2)
	h.tally.await(t, "statistics "+outbox.OutcomeDone, 1)
	h.wantOnce(1)
	if n := others.Load(); n != 1 {
		t.Errorf("the other consumer saw the message %d times, want 1", n)
	}
}

// wantDead checks that there is one open dead letter, for a message, with a reason.
func (h *house) wantDead(id int64, reason string) outbox.DeadLetter {
	h.t.Helper()
	letters, err := outbox.DeadLetters(h.t.Context(), h.pool, nil, 10)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(letters) != 1 || letters[0].Message.ID != id || !strings.Contains(letters[0].Reason, reason) {
		h.t.Fatalf("dead letters are %+v, want message %d with reason %q", letters, id, reason)
	}
	return letters[0]
}

func TestAPermanentFailureDiesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: func(context.Context, *db.Tx, outbox.Message) error {
		return outbox.Permanent(errors.New(strings.Repeat("가", 600)))
	}})
	h.relay(outbox.RelayConfig{})
	id := h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDead, 1)
	h.wantDead(id, strings.Repeat("가", 400)) // shortened to what the column holds
	if n := h.tally.get("mail " + outbox.OutcomeRetry); n != 0 {
		t.Errorf("tried again %d times, want never", n)
	}
	h.transact(func(ctx context.Context, tx *db.Tx) error {
		return outbox.Discard(ctx, tx.Queries, id, outbox.LaneMail)
	})
	if n, err := outbox.CountDeadLetters(t.Context(), h.pool); err != nil || n != 0 {
		t.Errorf("%d dead letters are open, %v; want 0 after Discard", n, err)
	}
}

func TestAPanicIsAFailureLikeAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var tried atomic.Int64
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: func(ctx context.Context, tx *db.Tx, m outbox.Message) error {
		if tried.Add(1) == 1 {
			panic("out of range")
		}
		return h.record(ctx, tx, m)
	}})
	h.relay(outbox.RelayConfig{})
	h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 1)
	h.tally.await(t, "sent mail", 1)
	h.wantOnce(1)
}

func TestAMessageThatCrashesItsConsumerDies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	config := outbox.ConsumerConfig{Name: outbox.LaneMail, MaxDeliveries: 3}
	config.Handle = func(context.Context, *db.Tx, outbox.Message) error {
		h.wall.cut() // no answer gets out, as when the process is killed
		return errHandler
	}
	h.consumer(config)
	h.relay(outbox.RelayConfig{})
	id := h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDead, 1)
	h.wantDead(id, "without an answer")
}

func TestAnOutsideEffectComesBeforeItsRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var mu sync.Mutex
	seen := map[int64]int{}
	var recorded atomic.Int64
	var once sync.Once
	config := outbox.ConsumerConfig{Name: outbox.LaneMail}
	config.Effect = func(_ context.Context, m outbox.Message) error {
		mu.Lock()
		defer mu.Unlock()
		seen[m.ID]++
		return nil
	}
	config.Handle = func(ctx context.Context, tx *db.Tx, m outbox.Message) error {
		if recorded.Add(1) == 1 {
			return errHandler // the record fails although the effect is out
		}
		return h.record(ctx, tx, m)
	}
	h.consumer(config, func(c *outbox.Consumer) {
		c.AfterWork(func(outbox.Message) {
			if recorded.Load() == 2 {
				once.Do(h.wall.cut) // recorded but not answered: delivered again
			}
		})
	})
	h.relay(outbox.RelayConfig{})
	id := h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDuplicate, 1)
	h.tally.await(t, "sent mail", 1)
	h.wantOnce(1)
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 1 || seen[id] != 2 {
		t.Errorf("outside effects by message id are %v, want 2 of %d", seen, id)
	}
}

func TestWhatIsNotOursIsDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: h.record})
	h.relay(outbox.RelayConfig{})
	h.tally.await(t, "connected consumer mail", 1)
	err := h.channel().PublishWithContext(t.Context(), outbox.Exchange, "mail.x", true, false, amqp.Publishing{Body: []byte("hello")})
	if err != nil {
		t.Fatal(err)
	}
	h.tally.await(t, "mail "+outbox.OutcomeForeign, 1)
	h.write(outbox.LaneMail, 1)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 1)
}

func TestWorkersBoundTheWorkInHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var now, most atomic.Int64
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Workers: 3, Handle: func(ctx context.Context, tx *db.Tx, m outbox.Message) error {
		defer now.Add(-1)
		for n := now.Add(1); n > most.Load(); {
			most.Store(n)
		}
		return h.record(ctx, tx, m)
	}})
	h.relay(outbox.RelayConfig{})
	h.write(outbox.LaneMail, 100)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 100)
	if n := most.Load(); n > 3 {
		t.Errorf("%d messages were worked on at once, want at most 3", n)
	}
}

func TestStopFinishesTheMessageInHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	inHand, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	config := outbox.ConsumerConfig{Name: outbox.LaneMail, Workers: 1, Handle: func(ctx context.Context, tx *db.Tx, m outbox.Message) error {
		once.Do(func() { close(inHand) })
		<-release
		return errors.Join(ctx.Err(), h.record(ctx, tx, m))
	}}
	h.relay(outbox.RelayConfig{})
	c := h.consumer(config)
	h.write(outbox.LaneMail, 10)
	h.tally.await(t, "sent mail", 10)
	<-inHand
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		c.Stop()
	}()
	close(release)
	<-stopped
	done := h.tally.get("mail " + outbox.OutcomeDone)
	left := h.taken(outbox.QueueName(outbox.LaneMail))
	if done == 0 || done+len(left) != 10 {
		t.Errorf("%d done and %d left in the queue, want at least the one in hand done, and 10 together", done, len(left))
	}
	if err := c.Ready(); !errors.Is(err, outbox.ErrAway) {
		t.Errorf("Ready after Stop is %v, want ErrAway", err)
	}
}

func TestStopCutsShortWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	inHand := make(chan struct{})
	config := outbox.ConsumerConfig{Name: outbox.LaneMail, Grace: time.Millisecond}
	config.Handle = func(ctx context.Context, _ *db.Tx, _ outbox.Message) error {
		close(inHand)
		<-ctx.Done()
		return ctx.Err()
	}
	h.relay(outbox.RelayConfig{})
	c := h.consumer(config)
	h.write(outbox.LaneMail, 1)
	<-inHand
	c.Stop()
	h.tally.await(t, "mail "+outbox.OutcomeAbandoned, 1)
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: h.record})
	h.tally.await(t, "mail "+outbox.OutcomeDone, 1)
	h.tally.await(t, "sent mail", 1)
	h.wantOnce(1)
}

// Not parallel: it looks at every goroutine of the process.
func TestNothingRunsAfterStop(t *testing.T) {
	h := newHouse(t)
	before := goleak.IgnoreCurrent()
	relay := h.relay(outbox.RelayConfig{})
	consumer := h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: h.record})
	janitor := outbox.NewJanitor(h.pool, discard, outbox.JanitorConfig{})
	janitor.Stop() // before Start: returns at once
	if err := janitor.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.write(outbox.LaneMail, 5)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 5)
	for name, start := range map[string]func(context.Context) error{"relay": relay.Start, "consumer": consumer.Start, "janitor": janitor.Start} {
		if err := start(t.Context()); !errors.Is(err, outbox.ErrStarted) {
			t.Errorf("the second Start of the %s is %v, want ErrStarted", name, err)
		}
	}
	for range 2 {
		relay.Stop()
		consumer.Stop()
		janitor.Stop()
	}
	h.wall.cut()
	goleak.VerifyNone(t, before, // but for what belongs to the pool
		goleak.IgnoreAnyFunction("database/sql.(*DB).connectionCleaner"),
		goleak.IgnoreAnyFunction("github.com/go-sql-driver/mysql.(*mysqlConn).startWatcher.func1"))
}
