package booking_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

var faults = map[string]bookingtest.Fault{
	"deadlock":         bookingtest.Deadlock,
	"lock wait":        bookingtest.LockWait,
	"lost before":      bookingtest.LoseBefore,
	"lost after":       bookingtest.LoseAfter,
	"lost, still runs": bookingtest.LoseDuring,
}

// once strikes one statement of the first transaction that a process begins.
type once struct {
	mu     sync.Mutex
	fault  bookingtest.Fault
	at     int // the statement's place; BEGIN is 0
	begun  *bookingtest.Conn
	struck bool
}

func (o *once) strike(s bookingtest.Statement) bookingtest.Fault {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.Index == 0 && o.begun == nil {
		o.begun = s.Conn
	}
	if o.struck || s.Conn != o.begun || s.Index != o.at {
		return bookingtest.None
	}
	o.struck = true
	return o.fault
}

// statements is how many a transaction has, with BEGIN and COMMIT.
type statements struct{ most atomic.Int64 }

func (n *statements) see(s bookingtest.Statement) {
	if s.Text == "COMMIT" {
		n.most.Store(max(n.most.Load(), int64(s.Index)+1))
	}
}

// everyFault runs do once without a fault, to learn how many statements it has, and then once with each fault at each of
// them, on a flight of its own.
func everyFault(t *testing.T, w *bookingtest.World, strategy booking.Strategy, do func(p *bookingtest.Process, flight int64) error) {
	t.Helper()
	var n statements
	flight := int64(1)
	w.Add(bookingtest.Flight{ID: flight, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 2}}})
	must(t, do(w.Process(bookingtest.Setup{Strategy: strategy, Meddling: bookingtest.Meddling{See: n.see}}), flight))
	closed := make(chan struct{})
	close(closed)
	for name, fault := range faults {
		for at := range int(n.most.Load()) {
			flight++
			w.Add(bookingtest.Flight{ID: flight, Fares: []booking.Fare{{Code: "SPECIAL", Quota: 2}}})
			o := &once{fault: fault, at: at}
			p := w.Process(bookingtest.Setup{Strategy: strategy, Meddling: bookingtest.Meddling{Fault: o.strike, Late: closed}})
			if err := do(p, flight); err != nil {
				t.Errorf("%s at statement %d: %v", name, at, err)
			}
			if !o.struck {
				t.Errorf("%s at statement %d never struck", name, at)
			}
			p.Stop()
			p.ClosePool()
		}
	}
	w.Check()
}

func TestHoldsSurviveEveryFault(t *testing.T) {
	t.Parallel()
	for _, strategy := range strategies {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			everyFault(t, w, strategy, func(p *bookingtest.Process, flight int64) error {
				req := bookingtest.Request(w.Member(), flight, "1A", "1B")
				if flight%2 == 0 {
					req.Key = fmt.Sprintf("key-of-flight-%d", flight)
				}
				held, err := p.Hold(t.Context(), req)
				if err == nil && held.Repeated {
					err = errors.New("answered as a repeat")
				}
				if n := w.Int("SELECT COUNT(*) FROM booking_leg WHERE flight_id = ?", flight); n != 1 {
					err = errors.Join(err, fmt.Errorf("%d holds", n))
				}
				return err
			})
		})
	}
}

// TestStepsSurviveEveryFault: each step happens once, however its transaction fared.
func TestStepsSurviveEveryFault(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]func(ctx context.Context, p *bookingtest.Process, member int64, ref string) error{
		"extend": func(ctx context.Context, p *bookingtest.Process, member int64, ref string) error {
			return p.Extend(ctx, member, ref)
		},
		"let go": func(ctx context.Context, p *bookingtest.Process, member int64, ref string) error {
			return p.LetGo(ctx, member, ref)
		},
		"passengers": func(ctx context.Context, p *bookingtest.Process, member int64, ref string) error {
			return p.SetPassengers(ctx, member, ref, adults(1), contact)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			plain := w.Process(bookingtest.Setup{})
			everyFault(t, w, "", func(p *bookingtest.Process, flight int64) error {
				member := w.Member()
				held := plain.MustHold(bookingtest.Request(member, flight, "1A"))
				if err := step(t.Context(), p, member, held.Ref); err != nil {
					return err
				}
				if n := w.Booking(held.Ref).Version; n != 2 {
					return fmt.Errorf("the booking has version %d", n)
				}
				return nil
			})
		})
	}
}

func TestABatchSurvivesEveryFault(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]bookingtest.Fault{"deadlock": bookingtest.Deadlock, "lost before": bookingtest.LoseBefore, "lost after": bookingtest.LoseAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range []int{0, 1, 3, 6, 8, 9} { // 9 is COMMIT
				batchUnderFault(t, fault, at)
			}
		})
	}
}

func batchUnderFault(t *testing.T, fault bookingtest.Fault, at int) {
	t.Helper()
	w := busStop(t)
	o := &once{fault: fault, at: at, begun: &bookingtest.Conn{}} // not yet
	b := newBus(t, w, bookingtest.Meddling{Fault: o.strike})
	var all []*answer
	for i := range 8 {
		all = append(all, b.board(t.Context(), bookingtest.Request(w.Member(), 1, bookingtest.SeatNo(i/2)))) // two for each seat
	}
	o.mu.Lock()
	o.begun = nil
	o.mu.Unlock()
	b.drive()
	for i, a := range all {
		want(t, fmt.Sprintf("fault %d at %d, customer %d", fault, at, i), a.err, []error{nil, booking.ErrSeatTaken}[i%2])
	}
	w.Check()
}

// TestACommitThatStillRuns: the connection is lost while the server is still at the COMMIT. The next try waits behind its
// locks and finds the hold.
func TestACommitThatStillRuns(t *testing.T) {
	t.Parallel()
	everyStrategyOnce := func(t *testing.T, strategy booking.Strategy, key string) {
		w := bookingtest.New(t)
		w.Add(bookingtest.Flight{ID: 1})
		late := make(chan struct{})
		lost := make(chan struct{})
		var first sync.Once
		fault := func(s bookingtest.Statement) (f bookingtest.Fault) {
			if s.Text == "COMMIT" {
				first.Do(func() { f = bookingtest.LoseDuring; close(lost) })
			}
			return f
		}
		p := w.Process(bookingtest.Setup{Strategy: strategy, Meddling: bookingtest.Meddling{Fault: fault, Late: late}})
		req := bookingtest.Request(w.Member(), 1, "1A")
		req.Key = key
		var held booking.HoldResult
		done := bookingtest.Go(func() (err error) { held, err = p.Hold(t.Context(), req); return err })
		<-lost
		if w.Await(done) {
			t.Error("the next try did not wait")
		}
		close(late)
		must(t, <-done)
		if n := w.Int("SELECT COUNT(*) FROM booking"); n != 1 || held.Repeated || held.Ref == "" {
			t.Errorf("%d holds, %+v", n, held)
		}
		w.Check()
	}
	for _, strategy := range strategies {
		for _, key := range []string{"", "a-key-of-sixteen-and-more"} {
			t.Run(string(strategy)+key, func(t *testing.T) {
				t.Parallel()
				everyStrategyOnce(t, strategy, key)
			})
		}
	}
}

// TestADatabaseThatAlwaysRefuses: the customer is told to come again, and nothing is held.
func TestADatabaseThatAlwaysRefuses(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]bookingtest.Fault{"deadlock": bookingtest.Deadlock, "lost before": bookingtest.LoseBefore} {
		for _, strategy := range strategies {
			t.Run(name+" "+string(strategy), func(t *testing.T) {
				t.Parallel()
				w := bookingtest.New(t)
				w.Add(bookingtest.Flight{ID: 1})
				member := w.Member()
				held := w.Process(bookingtest.Setup{}).MustHold(bookingtest.Request(member, 1, "1B"))
				p := w.Process(bookingtest.Setup{Strategy: strategy, Meddling: bookingtest.Meddling{
					Fault: func(s bookingtest.Statement) bookingtest.Fault {
						if s.Text == "COMMIT" {
							return fault
						}
						return bookingtest.None
					}}})
				_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
				want(t, "hold", err, booking.ErrBusy)
				want(t, "extend", p.Extend(t.Context(), member, held.Ref), booking.ErrBusy)
				w.MustFree(1, "1A")
				w.Check()
			})
		}
	}
}

// TestASlowFlightHarmsNoOther: a statement for one flight does not come back; other flights sell on, and when the batch's
// time is over its customers are told so.
func TestASlowFlightHarmsNoOther(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	w.Add(bookingtest.Flight{ID: 1})
	w.Add(bookingtest.Flight{ID: 2})
	release, slow := make(chan struct{}), make(chan struct{})
	var seen atomic.Bool
	p := w.Process(bookingtest.Setup{Rules: func(r *booking.Rules) { r.BatchDeadline = time.Second },
		Meddling: bookingtest.Meddling{Fault: func(s bookingtest.Statement) bookingtest.Fault {
			if s.Index == 3 && seen.CompareAndSwap(false, true) {
				close(slow)
				<-release
			}
			return bookingtest.None
		}}})
	one := bookingtest.Go(func() error {
		_, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A"))
		return err
	})
	<-slow
	p.MustHold(bookingtest.Request(w.Member(), 2, "1A"))
	timer := time.NewTimer(1100 * time.Millisecond) // the batch's time is over
	defer timer.Stop()
	<-timer.C
	close(release)
	want(t, "the slow one", <-one, context.DeadlineExceeded)
	w.MustFree(1, "1A")
	w.Check()
}
