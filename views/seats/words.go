package seats

import (
	"context"

	"pigonair/views/components"
	"pigonair/views/texts"
)

// wide tells whether a cabin has two aisles.
func (m Map) wide() bool {
	for _, c := range m.Cabins {
		if c.Wide {
			return true
		}
	}
	return false
}

// has tells whether any seat is in a state.
func (m Map) has(state string) bool {
	return m.any(func(s Seat) bool { return s.State == state })
}

// dearer tells whether any seat adds to the fare.
func (m Map) dearer() bool {
	return m.any(func(s Seat) bool { return s.AddOn > 0 })
}

func (m Map) any(is func(Seat) bool) bool {
	for _, c := range m.Cabins {
		for _, row := range c.Rows {
			for _, cell := range row.Cells {
				if cell.Kind == SeatCell && is(cell.Seat) {
					return true
				}
			}
		}
	}
	return false
}

// firstAisle tells whether a column is the aisle that shows the rows' numbers.
func firstAisle(c Cabin, column int) bool {
	for _, earlier := range c.Columns[:column] {
		if earlier.Letter == "" {
			return false
		}
	}
	return true
}

func rowName(ctx context.Context, row Row) string {
	if row.Exit {
		return texts.T(ctx, "seats.row_exit", "row", row.Number)
	}
	return texts.T(ctx, "seats.row", "row", row.Number)
}

// task says what is to be chosen.
func task(ctx context.Context, p Page) string {
	if p.Party == nil {
		return texts.T(ctx, "seats.task_free")
	}
	return texts.T(ctx, "seats.task", "count", p.Max)
}

// autoText says what choosing for the customer means, and what it costs.
func autoText(ctx context.Context, a Auto) string {
	total := texts.Won(ctx, a.Total)
	if a.Party.Adults+a.Party.Children == 1 {
		return texts.T(ctx, "seats.auto_text_one", "total", total)
	}
	return texts.T(ctx, "seats.auto_text", "total", total)
}

// SeatFacts is what a seat's words are made of.
type SeatFacts struct {
	No                  string
	Window, Aisle, Exit bool
	Grade               string // name of the kind of seat in the layout
	AddOn               int64
	State               string
}

// Speaker makes the words of many seats of one page: they share most of their parts.
type Speaker struct {
	window, aisle, middle, exit string
	states, grades              map[string]string
	prices                      map[int64]string
	ctx                         context.Context
}

// NewSpeaker returns a speaker of the context's language.
func NewSpeaker(ctx context.Context) *Speaker {
	return &Speaker{
		window: texts.T(ctx, "seats.window"), aisle: texts.T(ctx, "seats.aisle"), middle: texts.T(ctx, "seats.middle"),
		exit: texts.T(ctx, "seats.exit"), grades: map[string]string{}, prices: map[int64]string{}, ctx: ctx,
		states: map[string]string{
			"available": texts.T(ctx, "seats.available"), "held": texts.T(ctx, "seats.taken"), "sold": texts.T(ctx, "seats.taken"),
			"blocked": texts.T(ctx, "seats.blocked"), "yours": texts.T(ctx, "seats.yours"),
		},
	}
}

// Words are what is read aloud for a seat, and shown while a pointer rests on it.
func (s *Speaker) Words(f SeatFacts) string {
	words := f.No + ", " + s.place(f)
	if f.Exit {
		words += ", " + s.exit
	} else if grade := s.Grade(f.Grade); grade != "" {
		words += ", " + grade
	}
	return words + ", " + s.price(f.AddOn) + ", " + s.states[f.State]
}

// Band is the heading above rows of a kind of seats.
func (s *Speaker) Band(grade string, addOn int64) string {
	return texts.T(s.ctx, "seats.band", "grade", s.Grade(grade), "price", s.price(addOn))
}

// Grade is the name of a kind of seat; empty for ordinary ones.
func (s *Speaker) Grade(grade string) string {
	name, known := s.grades[grade]
	if !known {
		if key := "seats.grade_" + grade; texts.Has(s.ctx, key) {
			name = texts.T(s.ctx, key)
		}
		s.grades[grade] = name
	}
	return name
}

func (s *Speaker) price(addOn int64) string {
	words, known := s.prices[addOn]
	if !known {
		words = components.ExtraText(s.ctx, addOn)
		s.prices[addOn] = words
	}
	return words
}

func (s *Speaker) place(f SeatFacts) string {
	switch {
	case f.Window:
		return s.window
	case f.Aisle:
		return s.aisle
	}
	return s.middle
}
