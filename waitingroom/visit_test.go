package waitingroom

import (
	"context"
	"testing"
	"time"
)

func TestSecondDeviceContinuesTheSameAdmission(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 10)
	c := l.join(1)
	l.clock.move(time.Minute)
	l.step()
	phone, err := l.rooms.Join(context.Background(), saleID, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if phone.State != Admitted || !phone.PassExpires.Equal(c.last.PassExpires) {
		t.Errorf("%s until %v, want the same stay until %v", phone.State, phone.PassExpires, c.last.PassExpires)
	}
	if got := l.claims(); got != 1 {
		t.Errorf("%d claims, want 1", got)
	}
}

func TestPassCountsForItsMemberSaleAndTime(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 10)
	c := l.join(1)
	pass := c.last.Pass
	check := func(token string, sale, member int64) error { return l.rooms.CheckPass(token, sale, member) }
	wantError(t, check(pass, saleID, 1), nil)
	wantError(t, check("", saleID, 1), ErrNoPass)
	wantError(t, check(pass, saleID, 2), ErrWrongMember)
	wantError(t, check(pass, 8, 1), ErrWrongSale)
	wantError(t, check(c.last.Ticket, saleID, 1), ErrWrongKind)
	stranger := testKeys(t, key("k1", 77)).SignPass(Pass{saleID, 1, 1, 1, l.clock.now().Add(time.Hour)})
	wantError(t, check(stranger, saleID, 1), ErrForged)
	l.clock.move(passLife + clockSlack)
	wantError(t, check(pass, saleID, 1), nil)
	l.clock.move(time.Second)
	wantError(t, check(pass, saleID, 1), ErrPassExpired)
}

func TestHoldLengthensThePass(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1)
	c := l.join(1)
	token, err := l.rooms.Extend(c.last.Pass, l.clock.now().Add(15*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	l.step()
	for range 14 {
		l.clock.move(time.Minute)
		l.step()
	}
	wantError(t, l.rooms.CheckPass(c.last.Pass, saleID, 1), ErrPassExpired)
	wantError(t, l.rooms.CheckPass(token, saleID, 1), nil)
	if s := l.room().snap.Load(); s.inside != 1 || s.holding != 1 {
		t.Errorf("%d inside, %d with a hold; want 1 and 1", s.inside, s.holding)
	}
	l.clock.move(2 * time.Minute)
	l.step()
	if s := l.room().snap.Load(); s.inside != 0 || s.holding != 0 {
		t.Errorf("%d inside, %d with a hold after its end", s.inside, s.holding)
	}
}

// TestEndedStayIsOverEverywhere: after a purchase or a good-bye ticket and pass open nothing, at any process.
func TestEndedStayIsOverEverywhere(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 10, 10)
	other := l.process()
	bought, left := l.join(1), l.join(2)
	if err := l.rooms.Release(saleID, 1); err != nil {
		t.Fatal(err)
	}
	if err := l.rooms.Leave(context.Background(), left.ticket); err != nil {
		t.Fatal(err)
	}
	l.step()
	l.roomOf(other).turn(context.Background())
	for _, rs := range []*Rooms{l.rooms, other} {
		for _, c := range []*customer{bought, left} {
			wantError(t, rs.CheckPass(c.last.Pass, saleID, c.member), ErrPassUsed)
			_, err := rs.Poll(context.Background(), c.ticket, 0)
			wantError(t, err, ErrOver)
		}
	}
	if again := l.join(1); again.ticket.Number <= left.ticket.Number {
		t.Errorf("who has bought joins again as number %d", again.ticket.Number)
	}
}

func TestNewLineRefusesTheOldTickets(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 10)
	inside, waiting := l.join(1), l.join(2)
	l.exec(`UPDATE sale SET epoch = epoch + 1, version = version + 1`)
	l.open(l.rooms)
	l.step()
	_, err := l.rooms.Poll(context.Background(), waiting.ticket, 0)
	wantError(t, err, ErrWrongEpoch)
	wantError(t, l.rooms.CheckPass(inside.last.Pass, saleID, 1), ErrWrongEpoch)
	if again := l.join(2); again.ticket.Number != 1 {
		t.Errorf("first of the new line has number %d", again.ticket.Number)
	}
}

// TestAnswersNeverGoBack: a process that is behind does not show an older line.
func TestAnswersNeverGoBack(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 5, 1000)
	people := l.joinMany(1, 100)
	behind := l.process()
	l.roomOf(behind).turn(context.Background())
	l.pass(time.Second, people...)
	ahead := people[99].poll()
	if old := l.roomOf(behind).snap.Load(); old.serving >= ahead.Serving {
		t.Fatalf("the other process is not behind: %d, %d", old.serving, ahead.Serving)
	}
	st, err := behind.Poll(context.Background(), people[99].ticket, ahead.Serving)
	if err != nil || st.Serving < ahead.Serving || st.Position > ahead.Position {
		t.Errorf("%+v after %+v (%v)", st, ahead, err)
	}
}

func TestStatsAddUp(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 5, 10)
	people := l.joinMany(1, 50)
	l.pass(30*time.Second, people[:30]...)
	st, err := l.rooms.Stats(saleID)
	if err != nil {
		t.Fatal(err)
	}
	if st.Joined != 50 || st.Inside != 10 || st.Claimed != 10 || st.Served != 10 || st.Waiting != 20 || st.Absent != 20 {
		t.Errorf("%+v", st)
	}
	_, err = l.rooms.Stats(99)
	wantError(t, err, ErrNoRoom)
}

// TestWhoLeavesMakesRoomAtOnce: those behind move up without waiting for a census.
func TestWhoLeavesMakesRoomAtOnce(t *testing.T) {
	t.Parallel()
	l := newLine(t, 0, 0, 0)
	people := l.joinMany(1, 3)
	for i, c := range people[:2] {
		if err := l.rooms.Leave(t.Context(), c.ticket); err != nil {
			t.Fatal(err)
		}
		if got := people[2].poll().Position; got != int64(2-i) {
			t.Errorf("position %d after %d left", got, i+1)
		}
	}
	l.pass(3 * time.Second)
	if got := people[2].poll().Position; got != 1 {
		t.Errorf("position %d after a census", got)
	}
}
