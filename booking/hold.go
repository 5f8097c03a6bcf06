package booking

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pigonair/db"
)

// HoldRequest asks for seats on one or two flights, all or none.
type HoldRequest struct {
	MemberID int64
	Language string
	Party    Party // adults and children need a seat each; infants sit on a lap
	Legs     []LegRequest
	Total    *int64 // won as the customer saw it; nil: not checked
	Key      string // the client's idempotency key; empty: none
	Similar  bool   // a named seat that is gone is replaced by the nearest like it, at the same price
	Change   string // reference of the member's confirmed booking that this hold is to replace, party and all; empty: none
}

// LegRequest names the seats of one flight. No seats: the service picks some.
type LegRequest struct {
	FlightID int64
	Seats    []string // in passenger order
	Fare     string   // empty: the cheapest that still has places for the cabin
	Cabin    string   // where seats are picked; empty: economy
	Wishes   Wishes   // where seats are picked
}

// HoldResult is a hold that stands, or the one that the same key made earlier.
type HoldResult struct {
	Ref      string
	Until    time.Time // meaningless when Repeated
	Repeated bool
	Replaced []Replacement // seats that are not those named; not told again when Repeated
}

// Replacement is a seat given in place of one that was gone.
type Replacement struct{ Lost, Got SeatRef }

// Hold takes all seats of a request or none. Errors: ErrParty, ErrNoFlight, ErrNoSeat, ErrNoFare, ErrTwoSales,
// ErrSeatTaken (a *TakenError), ErrFareSoldOut, ErrPriceChanged (a *PriceError), ErrSalesClosed, ErrCancelled,
// ErrLimit, ErrOpenHold, ErrRefused (a *RefusedError), ErrKeyReused, ErrBusy; of a change ErrNotFound, ErrState. A repeat under the same key returns
// the first success. When ctx ends first its error is returned, and the hold may be made all the same.
func (s *Service) Hold(ctx context.Context, req HoldRequest) (HoldResult, error) {
	change, err := s.changeOf(ctx, &req)
	if err != nil {
		return HoldResult{}, err
	}
	p, err := s.plan(ctx, req)
	if err != nil {
		return HoldResult{}, err
	}
	p.change = change
	s.holder.hold(ctx, p)
	return p.result, p.err
}

// plan is a request that passed every check that needs no lock, and then its outcome.
type plan struct {
	req      HoldRequest
	legs     []planLeg
	saleID   int64
	change   *change // what it is to replace; nil: nothing
	hash     [sha256.Size]byte
	id       int64
	ref      string
	unknown  bool // a COMMIT of it was not answered: it may be stored
	lines    []Line
	until    time.Time // of the hold, once decided
	same     *plan     // an earlier request of the transaction with the same key and content
	result   HoldResult
	err      error
	decided  bool
	accepted bool

	lookFirst bool // a unique key refused its transaction: its key is looked up before anything else
}

// planLeg is one flight of a plan. Lines of a plan go by leg, then passenger.
type planLeg struct {
	offer  *Offer
	named  []string // in passenger order; none where the service picks
	seats  []string // the choice for this transaction
	final  bool     // a loss is one for good: looking again would find nothing better
	fare   string
	cabin  string
	wishes Wishes
}

// plan checks a request against what is on offer and gives it an id. Nothing is locked and nothing written.
func (s *Service) plan(ctx context.Context, req HoldRequest) (*plan, error) {
	if err := checkParty(req); err != nil {
		return nil, err
	}
	p := &plan{req: req, hash: contentHash(req)}
	for _, leg := range req.Legs {
		offer, err := s.shop.Offer(ctx, s.read, leg.FlightID)
		if err != nil {
			return nil, err
		}
		if err := p.addLeg(offer, leg); err != nil {
			return nil, err
		}
	}
	id, err := s.ids.Next(ctx, db.BookingIDs)
	if err != nil {
		return nil, fmt.Errorf("booking.Hold: %w", err)
	}
	p.id, p.ref = id, s.refs.Of(id)
	return p, nil
}

func checkParty(req HoldRequest) error {
	party := req.Party
	seated := party.Seats()
	if party.Adults < 0 || party.Children < 0 || party.Infants < 0 || party.Infants > party.Adults || seated < 1 || seated > MaxSeats {
		return ErrParty
	}
	if len(req.Legs) < 1 || len(req.Legs) > 2 || (len(req.Legs) == 2 && req.Legs[0].FlightID == req.Legs[1].FlightID) {
		return ErrParty
	}
	for _, leg := range req.Legs {
		if n := len(leg.Seats); n != 0 && n != seated {
			return ErrParty
		}
	}
	return nil
}

func (p *plan) addLeg(offer *Offer, leg LegRequest) error {
	if offer.SaleID != 0 && p.saleID != 0 && offer.SaleID != p.saleID {
		return ErrTwoSales
	}
	p.saleID = max(p.saleID, offer.SaleID)
	if offer.BookingLimit > 0 && p.req.Party.Seats() > offer.BookingLimit {
		return ErrLimit
	}
	cabin := leg.Cabin
	if cabin == "" {
		cabin = "economy"
	}
	if err := checkSeats(offer, leg, p.req.Party); err != nil {
		return err
	}
	if len(leg.Seats) == 0 && len(fareChoices(offer, cabin, leg.Fare)) == 0 {
		return ErrNoFare
	}
	p.legs = append(p.legs, planLeg{offer: offer, named: slices.Clone(leg.Seats), fare: leg.Fare, cabin: cabin, wishes: leg.Wishes})
	return nil
}

func checkSeats(offer *Offer, leg LegRequest, party Party) error {
	seen := map[string]bool{}
	for _, no := range leg.Seats {
		seat, ok := offer.Seats[no]
		switch {
		case !ok:
			return ErrNoSeat
		case seen[no], seat.Exit && keptFromExits(party):
			return ErrParty
		case len(fareChoices(offer, seat.Cabin, leg.Fare)) == 0:
			return ErrNoFare
		}
		seen[no] = true
	}
	return nil
}

// keptFromExits tells whether a party may not sit in exit rows: whoever cares for a child or an infant cannot help
// there.
func keptFromExits(party Party) bool { return party.Children+party.Infants > 0 }

// fareChoices are the fares that may be tried for a cabin: the one asked for, or all, cheapest first.
func fareChoices(offer *Offer, cabin, asked string) []Fare {
	fares := offer.Fares[cabin]
	if asked == "" {
		return fares
	}
	for i, f := range fares {
		if f.Code == asked {
			return fares[i : i+1]
		}
	}
	return nil
}

// contentHash tells two requests under one key apart. The total is part of it: another price is another wish. It is
// written by hand because fmt took 2 % of a hold's time for it.
func contentHash(req HoldRequest) [sha256.Size]byte {
	b := make([]byte, 0, 128)
	number := func(n int64) { b = append(strconv.AppendInt(b, n, 10), '|') }
	text := func(s string) { b = append(strconv.AppendQuote(b, s), '|') }
	for _, n := range []int{req.Party.Adults, req.Party.Children, req.Party.Infants} {
		number(int64(n))
	}
	b = strconv.AppendBool(b, req.Similar)
	text(req.Change)
	if req.Total != nil {
		number(*req.Total)
	}
	for _, leg := range req.Legs {
		text("leg")
		number(leg.FlightID)
		for _, s := range slices.Concat(leg.Seats, []string{"", leg.Fare, leg.Cabin}) {
			text(s)
		}
		for _, wish := range []bool{leg.Wishes.Together, leg.Wishes.Window, leg.Wishes.Aisle, leg.Wishes.Front} {
			b = strconv.AppendBool(b, wish)
		}
	}
	return sha256.Sum256(b)
}

// keyOf is the idempotency key with its owner; empty without a key.
func (p *plan) keyOf() string {
	if p.req.Key == "" {
		return ""
	}
	return fmt.Sprintf("%d/%s", p.req.MemberID, p.req.Key)
}

// choosesAny tells whether the service picks some of the seats.
func (p *plan) choosesAny() bool {
	return slices.ContainsFunc(p.legs, func(leg planLeg) bool { return p.chooses(&leg) })
}

func (p *plan) fail(err error) {
	p.err, p.decided, p.accepted = err, true, false
}

// reset forgets an outcome, for a transaction that runs with fresh reads.
func (p *plan) reset() {
	p.result, p.err, p.decided, p.accepted, p.same = HoldResult{}, nil, false, false, nil
	p.lines = p.lines[:0]
	for i := range p.legs {
		p.legs[i].seats, p.legs[i].final = p.legs[i].named, true
	}
}
