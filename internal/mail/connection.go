package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// errStale says that a kept connection was gone before it was used.
var errStale = errors.New("mail: connection was closed meanwhile")

// connection is one conversation with the server, used by one goroutine at a
// time.
type connection struct {
	client    *gomail.Client
	smtp      *smtp.Client
	idleSince time.Time

	mu   sync.Mutex
	conn net.Conn // below smtp; kept to cut a conversation that hangs
}

// dial connects, and remembers the connection so that cut can end it at any
// moment.
func (c *connection) dial(ctx context.Context, network, address string, implicit bool, secure *tls.Config) (net.Conn, error) {
	dialer := &net.Dialer{}
	var conn net.Conn
	var err error
	if implicit {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: secure}).DialContext(ctx, network, address)
	} else {
		conn, err = dialer.DialContext(ctx, network, address)
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.conn = conn
	c.mu.Unlock()
	if ctx.Err() != nil {
		c.cut()
	}
	return conn, nil
}

// send has one message delivered; when ctx ends first, the conversation is cut.
func (c *connection) send(ctx context.Context, msg *gomail.Msg) error {
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	err := c.client.SendWithSMTPClient(c.smtp, msg)
	if err == nil || msg.IsDelivered() {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("mail: send: %w", ctx.Err())
	}
	return classify(err)
}

// close says goodbye where the server still listens, and frees the connection.
func (c *connection) close() {
	c.mu.Lock()
	if c.conn != nil {
		_ = c.conn.SetDeadline(time.Now().Add(time.Second)) // a connection that is gone has none
	}
	c.mu.Unlock()
	_ = c.client.CloseWithSMTPClient(c.smtp) // the server may have gone first
	c.cut()
}

// cut ends the conversation at once.
func (c *connection) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		_ = c.conn.Close() // may be closed already
	}
}

// codes that blame our log-in or the order of commands, not the message (RFC
// 4954, RFC 5321): once an operator has put that right, it can be sent.
var notTheMessage = []int{502, 503, 530, 534, 535, 538}

// classify turns the library's error into one that says whether to try again and
// holds no address.
func classify(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return fmt.Errorf("mail: send: %w", err)
	}
	if failed.Reason == gomail.ErrConnCheck {
		return errStale
	}
	code := failed.ErrorCode()
	if code >= 500 && code <= 599 && !slices.Contains(notTheMessage, code) {
		return fmt.Errorf("%w: %s, answer %d", ErrPermanent, failed.Reason, code)
	}
	return fmt.Errorf("mail: send: %s, answer %d", failed.Reason, code)
}
