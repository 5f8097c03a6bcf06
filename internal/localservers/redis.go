package localservers

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gomodule/redigo/redis"
)

// redisDatabases is generous, so that each test can have one of its own; an unused one costs nothing.
const redisDatabases = 1024

// redisServer runs a private Redis that keeps its data as a production one would: every write goes to the
// append-only file, synced each second, and nothing is ever evicted.
type redisServer struct {
	dir      string
	programs programs
	ports    ports
	secret   string
}

func newRedis(dir string, found programs, known ports) (*redisServer, error) {
	secret, err := password(filepath.Join(dir, "password"))
	if err != nil {
		return nil, err
	}
	return &redisServer{dir: dir, programs: found, ports: known, secret: secret}, nil
}

func (r *redisServer) url(database int) string {
	u := url.URL{
		Scheme: "redis",
		User:   url.UserPassword("", r.secret),
		Host:   loopback(r.ports[Redis]),
		Path:   fmt.Sprintf("/%d", database),
	}
	return u.String()
}

func (r *redisServer) prepare(context.Context) (command, error) {
	path := filepath.Join(r.dir, "redis.conf")
	if err := writeFile(path, []byte(r.config())); err != nil {
		return command{}, err
	}
	return command{args: []string{r.programs.redis, path}, env: cleanEnv("HOME=" + r.dir)}, nil
}

// config needs no folder: the server runs in its own.
func (r *redisServer) config() string {
	return fmt.Sprintf(`bind 127.0.0.1
port %d
requirepass %s
databases %d
daemonize no
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
`, r.ports[Redis], r.secret, redisDatabases)
}

var redisVersion = regexp.MustCompile(`redis_version:(\S+)`)

func (r *redisServer) probe(ctx context.Context) (string, error) {
	const timeout = 2 * time.Second
	dial := func(network, address string) (net.Conn, error) {
		return (&net.Dialer{Timeout: timeout}).DialContext(ctx, network, address)
	}
	conn, err := redis.Dial("tcp", loopback(r.ports[Redis]), redis.DialPassword(r.secret),
		redis.DialNetDial(dial), redis.DialReadTimeout(timeout), redis.DialWriteTimeout(timeout))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	// Unlike INFO, PING is refused while the data is still being loaded.
	if _, err := conn.Do("PING"); err != nil {
		return "", err
	}
	info, err := redis.String(conn.Do("INFO", "server"))
	if err != nil {
		return "", err
	}
	if match := redisVersion.FindStringSubmatch(info); match != nil {
		return match[1], nil
	}
	return "", nil
}
