package payment_test

import (
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"

	"pigonair/db"
	"pigonair/internal/testenv"
)

// digits is a table of 0–9 from which larger ones are made.
const digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 " +
	"UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"

// numbers yields n from 0 to 9,999, and ago, as many minutes before now.
const numbers = "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS n, NOW(6) - INTERVAL a.n + 10 * b.n + 100 * c.n + 1000 * d.n MINUTE AS ago FROM " +
	digits + " a, " + digits + " b, " + digits + " c, " + digits + " d) x"

// fill makes 10,000 rows in each table, of which every 100th is still to do.
func fill(t *testing.T, pool *sql.DB) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO payment_attempt (id, booking_id, attempt_no, channel, approval, amount, currency, state, live, applied, lease_until, taken_at, next_check_at, created_at)
SELECT CONCAT('pa-', n), n, 1, 'card', 'manual', 1, 'KRW', IF(n % 100 = 0, 'confirming', IF(n % 100 = 1, 'started', 'applied')), IF(n % 100 < 2, 1, NULL), IF(n % 100 < 2, NULL, 1),
  ago, ago, ago, ago FROM ` + numbers,
		`INSERT INTO refund (id, attempt_id, cause, amount, currency, state, next_try_at, created_at)
SELECT CONCAT('rf-', n), CONCAT('pa-', n), 'cancelled', 1, 'KRW', IF(n % 100 = 0, 'pending', 'done'), ago, ago FROM ` + numbers,
		`INSERT INTO webhook (id, kind, payment_id, body, received_at, next_try_at, pending)
SELECT CONCAT('wh-', n), 'Transaction.Paid', CONCAT('pa-', n), '', ago, ago, IF(n % 100 = 0, 1, NULL) FROM ` + numbers,
		`INSERT INTO payment_finding (payment_id, kind, detail, amount, found_at, settled_at)
SELECT CONCAT('pa-', n), 'undecided', '', 1, ago, IF(n % 100 = 0, NULL, ago) FROM ` + numbers,
		`INSERT INTO mail_sent (message_id, kind, sent_at) SELECT CONCAT('m-', n), 'ticket.issue', ago FROM ` + numbers,
		"ANALYZE TABLE payment_attempt, refund, webhook, payment_finding, mail_sent",
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
	for _, c := range []struct {
		query, index string
		args         []any
	}{
		{db.AttemptsOfBooking, "payment_attempt_no", []any{100}},
		{two(db.AttemptsByIDs), "PRIMARY", []any{"pa-1", "pa-2"}},
		{db.AttemptsCaptured, "payment_attempt_created", []any{"2026-01-01", "2026-01-02"}},
		{db.AttemptGet, "PRIMARY", []any{"pa-100"}},
		{db.AttemptLock, "PRIMARY", []any{"pa-100"}},
		{db.AttemptClaim, "PRIMARY", []any{"me", 90, 90, "pa-100"}},
		{db.AttemptClaimed, "PRIMARY", []any{"pa-100"}},
		{db.AttemptConfirming, "PRIMARY", []any{"tok", "tx", "2026-01-01", "me", "2026-01-01", "2026-01-01", "pa-1"}},
		{db.AttemptConfirmAgain, "PRIMARY", []any{90, 90, "pa-100", "me"}},
		{db.AttemptLater, "PRIMARY", []any{5, 0, nil, "pa-100", "me"}},
		{db.AttemptRelease, "PRIMARY", []any{"pa-100", "me"}},
		{db.AttemptsDue, "payment_attempt_due", []any{"confirming", 50}},
		{db.AttemptApply, "PRIMARY", []any{"tx", "2026-01-01", "pa-100"}},
		{db.AttemptEnd, "PRIMARY", []any{"refused", "", "2026-01-01", "pa-100", "confirming"}},
		{db.AttemptAbandonLive, "payment_attempt_live", []any{"2026-01-01", 101}},
		{db.AttemptRefunding, "PRIMARY", []any{"", "2026-01-01", "pa-100"}},
		{db.AttemptApplied, "payment_attempt_applied", []any{102}},
		{db.RefundsDue, "refund_due", []any{"pending", 50}},
		{db.RefundGet, "PRIMARY", []any{"rf-100"}},
		{two(db.RefundsOfAttempts), "refund_cause", []any{"pa-1", "pa-2"}},
		{db.RefundDone, "PRIMARY", []any{"c", "rf-100"}},
		{db.RefundAgain, "PRIMARY", []any{"pending", 0, "", 5, "rf-100"}},
		{db.WebhooksDue, "webhook_due", []any{50}},
		{db.WebhookDone, "PRIMARY", []any{"wh-100"}},
		{db.WebhookAgain, "PRIMARY", []any{5, "wh-100"}},
		{db.FindingSettle, "PRIMARY", []any{"pa-100", "undecided"}},
		{db.FindingsOpen, "payment_finding_open", []any{50}},
		{db.MailSentHas, "PRIMARY", []any{"m-1"}},
	} {
		wantIndex(t, pool, c.query, c.index, c.args)
	}
}

// Every query of the two files is looked at, but for those that only insert by a key.
func TestEveryQueryIsExplained(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("explain_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, query := range queriesOf(t) {
		if !strings.Contains(string(source), "db."+name+",") && !strings.Contains(string(source), "db."+name+")") && !strings.HasPrefix(query, "INSERT") {
			t.Errorf("%s is not explained", name)
		}
	}
}

// queriesOf are the queries of both files by name.
func queriesOf(t *testing.T) map[string]string {
	t.Helper()
	queries := map[string]string{}
	for _, file := range []string{"payment.sql", "notices.sql"} {
		text, err := os.ReadFile("../db/query/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^-- name: (\w+) :\w+\n((?:--.*\n)*)(\w+)`).FindAllStringSubmatch(string(text), -1) {
			queries[m[1]] = m[3]
		}
	}
	if len(queries) < 30 {
		t.Fatalf("only %d queries found", len(queries))
	}
	return queries
}

// two puts two parameters in the place of a list.
func two(query string) string {
	return regexp.MustCompile(`/\*SLICE:\w+\*/\?`).ReplaceAllString(query, "?, ?")
}

func nameOf(query string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(query, "-- name: "), " ")
	return name
}

// wantIndex checks that a query's plan reads its one table by an index and sorts nothing.
func wantIndex(t *testing.T, pool *sql.DB, query, index string, args []any) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), "EXPLAIN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", nameOf(query), err)
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		key, extra := planRow(t, rows)
		found = found || key == index
		if strings.Contains(extra, "filesort") || strings.Contains(extra, "temporary") {
			t.Errorf("%s: %s", nameOf(query), extra)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Errorf("%s does not use index %s", nameOf(query), index)
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
