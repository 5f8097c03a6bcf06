package bookingtest

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/internal/testenv"
)

// World is a shop, its database, and the processes that sell from it.
type World struct {
	T    testing.TB
	Pool *sql.DB // without any meddling
	Shop *Shop

	clock   *Clock // of all pools
	dsn     string
	members atomic.Int64
	sales   atomic.Int64
}

// New returns a world without flights.
func New(t testing.TB) *World {
	t.Helper()
	return NewAt(t, nil)
}

// NewAt returns a world without flights whose database has a clock that the test moves; nil: the true one.
func NewAt(t testing.TB, clock *Clock) *World {
	t.Helper()
	w := &World{T: t, Shop: &Shop{}, dsn: testenv.DSN(t), clock: clock}
	w.Pool = w.Open(Meddling{})
	w.schedule()
	return w
}

// NewAltered returns a world whose schema was changed by statements, such as one that drops a key.
func NewAltered(t testing.TB, statements ...string) *World {
	t.Helper()
	w := &World{T: t, Shop: &Shop{}, dsn: testenv.EmptyDSN(t)} // not one that goes to another test
	w.Pool = w.Open(Meddling{})
	if _, err := db.Migrate(t.Context(), w.Pool); err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		w.Exec(statement)
	}
	w.schedule()
	return w
}

// schedule adds the seats of other flights: where one flight has most of the table the database may rather read, and
// lock, all of its seats than the few that it is asked for.
func (w *World) schedule() {
	w.T.Helper()
	var rows []string
	for flight := range 20 {
		for i := range 60 {
			rows = append(rows, fmt.Sprintf("(%d,'%s','economy')", 1_000_000+flight, SeatNo(i)))
		}
	}
	w.Exec("INSERT INTO seat (flight_id, seat_no, cabin) VALUES " + strings.Join(rows, ","))
}

// Open returns a further pool on the world's database, through the meddling.
func (w *World) Open(m Meddling) *sql.DB {
	w.T.Helper()
	if m.Clock == nil {
		m.Clock = w.clock
	}
	connector, err := db.Connector(w.dsn, db.Pool{})
	if err != nil {
		w.T.Fatal(err)
	}
	pool := db.OpenConnector(meddled{connector, m}, db.Pool{})
	w.T.Cleanup(func() { pool.Close() })
	return pool
}

// Setup says how one process of the shop works.
type Setup struct {
	Strategy booking.Strategy
	Rules    func(*booking.Rules) // changes the usual ones
	Hooks    booking.Hooks
	Meddling Meddling
}

// Process is one process of the shop: bookings over a pool and a source of ids of its own.
type Process struct {
	*booking.Service
	w     *World
	pool  *sql.DB
	hooks booking.Hooks
}

// Process starts one; it stops with the test.
func (w *World) Process(p Setup) *Process {
	w.T.Helper()
	pool := w.Open(p.Meddling)
	rules := booking.DefaultRules()
	if w.clock != nil || p.Meddling.Clock != nil {
		rules.TakenFor = 0 // it is counted by the process's clock, which nobody moves
	}
	if p.Rules != nil {
		p.Rules(&rules)
	}
	s := booking.New(booking.Config{Pool: pool, IDs: db.NewIDs(w.Pool), References: refs{}, Shop: w.Shop, Rules: rules,
		Strategy: p.Strategy, Hooks: p.Hooks})
	w.T.Cleanup(s.Stop)
	return &Process{s, w, pool, p.Hooks}
}

// MustHold holds or ends the test.
func (p *Process) MustHold(req booking.HoldRequest) booking.HoldResult {
	p.w.T.Helper()
	held, err := p.Hold(p.w.T.Context(), req)
	if err != nil {
		p.w.T.Fatalf("hold: %v", err)
	}
	return held
}

// On runs do on a locked booking, as the packages do that compose transactions of transitions. The process's hooks
// are called before the commit too.
func (p *Process) On(ref string, do func(context.Context, *booking.Locked) error) error {
	p.w.T.Helper()
	id := p.w.Booking(ref).ID
	return db.Transact(p.w.T.Context(), p.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		l, err := p.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := do(ctx, l); err != nil {
			return err
		}
		if p.hooks != nil {
			p.hooks(ctx, booking.BeforeCommit)
		}
		return nil
	})
}

// refs makes references that tell their booking's id.
type refs struct{}

func (refs) Of(id int64) string { return fmt.Sprintf("%06s", strconv.FormatInt(id, 36)) }

// Member returns the id of a new member.
func (w *World) Member() int64 { return w.members.Add(1) }

// Flight describes a made-up flight. Seats are numbered 1A to 1F, 2A and so on.
type Flight struct {
	ID           int64
	Seats        int            // economy; 0: 6
	Business     int            // seats in front of them
	Fares        []booking.Fare // of economy; none: FLEX without a quota
	AddOn        map[string]int64
	Exit         int           // number of the exit row; 0: none
	Sale         int64         // on this sale
	BookingLimit int           // seats per booking
	MemberLimit  int           // seats per member
	Closes       time.Duration // until the sales cut-off; 0: a week
}

// Sale returns the id of a new sale.
func (w *World) Sale() int64 {
	id := w.sales.Add(1)
	w.Exec(`INSERT INTO sale (id, slug, name_ko, name_en, state, joins_at, opens_at, closes_at, rate_per_minute, burst, cap)
VALUES (?, ?, 'x', 'x', 'open', NOW(6), NOW(6), NOW(6) + INTERVAL 1 YEAR, 60, 10, 100)`, id, fmt.Sprintf("sale-%d", id))
	return id
}

// Add puts a flight into the schedule and on offer.
func (w *World) Add(f Flight) *booking.Offer {
	w.T.Helper()
	offer := offerOf(&f)
	w.Exec(`INSERT INTO flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, international, sale_id, sales_close_at)
VALUES (?, 'ZP1', DATE '2030-01-01' + INTERVAL ? DAY, 'GMP', 'CJU', NOW(6) + INTERVAL 700 DAY, NOW(6) + INTERVAL 701 DAY, 'b738', FALSE, ?,
  NOW(6) + INTERVAL ? MICROSECOND)`, f.ID, f.ID, sql.NullInt64{Int64: f.Sale, Valid: f.Sale != 0}, f.Closes.Microseconds())
	var rows []string
	for no, seat := range offer.Seats {
		rows = append(rows, fmt.Sprintf("(%d,'%s','%s')", f.ID, no, seat.Cabin))
		if len(rows) == 1000 {
			w.Exec("INSERT INTO seat (flight_id, seat_no, cabin) VALUES " + strings.Join(rows, ","))
			rows = nil
		}
	}
	if len(rows) > 0 {
		w.Exec("INSERT INTO seat (flight_id, seat_no, cabin) VALUES " + strings.Join(rows, ","))
	}
	w.Shop.put(offer)
	return offer
}

// Reoffer changes what is on offer on a flight.
func (w *World) Reoffer(flight int64, change func(*booking.Offer)) {
	w.T.Helper()
	old, err := w.Shop.Offer(w.T.Context(), nil, flight)
	if err != nil {
		w.T.Fatal(err)
	}
	offer := *old
	offer.Seats = maps.Clone(old.Seats)
	change(&offer)
	w.Shop.put(&offer)
}

func offerOf(f *Flight) *booking.Offer {
	if f.Seats == 0 {
		f.Seats = 6
	}
	if f.Closes == 0 {
		f.Closes = 7 * 24 * time.Hour
	}
	if f.Fares == nil {
		f.Fares = []booking.Fare{{Code: "FLEX", Quota: -1}}
	}
	offer := &booking.Offer{FlightID: f.ID, PublicID: fmt.Sprintf("ZP%d-20300101", f.ID), SaleID: f.Sale,
		Layout: "b738", Day: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(f.ID)), ExitAge: 15, BookingLimit: f.BookingLimit, MemberLimit: f.MemberLimit, Seats: map[string]booking.Seat{},
		Fares: map[string][]booking.Fare{"economy": f.Fares, "business": {{Code: "BUSINESS", Quota: -1}}}}
	for i := range f.Seats + f.Business {
		seat := seatAt(i, f.Exit)
		if i < f.Business {
			seat.Cabin = "business"
		}
		seat.AddOn = f.AddOn[seat.No]
		offer.Seats[seat.No] = seat
	}
	return offer
}

// seatAt is the i-th seat of a cabin with six abreast and one aisle.
func seatAt(i, exitRow int) booking.Seat {
	row, letter := i/6+1, string(rune('A'+i%6))
	return booking.Seat{No: fmt.Sprintf("%d%s", row, letter), Row: row, Letter: letter, Cabin: "economy",
		Window: letter == "A" || letter == "F", Aisle: letter == "C" || letter == "D", Exit: row == exitRow}
}

// SeatNo is the number of a flight's i-th seat, from 0.
func SeatNo(i int) string { return seatAt(i, 0).No }

// Request asks for named seats on one flight, one adult each.
func Request(member, flight int64, seats ...string) booking.HoldRequest {
	return booking.HoldRequest{MemberID: member, Language: "ko", Party: booking.Party{Adults: len(seats)},
		Legs: []booking.LegRequest{{FlightID: flight, Seats: seats}}}
}

// Auto asks for n adults' seats wherever they are free.
func Auto(member, flight int64, n int) booking.HoldRequest {
	return booking.HoldRequest{MemberID: member, Language: "ko", Party: booking.Party{Adults: n},
		Legs: []booking.LegRequest{{FlightID: flight}}}
}

// Exec runs a statement of the test's own or ends the test.
func (w *World) Exec(query string, args ...any) {
	w.T.Helper()
	if _, err := w.Pool.ExecContext(context.Background(), query, args...); err != nil {
		w.T.Fatalf("%s: %v", query, err)
	}
}

// Int reads one number.
func (w *World) Int(query string, args ...any) int64 {
	w.T.Helper()
	var n int64
	if err := w.Pool.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		w.T.Fatalf("%s: %v", query, err)
	}
	return n
}

// Booking reads a booking's row by its reference.
func (w *World) Booking(ref string) db.Booking {
	w.T.Helper()
	row, err := db.New(w.Pool).BookingByRef(context.Background(), ref)
	if err != nil {
		w.T.Fatalf("booking %s: %v", ref, err)
	}
	return row
}

// RunOut lets a booking's hold run out a second ago.
func (w *World) RunOut(ref string) {
	w.T.Helper()
	w.Leave(ref, -time.Second)
}

// Leave moves a booking and its seats in time, so that the hold ends that much from now.
func (w *World) Leave(ref string, left time.Duration) {
	w.T.Helper()
	b := w.Booking(ref)
	by := w.Int("SELECT TIMESTAMPDIFF(MICROSECOND, held_until, NOW(6) + INTERVAL ? MICROSECOND) FROM booking WHERE id = ?", left.Microseconds(), b.ID)
	w.Exec(`UPDATE seat_history h JOIN seat s USING (flight_id, seat_no)
SET h.happened_at = h.happened_at + INTERVAL ? MICROSECOND, h.held_until = h.held_until + INTERVAL ? MICROSECOND WHERE s.booking_id = ?`, by, by, b.ID)
	w.Exec("UPDATE seat SET held_until = held_until + INTERVAL ? MICROSECOND WHERE booking_id = ?", by, b.ID)
	w.Exec("UPDATE booking SET held_until = held_until + INTERVAL ? MICROSECOND, created_at = created_at + INTERVAL ? MICROSECOND WHERE id = ?", by, by, b.ID)
}

// MustFree ends the test unless a seat is available.
func (w *World) MustFree(flight int64, seat string) {
	w.T.Helper()
	if n := w.Int("SELECT COUNT(*) FROM seat WHERE flight_id = ? AND seat_no = ? AND state = 'available'", flight, seat); n != 1 {
		w.T.Fatalf("seat %s of flight %d is not free", seat, flight)
	}
}

// ClosePool ends the process's connections before the test does.
func (p *Process) ClosePool() { p.pool.Close() }
