package testenv

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"pigonair/db"
)

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	one, two := DB(t), DB(t)
	for _, pool := range []*sql.DB{one, two} {
		if pending, err := db.Pending(t.Context(), pool); err != nil || pending {
			t.Errorf("migrations are missing: %t, %v", pending, err)
		}
	}
	mustExec(t, one, "INSERT INTO id_block (name, next_id) VALUES ('x', 1)")
	if rows := count(t, two, "id_block"); rows != 0 {
		t.Errorf("%d rows of another database", rows)
	}
}

// dirty is a database, and how to reset it as the next test would.
type dirty struct {
	pool  *sql.DB
	dsn   string
	name  string
	notes *os.File
}

func newDirty(t *testing.T) *dirty {
	t.Helper()
	dsn := DSN(t)
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	notes, err := os.Create(filepath.Join(t.TempDir(), "notes"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { notes.Close() })
	d := &dirty{dsn: dsn, name: cfg.DBName, notes: notes}
	d.connect(t)
	return d
}

func (d *dirty) connect(t *testing.T) {
	t.Helper()
	pool, err := db.Open(d.dsn, db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	d.pool = pool
}

func (d *dirty) reset(t *testing.T, notes string) {
	t.Helper()
	e := get(t)
	template, err := e.template()
	if err != nil {
		t.Fatal(err)
	}
	if err := note(d.notes, notes); err != nil {
		t.Fatal(err)
	}
	if err := e.onServer(t.Context(), func(conn *sql.Conn) error {
		return template.reset(t.Context(), conn, d.name, d.notes)
	}); err != nil {
		t.Fatal(err)
	}
	// Its connections are gone, as those of an earlier test would be.
	d.connect(t)
	if text, err := noted(d.notes); err != nil || text != template.hash {
		t.Errorf("noted %q, %v, want %q", text, err, template.hash)
	}
}

func mustExec(t *testing.T, on interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statement string) {
	t.Helper()
	if _, err := on.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, pool *sql.DB, table string) int {
	t.Helper()
	var rows int
	if err := pool.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestResetEmptiesTables(t *testing.T) {
	d := newDirty(t)
	template, err := get(t).template()
	if err != nil {
		t.Fatal(err)
	}
	migrations := count(t, d.pool, "goose_db_version")
	mustExec(t, d.pool, "INSERT INTO id_block (name, next_id) VALUES ('x', 1)")
	// So many that the table is made anew.
	mustExec(t, d.pool, "INSERT INTO installation (name, value) VALUES "+
		strings.Repeat("(REPLACE(UUID(), '-', ''), ''), ", 9999)+"('last', '')")
	mustExec(t, d.pool, "ANALYZE TABLE installation")
	// A transaction that nobody ends.
	forgotten, err := d.pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer forgotten.Close() // that is, too late
	mustExec(t, forgotten, "BEGIN")
	mustExec(t, forgotten, "UPDATE id_block SET next_id = 2")

	d.reset(t, template.hash)
	for table, want := range map[string]int{"id_block": 0, "installation": 0, "goose_db_version": migrations} {
		if rows := count(t, d.pool, table); rows != want {
			t.Errorf("%s has %d rows, want %d", table, rows, want)
		}
	}
}

func TestResetMakesTablesAnew(t *testing.T) {
	d := newDirty(t)
	template, err := get(t).template()
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, d.pool, "DROP TABLE id_block")
	d.reset(t, template.hash)
	mustExec(t, d.pool, "INSERT INTO id_block (name, next_id) VALUES ('x', 1)")

	mustExec(t, d.pool, "ALTER TABLE id_block ADD COLUMN of_old_version INT")
	d.reset(t, "an old version")
	mustExec(t, d.pool, "INSERT INTO id_block VALUES ('x', 1)")
	if pending, err := db.Pending(t.Context(), d.pool); err != nil || pending {
		t.Errorf("migrations are missing: %t, %v", pending, err)
	}
}

func TestEmptyDatabase(t *testing.T) {
	pool, err := db.Open(EmptyDSN(t), db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if applied, err := db.Migrate(t.Context(), pool); err != nil || applied == 0 {
		t.Errorf("migrated %d: %v", applied, err)
	}
}

func TestOldTemplatesAreDropped(t *testing.T) {
	e := get(t)
	old := e.templateName(fmt.Sprintf("old_%d", os.Getpid()))
	err := e.onServer(t.Context(), func(conn *sql.Conn) error {
		if err := execAll(t.Context(), conn, "CREATE DATABASE IF NOT EXISTS "+old); err != nil {
			return err
		}
		if err := e.dropOldTemplates(t.Context(), conn, e.templateName("another")); err != nil {
			return err
		}
		left, err := words(t.Context(), conn,
			"SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?", old)
		if len(left) > 0 {
			t.Errorf("%s is left", old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
