package lab

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/gomodule/redigo/redis"

	"pigonair/db"
	"pigonair/internal/processes"
)

// house is what one benchmark works on: a database of its own with little in it, empty Redis databases, and web
// processes as production runs them, only in demo mode.
type house struct {
	*bench
	dsn      string
	pool     *sql.DB
	settings map[string]string
	group    processes.Group
	web      *processes.Process
	addr     string // of the web process
	parts    parts
}

// open makes a house. more are settings by name that differ from the usual ones.
func (b *bench) open(ctx context.Context, name string, more map[string]string) (*house, error) {
	h := &house{bench: b, group: processes.Group{Logs: filepath.Join(b.Home, "logs")}}
	if err := h.freshDatabase(ctx, "bench_"+name); err != nil {
		return nil, err
	}
	info, err := emptyRedis(b.servers.RedisURL)
	if err != nil {
		h.close()
		return nil, fmt.Errorf("empty Redis: %w", err)
	}
	h.parts = parts{database: databasePID(ctx, h.pool), redis: redisPID(info)}
	h.settings = h.usual()
	maps.Copy(h.settings, more)
	for _, args := range [][]string{{"migrate"}, {"seed", "--size", "small"}} {
		if _, err := h.command(ctx, args...); err != nil {
			h.close()
			return nil, err
		}
	}
	return h, nil
}

// usual are the settings of a web process. The gateway and the mail server are never called.
func (h *house) usual() map[string]string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	return map[string]string{
		"mode": "demo", "addr": "127.0.0.1:0", "internal-addr": "127.0.0.1:0", "base-url": nobody("http"), "home": h.Home, "db-dsn": h.dsn,
		"redis-url": h.servers.RedisURL, "session-redis-url": h.servers.SessionRedisURL, "amqp-url": h.servers.AMQPURL,
		"smtp-url": nobody("smtp"), "secret-keys": "lab:" + base64.StdEncoding.EncodeToString(secret),
		"portone-base-url": nobody("http"), "portone-checkout-url": nobody("http"), "portone-store-id": "store-lab",
		"portone-api-secret": "none", "portone-channel-key": "none", "portone-webhook-secrets": base64.StdEncoding.EncodeToString(secret),
	}
}

// freshDatabase makes an empty database and opens it.
func (h *house) freshDatabase(ctx context.Context, name string) error {
	cfg, err := mysql.ParseDSN(h.servers.DBDSN)
	if err != nil {
		return err
	}
	server, err := db.Open(h.servers.DBDSN, db.Pool{MaxOpen: 1})
	if err != nil {
		return err
	}
	defer server.Close()
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := server.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	cfg.DBName = name
	h.dsn = cfg.FormatDSN()
	h.pool, err = db.Open(h.dsn, db.Pool{MaxOpen: 4})
	return err
}

// emptyRedis forgets everything that an earlier benchmark has cached, and says what the server is.
func emptyRedis(url string) (info string, err error) {
	conn, err := redis.DialURL(url, redis.DialConnectTimeout(5*time.Second), redis.DialReadTimeout(30*time.Second))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.Do("FLUSHALL"); err != nil {
		return "", err
	}
	return redis.String(conn.Do("INFO", "server"))
}

// command runs one of our commands to its end and returns what it printed.
func (h *house) command(ctx context.Context, args ...string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = processes.Environment(h.settings)
	var faults strings.Builder
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", args[0], err, faults.String())
	}
	return string(out), nil
}

// customers makes n customers who are logged in, and returns their Cookie headers.
func (h *house) customers(ctx context.Context, n int) ([]string, error) {
	out, err := h.command(ctx, "loadtest", "sessions", "--count", strconv.Itoa(n))
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(out), "\n"), nil
}

// readyEvery is how often a starting process is asked whether it is ready.
const readyEvery = 2 * time.Millisecond

// serve starts the web process and returns when it takes traffic.
func (h *house) serve(ctx context.Context) error {
	var err error
	if h.addr, err = processes.FreeAddr("127.0.0.1:0"); err != nil {
		return err
	}
	internal, err := processes.FreeAddr("127.0.0.1:0")
	if err != nil {
		return err
	}
	h.settings["addr"], h.settings["internal-addr"] = h.addr, internal
	if h.web, err = h.group.Start([]string{"serve"}, processes.Environment(h.settings)); err != nil {
		return err
	}
	h.parts.web = h.web.PID()
	if err := processes.Answers(ctx, "http://"+internal+"/readyz", readyEvery); err != nil {
		return fmt.Errorf("serve does not come up (its log: %s): %w", h.group.Log("serve"), err)
	}
	return nil
}

// close stops the web process. The database stays until the next run, to be looked at.
func (h *house) close() {
	h.group.Stop()
	_ = h.pool.Close() // nothing was written that is not committed
}
