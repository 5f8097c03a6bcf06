package booking

import (
	"context"
	"database/sql"
	"slices"
)

// memberSales lists the (sale, member) pairs of the batch, in lock order.
func (t *holdTx) memberSales() []memberSale {
	var pairs []memberSale
	for _, p := range t.plans {
		if p.saleID != 0 && !p.decided && p.same == nil {
			pairs = append(pairs, memberSale{p.saleID, p.req.MemberID})
		}
	}
	slices.SortFunc(pairs, func(a, b memberSale) int {
		if a.sale != b.sale {
			return int(a.sale - b.sale)
		}
		return int(a.member - b.member)
	})
	return slices.Compact(pairs)
}

// writeMemberSales writes, not only locks, the rows under which a member's use of a sale is counted.
func (t *holdTx) writeMemberSales(ctx context.Context) error {
	pairs := t.memberSales()
	if len(pairs) == 0 {
		return nil
	}
	rows := make([][]any, len(pairs))
	for i, pair := range pairs {
		rows[i] = []any{pair.sale, pair.member}
	}
	return t.tx.MemberSalesWrite(ctx, rows)
}

// countMembers reads how much of each sale the batch's members have at this instant.
func (t *holdTx) countMembers(ctx context.Context) error {
	t.members = map[memberSale]*memberUse{}
	bySale := map[int64][]int64{}
	for _, pair := range t.memberSales() {
		bySale[pair.sale] = append(bySale[pair.sale], pair.member)
		t.members[pair] = &memberUse{}
	}
	for _, sale := range sortedKeys(bySale) {
		if err := t.countSale(ctx, sale, bySale[sale]); err != nil {
			return err
		}
	}
	return nil
}

func (t *holdTx) countSale(ctx context.Context, sale int64, members []int64) error {
	uses, err := t.tx.MemberSaleUse(ctx, saleUse(sale, members, t.now))
	if err != nil {
		return err
	}
	for _, row := range uses {
		use := t.members[memberSale{sale, row.MemberID}]
		use.seats, use.unpaid = int(row.Seats), int(row.Unpaid)
	}
	rows, err := t.tx.MemberSalesOf(ctx, sale, members)
	if err != nil {
		return err
	}
	for _, row := range rows {
		t.members[memberSale{sale, row.MemberID}].refusedUntil = timeOf(row.RefusedUntil)
	}
	return nil
}

// checkMember applies the sale's limits to one request.
func (t *holdTx) checkMember(p *plan) error {
	use := t.members[memberSale{p.saleID, p.req.MemberID}]
	if use == nil {
		return nil
	}
	limit := p.legs[0].offer.MemberLimit
	switch {
	case use.refusedUntil.After(t.now), t.rules.SaleHolds > 0 && use.unpaid >= t.rules.SaleHolds:
		return ErrOpenHold
	case limit > 0 && use.seats+p.seats() > limit:
		return ErrLimit
	}
	return nil
}

// seats is how many seats a request takes over all its legs.
func (p *plan) seats() int { return p.req.Party.Seats() * len(p.legs) }

func (t *holdTx) takeMember(p *plan) {
	if use := t.members[memberSale{p.saleID, p.req.MemberID}]; use != nil {
		use.seats += p.seats()
		use.unpaid++
	}
}

func nullInt(v int64) sql.NullInt64 { return sql.NullInt64{Int64: v, Valid: v != 0} }
