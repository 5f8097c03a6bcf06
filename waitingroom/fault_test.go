package waitingroom

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

// keys lists the room's keys in Redis.
func (l *line) keys() []string {
	l.t.Helper()
	var all []string
	pattern := l.room().key + "*"
	for cursor := uint64(0); ; {
		entry, err := l.redis.Do(context.Background(), l.redis.B().Scan().Cursor(cursor).Match(pattern).Count(1000).Build()).AsScanEntry()
		if err != nil {
			l.t.Fatal(err)
		}
		all = append(all, entry.Elements...)
		if cursor = entry.Cursor; cursor == 0 {
			return all
		}
	}
}

// empty throws the room's data away, as a Redis that starts without them.
func (l *line) empty() {
	l.t.Helper()
	if err := l.redis.Do(context.Background(), l.redis.B().Del().Key(l.keys()...).Build()).Error(); err != nil {
		l.t.Fatal(err)
	}
}

// backup remembers the room's data; the function returned puts them back as a replica that was behind does:
// old, and under another run of Redis.
func (l *line) backup() (restore func()) {
	l.t.Helper()
	ctx := context.Background()
	dumps := map[string]string{}
	for _, k := range l.keys() {
		dump, err := l.redis.Do(ctx, l.redis.B().Dump().Key(k).Build()).ToString()
		if err != nil {
			l.t.Fatal(err)
		}
		dumps[k] = dump
	}
	return func() {
		l.empty()
		for k, dump := range dumps {
			if err := l.redis.Do(ctx, l.redis.B().Restore().Key(k).Ttl(0).SerializedValue(dump).Build()).Error(); err != nil {
				l.t.Fatal(err)
			}
		}
		if err := l.redis.Do(ctx, l.redis.B().Hset().Key(l.room().key).FieldValue().FieldValue("inc", "lost").Build()).Error(); err != nil {
			l.t.Fatal(err)
		}
	}
}

// TestLostRedisLosesNoPlace: people join and come in after the last thing that anybody wrote down or copied;
// then Redis is empty, or an old copy of itself. No number is issued twice, nobody comes in a second time,
// nobody loses a place.
func TestLostRedisLosesNoPlace(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*line) func(){
		"emptied":                   func(l *line) func() { return l.empty },
		"failed over to an old one": func(l *line) func() { return l.backup() },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t, 600, 10, 1000)
			people := l.joinMany(1, 200)
			l.pass(5*time.Second, people...)
			l.rooms.journal.flush(context.Background())
			happens := lose(l)
			late := l.joinMany(1001, 20) // nobody wrote these down
			l.pass(2*time.Second, people...)
			all := append(people, late...)
			inside, claimed := admitted(all), l.claims()
			highest := late[19].ticket.Number
			happens()
			checkNothingLost(l, all, inside, claimed, highest)
		})
	}
}

func checkNothingLost(l *line, all []*customer, inside []int64, claimed, highest int64) {
	t := l.t
	t.Helper()
	if _, err := l.rooms.Join(context.Background(), saleID, 5000, nil); err == nil {
		t.Fatal("joined a room that has lost its data")
	}
	l.step()
	for _, c := range all {
		before := c.ticket.Number
		if c.poll(); c.ticket.Number != before {
			t.Fatalf("number %d became %d", before, c.ticket.Number)
		}
		again, err := l.rooms.Join(context.Background(), saleID, c.member, &c.ticket)
		if err != nil {
			t.Fatal(err)
		}
		if ticket, _ := l.rooms.Ticket(again.Ticket); ticket.Number != before {
			t.Fatalf("member %d had %d and gets %d", c.member, before, ticket.Number)
		}
	}
	if got := l.join(6000).ticket.Number; got <= highest {
		t.Fatalf("number %d is issued again (highest was %d)", got, highest)
	}
	l.pass(30*time.Second, all...)
	if got := int64(len(admitted(all))); got != l.claims() || l.claims() < claimed+100 {
		t.Errorf("%d inside, %d claims, %d before", got, l.claims(), claimed)
	}
	for i, n := range inside {
		if n != int64(i+1) {
			t.Errorf("order before the loss: %v", inside)
		}
	}
}

// TestUnwrittenPlaceWhoseTurnCame: the line has come past somebody who has not come in yet, when Redis is lost
// together with the process that had not written the place down. The ticket is all that tells of it, and it counts.
func TestUnwrittenPlaceWhoseTurnCame(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 1000)
	people := l.joinMany(1, 3)
	l.pass(10 * time.Second) // two are let in and do not come
	l.room().chores(context.Background(), l.room().snap.Load())
	if l.room().loggedServe < 3 {
		t.Fatalf("the line is noted at %d, want it past all three", l.room().loggedServe)
	}
	l.empty()
	l.rooms.journal.joins = nil
	l.step()
	l.pass(10*time.Second, people...)
	if in := admitted(people); len(in) != 3 {
		t.Errorf("only %v came in", in)
	}
}

// TestEarlierOfTwoPlacesCounts: a place that was lost with Redis comes back with its ticket.
func TestEarlierOfTwoPlacesCounts(t *testing.T) {
	t.Parallel()
	l := newLine(t, 60, 1, 0)
	l.joinMany(100, 10)
	l.rooms.journal.flush(context.Background())
	first := l.join(1) // never written down
	l.empty()
	l.rooms.journal.joins = nil
	l.step()
	phone := l.join(1) // another device: a new place
	if phone.ticket.Number <= first.ticket.Number {
		t.Fatalf("numbers %d and %d", first.ticket.Number, phone.ticket.Number)
	}
	st, err := l.rooms.Join(context.Background(), saleID, 1, &first.ticket)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := l.rooms.Ticket(st.Ticket); got.Number != first.ticket.Number {
		t.Errorf("number %d, want the earlier %d", got.Number, first.ticket.Number)
	}
	l.step()
	if _, err := l.rooms.Poll(context.Background(), phone.ticket, 0); err == nil {
		t.Error("the later place still stands")
	}
}

// TestOneProcessRebuilds: several notice the loss, one does the work, all go on.
func TestOneProcessRebuilds(t *testing.T) {
	t.Parallel()
	l := newLine(t, 0, 0, 0)
	l.joinMany(1, 100)
	l.rooms.journal.flush(context.Background())
	others := []*Rooms{l.rooms, l.process(), l.process()}
	l.empty()
	for range 2 {
		together(len(others), func(i int) { l.roomOf(others[i]).turn(context.Background()) })
	}
	for i, rs := range others {
		if st, err := rs.Join(context.Background(), saleID, 55, nil); err != nil {
			t.Errorf("process %d: %v", i, err)
		} else if ticket, _ := rs.Ticket(st.Ticket); ticket.Number != 55 {
			t.Errorf("process %d gives member 55 number %d", i, ticket.Number)
		}
	}
}

// TestAwayRedisFreezesTheLine: no place is lost, nobody is told to begin anew, nobody new comes in, and those
// inside go on.
func TestAwayRedisFreezesTheLine(t *testing.T) {
	t.Parallel()
	l := newLine(t, 600, 10, 5)
	people := l.joinMany(1, 30)
	l.pass(3*time.Second, people...)
	server := &flaky{Client: l.redis}
	l.rooms.store.client = server
	server.away.Store(true)
	l.clock.move(3 * time.Second)
	l.room().turn(context.Background())
	if st := people[20].want(Frozen); st.Position != 16 || st.NextPoll == 0 {
		t.Errorf("frozen at position %d, next poll in %v", st.Position, st.NextPoll)
	}
	if err := l.rooms.CheckPass(people[0].last.Pass, saleID, 1); err != nil {
		t.Errorf("a pass counts no more: %v", err)
	}
	_, err := l.rooms.Join(context.Background(), saleID, 999, nil)
	wantError(t, err, ErrFrozen)
	wantError(t, l.rooms.Leave(context.Background(), people[20].ticket), ErrFrozen)
	server.away.Store(false)
	l.step()
	people[20].want(Waiting)
}

// flaky is a client whose server can be away.
type flaky struct {
	rueidis.Client
	away atomic.Bool
}

// Do gives every command a context that has ended while the server is away.
func (f *flaky) Do(ctx context.Context, command rueidis.Completed) rueidis.RedisResult {
	if f.away.Load() {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		ctx = ended
	}
	return f.Client.Do(ctx, command)
}

// TestStrangeAnswersFreeze: what cannot be read is an outage, not a panic.
func TestStrangeAnswersFreeze(t *testing.T) {
	t.Parallel()
	if _, err := parseSnapshot([]int64{1, 2, 3}, opening); err == nil {
		t.Error("three figures are a snapshot")
	}
	for _, raw := range []string{"", "\xff", "\x02\x04\x00\x00", "\x04\x02\x00\x00"} {
		if c := decodeCensus([]byte(raw)); c != nil {
			t.Errorf("%q is a census: %+v", raw, c)
		}
	}
}
