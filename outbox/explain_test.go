package outbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"pigonair/db"
	"pigonair/internal/testenv"
	"pigonair/outbox"
)

// digits is a table of 0–9 from which larger ones are made.
const digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 " +
	"UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"

// fill makes 10,000 rows in each table: sent ones of all ages up to 10,000 minutes, of which every 100th is
// pending instead.
func fill(t *testing.T, pool *sql.DB) {
	t.Helper()
	number := "(a.n + 10 * b.n + 100 * c.n + 1000 * d.n)"
	from := fmt.Sprintf(" FROM %s a, %s b, %s c, %s d", digits, digits, digits, digits)
	age := "NOW(6) - INTERVAL " + number + " MINUTE"
	for _, statement := range []string{
		"INSERT INTO outbox (id, message_id, lane, kind, subject_id, pending, claimed_until, created_at, sent_at) SELECT " +
			number + ", " + number + ", IF(a.n = 1, 'account', 'mail'), 'ticket.issue', 's', IF(a.n = 0 AND b.n = 0, 1, NULL), " +
			age + ", " + age + ", IF(a.n = 0 AND b.n = 0, NULL, " + age + ")" + from,
		"INSERT INTO consumed_message (message_id, consumer, consumed_at) SELECT " + number + ", 'mail', " + age + from,
		"INSERT INTO dead_letter (message_id, consumer, lane, kind, subject_id, tries, reason, died_at, settled_at) SELECT " +
			number + ", 'mail', 'mail', 'ticket.issue', 's', 1, 'r', " + age + ", IF(a.n = 0 AND b.n = 0, NULL, " + age + ")" + from,
		"ANALYZE TABLE outbox, consumed_message, dead_letter",
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestQueriesUseTheirIndex(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	fill(t, pool)
	day := int64(6 * 24 * 3600)
	for _, c := range []struct {
		query, index string
		args         []any
	}{
		{db.OutboxDue, "outbox_due", []any{outbox.LaneMail, 100}},
		{two(db.OutboxClaim), "PRIMARY", []any{"me", 1000, 100, 200}},
		{two(db.OutboxClaimed), "PRIMARY", []any{100, 200, "me"}},
		{two(db.OutboxMarkSent), "PRIMARY", []any{100, 200}},
		{two(db.OutboxRelease), "PRIMARY", []any{1000, 1000, 100, 200, "me"}},
		{strings.ReplaceAll(db.OutboxBacklog, "/*SLICE:lanes*/?", "'account', 'mail'"), "outbox_due", nil},
		{db.OutboxRemoveSent, "outbox_sent", []any{day, 500}},
		{db.ConsumedHas, "PRIMARY", []any{100, "mail"}},
		{db.ConsumedRemoveOld, "consumed_message_at", []any{day, 500}},
		{db.DeadLettersOpen, "dead_letter_open", []any{time.Now().UTC(), time.Now().UTC(), 5, 20}},
		{db.DeadLettersCount, "dead_letter_open", nil},
		{db.DeadLetterGet, "PRIMARY", []any{100, "mail"}},
		{db.DeadLetterSettle, "PRIMARY", []any{100, "mail"}},
	} {
		wantIndex(t, pool, c.query, c.index, c.args)
	}
}

// two puts two parameters in the place of a list of ids.
func two(query string) string { return strings.ReplaceAll(query, "/*SLICE:ids*/?", "?, ?") }

// wantIndex checks that the plan of a query reads one table, by an index and without sorting.
func wantIndex(t *testing.T, pool *sql.DB, query, index string, args []any) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(query, "-- name: "), " ")
	rows, err := pool.QueryContext(t.Context(), "EXPLAIN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer rows.Close()
	var found bool
	for rows.Next() {
		key, extra := planRow(t, rows)
		found = found || key == index
		if strings.Contains(extra, "filesort") || strings.Contains(extra, "temporary") {
			t.Errorf("%s: %s", name, extra)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Errorf("%s does not use index %s", name, index)
	}
}

// planRow reads the columns key and Extra, wherever the server puts them.
func planRow(t *testing.T, rows *sql.Rows) (key, extra string) {
	t.Helper()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, places := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	if err := rows.Scan(places...); err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		switch name {
		case "key":
			key = values[i].String
		case "Extra":
			extra = values[i].String
		}
	}
	return key, extra
}

func TestJanitorRemovesWhatIsOldInBatches(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	fill(t, pool)
	janitor := outbox.NewJanitor(pool, discard, outbox.JanitorConfig{Keep: 100 * time.Hour, Batch: 300})
	removed, err := janitor.Clean(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, pool: pool}
	if n := h.count("SELECT COUNT(*) FROM outbox WHERE pending = 1"); n != 100 {
		t.Errorf("%d pending rows are left, want all 100", n)
	}
	if n := h.count("SELECT COUNT(*) FROM outbox WHERE sent_at < NOW(6) - INTERVAL 100 HOUR"); n != 0 {
		t.Errorf("%d old sent rows are left", n)
	}
	if n := h.count("SELECT COUNT(*) FROM consumed_message"); n != 6000 && n != 6001 {
		t.Errorf("%d records of consumed messages are left, want those of 6,000 minutes", n)
	}
	left := h.count("SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM consumed_message)")
	if int(removed)+left != 20_000 {
		t.Errorf("removed %d and left %d, want 20,000 together", removed, left)
	}
}

func TestDeadLettersArePagedByKey(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	fill(t, pool)
	var after *outbox.DeadLetter
	seen := map[int64]bool{}
	for range 6 {
		page, err := outbox.DeadLetters(t.Context(), pool, after, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			seen[d.Message.ID] = true
		}
		if len(page) == 0 {
			break
		}
		after = &page[len(page)-1]
	}
	if n, err := outbox.CountDeadLetters(context.Background(), pool); err != nil || n != 100 || len(seen) != 100 {
		t.Errorf("%d open, %d on the pages, %v; want 100 and 100", n, len(seen), err)
	}
}
