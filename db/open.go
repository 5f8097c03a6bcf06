// Package db holds the schema, the queries that sqlc generates from db/query, and the few things around
// them: opening a pool, migrations, transactions and the ids that the application makes.
package db

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Pool bounds the connections that one process opens.
type Pool struct {
	// MaxOpen is the most connections at once; more would only queue inside the database. 0 means 16.
	MaxOpen int
	// LockWait is how long a statement waits for a row lock before error 1205. 0 means 2 s.
	LockWait time.Duration
}

// Open returns a pool for a DSN in go-sql-driver's form. What correctness depends on (UTC, times parsed,
// short lock waits) is set here and overrides the DSN. It does not connect.
func Open(dsn string, pool Pool) (*sql.DB, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("db.Open: %w", err)
	}
	connector, err := mysql.NewConnector(withRules(cfg, pool))
	if err != nil {
		return nil, fmt.Errorf("db.Open: %w", err)
	}
	sqldb := sql.OpenDB(connector)
	size := max(pool.MaxOpen, 0)
	if size == 0 {
		size = 16
	}
	sqldb.SetMaxOpenConns(size)
	sqldb.SetMaxIdleConns(size)
	sqldb.SetConnMaxLifetime(30 * time.Minute)
	return sqldb, nil
}

// withRules fixes the session settings that the rest of the program relies on.
func withRules(cfg *mysql.Config, pool Pool) *mysql.Config {
	wait := pool.LockWait
	if wait == 0 {
		wait = 2 * time.Second
	}
	cfg.ParseTime = true
	cfg.Loc = time.UTC
	cfg.InterpolateParams = true
	cfg.RejectReadOnly = true
	cfg.Timeout = 5 * time.Second
	cfg.ReadTimeout = 30 * time.Second
	cfg.WriteTimeout = 10 * time.Second
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["time_zone"] = "'+00:00'"
	cfg.Params["innodb_lock_wait_timeout"] = fmt.Sprint(max(1, int(wait.Seconds())))
	return cfg
}
