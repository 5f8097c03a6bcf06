package sales

import (
	"errors"
	"time"
)

// ErrNoSale: there is no such sale.
var ErrNoSale = errors.New("sales: no such sale")

// State is how a sale stands at an instant of the database's clock.
type State string

// The states of a sale.
const (
	Draft     State = "draft"     // operators prepare it; customers do not see it
	Scheduled State = "scheduled" // announced; the opening is to come
	Open      State = "open"      // selling
	Drained   State = "drained"   // selling to those in line; nobody may join any more
	Closed    State = "closed"    // over
)

// Sale is flights sold together at one opening, with a waiting room before them.
type Sale struct {
	ID             int64
	Slug           string // its name in URLs
	NameKo, NameEn string
	State          State // at the time of reading

	JoinsAt, OpensAt, ClosesAt time.Time // joining begins, selling begins, all ends; UTC
	Now                        time.Time // the database's clock, carried on to the time of reading

	Paused                       bool
	PauseReasonKo, PauseReasonEn string // shown to those in line
	RatePerMinute, Burst, Cap    int    // of the waiting room
	ClaimTime                    time.Duration
	Epoch                        int // which line this is
	BookingLimit, MemberLimit    int // seats in one booking, and of one member in all
	Version                      int64
}

// Name is the sale's name in a language, ko or en.
func (s Sale) Name(lang string) string {
	if lang == "ko" {
		return s.NameKo
	}
	return s.NameEn
}

// PauseReason is what those in line are told of a pause, in a language; empty when nothing was said.
func (s Sale) PauseReason(lang string) string {
	if lang != "ko" && s.PauseReasonEn != "" {
		return s.PauseReasonEn
	}
	return s.PauseReasonKo
}

// OpensIn is how long until the opening; 0 after it.
func (s Sale) OpensIn() time.Duration { return max(0, s.OpensAt.Sub(s.Now)) }

// Joinable tells whether a place in line can be had now.
func (s Sale) Joinable() bool {
	return (s.State == Scheduled || s.State == Open) && !s.Now.Before(s.JoinsAt)
}

// stateAt tells a stored state by the clock: a scheduled sale opens, and every sale closes, by itself.
func stateAt(stored string, opens, closes, now time.Time) State {
	switch {
	case stored == "draft" || stored == "checked":
		return Draft
	case stored == "closed" || !now.Before(closes):
		return Closed
	case now.Before(opens):
		return Scheduled
	case stored == "drained":
		return Drained
	}
	return Open
}
