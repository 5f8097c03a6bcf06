package booking

import (
	"time"

	"pigonair/sales"
)

// decide gives one request its outcome on the locked rows; requests are decided in arrival order, so that one
// that is refused leaves its seats to a later one.
func (t *holdTx) decide(p *plan) {
	if p.decided || p.same != nil {
		return
	}
	if err := t.refusal(p); err != nil {
		p.fail(err)
		return
	}
	t.accept(p)
}

// refusal is the first reason against a request, or nil; with nil the request is priced.
func (t *holdTx) refusal(p *plan) error {
	for _, leg := range p.legs {
		if err := t.checkFlight(t.flights[leg.offer.FlightID]); err != nil {
			return err
		}
	}
	if lost, picked := t.lost(p); len(lost) > 0 {
		if picked {
			return errRaced
		}
		return &TakenError{lost}
	}
	if err := t.checkMember(p); err != nil {
		return err
	}
	if err := t.price(p); err != nil {
		return err
	}
	if total := p.total(); p.req.Total != nil && *p.req.Total != total {
		return &PriceError{total}
	}
	return nil
}

func (t *holdTx) checkFlight(f *flightRow) error {
	switch {
	case f.state != "scheduled":
		return ErrCancelled
	case !f.closes.After(t.now):
		return ErrSalesClosed
	}
	return nil
}

// lost lists the seats that somebody else has; picked tells that we chose one of them ourselves and may choose
// again. A leg for which too few seats were left loses under the number auto.
func (t *holdTx) lost(p *plan) (lost []SeatRef, picked bool) {
	for _, leg := range p.legs {
		if len(leg.seats) == 0 {
			lost = append(lost, SeatRef{Flight: leg.offer.PublicID, No: "auto"})
		}
		for _, no := range leg.seats {
			row := t.seats[seatKey{leg.offer.FlightID, no}]
			if row == nil || row.taker != nil || !t.free(row) {
				lost = append(lost, SeatRef{Flight: leg.offer.PublicID, No: no})
				picked = picked || leg.auto
			}
		}
	}
	return lost, picked
}

// free tells whether nobody has a seat at this instant. A hold that ran out is free from its last instant on.
func (t *holdTx) free(row *seatRow) bool {
	return row.State == seatAvailable || (row.State == seatHeld && !row.HeldUntil.Time.After(t.now))
}

// price chooses each seat's fare and works out every line; quotas count the batch's earlier requests too.
func (t *holdTx) price(p *plan) error {
	kinds := p.req.Party.Kinds()
	taken := map[string]int{}
	for _, leg := range p.legs {
		f := t.flights[leg.offer.FlightID]
		for i, kind := range kinds {
			line, err := t.priceOne(f, leg, kinds, i, kind, taken)
			if err != nil {
				return err
			}
			p.lines = append(p.lines, line)
		}
	}
	return nil
}

func (t *holdTx) priceOne(f *flightRow, leg planLeg, kinds []Kind, i int, kind Kind, taken map[string]int) (Line, error) {
	seat := leg.offer.Seats[leg.seats[lapOf(kinds, i)]]
	fare, err := f.fare(leg, seat.Cabin, kind, taken)
	if err != nil {
		return Line{}, err
	}
	line, err := t.shop.Price(leg.offer, seat.Cabin, fare, kind, t.now)
	if err == nil && kind != sales.Infant {
		line.Seat = seat.AddOn
	}
	return line, err
}

// lapOf is the seat index of passenger i: its own, or for an infant that of the adult whose lap it takes.
func lapOf(kinds []Kind, i int) int {
	seated := 0
	for _, k := range kinds {
		if k != sales.Infant {
			seated++
		}
	}
	if i < seated {
		return i
	}
	return i - seated
}

// fare is the first choice that still has a place. Infants take none.
func (f *flightRow) fare(leg planLeg, cabin string, kind Kind, taken map[string]int) (string, error) {
	choices := fareChoices(f.offer, cabin, leg.fare)
	if len(choices) == 0 {
		return "", ErrNoFare
	}
	for _, choice := range choices {
		key := fareKey(cabin, choice.Code)
		place := f.offer.PublicID + key
		if kind == sales.Infant || choice.Quota < 0 || f.used[key]+taken[place] < choice.Quota {
			if kind != sales.Infant {
				taken[place]++
			}
			return choice.Code, nil
		}
	}
	return "", ErrFareSoldOut
}

// accept marks the seats as this request's, until the earlier of the hold's time and the last cut-off.
func (t *holdTx) accept(p *plan) {
	p.decided, p.accepted = true, true
	p.until = t.now.Add(t.rules.HoldFor)
	for l, leg := range p.legs {
		f := t.flights[leg.offer.FlightID]
		p.until = earlier(p.until, f.closes)
		for i, no := range leg.seats {
			t.seats[seatKey{leg.offer.FlightID, no}].taker = p
			line := p.line(l, i)
			f.used[fareKey(line.Cabin, line.Fare)]++
		}
	}
	t.takeMember(p)
}

// line is what passenger i pays on leg l.
func (p *plan) line(l, i int) Line {
	return p.lines[l*len(p.req.Party.Kinds())+i]
}

func (p *plan) total() int64 {
	var sum int64
	for _, line := range p.lines {
		sum += line.Total()
	}
	return sum
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
