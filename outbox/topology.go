package outbox

import (
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// exchange receives every message; its routing keys are "lane.kind".
const exchange = "pigonair.events"

// deliveryLimit is how often the broker itself redelivers before it drops a message. It is out of reach on
// purpose, the consumer gives up long before: RabbitMQ 4 would otherwise drop after 20.
const deliveryLimit = 1_000_000

// Queue is the durable quorum queue of one consumer.
type Queue struct {
	// Consumer names the consumer, the queue and its delay queues.
	Consumer string
	// Key is the pattern of "lane.kind" that the queue receives, such as "mail.#".
	Key string
}

// Topology is what has to exist in the broker. Relays and consumers declare all of it whenever they connect, so
// that it does not matter which of them comes first. What exists with other arguments is left as it is and
// reported as an error.
type Topology struct {
	Queues []Queue
	// Delays are the pauses before the second, third, … try of a message that failed; the last one repeats.
	// Each is a queue whose name holds its length: when a delay changes, the old queue empties by itself.
	Delays []time.Duration
}

// StandardTopology has one consumer per lane, named as the lane, and delays from 5 s to an hour.
func StandardTopology() Topology {
	return Topology{
		Queues: []Queue{{LaneAccount, LaneAccount + ".#"}, {LaneMail, LaneMail + ".#"}},
		Delays: []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour},
	}
}

// queueName is the queue of a consumer.
func queueName(consumer string) string { return "pigonair." + consumer }

// delayName is the queue in which a consumer's failed messages wait for d.
func delayName(consumer string, d time.Duration) string {
	return fmt.Sprintf("pigonair.%s.retry.%s", consumer, d)
}

// delay is the pause after a message has failed for the given number of times (1 or more).
func (t Topology) delay(failures int) time.Duration {
	return t.Delays[min(failures, len(t.Delays))-1]
}

func (t Topology) declare(conn *amqp.Connection) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("declare: %w", err)
	}
	defer ch.Close()
	if err := ch.ExchangeDeclare(exchange, amqp.ExchangeTopic, true, false, false, false, nil); err != nil {
		return fmt.Errorf("declare %s: %w", exchange, err)
	}
	for _, q := range t.Queues {
		if err := t.declareQueue(ch, q); err != nil {
			return err
		}
	}
	return nil
}

func (t Topology) declareQueue(ch *amqp.Channel, q Queue) error {
	name := queueName(q.Consumer)
	args := amqp.Table{amqp.QueueTypeArg: amqp.QueueTypeQuorum, "x-delivery-limit": int64(deliveryLimit)}
	if _, err := ch.QueueDeclare(name, true, false, false, false, args); err != nil {
		return fmt.Errorf("declare %s: %w", name, err)
	}
	if err := ch.QueueBind(name, q.Key, exchange, false, nil); err != nil {
		return fmt.Errorf("bind %s: %w", name, err)
	}
	for _, d := range t.Delays {
		delay := delayName(q.Consumer, d)
		if _, err := ch.QueueDeclare(delay, true, false, false, false, delayArgs(name, d)); err != nil {
			return fmt.Errorf("declare %s: %w", delay, err)
		}
	}
	return nil
}

// delayArgs make a queue that nobody consumes: messages expire after d and go back to target. At-least-once dead
// lettering keeps them in the delay queue until target has confirmed them; it needs reject-publish. Without it a
// broker that restarts drops what expires before target has a leader again.
func delayArgs(target string, d time.Duration) amqp.Table {
	return amqp.Table{
		amqp.QueueTypeArg:           amqp.QueueTypeQuorum,
		amqp.QueueMessageTTLArg:     d.Milliseconds(),
		"x-dead-letter-exchange":    "",
		"x-dead-letter-routing-key": target,
		"x-dead-letter-strategy":    "at-least-once",
		amqp.QueueOverflowArg:       amqp.QueueOverflowRejectPublish,
	}
}
