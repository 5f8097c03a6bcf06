package db_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/go-sql-driver/mysql"

	"pigonair/db"
	"pigonair/internal/testenv"
)

func TestTransactRepeatsTheWholeOnADeadlock(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	runs := 0
	err := db.Transact(t.Context(), pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		runs++
		if err := tx.IDBlockTake(ctx, "test", 1); err != nil {
			return err
		}
		if runs < 3 {
			return &mysql.MySQLError{Number: 1213}
		}
		return nil
	})
	if err != nil || runs != 3 {
		t.Fatalf("%d runs, %v", runs, err)
	}
	end, err := db.New(pool).IDBlockEnd(t.Context(), "test")
	if err != nil || end != 1 {
		t.Errorf("the two failed runs left something: %d, %v", end, err)
	}
}

func TestTransactDoesNotRepeatADuplicate(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	runs := 0
	err := db.Transact(t.Context(), pool, sql.LevelReadCommitted, func(context.Context, *db.Tx) error {
		runs++
		return &mysql.MySQLError{Number: 1062}
	})
	if !db.IsDuplicate(err) || runs != 1 {
		t.Fatalf("%d runs, %v", runs, err)
	}
}

func TestTransactRefusesToNest(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	err := db.Transact(t.Context(), pool, sql.LevelReadCommitted, func(ctx context.Context, _ *db.Tx) error {
		return db.Transact(ctx, pool, sql.LevelReadCommitted, func(context.Context, *db.Tx) error { return nil })
	})
	if !errors.Is(err, db.ErrNested) {
		t.Fatal(err)
	}
}

func TestTransactRollsBackOnPanic(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	func() {
		defer func() { _ = recover() }()
		_ = db.Transact(t.Context(), pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
			if err := tx.IDBlockTake(ctx, "test", 1); err != nil {
				return err
			}
			panic("test")
		})
	}()
	if _, err := db.New(pool).IDBlockEnd(t.Context(), "test"); !errors.Is(err, sql.ErrNoRows) {
		t.Fatalf("a panic left something behind: %v", err)
	}
}

func TestIDsOfTwoProcessesNeverMeet(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	seen := map[int64]bool{}
	sources := []*db.IDs{db.NewIDs(pool), db.NewIDs(pool)}
	for i := range 25_000 {
		id, err := sources[i%2].Next(t.Context(), db.BookingIDs)
		if err != nil {
			t.Fatal(err)
		}
		if seen[id] || id <= 0 {
			t.Fatalf("id %d twice or not positive", id)
		}
		seen[id] = true
	}
}
