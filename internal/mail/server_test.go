package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// fakeServer is an SMTP server whose answers a test decides.
type fakeServer struct {
	address string
	server  *smtp.Server

	mu          sync.Mutex
	connections int
	users       []string
	mails       []received
	atMail      error
	atRcpt      error
	atData      error
	hang        chan struct{} // when set, DATA waits for it
}

type received struct {
	from, to string
	raw      []byte
}

// session is one conversation.
type session struct {
	*fakeServer
	from, to string
}

func (f *fakeServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.connections++
	return &session{fakeServer: f}, nil
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "s3cret:@" {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.users = append(s.users, user)
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = from
	return s.atMail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
	return s.atRcpt
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	hang, refusal := s.hang, s.atData
	if refusal == nil {
		s.mails = append(s.mails, received{s.from, s.to, raw})
	}
	s.mu.Unlock()
	if hang != nil {
		<-hang
	}
	return refusal
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (f *fakeServer) set(change func(*fakeServer)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fakeServer) counts() (connections, mails int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.connections, len(f.mails)
}

// startServer starts one on loopback; secure may be nil, implicit is smtps.
func startServer(t testing.TB, secure *tls.Config, implicit bool) *fakeServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeServer{address: listener.Addr().String()}
	f.server = smtp.NewServer(f)
	f.server.Domain = "localhost"
	f.server.AllowInsecureAuth = true
	if implicit {
		listener = tls.NewListener(listener, secure)
	} else {
		f.server.TLSConfig = secure
	}
	done := make(chan error, 1)
	go func() { done <- f.server.Serve(listener) }()
	t.Cleanup(func() {
		if err := f.server.Close(); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
		<-done
	})
	return f
}

// certificate is a fresh one for 127.0.0.1, and the client's side of it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	own := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	return &tls.Config{Certificates: []tls.Certificate{own}}, &tls.Config{RootCAs: roots}
}
