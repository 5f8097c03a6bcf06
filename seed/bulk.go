package seed

import (
	"context"
	"database/sql"
	"strings"
)

// bulkRows is how many rows go into one INSERT.
const bulkRows = 500

// execer is a connection or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// insert writes many rows with few statements. into is "table (columns)", every row has a value for each of
// them, and tail comes last, such as ON DUPLICATE KEY UPDATE.
func insert(ctx context.Context, on execer, into string, rows [][]any, tail string) error {
	for len(rows) > 0 {
		n := min(bulkRows, len(rows))
		if err := insertSome(ctx, on, into, rows[:n], tail); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func insertSome(ctx context.Context, on execer, into string, rows [][]any, tail string) error {
	group := "(" + strings.TrimSuffix(strings.Repeat("?,", len(rows[0])), ",") + ")"
	var text strings.Builder
	text.WriteString("INSERT INTO " + into + " VALUES ")
	var values []any
	for i, r := range rows {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(group)
		values = append(values, r...)
	}
	text.WriteString(" " + tail)
	_, err := on.ExecContext(ctx, text.String(), values...)
	return err
}

// keep is the tail that leaves rows as they are which are there already. Unlike IGNORE it hides no other
// fault.
func keep(keyColumn string) string {
	return "ON DUPLICATE KEY UPDATE " + keyColumn + " = " + keyColumn
}
