package testenv

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// config is the server's address and account.
func (e *environment) config() *mysql.Config {
	cfg, err := mysql.ParseDSN(e.servers.DBDSN)
	if err != nil {
		panic(err) // start has parsed it
	}
	return cfg
}

// dsn returns the address of a database on the server.
func (e *environment) dsn(name string) string {
	cfg := e.config()
	cfg.DBName = name
	return cfg.FormatDSN()
}

// prefix begins the names of all databases of this checkout: others may use the same given server.
func (e *environment) prefix() string { return "pigonair_test_" + digest(e.home) + "_" }

// onServer runs use on a connection that allows several statements at once and does not check foreign
// keys. It leaves no connection behind: tests look for goroutines that leak.
func (e *environment) onServer(ctx context.Context, use func(*sql.Conn) error) error {
	cfg := e.config()
	cfg.DBName = ""
	cfg.MultiStatements = true
	cfg.InterpolateParams = true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := execAll(ctx, conn, "SET foreign_key_checks = 0, lock_wait_timeout = 30"); err != nil {
		return err
	}
	return use(conn)
}

// execAll runs statements in one round trip.
func execAll(ctx context.Context, conn *sql.Conn, statements ...string) error {
	if _, err := conn.ExecContext(ctx, strings.Join(statements, ";\n")); err != nil {
		return fmt.Errorf("%s: %w", statements[0], err)
	}
	return nil
}

// words returns the first column of a query's rows.
func words(ctx context.Context, conn *sql.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			return nil, err
		}
		all = append(all, word)
	}
	return all, rows.Err()
}

// disconnectOthers ends connections to a database that a test has left open: they may hold locks.
func disconnectOthers(ctx context.Context, conn *sql.Conn, name string) error {
	ids, err := words(ctx, conn, "SELECT id FROM information_schema.processlist WHERE db = ?", name)
	if err != nil {
		return err
	}
	const noSuchThread = 1094 // it has ended since
	for _, id := range ids {
		var refused *mysql.MySQLError
		err := execAll(ctx, conn, "KILL "+id)
		if err != nil && !(errors.As(err, &refused) && refused.Number == noSuchThread) {
			return err
		}
	}
	return nil
}

// tableSizes estimates the rows of each table; it is empty if there is no such database.
func tableSizes(ctx context.Context, conn *sql.Conn, name string) (map[string]int64, error) {
	rows, err := conn.QueryContext(ctx,
		"SELECT table_name, COALESCE(table_rows, 0) FROM information_schema.tables WHERE table_schema = ?", name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sizes := map[string]int64{}
	for rows.Next() {
		var table string
		var size int64
		if err := rows.Scan(&table, &size); err != nil {
			return nil, err
		}
		sizes[table] = size
	}
	return sizes, rows.Err()
}
