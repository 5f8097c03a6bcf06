package mailbox

import (
	"bytes"
	"io"
	"log/slog"
	"mime"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"unicode"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func newSMTPServer(m *Mailbox) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{mailbox: m}, nil
	}))
	s.Domain = "mailbox.localhost"
	s.MaxMessageBytes = maxMailBytes
	s.MaxRecipients = maxRecipients
	s.ReadTimeout, s.WriteTimeout = idleTimeout, idleTimeout
	s.AllowInsecureAuth = true
	s.EnableSMTPUTF8 = true
	s.ErrorLog = slog.NewLogLogger(m.config.Log.Handler(), slog.LevelWarn)
	return s
}

// session is one SMTP conversation.
type session struct {
	mailbox *Mailbox
	from    string
	to      []string
}

// AuthMechanisms names the way to log in.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth lets everybody in: there is nothing to protect.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}

// errRefused is the answer while the fault switch is on.
var errRefused = &smtp.SMTPError{
	Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "mailbox was told to refuse, try again later",
}

func (s *session) refuse() error {
	if !s.mailbox.refuse.Load() {
		return nil
	}
	s.mailbox.refused.Add(1)
	return errRefused
}

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.refuse()
}

// Rcpt adds a recipient; every address is taken.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail. It is kept before the sender is told so.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.refuse(); err != nil {
		return err
	}
	m := describe(raw)
	m.From, m.To, m.ReceivedAt = s.from, s.to, s.mailbox.config.Now().UTC()
	if err := s.mailbox.store.add(m, raw); err != nil {
		s.mailbox.config.Log.Error("mail was not kept", "error", err)
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "mail could not be kept"}
	}
	return nil
}

// Reset forgets a mail that was begun.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the conversation.
func (s *session) Logout() error { return nil }

// describe reads what the index needs from a mail's header; a header that cannot
// be read leaves it empty.
func describe(raw []byte) meta {
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return meta{}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil {
		subject = parsed.Header.Get("Subject")
	}
	id := strings.Trim(strings.TrimSpace(parsed.Header.Get("Message-Id")), "<>")
	return meta{Subject: printable(subject), MessageID: printable(id)}
}

// printable is text that stays in one line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// trackingListener knows its open connections, so that a conversation that waits
// for its client does not hold up the end.
type trackingListener struct {
	net.Listener
	mu   sync.Mutex
	open map[net.Conn]struct{}
	over bool
}

func track(l net.Listener) *trackingListener {
	return &trackingListener{Listener: l, open: map[net.Conn]struct{}{}}
}

// Accept waits for the next connection.
func (l *trackingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		_ = conn.Close() // nothing was said on it yet
	} else {
		l.open[conn] = struct{}{}
	}
	return &trackedConn{Conn: conn, listener: l}, nil
}

// cut stops listening and closes all connections, also one that is just being
// accepted.
func (l *trackingListener) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	_ = l.Listener.Close() // a listener that cannot be closed is closed
	for conn := range l.open {
		_ = conn.Close() // its client may have gone first
	}
}

type trackedConn struct {
	net.Conn
	listener *trackingListener
}

// Close ends a connection.
func (c *trackedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c.Conn)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
