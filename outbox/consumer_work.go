package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"pigonair/db"
)

// errConsumed means that the effect of a message has happened before.
var errConsumed = errors.New("message already consumed")

// answerMax bounds the answer to a message, which has to go out also while stopping.
const answerMax = 10 * time.Second

// maxReason is the length of dead_letter.reason in characters.
const maxReason = 500

// work brings about a message's effect, once. Errors: errConsumed, or what kept the effect from happening.
func (c *Consumer) work(hard context.Context, d amqp.Delivery, m Message) (err error) {
	ctx, cancel := context.WithTimeout(hard, c.config.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			c.link.Log.Error("message handler panicked", "message_id", m.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	unanswered := number(d.Headers[headerDeliveries])
	poisonous := unanswered >= int64(c.config.MaxDeliveries)
	if poisonous || c.config.Effect != nil {
		if err := c.notConsumed(ctx, m); err != nil {
			return err
		}
	}
	if poisonous {
		return Permanent(fmt.Errorf("delivered %d times without an answer", unanswered))
	}
	if c.config.Effect != nil {
		if err := c.config.Effect(ctx, m); err != nil {
			return err
		}
	}
	return c.consume(ctx, m)
}

// notConsumed is nil when the message's effect has not happened. Errors: errConsumed, or the database's.
func (c *Consumer) notConsumed(ctx context.Context, m Message) error {
	consumed, err := db.New(c.pool).ConsumedHas(ctx, m.ID, c.config.Name)
	if err != nil {
		return fmt.Errorf("look message %d up: %w", m.ID, err)
	}
	if consumed {
		return errConsumed
	}
	return nil
}

// consume records the message, with its effect in the same transaction. The record comes first: of two
// deliveries at one time the second waits for the first and then finds the key taken.
func (c *Consumer) consume(ctx context.Context, m Message) error {
	// READ COMMITTED: the primary key decides, nothing is read before it.
	return db.Transact(ctx, c.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		err := tx.ConsumedPut(ctx, m.ID, c.config.Name)
		if db.IsDuplicate(err) {
			return errConsumed
		}
		if err != nil || c.config.Handle == nil {
			return err
		}
		return c.config.Handle(ctx, tx, m)
	})
}

// answer tells the broker what became of a message. An error means that it could not be told.
func (c *Consumer) answer(hard context.Context, d amqp.Delivery, m Message, failures int, result error, retry *publisher) (string, error) {
	switch {
	case result == nil:
		return OutcomeDone, d.Ack(false)
	case errors.Is(result, errConsumed):
		return OutcomeDuplicate, d.Ack(false)
	case hard.Err() != nil:
		return OutcomeAbandoned, nil // cut short: the broker delivers it again
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(hard), answerMax)
	defer cancel()
	failures++
	log := c.link.Log.With("message_id", m.ID, "kind", m.Kind, "failures", failures, "error", result)
	if failures >= c.config.Tries || errors.Is(result, ErrPermanent) {
		if err := c.bury(ctx, m, failures, result); err == nil {
			log.Error("message is a dead letter")
			return OutcomeDead, d.Ack(false)
		} else {
			log.Warn("dead letter cannot be written, will try again", "reason", err)
		}
	}
	log.Warn("message failed, will try again")
	return c.delay(ctx, d, m, failures, retry)
}

// bury writes a dead letter.
func (c *Consumer) bury(ctx context.Context, m Message, failures int, result error) error {
	reason := []rune(result.Error())
	// READ COMMITTED: one upsert by primary key.
	return db.Transact(ctx, c.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		return tx.DeadLetterPut(ctx, db.DeadLetterPutParams{
			MessageID: m.ID, Consumer: c.config.Name, Lane: m.Lane, Kind: m.Kind, SubjectID: m.SubjectID,
			Tries: failures, Reason: string(reason[:min(len(reason), maxReason)]),
		})
	})
}

// delay puts the message into a delay queue and only then takes it out of this one: a crash in between makes two
// of it, never none.
func (c *Consumer) delay(ctx context.Context, d amqp.Delivery, m Message, failures int, retry *publisher) (string, error) {
	again, err := encode(m, failures)
	if err != nil {
		return OutcomeAbandoned, err
	}
	queue := delayName(c.config.Name, c.link.Topology.delay(failures))
	if err := retry.publish(ctx, []letter{{"", queue, again}})[0]; err != nil {
		return OutcomeAbandoned, fmt.Errorf("delay message %d: %w", m.ID, err)
	}
	return OutcomeRetry, d.Ack(false)
}
