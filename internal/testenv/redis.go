package testenv

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/redis/rueidis"
)

// Redis returns the URL of an empty Redis database for this test alone. Channels of PUBLISH, scripts and
// CLIENT TRACKING's messages are not per database: Redis shares them among all.
func Redis(t testing.TB) string {
	t.Helper()
	e := get(t)
	u, err := url.Parse(e.servers.RedisURL)
	if err != nil {
		t.Fatalf("address of Redis: %v", err)
	}
	// 0 and 1 are for people who look at a given server with their own tools.
	number, _ := e.claim(t, u.Host, "redis", 2, redisDatabases(t, u.String()))
	u.Path = "/" + strconv.Itoa(number)
	conn := dialRedis(t, u.String())
	defer conn.Close()
	if _, err := conn.Do("FLUSHDB"); err != nil {
		t.Fatalf("Redis database for test: %v", err)
	}
	return u.String()
}

// RedisClient returns a client of an empty Redis database for this test alone.
func RedisClient(t testing.TB) rueidis.Client {
	t.Helper()
	option, err := rueidis.ParseURL(Redis(t))
	if err != nil {
		t.Fatalf("address of Redis: %v", err)
	}
	client, err := rueidis.NewClient(option)
	if err != nil {
		t.Fatalf("Redis: %v", err)
	}
	t.Cleanup(client.Close)
	return client
}

// redisDatabases returns how many databases the server has.
func redisDatabases(t testing.TB, address string) int {
	t.Helper()
	conn := dialRedis(t, address)
	defer conn.Close()
	config, err := redis.StringMap(conn.Do("CONFIG", "GET", "databases"))
	if err != nil {
		t.Fatalf("how many databases Redis has: %v", err)
	}
	count, err := strconv.Atoi(config["databases"])
	if err != nil {
		t.Fatalf("how many databases Redis has: %v", err)
	}
	return count
}

func dialRedis(t testing.TB, address string) redis.Conn {
	t.Helper()
	const patience = 5 * time.Second
	conn, err := redis.DialURL(address, redis.DialConnectTimeout(patience),
		redis.DialReadTimeout(patience), redis.DialWriteTimeout(patience))
	if err != nil {
		t.Fatalf("connect to Redis: %v", err)
	}
	return conn
}
