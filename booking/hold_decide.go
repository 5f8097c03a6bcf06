package booking

import (
	"slices"
	"time"

	"pigonair/db"
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
	if key := p.keyOf(); key != "" && t.keys[key] {
		return ErrKeyReused // with the same content it would have been folded
	}
	for _, leg := range p.legs {
		if err := t.checkFlight(t.flights[leg.offer.FlightID]); err != nil {
			return err
		}
	}
	t.preferNamed(p)
	if err := t.checkSeats(p); err != nil {
		return err
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
	case f.layout != f.offer.Layout:
		return ErrBusy // another aircraft since the offer was read, a second or two ago
	}
	return nil
}

// checkSeats tells whether somebody else has one of the seats. The seats that a member has just let go count as
// such. A seat that we chose ourselves and that is gone may be chosen anew, unless another is lost for good. A leg
// for which too few seats were left loses under the number auto.
func (t *holdTx) checkSeats(p *plan) error {
	taken := &TakenError{}
	raced := false
	for _, leg := range p.legs {
		if len(leg.seats) == 0 {
			raced = raced || !leg.final
			if leg.final {
				taken.Seats = append(taken.Seats, SeatRef{Flight: leg.offer.PublicID, No: "auto"})
			}
		}
		for _, no := range leg.seats {
			key := seatKey{leg.offer.FlightID, no}
			letGo := t.letGo(p, key)
			switch gone := !t.takeable(key); {
			case gone && !leg.final:
				raced = true
			case gone || letGo:
				taken.Seats = append(taken.Seats, SeatRef{Flight: leg.offer.PublicID, No: no})
				taken.LetGo = taken.LetGo || letGo
			}
		}
	}
	switch {
	case len(taken.Seats) > 0:
		return taken
	case raced:
		return errRaced
	}
	return nil
}

// takeable tells whether nobody has a seat, in the database or by an earlier request of this transaction.
func (t *holdTx) takeable(key seatKey) bool {
	row := t.seats[key]
	return row != nil && row.taker == nil && free(row.SeatsLockRow, t.now)
}

// free tells whether nobody has a seat at an instant. A hold that ran out is free from its last instant on.
func free(seat db.SeatsLockRow, now time.Time) bool {
	return seat.State == seatAvailable || (seat.State == seatHeld && !seat.HeldUntil.Time.After(now))
}

// price chooses each seat's fare and works out every line; quotas count the transaction's earlier requests too.
func (t *holdTx) price(p *plan) error {
	kinds := p.req.Party.Kinds()
	for _, leg := range p.legs {
		f, taken, first := t.flights[leg.offer.FlightID], map[string]int{}, len(p.lines)
		for i := range kinds {
			line, err := t.priceOne(f, leg, kinds, i, taken, p.lines[first:])
			if err != nil {
				return err
			}
			p.lines = append(p.lines, line)
		}
	}
	return nil
}

// priceOne works out one traveller's line. An infant travels on the fare of the adult whose lap it sits on.
func (t *holdTx) priceOne(f *flightRow, leg planLeg, kinds []Kind, i int, taken map[string]int, before []Line) (Line, error) {
	if kinds[i] == sales.Infant {
		lap := before[lapOf(kinds, i)]
		return t.shop.Price(leg.offer, lap.Cabin, lap.Fare, kinds[i], t.now)
	}
	seat := leg.offer.Seats[leg.seats[i]]
	fare, err := f.fare(leg, seat.Cabin, taken)
	if err != nil {
		return Line{}, err
	}
	line, err := t.shop.Price(leg.offer, seat.Cabin, fare, kinds[i], t.now)
	line.Seat = seat.AddOn
	return line, err
}

// lapOf is the adult on whose lap infant i sits: the first adult for the first infant, and so on.
func lapOf(kinds []Kind, i int) int {
	return i - slices.Index(kinds, sales.Infant)
}

// fare is the first choice that still has a place, counting those that this request takes itself.
func (f *flightRow) fare(leg planLeg, cabin string, taken map[string]int) (string, error) {
	choices := fareChoices(f.offer, cabin, leg.fare)
	if len(choices) == 0 {
		return "", ErrNoFare
	}
	for _, choice := range choices {
		key := fareKey(cabin, choice.Code)
		if choice.Quota < 0 || f.used[key]+taken[key] < choice.Quota {
			taken[key]++
			return choice.Code, nil
		}
	}
	return "", ErrFareSoldOut
}

// accept marks the seats as this request's, until the earlier of the hold's time and the last cut-off.
func (t *holdTx) accept(p *plan) {
	p.decided, p.accepted = true, true
	if key := p.keyOf(); key != "" {
		t.keys[key] = true
	}
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
