package testenv

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"

	"pigonair/db"
)

// maxDatabases bounds how many databases the tests of all processes have at the same time.
const maxDatabases = 200

// DB returns a pool on a database that is migrated and otherwise empty, for this test alone. Each call
// gives another database.
func DB(t testing.TB) *sql.DB {
	t.Helper()
	pool, err := db.Open(DSN(t), db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// DSN returns the address, in go-sql-driver's form, of a database as DB gives it.
func DSN(t testing.TB) string {
	t.Helper()
	e := get(t)
	template, err := e.template()
	if err != nil {
		t.Fatal(err)
	}
	number, notes := e.claim(t, e.config().Addr, "database", 0, maxDatabases)
	name := fmt.Sprintf("%s%d", e.prefix(), number)
	err = e.onServer(t.Context(), func(conn *sql.Conn) error {
		return template.reset(t.Context(), conn, name, notes)
	})
	if err != nil {
		t.Fatalf("database for test: %v", err)
	}
	return e.dsn(name)
}

// EmptyDSN returns the address of a database without any table, for this test alone. It is dropped when
// the test ends.
func EmptyDSN(t testing.TB) string {
	t.Helper()
	e := get(t)
	number, _ := e.claim(t, e.config().Addr, "empty-database", 0, maxDatabases)
	name := fmt.Sprintf("%sempty_%d", e.prefix(), number)
	run := func(ctx context.Context, statements ...string) error {
		return e.onServer(ctx, func(conn *sql.Conn) error { return execAll(ctx, conn, statements...) })
	}
	drop := "DROP DATABASE IF EXISTS " + name
	if err := run(t.Context(), drop, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("database for test: %v", err)
	}
	t.Cleanup(func() {
		if err := run(context.Background(), drop); err != nil {
			t.Errorf("drop database of test: %v", err)
		}
	})
	return e.dsn(name)
}

// noted returns what was last noted in a lock file.
func noted(file *os.File) (string, error) {
	text, err := os.ReadFile(file.Name())
	return string(text), err
}

func note(file *os.File, text string) error { return os.WriteFile(file.Name(), []byte(text), 0o600) }
