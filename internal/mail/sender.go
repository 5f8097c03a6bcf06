package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

const (
	defaultTimeout = 30 * time.Second
	maxIdle        = 4                // open connections kept for the next mails
	maxIdleTime    = 30 * time.Second // well below the five minutes that servers wait
)

// Config says where mails go.
type Config struct {
	// URL of the server: smtp://user:password@host:port (STARTTLS where the
	// server offers it), smtp+starttls:// (refused without it) or smtps://
	// (TLS from the first byte). The ports are 25, 587 and 465 unless given.
	// A password is never sent in the clear but to this machine.
	URL string
	// From is the sender, such as PigonAir <no-reply@pigonair.example>.
	From string
	// Timeout of one mail, with its connection; 30 s unless given.
	Timeout time.Duration
	// Now is the clock for the Date header; time.Now unless given.
	Now func() time.Time
	// TLS overrides the checks of the server's certificate; nil uses the
	// machine's roots.
	TLS *tls.Config
}

// Sender sends mails over a few connections that it keeps open between them. It
// may be used by several goroutines.
type Sender struct {
	config Config
	from   *netmail.Address
	server server

	mu     sync.Mutex
	idle   []*connection
	closed bool
}

// server is what the URL says.
type server struct {
	host           string
	port           int
	implicitTLS    bool
	policy         gomail.TLSPolicy
	user, password string
}

// New makes a sender; it does not connect yet. Its error is ErrConfig.
func New(c Config) (*Sender, error) {
	s, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil || hasControls(c.From) {
		return nil, fmt.Errorf("%w: the sender must be an address such as Name <name@host>", ErrConfig)
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Sender{config: c, from: from, server: s}, nil
}

func parseURL(text string) (server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return server{}, fmt.Errorf("%w: the SMTP URL must look like smtp://host:port", ErrConfig)
	}
	s := server{host: u.Hostname(), user: u.User.Username()}
	s.password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		s.port, s.policy = 25, gomail.TLSOpportunistic
	case "smtp+starttls":
		s.port, s.policy = 587, gomail.TLSMandatory
	case "smtps":
		s.port, s.implicitTLS, s.policy = 465, true, gomail.NoTLS
	default:
		return server{}, fmt.Errorf("%w: the SMTP URL begins with smtp, smtp+starttls or smtps", ErrConfig)
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil || s.port < 1 || s.port > 65535 {
			return server{}, fmt.Errorf("%w: bad port in the SMTP URL", ErrConfig)
		}
	}
	return s, nil
}

// Send hands one mail to the server and returns nil once it has taken it. The
// error wraps ErrPermanent when another try is useless. After any other one the
// mail may still have arrived (the answer was lost): a repetition is recognised
// by its Message-ID. No error names the recipient.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg, err := build(m, s.from, s.config.Now())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	for {
		c, reused, err := s.take(ctx)
		if err != nil {
			return err
		}
		err = c.send(ctx, msg)
		if reused && errors.Is(err, errStale) {
			c.close()
			continue
		}
		s.put(c, err)
		return err
	}
}

// Close closes the connections that are open and idle. It may be called twice.
func (s *Sender) Close() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}

// take is an idle connection, or a new one.
func (s *Sender) take(ctx context.Context) (c *connection, reused bool, err error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, false, ErrClosed
	}
	var old []*connection
	for len(s.idle) > 0 && c == nil {
		last := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if time.Since(last.idleSince) < maxIdleTime {
			c = last
		} else {
			old = append(old, last)
		}
	}
	s.mu.Unlock()
	for _, o := range old {
		o.close()
	}
	if c != nil {
		return c, true, nil
	}
	c, err = s.connect(ctx)
	return c, false, err
}

// put keeps a connection for the next mail, unless it failed in a way that leaves
// open where the conversation stands.
func (s *Sender) put(c *connection, failure error) {
	s.mu.Lock()
	keep := (failure == nil || errors.Is(failure, ErrPermanent)) && !s.closed && len(s.idle) < maxIdle
	if keep {
		c.idleSince = time.Now()
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if !keep {
		c.close()
	}
}

func (s *Sender) connect(ctx context.Context) (*connection, error) {
	c := &connection{}
	client, err := gomail.NewClient(s.server.host, s.options(c)...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	c.client = client
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	if c.smtp, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		c.cut()
		return nil, fmt.Errorf("mail: connect: %w", err)
	}
	return c, nil
}

func (s *Sender) options(c *connection) []gomail.Option {
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.config.TLS != nil {
		secure = s.config.TLS.Clone()
	}
	secure.ServerName = s.server.host
	options := []gomail.Option{
		gomail.WithPort(s.server.port),
		gomail.WithTLSPolicy(s.server.policy),
		gomail.WithTLSConfig(secure),
		gomail.WithTimeout(s.config.Timeout),
		gomail.WithoutRset(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return c.dial(ctx, network, address, s.server.implicitTLS, secure)
		}),
	}
	if s.server.user == "" {
		return options
	}
	return append(options,
		gomail.WithUsername(s.server.user),
		gomail.WithPassword(s.server.password),
		gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin),
	)
}
