// Package portone speaks the wire protocol of the payment gateway PortOne V2:
// its REST calls, the fields of a payment request, the parameters that the
// browser brings back, and its signed webhooks.
//
// The package decides nothing about bookings. It answers three questions as
// exactly as the protocol allows: what does the gateway say of a payment, did a
// call take effect (yes, no, or nobody knows), and does a message truly come
// from the gateway.
//
// Amounts are int64 in the smallest unit of their currency (for KRW: won).
package portone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// DefaultBaseURL is the address of the real gateway.
	DefaultBaseURL = "https://api.portone.io"

	// DefaultTimeout bounds one call from its first byte to the last byte of
	// the answer. The gateway asks for at least 60 s: behind it stand card
	// companies and banks.
	DefaultTimeout = 65 * time.Second

	answerLimit = 1 << 20 // bytes of one payment's answer
	pageLimit   = 8 << 20 // bytes of one page of payments
)

// Config says which gateway a Client talks to, and as whom.
type Config struct {
	// BaseURL is the gateway's address; DefaultBaseURL when empty.
	BaseURL string
	// StoreID is sent with every call: the gateway refuses other stores' payments.
	StoreID string
	// APISecret authenticates every call.
	APISecret string
	// HTTPClient carries the calls; a client with bounded pools when nil. Its
	// Transport may be wrapped, for example to measure. Redirects are never
	// followed, whatever it says.
	HTTPClient *http.Client
	// Timeout bounds one call as a whole; DefaultTimeout when zero.
	Timeout time.Duration
}

// Client calls the gateway. It is safe for concurrent use and never sends a
// writing call a second time by itself: whether to repeat is a decision about
// money.
type Client struct {
	base    string
	storeID string
	secret  string
	timeout time.Duration
	http    *http.Client
}

// New makes a Client. It opens no connection.
func New(cfg Config) *Client {
	c := &Client{
		base:    strings.TrimRight(cfg.BaseURL, "/"),
		storeID: cfg.StoreID,
		secret:  cfg.APISecret,
		timeout: cfg.Timeout,
		http:    &http.Client{},
	}
	if c.base == "" {
		c.base = DefaultBaseURL
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if cfg.HTTPClient != nil {
		*c.http = *cfg.HTTPClient
	} else {
		c.http.Transport = newTransport()
	}
	// A redirect would carry the secret to whoever the answer names.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// newTransport has no limit on the wait for an answer: the call's own deadline
// is that limit.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		MaxConnsPerHost:       128,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       60 * time.Second,
		ForceAttemptHTTP2:     true,
	}
}

// call is one request to the gateway.
type call struct {
	op     string // for errors: "confirm p-1"
	method string
	path   string
	query  url.Values
	body   any    // sent as JSON unless nil
	key    string // idempotency key, without its quotes
	limit  int64  // bytes that the answer may have
}

// do sends one call and decodes the answer into out (nil: the answer's content
// does not matter). Errors: APIError for an answer that is an error,
// ErrNotSent, ErrUnknownOutcome.
func (c *Client) do(ctx context.Context, k call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	var sent progress
	req, err := c.request(sent.trace(ctx), k, &sent)
	if err != nil {
		return fmt.Errorf("portone: %s: %w: %w", k.op, ErrInvalidRequest, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("portone: %s: %w: %w", k.op, sent.meaning(), err)
	}
	defer res.Body.Close()
	body, err := readBounded(res.Body, k.limit)
	if err != nil {
		return fmt.Errorf("portone: %s: %w: reading the answer: %w", k.op, ErrUnknownOutcome, err)
	}
	return decode(k.op, res.StatusCode, body, out)
}

// progress is how far a request got on its way to the gateway.
type progress struct{ connected, written atomic.Bool }

func (p *progress) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { p.connected.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				p.written.Store(true)
			}
		},
	})
}

// meaning of a failure: once a connection was at hand the request may have been
// read and acted on.
func (p *progress) meaning() error {
	if p.connected.Load() {
		return ErrUnknownOutcome
	}
	return ErrNotSent
}

var errSentOnce = errors.New("connection lost after the request was sent")

func (c *Client) request(ctx context.Context, k call, sent *progress) (*http.Request, error) {
	var raw []byte
	if k.body != nil {
		var err error
		if raw, err = json.Marshal(k.body); err != nil {
			return nil, err
		}
	}
	address := c.base + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
		// net/http sends requests with an idempotency key again when a kept
		// connection breaks. That is fine only while nothing has left yet.
		req.GetBody = func() (io.ReadCloser, error) {
			if sent.written.Load() {
				return nil, errSentOnce
			}
			return io.NopCloser(bytes.NewReader(raw)), nil
		}
	}
	req.Header.Set("Authorization", "PortOne "+c.secret)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "pigonair")
	if k.key != "" {
		req.Header.Set("Idempotency-Key", `"`+k.key+`"`)
	}
	return req, nil
}

var errTooLong = errors.New("the answer is too long")

func readBounded(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = errTooLong
	}
	return body, err
}

// decode turns an answer into out or an error. An answer that cannot be read
// is not evidence of anything, whatever its status says.
func decode(op string, status int, body []byte, out any) error {
	if status < 200 || status > 299 {
		return newAPIError(op, status, body)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("portone: %s: %w: unreadable answer: %w", op, ErrUnknownOutcome, err)
	}
	return nil
}
