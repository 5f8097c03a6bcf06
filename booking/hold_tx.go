package booking

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"pigonair/db"
)

// holdTogether runs plans in one transaction: lock, read the clock once after the locks are granted, decide in
// arrival order, write, commit. Each plan gets its own outcome; an error means that none of them has one.
func (s *Service) holdTogether(ctx context.Context, plans []*plan) error {
	for _, p := range plans {
		p.reset()
	}
	foldKeys(plans)
	// READ COMMITTED: reads after a lock wait must see what the one before us committed.
	err := db.TransactOnce(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		return s.holdIn(ctx, tx, plans)
	})
	if err != nil {
		for _, p := range plans {
			p.unknown = p.unknown || errors.Is(err, db.ErrCommitUnknown)
		}
		return fmt.Errorf("booking.Hold: %w", err)
	}
	s.at(ctx, AfterCommit)
	for _, p := range plans {
		p.settle()
	}
	return nil
}

func (s *Service) holdIn(ctx context.Context, tx *db.Tx, plans []*plan) error {
	t := &holdTx{Service: s, tx: tx, plans: plans, seats: map[seatKey]*seatRow{}, flights: map[int64]*flightRow{}}
	for _, step := range []func(context.Context) error{t.repeats, t.pick, t.lock, t.count} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, p := range plans {
		t.decide(p)
	}
	if err := t.write(ctx); err != nil {
		return err
	}
	s.at(ctx, BeforeCommit)
	return nil
}

// holdTx is one hold transaction: what it locked and read, and what it decided.
type holdTx struct {
	*Service
	tx      *db.Tx
	plans   []*plan
	now     time.Time
	seats   map[seatKey]*seatRow
	flights map[int64]*flightRow
	members map[memberSale]*memberUse
}

type seatKey struct {
	flight int64
	no     string
}

// seatRow is a locked seat and who of this batch takes it.
type seatRow struct {
	db.SeatsLockRow
	taker *plan
}

// flightRow is a flight as read under the locks, with the use of its fares.
type flightRow struct {
	offer   *Offer
	state   string
	closes  time.Time
	used    map[string]int // by cabin and fare
	limited bool
}

type memberSale struct{ sale, member int64 }

type memberUse struct {
	seats, unpaid int
	refusedUntil  time.Time
}

// foldKeys ties requests of one member under one key to the first of them.
func foldKeys(plans []*plan) {
	first := map[string]*plan{}
	for _, p := range plans {
		key := p.keyOf()
		if key == "" {
			continue
		}
		if earlier, ok := first[key]; ok {
			p.same = earlier
			continue
		}
		first[key] = p
	}
}

// repeats answers requests whose key already stands in the database.
func (t *holdTx) repeats(ctx context.Context) error {
	var keys []string
	for _, p := range t.plans {
		if p.req.Key != "" && p.same == nil {
			keys = append(keys, p.req.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	rows, err := t.tx.BookingsByKey(ctx, nullStrings(keys))
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, p := range t.plans {
			if p.same == nil && p.req.Key == row.IdemKey.String && p.req.MemberID == row.MemberID {
				p.repeat(row.Ref, row.IdemHash)
			}
		}
	}
	return nil
}

func (p *plan) repeat(ref string, hash []byte) {
	if !bytes.Equal(hash, p.hash[:]) {
		p.fail(ErrKeyReused)
		return
	}
	p.decided = true
	p.result = HoldResult{Ref: ref, Repeated: true}
}

// settle turns the decision into the result once it is committed.
func (p *plan) settle() {
	if p.same != nil {
		p.err = p.same.err
		p.result = p.same.result
		p.result.Repeated = true
		if p.err == nil && p.same.hash != p.hash {
			p.result, p.err = HoldResult{}, ErrKeyReused
		}
		return
	}
	if p.accepted {
		p.result = HoldResult{Ref: p.ref, Until: p.until}
	}
}

// lock takes the locks in the order that holds everywhere: member's sale rows, flight rows, seats. Then it
// reads the clock and the flights' state, once.
func (t *holdTx) lock(ctx context.Context) error {
	t.at(ctx, BeforeLock)
	if err := t.writeMemberSales(ctx); err != nil {
		return err
	}
	wanted := t.wanted()
	for _, id := range sortedKeys(wanted) {
		if t.flights[id].limited {
			if _, err := t.tx.FlightWrite(ctx, id); err != nil {
				return err
			}
		}
	}
	for _, id := range sortedKeys(wanted) {
		if err := t.lockSeats(ctx, id, wanted[id]); err != nil {
			return err
		}
	}
	t.at(ctx, AfterLock)
	return t.readClock(ctx)
}

// lockSeats locks a flight's seats in their order; under the conditional strategy it only reads them.
func (t *holdTx) lockSeats(ctx context.Context, flight int64, numbers []string) error {
	if len(numbers) == 0 {
		return nil
	}
	if t.plans[0].unlocked {
		rows, err := t.tx.SeatsRead(ctx, flight, numbers)
		for _, row := range rows {
			t.seats[seatKey{flight, row.SeatNo}] = &seatRow{SeatsLockRow: db.SeatsLockRow(row)}
		}
		return err
	}
	rows, err := t.tx.SeatsLock(ctx, flight, numbers)
	for _, row := range rows {
		t.seats[seatKey{flight, row.SeatNo}] = &seatRow{SeatsLockRow: row}
	}
	return err
}

func (t *holdTx) readClock(ctx context.Context) error {
	for _, id := range sortedKeys(t.flights) {
		row, err := t.tx.FlightClock(ctx, id)
		if err != nil {
			return err
		}
		t.flights[id].state, t.flights[id].closes = row.State, row.SalesCloseAt
		if t.now.IsZero() {
			t.now = row.Now
		}
	}
	return nil
}

// wanted are the seats to lock by flight, each once, in order.
func (t *holdTx) wanted() map[int64][]string {
	wanted := map[int64][]string{}
	for _, p := range t.plans {
		for _, leg := range p.legs {
			if p.decided || p.same != nil {
				continue
			}
			id := leg.offer.FlightID
			wanted[id] = append(wanted[id], leg.seats...)
			if t.flights[id] == nil {
				t.flights[id] = &flightRow{offer: leg.offer, limited: leg.offer.limited(), used: map[string]int{}}
			}
		}
	}
	for id, seats := range wanted {
		slices.Sort(seats)
		wanted[id] = slices.Compact(seats)
	}
	return wanted
}

// count reads what quotas and limits need, after their rows are written.
func (t *holdTx) count(ctx context.Context) error {
	for _, id := range sortedKeys(t.flights) {
		if !t.flights[id].limited {
			continue
		}
		rows, err := t.tx.FareUse(ctx, id, sql.NullTime{Time: t.now, Valid: true})
		if err != nil {
			return err
		}
		for _, row := range rows {
			t.flights[id].used[fareKey(row.Cabin, row.FareCode.String)] = int(row.Used)
		}
	}
	return t.countMembers(ctx)
}

func fareKey(cabin, fare string) string { return cabin + "/" + fare }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func nullStrings(in []string) []sql.NullString {
	out := make([]sql.NullString, len(in))
	for i, v := range in {
		out[i] = sql.NullString{String: v, Valid: true}
	}
	return out
}
