package flights

import (
	"fmt"
	"maps"
	"slices"
	"sort"
)

// ExitRowMinAge is the age in whole years from which a traveller may sit in an exit row.
const ExitRowMinAge = 15

// Layout is the inside of an aircraft: its cabins with their rows as one walks through them.
type Layout struct {
	Code     string // such as b738
	Aircraft string // type as timetables print it, such as B737-800
	Name     Name
	Grades   []Grade
	Cabins   []CabinPlan

	seats  []Seat
	index  map[string]int
	counts map[Cabin]int // seats, blocked ones included
}

// Grade is a kind of seat with its price.
type Grade struct {
	Name       string // such as front; texts call it by this name
	PriceAddOn int64  // what it adds to the fare, in won
	Exit       bool   // beside an emergency exit
	Blocked    bool   // never sold, such as seats where the crew rests
	symbol     byte
}

// CabinPlan is one cabin, front to back.
type CabinPlan struct {
	Cabin   Cabin
	Columns []Column
	Rows    []Row
}

// Column is one place across the cabin: a letter, or an aisle.
type Column struct {
	Letter string // empty for an aisle
	Aisle  bool
}

// Row is one line of the cabin: a row of seats, or galleys, lavatories and doors between rows.
type Row struct {
	Number int  // 0 where there are no seats
	Exit   bool // a row of seats with an exit seat
	Cells  []Cell
}

// CellKind says what stands at a place of the plan.
type CellKind string

// What can stand at a place.
const (
	CellSeat     CellKind = "seat"
	CellAisle    CellKind = "aisle"
	CellGap      CellKind = "gap"
	CellGalley   CellKind = "galley"
	CellLavatory CellKind = "lavatory"
	CellDoor     CellKind = "door"
)

// Cell is one place of a row; Seat is set for CellSeat only.
type Cell struct {
	Kind CellKind
	Seat Seat
}

// Seat is one seat of a layout.
type Seat struct {
	No         string // such as 12A
	Row        int
	Letter     string
	Cabin      Cabin
	Grade      string
	Window     bool
	Aisle      bool
	Exit       bool  // beside an emergency exit: from ExitRowMinAge, with consent
	Blocked    bool  // never sold
	PriceAddOn int64 // what it adds to the fare, in won

	line, column int // position in the plan, for distances
}

// Seats returns every seat, front to back and left to right.
func (l *Layout) Seats() []Seat { return append([]Seat(nil), l.seats...) }

// Seat returns the seat with a number such as 12A, or ErrNotFound.
func (l *Layout) Seat(no string) (Seat, error) {
	i, ok := l.index[no]
	if !ok {
		return Seat{}, fmt.Errorf("seat %q of %s: %w", no, l.Code, ErrNotFound)
	}
	return l.seats[i], nil
}

// SeatCount is the number of seats in a cabin that can be sold.
func (l *Layout) SeatCount(c Cabin) int {
	n := 0
	for _, s := range l.seats {
		if s.Cabin == c && !s.Blocked {
			n++
		}
	}
	return n
}

// HasCabin tells whether the layout has a cabin.
func (l *Layout) HasCabin(c Cabin) bool {
	for _, p := range l.Cabins {
		if p.Cabin == c {
			return true
		}
	}
	return false
}

// Weights of Distance: a row apart counts most, then being another kind of seat, then a place across.
const (
	perRow    = 4
	perColumn = 1
	otherKind = 3
)

// Distance says how far b is from a for somebody who wanted a: rows apart first, then whether it is a
// window, aisle or middle seat as a is, then places across (an aisle is a place). It has no unit; seats
// of different cabins have no distance and get the largest possible one.
func Distance(a, b Seat) int {
	if a.Cabin != b.Cabin {
		return int(^uint(0) >> 1)
	}
	d := perRow*apart(a.line, b.line) + perColumn*apart(a.column, b.column)
	if a.Window != b.Window || a.Aisle != b.Aisle {
		d += otherKind
	}
	return d
}

func apart(a, b int) int { return max(a-b, b-a) }

// Nearest returns at most n seats of the cabin of seat no for which free says true, the nearest first; of
// seats equally near the cheaper one, then the one further forward. ErrNotFound when there is no seat no.
func (l *Layout) Nearest(no string, n int, free func(no string) bool) ([]Seat, error) {
	want, err := l.Seat(no)
	if err != nil {
		return nil, err
	}
	var found []Seat
	for _, s := range l.seats {
		if s.Cabin == want.Cabin && !s.Blocked && s.No != no && free(s.No) {
			found = append(found, s)
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		di, dj := Distance(want, found[i]), Distance(want, found[j])
		if di != dj {
			return di < dj
		}
		return found[i].PriceAddOn < found[j].PriceAddOn
	})
	return found[:min(n, len(found))], nil
}

// Layouts is the set of known layouts. It never changes.
type Layouts struct {
	byCode map[string]*Layout
	codes  []string
}

// Find returns the layout with a code, or ErrNotFound.
func (l *Layouts) Find(code string) (*Layout, error) {
	layout, ok := l.byCode[code]
	if !ok {
		return nil, fmt.Errorf("layout %q: %w", code, ErrNotFound)
	}
	return layout, nil
}

// With returns the layouts with one more, which replaces one of the same code.
func (l *Layouts) With(layout *Layout) *Layouts {
	out := &Layouts{byCode: maps.Clone(l.byCode)}
	out.byCode[layout.Code] = layout
	out.codes = slices.Sorted(maps.Keys(out.byCode))
	return out
}

// All returns every layout, ordered by code.
func (l *Layouts) All() []*Layout {
	var out []*Layout
	for _, c := range l.codes {
		out = append(out, l.byCode[c])
	}
	return out
}
