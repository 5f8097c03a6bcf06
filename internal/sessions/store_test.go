package sessions

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"pigonair/internal/testenv"
)

// A dead Redis is an error soon, whether it is gone or only silent: a request must not hang on its session.
func TestRedisThatGoesAwayIsAnErrorSoon(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*proxy){"gone": (*proxy).cut, "silent": (*proxy).stall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newProxy(t, testenv.Redis(t))
			store := open(t, proxy.url)
			if err := store.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			fault(proxy)
			began := time.Now()
			if _, found, err := store.Find("a"); err == nil || found {
				t.Errorf("found %t, %v", found, err)
			}
			if err := store.Commit("a", []byte("b"), began.Add(time.Hour)); err == nil {
				t.Error("written to nobody")
			}
			// A bound far above what is set, so that a busy machine does not matter: without time-outs it hangs.
			if took := time.Since(began); took > 10*patience {
				t.Errorf("the error took %s", took)
			}
		})
	}
}

// What the store writes it reads again, until it is deleted or its time is over.
func TestStoreReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	store := open(t, testenv.Redis(t))
	want := func(token, data string) {
		t.Helper()
		if got, found, err := store.Find(token); err != nil || found != (data != "") || string(got) != data {
			t.Errorf("%s: %q, %t, %v, want %q", token, got, found, err, data)
		}
	}
	for _, c := range []struct {
		token string
		until time.Duration
	}{{"kept", time.Hour}, {"gone", time.Hour}, {"over", -time.Second}} {
		if err := store.Commit(c.token, []byte("who\x00"+c.token), time.Now().Add(c.until)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Delete("gone"); err != nil {
		t.Fatal(err)
	}
	want("kept", "who\x00kept")
	want("gone", "")
	want("over", "")
	want("unknown", "")
}

// What one process writes the other has forgotten at once, though it had answered from memory; what a process has
// written itself it knows without waiting for word of it.
func TestStoresHearOfEachOthersChanges(t *testing.T) {
	t.Parallel()
	url := testenv.Redis(t)
	one, other := open(t, url), open(t, url)
	for i, data := range []string{"first", "second", ""} {
		var err error
		if data == "" {
			err = one.Delete("a")
		} else {
			err = one.Commit("a", []byte(data), time.Now().Add(time.Hour))
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, found, err := one.Find("a"); err != nil || found != (data != "") || string(got) != data {
			t.Errorf("%d: the writer reads %q, %t, %v", i, got, found, err)
		}
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			got, found, err := other.Find("a")
			if err != nil {
				t.Fatal(err)
			}
			if found == (data != "") && string(got) == data {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%d: the other process still reads %q", i, got)
			}
		}
	}
}

func open(t *testing.T, url string) *Store {
	t.Helper()
	store, err := Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
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
