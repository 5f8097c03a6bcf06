package waitingroom

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/rueidis"

	"pigonair/db"
)

var dbN atomic.Int64
var once sync.Once

func testDB(t testing.TB) *sql.DB {
	t.Helper()
	name := fmt.Sprintf("wr_%d", dbN.Add(1))
	root, err := db.Open("t@tcp(127.0.0.1:7396)/", db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := root.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	pool, err := db.Open("t@tcp(127.0.0.1:7396)/"+name, db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	if _, err := db.Migrate(context.Background(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

func testRedis(t testing.TB) (rueidis.Client, string) {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:7391"}})
	if err != nil {
		t.Fatal(err)
	}
	once.Do(func() { c.Do(context.Background(), c.B().Flushall().Build()) })
	t.Cleanup(c.Close)
	return c, fmt.Sprintf("t%d", dbN.Add(1))
}
