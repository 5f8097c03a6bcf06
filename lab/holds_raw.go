package lab

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"pigonair/db"
)

// rawHolds makes holds as a program does that has nothing but the database: one transaction per customer, prepared
// statements, no HTTP, no rules. whole writes the rows that a hold of ours writes; without it a hold is only
// lock, insert, update, commit.
type rawHolds struct {
	*house
	field  *airfield
	whole  bool
	conns  int
	length time.Duration // of one run
	next   atomic.Int64
}

// rawSteps are the statements of a transaction between BEGIN and COMMIT, with what to put in for hold i.
var rawSteps = []struct {
	minimal bool // part of the minimal loop too
	query   string
	args    func(h rawHold) []any
}{
	{true, `SELECT state, booking_id, held_until, version, fence, NOW(6) FROM seat WHERE flight_id = ? AND seat_no = ? FOR UPDATE`,
		func(h rawHold) []any { return []any{h.flight, h.seat} }},
	{true, `UPDATE seat SET state = 'held', booking_id = ?, fare_code = 'standard', held_until = ?, fence = version + 1, version = version + 1
WHERE flight_id = ? AND seat_no = ? AND (state = 'available' OR (state = 'held' AND held_until <= ?))`,
		func(h rawHold) []any { return []any{h.id, h.until, h.flight, h.seat, h.now} }},
	{false, `INSERT INTO seat_history (flight_id, seat_no, version, state, booking_id, held_until, happened_at, cause) VALUES (?, ?, 1, 'held', ?, ?, ?, 'hold')`,
		func(h rawHold) []any { return []any{h.flight, h.seat, h.id, h.until, h.now} }},
	{false, `INSERT INTO booking_seat (flight_id, seat_no, fence, booking_id, passenger_no, live) VALUES (?, ?, 1, ?, 1, 1)`,
		func(h rawHold) []any { return []any{h.flight, h.seat, h.id} }},
	{true, `INSERT INTO booking (id, ref, member_id, state, held_until, adults, children, infants, total, currency, language, idem_key, idem_hash, created_at)
VALUES (?, ?, ?, 'held', ?, 1, 0, 0, 92700, 'KRW', 'ko', ?, ?, ?)`,
		func(h rawHold) []any {
			return []any{h.id, h.ref(), h.id % holdCustomers, h.until, h.key(), h.hash(), h.now}
		}},
	{false, `INSERT INTO booking_leg (booking_id, leg_no, flight_id) VALUES (?, 1, ?)`, func(h rawHold) []any { return []any{h.id, h.flight} }},
	{false, `INSERT INTO price_line (booking_id, passenger_no, leg_no, cabin, fare_code, base, fuel, charges, seat) VALUES (?, 1, 1, 'economy', 'standard', 70900, 17800, 4000, 0)`,
		func(h rawHold) []any { return []any{h.id} }},
}

// rawHold is one hold's values.
type rawHold struct {
	id, flight int64
	seat       string
	now, until time.Time
}

func (h rawHold) key() string { return fmt.Sprintf("lab-%032x", mixed(uint64(h.id))) }

func (h rawHold) hash() []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 24, 32), mixed(uint64(h.id)))
}

// ref scatters booking references as ours are, without two alike: 30 bits times an odd number.
func (h rawHold) ref() string {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	v := uint32(h.id) * 0x2545f491
	var ref [6]byte
	for i := range ref {
		ref[i] = alphabet[v&31]
		v >>= 5
	}
	return string(ref[:])
}

// run makes holds on fresh seats for its length and returns how many were committed per second.
func (s *rawHolds) run(ctx context.Context) (float64, error) {
	if err := s.refill(ctx, s.field); err != nil {
		return 0, err
	}
	s.next.Store(0)
	var told atomic.Int64
	pool, err := db.Open(s.dsn, db.Pool{MaxOpen: s.conns})
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	work := func(ctx context.Context) (int, error) {
		var all errgroup.Group
		for range s.conns {
			all.Go(func() error { return s.work(ctx, pool, &told) })
		}
		err := all.Wait()
		return int(told.Load()), err
	}
	rate, _, err := s.counted(ctx, s.length, s.whole, work)
	return rate, err
}

// work makes holds on one connection until ctx ends or the seats do.
func (s *rawHolds) work(ctx context.Context, pool *sql.DB, told *atomic.Int64) error {
	lasting := context.WithoutCancel(ctx) // a hold that was begun is finished
	conn, err := pool.Conn(lasting)
	if err != nil {
		return err
	}
	defer conn.Close()
	steps, err := s.prepare(lasting, conn)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		i := s.next.Add(1) - 1
		seat := int(i) / len(s.field.flights)
		if seat >= len(s.field.seats) {
			return nil
		}
		hold := rawHold{id: i + 1, flight: s.field.flights[int(i)%len(s.field.flights)].RowID(), seat: s.field.seats[seat]}
		if err := hold.make(lasting, conn, steps); err != nil {
			return fmt.Errorf("raw hold: %w", err)
		}
		told.Add(1)
	}
	return nil
}

// lockedSeat is what the lock reads, as a program would.
type lockedSeat struct {
	state          string
	booking        sql.NullInt64
	until          sql.NullTime
	version, fence int64
}

// rawStep is a statement prepared on one connection.
type rawStep struct {
	*sql.Stmt
	args func(rawHold) []any
}

func (s *rawHolds) prepare(ctx context.Context, conn *sql.Conn) ([]rawStep, error) {
	if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"); err != nil {
		return nil, err
	}
	var steps []rawStep
	for _, step := range rawSteps {
		if !s.whole && !step.minimal {
			continue
		}
		stmt, err := conn.PrepareContext(ctx, step.query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Fields(step.query)[0], err)
		}
		steps = append(steps, rawStep{stmt, step.args})
	}
	return steps, nil
}

// make is the transaction: the first step locks and reads the clock, the others write.
func (h rawHold) make(ctx context.Context, conn *sql.Conn, steps []rawStep) error {
	if _, err := conn.ExecContext(ctx, "START TRANSACTION"); err != nil {
		return err
	}
	var seat lockedSeat
	if err := steps[0].QueryRowContext(ctx, steps[0].args(h)...).Scan(&seat.state, &seat.booking, &seat.until, &seat.version, &seat.fence, &h.now); err != nil {
		return err
	}
	h.until = h.now.Add(15 * time.Minute)
	for _, step := range steps[1:] {
		if _, err := step.ExecContext(ctx, step.args(h)...); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}
