package bookingtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// LockOrder watches transactions and notes those that take their locks in another order than all others do. Its See is
// for Meddling. Tables that it does not know may be locked at any time: their rows belong to one booking.
type LockOrder struct {
	mu     sync.Mutex
	open   map[*Conn][]lockTaken
	seen   map[string]bool
	faults []string
}

// lockOrder is the order in which every transaction takes its locks.
var lockOrder = []string{"member_sale", "flight", "seat", "booking_seat", "booking", "payment_attempt", "booking_traveller", "refund"}

// lockTaken is a statement that locked rows of a table, and the flight that it was about, if any.
type lockTaken struct {
	table  string
	flight int64
	text   string
}

// See notes one statement.
func (o *LockOrder) See(s Statement) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		o.open, o.seen = map[*Conn][]lockTaken{}, map[string]bool{}
	}
	switch {
	case s.Text == "COMMIT", s.Text == "ROLLBACK":
		o.judge(o.open[s.Conn])
		delete(o.open, s.Conn)
	case s.Index > 0:
		for _, table := range tablesLocked(s.Text) {
			o.open[s.Conn] = append(o.open[s.Conn], lockTaken{table, flightOf(s), s.Text})
		}
	}
}

// judge compares the first lock on each table with the order, and the flights of those that follow with each other.
func (o *LockOrder) judge(taken []lockTaken) {
	first, flights := map[string]bool{}, map[string]int64{}
	last := -1
	for _, lock := range taken {
		place := slices.Index(lockOrder, lock.table)
		if place < last {
			if !first[lock.table] {
				o.faults = append(o.faults, fmt.Sprintf("%s is locked after %s: %s", lock.table, lockOrder[last], lock.text))
			}
			continue // rows of that table are locked already, or it is told
		}
		if lock.flight != 0 && lock.flight < flights[lock.table] {
			o.faults = append(o.faults, fmt.Sprintf("flight %d is locked after %d: %s", lock.flight, flights[lock.table], lock.text))
		}
		first[lock.table], flights[lock.table], last = true, max(lock.flight, flights[lock.table]), place
		o.seen[lock.table] = true
	}
}

// Faults lists the transactions that took their locks in another order.
func (o *LockOrder) Faults() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.faults)
}

// Seen tells whether any transaction locked rows of a table.
func (o *LockOrder) Seen(table string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen[table]
}

var (
	changes = regexp.MustCompile(`(?s)(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)(?: \w+ JOIN (\w+))?`)
	locks   = regexp.MustCompile(`(?s)FROM\s+(\w+).*FOR UPDATE`)
)

// tablesLocked lists the tables of the order of which a statement locks rows.
func tablesLocked(text string) []string {
	match := locks.FindStringSubmatch(text)
	if match == nil {
		match = changes.FindStringSubmatch(text)
	}
	var tables []string
	for i := 1; i < len(match); i++ {
		if slices.Contains(lockOrder, match[i]) {
			tables = append(tables, match[i])
		}
	}
	return tables
}

// flightOf is the flight that a locking statement is about, where it names one first.
func flightOf(s Statement) int64 {
	named := strings.Contains(s.Text, "WHERE flight_id = ?") || strings.Contains(s.Text, "UPDATE flight ")
	if !named || len(s.Args) == 0 {
		return 0
	}
	flight, _ := s.Args[0].Value.(int64)
	return flight
}
