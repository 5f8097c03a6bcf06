package lab

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"pigonair/lab/wire"
)

// holdCost10mOver10k asks what a hold costs more in a large database: 60 flights on sale among 10 million seats, over
// the same 60 flights alone.
var holdCost10mOver10k = benchmark{"hold_cost_10m_over_10k", "ratio", "<= 1.2", func(ctx context.Context, b *bench) (float64, string, error) {
	folder, err := b.layoutFolder(costSeats)
	if err != nil {
		return 0, "", err
	}
	var fields []*costField
	for _, c := range []struct {
		name   string
		others int
	}{{"cost_10k", 0}, {"cost_10m", othersSeats}} {
		f, err := b.openCost(ctx, c.name, folder, c.others)
		if err != nil {
			return 0, "", err
		}
		defer f.close()
		fields = append(fields, f)
	}
	for _, f := range fields { // only now: opening a house empties Redis
		if err := f.begin(ctx); err != nil {
			return 0, "", err
		}
	}
	return b.compareCost(ctx, fields[0], fields[1])
}}

const (
	// costFlights are on sale, each with costSeats seats.
	costFlights = 60
	costSeats   = 190
	// othersSeats is how many seats the other flights of the large database have at least.
	othersSeats = 10_000_000
	// costConns is how many customers hold at once.
	costConns = 256
)

// costField is a database with the flights on sale and others beside them.
type costField struct {
	*house
	holds *httpHolds
	seats int     // in the database
	cold  float64 // holds per second in the first filling, before which the others' seats were read
}

func (b *bench) openCost(ctx context.Context, name, folder string, others int) (*costField, error) {
	h, err := b.open(ctx, name, map[string]string{"layouts": folder})
	if err != nil {
		return nil, err
	}
	f := &costField{house: h}
	if err := f.prepare(ctx, others); err != nil {
		h.close()
		return nil, err
	}
	return f, nil
}

func (f *costField) prepare(ctx context.Context, others int) error {
	field, err := f.build(ctx, costFlights)
	if err != nil {
		return err
	}
	f.holds = &httpHolds{house: f.house, field: field}
	return f.addOthers(ctx, others)
}

// begin starts the web process and fills the flights for the first time.
func (f *costField) begin(ctx context.Context) (err error) {
	if f.holds.cookies, err = f.customers(ctx, holdCustomers); err != nil {
		return err
	}
	if err := f.serve(ctx); err != nil {
		return err
	}
	if err := f.pool.QueryRowContext(ctx, "SELECT COUNT(state) FROM seat").Scan(&f.seats); err != nil {
		return err
	}
	f.cold, err = f.fill(ctx)
	return err
}

// addOthers writes seats of flights that nobody asks for in place of those that were seeded.
func (f *costField) addOthers(ctx context.Context, n int) error {
	if _, err := f.pool.ExecContext(ctx, "TRUNCATE TABLE seat"); err != nil {
		return err
	}
	for flight := 0; flight*costSeats < n; flight += 500 {
		_, err := f.pool.ExecContext(ctx, `INSERT INTO seat (flight_id, seat_no, cabin)
SELECT ? + f.seq, s.seat_no, 'economy' FROM seq_0_to_499 f, lab_seat s ORDER BY 1, 2`, firstOther+flight)
		if err != nil {
			return err
		}
		if flight%10_000 == 0 && flight > 0 {
			f.say("%d seats", flight*costSeats)
		}
	}
	return nil
}

// firstOther is the id of the first flight beside those on sale.
const firstOther = 1_000_000

// fill holds every seat of the flights on sale once and returns the holds per second.
func (f *costField) fill(ctx context.Context) (float64, error) {
	if err := f.empty(ctx); err != nil {
		return 0, err
	}
	f.holds.next.Store(0)
	began := time.Now()
	counts, err := wire.Load{Addr: f.addr, Conns: costConns, Request: f.holds.request}.Run(ctx)
	took := time.Since(began).Seconds()
	if n := counts[http.StatusSeeOther]; err == nil && n != costFlights*costSeats {
		err = fmt.Errorf("of %d holds %v (the log: %s)", costFlights*costSeats, counts, f.group.Log("serve"))
	}
	return costFlights * costSeats / took, err
}

// empty forgets all bookings and makes the seats of the flights on sale free; the others stay.
func (f *costField) empty(ctx context.Context) error {
	for _, table := range []string{"booking", "booking_leg", "booking_seat", "price_line", "seat_history"} {
		if _, err := f.pool.ExecContext(ctx, "TRUNCATE TABLE "+table); err != nil {
			return err
		}
	}
	for _, id := range f.holds.field.flights {
		if _, err := f.pool.ExecContext(ctx, `DELETE FROM seat WHERE flight_id = ?`, id.RowID()); err != nil {
			return err
		}
		if _, err := f.pool.ExecContext(ctx, `INSERT INTO seat (flight_id, seat_no, cabin) SELECT ?, seat_no, 'economy' FROM lab_seat ORDER BY seat_no`, id.RowID()); err != nil {
			return err
		}
	}
	return nil
}

// run fills the flights again and again for the bench's length and returns the median of the holds per second.
func (f *costField) run(ctx context.Context) (float64, error) {
	var rates []float64
	for end := time.Now().Add(f.Length); len(rates) == 0 || time.Now().Before(end); {
		rate, err := f.fill(ctx)
		if err != nil {
			return 0, err
		}
		rates = append(rates, rate)
	}
	return medianOf(rates), nil
}

func (b *bench) compareCost(ctx context.Context, small, large *costField) (float64, string, error) {
	load := loadAverage()
	rates, err := b.interleave(ctx, side{"10k", small.run}, side{"10m", large.run})
	if err != nil {
		return 0, "", err
	}
	var buffer int64
	if err := large.pool.QueryRowContext(ctx, "SELECT @@innodb_buffer_pool_size").Scan(&buffer); err != nil {
		return 0, "", err
	}
	value, interval := ratio(rates[0], rates[1])
	return value, fmt.Sprintf("%.0f holds/s on %d flights among %d seats, over %.0f/s among %d: %s; first filling, cold: %.0f/s over %.0f/s; "+
		"buffer pool %d MB; %d connections, %d rounds of %s; load average before %s",
		medianOf(rates[0]), costFlights, small.seats, medianOf(rates[1]), large.seats, interval, small.cold, large.cold,
		buffer>>20, costConns, rounds, b.Length, load), nil
}
