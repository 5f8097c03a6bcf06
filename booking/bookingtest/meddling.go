package bookingtest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Meddling is what a test does between database/sql and the driver. The zero value does nothing.
type Meddling struct {
	// Cuts take clauses out of the real SQL.
	Cuts []Cut
	// Isolation replaces the transactions' own; 0 leaves it.
	Isolation driver.IsolationLevel
	// Clock is the database's clock for these connections; nil leaves it.
	Clock *Clock
	// Fault decides what becomes of a statement; nil: all run.
	Fault func(Statement) Fault
	// Late is when the server runs what was lost with LoseDuring.
	Late <-chan struct{}
	// See is told every statement that ran without an error, BEGIN, COMMIT and ROLLBACK too.
	See func(Statement)
}

// Statement is one that a connection is about to run or has run.
type Statement struct {
	Conn  *Conn  // in whose one transaction at a time it runs
	Index int    // within its transaction; BEGIN is 0. Outside of one it is -1
	Text  string // BEGIN, COMMIT and ROLLBACK are those of database/sql
	Args  []driver.NamedValue
}

// Fault is what becomes of a statement.
type Fault int

// The faults.
const (
	None       Fault = iota
	Deadlock         // the server rolls the transaction back and says 1213
	LockWait         // the server says 1205; the transaction stays open
	LoseBefore       // the connection is lost before the server gets the statement
	LoseAfter        // the connection is lost when the server has run it
	LoseDuring       // the connection is lost; the server goes on with a COMMIT when Late is closed, with nothing else
)

// Cut takes a clause out of a statement, or puts another in its place. Statements without it stay as they are.
type Cut struct{ Clause, By string }

// Clock is a database's clock that a test moves. It stands still in between.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock, in whole seconds.
func NewClock(now time.Time) *Clock { return &Clock{now: now.Truncate(time.Second)} }

// Now is the present of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move turns the clock, in whole seconds.
func (c *Clock) Move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by.Truncate(time.Second))
}

// meddled is a connector with something between it and database/sql.
type meddled struct {
	driver.Connector
	m Meddling
}

func (c meddled) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &Conn{inner: conn.(inner), m: c.m, index: -1}, nil
}

// inner is what the MySQL driver's connections can do.
type inner interface {
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

// Conn is one connection with something between.
type Conn struct {
	inner
	m     Meddling
	index int
	clock time.Time // as the session has it
	gone  bool      // lost, while the server goes on
}

// IsValid is false for a lost connection.
func (c *Conn) IsValid() bool { return !c.gone && c.inner.IsValid() }

// Close closes the connection, unless the server is to go on with what was lost.
func (c *Conn) Close() error {
	if c.gone {
		return nil
	}
	return c.inner.Close()
}

// BeginTx begins a transaction, at the isolation that the test wants.
func (c *Conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if c.m.Isolation != 0 {
		opts.Isolation = c.m.Isolation
	}
	c.index = 0
	var tx driver.Tx
	err := c.run(ctx, "BEGIN", nil, func() (err error) {
		tx, err = c.inner.BeginTx(ctx, opts)
		return err
	})
	if err != nil {
		c.index = -1
		return nil, err
	}
	return &meddledTx{c, tx}, nil
}

// ExecContext runs a statement with its clauses cut.
func (c *Conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	query = c.cut(query)
	err = c.run(ctx, query, args, func() (err error) {
		result, err = c.inner.ExecContext(ctx, query, args)
		return err
	})
	return result, err
}

// QueryContext runs a query with its clauses cut.
func (c *Conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	query = c.cut(query)
	err = c.run(ctx, query, args, func() (err error) {
		rows, err = c.inner.QueryContext(ctx, query, args)
		return err
	})
	return rows, err
}

func (c *Conn) cut(query string) string {
	for _, cut := range c.m.Cuts {
		query = strings.ReplaceAll(query, cut.Clause, cut.By)
	}
	return query
}

// run runs one statement, or the fault in its place.
func (c *Conn) run(ctx context.Context, text string, args []driver.NamedValue, do func() error) error {
	if c.gone {
		return mysql.ErrInvalidConn
	}
	s := Statement{Conn: c, Index: c.index, Text: text, Args: args}
	if c.index >= 0 {
		c.index++
	}
	if err := c.setClock(ctx); err != nil {
		return err
	}
	fault := None
	if c.m.Fault != nil {
		fault = c.m.Fault(s)
	}
	if fault == LoseDuring && text != "COMMIT" {
		fault = LoseBefore
	}
	switch fault {
	case Deadlock:
		_, err := c.inner.ExecContext(ctx, "ROLLBACK", nil)
		return errors.Join(err, &mysql.MySQLError{Number: 1213, Message: "Deadlock found (made up)"})
	case LockWait:
		return &mysql.MySQLError{Number: 1205, Message: "Lock wait timeout exceeded (made up)"}
	case LoseBefore:
		return c.lose()
	case LoseAfter:
		if err := do(); err != nil {
			return err
		}
		return c.lose()
	case LoseDuring:
		c.gone = true
		go func() {
			<-c.m.Late
			_ = do()
			_ = c.inner.Close()
		}()
		return mysql.ErrInvalidConn
	}
	if err := do(); err != nil {
		return err
	}
	if c.m.See != nil {
		c.m.See(s)
	}
	return nil
}

func (c *Conn) lose() error {
	_ = c.inner.Close() // how it ends does not matter: it is lost
	return mysql.ErrInvalidConn
}

func (c *Conn) setClock(ctx context.Context) error {
	if c.m.Clock == nil || c.m.Clock.Now().Equal(c.clock) {
		return nil
	}
	now := c.m.Clock.Now()
	_, err := c.inner.ExecContext(ctx, fmt.Sprintf("SET timestamp = %d", now.Unix()), nil)
	if err == nil {
		c.clock = now
	}
	return err
}

// meddledTx is a transaction whose end may be meddled with too.
type meddledTx struct {
	c *Conn
	driver.Tx
}

// Commit commits, or what the test has in its place.
func (t *meddledTx) Commit() error {
	err := t.c.run(context.Background(), "COMMIT", nil, t.Tx.Commit)
	t.c.index = -1
	return err
}

// Rollback rolls back.
func (t *meddledTx) Rollback() error {
	err := t.c.run(context.Background(), "ROLLBACK", nil, t.Tx.Rollback)
	t.c.index = -1
	return err
}
