package booking_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pigonair/booking/bookingtest"
)

// seenStatements keeps one example of each statement, with its values.
type seenStatements struct {
	mu  sync.Mutex
	all map[string][]any
}

func (s *seenStatements) see(st bookingtest.Statement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string][]any{}
	}
	args := make([]any, len(st.Args))
	for i, arg := range st.Args {
		args[i] = arg.Value
	}
	s.all[st.Text] = args
}

// explained are the statements for which a plan says something: those that look for rows.
var explained = regexp.MustCompile(`(?s)^(-- .*?\n)*\s*(SELECT|UPDATE|DELETE|INSERT INTO \w+ \([^)]*\)\s+SELECT)`)

// TestEveryStatementUsesAnIndex takes everything that package booking asks the database, with thousands of bookings in
// it, and lets the database say how it would do it.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	fill(w, 3000)
	var seen seenStatements
	everything(t, w, bookingtest.Meddling{See: seen.see})
	n := 0
	for text, args := range seen.all {
		if !explained.MatchString(text) || !strings.Contains(text, "FROM") && !strings.Contains(text, "UPDATE") {
			continue
		}
		n++
		for _, step := range plan(t, w, text, args) {
			if step.kind == "ALL" || step.kind == "index" {
				t.Errorf("%s of %s: %s", step.kind, step.table, text)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d statements were looked at", n)
	}
}

// TestSeatLocksAreRanges: whatever the number of seats, their rows are locked by the primary key, and no others.
func TestSeatLocksAreRanges(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1, Seats: 400})
	for _, n := range []int{2, 9, 60, 200} {
		var list []string
		for i := range n {
			list = append(list, "'"+bookingtest.SeatNo(i)+"'")
		}
		query := "SELECT seat_no, state FROM seat WHERE flight_id = 1 AND seat_no IN (" + strings.Join(list, ",") + ") ORDER BY seat_no FOR UPDATE"
		for _, step := range plan(t, w, query, nil) {
			if step.kind != "range" || step.key != "PRIMARY" {
				t.Errorf("%d seats: %s by %s", n, step.kind, step.key)
			}
		}
	}
}

// step is one line of a plan.
type step struct{ table, kind, key string }

func plan(t *testing.T, w *bookingtest.World, query string, args []any) []step {
	t.Helper()
	rows, err := w.Pool.QueryContext(context.Background(), "EXPLAIN "+query, args...)
	must(t, err)
	defer rows.Close()
	var steps []step
	for rows.Next() {
		var table, kind, key sql.NullString
		must(t, rows.Scan(new(any), new(any), &table, &kind, new(any), &key, new(any), new(any), new(any), new(any)))
		steps = append(steps, step{table.String, kind.String, key.String})
	}
	must(t, rows.Err())
	return steps
}

// fill adds bookings of other members on another flight, in every state, with all that hangs on them.
func fill(w *bookingtest.World, n int) {
	const flight = 900
	insert := func(into, row string, args func(i int) []any) {
		for from := 0; from < n; from += 500 {
			var rows []string
			for i := from; i < min(from+500, n); i++ {
				rows = append(rows, fmt.Sprintf(row, args(i)...))
			}
			w.Exec("INSERT INTO " + into + " VALUES " + strings.Join(rows, ","))
		}
	}
	states := []string{"held", "paying", "confirmed", "cancelled", "expired"}
	insert("booking (id, ref, member_id, sale_id, state, held_until, adults, children, infants, total, currency, language, idem_key, created_at)",
		"(%d, 'F%05d', %d, 9, '%s', %s, 1, 0, 0, 1, 'KRW', 'ko', 'key-of-the-filling-%d', NOW(6) - INTERVAL %d MINUTE)", func(i int) []any {
			until := "NULL"
			if i%5 < 2 {
				until = fmt.Sprintf("NOW(6) + INTERVAL %d MINUTE", i+60)
			}
			return []any{8_000_000 + i, i, 1_000_000 + i/3, states[i%5], until, i, i}
		})
	insert("booking_seat (flight_id, seat_no, fence, booking_id, passenger_no, live)", "(%d, '%s', 1, %d, 1, 1)",
		func(i int) []any { return []any{flight, bookingtest.SeatNo(i), 8_000_000 + i} })
	insert("seat (flight_id, seat_no, cabin)", "(%d, '%s', 'economy')", func(i int) []any { return []any{flight, bookingtest.SeatNo(i)} })
	insert("flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, international, sales_close_at)",
		"(%d, 'ZP9', DATE '2030-01-01' + INTERVAL %d DAY, 'GMP', 'CJU', NOW(6) + INTERVAL 9 DAY, NOW(6) + INTERVAL 10 DAY, 'b738', FALSE, NOW(6))",
		func(i int) []any { return []any{9_000_000 + i, i} })
	insert("booking_leg", "(%d, 1, %d)", func(i int) []any { return []any{8_000_000 + i, flight} })
	insert("price_line (booking_id, passenger_no, leg_no, cabin, fare_code, base, fuel, charges, seat)", "(%d, 1, 1, 'economy', 'FLEX', 1, 0, 0, 0)",
		func(i int) []any { return []any{8_000_000 + i} })
	insert("passenger (booking_id, passenger_no, kind)", "(%d, 1, 'adult')", func(i int) []any { return []any{8_000_000 + i} })
	insert("booking_traveller", "(%d, %d, 1, UNHEX(SHA2('%d', 256)), 1)", func(i int) []any { return []any{flight, 8_000_000 + i, i} })
	insert("seat_history (flight_id, seat_no, version, state, happened_at, cause)", "(%d, '%s', 1, 'held', NOW(6), 'hold')",
		func(i int) []any { return []any{flight, bookingtest.SeatNo(i)} })
	insert("booking_event", "(%d, 1, 'x', '', NULL, NOW(6))", func(i int) []any { return []any{8_000_000 + i} })
	insert("member_sale", "(9, %d, 1)", func(i int) []any { return []any{1_000_000 + i} })
}
