package main

import (
	"bytes"
	"database/sql"
	"io"
	"strings"
	"testing"
	"time"

	"pigonair/db"
	"pigonair/flights"
	"pigonair/internal/testenv"
)

// TestDoctorSeat tells who had a seat, when and why, and who had it at one instant.
func TestDoctorSeat(t *testing.T) {
	t.Parallel()
	dsn := testenv.DSN(t)
	pool, err := db.Open(dsn, db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const seat = "ZP101-20261224:12A"
	id, err := flights.ParsePublicID("ZP101-20261224")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	exec(t, pool, `INSERT INTO booking (id, ref, member_id, state, adults, children, infants, total, currency, language, created_at)
		VALUES (7, 'ABC123', 1, 'confirmed', 1, 0, 0, 0, 'KRW', 'ko', ?)`, at)
	for version, row := range []struct {
		state, cause string
		booking      any
		until        any
		at           time.Time
	}{
		{"held", "hold", 7, at.Add(15 * time.Minute), at},
		{"paying", "pay", 7, at.Add(15 * time.Minute), at.Add(time.Minute)},
		{"sold", "confirm", 7, nil, at.Add(2 * time.Minute)},
	} {
		exec(t, pool, "INSERT INTO seat_history (flight_id, seat_no, version, state, booking_id, held_until, happened_at, cause) VALUES (?, '12A', ?, ?, ?, ?, ?, ?)",
			id.RowID(), version+1, row.state, row.booking, row.until, row.at, row.cause)
	}
	ask := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		env := environment{out: &out, errs: io.Discard, getenv: func(name string) string { return map[string]string{"PIGONAIR_DB_DSN": dsn}[name] }}
		if err := doctor(t.Context(), args, env); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	want := `2026-12-01T10:00:00Z  held by booking ABC123 until 2026-12-01T10:15:00Z (hold)
2026-12-01T10:01:00Z  paying by booking ABC123 until 2026-12-01T10:15:00Z (pay)
2026-12-01T10:02:00Z  sold by booking ABC123 (confirm)
`
	if got := ask("--seat", seat); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := ask("--seat", seat, "--at", "2026-12-01T10:00:30Z"); !strings.Contains(got, "held by booking ABC123") {
		t.Errorf("at one instant: %s", got)
	}
	if got := ask("--seat", "ZP101-20261224:12B"); got != "never taken\n" {
		t.Errorf("of a seat that nobody had: %s", got)
	}
}

func exec(t *testing.T, pool *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}
