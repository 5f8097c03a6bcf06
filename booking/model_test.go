package booking_test

import (
	"cmp"
	"slices"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// model is what bookings should do, in memory and without any thought of concurrency: the plain reading of the rules,
// against which random histories are checked.
type model struct {
	now      time.Time
	rules    booking.Rules
	flights  []modelFlight
	bookings []*modelBooking
}

type modelFlight struct {
	id    int64
	sale  int64 // 0: none
	limit int   // per member and sale
	seats []string
	quota int // places at SPECIAL, FLEX after them; negative: FLEX alone
}

type modelBooking struct {
	ref                              string
	member                           int64
	key                              string
	req                              booking.HoldRequest
	state                            booking.State // Held until somebody acts, also when it ran out
	until, created, ended, confirmed time.Time
	extended, pressed, retried       bool
	seats                            []modelSeat
}

type modelSeat struct {
	flight *modelFlight
	no     string
	fare   string
}

// live tells whether a booking has its seats.
func (m *model) live(b *modelBooking) bool {
	return b.state == booking.Paying || b.state == booking.Confirmed || (b.state == booking.Held && b.until.After(m.now))
}

// stateOf is what a booking's state means now.
func (m *model) stateOf(b *modelBooking) booking.State {
	if b.state == booking.Held && !b.until.After(m.now) {
		return booking.Expired
	}
	return b.state
}

// owner is who has a seat, or nil.
func (m *model) owner(flight int64, no string) *modelBooking {
	for _, b := range m.bookings {
		if m.live(b) && slices.ContainsFunc(b.seats, func(s modelSeat) bool { return s.flight.id == flight && s.no == no }) {
			return b
		}
	}
	return nil
}

func (m *model) flight(id int64) *modelFlight {
	i := slices.IndexFunc(m.flights, func(f modelFlight) bool { return f.id == id })
	return &m.flights[i]
}

// special counts the places at SPECIAL in use on a flight.
func (m *model) special(f *modelFlight) int {
	n := 0
	for _, b := range m.bookings {
		for _, s := range b.seats {
			if m.live(b) && s.flight == f && s.fare == "SPECIAL" {
				n++
			}
		}
	}
	return n
}

// saleOf is the sale that a booking or request belongs to.
func saleOf(seats []modelSeat) (sale int64, limit int) {
	for _, s := range seats {
		if s.flight.sale != 0 {
			return s.flight.sale, s.flight.limit
		}
	}
	return 0, 0
}

func saleSeats(seats []modelSeat) int {
	n := 0
	for _, s := range seats {
		if s.flight.sale != 0 {
			n++
		}
	}
	return n
}

// use counts a member's seats and unpaid bookings in a sale.
func (m *model) use(member, sale int64) (seats, unpaid int) {
	for _, b := range m.bookings {
		if of, _ := saleOf(b.seats); of != sale || b.member != member || !m.live(b) {
			continue
		}
		seats += saleSeats(b.seats)
		if b.state != booking.Confirmed {
			unpaid++
		}
	}
	return seats, unpaid
}

// fits tells whether the member's limits leave room for seats.
func (m *model) fits(member int64, want []modelSeat) error {
	sale, limit := saleOf(want)
	if sale == 0 {
		return nil
	}
	seats, unpaid := m.use(member, sale)
	switch {
	case unpaid >= m.rules.SaleHolds:
		return booking.ErrOpenHold
	case seats+saleSeats(want) > limit:
		return booking.ErrLimit
	}
	return nil
}

// refused tells whether too many of a member's holds ran out in a row.
func (m *model) refused(member, sale int64) bool {
	mine := slices.DeleteFunc(slices.Clone(m.bookings), func(b *modelBooking) bool {
		of, _ := saleOf(b.seats)
		return b.member != member || of != sale || !b.created.After(m.now.Add(-24*time.Hour))
	})
	slices.SortStableFunc(mine, func(a, b *modelBooking) int { return a.created.Compare(b.created) })
	var ends []time.Time
	for _, b := range mine {
		switch {
		case !b.confirmed.IsZero():
			ends = nil
		case m.stateOf(b) == booking.Expired:
			ends = append(ends, cmp.Or(b.ended, b.until))
		}
	}
	if len(ends) < m.rules.RunOuts {
		return false
	}
	return slices.MaxFunc(ends, time.Time.Compare).Add(m.rules.RefuseFor).After(m.now)
}

// letGo tells whether a member let a seat of a sale go just now.
func (m *model) letGo(member int64, s modelSeat, sale int64) bool {
	return slices.ContainsFunc(m.bookings, func(b *modelBooking) bool {
		of, _ := saleOf(b.seats)
		return b.member == member && of == sale && sale != 0 && b.state == booking.Cancelled && b.confirmed.IsZero() &&
			b.ended.Add(m.rules.LetGoFor).After(m.now) && b.created.After(m.now.Add(-24*time.Hour)) &&
			slices.ContainsFunc(b.seats, func(had modelSeat) bool { return had.flight == s.flight && had.no == s.no })
	})
}

// wanted are the seats that a request names.
func (m *model) wanted(req booking.HoldRequest) []modelSeat {
	var seats []modelSeat
	for _, leg := range req.Legs {
		for _, no := range leg.Seats {
			seats = append(seats, modelSeat{flight: m.flight(leg.FlightID), no: no})
		}
	}
	return seats
}

// hold is what a request for named seats should be told, and the booking that it should make. again is the booking that
// its key made before.
func (m *model) hold(req booking.HoldRequest) (made, again *modelBooking, err error) {
	for _, b := range m.bookings {
		if req.Key != "" && b.key == req.Key && b.member == req.MemberID {
			if !sameContent(b.req, req) {
				return nil, nil, booking.ErrKeyReused
			}
			return nil, b, nil
		}
	}
	want := m.wanted(req)
	sale, _ := saleOf(want)
	for _, s := range want {
		if m.owner(s.flight.id, s.no) != nil || m.letGo(req.MemberID, s, sale) {
			return nil, nil, booking.ErrSeatTaken
		}
	}
	if sale != 0 && m.refused(req.MemberID, sale) {
		return nil, nil, booking.ErrRefused
	}
	if err := m.fits(req.MemberID, want); err != nil {
		return nil, nil, err
	}
	if err := m.price(want, req.Legs); err != nil {
		return nil, nil, err
	}
	return &modelBooking{member: req.MemberID, key: req.Key, req: req, state: booking.Held, until: m.now.Add(m.rules.HoldFor), created: m.now, seats: want}, nil, nil
}

func sameContent(a, b booking.HoldRequest) bool {
	return slices.EqualFunc(a.Legs, b.Legs, func(x, y booking.LegRequest) bool {
		return x.FlightID == y.FlightID && slices.Equal(x.Seats, y.Seats) && x.Fare == y.Fare
	})
}

// price gives each seat its fare: SPECIAL while there are places.
func (m *model) price(seats []modelSeat, legs []booking.LegRequest) error {
	left := map[*modelFlight]int{}
	for i, s := range seats {
		if _, known := left[s.flight]; !known {
			left[s.flight] = s.flight.quota - m.special(s.flight)
		}
		asked := legs[slices.IndexFunc(legs, func(l booking.LegRequest) bool { return l.FlightID == s.flight.id })].Fare
		switch {
		case asked != "FLEX" && left[s.flight] > 0:
			left[s.flight]--
			seats[i].fare = "SPECIAL"
		case asked == "SPECIAL":
			return booking.ErrFareSoldOut
		default:
			seats[i].fare = "FLEX"
		}
	}
	return nil
}

func (b *modelBooking) total() int64 {
	var sum int64
	for _, s := range b.seats {
		sum += map[string]int64{"SPECIAL": 9_900, "FLEX": 89_900}[s.fare] + bookingtest.Charges
	}
	return sum
}

// checkHold is the error of a step that needs a live hold.
func (m *model) checkHold(b *modelBooking) error {
	switch {
	case b.state == booking.Held && m.live(b):
		return nil
	case m.stateOf(b) == booking.Expired:
		return booking.ErrExpired
	}
	return booking.ErrState
}

func (m *model) extend(b *modelBooking) error {
	if err := m.checkHold(b); err != nil {
		return err
	}
	if b.extended {
		return booking.ErrExtended
	}
	b.extended, b.until = true, b.until.Add(m.rules.ExtendBy)
	return nil
}

func (m *model) press(b *modelBooking) error {
	if err := m.checkHold(b); err != nil {
		return err
	}
	if least := m.now.Add(m.rules.PayLeaves); !b.pressed && b.until.Before(least) {
		b.pressed, b.until = true, least
	}
	return nil
}

func (m *model) letItGo(b *modelBooking) error {
	if err := m.checkHold(b); err != nil {
		return err
	}
	b.state, b.ended = booking.Cancelled, m.now
	return nil
}

func (m *model) beginPaying(b *modelBooking) error {
	switch m.stateOf(b) {
	case booking.Held:
	case booking.Cancelled:
		return booking.ErrSeatsLost
	case booking.Expired:
		if !m.canRetake(b) {
			return booking.ErrSeatsLost
		}
		b.until, b.ended = m.now.Add(m.rules.RetryLeaves), time.Time{}
	default:
		return booking.ErrState
	}
	b.state = booking.Paying
	return nil
}

func (m *model) canRetake(b *modelBooking) bool {
	need := map[*modelFlight]int{}
	for _, s := range b.seats {
		if m.owner(s.flight.id, s.no) != nil {
			return false
		}
		if s.fare == "SPECIAL" {
			need[s.flight]++
		}
	}
	for f, n := range need {
		if m.special(f)+n > f.quota {
			return false
		}
	}
	return m.fits(b.member, b.seats) == nil
}

func (m *model) confirm(b *modelBooking) error {
	if b.state != booking.Paying {
		return booking.ErrState
	}
	b.state, b.confirmed = booking.Confirmed, m.now
	return nil
}

func (m *model) unpaid(b *modelBooking) error {
	if b.state != booking.Paying {
		return booking.ErrState
	}
	least := m.now.Add(m.rules.RetryLeaves)
	granted := b.until.Before(least)
	if granted && b.retried {
		b.state, b.ended = booking.Expired, m.now
		return nil
	}
	if granted {
		b.retried, b.until = true, least
	}
	b.state = booking.Held
	return nil
}

func (m *model) cancel(b *modelBooking) error {
	if b.state != booking.Confirmed {
		return booking.ErrState
	}
	b.state, b.ended = booking.Cancelled, m.now
	return nil
}
