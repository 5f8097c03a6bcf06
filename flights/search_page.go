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

// page orders the offers and returns those behind the cursor that fit on a page, and where the next begins.
func page(offers []Offer, q Query, after cursor) ([]Offer, string) {
	slices.SortFunc(offers, func(a, b Offer) int { return q.compare(q.place(a), q.place(b)) })
	offers = slices.DeleteFunc(offers, func(o Offer) bool { return q.compare(q.place(o), after) <= 0 })
	if len(offers) <= q.Size {
		return offers, ""
	}
	return offers[:q.Size], q.place(offers[q.Size-1]).String()
}

func (q Query) place(o Offer) cursor {
	p := cursor{departs: departureOf(o), id: o.Flight.ID}
	switch q.Sort {
	case SortPrice:
		p.key = o.Best.Total()
	case SortDuration:
		p.key = durationOf(o)
	default:
		p.key = p.departs
	}
	if o.SoldOut {
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
