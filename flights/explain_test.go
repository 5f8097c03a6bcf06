package flights_test

import (
	"database/sql"
	"strings"
	"testing"

	"pigonair/db"
)

// plan returns the key that the database uses for each table of a query, and whether it reads a table whole.
func plan(t *testing.T, pool *sql.DB, query string, args ...any) (keys map[string]string, whole []string) {
	t.Helper()
	rows, err := pool.Query("EXPLAIN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	keys = map[string]string{}
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, c := range columns {
			row[strings.ToLower(c)] = values[i].String
		}
		keys[row["table"]] = row["key"]
		if row["type"] == "ALL" || row["type"] == "index" {
			whole = append(whole, row["table"])
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return keys, whole
}

func TestQueriesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.exec(t, "ANALYZE TABLE flight, flight_fare, seat, sale")
	f := s.flight(t, s.places.Flight)
	from, until := s.day(t, 2).UTC(), s.day(t, 9).UTC()
	for name, c := range map[string]struct {
		query string
		args  []any
		want  map[string]string
	}{
		"search": {db.FlightSearch, []any{"GMP", "CJU", from, until},
			map[string]string{"f": "flight_route", "ff": "PRIMARY", "s": "PRIMARY"}},
		"seats of the search": {db.FlightSearchSeats, []any{"GMP", "CJU", from, until},
			map[string]string{"f": "flight_route", "s": "PRIMARY"}},
		"flight by public id": {db.FlightByPublicID, []any{f.FlightNo, f.Date.UTC()}, map[string]string{"f": "flight_public"}},
		"flight by id":        {db.FlightByID, []any{f.ID}, map[string]string{"f": "PRIMARY"}},
		"fares of a flight":   {db.FlightFares, []any{f.ID}, map[string]string{"flight_fare": "PRIMARY"}},
		"seats of a flight":   {db.FlightSeats, []any{f.ID}, map[string]string{"s": "PRIMARY"}},
		"seat map":            {db.SeatMap, []any{f.ID}, map[string]string{"seat": "PRIMARY"}},
		"seats of a member":   {db.SeatsOfMemberOnFlight, []any{f.ID, 1}, map[string]string{"b": "booking_member"}},
	} {
		keys, whole := plan(t, s.pool, c.query, c.args...)
		for table, key := range c.want {
			if keys[table] != key {
				t.Errorf("%s: %s is read by key %q, want %s", name, table, keys[table], key)
			}
		}
		for _, table := range whole {
			if table != "s" || !strings.Contains(c.query, "sale s") { // two rows
				t.Errorf("%s reads all of %s", name, table)
			}
		}
	}
}
