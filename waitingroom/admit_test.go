package waitingroom

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestRateAndBurstAreExact drives a minute of a busy line: at no moment more are in than rate and burst allow
// for any stretch of time, and over the minute the rate is kept.
func TestRateAndBurstAreExact(t *testing.T) {
	t.Parallel()
	const rate, burst = 240, 10
	l := newLine(t, rate, burst, 100_000)
	people := l.joinMany(1, 400)
	var at []int64 // when each admission was made
	seen := l.room().snap.Load().admitted
	for range 300 {
		l.pass(200*time.Millisecond, people...)
		now := l.room().snap.Load().admitted
		for ; seen < now; seen++ {
			at = append(at, l.clock.ms.Load())
		}
	}
	for i := range at {
		for k := i; k < len(at); k++ {
			allowed := float64(at[k]-at[i]+200)*rate/60_000 + burst
			if got := k - i + 1; float64(got) > allowed+1e-6 {
				t.Fatalf("%d let in within %d ms, allowed %.1f", got, at[k]-at[i], allowed)
			}
		}
	}
	if n := len(at); n < rate*99/100 || n > rate+burst {
		t.Errorf("%d let in within a minute, want %d", n, rate)
	}
	if got, want := l.claims(), int64(len(admitted(people))); got != want {
		t.Errorf("%d claims in the database, %d customers inside", got, want)
	}
	if in := admitted(people); !slices.IsSorted(in) || in[len(in)-1] != int64(len(in)) {
		t.Errorf("somebody was passed over: %v", in)
	}
}

func TestClockThatGoesBackAdmitsNobody(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 100)
	people := l.joinMany(1, 50)
	l.pass(10*time.Second, people...)
	before := len(admitted(people))
	l.clock.move(-time.Hour)
	for range 20 {
		l.step()
	}
	l.pass(time.Second, people...)
	if got := len(admitted(people)) - before; got > 2 {
		t.Errorf("%d let in within a second after the clock went back", got)
	}
}

func TestOperatorsSettingsCountAtOnce(t *testing.T) {
	t.Parallel()
	l := newLine(t, 6000, 100, 0)
	people := l.joinMany(1, 300)
	l.pass(3*time.Second, people...)
	if got := admitted(people); len(got) != 0 {
		t.Fatalf("cap 0 let in %v", got)
	}
	if st := people[0].last; st.ETAHigh != 0 {
		t.Errorf("a time is promised with cap 0: %v", st.ETAHigh)
	}
	l.set(`cap = 20`)
	l.pass(20*time.Second, people...)
	if got := len(admitted(people)); got != 20 {
		t.Errorf("cap 20 let in %d", got)
	}
	l.set(`paused = TRUE, cap = 200`)
	l.pass(5*time.Second, people...)
	if got := len(admitted(people)); got != 20 {
		t.Errorf("paused, yet %d inside", got)
	}
	if st := people[100].want(Paused); st.ETAHigh != 0 {
		t.Errorf("a time is promised while paused: %v", st.ETAHigh)
	}
	l.set(`paused = FALSE, rate_per_minute = 0`)
	l.pass(5*time.Second, people...)
	if got := len(admitted(people)); got != 20 {
		t.Errorf("rate 0, yet %d inside", got)
	}
	l.set(`state = 'closed', rate_per_minute = 600`)
	people[100].want(Closed)
}

// TestRaisedRateIsSpread: those told to come back in a while are not overtaken by a rate raised meanwhile.
func TestRaisedRateIsSpread(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 10_000)
	l.joinMany(1, 500)
	l.pass(2 * time.Second)
	before := l.room().snap.Load().admitted
	l.set(`rate_per_minute = 600`)
	l.pass(2 * time.Second)
	if got := l.room().snap.Load().admitted - before; got < 3 || got > 7 {
		t.Errorf("%d let in within 2 s of the raise, want about 5 of the 20 at full rate", got)
	}
}

func TestNobodyIsLetInBeyondTheStock(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60_000, 1000, 1000)
	l.seats(10)
	l.clock.move(2 * time.Second)
	l.step()
	l.step()
	people := l.joinMany(1, 40)
	if got := len(admitted(people)); got != 15 {
		t.Errorf("%d let in for 10 free seats, want 15", got)
	}
	l.seats(0)
	l.clock.move(2 * time.Second)
	l.step()
	l.step()
	people[30].want(SoldOut)
}

// TestCapIsNeverPassed plays random operations and counts the passes that open the sale at each moment.
func TestCapIsNeverPassed(t *testing.T) {
	t.Parallel()
	const most = 12
	l := newLine(t, 3000, 30, most)
	var people []*customer
	random := rand.New(rand.NewPCG(1, 2))
	for op := range 3000 {
		switch n := random.IntN(20); {
		case n < 5:
			people = append(people, l.join(int64(1+random.IntN(300))))
		case n < 13 && len(people) > 0:
			c := people[random.IntN(len(people))]
			if st, err := l.rooms.Poll(context.Background(), c.ticket, 0); err == nil {
				c.keep(st)
			}
		case n < 15 && len(people) > 0:
			c := people[random.IntN(len(people))]
			if err := l.rooms.Leave(context.Background(), c.ticket); err != nil {
				t.Fatal(err)
			}
		case n < 17 && len(people) > 0:
			useOrExtend(l, people[random.IntN(len(people))], random.IntN(2) == 0)
		case n < 18:
			l.clock.move(time.Duration(random.IntN(60)) * time.Second)
			l.step()
		default:
			l.clock.move(200 * time.Millisecond)
			l.step()
		}
		if got := validPasses(l, people); got > most {
			t.Fatalf("operation %d: %d passes are valid, cap %d", op, got, most)
		}
	}
	if l.claims() < 50 {
		t.Errorf("only %d claims: the test did not do its work", l.claims())
	}
}

func useOrExtend(l *line, c *customer, extend bool) {
	l.t.Helper()
	if l.rooms.CheckPass(c.last.Pass, saleID, c.member) != nil {
		return
	}
	if !extend {
		if err := l.rooms.Release(saleID, c.member); err != nil {
			l.t.Fatal(err)
		}
		return
	}
	token, err := l.rooms.Extend(c.last.Pass, l.clock.now().Add(15*time.Minute))
	if err != nil {
		l.t.Fatal(err)
	}
	c.last.Pass = token
	l.step()
}

// validPasses counts members with a pass that has not run out by Redis' own clock.
func validPasses(l *line, people []*customer) int {
	members := map[int64]bool{}
	for _, c := range people {
		if l.rooms.CheckPass(c.last.Pass, saleID, c.member) == nil && l.rooms.PassLeft(c.last.Pass) > 0 {
			members[c.member] = true
		}
	}
	return len(members)
}
