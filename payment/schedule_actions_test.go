package payment_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/payment/portone"
)

// action is something that a customer, the gateway, the network, a worker or time does.
type action struct {
	name   string
	weight int
	do     func(*schedule, *process, *customer) error
}

// errIdle means that there is nothing to do for an action.
var errIdle = errors.New("nothing to do")

var actions = []action{
	{"hold", 40, hold},
	{"extend", 4, extend},
	{"let go", 3, letGo},
	{"press pay", 30, pressPay},
	{"open the page again", 6, reopen},
	{"approve", 70, choose("approve")},
	{"approve late", 16, approveLate},
	{"decline", 9, choose("decline")},
	{"leave", 2, choose("leave")},
	{"return", 100, comeBack},
	{"forged return", 3, forgedReturn},
	{"webhook", 16, webhook},
	{"webhook again", 5, webhookAgain},
	{"forged webhook", 2, forgedWebhook},
	{"quote", 30, quote},
	{"cancel", 24, cancel},
	{"settle", 20, settle},
	{"reconcile", 4, reconcile},
	{"record expired", 4, recordExpired},
	{"a delayed call arrives", 12, arrive},
	{"a fault at the gateway", 10, gatewayFault},
	{"seconds pass", 9, pass(6 * time.Second)},
	{"two minutes pass", 7, pass(2 * time.Minute)},
	{"a quarter of an hour passes", 4, pass(16 * time.Minute)},
	{"four hours pass", 1, pass(4 * time.Hour)},
}

func hold(s *schedule, p *process, c *customer) error {
	if c.order != nil {
		switch s.state(*c.order) {
		case "held", "paying":
			return errIdle
		}
	}
	first := s.rnd.IntN(s.seats)
	seats := []string{bookingtest.SeatNo(first)}
	if first+1 < s.seats && s.chance(25) {
		seats = append(seats, bookingtest.SeatNo(first+1))
	}
	o, err := p.tryOrder(c.member, s.flight, seats...)
	if o.ref != "" {
		c.order, c.quoted = &o, 0
	}
	return err
}

func extend(_ *schedule, p *process, c *customer) error {
	if c.order == nil {
		return errIdle
	}
	return p.booking.Extend(context.Background(), c.member, c.order.ref)
}

func letGo(_ *schedule, p *process, c *customer) error {
	if c.order == nil {
		return errIdle
	}
	return p.booking.LetGo(context.Background(), c.member, c.order.ref)
}

func pressPay(_ *schedule, p *process, c *customer) error {
	if c.order == nil {
		return errIdle
	}
	v, err := p.tryStart(*c.order)
	if v.payment != "" {
		c.visits = append(c.visits, &stay{visit: v})
	}
	return err
}

// visit picks one of a customer's visits, the newest most often; nil when there is none.
func (s *schedule) visit(c *customer) *stay {
	if len(c.visits) == 0 {
		return nil
	}
	if s.chance(70) {
		return c.visits[len(c.visits)-1]
	}
	return c.visits[s.rnd.IntN(len(c.visits))]
}

func reopen(s *schedule, _ *process, c *customer) error {
	v := s.visit(c)
	if v == nil {
		return errIdle
	}
	before, err := s.direct().Get(context.Background(), v.payment)
	if err != nil {
		return err
	}
	if err := v.open(); err != nil {
		return err
	}
	after, err := s.direct().Get(context.Background(), v.payment)
	if err != nil || after.TransactionID != before.TransactionID {
		v.late = time.Time{} // a new try, of which the earlier wish is no part
	}
	return err
}

// choose presses a button of the hosted page; what the browser brings back comes later, or never.
func choose(button string) func(*schedule, *process, *customer) error {
	return func(s *schedule, _ *process, c *customer) error {
		v := s.visit(c)
		if v == nil || (len(v.backs) > 0 && s.chance(80)) {
			return errIdle
		}
		back, err := v.try(button)
		if err == nil && back.PaymentID != "" {
			v.backs = append(v.backs, back)
		}
		return err
	}
}

func approveLate(s *schedule, _ *process, c *customer) error {
	v := s.visit(c)
	if v == nil {
		return errIdle
	}
	_, err := v.try("approve-late")
	if err == nil && v.late.IsZero() {
		v.late = s.clock.Now().Add(time.Minute)
	}
	return err
}

func comeBack(s *schedule, p *process, c *customer) error {
	v := s.visit(c)
	if v == nil || len(v.backs) == 0 || (v.came && s.chance(70)) {
		return errIdle
	}
	v.came = true
	_, err := p.Return(context.Background(), v.payment, v.backs[s.rnd.IntN(len(v.backs))])
	return err
}

func forgedReturn(s *schedule, p *process, c *customer) error {
	v := s.visit(c)
	if v == nil {
		return errIdle
	}
	forged := []portone.Return{{PaymentToken: "tok_forged"}, {Code: "FORGED"}, {}}
	_, err := p.Return(context.Background(), v.payment, forged[s.rnd.IntN(len(forged))])
	return err
}

func webhook(s *schedule, p *process, c *customer) error {
	v := s.visit(c)
	if v == nil {
		return errIdle
	}
	kinds := []string{portone.EventReady, portone.EventPaid, portone.EventPaid, portone.EventFailed, portone.EventCancelled}
	m := s.webhook(fmt.Sprintf("wh-%d-%d", s.seed, len(s.messages)), kinds[s.rnd.IntN(len(kinds))], v.payment)
	s.messages = append(s.messages, m)
	return p.deliver(m)
}

// webhookAgain delivers an earlier message once more, signed anew as the gateway does.
func webhookAgain(s *schedule, p *process, _ *customer) error {
	if len(s.messages) == 0 {
		return errIdle
	}
	m := s.messages[s.rnd.IntN(len(s.messages))]
	return p.deliver(s.signed(m.header.Get(portone.HeaderWebhookID), s.clock.Now(), m.body))
}

func forgedWebhook(s *schedule, p *process, c *customer) error {
	v := s.visit(c)
	if v == nil {
		return errIdle
	}
	m := s.webhook("wh-forged", portone.EventPaid, v.payment)
	m.header.Set(portone.HeaderWebhookSignature, "v1,Zm9yZ2Vk")
	if err := p.deliver(m); err == nil {
		return fmt.Errorf("a forged webhook was taken")
	}
	return nil
}

func quote(_ *schedule, p *process, c *customer) error {
	if c.order == nil {
		return errIdle
	}
	v, err := p.booking.Get(context.Background(), c.member, c.order.ref)
	if err == nil && v.State != booking.Confirmed {
		return errIdle
	}
	if err != nil {
		return err
	}
	q, err := p.booking.Quote(context.Background(), v)
	c.quoted = q.Refund
	return err
}

func cancel(s *schedule, p *process, c *customer) error {
	if c.order == nil || s.state(*c.order) != "confirmed" {
		return errIdle
	}
	return p.Cancel(context.Background(), c.member, c.order.ref, c.quoted)
}

func settle(_ *schedule, p *process, _ *customer) error {
	return p.settler.RunOnce(context.Background())
}

func reconcile(s *schedule, p *process, _ *customer) error {
	return p.Reconcile(context.Background(), s.began, s.clock.Now().Add(time.Minute))
}

func recordExpired(_ *schedule, p *process, _ *customer) error {
	_, err := p.booking.RecordExpired(context.Background(), 10)
	return err
}

func arrive(_ *schedule, p *process, _ *customer) error {
	if len(p.wire.onWay) == 0 {
		return errIdle
	}
	send := p.wire.onWay[0]
	p.wire.onWay = p.wire.onWay[1:]
	send()
	return nil
}

func gatewayFault(s *schedule, _ *process, c *customer) error {
	names := []string{"confirm-error", "confirm-error-after", "confirm-lost", "confirm-refused", "cancel-error", "cancel-error-after",
		"cancel-lost", "cancel-refused", "get-error", "list-error", "pre-register-error", "amount-tampered", "test-channel"}
	payment := ""
	if v := s.visit(c); v != nil {
		payment = v.payment
	}
	s.fault(payment, names[s.rnd.IntN(len(names))])
	return nil
}

func pass(d time.Duration) func(*schedule, *process, *customer) error {
	return func(s *schedule, _ *process, _ *customer) error {
		s.pass(d)
		return nil
	}
}
