package seed_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"pigonair/db"
)

func database(t *testing.T) *sql.DB {
	t.Helper()
	dsn := os.Getenv("FDSN")
	root, err := db.Open(dsn, db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d_%s", os.Getpid(), strconv.FormatInt(time.Now().UnixNano(), 36))
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := root.Exec(q); err != nil {
			t.Fatal(err)
		}
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
