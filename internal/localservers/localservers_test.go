package localservers

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/gomodule/redigo/redis"
	amqp "github.com/rabbitmq/amqp091-go"
)

// given stands for the address of a server that a test does not want started.
const given = "given"

func TestGivenAddressesAreUsedAsTheyAre(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	servers := mustStart(t, Options{Home: home, DBDSN: "db", RedisURL: "redis", AMQPURL: "amqp"})
	if servers.DBDSN != "db" || servers.RedisURL != "redis" || servers.AMQPURL != "amqp" {
		t.Errorf("got %+v", servers)
	}
	if servers.SessionRedisURL != "redis" {
		t.Errorf("sessions are at %q, want the given Redis", servers.SessionRedisURL)
	}
	if exists(home) {
		t.Error("a folder was made although there is nothing to keep")
	}
	if err := servers.Kill(t.Context(), MariaDB); !errors.Is(err, ErrNotOurs) {
		t.Errorf("killing a given server: %v, want ErrNotOurs", err)
	}
}

// TestAllServers walks through the life of a home with all three servers, in one test because each start
// takes seconds.
func TestAllServers(t *testing.T) {
	// Longer than a socket's path may be.
	home := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	o := Options{Home: home, BufferPoolMB: 64}
	servers := mustStart(t, o)
	store(t, servers)
	checkRunning(t, home)

	if _, err := Start(t.Context(), o); !errors.Is(err, ErrInUse) {
		t.Errorf("second exclusive start: %v, want ErrInUse", err)
	}
	shared := o
	shared.Shared = true
	if _, err := Start(t.Context(), shared); !errors.Is(err, ErrInUse) {
		t.Errorf("shared start in an exclusive home: %v, want ErrInUse", err)
	}

	checkError(t, servers.Kill(t.Context(), MariaDB))
	checkError(t, servers.StartServer(t.Context(), MariaDB))
	for _, name := range []string{Redis, RabbitMQ} {
		checkError(t, servers.StopServer(t.Context(), name))
		checkError(t, servers.StartServer(t.Context(), name))
	}
	check(t, servers)

	// A power cut: nothing had the time to clean up. (Before its first restart RabbitMQ 3.10 would lose a
	// quorum queue that is younger than half a second.)
	for _, server := range servers.set.all() {
		checkError(t, server.guard.kill(t.Context()))
	}
	checkError(t, servers.Stop())
	again := mustStart(t, o)
	if again.DBDSN != servers.DBDSN || again.RedisURL != servers.RedisURL || again.AMQPURL != servers.AMQPURL {
		t.Errorf("addresses changed: %+v, before %+v", again, servers)
	}
	check(t, again)

	checkError(t, again.Stop())
	checkError(t, again.Stop())
	if left := processes(t, home); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := again.StartServer(t.Context(), Redis); !errors.Is(err, ErrNotOurs) {
		t.Errorf("starting a server after Stop: %v, want ErrNotOurs", err)
	}
}

// checkRunning checks that what runs is what should: no epmd of the machine, secrets for us alone.
func checkRunning(t *testing.T, home string) {
	t.Helper()
	for _, line := range processes(t, home) {
		if strings.Contains(line, "-daemon") {
			t.Errorf("a daemon, which nobody stops, was started: %q", line)
		}
	}
	for _, name := range []string{MariaDB, Redis, RabbitMQ} {
		info, err := os.Stat(filepath.Join(home, "servers", name, "password"))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("password of %s has mode %v", name, info.Mode())
		}
	}
}

func checkError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// store keeps something in each server; check finds it.
func store(t *testing.T, s *Servers) {
	t.Helper()
	db := openDB(t, s)
	defer db.Close()
	for _, statement := range []string{
		"CREATE TABLE kept (id INT PRIMARY KEY, word VARCHAR(20))",
		"INSERT INTO kept VALUES (1, '서울')",
		"CREATE DATABASE another",
	} {
		_, err := db.ExecContext(t.Context(), statement)
		checkError(t, err)
	}
	for _, url := range []string{s.RedisURL, s.SessionRedisURL} {
		conn := dialRedis(t, url)
		defer conn.Close()
		_, err := conn.Do("SET", "kept", url)
		checkError(t, err)
	}
	conn, channel := dialAMQP(t, s)
	defer conn.Close()
	_, err := channel.QueueDeclare("kept", true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	checkError(t, err)
	checkError(t, channel.Confirm(false))
	message := amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("kept")}
	confirm, err := channel.PublishWithDeferredConfirm("", "kept", true, false, message)
	checkError(t, err)
	if !confirm.Wait() {
		t.Fatal("the message was not confirmed")
	}
}

func check(t *testing.T, s *Servers) {
	t.Helper()
	var word, charset string
	db := openDB(t, s)
	defer db.Close()
	row := db.QueryRowContext(t.Context(), "SELECT word, @@character_set_server FROM kept")
	if err := row.Scan(&word, &charset); err != nil || word != "서울" || charset != "utf8mb4" {
		t.Errorf("MariaDB kept %q (%s): %v", word, charset, err)
	}
	for _, url := range []string{s.RedisURL, s.SessionRedisURL} {
		conn := dialRedis(t, url)
		defer conn.Close()
		if got, err := redis.String(conn.Do("GET", "kept")); err != nil || got != url {
			t.Errorf("Redis kept %q: %v", got, err)
		}
	}
	conn, channel := dialAMQP(t, s)
	defer conn.Close()
	message, ok, err := channel.Get("kept", false) // unacknowledged: it goes back
	if err != nil || !ok || string(message.Body) != "kept" {
		t.Errorf("RabbitMQ kept %q (%t): %v", message.Body, ok, err)
	}
}

func openDB(t *testing.T, s *Servers) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", s.DBDSN)
	checkError(t, err)
	return db
}

func dialRedis(t *testing.T, url string) redis.Conn {
	t.Helper()
	conn, err := redis.DialURL(url)
	checkError(t, err)
	return conn
}

func dialAMQP(t *testing.T, s *Servers) (*amqp.Connection, *amqp.Channel) {
	t.Helper()
	conn, err := amqp.Dial(s.AMQPURL)
	checkError(t, err)
	channel, err := conn.Channel()
	checkError(t, err)
	return conn, channel
}

// ping checks that a Redis answers.
func ping(t *testing.T, url string) {
	t.Helper()
	conn := dialRedis(t, url)
	defer conn.Close()
	if _, err := conn.Do("PING"); err != nil {
		t.Error(err)
	}
}

func TestKilledOwnerLeavesNothing(t *testing.T) {
	home := t.TempDir()
	killed := startOwner(t, Options{Home: home, BufferPoolMB: 64})
	killed.servers(t)
	killed.kill(t)
	awaitNone(t, home, 30*time.Second)
}

func TestRestartRightAfterKill(t *testing.T) {
	o := Options{Home: t.TempDir(), DBDSN: given, AMQPURL: given}
	killed := startOwner(t, o)
	before := killed.servers(t)
	killed.kill(t)
	after := mustStart(t, o) // the guard of the killed one is just stopping the server
	if after.RedisURL != before.RedisURL {
		t.Errorf("address %q, before %q", after.RedisURL, before.RedisURL)
	}
	ping(t, after.RedisURL)
}

func TestSharedByProcesses(t *testing.T) {
	o := Options{Home: t.TempDir(), DBDSN: given, AMQPURL: given, Shared: true, Linger: time.Second}
	var owners []*owner
	for range 4 {
		owners = append(owners, startOwner(t, o))
	}
	first := owners[0].servers(t)
	for _, other := range owners[1:] {
		if got := other.servers(t); got.RedisURL != first.RedisURL {
			t.Errorf("processes have different servers: %s and %s", got.RedisURL, first.RedisURL)
		}
	}
	exclusive := o
	exclusive.Shared = false
	if _, err := Start(t.Context(), exclusive); !errors.Is(err, ErrInUse) {
		t.Errorf("exclusive start in a shared home: %v, want ErrInUse", err)
	}
	owners[0].stop(t)
	owners[1].kill(t)
	owners[2].kill(t)
	ping(t, first.RedisURL) // one process still uses it
	owners[3].kill(t)
	awaitNone(t, o.Home, 30*time.Second)
}

func TestSharedAgainDuringLinger(t *testing.T) {
	o := Options{Home: t.TempDir(), DBDSN: given, AMQPURL: given, Shared: true, Linger: 10 * time.Second}
	first := mustStart(t, o)
	run := serverRun(t, first)
	checkError(t, first.Stop())
	second := mustStart(t, o)
	if again := serverRun(t, second); again != run {
		t.Error("the server was started anew within the linger")
	}
	// Who wants it alone ends what lingers, instead of waiting.
	checkError(t, second.Stop())
	o.Shared = false
	alone := mustStart(t, o)
	if again := serverRun(t, alone); again == run {
		t.Error("an exclusive user got a server that was started for others")
	}
}

// serverRun identifies one run of the Redis server.
func serverRun(t *testing.T, s *Servers) string {
	t.Helper()
	conn := dialRedis(t, s.RedisURL)
	defer conn.Close()
	info, err := redis.String(conn.Do("INFO", "server"))
	checkError(t, err)
	_, after, _ := strings.Cut(info, "run_id:")
	run, _, _ := strings.Cut(after, "\r\n")
	return run
}

func TestSharedServerThatDied(t *testing.T) {
	o := Options{Home: t.TempDir(), DBDSN: given, AMQPURL: given, Shared: true, Linger: time.Second}
	first := mustStart(t, o)
	for _, pid := range holders(filepath.Join(o.Home, "servers", Redis, "lock")) {
		checkError(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	second := mustStart(t, o)
	if second.RedisURL != first.RedisURL {
		t.Errorf("address %q, before %q", second.RedisURL, first.RedisURL)
	}
	ping(t, second.RedisURL)
}

func TestServerThatCannotStart(t *testing.T) {
	o := Options{Home: t.TempDir(), DBDSN: given, AMQPURL: given}
	folder := filepath.Join(o.Home, "servers", Redis)
	checkError(t, os.MkdirAll(folder, 0o700))
	checkError(t, os.WriteFile(filepath.Join(folder, "appendonlydir"), []byte("not a folder"), 0o600))
	_, err := Start(t.Context(), o)
	if !errors.Is(err, ErrNotReady) {
		t.Fatalf("got %v, want ErrNotReady", err)
	}
	if !strings.Contains(err.Error(), "appendonlydir") {
		t.Errorf("the message does not have the end of the log: %v", err)
	}
	if left := processes(t, o.Home); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	o := Options{Home: t.TempDir(), RedisURL: given, AMQPURL: given, BufferPoolMB: 64}
	ctx, cancel := context.WithCancelCause(t.Context())
	changed := errors.New("changed my mind")
	go func() {
		// As soon as the installation of the data folder has begun.
		_ = poll(ctx, func() bool { return exists(filepath.Join(o.Home, "servers", MariaDB, "data.new")) })
		cancel(changed)
	}()
	if _, err := Start(ctx, o); !errors.Is(err, changed) {
		t.Errorf("got %v, want the cause", err)
	}
	if left := processes(t, o.Home); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	mustStart(t, o)
}
