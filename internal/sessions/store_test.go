package sessions

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/redisstore"

	"pigonair/internal/testenv"
)

// A dead Redis is an error soon, whether it is gone or only silent: a request must not hang on its session.
func TestRedisThatGoesAwayIsAnErrorSoon(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*proxy){"gone": (*proxy).cut, "silent": (*proxy).stall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newProxy(t, testenv.Redis(t))
			pool := Pool(proxy.url)
			defer pool.Close()
			store := redisstore.New(pool)
			if err := Ping(t.Context(), pool); err != nil {
				t.Fatal(err)
			}
			fault(proxy)
			began := time.Now()
			if _, found, err := store.Find("a"); err == nil || found {
				t.Errorf("found %t, %v", found, err)
			}
			// A bound far above what is set, so that a busy machine does not matter: without time-outs it hangs.
			if took := time.Since(began); took > 10*patience {
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
