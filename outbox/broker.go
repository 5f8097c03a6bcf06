package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// ErrAway is returned by Ready while the broker cannot be reached.
var ErrAway = errors.New("outbox: broker not reached")

// ErrAddress is returned for a broker address that is none. It does not repeat the address, which holds a password.
var ErrAddress = errors.New("outbox: not an AMQP address")

const (
	dialTimeout  = 10 * time.Second // TCP, TLS and the AMQP handshake together
	heartbeat    = 10 * time.Second // a silent broker is given up after three of them
	closeTimeout = 2 * time.Second  // a farewell that takes longer is not waited for
)

// Broker says how relays and consumers reach RabbitMQ. Each of them has a connection of its own, so that a
// publisher that the broker throttles stops no consumer.
type Broker struct {
	// URLs are the addresses of one broker or cluster, tried in turn; see ParseURLs.
	URLs []string
	// Topology is declared at every connect.
	Topology Topology
	// Log receives what goes wrong. Required.
	Log *slog.Logger
	// Metrics may be empty.
	Metrics Metrics
	// FirstPause is the pause after a failed connect, doubled at each further one up to LongestPause; each is
	// drawn between half and the whole. 0 means 250 ms and 15 s.
	FirstPause, LongestPause time.Duration
}

// ParseURLs splits a setting of one or several AMQP URLs, separated by commas. Error: ErrAddress.
func ParseURLs(setting string) ([]string, error) {
	var urls []string
	for i, part := range strings.Split(setting, ",") {
		part = strings.TrimSpace(part)
		if _, err := amqp.ParseURI(part); err != nil {
			return nil, fmt.Errorf("%w: number %d of the list", ErrAddress, i+1)
		}
		urls = append(urls, part)
	}
	return urls, nil
}

// link keeps one component connected.
type link struct {
	Broker
	component string
	up        atomic.Bool
}

func newLink(b Broker, component string) *link {
	if b.FirstPause == 0 {
		b.FirstPause = 250 * time.Millisecond
	}
	if b.LongestPause == 0 {
		b.LongestPause = 15 * time.Second
	}
	b.Log = b.Log.With("component", component)
	return &link{Broker: b, component: component}
}

// check tells whether the link can be used at all.
func (l *link) check() error {
	if _, err := ParseURLs(strings.Join(l.URLs, ",")); err != nil {
		return err
	}
	if len(l.Topology.Delays) == 0 {
		return errors.New("outbox: a topology needs at least one delay")
	}
	return nil
}

// ready is nil while the broker is reached and the topology stands.
func (l *link) ready() error {
	if l.up.Load() {
		return nil
	}
	return fmt.Errorf("%s: %w", l.component, ErrAway)
}

// run connects, runs session until it returns, and connects again, until soft ends. session returns soon after
// soft has ended or the connection is lost; when hard ends, the connection is closed under it.
func (l *link) run(soft, hard context.Context, session func(*amqp.Connection) error) {
	failures := 0
	for next := 0; soft.Err() == nil; next++ {
		wasUp, err := l.once(soft, hard, l.URLs[next%len(l.URLs)], session)
		if soft.Err() != nil {
			return
		}
		if wasUp {
			failures = 0
		}
		wait := backoff(l.FirstPause, l.LongestPause, failures)
		failures++
		l.Log.Warn("broker away, will try again", "error", err, "wait", wait)
		pause(soft, wait)
	}
}

// once is one connection's life; wasUp tells whether it got as far as a session.
func (l *link) once(soft, hard context.Context, url string, session func(*amqp.Connection) error) (wasUp bool, err error) {
	conn, err := dial(soft, url, l.component)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.CloseDeadline(time.Now().Add(closeTimeout)) }() // it is gone either way
	stop := context.AfterFunc(hard, func() { _ = conn.CloseDeadline(time.Now().Add(closeTimeout)) })
	defer stop()
	if err := l.Topology.declare(conn); err != nil {
		return false, err
	}
	l.setUp(true)
	defer l.setUp(false)
	return true, session(conn)
}

func (l *link) setUp(up bool) {
	l.up.Store(up)
	if up {
		l.Log.Info("broker reached")
		l.Metrics.connected(l.component, 1)
	} else {
		l.Metrics.connected(l.component, -1)
	}
}

// dial opens a connection; the end of ctx cuts the attempt short.
func dial(ctx context.Context, url, name string) (*amqp.Connection, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName("pigonair " + name)
	stop := func() bool { return true }
	conn, err := amqp.DialConfig(url, amqp.Config{
		Heartbeat: heartbeat, Locale: "en_US", Properties: properties,
		Dial: func(network, addr string) (net.Conn, error) {
			raw, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if err == nil {
				stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
			}
			return raw, err
		},
	})
	if err != nil {
		stop()
		return nil, fmt.Errorf("connect: %w", err)
	}
	if !stop() {
		return nil, errors.Join(ctx.Err(), conn.Close())
	}
	return conn, nil
}

// backoff is the pause after a number of failures: doubled each time up to longest, drawn from its upper half so
// that many processes do not come back at one instant.
func backoff(first, longest time.Duration, failures int) time.Duration {
	d := min(first<<min(failures, 20), longest)
	return d/2 + rand.N(d/2+1)
}
