package waitingroom

import (
	"testing"
	"time"
)

func TestMissedTurnIsKept(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1000)
	people := l.joinMany(1, 120)
	sleeper, awake := people[9], append(people[:9:9], people[10:]...)
	l.pass(40*time.Second, awake...)
	if n := people[20].last.State; n != Admitted {
		t.Fatalf("the line stood still: number 21 is %s", n)
	}
	st := sleeper.poll()
	if st.State != Admitted && (st.State != Next || !st.Returned) {
		t.Fatalf("back after a missed turn: %+v", st)
	}
	l.pass(3*time.Second, sleeper)
	if sleeper.last.State != Admitted {
		t.Errorf("number 10 is %s 3 s after its return, with later ones in line", sleeper.last.State)
	}
}

func TestReturnedGoInTheirOrderBeforeTheRest(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1000)
	people := l.joinMany(1, 100)
	awake := append(people[:25:25], people[28:]...) // 26, 27 and 28 sleep
	l.pass(32*time.Second, awake...)
	l.set(`cap = 0`)
	for _, i := range []int{27, 25, 26} {
		people[i].want(Next).expectNext(t)
	}
	if people[26].poll().Position != 2 {
		t.Errorf("number 27 stands at %d among the returned, want 2", people[26].last.Position)
	}
	l.set(`cap = 1000`)
	back := people[25:28]
	l.pass(15*time.Second, back...)
	for _, c := range back {
		if c.last.State != Admitted {
			t.Errorf("number %d is %s", c.ticket.Number, c.last.State)
		}
	}
}

// expectNext checks what somebody back from a missed turn is told while nothing moves.
func (s Status) expectNext(t *testing.T) {
	t.Helper()
	if !s.Returned {
		t.Errorf("the missed turn is not told: %+v", s)
	}
}

func TestAdmissionNobodyClaimsIsGivenOn(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1)
	a, b := l.join(1), l.join(2)
	l.set(`claim_seconds = 30`)
	if err := l.rooms.Leave(t.Context(), a.ticket); err != nil { // frees the only place
		t.Fatal(err)
	}
	l.pass(4 * time.Second) // number 2 is let in while its phone sleeps
	if got := l.room().snap.Load(); got.unclaimed != 1 {
		t.Fatalf("%d let in and not come, want 1", got.unclaimed)
	}
	c := l.join(3)
	l.pass(40*time.Second, c)
	if c.last.State != Admitted {
		t.Fatalf("number 3 is %s after number 2 did not come", c.last.State)
	}
	if st := b.poll(); !st.Returned {
		t.Errorf("number 2 is not told that its turn is kept: %+v", st)
	}
	if err := l.rooms.Leave(t.Context(), c.ticket); err != nil {
		t.Fatal(err)
	}
	l.pass(3*time.Second, b)
	if b.last.State != Admitted {
		t.Errorf("number 2 is %s", b.last.State)
	}
}

func TestTurnMissedTooLongGoesToTheEnd(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1000)
	people := l.joinMany(1, 30)
	sleeper := people[29]
	l.pass(40*time.Second, people[:29]...)
	l.clock.move(31 * time.Minute)
	l.step()
	l.set(`cap = 0`)
	rest := l.joinMany(100, 10)
	st := sleeper.poll()
	if !st.Moved || sleeper.ticket.Number != rest[9].ticket.Number+1 {
		t.Errorf("number %d, moved %v; want the number after %d", sleeper.ticket.Number, st.Moved, rest[9].ticket.Number)
	}
}

// TestNobodyIsAbsentAfterAnOutage: heartbeats that could not be recorded are nobody's fault.
func TestNobodyIsAbsentAfterAnOutage(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 5, 1000)
	people := l.joinMany(1, 100)
	l.clock.move(2 * time.Minute) // nothing was heard from anybody
	l.step()
	l.pass(5*time.Second, people...)
	for i, c := range people[:30] {
		if c.last.State != Admitted {
			t.Fatalf("number %d is %s", i+1, c.last.State)
		}
	}
}

func TestHalfTheLineWalksAway(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 5, 10_000)
	people := l.joinMany(1, 1300)
	var stay []*customer
	for i, c := range people {
		if i%2 == 0 {
			stay = append(stay, c)
		}
	}
	l.pass(30*time.Second, stay...)
	before := l.claims()
	l.pass(30*time.Second, stay...)
	if got := l.claims() - before; got < 290 {
		t.Errorf("%d claims in 30 s at 10 a second", got)
	}
	last := stay[len(stay)-1]
	if st := last.poll(); st.State == Waiting && st.Position > 200 {
		t.Errorf("position %d counts those who went away", st.Position)
	}
}
