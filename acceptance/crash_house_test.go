package acceptance

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/db"
	"pigonair/internal/localservers"
	"pigonair/internal/processes"
)

// fragile is a shop of its own, whose web processes and database are killed while it sells.
type fragile struct {
	t       *testing.T
	servers *localservers.Servers
	pool    *sql.DB
	shops   []*fragileShop
	home    string
}

// fragileShop is one web process, started again at the same address whenever it was killed.
type fragileShop struct {
	of             *fragile
	addr, internal string
	cmd            *exec.Cmd
	lastHold       atomic.Int64 // when the latest request that became a hold was sent, in nanoseconds
}

func newFragile(t *testing.T, shops int) *fragile {
	t.Helper()
	f := &fragile{t: t, home: filepath.Join(house.home, "fragile")}
	if err := os.RemoveAll(f.home); err != nil {
		t.Fatal(err)
	}
	var err error
	// Selling needs no broker.
	f.servers, err = localservers.Start(t.Context(), localservers.Options{Home: f.home, AMQPURL: "amqp://127.0.0.1:1", BufferPoolMB: 64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.servers.Stop(); err != nil {
			t.Error(err)
		}
	})
	f.run("migrate")
	f.run("seed", "--size", "small")
	if f.pool, err = db.Open(f.servers.DBDSN, db.Pool{MaxOpen: 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.pool.Close() })
	for range shops {
		f.shops = append(f.shops, f.newShop())
	}
	return f
}

func (f *fragile) newShop() *fragileShop {
	f.t.Helper()
	s := &fragileShop{of: f}
	for _, addr := range []*string{&s.addr, &s.internal} {
		var err error
		if *addr, err = processes.FreeAddr("127.0.0.1:0"); err != nil {
			f.t.Fatal(err)
		}
	}
	s.start()
	f.t.Cleanup(s.kill)
	return s
}

// settings is the environment of a command of this shop.
func (f *fragile) settings(addr, internal string) []string {
	return processes.Environment(map[string]string{"mode": "demo", "addr": addr, "internal-addr": internal, "base-url": "http://" + addr, "home": f.home,
		"db-dsn": f.servers.DBDSN, "redis-url": f.servers.RedisURL, "session-redis-url": f.servers.SessionRedisURL, "amqp-url": f.servers.AMQPURL,
		"smtp-url": "smtp://127.0.0.1:1", "secret-keys": "test:" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"portone-base-url": "http://127.0.0.1:1", "portone-checkout-url": "http://127.0.0.1:1", "portone-store-id": "store",
		"portone-api-secret": "secret", "portone-channel-key": "channel", "portone-webhook-secrets": "c2VjcmV0LXNlY3JldC1zZWNyZXQ="})
}

// run runs a command of the program to its end and returns what it printed.
func (f *fragile) run(args ...string) string {
	f.t.Helper()
	cmd := exec.Command(house.program, args...)
	cmd.Env = f.settings("127.0.0.1:0", "127.0.0.1:0")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		f.t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	return string(out)
}

func (s *fragileShop) start() {
	s.of.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.of.home, "serve.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		s.of.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(house.program, "serve")
	s.cmd.Env = s.of.settings(s.addr, s.internal)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.of.t.Fatal(err)
	}
	if err := processes.Answers(s.of.t.Context(), "http://"+s.internal+"/readyz", 20*time.Millisecond); err != nil {
		s.of.t.Fatalf("serve does not come up: %v\n%s", err, s.of.log())
	}
}

// kill ends the process with SIGKILL and waits until it is gone.
func (s *fragileShop) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()
}

// log is the end of what the web processes wrote.
func (f *fragile) log() string {
	file, err := os.Open(filepath.Join(f.home, "serve.log"))
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil {
		_, _ = file.Seek(max(0, info.Size()-4000), io.SeekStart)
	}
	text, _ := io.ReadAll(file)
	return string(text)
}

// killServe kills a web process in the middle of the sale and starts it again.
func (f *fragile) killServe(shop *fragileShop) {
	f.t.Helper()
	shop.kill()
	shop.start()
	shop.sellsWithin(time.Now(), "web process")
}

// killDatabase kills MariaDB in the middle of the sale and starts it again.
func (f *fragile) killDatabase() {
	f.t.Helper()
	ctx := f.t.Context()
	if err := f.servers.Kill(ctx, localservers.MariaDB); err != nil {
		f.t.Fatal(err)
	}
	if err := f.servers.StartServer(ctx, localservers.MariaDB); err != nil {
		f.t.Fatal(err)
	}
	back := time.Now()
	for _, shop := range f.shops {
		shop.sellsWithin(back, "database")
	}
}

// onAgainWithin is how long the shop may take to sell again once the server that was killed is back. Where other tests
// share the machine the bound only tells a hang.
func onAgainWithin() time.Duration {
	if os.Getenv("PIGONAIR_SOAK") != "" {
		return 5 * time.Second
	}
	return 45 * time.Second
}

// sellsWithin waits until a hold that was asked for after an instant is made.
func (s *fragileShop) sellsWithin(back time.Time, what string) {
	s.of.t.Helper()
	ctx, cancel := context.WithTimeout(s.of.t.Context(), onAgainWithin())
	defer cancel()
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		if s.lastHold.Load() > back.UnixNano() {
			tick.Stop()
			s.of.t.Logf("%s back: %s sells again after %v", what, s.addr, time.Since(back).Round(time.Millisecond))
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			s.of.t.Errorf("%s back, and %s sells nothing for %v\n%s", what, s.addr, onAgainWithin(), s.of.log())
			return
		}
	}
}

// noRace looks into the log of the web processes.
func (f *fragile) noRace() {
	f.t.Helper()
	content, err := os.ReadFile(filepath.Join(f.home, "serve.log"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, bad := range []string{"DATA RACE", `"msg":"panic"`} {
		if at := strings.Index(string(content), bad); at >= 0 {
			f.t.Errorf("a web process wrote: %s", content[at:min(len(content), at+2000)])
		}
	}
}

func (s *fragileShop) url(path string) string { return fmt.Sprintf("http://%s%s", s.addr, path) }
