package flights

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"pigonair/db"
)

// SeatState is what customers are told of a seat.
type SeatState string

// The states that a seat map shows; a seat that is being paid for shows as held.
const (
	SeatAvailable SeatState = "available"
	SeatHeld      SeatState = "held"
	SeatSold      SeatState = "sold"
	SeatBlocked   SeatState = "blocked"
)

// SeatStatus is one seat of a flight at the time of the map.
type SeatStatus struct {
	Seat
	State SeatState
	// HeldUntil is when a hold ends by itself, by this process's clock; zero for other states and for
	// seats that are being paid for, whose end no clock knows.
	HeldUntil time.Time
}

// SeatMap is every seat of a flight as the database had it at one moment. It is shared: do not change it.
type SeatMap struct {
	FlightID int64
	Layout   *Layout
	Seats    []SeatStatus // front to back, left to right
	ReadAt   time.Time    // before the database was asked, by this process's clock
	// ValidUntil is when the map may be wrong at the latest: the first hold in it runs out, which
	// changes no row, or it has reached its age.
	ValidUntil time.Time
	// Version is the same for maps of the flight that show the same; for ETags.
	Version string
}

// Seat returns one seat of the map, or ErrNotFound.
func (m *SeatMap) Seat(no string) (SeatStatus, error) {
	i, ok := m.Layout.index[no]
	if !ok {
		return SeatStatus{}, fmt.Errorf("seat %q of flight %d: %w", no, m.FlightID, ErrNotFound)
	}
	return m.Seats[i], nil
}

// Free counts the available seats of a cabin.
func (m *SeatMap) Free(c Cabin) int {
	n := 0
	for _, s := range m.Seats {
		if s.Cabin == c && s.State == SeatAvailable {
			n++
		}
	}
	return n
}

// Available tells whether a seat was available when the map was read.
func (m *SeatMap) Available(no string) bool {
	s, err := m.Seat(no)
	return err == nil && s.State == SeatAvailable
}

// SeatMap returns the seats of a flight, read from the database at most half a second ago, and never older
// than the first end of a hold in it. ErrNotFound when there is no such flight.
func (c *Catalog) SeatMap(ctx context.Context, flightID int64) (*SeatMap, error) {
	header, err := c.header(ctx, flightID)
	if err != nil {
		return nil, err
	}
	layout, err := c.layouts.Find(header.Layout)
	if err != nil {
		return nil, fmt.Errorf("flights: flight %d: %w", flightID, err)
	}
	return c.maps.get(ctx, strconv.FormatInt(flightID, 10), func(ctx context.Context) (*SeatMap, time.Time, error) {
		readAt := c.now()
		rows, err := c.queries.SeatMap(ctx, flightID)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("flights: seats of %d: %w", flightID, err)
		}
		m := newSeatMap(flightID, layout, rows, readAt)
		return m, m.ValidUntil, nil
	})
}

// newSeatMap lays the rows over the layout. A seat without a row cannot be sold, so it shows as blocked; a
// row without a seat in the layout has no place on the map.
func newSeatMap(flightID int64, layout *Layout, rows []db.SeatMapRow, readAt time.Time) *SeatMap {
	m := &SeatMap{FlightID: flightID, Layout: layout, ReadAt: readAt, ValidUntil: readAt.Add(seatMapAge)}
	for _, s := range layout.seats {
		m.Seats = append(m.Seats, SeatStatus{Seat: s, State: SeatBlocked})
	}
	for _, r := range rows {
		i, ok := layout.index[r.SeatNo]
		if !ok {
			continue
		}
		s := &m.Seats[i]
		s.State = shownState(r)
		if r.State == "held" && s.State == SeatHeld {
			s.HeldUntil = readAt.Add(time.Duration(r.LeftUs) * time.Microsecond)
			if s.HeldUntil.Before(m.ValidUntil) {
				m.ValidUntil = s.HeldUntil
			}
		}
	}
	m.Version = m.version()
	return m
}

func shownState(r db.SeatMapRow) SeatState {
	switch {
	case r.State == "held" && r.LeftUs > 0, r.State == "paying":
		return SeatHeld
	case r.State == "held", r.State == "available":
		return SeatAvailable
	case r.State == "sold":
		return SeatSold
	}
	return SeatBlocked
}

// version condenses what the map shows, so that two instances agree on it.
func (m *SeatMap) version() string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s ", m.FlightID, m.Layout.Code)
	for _, s := range m.Seats {
		h.Write([]byte{s.State[0]}) // the states differ in their first letter; a hash never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
