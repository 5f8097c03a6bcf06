package concurrency_test

import (
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"

	"pigonair/booking/bookingtest"
)

// clause is one protection, and how to take it out of the real SQL.
type clause struct {
	name      string
	cuts      []bookingtest.Cut
	schema    []string // statements that change it
	isolation driver.IsolationLevel
}

// clauses are those that are missing at once.
type clauses []clause

func (c clauses) String() string {
	if len(c) == 0 {
		return "with everything"
	}
	names := make([]string, len(c))
	for i, one := range c {
		names[i] = one.name
	}
	return "without " + strings.Join(names, ", ")
}

func (c clauses) meddling() bookingtest.Meddling {
	var m bookingtest.Meddling
	for _, one := range c {
		m.Cuts = append(m.Cuts, one.cuts...)
		m.Isolation = max(m.Isolation, one.isolation)
	}
	return m
}

// world is one whose schema lacks the clauses.
func (c clauses) world(t *testing.T) *bookingtest.World {
	var schema []string
	for _, one := range c {
		schema = append(schema, one.schema...)
	}
	if schema == nil {
		return bookingtest.New(t)
	}
	return bookingtest.NewAltered(t, schema...)
}

func cut(name, text, by string) clause {
	return clause{name: name, cuts: []bookingtest.Cut{{Clause: text, By: by}}}
}

// Locks.
var (
	// the seats' rows are read without a lock
	seatLock = cut("seat lock", ")\nORDER BY seat_no FOR UPDATE", ")\nORDER BY seat_no")
	// the claims on seats are read without a lock
	claimLock = cut("claim lock", "= 1\nORDER BY seat_no FOR UPDATE", "= 1\nORDER BY seat_no")
	// the booking's row is read without a lock
	bookingLock = cut("booking lock", "ORDER BY id FOR UPDATE", "ORDER BY id")
	// the flight's row, under which quotas are counted, is not written
	flightRow = cut("flight row", "UPDATE flight SET version = version + 1 WHERE id = ?", "UPDATE flight SET version = version + 1 WHERE id = ? AND FALSE")
	// the member's row, under which limits are counted, is another in every session
	memberRow = cut("member row", "INSERT INTO member_sale (sale_id, member_id, version) VALUES (?,?,1)",
		"INSERT INTO member_sale (sale_id, member_id, version) VALUES (? - CAST(1000 * CONNECTION_ID() AS SIGNED),?,1)")
	// reads see what stood when the transaction began to read, not what is committed now
	readCommitted = clause{name: "READ COMMITTED", isolation: driver.IsolationLevel(sql.LevelRepeatableRead)}
)

// Guards in the WHERE of a change.
var (
	// a seat changes hands whoever has it
	takeGuard = cut("take guard", " AND (state = 'available' OR (state = 'held' AND held_until <= ?))", " AND (TRUE OR held_until <= ?)")
	// a seat moves whoever has it, whatever its state and time
	holderGuard = cut("holder guard", "AND s.booking_id = ?", "AND (TRUE OR s.booking_id = ?)")
	stateGuard  = clause{name: "state guard", cuts: []bookingtest.Cut{
		{Clause: "AND s.state = ?", By: "AND (TRUE OR s.state = ?)"},
		{Clause: "AND s.state = 'held'", By: ""},
	}}
	clockGuard = clause{name: "clock guard", cuts: []bookingtest.Cut{
		{Clause: "AND s.held_until <= ?", By: "AND (TRUE OR s.held_until <= ?)"},
		{Clause: "OR s.held_until > ?", By: "OR TRUE OR s.held_until > ?"},
	}}
	// a seat moves for a booking whose claim is of another time
	fence = cut("fence", "AND c.fence = s.fence AND c.live = 1", "")
	// a claim ends, and counts as ended, whether it was live or not
	releaseGuard = clause{name: "release guard", cuts: []bookingtest.Cut{
		{Clause: "SET live = NULL\nWHERE flight_id", By: "SET live = NULL, passenger_no = passenger_no + 100\nWHERE flight_id"},
		{Clause: "AND live = 1 AND booking_id IN", By: "AND booking_id IN"},
	}}
	// a booking changes its state whatever it was
	bookingGuard = cut("booking guard", "AND state = ? AND version = ?", "AND (TRUE OR state = ? OR version = ?)")
	// a line is refunded again, and counts as changed though it is not
	refundGuard = clause{name: "refund guard", cuts: []bookingtest.Cut{
		{Clause: "AND refunded = 0 AND fee = 0", By: ""},
		{Clause: "UPDATE price_line SET", By: "UPDATE price_line SET base = base + 1,"},
	}}
)

// Keys of the schema; without them what is left is an index for the same reads.
var (
	// two bookings may claim a seat at once
	uniqueLive = dropped("UNIQUE live", "booking_seat", "INDEX booking_seat_live", "flight_id, seat_no, live")
	// and under one fence
	uniqueFence = dropped("UNIQUE fence", "booking_seat", "PRIMARY KEY", "flight_id, seat_no, fence")
	// a seat's history may have two changes of one version
	uniqueVersion = dropped("UNIQUE version", "seat_history", "PRIMARY KEY", "flight_id, seat_no, version")
	// a member may use a key twice
	uniqueKey = dropped("UNIQUE key", "booking", "INDEX booking_idem", "idem_key, member_id")
	// a traveller may be on a flight twice
	uniqueTraveller = dropped("UNIQUE traveller", "booking_traveller", "INDEX booking_traveller_live", "flight_id, traveller_hash, live")
)

func dropped(name, table, key, columns string) clause {
	return clause{name: name, schema: []string{"ALTER TABLE " + table + " DROP " + key + ", ADD INDEX (" + columns + ")"}}
}
