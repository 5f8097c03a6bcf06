package sessions

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"pigonair/internal/testenv"
)

var _ scs.CtxStore = (*Store)(nil)

func open(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestStoreKeepsSessionsForTheirTime(t *testing.T) {
	t.Parallel()
	s, ctx := open(t, testenv.Redis(t)), t.Context()
	want := string([]byte{0, 1, '\r', '\n', 255})
	if err := s.CommitCtx(ctx, "a", []byte(want), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if b, found, err := s.FindCtx(ctx, "a"); err != nil || !found || string(b) != want {
		t.Errorf("%q %t %v", b, found, err)
	}
	if err := s.CommitCtx(ctx, "over", []byte("x"), time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // deleting twice is fine
		if err := s.DeleteCtx(ctx, "a"); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []string{"a", "over", "never"} {
		if b, found, err := s.FindCtx(ctx, token); err != nil || found || b != nil {
			t.Errorf("%s: %q %t %v", token, b, found, err)
		}
	}
}

func TestRedisThatGoesAwayIsAnErrorSoon(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*proxy){"gone": (*proxy).cut, "silent": (*proxy).stall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newProxy(t, testenv.Redis(t))
			s := open(t, proxy.url)
			if _, _, err := s.FindCtx(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			fault(proxy)
			began := time.Now()
			if _, found, err := s.FindCtx(t.Context(), "a"); err == nil || found {
				t.Errorf("found %t, %v", found, err)
			}
			if took := time.Since(began); took > 2*patience {
				t.Errorf("the error took %s", took)
			}
		})
	}
}

// proxy stands between the store and Redis.
type proxy struct {
	url  string
	end  context.CancelFunc
	gate sync.RWMutex // locked while nothing gets through
}

// cut ends all connections and takes no new ones.
func (p *proxy) cut() { p.end() }

// stall keeps everything back that is sent from now on.
func (p *proxy) stall() { p.gate.Lock() }

// through passes on what it reads while the gate is open.
type through struct {
	io.Reader
	gate *sync.RWMutex
}

func (g through) Read(b []byte) (int, error) {
	n, err := g.Reader.Read(b)
	g.gate.RLock()
	defer g.gate.RUnlock()
	return n, err
}

func newProxy(t *testing.T, url string) *proxy {
	t.Helper()
	head, rest, _ := strings.Cut(url, "@")
	target, database, _ := strings.Cut(rest, "/")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	context.AfterFunc(ctx, func() { listener.Close() })
	p := &proxy{url: head + "@" + listener.Addr().String() + "/" + database, end: cancel}
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				in.Close()
				return
			}
			context.AfterFunc(ctx, func() { in.Close(); out.Close() })
			go func() { _, _ = io.Copy(in, through{out, &p.gate}) }()
			go func() { _, _ = io.Copy(out, through{in, &p.gate}) }()
		}
	}()
	return p
}
