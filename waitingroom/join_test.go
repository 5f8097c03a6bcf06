package waitingroom

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

func TestOnePlacePerMember(t *testing.T) {
	t.Parallel()
	l := newLine(t, 0, 0, 0)
	first := l.join(100)
	second := l.join(101)
	again := l.join(100)
	if first.ticket.Number != 1 || second.ticket.Number != 2 || again.ticket.Number != 1 {
		t.Errorf("numbers %d, %d, %d; want 1, 2 and 1 again", first.ticket.Number, second.ticket.Number, again.ticket.Number)
	}
	if got := second.want(Waiting); got.Position != 2 {
		t.Errorf("position %d, want 2", got.Position)
	}
}

func TestStraightInWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 10, 2)
	a, b, c := l.join(1), l.join(2), l.join(3)
	if a.last.State != Admitted || b.last.State != Admitted || c.last.State != Waiting {
		t.Errorf("%s, %s, %s; want two inside and one in line", a.last.State, b.last.State, c.last.State)
	}
	if err := l.rooms.CheckPass(a.last.Pass, saleID, 1); err != nil {
		t.Error(err)
	}
}

// TestJoinsKeepTheirOrder: nobody who asked after another's answer gets an earlier number, no number twice,
// with two processes at the door.
func TestJoinsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	const members = 4000
	l := newLine(t, 0, 0, 0)
	doors := []*Rooms{l.rooms, l.process()}
	l.roomOf(doors[1]).turn(context.Background())
	var clock atomic.Int64
	asked, answered, number := make([]int64, members), make([]int64, members), make([]int64, members)
	together(members, func(i int) {
		asked[i] = clock.Add(1)
		st, err := doors[i%2].Join(context.Background(), saleID, int64(i+1), nil)
		if err != nil {
			t.Errorf("member %d: %v", i+1, err)
			return
		}
		answered[i] = clock.Add(1)
		ticket, err := l.rooms.Ticket(st.Ticket)
		if err != nil {
			t.Error(err)
		}
		number[i] = ticket.Number
	})
	byNumber := map[int64]int{}
	for i, n := range number {
		if other, twice := byNumber[n]; twice {
			t.Fatalf("number %d for members %d and %d", n, other+1, i+1)
		}
		byNumber[n] = i
	}
	if n := inversions(asked, answered, number); n != 0 {
		t.Errorf("%d inversions", n)
	}
	l.rooms.journal.flush(context.Background())
	doors[1].journal.flush(context.Background())
	var logged int
	if err := l.pool.QueryRow(`SELECT COUNT(DISTINCT number) FROM queue_join`).Scan(&logged); err != nil || logged != members {
		t.Errorf("%d places noted in the database, want %d (%v)", logged, members, err)
	}
}

// inversions counts members who were answered before another asked and yet have the later number.
func inversions(asked, answered, number []int64) (n int) {
	for i := range number {
		for k := range number {
			if answered[i] < asked[k] && number[i] > number[k] {
				n++
			}
		}
	}
	return n
}

func TestJoiningHasItsTimes(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 10)
	join := func() error {
		_, err := l.rooms.Join(context.Background(), saleID, 1, nil)
		return err
	}
	l.clock.ms.Store(opening.UnixMilli() - 2*60*60*1000)
	l.step()
	wantError(t, join(), ErrTooEarly)
	l.clock.ms.Store(opening.UnixMilli() - 30*60*1000)
	l.step()
	c := l.join(2)
	if c.want(Early); c.last.OpensIn.Minutes() != 30 {
		t.Errorf("opens in %v, want 30 minutes", c.last.OpensIn)
	}
	l.set(`state = 'drained'`)
	wantError(t, join(), ErrShut)
	l.set(`state = 'open'`)
	l.clock.ms.Store(opening.UnixMilli() + 49*60*60*1000)
	l.step()
	wantError(t, join(), ErrShut)
	_, err := l.rooms.Join(context.Background(), 99, 1, nil)
	wantError(t, err, ErrNoRoom)
}

// TestNumbersAreReservedBeforeTheyAreIssued: the database's end is never behind the highest number.
func TestNumbersAreReservedBeforeTheyAreIssued(t *testing.T) {
	t.Parallel()
	l := newLine(t, 0, 0, 0)
	r := l.room()
	var highest int64
	for member := int64(1); member <= 2*blockLeast+5; member += 400 {
		var visits []visit
		for m := member; m < member+400; m++ {
			visits = append(visits, visit{member: m, wants: true})
		}
		verdicts, err := r.enter(context.Background(), visits)
		if err != nil {
			t.Fatal(err)
		}
		highest = verdicts[len(verdicts)-1].number
		var reserved int64
		if err := l.pool.QueryRow(`SELECT reserved_until FROM queue_block`).Scan(&reserved); err != nil || reserved < highest {
			t.Fatalf("number %d issued, reserved until %d (%v)", highest, reserved, err)
		}
	}
}

// TestReplacedRedisReservesNothing: after another Redis has taken over, the old one cannot get numbers.
func TestReplacedRedisReservesNothing(t *testing.T) {
	t.Parallel()
	l := newLine(t, 0, 0, 0)
	l.exec(`UPDATE queue_block SET incarnation = 'another'`)
	_, err := l.rooms.Join(context.Background(), saleID, 1, nil)
	wantError(t, err, ErrFrozen)
}

// TestReplacedRedisLetsNobodyIn: an old Redis that still answers after another has taken over would let people in
// beside it, and both together would pass the rate. Whoever was let in before stays inside.
func TestReplacedRedisLetsNobodyIn(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1000)
	people := l.joinMany(1, 5)
	l.step()
	people[0].want(Admitted)
	if l.claims() != 1 {
		t.Fatalf("%d claims before the change, want 1", l.claims())
	}
	l.exec(`UPDATE queue_block SET incarnation = 'another'`)
	l.pass(10*time.Second, people[1:]...)
	if in := admitted(people[1:]); len(in) != 0 || l.claims() != 1 {
		t.Errorf("the old Redis let %v in; %d claims", in, l.claims())
	}
	if err := l.rooms.CheckPass(people[0].last.Pass, saleID, 1); err != nil {
		t.Errorf("a pass given before counts no more: %v", err)
	}
	l.empty() // the processes reach the new one, which knows nothing yet
	l.step()
	l.pass(30*time.Second, people[1:]...)
	if in := admitted(people[1:]); len(in) != 4 || l.claims() != 5 {
		t.Errorf("the new Redis let %v in; %d claims, want all", in, l.claims())
	}
}
