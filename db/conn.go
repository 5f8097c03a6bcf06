package db

import (
	"context"
	"database/sql/driver"
)

// strictConnector makes connections that are thrown away when a COMMIT failed on them: some refusals, such as that of a
// Galera node which left the primary component, leave the transaction open with its locks.
type strictConnector struct{ driver.Connector }

// Connect opens one connection.
func (c strictConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		return conn, nil
	}
	return &strictConn{fullConn: full}, nil
}

// fullConn is what connections of go-sql-driver can do.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
	driver.Pinger
}

type strictConn struct {
	fullConn
	failed bool
}

// BeginTx begins a transaction whose COMMIT is watched.
func (c *strictConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.fullConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return strictTx{tx, c}, nil
}

// IsValid is false after a COMMIT that failed: the pool closes the connection.
func (c *strictConn) IsValid() bool { return !c.failed && c.fullConn.IsValid() }

type strictTx struct {
	driver.Tx
	conn *strictConn
}

// Commit commits.
func (t strictTx) Commit() error {
	err := t.Tx.Commit()
	t.conn.failed = err != nil
	return err
}
