package booking

import (
	"context"
	"slices"
)

// chooses tells whether the seats of a leg are ours to choose, wholly or where one is gone.
func (p *plan) chooses(leg *planLeg) bool { return len(leg.named) == 0 || p.req.Similar }

// choose proposes seats where that is left to us: for requests that named none, and in place of named seats that are
// gone. It is one read per flight without locks; the seats' locks that follow decide.
func (t *holdTx) choose(ctx context.Context) error {
	c := chooser{t: t, free: map[int64][]Seat{}, named: map[seatKey]bool{}, claimed: map[seatKey]bool{}}
	for _, id := range sortedKeys(t.flights) {
		if !t.flights[id].chosen {
			continue
		}
		if err := c.readFree(ctx, t.flights[id].offer); err != nil {
			return err
		}
	}
	if len(c.free) == 0 {
		return nil
	}
	open := t.open()
	for _, p := range open {
		c.noteNamed(p)
	}
	for _, p := range open {
		for i := range p.legs {
			c.chooseLeg(p, &p.legs[i])
		}
	}
	return nil
}

// chooser proposes seats to the requests of one transaction in their order.
type chooser struct {
	t       *holdTx
	free    map[int64][]Seat // by flight, in the order of the cabin
	named   map[seatKey]bool // by any request: left alone while there are others
	claimed map[seatKey]bool // by an earlier request
}

func (c *chooser) readFree(ctx context.Context, offer *Offer) error {
	rows, err := c.t.tx.SeatsFree(ctx, offer.FlightID)
	if err != nil {
		return err
	}
	free := make([]Seat, 0, len(rows))
	for _, row := range rows {
		if seat, ok := offer.Seats[row.SeatNo]; ok {
			free = append(free, seat)
		}
	}
	slices.SortFunc(free, inCabinOrder)
	c.free[offer.FlightID] = free
	return nil
}

func (c *chooser) noteNamed(p *plan) {
	for _, leg := range p.legs {
		for _, no := range leg.named {
			c.named[seatKey{leg.offer.FlightID, no}] = true
		}
	}
}

func (c *chooser) chooseLeg(p *plan, leg *planLeg) {
	switch {
	case len(leg.named) == 0:
		c.pick(p, leg)
	case p.req.Similar:
		c.replace(p, leg)
	}
	for _, no := range leg.seats {
		c.claimed[seatKey{leg.offer.FlightID, no}] = true
	}
}

// pick chooses all seats of a leg: first among those that nobody of this transaction names, then among all that no
// earlier request has. The loss is for good when not even the free seats of the flight would do.
func (c *chooser) pick(p *plan, leg *planLeg) {
	here := leg.offer.FlightID
	mine := func(s Seat) bool {
		return s.Cabin == leg.cabin && !(s.Exit && keptFromExits(p.req.Party)) && !c.t.letGo(p, seatKey{here, s.No})
	}
	n := p.req.Party.Seats()
	for _, but := range []map[seatKey]bool{c.named, nil} {
		leg.seats = pickSeats(c.eligible(here, func(s Seat) bool { return mine(s) && !but[seatKey{here, s.No}] }), n, leg.wishes)
		if leg.seats != nil {
			leg.final = false
			return
		}
	}
	count := 0
	for _, s := range c.free[here] {
		if mine(s) {
			count++
		}
	}
	leg.final = count < n
}

// eligible are the free seats of a flight that no earlier request has and that pass a test.
func (c *chooser) eligible(flight int64, fits func(Seat) bool) []Seat {
	var seats []Seat
	for _, s := range c.free[flight] {
		if !c.claimed[seatKey{flight, s.No}] && fits(s) {
			seats = append(seats, s)
		}
	}
	return seats
}

// replace puts the nearest like it in the place of each named seat that is gone. Where there is none the named seat
// stays, and is lost for good.
func (c *chooser) replace(p *plan, leg *planLeg) {
	here := leg.offer.FlightID
	leg.seats, leg.final = slices.Clone(leg.named), false
	for i, no := range leg.named {
		wanted := leg.offer.Seats[no]
		if !c.t.letGo(p, seatKey{here, no}) && slices.Contains(c.eligible(here, anySeat), wanted) {
			continue
		}
		other := func(s Seat) bool {
			return !slices.Contains(leg.seats, s.No) && !slices.Contains(leg.named, s.No) && !c.t.letGo(p, seatKey{here, s.No})
		}
		unnamed := func(s Seat) bool { return other(s) && !c.named[seatKey{here, s.No}] }
		near, found := nearest(c.eligible(here, unnamed), wanted)
		if !found {
			near, found = nearest(c.eligible(here, other), wanted)
		}
		if !found {
			leg.final = true
			continue
		}
		leg.seats[i] = near.No
	}
}

func anySeat(Seat) bool { return true }

// preferNamed goes back to the named seats that are free after all, now that they are locked.
func (t *holdTx) preferNamed(p *plan) {
	if !p.req.Similar {
		return
	}
	for _, leg := range p.legs {
		for i, no := range leg.named {
			key := seatKey{leg.offer.FlightID, no}
			if t.takeable(key) && !t.letGo(p, key) {
				leg.seats[i] = no
			}
		}
	}
}

// replaced lists the seats that are not those that were named.
func (p *plan) replaced() []Replacement {
	var list []Replacement
	for _, leg := range p.legs {
		for i, no := range leg.named {
			if got := leg.seats[i]; got != no {
				list = append(list, Replacement{SeatRef{leg.offer.PublicID, no}, SeatRef{leg.offer.PublicID, got}})
			}
		}
	}
	return list
}
