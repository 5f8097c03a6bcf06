package booking_test

import (
	"errors"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// TestLosersNeedNoLock: once somebody has lost a seat the next is told so though its row is locked from outside; who
// asks for another seat beside it, or for one that nobody has, is not turned away.
func TestLosersNeedNoLock(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1})
	p := w.Process(bookingtest.Setup{Rules: func(r *booking.Rules) { r.TakenFor = time.Hour }})
	owner := bookingtest.Request(w.Member(), 1, "1A")
	owner.Key = "the-form-of-the-owner"
	held := p.MustHold(owner)
	lose := func(seats ...string) {
		t.Helper()
		_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, seats...))
		var taken *booking.TakenError
		if !errors.As(err, &taken) || len(taken.Seats) != 1 || taken.Seats[0].No != "1A" {
			t.Errorf("%v: %v", seats, err)
		}
	}
	lose("1A") // by the transaction
	lose("1A") // from here on by what was read then
	outside := lockOutside(t, w, "SELECT * FROM seat WHERE flight_id = 1 AND seat_no = '1A' FOR UPDATE")
	lose("1A")
	lose("1A", "1B")
	again, err := p.Hold(t.Context(), owner)
	if err != nil || again.Ref != held.Ref || !again.Repeated {
		t.Errorf("the owner's form, sent again: %+v, %v", again, err)
	}
	owner.Party.Adults, owner.Legs[0].Seats = 2, []string{"1A", "1B"}
	if _, err := p.Hold(t.Context(), owner); !errors.Is(err, booking.ErrKeyReused) {
		t.Errorf("the owner's key with other content: %v", err)
	}
	must(t, outside.Rollback())
	p.MustHold(bookingtest.Request(w.Member(), 1, "1B"))
	w.Check()
}

// TestASeatThatComesFreeIsSoldAgain: nobody is turned away for long from a seat that was let go, whose hold is about
// to run out, or whose flight was cancelled and says so.
func TestASeatThatComesFreeIsSoldAgain(t *testing.T) {
	t.Parallel()
	for name, free := range map[string]func(*bookingtest.World, *bookingtest.Process, int64, string) error{
		"let go": func(w *bookingtest.World, p *bookingtest.Process, m int64, ref string) error {
			return p.LetGo(w.T.Context(), m, ref)
		},
		"ran out": func(w *bookingtest.World, _ *bookingtest.Process, _ int64, ref string) error {
			w.RunOut(ref)
			return nil
		},
		"cancelled": func(w *bookingtest.World, _ *bookingtest.Process, _ int64, _ string) error {
			w.Exec("UPDATE flight SET state = 'cancelled' WHERE id = 1")
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			w.Add(bookingtest.Flight{ID: 1})
			p := w.Process(bookingtest.Setup{})
			member := w.Member()
			held := p.MustHold(bookingtest.Request(member, 1, "1A"))
			ask := func() error {
				_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
				return err
			}
			for range 3 {
				want(t, "a seat that is taken", ask(), booking.ErrSeatTaken)
			}
			must(t, free(w, p, member, held.Ref))
			expected := error(nil)
			if name == "cancelled" {
				expected = booking.ErrCancelled
			}
			err := ask()
			for end := time.Now().Add(20 * time.Second); errors.Is(err, booking.ErrSeatTaken) && time.Now().Before(end); err = ask() {
			}
			want(t, "a seat that came free", err, expected)
			w.Check()
		})
	}
}
