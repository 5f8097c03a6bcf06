// Package db holds the schema, the queries that sqlc generates from db/query, and the few things around
// them: opening a pool, migrations, transactions and the ids that the application makes.
package db

import (
	"database/sql"
	"database/sql/driver"
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

// Open returns a pool for a DSN in go-sql-driver's form. It does not connect.
func Open(dsn string, pool Pool) (*sql.DB, error) {
	connector, err := Connector(dsn, pool)
	if err != nil {
		return nil, err
	}
	return OpenConnector(connector, pool), nil
}

// Connector makes the connections of Open. What correctness depends on (UTC, times parsed, short lock waits) is set
// here and overrides the DSN. Whoever wants to watch statements wraps it and goes on with OpenConnector.
func Connector(dsn string, pool Pool) (driver.Connector, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("db.Open: %w", err)
	}
	connector, err := mysql.NewConnector(withRules(cfg, pool))
	if err != nil {
		return nil, fmt.Errorf("db.Open: %w", err)
	}
	return connector, nil
}

// OpenConnector returns a pool over a connector, with the bounds of pool. It does not connect.
func OpenConnector(connector driver.Connector, pool Pool) *sql.DB {
	sqldb := sql.OpenDB(strictConnector{connector})
	size := pool.MaxOpen
	if size <= 0 {
		size = defaultMaxOpen
	}
	sqldb.SetMaxOpenConns(size)
	sqldb.SetMaxIdleConns(size)
	sqldb.SetConnMaxLifetime(30 * time.Minute)
	return sqldb
}

const defaultMaxOpen = 16

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
