package booking

import (
	"cmp"
	"context"
	"slices"

	"pigonair/db"
	"pigonair/sales"
)

// recount is a held booking counted anew by its travellers' dates of birth.
type recount struct {
	l          *Locked
	passengers []Passenger
	legs       []recountLeg
	overall    []Kind // on the first leg; on a lap only who is an infant throughout
	changed    bool
	total      int64
}

type recountLeg struct {
	no    int
	offer *Offer
	kinds []Kind
	lines []db.PriceLine // by passenger, as they are to be
}

// recount gives each traveller the kind that the birth date says on the day of each leg. Where that is not what the
// hold was priced for, the hold gets the new price, if it is the one agreed to. It returns the passengers in the order
// of their new numbers: adults, children, infants, each on the seat that was theirs. Errors: ErrParty, ErrNeedsSeat,
// ErrExitRow, ErrPriceChanged (a *PriceError).
func (l *Locked) recount(ctx context.Context, passengers []Passenger, agreed *int64) ([]Passenger, error) {
	r := &recount{l: l, passengers: slices.Clone(passengers)}
	for _, step := range []func(context.Context) error{r.readLegs, r.count, r.price} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.checkExits(); err != nil {
		return nil, err
	}
	if r.changed {
		if r.total != l.Row.Total && (agreed == nil || *agreed != r.total) {
			return nil, &PriceError{r.total}
		}
		if err := r.store(ctx); err != nil {
			return nil, err
		}
	}
	return r.renumbered(), nil
}

func (r *recount) readLegs(ctx context.Context) error {
	legs, err := r.l.tx.BookingLegs(ctx, r.l.Row.ID)
	if err != nil {
		return err
	}
	for _, leg := range legs {
		offer, err := r.l.s.shop.Offer(ctx, r.l.tx.Queries, leg.FlightID)
		if err != nil {
			return err
		}
		r.legs = append(r.legs, recountLeg{no: leg.LegNo, offer: offer})
	}
	return nil
}

// count finds the kinds. Whoever has a seat of their own is a child at least; whoever sits on a lap must be an infant
// on every leg.
func (r *recount) count(context.Context) error {
	declared := partyOf(r.l.Row).Kinds()
	if len(declared) != len(r.passengers) {
		return ErrParty
	}
	for i, p := range r.passengers {
		for l := range r.legs {
			kind := declared[i]
			if !p.BirthDate.IsZero() {
				kind = r.l.s.shop.KindOn(r.legs[l].offer, p.BirthDate)
			}
			switch lap := declared[i] == sales.Infant; {
			case lap && kind != sales.Infant:
				return ErrNeedsSeat
			case !lap && kind == sales.Infant:
				kind = sales.Child
			}
			r.changed = r.changed || kind != declared[i]
			r.legs[l].kinds = append(r.legs[l].kinds, kind)
		}
		r.overall = append(r.overall, r.legs[0].kinds[i])
		r.passengers[i].Kind = r.overall[i]
	}
	if party := r.party(); party.Infants > party.Adults {
		return ErrParty
	}
	return nil
}

func (r *recount) party() Party {
	var p Party
	for _, kind := range r.overall {
		switch kind {
		case sales.Adult:
			p.Adults++
		case sales.Child:
			p.Children++
		case sales.Infant:
			p.Infants++
		}
	}
	return p
}

// price works out every line anew, at the fare, on the seat and for the day of the hold.
func (r *recount) price(ctx context.Context) error {
	old, err := r.l.tx.PriceLinesOf(ctx, r.l.Row.ID)
	if err != nil {
		return err
	}
	for l := range r.legs {
		leg := &r.legs[l]
		leg.lines = make([]db.PriceLine, len(r.passengers))
		for _, line := range old {
			if line.LegNo != leg.no {
				continue
			}
			i := line.PassengerNo - 1
			now, err := r.l.s.shop.Price(leg.offer, line.Cabin, line.FareCode, leg.kinds[i], r.l.Row.CreatedAt)
			if err != nil {
				return err
			}
			line.Base, line.Fuel, line.Charges = now.Base, now.Fuel, now.Charges
			leg.lines[i] = line
			r.total += line.Base + line.Fuel + line.Charges + line.Seat
		}
	}
	return nil
}

// checkExits keeps exit rows for those who can help there. Errors: ErrExitRow.
func (r *recount) checkExits() error {
	party := r.party()
	for _, c := range r.l.claims {
		l := slices.IndexFunc(r.legs, func(leg recountLeg) bool { return leg.offer.FlightID == c.flight })
		offer, p := r.legs[l].offer, r.passengers[c.passenger-1]
		if !offer.Seats[c.no].Exit || p.BirthDate.IsZero() {
			continue
		}
		if keptFromExits(party) || !p.ExitConsent || AgeOn(p.BirthDate, offer.Day) < offer.ExitAge {
			return ErrExitRow
		}
	}
	return nil
}

// order lists the passengers' old indexes in the order of their new numbers.
func (r *recount) order() []int {
	rank := map[Kind]int{sales.Adult: 0, sales.Child: 1, sales.Infant: 2}
	order := make([]int, len(r.overall))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank[r.overall[a]], rank[r.overall[b]]) })
	return order
}

func (r *recount) renumbered() []Passenger {
	out := make([]Passenger, 0, len(r.passengers))
	for _, i := range r.order() {
		out = append(out, r.passengers[i])
	}
	return out
}

// store writes the new party, its lines, and whose each seat is.
func (r *recount) store(ctx context.Context) error {
	l, number := r.l, map[int]int{} // new by old
	for n, i := range r.order() {
		number[i+1] = n + 1
	}
	for i := range l.claims {
		c := &l.claims[i]
		if number[c.passenger] == c.passenger {
			continue
		}
		c.passenger = number[c.passenger]
		n, err := l.tx.BookingSeatPassenger(ctx, db.BookingSeatPassengerParams{PassengerNo: c.passenger, FlightID: c.flight, SeatNo: c.no,
			Fence: c.fence, BookingID: l.Row.ID})
		if err := exactly(n, 1, err); err != nil {
			return err
		}
	}
	p := r.party()
	n, err := l.tx.BookingReprice(ctx, db.BookingRepriceParams{Adults: p.Adults, Children: p.Children, Infants: p.Infants, Total: r.total,
		ID: l.Row.ID, Version: l.Row.Version})
	if err := exactly(n, 1, err); err != nil {
		return err
	}
	l.Row.Adults, l.Row.Children, l.Row.Infants, l.Row.Total = p.Adults, p.Children, p.Infants, r.total
	l.Row.Version++
	if err := r.storeLines(ctx, number); err != nil {
		return err
	}
	return l.Note(ctx, "repriced", "", r.total)
}

func (r *recount) storeLines(ctx context.Context, number map[int]int) error {
	var rows [][]any
	for _, leg := range r.legs {
		for i, line := range leg.lines {
			rows = append(rows, []any{r.l.Row.ID, number[i+1], leg.no, line.Cabin, line.FareCode, line.Base, line.Fuel, line.Charges, line.Seat})
		}
	}
	n, err := r.l.tx.PriceLinesDelete(ctx, r.l.Row.ID)
	if err := exactly(n, len(rows), err); err != nil {
		return err
	}
	return r.l.tx.PriceLinesInsert(ctx, rows)
}
