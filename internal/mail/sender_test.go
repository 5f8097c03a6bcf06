package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

func newSender(t testing.TB, change func(*Config)) *Sender {
	t.Helper()
	c := Config{
		From:    `"피곤에어" <no-reply@pigonair.test>`,
		Timeout: 10 * time.Second,
		Now:     func() time.Time { return time.Date(2026, 12, 1, 10, 29, 49, 0, time.UTC) },
	}
	change(&c)
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func senderTo(t testing.TB, f *fakeServer) *Sender {
	return newSender(t, func(c *Config) { c.URL = "smtp://" + f.address })
}

func message() Message {
	return Message{
		To: "sky@example.test", Subject: "김포 → 제주 항공권 🎫", Text: "예약번호 K7M2QX\n.\n끝", HTML: "<p>예약번호 <b>K7M2QX</b></p>",
		MessageID: "ticket.0011@pigonair.test", Lang: "ko",
		Attachments: []Attachment{
			{Name: "전자항공권 K7M2QX.pdf", Type: "application/pdf", Content: []byte("%PDF-1.3\n\x00\xff")},
			{Name: "K7M2QX.ics", Type: "text/calendar; charset=utf-8; method=PUBLISH", Content: []byte("BEGIN:VCALENDAR\r\n")},
		},
	}
}

func TestMailArrivesWhole(t *testing.T) {
	t.Parallel()
	f := startServer(t, nil, false)
	m := message()
	if err := senderTo(t, f).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := f.mails[0]
	if got.from != "no-reply@pigonair.test" || got.to != m.To {
		t.Errorf("envelope from %q to %q", got.from, got.to)
	}
	e, err := enmime.ReadEnvelope(bytes.NewReader(got.raw))
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"From": `"피곤에어" <no-reply@pigonair.test>`, "To": "<sky@example.test>", "Subject": m.Subject,
		"Message-Id": "<ticket.0011@pigonair.test>", "Date": "Tue, 01 Dec 2026 10:29:49 +0000",
		"Auto-Submitted": "auto-generated", "Content-Language": "ko", "Mime-Version": "1.0", "User-Agent": "", "X-Mailer": "",
	} {
		if value := e.GetHeader(header); strings.ReplaceAll(value, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("%s: %q, want %q", header, value, want)
		}
	}
	if strings.TrimSpace(strings.ReplaceAll(e.Text, "\r\n", "\n")) != m.Text || strings.TrimSpace(e.HTML) != m.HTML {
		t.Errorf("text %q, HTML %q", e.Text, e.HTML)
	}
	if len(e.Attachments) != len(m.Attachments) {
		t.Fatalf("%d attachments", len(e.Attachments))
	}
	for i, a := range m.Attachments {
		b := e.Attachments[i]
		if b.FileName != a.Name || !strings.HasPrefix(a.Type, b.ContentType) || !bytes.Equal(b.Content, a.Content) {
			t.Errorf("attachment %d: %q, %q, %q", i, b.FileName, b.ContentType, b.Content)
		}
	}
}

func refuse(code int) error {
	return &smtp.SMTPError{Code: code, Message: "no <sky@example.test> here"}
}

func TestFailuresSayWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		fault     func(*fakeServer)
		permanent bool
	}{
		{"greylisted", func(f *fakeServer) { f.atRcpt = refuse(451) }, false},
		{"server refuses all for now", func(f *fakeServer) { f.atMail = refuse(451) }, false},
		{"mail box full for now", func(f *fakeServer) { f.atData = refuse(452) }, false},
		{"no such person", func(f *fakeServer) { f.atRcpt = refuse(550) }, true},
		{"too big", func(f *fakeServer) { f.atData = refuse(552) }, true},
		{"log-in needed", func(f *fakeServer) { f.atMail = refuse(530) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := startServer(t, nil, false)
			s := senderTo(t, f)
			f.set(c.fault)
			err := s.Send(t.Context(), message())
			if err == nil || errors.Is(err, ErrPermanent) != c.permanent {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), "sky@") {
				t.Errorf("the error names the recipient: %v", err)
			}
			f.set(func(f *fakeServer) { f.atMail, f.atRcpt, f.atData = nil, nil, nil })
			if err := s.Send(t.Context(), message()); err != nil {
				t.Errorf("once it is over: %v", err)
			}
		})
	}
}

func TestNobodyListensIsTemporary(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := newSender(t, func(c *Config) { c.URL = "smtp://" + address })
	if err := s.Send(t.Context(), message()); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("%v", err)
	}
}

func TestHangingServerIsLeft(t *testing.T) {
	t.Parallel()
	f := startServer(t, nil, false)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	f.set(func(f *fakeServer) { f.hang = release })
	s := newSender(t, func(c *Config) { c.URL, c.Timeout = "smtp://"+f.address, time.Hour })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.Send(ctx, message()); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrPermanent) {
		t.Errorf("%v", err)
	}
}

// A server that accepts and says nothing must not hold the sender either.
func TestSilentServerIsLeft(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := newSender(t, func(c *Config) { c.URL, c.Timeout = "smtp://"+l.Addr().String(), time.Hour })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.Send(ctx, message()); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("%v", err)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	f := startServer(t, nil, false)
	s := senderTo(t, f)
	for range 5 {
		if err := s.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if connections, mails := f.counts(); connections != 1 || mails != 5 {
		t.Errorf("%d connections for %d mails", connections, mails)
	}
	s.mu.Lock()
	s.idle[0].cut()
	s.mu.Unlock()
	if err := s.Send(t.Context(), message()); err != nil {
		t.Errorf("after the connection was lost: %v", err)
	}
	if connections, mails := f.counts(); connections != 2 || mails != 6 {
		t.Errorf("%d connections for %d mails", connections, mails)
	}
}

func TestManySendAtOnce(t *testing.T) {
	t.Parallel()
	f := startServer(t, nil, false)
	s := senderTo(t, f)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			m := message()
			m.MessageID = fmt.Sprintf("ticket.%d@pigonair.test", i)
			if err := s.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, mails := f.counts(); mails != 40 {
		t.Errorf("%d mails", mails)
	}
}

func TestClosedSenderSendsNothing(t *testing.T) {
	t.Parallel()
	s := senderTo(t, startServer(t, nil, false))
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.Close()
	if err := s.Send(t.Context(), message()); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestEncryptionAndLogIn(t *testing.T) {
	t.Parallel()
	serverTLS, clientTLS := certificate(t)
	user := url.UserPassword("mailer", "s3cret:@").String() + "@"
	for _, c := range []struct {
		name, scheme, user string
		implicit, noTLS    bool
		fails              bool
	}{
		{name: "STARTTLS", scheme: "smtp+starttls", user: user},
		{name: "STARTTLS where offered", scheme: "smtp", user: user},
		{name: "TLS", scheme: "smtps", user: user, implicit: true},
		{name: "STARTTLS that is not there", scheme: "smtp+starttls", noTLS: true, fails: true},
		{name: "log-in on this machine", scheme: "smtp", user: user, noTLS: true},
		{name: "wrong password", scheme: "smtps", user: "mailer:wrong@", implicit: true, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			secure := serverTLS
			if c.noTLS {
				secure = nil
			}
			f := startServer(t, secure, c.implicit)
			s := newSender(t, func(config *Config) {
				config.URL, config.TLS = c.scheme+"://"+c.user+f.address, clientTLS
			})
			err := s.Send(t.Context(), message())
			if c.fails {
				if err == nil || errors.Is(err, ErrPermanent) || strings.Contains(err.Error(), "wrong") {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.user != "" && (len(f.users) != 1 || f.users[0] != "mailer") {
				t.Errorf("logged in as %q", f.users)
			}
		})
	}
}

func TestForeignCertificateIsRefused(t *testing.T) {
	t.Parallel()
	serverTLS, _ := certificate(t)
	f := startServer(t, serverTLS, true)
	s := newSender(t, func(c *Config) { c.URL = "smtps://" + f.address })
	if err := s.Send(t.Context(), message()); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("%v", err)
	}
}

func TestBadConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{From: "a@b.c"}, {URL: "127.0.0.1:25", From: "a@b.c"}, {URL: "http://h", From: "a@b.c"}, {URL: "smtp://h:0", From: "a@b.c"},
		{URL: "smtp://h:99999", From: "a@b.c"}, {URL: "smtp://h"}, {URL: "smtp://h", From: "nobody"}, {URL: "smtp://h", From: "a@b.c\r\nBcc: x@y.z"},
	} {
		if _, err := New(c); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
