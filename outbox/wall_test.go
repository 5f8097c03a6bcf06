package outbox_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// wall stands between the components and the broker: it can cut every connection and refuse new ones.
type wall struct {
	url    string // the broker through the wall
	behind string // the broker itself
	target string

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool
}

func newWall(t *testing.T, broker string) *wall {
	t.Helper()
	u, err := url.Parse(broker)
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wall{behind: broker, target: u.Host, conns: map[net.Conn]bool{}}
	u.Host = door.Addr().String()
	w.url = u.String()
	var doorman sync.WaitGroup
	doorman.Go(func() { w.receive(door) })
	t.Cleanup(func() {
		_ = door.Close()
		w.refuse(true)
		doorman.Wait()
	})
	return w
}

// receive lets connections through until the door is closed, and returns when all have ended.
func (w *wall) receive(door net.Listener) {
	var pipes sync.WaitGroup
	defer pipes.Wait()
	for {
		in, err := door.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", w.target)
		if err != nil || !w.admit(in, out) {
			_ = in.Close()
			continue
		}
		pipes.Go(func() { w.pipe(in, out) })
		pipes.Go(func() { w.pipe(out, in) })
	}
}

func (w *wall) admit(in, out net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = out.Close()
		return false
	}
	w.conns[in], w.conns[out] = true, true
	return true
}

func (w *wall) pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from) // however it ends, both sides end
	_ = to.Close()
	_ = from.Close()
}

// cut breaks every connection; new ones are let through.
func (w *wall) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
	}
	clear(w.conns)
}

// refuse breaks every connection and lets no new one through, until refuse(false).
func (w *wall) refuse(closed bool) {
	w.mu.Lock()
	w.closed = closed
	w.mu.Unlock()
	if closed {
		w.cut()
	}
}
