package sales

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"pigonair/db"
)

// tableAge is how long a process works with the tables it has read before it reads them again.
const tableAge = time.Minute

const (
	// readTimeout bounds one reading of the tables.
	readTimeout = 5 * time.Second
	// rereadWait bounds how long somebody waits for a newer table.
	rereadWait = 250 * time.Millisecond
)

// Prices keeps the present PriceTable of a process. Safe for concurrent use.
type Prices struct {
	pool     *sql.DB
	distance Distance
	now      func() time.Time
	reading  singleflight.Group

	mu    sync.Mutex
	table *PriceTable
	read  time.Time
}

// NewPrices returns prices read from a database. now is the clock by which tables grow old.
func NewPrices(pool *sql.DB, distance Distance, now func() time.Time) *Prices {
	return &Prices{pool: pool, distance: distance, now: now}
}

// Table returns the present table, at most a minute old as long as the database answers at once; while it
// does not, the last one read, so that nobody who holds locks waits for a further connection. Many callers at
// once cause one reading, which no caller's cancellation ends.
func (p *Prices) Table(ctx context.Context) (*PriceTable, error) {
	p.mu.Lock()
	table, fresh := p.table, p.now().Sub(p.read) < tableAge
	p.mu.Unlock()
	if table != nil && fresh {
		return table, nil
	}
	done := p.reading.DoChan("", func() (any, error) { return p.reread(context.WithoutCancel(ctx)) })
	var patience <-chan time.Time // endless without a table
	if table != nil {
		timer := time.NewTimer(rereadWait)
		defer timer.Stop()
		patience = timer.C
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience:
		return table, nil
	case r := <-done:
		if r.Err == nil {
			return r.Val.(*PriceTable), nil
		}
		if table != nil {
			return table, nil
		}
		return nil, r.Err
	}
}

func (p *Prices) reread(ctx context.Context) (*PriceTable, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	rows, err := ReadRows(ctx, p.pool)
	if err != nil {
		return nil, err
	}
	table := NewPriceTable(rows, p.distance)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.table, p.read = table, p.now()
	return table, nil
}

// ReadRows reads the tables of prices and fees.
func ReadRows(ctx context.Context, conn db.DBTX) (Rows, error) {
	var rows Rows
	var err error
	q := db.New(conn)
	read := func(name string, f func() error) {
		if err == nil {
			if err = f(); err != nil {
				err = fmt.Errorf("sales.ReadRows: %s: %w", name, err)
			}
		}
	}
	read("products", func() (err error) { rows.Products, err = q.FareProductsAll(ctx); return })
	read("passenger rules", func() (err error) { rows.Passengers, err = q.PassengerRulesAll(ctx); return })
	read("distance bands", func() (err error) { rows.Bands, err = q.DistanceBandsAll(ctx); return })
	read("fuel surcharges", func() (err error) { rows.Fuel, err = q.FuelSurchargesAll(ctx); return })
	read("airport charges", func() (err error) { rows.Charges, err = q.AirportChargesAll(ctx); return })
	read("cancellation fees", func() (err error) { rows.Fees, err = q.CancellationFeesAll(ctx); return })
	return rows, err
}
