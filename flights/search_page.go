package flights

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cursor is the place of an offer in its order: offers behind it are on the next page, whatever was sold
// in between.
type cursor struct {
	soldOut int   // 1 for sold-out flights, which stand behind all others
	key     int64 // what the order goes by
	departs int64 // seconds since 1970
	id      int64
}

// String returns the cursor as it travels in URLs.
func (c cursor) String() string {
	return fmt.Sprintf("%d.%d.%d.%d", c.soldOut, c.key, c.departs, c.id)
}

// parseCursor reads a cursor. The empty text is the place before the first offer; a text that no page
// ever had is ErrQuery.
func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{soldOut: -1}, nil
	}
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return cursor{}, fmt.Errorf("%w: no such page", ErrQuery)
	}
	var n [4]int64
	for i, p := range parts {
		var err error
		if n[i], err = strconv.ParseInt(p, 10, 64); err != nil {
			return cursor{}, fmt.Errorf("%w: no such page", ErrQuery)
		}
	}
	return cursor{int(n[0]), n[1], n[2], n[3]}, nil
}

// candidate is a flight that has the cabin of the search, with its place in the order.
type candidate struct {
	facts *flightFacts
	best  fareFacts // zero when sold out
	place cursor
}

// candidates are the flights of some days that have the cabin of a query, in no order.
func candidates(days map[Date][]flightFacts, asked span, q Query) []candidate {
	var out []candidate
	for _, d := range asked.days() {
		flights := days[d]
		for i := range flights {
			facts := &flights[i]
			if cabin, ok := facts.cabin(q.Cabin); ok {
				best, found := cabin.cheapest(q.Seats)
				out = append(out, candidate{facts, best, q.place(facts, best, !found)})
			}
		}
	}
	return out
}

// page orders the candidates and returns those behind the cursor that fit on a page, and where the next
// begins.
func page(all []candidate, q Query, after cursor) ([]candidate, string) {
	slices.SortFunc(all, func(a, b candidate) int { return q.compare(a.place, b.place) })
	all = slices.DeleteFunc(all, func(c candidate) bool { return q.compare(c.place, after) <= 0 })
	if len(all) <= q.Size {
		return all, ""
	}
	return all[:q.Size], all[q.Size-1].place.String()
}

// place goes by the fare for the price: what comes on top of it is the same on all flights of a route.
func (q Query) place(f *flightFacts, best fareFacts, soldOut bool) cursor {
	p := cursor{departs: f.Departs.Unix(), id: f.ID}
	switch q.Sort {
	case SortPrice:
		p.key = best.Base
	case SortDuration:
		p.key = int64(f.Arrives.Sub(f.Departs))
	default:
		p.key = p.departs
	}
	if soldOut {
		p.soldOut = 1
	}
	return p
}

// compare orders places: by the key in the direction asked for, then by departure.
func (q Query) compare(a, b cursor) int {
	byKey := cmp.Compare(a.key, b.key)
	if q.Descending {
		byKey = -byKey
	}
	return cmp.Or(cmp.Compare(a.soldOut, b.soldOut), byKey, cmp.Compare(a.departs, b.departs), cmp.Compare(a.id, b.id))
}
