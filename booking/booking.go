// Package booking decides who has a seat: holds, their extension, payment, confirmation, cancellation and
// expiry. The database decides, in short transactions that take their locks in one order; everything in
// front of it only spares it work. states.go lists every transition.
package booking

import (
	"context"
	"database/sql"
	"time"

	"pigonair/db"
	"pigonair/sales"
)

// Kind is what a traveller counts as on the day of the leg. Infants sit on a lap.
type Kind = sales.Kind

// Party is how many of each kind travel together.
type Party = sales.Party

// MaxSeats is how many seats one booking may have per flight.
const MaxSeats = sales.MaxSeats

// Currency of all amounts, which are whole won.
const Currency = "KRW"

// Offer is what a hold has to know about a flight before it locks anything: facts that change rarely, from
// memory. The clock, the flight's state and the seats' owners are read under the locks.
type Offer struct {
	FlightID     int64
	PublicID     string
	Layout       string    // code of the cabin layout that Seats are of
	Day          time.Time // local date of departure, at midnight UTC
	ExitAge      int       // from which age, in whole years, one may sit in an exit row
	SaleID       int64     // 0: on no sale
	BookingLimit int       // seats per booking on a sale; 0: MaxSeats
	MemberLimit  int       // seats per member and sale; 0: no limit
	Seats        map[string]Seat
	Fares        map[string][]Fare // by cabin, cheapest first
	Terms        any               // the shop's own: prices and fees
}

// limited tells whether holds on the flight must write its row, because a quota counts its seats.
func (o *Offer) limited() bool {
	for _, fares := range o.Fares {
		for _, f := range fares {
			if f.Quota >= 0 {
				return true
			}
		}
	}
	return false
}

// Seat is one place of the cabin layout.
type Seat struct {
	No     string
	Row    int
	Letter string
	Cabin  string
	Window bool
	Aisle  bool
	Exit   bool
	AddOn  int64 // won on top of the fare
}

// Fare is one fare of a flight and cabin. Quota is how many seats it may take, negative for no limit.
type Fare struct {
	Code  string
	Quota int
}

// Line is what one passenger pays on one leg, in won.
type Line struct {
	Cabin, Fare               string
	Base, Fuel, Charges, Seat int64
}

// Total is the line's sum.
func (l Line) Total() int64 { return l.Base + l.Fuel + l.Charges + l.Seat }

// Shop tells what is on offer and what it costs.
type Shop interface {
	// Offer returns a flight's offer, through q when it has to be read: inside a transaction q is the
	// transaction, so that no second connection is needed. Errors: ErrNoFlight.
	Offer(ctx context.Context, q *db.Queries, flightID int64) (*Offer, error)
	// Price is what a traveller of a kind pays for a fare and cabin when the ticket is issued at an instant,
	// without the seat's add-on. It answers from memory: locks are held meanwhile.
	Price(o *Offer, cabin, fare string, kind Kind, issued time.Time) (Line, error)
	// KindOn is what a traveller with a birth date counts as on the day of the flight. It answers from memory.
	KindOn(o *Offer, birth time.Time) Kind
	// Fee is what cancelling one passenger's leg costs, in won. It answers from memory.
	Fee(o *Offer, q FeeQuestion) (int64, error)
}

// Rules are the numbers that an operator may set.
type Rules struct {
	HoldFor       time.Duration // how long a hold lives
	ExtendBy      time.Duration // what the one extension adds
	PayLeaves     time.Duration // pressing pay leaves at least this much, once
	RetryLeaves   time.Duration // a refused payment goes back to a hold only with this much left
	SaleHolds     int           // live unpaid holds per member and sale; 0: any number
	MemberHolds   int           // live unpaid holds per member on flights of no sale; 0: any number
	RunOuts       int           // holds of a sale that ran out unpaid in a row, after which the next is refused; 0: any number
	RefuseFor     time.Duration // how long it is refused then
	LetGoFor      time.Duration // how long a seat of a sale that a member has let go is refused to that member
	TakenFor      time.Duration // how long a seat that was read as taken turns people away without a look; 0: never
	BatchMost     int           // requests in one transaction
	BatchesAtOnce int           // transactions that run for one flight where whole batches wait
	BatchQueue    int           // requests that may wait per flight
	BatchDeadline time.Duration // of one batch, whatever its customers do
}

// DefaultRules are those of the design.
func DefaultRules() Rules {
	return Rules{HoldFor: 15 * time.Minute, ExtendBy: 5 * time.Minute, PayLeaves: 5 * time.Minute, RetryLeaves: 3 * time.Minute,
		SaleHolds: 1, RunOuts: 2, RefuseFor: 30 * time.Minute, LetGoFor: 2 * time.Minute,
		TakenFor: 500 * time.Millisecond, BatchMost: 128, BatchesAtOnce: 3,
		BatchQueue: 2000, BatchDeadline: 10 * time.Second}
}

// References makes the public name of a booking from its id.
type References interface{ Of(id int64) string }

// Service is the bookings' front door. Safe for concurrent use.
type Service struct {
	pool    *sql.DB
	read    *db.Queries
	ids     *db.IDs
	refs    References
	shop    Shop
	rules   Rules
	holder  holder
	hooks   Hooks
	batcher *batcher
}

// Hooks are called at named points of every transaction, so that tests can force an interleaving. nil: none.
type Hooks func(ctx context.Context, point Point)

// Point names a moment inside a transaction.
type Point string

// The points, in the order in which a transaction passes them.
const (
	BeforeLock   Point = "before lock"
	AfterLock    Point = "after lock"
	BeforeCommit Point = "before commit"
	AfterCommit  Point = "after commit"
)

// Config is what New needs.
type Config struct {
	Pool       *sql.DB
	IDs        *db.IDs
	References References
	Shop       Shop
	Rules      Rules
	Strategy   Strategy
	Hooks      Hooks
}

// New returns the service. Stop ends its batches.
func New(c Config) *Service {
	s := &Service{pool: c.Pool, read: db.New(c.Pool), ids: c.IDs, refs: c.References, shop: c.Shop, rules: c.Rules, hooks: c.Hooks}
	s.holder = s.strategy(c.Strategy)
	return s
}

// at calls the hook of a point, if there is one.
func (s *Service) at(ctx context.Context, p Point) {
	if s.hooks != nil {
		s.hooks(ctx, p)
	}
}

// Stop waits until the batches under way are committed. It may be called twice.
func (s *Service) Stop() {
	if s.batcher != nil {
		s.batcher.stop()
	}
}
