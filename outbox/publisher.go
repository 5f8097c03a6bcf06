package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// What may become of a message that was sent, other than its being safe with the broker.
var (
	errReturned    = errors.New("no queue is bound for the message")
	errRefused     = errors.New("the broker refused the message")
	errUnconfirmed = errors.New("the broker did not confirm the message")
)

// letter is a message with its address.
type letter struct {
	exchange, key string
	amqp.Publishing
}

// publisher sends batches over a channel in confirm mode.
type publisher struct {
	mu      sync.Mutex
	ch      *amqp.Channel
	returns chan amqp.Return
}

// newPublisher opens a channel for batches of at most limit letters.
func newPublisher(conn *amqp.Connection, limit int) (*publisher, error) {
	ch, err := conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open channel: %w", err)
	}
	if err := ch.Confirm(false); err != nil {
		return nil, fmt.Errorf("confirm mode: %w", err)
	}
	// The broker sends a return before the confirm of the same message, and the library hands them over in that
	// order; but it drops a return that nobody takes in time, which would count as sent. So there is room for a
	// whole batch, and a return is in the channel by the time its confirm is seen.
	return &publisher{ch: ch, returns: ch.NotifyReturn(make(chan amqp.Return, limit))}, nil
}

// publish sends letters as mandatory and waits for every confirm. It returns one result per letter: nil when the
// broker has it safely in a queue, otherwise errReturned, errRefused or errUnconfirmed. After errUnconfirmed the
// publisher is of no more use.
func (p *publisher) publish(ctx context.Context, letters []letter) []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	results := make([]error, len(letters))
	confirms := make([]*amqp.DeferredConfirmation, len(letters))
	for i, l := range letters {
		var err error
		confirms[i], err = p.ch.PublishWithDeferredConfirmWithContext(ctx, l.exchange, l.key, true, false, l.Publishing)
		if err != nil {
			results[i] = fmt.Errorf("%w: %w", errUnconfirmed, err)
		}
	}
	for i, c := range confirms {
		if results[i] == nil {
			results[i] = p.await(ctx, c)
		}
	}
	p.markReturned(letters, results)
	return results
}

// await waits for one confirm. A channel that is lost answers as if it had refused.
func (p *publisher) await(ctx context.Context, c *amqp.DeferredConfirmation) error {
	acked, err := c.WaitContext(ctx)
	switch {
	case err != nil || (!acked && p.ch.IsClosed()):
		return errUnconfirmed
	case !acked:
		return errRefused
	default:
		return nil
	}
}

// markReturned turns the results of returned letters, which the broker confirms all the same, into errReturned.
func (p *publisher) markReturned(letters []letter, results []error) {
	returned := p.takeReturns()
	for i, l := range letters {
		if results[i] == nil && returned[address(l.exchange, l.key, l.MessageId)] {
			results[i] = errReturned
		}
	}
}

// takeReturns empties the channel of returns, also after the broker's channel was lost.
func (p *publisher) takeReturns() map[string]bool {
	returned := map[string]bool{}
	for {
		select {
		case r, open := <-p.returns:
			if !open {
				return returned
			}
			returned[address(r.Exchange, r.RoutingKey, r.MessageId)] = true
		default:
			return returned
		}
	}
}

func address(exchange, key, messageID string) string { return exchange + "\n" + key + "\n" + messageID }
