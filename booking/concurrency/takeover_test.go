package concurrency_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestTakeOverAgainstExtend: the owner has extended a second before the end and is about to commit; the clock passes
// the old end, and somebody else wants the seat. Behind the seat's lock stands the guard of the change, which sees the
// new end.
func TestTakeOverAgainstExtend(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{seatLock, uniqueVersion}, {takeGuard, uniqueVersion}, {seatLock, takeGuard}},
		broken: []clauses{{seatLock, takeGuard, uniqueVersion}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return takeOverAgainst(w, m, func(p *bookingtest.Process, member int64, ref string) error {
			return p.Extend(w.T.Context(), member, ref)
		})
	})
}

// TestTakeOverAgainstLetGo is the same with an owner who gives the seat back: then it goes to the other.
func TestTakeOverAgainstLetGo(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	fault := takeOverAgainst(w, bookingtest.Meddling{}, func(p *bookingtest.Process, member int64, ref string) error {
		return p.LetGo(w.T.Context(), member, ref)
	})
	if fault != "both: <nil>, <nil>" {
		t.Errorf("want both to get what they want: %s", fault)
	}
	w.Check()
}

// takeOverAgainst lets the owner of a hold do something just before it ends, and another take the seat just after.
func takeOverAgainst(w *bookingtest.World, m bookingtest.Meddling, do func(*bookingtest.Process, int64, string) error) string {
	w.Add(bookingtest.Flight{ID: 1})
	m.Clock = bookingtest.NewClock(time.Now().UTC())
	member := w.Member()
	held := w.Process(bookingtest.Setup{Meddling: m}).MustHold(bookingtest.Request(member, 1, "1A"))
	m.Clock.Move(15*time.Minute - time.Second)

	gate := bookingtest.NewGate(booking.BeforeCommit)
	owner := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	other := w.Process(bookingtest.Setup{Meddling: m})
	first, second := race(w, gate,
		func() error { return do(owner, member, held.Ref) },
		func() error {
			m.Clock.Move(time.Second)
			_, err := other.Hold(w.T.Context(), bookingtest.Request(w.Member(), 1, "1A"))
			return err
		})
	if succeeded(first, second) != 1 {
		return fmt.Sprintf("both: %v, %v", first, second)
	}
	return ""
}

// TestTakeOverAgainstBeginPaying is the same with an owner who begins to pay: from then on no clock ends the hold.
func TestTakeOverAgainstBeginPaying(t *testing.T) {
	t.Parallel()
	proof{
		whole:  []clauses{{seatLock, uniqueVersion}, {takeGuard, uniqueVersion}, {seatLock, takeGuard}},
		broken: []clauses{{seatLock, takeGuard, uniqueVersion}},
	}.run(t, func(w *bookingtest.World, m bookingtest.Meddling) string {
		return takeOverAgainst(w, m, func(p *bookingtest.Process, _ int64, ref string) error {
			return p.On(ref, beginPaying)
		})
	})
}

// TestRecordingAgainstTakeOver: a worker has read that a hold ran out; before it writes that down the seat goes to
// somebody else. Eight protections keep it from freeing the new owner's seat: the three locks, and in the changes the
// seat's holder, its clock, the fence, the claim's life, and the booking's state. Shown for the fence: it alone is
// enough, and with it gone too the new owner loses the seat.
func TestRecordingAgainstTakeOver(t *testing.T) {
	t.Parallel()
	others := clauses{seatLock, claimLock, bookingLock, holderGuard, clockGuard, releaseGuard, bookingGuard}
	proof{
		whole: []clauses{
			{seatLock, claimLock, bookingLock},
			{seatLock, claimLock, bookingLock, fence},
			append(clauses{}, others...),
		},
		broken: []clauses{append(append(clauses{}, others...), fence)},
	}.run(t, recordingAgainstTakeOver)
}

func recordingAgainstTakeOver(w *bookingtest.World, m bookingtest.Meddling) string {
	w.Add(bookingtest.Flight{ID: 1})
	held := w.Process(bookingtest.Setup{}).MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	w.RunOut(held.Ref)
	gate := bookingtest.NewGate(booking.AfterLock)
	worker := w.Process(bookingtest.Setup{Meddling: m, Hooks: gate.Hook})
	other := w.Process(bookingtest.Setup{}) // with everything: it is the worker that is proven
	record := func() error {
		_, err := worker.RecordExpired(context.WithoutCancel(w.T.Context()), 10)
		return err
	}
	_, second := race(w, gate, record, hold(w, other, bookingtest.Request(w.Member(), 1, "1A")))
	own := ""
	if second != nil {
		own = fmt.Sprintf("the seat was free and refused: %v", second)
	}
	return faultsOf(w, own)
}
