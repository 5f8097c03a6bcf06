package booking

import (
	"cmp"
	"slices"
)

// Wishes are what a customer would like where the service picks the seats. They never cost more: a seat with an
// add-on is taken only where nothing else is left.
type Wishes struct {
	Together bool // side by side, before anything else; without a wish for windows or aisles it is the rule anyway
	Window   bool
	Aisle    bool
	Front    bool
}

// What a blemish of a seat or of a group of seats weighs.
const (
	perWon       = 1_000_000 // of the add-on
	perExit      = 500_000   // an exit row asks for consent
	perRow       = 10_000    // between neighbours of a group
	perGap       = 1_000     // letter between neighbours in one row
	acrossAisle  = 500
	unwished     = 100 // neither window nor aisle, where one is wished for
	perFrontRow  = 30  // from the front, where that is wished for
	rowDistance  = 100 // of a replacement
	kindDistance = 150 // of a replacement that is no window, aisle or exit seat where the other was
)

// inCabinOrder sorts seats from front to back, left to right.
func inCabinOrder(a, b Seat) int {
	return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Letter, b.Letter))
}

// pickSeats chooses n of the seats, which are in cabin order, or none if there are too few. A party sits together,
// unless it wishes for windows or aisles and not to be together. Of equal choices the one furthest in front is
// taken.
func pickSeats(seats []Seat, n int, w Wishes) []string {
	if len(seats) < n || n == 0 {
		return nil
	}
	if (w.Window || w.Aisle) && !w.Together {
		best := slices.Clone(seats)
		slices.SortStableFunc(best, func(a, b Seat) int { return cmp.Compare(seatCost(a, w), seatCost(b, w)) })
		return numbers(best[:n])
	}
	best, bestCost := 0, int64(-1)
	for i := 0; i+n <= len(seats); i++ {
		if cost := groupCost(seats[i:i+n], w); bestCost < 0 || cost < bestCost {
			best, bestCost = i, cost
		}
	}
	return numbers(seats[best : best+n])
}

func numbers(seats []Seat) []string {
	list := make([]string, len(seats))
	for i, seat := range seats {
		list[i] = seat.No
	}
	return list
}

func groupCost(seats []Seat, w Wishes) int64 {
	cost := seatCost(seats[0], w)
	for i, seat := range seats[1:] {
		before := seats[i]
		cost += seatCost(seat, w)
		switch {
		case seat.Row != before.Row:
			cost += int64(seat.Row-before.Row) * perRow
		case before.Aisle && seat.Aisle:
			cost += acrossAisle
		default:
			cost += int64(letterOf(seat)-letterOf(before)-1) * perGap
		}
	}
	return cost
}

func seatCost(s Seat, w Wishes) int64 {
	cost := s.AddOn * perWon
	if s.Exit {
		cost += perExit
	}
	if (w.Window || w.Aisle) && !(w.Window && s.Window) && !(w.Aisle && s.Aisle) {
		cost += unwished
	}
	if w.Front {
		cost += int64(s.Row) * perFrontRow
	}
	return cost
}

func letterOf(s Seat) int {
	if s.Letter == "" {
		return 0
	}
	return int(s.Letter[0])
}

// nearest is the seat most like another: in the same cabin and at the same price always, in an exit row only for an
// exit row, then by rows and kind of seat, then by letters.
func nearest(seats []Seat, like Seat) (Seat, bool) {
	var best Seat
	bestCost := -1
	for _, s := range seats {
		if s.Cabin != like.Cabin || s.AddOn != like.AddOn || s.Exit != like.Exit {
			continue
		}
		cost := abs(s.Row-like.Row)*rowDistance + abs(letterOf(s)-letterOf(like))
		if s.Window != like.Window || s.Aisle != like.Aisle {
			cost += kindDistance
		}
		if bestCost < 0 || cost < bestCost {
			best, bestCost = s, cost
		}
	}
	return best, bestCost >= 0
}

func abs(n int) int { return max(n, -n) }
