// Package holds shows what stands in the way of a hold, and the way on.
package holds

import (
	"context"
	"strconv"
	"strings"

	"pigonair/views/texts"
)

// Offer is a proposal in place of what could not be held.
type Offer struct {
	Action string // where the form goes
	Flight string // public id of the first flight
	Lost   []string
	LetGo  bool   // some of them the member let go just now
	Seats  []Seat // the whole choice, lost ones replaced; empty: choose anew
	Fares  []string
	Cabin  string // where the service chooses; empty: its default
	Party  Party
	Total  int64 // won; 0 where nothing is offered
	Shown  int64 // the total that was shown before
	Key    string
	// Wishes and Similar go with the choice as they came.
	Wishes  []string
	Similar bool
}

// Party is who travels.
type Party struct{ Adults, Children, Infants int }

// Seat is one seat of a proposal.
type Seat struct {
	Flight  string
	No      string
	Name    string // in words, where No says too little: another flight
	Instead string // the lost seat or flight that it replaces; empty: kept
	AddOn   int64
}

// name is a seat in words.
func (s Seat) name(ctx context.Context) string {
	switch {
	case s.Name != "":
		return s.Name
	case s.No == "auto":
		return texts.T(ctx, "hold.any_seats")
	}
	return s.No
}

func itoa(n int) string { return strconv.Itoa(n) }

func won(n int64) string { return strconv.FormatInt(n, 10) }

// lostTitle names the seats that went, or says that too few are left.
func lostTitle(ctx context.Context, o Offer) string {
	if len(o.Lost) == 0 {
		return texts.T(ctx, "hold.too_few")
	}
	if o.LetGo {
		return texts.T(ctx, "hold.let_go", "seats", strings.Join(o.Lost, ", "))
	}
	return texts.T(ctx, "hold.lost", "seats", strings.Join(o.Lost, ", "))
}
