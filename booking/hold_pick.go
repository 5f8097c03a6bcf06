package booking

import (
	"context"
	"slices"
	"strings"
)

// pick chooses seats for requests that left the choice to us, from one unlocked read per flight. The locks that
// follow decide whether the choice holds.
func (t *holdTx) pick(ctx context.Context) error {
	free := map[int64][]string{}
	for _, p := range t.plans {
		if p.decided || p.same != nil {
			continue
		}
		for l := range p.legs {
			leg := &p.legs[l]
			if !leg.auto {
				continue
			}
			if err := t.readFree(ctx, free, leg.offer.FlightID); err != nil {
				return err
			}
			leg.seats = pickSeats(leg.offer, free[leg.offer.FlightID], leg.cabin, p.req.Party)
			free[leg.offer.FlightID] = without(free[leg.offer.FlightID], leg.seats)
		}
	}
	return nil
}

func (t *holdTx) readFree(ctx context.Context, free map[int64][]string, flight int64) error {
	if _, read := free[flight]; read {
		return nil
	}
	rows, err := t.tx.SeatsFree(ctx, flight)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, p := range t.plans {
		for _, leg := range p.legs {
			if leg.offer.FlightID == flight && !leg.auto {
				for _, no := range leg.seats {
					named[no] = true
				}
			}
		}
	}
	free[flight] = make([]string, 0, len(rows))
	for _, row := range rows {
		if !named[row.SeatNo] {
			free[flight] = append(free[flight], row.SeatNo)
		}
	}
	return nil
}

func without(from, taken []string) []string {
	return slices.DeleteFunc(slices.Clone(from), func(no string) bool { return slices.Contains(taken, no) })
}

// pickSeats returns seats for a party in one cabin, in passenger order, or nil if there are too few. It prefers,
// in this order: no add-on, all in one row side by side, few rows, the front. Parties with children or
// infants are kept out of exit rows.
func pickSeats(offer *Offer, free []string, cabin string, party Party) []string {
	var seats []Seat
	for _, no := range free {
		seat, ok := offer.Seats[no]
		if ok && seat.Cabin == cabin && !(seat.Exit && party.Children+party.Infants > 0) {
			seats = append(seats, seat)
		}
	}
	slices.SortFunc(seats, func(a, b Seat) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return strings.Compare(a.Letter, b.Letter)
	})
	return bestWindow(seats, party.Seats())
}

// bestWindow slides over the seats in row order and takes the n consecutive ones with the lowest cost.
func bestWindow(seats []Seat, n int) []string {
	best, bestCost := -1, int64(0)
	for i := 0; i+n <= len(seats); i++ {
		if cost := windowCost(seats[i : i+n]); best < 0 || cost < bestCost {
			best, bestCost = i, cost
		}
	}
	if best < 0 {
		return nil
	}
	chosen := make([]string, n)
	for i, seat := range seats[best : best+n] {
		chosen[i] = seat.No
	}
	return chosen
}

// windowCost orders windows: a won of add-on weighs more than anything else, then rows, then gaps.
func windowCost(seats []Seat) int64 {
	var cost int64
	for i, seat := range seats {
		cost += seat.AddOn * 1000
		if i == 0 {
			continue
		}
		before := seats[i-1]
		cost += int64(seat.Row-before.Row) * 100
		if seat.Row == before.Row {
			cost += int64(seat.Letter[0]-before.Letter[0]-1) * 10
			if before.Aisle && seat.Aisle {
				cost += 5
			}
		}
	}
	return cost
}
