package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Error numbers of MySQL and its relatives that mean: nothing of this transaction stays, begin again.
const (
	errLockWait         = 1205 // a lock was not granted in time
	errDeadlock         = 1213 // chosen as the victim, or a certification conflict on Galera
	errSnapshotConflict = 1020 // MariaDB 11.6 and later: the row changed since the snapshot
	errNotPrimary       = 1047 // a Galera node that is not part of the primary component
	errLockNoWait       = 3572 // MySQL 8's answer where MariaDB says 1205: NOWAIT, and the lock is taken
	errDuplicate        = 1062
)

// ErrNested is returned by Transact inside another transaction: an inner one could commit what the outer
// then rolls back.
var ErrNested = errors.New("db: transaction inside a transaction")

// ErrCommitUnknown means that the connection was lost while COMMIT ran: the change may or may not be there.
// Repeat it only under an idempotency key.
var ErrCommitUnknown = errors.New("db: outcome of the commit is unknown")

// tries bounds how often Transact runs a transaction that the database asks to repeat.
const tries = 5

// Tx is a running transaction: the generated queries, and Raw for the batched writes in batch.go.
type Tx struct {
	*Queries
	Raw *sql.Tx
}

type inTx struct{}

// Transact runs fn in one transaction at the given isolation and commits when fn returns nil. On a deadlock,
// a lock wait that timed out, or a lost connection before COMMIT the whole of fn runs again with fresh reads,
// at most five runs with jittered pauses. A panic rolls back. The caller names the isolation, with the
// reason beside it. Errors: ErrNested, ErrCommitUnknown, or what fn returned.
func Transact(ctx context.Context, pool *sql.DB, iso sql.IsolationLevel, fn func(context.Context, *Tx) error) error {
	for try := 1; ; try++ {
		err := TransactOnce(ctx, pool, iso, fn)
		switch {
		case !Retryable(err):
			return err
		case try == tries:
			return fmt.Errorf("gave up after %d tries: %w", tries, err)
		case !Pause(ctx, try-1):
			return err
		}
	}
}

// TransactOnce is Transact without the repetition, for callers that have a rule of their own for it.
func TransactOnce(ctx context.Context, pool *sql.DB, iso sql.IsolationLevel, fn func(context.Context, *Tx) error) error {
	if ctx.Value(inTx{}) != nil {
		return ErrNested
	}
	raw, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: iso})
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			_ = raw.Rollback()
			panic(p)
		}
	}()
	if err = fn(context.WithValue(ctx, inTx{}, true), &Tx{New(raw), raw}); err != nil {
		_ = raw.Rollback() // the reason is err; a failed rollback only means that the connection is gone
		return err
	}
	return commit(raw)
}

func commit(raw *sql.Tx) error {
	err := raw.Commit()
	if err == nil || refused(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
}

// refused tells whether a failed COMMIT surely stored nothing: the context ended before it was sent, or the server
// says that the transaction is gone. Any other answer, such as a shutdown's, may come after the change was stored.
func refused(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrTxDone) {
		return true
	}
	var answer *mysql.MySQLError
	return errors.As(err, &answer) && (rolledBack(answer.Number) || answer.Number == errDuplicate)
}

// rolledBack tells whether a server's error number means that nothing of the transaction stays and that it may run
// again.
func rolledBack(number uint16) bool {
	switch number {
	case errLockWait, errDeadlock, errSnapshotConflict, errNotPrimary, errLockNoWait:
		return true
	}
	return false
}

// Retryable tells whether a transaction that failed with err left nothing behind and may simply run again.
func Retryable(err error) bool {
	if err == nil || errors.Is(err, ErrCommitUnknown) {
		return false
	}
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return rolledBack(answer.Number)
	}
	return ConnectionLost(err)
}

// ConnectionLost tells whether err means that there is no connection (any more): before COMMIT, which left nothing
// behind, or while it ran, which is ErrCommitUnknown.
func ConnectionLost(err error) bool {
	var dial *net.OpError
	return errors.Is(err, ErrCommitUnknown) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || (errors.As(err, &dial) && dial.Op == "dial")
}

// IsLockWait tells whether err is a row lock that was not granted in time, or not at once under NOWAIT.
func IsLockWait(err error) bool {
	var answer *mysql.MySQLError
	return errors.As(err, &answer) && (answer.Number == errLockWait || answer.Number == errLockNoWait)
}

// IsDuplicate tells whether err is a refusal by a unique key.
func IsDuplicate(err error) bool {
	var answer *mysql.MySQLError
	return errors.As(err, &answer) && answer.Number == errDuplicate
}

// Pause waits 5–15 ms after the first try (0), doubled at each further one; false means that ctx ended first.
func Pause(ctx context.Context, try int) bool {
	base := 5 * time.Millisecond << try
	timer := time.NewTimer(base + rand.N(2*base))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
