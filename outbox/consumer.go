package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"pigonair/db"
)

// ErrPermanent marks a failure that no further try can mend.
var ErrPermanent = errors.New("outbox: permanent failure")

// Permanent wraps the error of a handler so that the message becomes a dead letter at once.
func Permanent(err error) error { return fmt.Errorf("%w: %w", ErrPermanent, err) }

// Handler writes a message's effect in the transaction that also records the message as consumed: both happen
// or neither, so that the effect happens once however often the message is delivered. It may run again from the
// start when the database asks for that. Ids of db.IDs cannot be taken inside; where it needs some, they follow
// from the message. Its error must name no person: it is logged and shown to operators.
type Handler func(ctx context.Context, tx *db.Tx, m Message) error

// Effect does something outside of the database, such as sending a mail, before the message is recorded as
// consumed. A crash between the two makes it happen again, so it acts under an id that follows from the message.
// Its error must name no person.
type Effect func(ctx context.Context, m Message) error

// ConsumerConfig says who consumes and how; every 0 means its default.
type ConsumerConfig struct {
	// Name is the consumer's name in the topology.
	Name string
	// Effect runs first, outside of any transaction. It may be nil.
	Effect Effect
	// Handle runs in the transaction that records the message. It may be nil when Effect is not.
	Handle Handler
	// Workers bounds the messages worked on at once: 4.
	Workers int
	// Prefetch bounds the messages that the broker hands to this consumer before they are answered: twice Workers.
	Prefetch int
	// Timeout bounds the work on one message: 1 min.
	Timeout time.Duration
	// Tries is how often a message is tried before it becomes a dead letter: 55, which with the standard delays
	// takes two days, so that a server which a message needs may be away for one.
	Tries int
	// MaxDeliveries is how often the broker may deliver one message without an answer, as happens when it
	// crashes its consumer, before it becomes a dead letter: 20.
	MaxDeliveries int
	// Grace is how long Stop waits for the messages in hand: 20 s.
	Grace time.Duration
}

func (c ConsumerConfig) withDefaults() ConsumerConfig {
	c.Workers = orDefault(c.Workers, 4)
	c.Prefetch = orDefault(c.Prefetch, 2*c.Workers)
	c.Timeout = orDefault(c.Timeout, time.Minute)
	c.Tries = orDefault(c.Tries, 55)
	c.MaxDeliveries = orDefault(c.MaxDeliveries, 20)
	c.Grace = orDefault(c.Grace, 20*time.Second)
	return c
}

// Consumer works on the messages of one queue. Any number of consumers of one name may run side by side.
type Consumer struct {
	pool   *sql.DB
	link   *link
	config ConsumerConfig
	life   life
	// afterWork is a named point for tests: the effect is there, the answer to the broker is not.
	afterWork func(Message)
}

// NewConsumer returns a consumer that Start sets to work.
func NewConsumer(pool *sql.DB, broker Broker, config ConsumerConfig) *Consumer {
	return &Consumer{
		pool: pool, link: newLink(broker, "consumer "+config.Name), config: config.withDefaults(),
		afterWork: func(Message) {},
	}
}

// Start consumes in the background until Stop. It returns at once, whether or not the broker can be reached.
// The end of ctx cuts short what is in hand, so ctx should outlive the wish to stop. Errors: ErrStarted,
// ErrAddress.
func (c *Consumer) Start(ctx context.Context) error {
	if err := c.link.check(); err != nil {
		return err
	}
	return c.life.start(ctx, c.config.Grace, func(soft, hard context.Context) {
		c.link.run(soft, hard, func(conn *amqp.Connection) error { return c.session(soft, hard, conn) })
	})
}

// Stop takes no further messages, finishes and answers those in hand, and returns when everything has ended. It
// may be called more than once.
func (c *Consumer) Stop() { c.life.stop() }

// Ready is nil while the broker is reached, otherwise an error that wraps ErrAway.
func (c *Consumer) Ready() error { return c.link.ready() }

// session consumes over one connection until soft ends or something of the connection breaks. Messages in hand
// are finished in either case; what was not answered the broker delivers again.
func (c *Consumer) session(soft, hard context.Context, conn *amqp.Connection) error {
	retry, err := newPublisher(conn, 1)
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	if err := ch.Qos(c.config.Prefetch, 0, false); err != nil {
		return fmt.Errorf("prefetch: %w", err)
	}
	deliveries, err := ch.Consume(queueName(c.config.Name), c.config.Name, false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	// Cancelling ends the stream of deliveries; what is in hand can still be answered.
	cancel := context.AfterFunc(soft, func() { _ = ch.Cancel(c.config.Name, false) })
	defer cancel()
	return c.workers(soft, hard, ch, deliveries, retry)
}

// workers runs the workers until the deliveries end. The first that cannot answer the broker closes the channel.
func (c *Consumer) workers(soft, hard context.Context, ch *amqp.Channel, deliveries <-chan amqp.Delivery, retry *publisher) error {
	var all sync.WaitGroup
	var first sync.Once
	reason := errLost
	for range c.config.Workers {
		all.Go(func() {
			for d := range deliveries {
				if soft.Err() != nil {
					continue // prefetched: it goes back to the queue when the channel closes
				}
				if err := c.take(hard, d, retry); err != nil {
					first.Do(func() { reason = err })
					_ = ch.Close()
				}
			}
		})
	}
	all.Wait()
	return reason
}

// take works on one delivery and answers it. An error means that the broker could not be answered.
func (c *Consumer) take(hard context.Context, d amqp.Delivery, retry *publisher) error {
	started := time.Now()
	m, failures, err := decode(d)
	if err != nil {
		c.link.Log.Error("message dropped", "message_id", d.MessageId, "error", err)
		c.link.Metrics.consumed(c.config.Name, "unknown", OutcomeForeign, time.Since(started))
		return d.Nack(false, false)
	}
	err = c.work(hard, d, m)
	c.afterWork(m)
	outcome, err := c.answer(hard, d, m, failures, err, retry)
	c.link.Metrics.consumed(c.config.Name, m.Kind, outcome, time.Since(started))
	return err
}
