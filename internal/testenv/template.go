package testenv

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pigonair/db"
	"pigonair/internal/localservers/filelock"
)

// template is a database that was migrated once and that the tests' databases are copies of: making tables
// anew is quicker than migrating, and emptying those that an earlier test has filled is quicker still.
type template struct {
	hash   string // of the schema
	name   string
	lock   *os.File // shared; whoever gets it exclusively may drop the template
	tables []string // sorted; the schema has no views
	create []string // CREATE TABLE statements
	refill []string // statements that copy the rows which the migrations have put in
}

// openTemplate returns the template of our schema's version, making it if no other process has done so.
func (e *environment) openTemplate() (*template, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	t := &template{}
	var err error
	if t.hash, err = schemaHash(); err != nil {
		return nil, err
	}
	t.name = e.templateName(t.hash)
	err = e.onServer(ctx, func(conn *sql.Conn) error {
		if err := e.dropOldTemplates(ctx, conn, t.name); err != nil {
			return err
		}
		if t.lock, err = e.lockTemplate(ctx, conn, t.hash); err != nil {
			return err
		}
		return t.read(ctx, conn)
	})
	if err != nil {
		return nil, fmt.Errorf("template of the tests' databases: %w", err)
	}
	return t, nil
}

// schemaHash names a version of the schema.
func schemaHash() (string, error) {
	var parts []string
	err := fs.WalkDir(db.SchemaFS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(db.SchemaFS(), path)
		parts = append(parts, path, string(text))
		return err
	})
	return digest(parts...), err
}

func (e *environment) templateName(hash string) string { return e.prefix() + "template_" + hash }

func (e *environment) templateLock(hash string) (string, error) {
	folder, err := e.lockFolder(e.config().Addr)
	return filepath.Join(folder, "template-"+hash), err
}

// lockTemplate returns a shared lock on the template when that is complete.
func (e *environment) lockTemplate(ctx context.Context, conn *sql.Conn, hash string) (*os.File, error) {
	path, err := e.templateLock(hash)
	if err != nil {
		return nil, err
	}
	for {
		shared, _, err := filelock.Wait(ctx, filelock.Shared, path)
		if err != nil {
			return nil, err
		}
		complete, err := e.complete(ctx, conn, e.templateName(hash))
		if err == nil && complete {
			return shared, nil
		}
		shared.Close()
		if err != nil {
			return nil, err
		}
		if err := e.makeTemplate(ctx, conn, path, e.templateName(hash)); err != nil {
			return nil, err
		}
	}
}

// complete tells whether the database exists and has all migrations.
func (e *environment) complete(ctx context.Context, conn *sql.Conn, name string) (bool, error) {
	there, err := words(ctx, conn, "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", name)
	if err != nil || len(there) == 0 {
		return false, err
	}
	pool, err := db.Open(e.dsn(name), db.Pool{})
	if err != nil {
		return false, err
	}
	defer pool.Close()
	pending, err := db.Pending(ctx, pool)
	return !pending, err
}

// makeTemplate migrates while nobody else looks. It begins anew where a killed process had begun.
func (e *environment) makeTemplate(ctx context.Context, conn *sql.Conn, lockPath, name string) error {
	lock, _, err := filelock.Wait(ctx, filelock.Exclusive, lockPath)
	if err != nil {
		return err
	}
	defer lock.Close()
	if complete, err := e.complete(ctx, conn, name); err != nil || complete {
		return err
	}
	if err := execAll(ctx, conn, "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name); err != nil {
		return err
	}
	pool, err := db.Open(e.dsn(name), db.Pool{})
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = db.Migrate(ctx, pool)
	return err
}

// dropOldTemplates drops those of other versions that no process uses.
func (e *environment) dropOldTemplates(ctx context.Context, conn *sql.Conn, ours string) error {
	all := e.templateName("")
	names, err := words(ctx, conn,
		"SELECT schema_name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ? AND schema_name <> ?",
		len(all), all, ours)
	if err != nil {
		return err
	}
	for _, name := range names {
		path, err := e.templateLock(strings.TrimPrefix(name, all))
		if err != nil {
			return err
		}
		lock, err := filelock.Try(path, filelock.Exclusive)
		if errors.Is(err, filelock.ErrHeld) {
			continue
		}
		if err != nil {
			return err
		}
		err = execAll(ctx, conn, "DROP DATABASE IF EXISTS "+name)
		lock.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// read learns the template's tables and rows.
func (t *template) read(ctx context.Context, conn *sql.Conn) (err error) {
	t.tables, err = words(ctx, conn,
		"SELECT table_name FROM information_schema.tables WHERE table_schema = ?", t.name)
	if err != nil {
		return err
	}
	slices.Sort(t.tables)
	for _, table := range t.tables {
		var create string
		row := conn.QueryRowContext(ctx, "SHOW CREATE TABLE "+t.name+"."+table)
		if err := row.Scan(new(string), &create); err != nil {
			return fmt.Errorf("SHOW CREATE TABLE %s: %w", table, err)
		}
		t.create = append(t.create, create)
		if err := t.readRows(ctx, conn, table); err != nil {
			return err
		}
	}
	return nil
}

// readRows remembers to copy a table's rows if it has any.
func (t *template) readRows(ctx context.Context, conn *sql.Conn, table string) error {
	rows, err := words(ctx, conn, "SELECT 1 FROM "+t.name+"."+table+" LIMIT 1")
	if err != nil || len(rows) == 0 {
		return err
	}
	columns, err := words(ctx, conn, `SELECT column_name FROM information_schema.columns
		WHERE table_schema = ? AND table_name = ? AND extra NOT LIKE '%GENERATED%'`, t.name, table)
	if err != nil {
		return err
	}
	list := "`" + strings.Join(columns, "`, `") + "`"
	t.refill = append(t.refill,
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s.%s", table, list, list, t.name, table))
	return nil
}

// reset makes the database a copy of the template, whatever an earlier test has left in it. Its notes say
// of which version of the schema it is.
func (t *template) reset(ctx context.Context, conn *sql.Conn, name string, notes *os.File) error {
	if err := disconnectOthers(ctx, conn, name); err != nil {
		return err
	}
	sizes, err := tableSizes(ctx, conn, name)
	if err != nil {
		return err
	}
	hash, err := noted(notes)
	if err != nil {
		return err
	}
	if hash == t.hash && slices.Equal(slices.Sorted(maps.Keys(sizes)), t.tables) {
		return t.clear(ctx, conn, name, sizes)
	}
	statements := []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name, "USE " + name}
	statements = append(append(statements, t.create...), t.refill...)
	if err := execAll(ctx, conn, statements...); err != nil {
		return err
	}
	return note(notes, t.hash)
}

// clear empties the tables, as large as they are, and puts the template's rows in.
func (t *template) clear(ctx context.Context, conn *sql.Conn, name string, sizes map[string]int64) error {
	statements := []string{"USE " + name}
	for table, rows := range sizes {
		// TRUNCATE makes a new file, which takes as long as deleting some thousand rows.
		if rows > 5000 {
			statements = append(statements, "TRUNCATE "+table)
		}
	}
	statements = append(statements, "BEGIN")
	for _, table := range t.tables {
		statements = append(statements, "DELETE FROM "+table)
	}
	statements = append(statements, t.refill...)
	return execAll(ctx, conn, append(statements, "COMMIT")...)
}
