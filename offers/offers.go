// Package offers puts together what is on offer on a flight: its seats from the layout, its fares and quotas, the
// limits of its sale, and the prices. It is where flights, sales and booking meet, so that none of them has to
// know the others.
package offers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/sales"
)

// keepFor is how long an offer is used before it is read again; nobody sees one twice as old. Nothing that decides
// about a seat is in it: state, clock and use of quotas are read under the locks.
const keepFor = time.Second

// keepMost bounds the offers in memory; beyond it the cache starts anew.
const keepMost = 4096

// Offers answers booking's questions from memory. Safe for concurrent use.
type Offers struct {
	layouts *flights.Layouts
	prices  *sales.Prices
	now     func() time.Time

	mu   sync.Mutex
	kept map[int64]kept
	maps map[string]map[string]booking.Seat // by layout
}

type kept struct {
	offer *booking.Offer
	read  time.Time
	again bool // somebody reads it again
}

// New returns offers over the given layouts and prices; now is the clock of its cache.
func New(layouts *flights.Layouts, prices *sales.Prices, now func() time.Time) *Offers {
	return &Offers{layouts: layouts, prices: prices, now: now, kept: map[int64]kept{}, maps: map[string]map[string]booking.Seat{}}
}

// priced is what Price and Fee need of an offer beside what booking sees.
type priced struct {
	leg     sales.Leg
	departs time.Time
	base    map[string]int64 // by cabin and fare
	table   *sales.PriceTable
}

// Offer returns a flight's offer, read through q when it is not in memory. Errors: booking.ErrNoFlight.
func (o *Offers) Offer(ctx context.Context, q *db.Queries, flightID int64) (*booking.Offer, error) {
	if offer := o.known(flightID); offer != nil {
		return offer, nil
	}
	asked := o.now()
	offer, err := o.load(ctx, q, flightID)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		delete(o.kept, flightID)
		return nil, err
	}
	if len(o.kept) >= keepMost {
		clear(o.kept)
	}
	o.kept[flightID] = kept{offer: offer, read: asked}
	return offer, nil
}

// known is the offer in memory, or nil for whoever has to read it. When its time is over only the first who asks
// reads it again, while the others go on with it: a busy flight has hundreds at every moment.
func (o *Offers) known(flightID int64) *booking.Offer {
	o.mu.Lock()
	defer o.mu.Unlock()
	k, ok := o.kept[flightID]
	if !ok {
		return nil
	}
	if age := o.now().Sub(k.read); age < keepFor || k.again && age < 2*keepFor {
		return k.offer
	}
	k.again = true
	o.kept[flightID] = k
	return nil
}

func (o *Offers) load(ctx context.Context, q *db.Queries, flightID int64) (*booking.Offer, error) {
	row, err := q.OfferFlight(ctx, flightID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, booking.ErrNoFlight
	}
	if err != nil {
		return nil, fmt.Errorf("offers: flight %d: %w", flightID, err)
	}
	fares, err := q.FlightFares(ctx, flightID)
	if err != nil {
		return nil, fmt.Errorf("offers: fares of %d: %w", flightID, err)
	}
	table, err := o.prices.Table(ctx)
	if err != nil {
		return nil, fmt.Errorf("offers: prices: %w", err)
	}
	seats, err := o.seats(row.Layout)
	if err != nil {
		return nil, err
	}
	p := &priced{leg: sales.Leg{Origin: row.Origin, Destination: row.Destination, International: row.International},
		departs: row.DepartsAt, base: map[string]int64{}, table: table}
	id := flights.PublicID{FlightNo: row.FlightNo, Date: flights.DateOf(row.LocalDate)}
	offer := &booking.Offer{FlightID: row.ID, PublicID: id.String(), Layout: row.Layout, Day: row.LocalDate, ExitAge: flights.ExitRowMinAge, SaleID: row.SaleID.Int64,
		BookingLimit: int(row.BookingLimit), MemberLimit: int(row.MemberLimit), Seats: seats, Fares: map[string][]booking.Fare{}, Terms: p}
	addFares(offer, p, fares)
	return offer, nil
}

// addFares lists the fares by cabin, cheapest first, of two at one price by code.
func addFares(offer *booking.Offer, p *priced, rows []db.FlightFaresRow) {
	slices.SortFunc(rows, func(a, b db.FlightFaresRow) int {
		if a.BaseAmount != b.BaseAmount {
			return int(a.BaseAmount - b.BaseAmount)
		}
		return strings.Compare(a.FareCode, b.FareCode)
	})
	for _, row := range rows {
		quota := -1
		if row.Quota.Valid {
			quota = int(row.Quota.Int32)
		}
		offer.Fares[row.Cabin] = append(offer.Fares[row.Cabin], booking.Fare{Code: row.FareCode, Quota: quota})
		p.base[row.Cabin+"/"+row.FareCode] = row.BaseAmount
	}
}

// seats is a layout as booking sees it; layouts never change, so each is made once.
func (o *Offers) seats(code string) (map[string]booking.Seat, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if seats, ok := o.maps[code]; ok {
		return seats, nil
	}
	layout, err := o.layouts.Find(code)
	if err != nil {
		return nil, fmt.Errorf("offers: %w", err)
	}
	seats := map[string]booking.Seat{}
	for _, s := range layout.Seats() {
		seats[s.No] = booking.Seat{No: s.No, Row: s.Row, Letter: s.Letter, Cabin: string(s.Cabin), Window: s.Window,
			Aisle: s.Aisle, Exit: s.Exit, AddOn: s.PriceAddOn}
	}
	o.maps[code] = seats
	return seats, nil
}

// Price is what a traveller pays, without the seat's add-on, when the ticket is issued at an instant.
func (o *Offers) Price(offer *booking.Offer, cabin, fare string, kind booking.Kind, issued time.Time) (booking.Line, error) {
	p, ok := offer.Terms.(*priced)
	if !ok {
		return booking.Line{}, booking.ErrNoFare
	}
	base, ok := p.base[cabin+"/"+fare]
	if !ok {
		return booking.Line{}, booking.ErrNoFare
	}
	line, err := p.table.Line(p.leg, fare, base, kind, issued)
	if err != nil {
		return booking.Line{}, fmt.Errorf("offers: %w", err)
	}
	return booking.Line{Cabin: cabin, Fare: fare, Base: line.Base, Fuel: line.Fuel, Charges: line.Charges}, nil
}

// KindOn is what a traveller with a birth date counts as on the day of the flight.
func (o *Offers) KindOn(offer *booking.Offer, birth time.Time) booking.Kind {
	p, ok := offer.Terms.(*priced)
	if !ok {
		return sales.Adult
	}
	return p.table.KindOn(p.leg.International, birth, offer.Day)
}

// Fee is what cancelling one passenger's leg costs, in won.
func (o *Offers) Fee(offer *booking.Offer, q booking.FeeQuestion) (int64, error) {
	p, ok := offer.Terms.(*priced)
	if !ok {
		return 0, booking.ErrNoFare
	}
	return p.table.CancellationFee(q.Fare, p.leg.International, q.Kind, q.Base, q.Bought, p.departs, q.Now)
}
