package search

import (
	"context"
	"slices"
	"strconv"
	"time"

	"pigonair/views/components"
	"pigonair/views/texts"
)

// Flight is one flight with its fares.
type Flight struct {
	ID        string
	From, To  components.Place
	Leg       components.LegSpec
	Aircraft  string
	Cancelled bool
	Closed    bool      // too late to buy
	Closes    time.Time // when it will be
	SaleURL   string    // of the sale whose line stands before its seats; empty: none
	Admitted  bool      // this browser shows a pass of the sale; the server checks it when it counts
	Party     Party
	Cabins    []FareCabin
	ListURL   string // the flights of the same route and day
	Key       string // of the forms: a repeated press makes one hold
}

// open tells whether seats can be asked for.
func (f Flight) open() bool { return !f.Cancelled && !f.Closed && (f.SaleURL == "" || f.Admitted) }

// FareCabin is a cabin with its fares, the cheapest first.
type FareCabin struct {
	Code  string
	Name  string
	Fares []Fare
}

// Fare is what one product costs and allows.
type Fare struct {
	Code       string
	Name       string
	Kind       components.Kind
	Rules      string
	BaggageKg  int
	Changeable bool
	Fees       Fees
	Price      int64             // total per adult
	Lines      []components.Line // what it is made of
	PartyTotal int64             // of all travellers, what the form asks for
	Left       int               // places left; 0 where they are not few
	Enough     bool              // places for the whole party
	SeatsURL   string
}

// Fees is what cancelling costs an adult, in short.
type Fees struct {
	FreeUntil   time.Time // zero: a fee from the beginning
	Least, Most int64     // of the fees after that, until departure
}

// Trip is a flight out and a flight back that are bought together.
type Trip struct {
	Legs    []Flight
	Cabin   string
	Party   Party
	Choices [][]FareChoice // by leg
	Total   int64          // at the cheapest fares, of all travellers
	Key     string
	// SeatsURL is the seat map of the first flight, from which the second one's follows.
	SeatsURL string
	ListURL  string
}

// FareChoice is one fare of a leg, as an entry of a list.
type FareChoice struct {
	Value string // FLIGHT:CODE
	Label string
	Total int64 // of all travellers
}

// open tells whether all flights can be bought without standing in line.
func (t Trip) open() bool {
	for i, f := range t.Legs {
		if f.Cancelled || f.Closed || f.SaleURL != "" || len(t.Choices[i]) == 0 {
			return false
		}
	}
	return true
}

// fares are the products to choose from, each once.
func (t Trip) fares() []Fare {
	var out []Fare
	for _, leg := range t.Legs {
		for _, cabin := range leg.Cabins {
			for _, fare := range cabin.Fares {
				same := func(f Fare) bool { return f.Code == fare.Code }
				if cabin.Code == t.Cabin && fare.Enough && !slices.ContainsFunc(out, same) {
					out = append(out, fare)
				}
			}
		}
	}
	return out
}

func won(n int64) string { return strconv.FormatInt(n, 10) }

// baggage says how much may be checked in.
func baggage(ctx context.Context, kg int) string {
	if kg == 0 {
		return texts.T(ctx, "search.no_baggage")
	}
	return texts.T(ctx, "search.baggage", "kg", kg)
}

// words tell what cancelling costs.
func (f Fees) words(ctx context.Context) string {
	fee := texts.Won(ctx, f.Most)
	if f.Least != f.Most {
		fee = texts.T(ctx, "search.fee_range", "least", texts.Won(ctx, f.Least), "most", fee)
	}
	switch {
	case f.Most == 0:
		return texts.T(ctx, "search.fee_none")
	case f.FreeUntil.IsZero():
		return texts.T(ctx, "search.fee_always", "fee", fee)
	}
	return texts.T(ctx, "search.fee_after", "until", texts.DateTime(ctx, f.FreeUntil), "fee", fee)
}

// wayStep is how far a round trip has come.
func wayStep(w Way) int {
	if w == Inbound {
		return 1
	}
	return 0
}

// mark says yes or no before a rule.
func mark(yes bool) components.Icon {
	if yes {
		return components.IconCheck
	}
	return components.IconClose
}

// notEnough says that a fare has no place for everybody.
func notEnough(ctx context.Context, f Fare) string {
	if f.Left == 0 {
		return texts.T(ctx, "search.fare_gone")
	}
	return texts.T(ctx, "search.fare_few", "count", f.Left)
}

// legName tells the flights of a round trip apart.
func legName(ctx context.Context, i int) string {
	if i == 0 {
		return texts.T(ctx, "search.step_out")
	}
	return texts.T(ctx, "search.step_back")
}

// Label is a fare in one line of a list.
func (f Fare) Label(ctx context.Context) string {
	return texts.T(ctx, "search.fare_choice", "name", f.Name, "won", texts.Won(ctx, f.Price))
}

// autoNote says what choosing for the customer means.
func autoNote(ctx context.Context, p Party) string {
	if p.Seats() == 1 {
		return texts.T(ctx, "search.auto_note_one")
	}
	return texts.T(ctx, "search.auto_note")
}
