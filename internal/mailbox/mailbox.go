// Package mailbox is an SMTP server that delivers nothing: it keeps the mails it
// is given and shows them on a small web page and as JSON. It stands in for the
// world's mail servers in local runs and tests, and must not be reachable from
// anywhere else.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	defaultKeep     = 100_000
	maxMailBytes    = 25 << 20
	maxRecipients   = 100
	idleTimeout     = 5 * time.Minute
	shutdownTimeout = 5 * time.Second
)

// Config says where a mailbox listens and what it keeps.
type Config struct {
	SMTPAddr string           // host:port; port 0 takes a free one
	HTTPAddr string           // host:port; port 0 takes a free one
	Dir      string           // where mails are kept; nobody else may use it
	Keep     int              // newest mails kept; 100,000 unless given
	Now      func() time.Time // time.Now unless given
	Log      *slog.Logger     // silent unless given
}

// Mailbox is one mailbox.
type Mailbox struct {
	config  Config
	store   *store
	refuse  atomic.Bool
	refused atomic.Int64

	mu           sync.Mutex // held while it starts or stops
	runs         bool
	smtp         *smtp.Server
	smtpListener *trackingListener
	web          *http.Server
	webListener  net.Listener
	running      sync.WaitGroup
	unhook       func() bool
}

// New makes a mailbox that is not running yet.
func New(c Config) *Mailbox {
	if c.Keep <= 0 {
		c.Keep = defaultKeep
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Mailbox{config: c}
}

// Start opens the folder, listens, and returns; the mailbox runs until Stop or
// until ctx ends. Its error is ErrInUse when the folder belongs to another
// mailbox or this one runs already, or that of the folder or the listeners.
func (m *Mailbox) Start(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.runs {
		return ErrInUse
	}
	store, err := openStore(m.config.Dir, limitsFor(m.config.Keep))
	if err != nil {
		return err
	}
	m.store = store
	if err := m.listen(); err != nil {
		return errors.Join(err, store.close())
	}
	m.running.Go(func() { m.serve("smtp", m.smtp.Serve(m.smtpListener), net.ErrClosed) })
	m.running.Go(func() { m.serve("http", m.web.Serve(m.webListener), http.ErrServerClosed) })
	m.unhook, m.runs = context.AfterFunc(ctx, m.Stop), true
	m.config.Log.Info("mailbox runs", "smtp", m.SMTPURL(), "web", m.URL(), "mails", store.count())
	return nil
}

func (m *Mailbox) listen() error {
	routes, err := m.routes()
	if err != nil {
		return err
	}
	smtpListener, err := net.Listen("tcp", m.config.SMTPAddr)
	if err != nil {
		return fmt.Errorf("mailbox: SMTP: %w", err)
	}
	webListener, err := net.Listen("tcp", m.config.HTTPAddr)
	if err != nil {
		return errors.Join(fmt.Errorf("mailbox: web: %w", err), smtpListener.Close())
	}
	m.smtpListener, m.webListener = track(smtpListener), webListener
	m.smtp = newSMTPServer(m)
	m.web = &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(m.config.Log.Handler(), slog.LevelWarn),
	}
	return nil
}

// serve notes how a server ended.
func (m *Mailbox) serve(name string, err, expected error) {
	if err != nil && !errors.Is(err, expected) {
		m.config.Log.Error("mailbox server ended", "server", name, "error", err)
	}
}

// Stop ends both servers, with every conversation, and closes the folder. It
// returns when all is done and may be called twice.
func (m *Mailbox) Stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.runs {
		return
	}
	m.runs = false
	m.unhook()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	m.smtpListener.cut()
	err := m.web.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, m.web.Close())
	}
	m.running.Wait()
	// The listener is closed already; what is left is to wait for conversations.
	if smtpErr := m.smtp.Shutdown(ctx); !errors.Is(smtpErr, net.ErrClosed) {
		err = errors.Join(err, smtpErr)
	}
	if err = errors.Join(err, m.store.close()); err != nil {
		m.config.Log.Error("mailbox did not stop cleanly", "error", err)
	}
}

// SMTPURL is where mails are taken, such as smtp://127.0.0.1:1025.
func (m *Mailbox) SMTPURL() string {
	if m.smtpListener != nil {
		return "smtp://" + m.smtpListener.Addr().String()
	}
	return "smtp://" + m.config.SMTPAddr
}

// URL is where the web page is, such as http://127.0.0.1:1080.
func (m *Mailbox) URL() string {
	if m.webListener != nil {
		return "http://" + m.webListener.Addr().String()
	}
	return "http://" + m.config.HTTPAddr
}
