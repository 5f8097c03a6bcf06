package flights_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"pigonair/db"
)

func database(t *testing.T) *sql.DB {
	t.Helper()
	root, err := db.Open("zp:zp@tcp(127.0.0.1:33991)/", db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("f%d_%s", os.Getpid(), strconv.FormatInt(time.Now().UnixNano(), 36))
	if _, err := root.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	pool, err := db.Open(fmt.Sprintf("zp:zp@tcp(127.0.0.1:33991)/%s", name), db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(context.Background(), pool); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close(); root.Exec("DROP DATABASE " + name); root.Close() })
	return pool
}

func redis(t *testing.T) (rueidis.Client, string) {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:33992"}, CacheSizeEachConn: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, t.Name() + strconv.FormatInt(time.Now().UnixNano(), 36) + ":"
}
