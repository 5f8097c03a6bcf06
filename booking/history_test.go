package booking_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/db"
)

// seatCall is one customer's call about one seat, and seatAnswer what came back.
type (
	seatCall struct {
		seat string
		do   string // hold, let go, pay, confirm, cancel or read
		ref  string // of the booking, for all but hold and read
	}
	seatAnswer struct {
		ok  bool
		ref string // hold: the new booking; read: who has the seat
	}
)

// seatSpec is what one seat may do when one call comes after the other: its state is who has it.
var seatSpec = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[string][]porcupine.Operation{}
		for _, op := range history {
			seat := op.Input.(seatCall).seat
			by[seat] = append(by[seat], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range by {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		owner, call, answer := state.(string), input.(seatCall), output.(seatAnswer)
		switch {
		case call.do == "read":
			return answer.ref == owner, owner
		case call.do == "hold" && answer.ok:
			return owner == "", answer.ref
		case call.do == "hold":
			return owner != "", owner
		case !answer.ok: // refused, for another reason than the seat's
			return true, owner
		case call.do == "let go", call.do == "cancel":
			return owner == call.ref, ""
		}
		return owner == call.ref, owner // pay and confirm
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// TestConcurrentHistoriesAreSerial has customers of two processes do all they can to three seats at once, and lets a
// checker look for one order of all calls in which each answer is right. Nobody is turned away by what was read a
// moment ago: such an answer is right for that moment, not for its own.
func TestConcurrentHistoriesAreSerial(t *testing.T) {
	t.Parallel()
	const customers, calls = 10, 50
	for _, strategy := range strategies {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := bookingtest.New(t)
			w.Add(bookingtest.Flight{ID: 1})
			r := &recorder{t: t, start: time.Now()}
			setup := bookingtest.Setup{Strategy: strategy, Rules: func(r *booking.Rules) { r.TakenFor = 0 }}
			two := []*bookingtest.Process{w.Process(setup), w.Process(setup)}
			var all sync.WaitGroup
			for id := range customers {
				all.Go(func() {
					c := &customer{r: r, w: w, p: two[id%2], id: id, member: w.Member(), rand: rand.New(rand.NewPCG(1, uint64(id)))}
					for range calls {
						c.act()
					}
				})
			}
			all.Wait()
			w.Check()
			if result := porcupine.CheckOperationsTimeout(seatSpec, r.history, 20*time.Second); result != porcupine.Ok {
				t.Errorf("%d calls: %s", len(r.history), result)
			}
		})
	}
}

// TestTheHistoryCheckerNotices shows it a history in which two customers have a seat at once.
func TestTheHistoryCheckerNotices(t *testing.T) {
	t.Parallel()
	hold := func(client int, ref string, call, done int64) porcupine.Operation {
		return porcupine.Operation{ClientId: client, Input: seatCall{"1A", "hold", ""}, Output: seatAnswer{true, ref}, Call: call, Return: done}
	}
	if porcupine.CheckOperations(seatSpec, []porcupine.Operation{hold(1, "A", 0, 10), hold(2, "B", 5, 15)}) {
		t.Error("a seat sold twice passes")
	}
}

// recorder keeps what was called and answered, and when.
type recorder struct {
	t       *testing.T
	start   time.Time
	mu      sync.Mutex
	history []porcupine.Operation
}

func (r *recorder) call(client int, input seatCall, do func() seatAnswer) seatAnswer {
	from := time.Since(r.start)
	output := do()
	to := time.Since(r.start)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, porcupine.Operation{ClientId: client, Input: input, Output: output, Call: int64(from), Return: int64(to)})
	return output
}

// customer does one thing after the other, to a seat that it may have already.
type customer struct {
	r      *recorder
	w      *bookingtest.World
	p      *bookingtest.Process
	id     int
	member int64
	rand   *rand.Rand
	has    []seatCall // bookings that it made: seat and ref
}

func (c *customer) act() {
	seat := bookingtest.SeatNo(c.rand.IntN(3))
	switch n := c.rand.IntN(10); {
	case n < 4 || len(c.has) == 0:
		c.hold(seat)
	case n == 4:
		c.read(seat)
	default:
		call := c.has[max(0, len(c.has)-1-c.rand.IntN(2))]
		call.do = []string{"let go", "let go", "pay", "confirm", "cancel"}[n-5]
		c.r.call(c.id, call, func() seatAnswer {
			return c.answer(patient(func() error { return c.step(call) }), booking.ErrState, booking.ErrSeatsLost)
		})
	}
}

func (c *customer) hold(seat string) {
	answer := c.r.call(c.id, seatCall{seat, "hold", ""}, func() seatAnswer {
		var held booking.HoldResult
		err := patient(func() (err error) {
			held, err = c.p.Hold(c.r.t.Context(), bookingtest.Request(c.member, 1, seat))
			return err
		})
		a := c.answer(err, booking.ErrSeatTaken)
		a.ref = held.Ref
		return a
	})
	if answer.ok {
		c.has = append(c.has, seatCall{seat: seat, ref: answer.ref})
	}
}

// patient asks again, as customers are told to, while a busy machine keeps a lock from being granted in time: nothing
// has happened then.
func patient(do func() error) (err error) {
	for range 20 {
		if err = do(); !errors.Is(err, booking.ErrBusy) && !db.IsLockWait(err) {
			return err
		}
	}
	return err
}

func (c *customer) step(call seatCall) error {
	switch call.do {
	case "let go":
		return c.p.LetGo(c.r.t.Context(), c.member, call.ref)
	case "pay":
		return c.p.On(call.ref, beginPaying)
	case "confirm":
		return c.p.On(call.ref, confirm)
	}
	return c.p.On(call.ref, cancel)
}

func (c *customer) read(seat string) {
	c.r.call(c.id, seatCall{seat, "read", ""}, func() seatAnswer {
		var ref string
		err := c.w.Pool.QueryRow(`SELECT COALESCE(b.ref, '') FROM seat s LEFT JOIN booking b ON b.id = s.booking_id
WHERE s.flight_id = 1 AND s.seat_no = ?`, seat).Scan(&ref)
		a := c.answer(err)
		a.ref = ref
		return a
	})
}

// answer reports an error that is no refusal.
func (c *customer) answer(err error, refusals ...error) seatAnswer {
	refused := false
	for _, refusal := range refusals {
		refused = refused || errors.Is(err, refusal)
	}
	if err != nil && !refused {
		c.r.t.Errorf("customer %d: %v", c.id, err)
	}
	return seatAnswer{ok: err == nil}
}
