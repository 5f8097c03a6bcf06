package gatewaysim

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// courierHands is how many payments' webhooks are on their way at once.
const courierHands = 16

// courier delivers webhooks: different payments' at the same time, one
// payment's one after the other, in the order in which they were taken.
type courier struct {
	deliver func(ctx context.Context, hookID string)
	client  *http.Client
	ctx     context.Context // ends when the courier stops
	cancel  context.CancelFunc
	hands   sync.WaitGroup

	mu      sync.Mutex
	queues  map[string][]string // payment id → hook ids; the first may be on its way
	ready   []string            // payments with a queue that nobody works on
	working int
	watched map[string]chan struct{}
}

func newCourier(deliver func(context.Context, string)) *courier {
	c := &courier{
		deliver: deliver, queues: map[string][]string{}, watched: map[string]chan struct{}{},
		client: &http.Client{
			Transport: &http.Transport{
				MaxIdleConnsPerHost: courierHands, MaxConnsPerHost: courierHands, IdleConnTimeout: 30 * time.Second,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// take queues a webhook that is due.
func (c *courier) take(paymentID, hookID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return
	}
	queue := c.queues[paymentID]
	c.queues[paymentID] = append(queue, hookID)
	if len(queue) > 0 {
		return // whoever works on the queue comes to it
	}
	c.ready = append(c.ready, paymentID)
	if c.working < courierHands {
		c.working++
		c.hands.Go(c.work)
	}
}

// work delivers until nothing is ready.
func (c *courier) work() {
	for {
		paymentID, hookID := c.next()
		if hookID == "" {
			return
		}
		c.deliver(c.ctx, hookID)
		c.done(paymentID, hookID)
	}
}

func (c *courier) next() (paymentID, hookID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ready) == 0 || c.ctx.Err() != nil {
		c.working--
		return "", ""
	}
	paymentID, c.ready = c.ready[0], c.ready[1:]
	return paymentID, c.queues[paymentID][0]
}

func (c *courier) done(paymentID, hookID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if watch := c.watched[hookID]; watch != nil {
		close(watch)
		delete(c.watched, hookID)
	}
	if left := c.queues[paymentID][1:]; len(left) > 0 {
		c.queues[paymentID] = left
		c.ready = append(c.ready, paymentID)
	} else {
		delete(c.queues, paymentID)
	}
}

// watch returns a channel that closes after the next attempt to deliver a
// webhook.
func (c *courier) watch(hookID string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	watch := make(chan struct{})
	c.watched[hookID] = watch
	return watch
}

// stop breaks off what is on its way and returns when nobody works any more.
func (c *courier) stop() {
	c.mu.Lock()
	c.cancel()
	c.mu.Unlock()
	c.hands.Wait()
	c.client.CloseIdleConnections()
}
