package booking

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"pigonair/db"
)

// memberSale is a member's use of a sale, or of all flights on no sale (0).
type memberSale struct{ sale, member int64 }

// memberUse is what a member has of a sale at the transaction's instant.
type memberUse struct {
	seats, unpaid int
	refusedUntil  time.Time
	story         []db.MemberSaleStoryRow
	letGo         map[seatKey]bool // seats that the member may not have back yet
}

// memberOf is the pair under whose row a request is counted; false where nothing bounds it.
func (t *holdTx) memberOf(p *plan) (memberSale, bool) {
	return memberSale{p.saleID, p.req.MemberID}, p.saleID != 0 || t.rules.MemberHolds > 0
}

// writeMemberSales writes, not only locks, the rows under which a member's use of a sale is counted, and reads how
// the member's holds in it went.
func (t *holdTx) writeMemberSales(ctx context.Context) error {
	for _, p := range t.open() {
		if pair, ok := t.memberOf(p); ok {
			t.members[pair] = &memberUse{}
		}
	}
	pairs := t.memberSales()
	if len(pairs) == 0 {
		return nil
	}
	rows := make([][]any, len(pairs))
	for i, pair := range pairs {
		rows[i] = []any{pair.sale, pair.member}
	}
	if err := t.tx.MemberSalesWrite(ctx, rows); err != nil {
		return err
	}
	by := t.membersBySale()
	for _, sale := range sortedKeys(by) {
		if sale == 0 {
			continue
		}
		if err := t.readStory(ctx, sale, by[sale]); err != nil {
			return err
		}
	}
	return nil
}

// memberSales lists the pairs in lock order.
func (t *holdTx) memberSales() []memberSale {
	pairs := make([]memberSale, 0, len(t.members))
	for pair := range t.members {
		pairs = append(pairs, pair)
	}
	slices.SortFunc(pairs, func(a, b memberSale) int {
		return cmp.Or(cmp.Compare(a.sale, b.sale), cmp.Compare(a.member, b.member))
	})
	return pairs
}

func (t *holdTx) membersBySale() map[int64][]int64 {
	by := map[int64][]int64{}
	for _, pair := range t.memberSales() {
		by[pair.sale] = append(by[pair.sale], pair.member)
	}
	return by
}

func (t *holdTx) readStory(ctx context.Context, sale int64, members []int64) error {
	if t.rules.RunOuts <= 0 && t.rules.LetGoFor <= 0 {
		return nil
	}
	rows, err := t.tx.MemberSaleStory(ctx, members, nullInt(sale))
	if err != nil {
		return err
	}
	letGo := map[int64]*memberUse{} // by booking
	for _, row := range rows {
		use := t.members[memberSale{sale, row.MemberID}]
		use.story = append(use.story, row)
		if row.State == string(Cancelled) && !row.ConfirmedAt.Valid && row.EndedAt.Time.Add(t.rules.LetGoFor).After(row.Now) {
			letGo[row.ID] = use
		}
	}
	if len(letGo) == 0 {
		return nil
	}
	seats, err := t.tx.SeatsOfBookings(ctx, sortedKeys(letGo))
	for _, seat := range seats {
		use := letGo[seat.BookingID]
		if use.letGo == nil {
			use.letGo = map[seatKey]bool{}
		}
		use.letGo[seatKey{seat.FlightID, seat.SeatNo}] = true
	}
	return err
}

// countMembers reads how much of each sale the members have at this instant.
func (t *holdTx) countMembers(ctx context.Context) error {
	by := t.membersBySale()
	for _, sale := range sortedKeys(by) {
		count := t.countSale
		if sale == 0 {
			count = t.countNoSale
		}
		if err := count(ctx, sale, by[sale]); err != nil {
			return err
		}
	}
	return nil
}

func (t *holdTx) countSale(ctx context.Context, sale int64, members []int64) error {
	rows, err := t.tx.MemberSaleUse(ctx, db.MemberSaleUseParams{MemberIds: members, SaleID: nullInt(sale), Now: at(t.now)})
	for _, row := range rows {
		use := t.members[memberSale{sale, row.MemberID}]
		use.seats, use.unpaid = int(row.Seats), int(row.Unpaid)
	}
	for _, member := range members {
		use := t.members[memberSale{sale, member}]
		use.refusedUntil = t.rules.refusedUntil(use.story, t.now)
	}
	return err
}

func (t *holdTx) countNoSale(ctx context.Context, _ int64, members []int64) error {
	rows, err := t.tx.MemberHolds(ctx, members, at(t.now))
	for _, row := range rows {
		t.members[memberSale{0, row.MemberID}].unpaid = int(row.Unpaid)
	}
	return err
}

// refusedUntil is when a member whose last holds all ran out unpaid may hold again: the rule's time after the last
// of them ended, if there were enough since the member last paid. A hold that was let go does not count.
func (r Rules) refusedUntil(story []db.MemberSaleStoryRow, now time.Time) time.Time {
	var ends []time.Time
	for _, row := range story {
		switch {
		case row.ConfirmedAt.Valid:
			ends = nil
		case row.State == string(Expired):
			ends = append(ends, row.EndedAt.Time)
		case row.State == string(Held) && !row.HeldUntil.Time.After(now):
			ends = append(ends, row.HeldUntil.Time)
		}
	}
	if r.RunOuts <= 0 || len(ends) < r.RunOuts {
		return time.Time{}
	}
	return slices.MaxFunc(ends, time.Time.Compare).Add(r.RefuseFor)
}

// letGo tells whether a request's member has let a seat go so recently that it must be left to others.
func (t *holdTx) letGo(p *plan, seat seatKey) bool {
	use := t.members[memberSale{p.saleID, p.req.MemberID}]
	return use != nil && use.letGo[seat]
}

// checkMember applies the limits per member to one request.
func (t *holdTx) checkMember(p *plan) error {
	use := t.members[memberSale{p.saleID, p.req.MemberID}]
	if use == nil {
		return nil
	}
	holds, limit := t.rules.MemberHolds, 0
	if p.saleID != 0 {
		holds, limit = t.rules.SaleHolds, p.memberLimit()
	}
	switch {
	case use.refusedUntil.After(t.now):
		return &RefusedError{use.refusedUntil}
	case holds > 0 && use.unpaid >= holds:
		return ErrOpenHold
	case limit > 0 && use.seats-p.freed()+p.saleSeats() > limit:
		return ErrLimit
	}
	return nil
}

// memberLimit is how many seats the sale allows a member; 0: any number.
func (p *plan) memberLimit() int {
	for _, leg := range p.legs {
		if leg.offer.SaleID != 0 {
			return leg.offer.MemberLimit
		}
	}
	return 0
}

// saleSeats is how many seats a request takes on flights of the sale.
func (p *plan) saleSeats() int {
	seats := 0
	for _, leg := range p.legs {
		if leg.offer.SaleID != 0 {
			seats += p.req.Party.Seats()
		}
	}
	return seats
}

func (t *holdTx) takeMember(p *plan) {
	if use := t.members[memberSale{p.saleID, p.req.MemberID}]; use != nil {
		use.seats += p.saleSeats()
		use.unpaid++
	}
}

func nullInt(v int64) sql.NullInt64 { return sql.NullInt64{Int64: v, Valid: v != 0} }
