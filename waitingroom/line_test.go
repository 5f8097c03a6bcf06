package waitingroom

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"pigonair/internal/testenv"
)

// opening is the moment at which the test lines open.
var opening = time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC)

// clock is time that tests move: Redis' and the process's.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) move(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// line is one sale's line with a clock of its own and no loops: the test says when a step happens.
type line struct {
	t     testing.TB
	pool  *sql.DB
	redis rueidis.Client
	rooms *Rooms
	clock *clock
}

const saleID = 7

// newLine opens a line with the given rate a minute, burst and cap.
func newLine(t testing.TB, rate, burst, cap int) *line {
	t.Helper()
	l := &line{t: t, pool: testenv.DB(t), redis: openRedis(t), clock: &clock{}}
	l.clock.ms.Store(opening.UnixMilli() - 20_000)
	l.exec(`INSERT INTO sale (id, slug, name_ko, name_en, state, joins_at, opens_at, closes_at, rate_per_minute, burst, cap)
VALUES (?, 'jeju', '제주', 'Jeju', 'open', ?, ?, ?, ?, ?, ?)`, saleID,
		opening.Add(-time.Hour), opening, opening.Add(48*time.Hour), rate, burst, cap)
	l.exec(`INSERT INTO flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, international, sale_id, sales_close_at)
VALUES (1, 'ZP101', '2099-01-02', 'GMP', 'CJU', '2099-01-02 00:00:00', '2099-01-02 01:00:00', 'b738', FALSE, ?, '2099-01-01 23:00:00')`, saleID)
	l.seats(3000)
	l.rooms = l.process()
	l.step()
	l.pass(20 * time.Second) // those in line are spared for a while after a process has started
	return l
}

func openRedis(t testing.TB) rueidis.Client {
	t.Helper()
	option, err := rueidis.ParseURL(testenv.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	client, err := rueidis.NewClient(option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// seats makes the sale have so many free seats.
func (l *line) seats(n int) {
	l.t.Helper()
	l.exec(`DELETE FROM seat`)
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("(1, '%d', 'economy')", i))
	}
	if n > 0 {
		l.exec(`INSERT INTO seat (flight_id, seat_no, cabin) VALUES ` + strings.Join(rows, ","))
	}
}

// process is another process at the same line.
func (l *line) process() *Rooms {
	l.t.Helper()
	rs, err := New(Options{Redis: l.redis, DB: l.pool, Keys: testKeys(l.t), Now: l.clock.now, Serves: true})
	if err != nil {
		l.t.Fatal(err)
	}
	rs.store.clock = l.clock.ms.Load
	l.open(rs)
	return rs
}

// open gives a process its room by hand: the demo sale's times are not those of the database's clock.
func (l *line) open(rs *Rooms) {
	l.t.Helper()
	row := settings{}
	err := l.pool.QueryRow(`SELECT id, state, joins_at, opens_at, closes_at, paused, rate_per_minute, burst, cap, claim_seconds, epoch, version FROM sale WHERE id = ?`, saleID).
		Scan(&row.ID, &row.State, &row.JoinsAt, &row.OpensAt, &row.ClosesAt, &row.Paused, &row.RatePerMinute, &row.Burst, &row.Cap, &row.ClaimSeconds, &row.Epoch, &row.Version)
	if err != nil {
		l.t.Fatal(err)
	}
	if r := (*rs.bySale.Load())[saleID]; r != nil && r.epoch == row.Epoch {
		r.setConfig(row)
		return
	}
	rs.bySale.Store(&map[int64]*room{saleID: newRoom(rs.shared, row)})
}

func (l *line) exec(query string, args ...any) {
	l.t.Helper()
	if _, err := l.pool.Exec(query, args...); err != nil {
		l.t.Fatal(err)
	}
}

// set changes the sale as operators do.
func (l *line) set(assignments string, args ...any) {
	l.t.Helper()
	l.exec(`UPDATE sale SET `+assignments+`, version = version + 1`, args...)
	l.open(l.rooms)
	l.step()
}

func (l *line) room() *room { return l.roomOf(l.rooms) }

func (l *line) roomOf(rs *Rooms) *room {
	l.t.Helper()
	r, err := rs.room(saleID)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// step runs the room's loop until it has nothing urgent to do.
func (l *line) step() {
	l.t.Helper()
	for range 1000 {
		if !l.room().turn(context.Background()) {
			return
		}
	}
	l.t.Fatal("the room never comes to rest")
}

// pass lets time go by in steps of the room's loop, with everybody's phone awake.
func (l *line) pass(d time.Duration, awake ...*customer) {
	l.t.Helper()
	for end := l.clock.ms.Load() + d.Milliseconds(); l.clock.ms.Load() < end; {
		l.clock.move(min(stepEvery, time.Duration(end-l.clock.ms.Load())*time.Millisecond))
		for _, c := range awake {
			c.pollIfDue()
		}
		l.step()
	}
}

// customer is a member with a phone.
type customer struct {
	*line
	member int64
	ticket QueueTicket
	last   Status
	next   int64 // when the phone polls again, ms
}

// join puts a new member into the line.
func (l *line) join(member int64) *customer {
	l.t.Helper()
	c := &customer{line: l, member: member}
	st, err := l.rooms.Join(context.Background(), saleID, member, nil)
	if err != nil {
		l.t.Fatalf("member %d joins: %v", member, err)
	}
	c.keep(st)
	return c
}

func (l *line) joinMany(from, n int64) []*customer {
	l.t.Helper()
	out := make([]*customer, n)
	for i := range out {
		out[i] = l.join(from + int64(i))
	}
	return out
}

func (c *customer) keep(st Status) {
	c.t.Helper()
	if st.Ticket != "" {
		t, err := c.rooms.Ticket(st.Ticket)
		if err != nil {
			c.t.Fatal(err)
		}
		c.ticket = t
	}
	c.last = st
	c.next = c.clock.ms.Load() + st.NextPoll.Milliseconds()
}

func (c *customer) poll() Status {
	c.t.Helper()
	st, err := c.rooms.Poll(context.Background(), c.ticket, c.last.Serving)
	if err != nil {
		c.t.Fatalf("member %d polls: %v", c.member, err)
	}
	c.keep(st)
	return st
}

func (c *customer) pollIfDue() {
	c.t.Helper()
	if c.last.State != Admitted && c.clock.ms.Load() >= c.next {
		c.poll()
	}
}

func (c *customer) want(state State) Status {
	c.t.Helper()
	st := c.poll()
	if st.State != state {
		c.t.Fatalf("member %d with number %d is %s, want %s", c.member, c.ticket.Number, st.State, state)
	}
	return st
}

func admitted(customers []*customer) (in []int64) {
	for _, c := range customers {
		if c.last.State == Admitted {
			in = append(in, c.ticket.Number)
		}
	}
	return in
}

// claims counts the claims that the database knows, apart from the room's own figures.
func (l *line) claims() int64 {
	l.t.Helper()
	var n int64
	const query = `SELECT COUNT(*) FROM queue_join WHERE sale_id = ? AND epoch = ? AND claimed_at IS NOT NULL`
	if err := l.pool.QueryRow(query, saleID, l.room().epoch).Scan(&n); err != nil {
		l.t.Fatal(err)
	}
	return n
}

// together runs n functions at once and waits for them.
func together(n int, run func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			run(i)
		})
	}
	close(start)
	all.Wait()
}

func wantError(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}
