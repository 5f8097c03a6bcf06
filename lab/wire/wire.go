// Package wire speaks just enough HTTP/1.1 to put load on our own server. The standard library's client costs
// about as much per request as the server that it asks; where both share a machine, half of what would be
// measured is the client. This one sends bytes that are ready and reads the status and the length of the answer.
package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// ErrAnswer says that an answer is not of the form that this client reads: HTTP/1.1 with Content-Length, as
// net/http's server writes it.
var ErrAnswer = errors.New("wire: answer of an unknown form")

// patience bounds one request.
const patience = 30 * time.Second

// Conn is one kept-alive connection. One goroutine at a time may use it.
type Conn struct {
	net net.Conn
	buf []byte
}

// Answer is what came back. Head and Body are good until the next request.
type Answer struct {
	Status int
	Head   []byte // status line and header fields
	Body   []byte
}

// Dial connects to host:port.
func Dial(ctx context.Context, addr string) (*Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Conn{net: c, buf: make([]byte, 0, 4096)}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.net.Close() }

// Do sends a whole request and reads its answer. Errors: ErrAnswer, or the connection's.
func (c *Conn) Do(request []byte) (Answer, error) {
	if err := c.net.SetDeadline(time.Now().Add(patience)); err != nil {
		return Answer{}, err
	}
	if _, err := c.net.Write(request); err != nil {
		return Answer{}, err
	}
	c.buf = c.buf[:0]
	end := -1
	for end < 0 {
		if err := c.more(); err != nil {
			return Answer{}, err
		}
		end = bytes.Index(c.buf, []byte("\r\n\r\n"))
	}
	end += len("\r\n\r\n")
	status, length, err := parseHead(c.buf[:end])
	if err != nil {
		return Answer{}, err
	}
	for len(c.buf) < end+length {
		if err := c.more(); err != nil {
			return Answer{}, err
		}
	}
	return Answer{status, c.buf[:end], c.buf[end : end+length]}, nil
}

// more reads what is there, at least a byte.
func (c *Conn) more() error {
	if len(c.buf) == cap(c.buf) {
		c.buf = append(make([]byte, 0, 2*cap(c.buf)), c.buf...)
	}
	n, err := c.net.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	if n == 0 && err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}

// parseHead finds the status and the length of the body. Names of header fields come as net/http writes them.
func parseHead(head []byte) (status, length int, err error) {
	version := []byte("HTTP/1.1 ")
	if !bytes.HasPrefix(head, version) || len(head) < len(version)+3 {
		return 0, 0, fmt.Errorf("%w: %q", ErrAnswer, head)
	}
	if status, err = strconv.Atoi(string(head[len(version) : len(version)+3])); err != nil {
		return 0, 0, fmt.Errorf("%w: %q", ErrAnswer, head)
	}
	name := []byte("\r\nContent-Length: ")
	i := bytes.Index(head, name)
	if i < 0 {
		if status == 204 || status == 304 {
			return status, 0, nil
		}
		return 0, 0, fmt.Errorf("%w: no length: %q", ErrAnswer, head)
	}
	digits, _, _ := bytes.Cut(head[i+len(name):], []byte("\r\n"))
	if length, err = strconv.Atoi(string(digits)); err != nil {
		return 0, 0, fmt.Errorf("%w: %q", ErrAnswer, head)
	}
	return status, length, nil
}
