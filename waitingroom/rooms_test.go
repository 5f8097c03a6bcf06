package waitingroom

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestRoomsRunByThemselves: loops, a line that is served, an operator's change that counts within a second,
// and nothing left running.
func TestRoomsRunByThemselves(t *testing.T) {
	l := newLine(t, 0, 0, 0)
	leaks := goleak.IgnoreCurrent()
	l.exec(`UPDATE sale SET joins_at = NOW(6) - INTERVAL 1 HOUR, opens_at = NOW(6) - INTERVAL 1 MINUTE, closes_at = NOW(6) + INTERVAL 1 HOUR, epoch = 2`)
	rs, err := New(Options{Redis: l.redis, DB: l.pool, Keys: testKeys(t), Serves: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := rs.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := rs.Ready(ctx, saleID); err != nil {
		t.Fatal(err)
	}
	wantError(t, rs.Ready(ctx, 99), ErrNoRoom)
	st, err := rs.Join(ctx, saleID, 1, nil)
	if err != nil || st.State != Waiting {
		t.Fatalf("%+v, %v", st, err)
	}
	ticket, err := rs.Ticket(st.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	l.exec(`UPDATE sale SET rate_per_minute = 6000, burst = 10, cap = 10, version = version + 1`)
	changed := time.Now()
	for st.State != Admitted {
		if time.Since(changed) > 30*time.Second { // far more than it takes: the machine may be busy
			t.Fatalf("still %s after the change", st.State)
		}
		if st, err = rs.Poll(ctx, ticket, st.Serving); err != nil {
			t.Fatal(err)
		}
	}
	rs.Stop()
	rs.Stop()
	var logged int
	if err := l.pool.QueryRow(`SELECT COUNT(*) FROM queue_join WHERE epoch = 2 AND claimed_at IS NOT NULL`).Scan(&logged); err != nil || logged != 1 {
		t.Errorf("%d claims noted, want 1 (%v)", logged, err)
	}
	connections := []goleak.Option{ // which the pools keep
		goleak.IgnoreAnyFunction("github.com/go-sql-driver/mysql.(*mysqlConn).startWatcher.func1"),
		goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*pipe)._background"),
		goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*pipe)._backgroundWrite"),
	}
	if err := goleak.Find(append(connections, leaks)...); err != nil {
		t.Error(err)
	}
}
