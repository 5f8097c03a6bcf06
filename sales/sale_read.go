package sales

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"pigonair/db"
)

// How long what was read is used again at most.
const (
	saleAge      = time.Second
	saleOfferAge = time.Second
)

// Sales reads sales and carries out what operators change. Reads are cached for a second, so that their cost
// does not grow with the number of customers. Safe for concurrent use.
type Sales struct {
	pool   *sql.DB
	ids    *db.IDs
	prices *Prices
	now    func() time.Time

	reading singleflight.Group
	mu      sync.Mutex
	list    saleList
	changes int // by operators through this process: a reading that began before one is not kept
	offers  map[int64]saleOffers
}

// saleList is every sale as read at an instant of our own clock.
type saleList struct {
	rows []db.SalesAllRow
	read time.Time
}

// NewSales returns the sales of a database. now is the clock by which reads grow old.
func NewSales(pool *sql.DB, ids *db.IDs, prices *Prices, now func() time.Time) *Sales {
	return &Sales{pool: pool, ids: ids, prices: prices, now: now, offers: map[int64]saleOffers{}}
}

// List returns all sales but drafts, the latest opening first, at most a second old.
func (s *Sales) List(ctx context.Context) ([]Sale, error) {
	all, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	var shown []Sale
	for _, sale := range all {
		if sale.State != Draft {
			shown = append(shown, sale)
		}
	}
	return shown, nil
}

// All returns all sales, drafts too, as operators see them.
func (s *Sales) All(ctx context.Context) ([]Sale, error) {
	list, err := s.present(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Sale, len(list.rows))
	for i := range list.rows {
		row := &list.rows[i]
		out[i] = saleOf(row, row.Now.Add(s.now().Sub(list.read)))
	}
	return out, nil
}

// BySlug returns the sale of that name, drafts too. Errors: ErrNoSale.
func (s *Sales) BySlug(ctx context.Context, slug string) (Sale, error) {
	return s.find(ctx, func(row *db.SalesAllRow) bool { return row.Slug == slug })
}

// ByID returns a sale. Errors: ErrNoSale.
func (s *Sales) ByID(ctx context.Context, id int64) (Sale, error) {
	return s.find(ctx, func(row *db.SalesAllRow) bool { return row.ID == id })
}

func (s *Sales) find(ctx context.Context, is func(*db.SalesAllRow) bool) (Sale, error) {
	list, err := s.present(ctx)
	if err != nil {
		return Sale{}, err
	}
	for i := range list.rows {
		if row := &list.rows[i]; is(row) {
			return saleOf(row, row.Now.Add(s.now().Sub(list.read))), nil
		}
	}
	return Sale{}, ErrNoSale
}

// OfFlight returns the sale that a flight is on; false when it is on none. Errors: ErrNoSale when there is no
// such flight.
func (s *Sales) OfFlight(ctx context.Context, flight int64) (Sale, bool, error) {
	row, err := db.New(s.pool).FlightByID(ctx, flight)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Sale{}, false, ErrNoSale
	case err != nil:
		return Sale{}, false, fmt.Errorf("sales.OfFlight(%d): %w", flight, err)
	case !row.SaleID.Valid:
		return Sale{}, false, nil
	}
	sale, err := s.ByID(ctx, row.SaleID.Int64)
	return sale, err == nil, err
}

// staleWait bounds how long somebody waits for a newer reading when there is an older one.
const staleWait = 100 * time.Millisecond

// present is the list, read again when it has grown old; many callers at once cause one reading. While the
// database does not answer, the last list goes on: its states are told by the clock all the same.
func (s *Sales) present(ctx context.Context) (saleList, error) {
	s.mu.Lock()
	list := s.list
	s.mu.Unlock()
	if list.read.After(s.now().Add(-saleAge)) {
		return list, nil
	}
	done := s.reading.DoChan("sales", func() (any, error) { return s.readList(context.WithoutCancel(ctx)) })
	var patience <-chan time.Time // endless without a list
	if list.rows != nil {
		timer := time.NewTimer(staleWait)
		defer timer.Stop()
		patience = timer.C
	}
	select {
	case <-ctx.Done():
		return list, ctx.Err()
	case <-patience:
		return list, nil
	case got := <-done:
		if got.Err != nil && list.rows != nil {
			return list, nil
		}
		return got.Val.(saleList), got.Err
	}
}

func (s *Sales) readList(ctx context.Context) (saleList, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	s.mu.Lock()
	changes := s.changes
	s.mu.Unlock()
	read := s.now()
	rows, err := db.New(s.pool).SalesAll(ctx)
	if err != nil {
		return saleList{}, fmt.Errorf("sales: reading the sales: %w", err)
	}
	list := saleList{rows, read}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == changes {
		s.list = list
	}
	return list, nil
}

// forget makes the next reading a fresh one, not one that began before.
func (s *Sales) forget() {
	s.reading.Forget("sales")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = saleList{}
	s.changes++
}

func saleOf(row *db.SalesAllRow, now time.Time) Sale {
	return Sale{
		ID: row.ID, Slug: row.Slug, NameKo: row.NameKo, NameEn: row.NameEn,
		State:   stateAt(row.State, row.OpensAt, row.ClosesAt, now),
		JoinsAt: row.JoinsAt, OpensAt: row.OpensAt, ClosesAt: row.ClosesAt, Now: now,
		Paused: row.Paused, PauseReasonKo: row.PauseReasonKo, PauseReasonEn: row.PauseReasonEn,
		RatePerMinute: row.RatePerMinute, Burst: row.Burst, Cap: row.Cap,
		ClaimTime: time.Duration(row.ClaimSeconds) * time.Second, Epoch: row.Epoch,
		BookingLimit: row.BookingLimit, MemberLimit: row.MemberLimit, Version: row.Version,
	}
}
