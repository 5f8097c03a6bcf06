package booking

import (
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
// arrival order, write, commit. Each plan gets its own outcome; an error means that none of them has one. An
// outcome of errRaced is no outcome yet.
func (s *Service) holdTogether(ctx context.Context, how technique, plans []*plan) error {
	for _, p := range plans {
		p.reset()
	}
	foldRepeats(plans)
	// READ COMMITTED: reads after a lock wait must see what the one before us committed.
	err := db.TransactOnce(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		return s.holdIn(ctx, tx, how, plans)
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

func (s *Service) holdIn(ctx context.Context, tx *db.Tx, how technique, plans []*plan) error {
	t := &holdTx{Service: s, tx: tx, how: how, plans: plans, seats: map[seatKey]*seatRow{}, flights: map[int64]*flightRow{},
		members: map[memberSale]*memberUse{}, keys: map[string]bool{}}
	for _, step := range []func(context.Context) error{t.lock, t.readClock, t.known, t.count} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, p := range plans {
		t.decide(p)
	}
	for _, step := range []func(context.Context) error{t.knownRefused, t.write} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.at(ctx, BeforeCommit)
	return nil
}

// holdTx is one hold transaction: what it locked and read, and what it decided.
type holdTx struct {
	*Service
	tx      *db.Tx
	how     technique
	plans   []*plan
	now     time.Time
	seats   map[seatKey]*seatRow
	flights map[int64]*flightRow
	members map[memberSale]*memberUse
	keys    map[string]bool // under which a request of this transaction was accepted
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
	layout  string         // code of its cabin layout
	used    map[string]int // by cabin and fare
	limited bool           // a quota is counted
	chosen  bool           // seats are chosen by us
}

// foldRepeats ties requests of one member under one key to the first of them with the same content.
func foldRepeats(plans []*plan) {
	type content struct {
		key  string
		hash [32]byte
	}
	first := map[content]*plan{}
	for _, p := range plans {
		if p.req.Key == "" {
			continue
		}
		c := content{p.keyOf(), p.hash}
		if earlier, ok := first[c]; ok {
			p.same = earlier
			continue
		}
		first[c] = p
	}
}

// settle turns the decision into the result once it is committed.
func (p *plan) settle() {
	if p.same != nil {
		p.result, p.err = p.same.result, p.same.err
		p.result.Repeated = p.err == nil
		return
	}
	if p.accepted {
		p.result = HoldResult{Ref: p.ref, Until: p.until, Replaced: p.replaced()}
	}
}

// open lists the requests that still want a decision.
func (t *holdTx) open() []*plan {
	return slices.DeleteFunc(slices.Clone(t.plans), func(p *plan) bool { return p.decided || p.same != nil })
}

// lock takes the locks in the order that holds everywhere: member's sale rows, flight rows, seats. What we choose
// ourselves is chosen under the flight's row, so that choosers do not meet.
func (t *holdTx) lock(ctx context.Context) error {
	t.at(ctx, BeforeLock)
	if err := t.writeMemberSales(ctx); err != nil {
		return err
	}
	t.listFlights()
	for _, id := range sortedKeys(t.flights) {
		if f := t.flights[id]; !f.limited && !f.chosen {
			continue
		}
		if _, err := t.tx.FlightWrite(ctx, id); err != nil {
			return err
		}
	}
	if err := t.choose(ctx); err != nil {
		return err
	}
	wanted := t.wanted()
	for _, id := range sortedKeys(wanted) {
		if err := t.lockSeats(ctx, id, wanted[id]); err != nil {
			return err
		}
	}
	t.at(ctx, AfterLock)
	return nil
}

func (t *holdTx) listFlights() {
	for _, p := range t.open() {
		for i := range p.legs {
			leg := &p.legs[i]
			f := t.flights[leg.offer.FlightID]
			if f == nil {
				f = &flightRow{offer: leg.offer, limited: leg.offer.limited(), used: map[string]int{}}
				t.flights[leg.offer.FlightID] = f
			}
			f.chosen = f.chosen || p.chooses(leg)
		}
	}
}

// lockSeats locks a flight's seats in their order, or only reads them where the technique says so.
func (t *holdTx) lockSeats(ctx context.Context, flight int64, numbers []string) error {
	if !t.how.lock {
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

// readClock reads the clock and the flights' state, once, now that every lock is granted.
func (t *holdTx) readClock(ctx context.Context) error {
	for _, id := range sortedKeys(t.flights) {
		row, err := t.tx.FlightClock(ctx, id)
		if err != nil {
			return err
		}
		t.flights[id].state, t.flights[id].closes = row.State, row.SalesCloseAt
		t.flights[id].layout = row.Layout
		if t.now.IsZero() {
			t.now = row.Now
		}
	}
	return nil
}

// wanted are the seats to lock by flight, each once, in order: the choice, and what was named before it.
func (t *holdTx) wanted() map[int64][]string {
	wanted := map[int64][]string{}
	for _, p := range t.open() {
		for _, leg := range p.legs {
			if seats := slices.Concat(leg.seats, leg.named); len(seats) > 0 {
				wanted[leg.offer.FlightID] = append(wanted[leg.offer.FlightID], seats...)
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
		rows, err := t.tx.FareUse(ctx, id, at(t.now))
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
