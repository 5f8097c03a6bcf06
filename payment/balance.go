package payment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"pigonair/db"
	"pigonair/payment/portone"
)

// Sums are the money of some payments, in won: what the gateway did with it, and what our books say of it.
// Captured - Refunded = Kept + Open + Difference.
type Sums struct {
	Captured   int64 // taken by the gateway
	Refunded   int64 // given back by the gateway
	Applied    int64 // of captures that bought bookings, refunds not taken off
	Kept       int64 // of Applied, what is not given back or to be given back
	Open       int64 // still to be given back, or taken and not decided yet
	Difference int64 // what the books do not explain; 0 when all is well
}

func (s *Sums) add(o Sums) {
	s.Captured, s.Refunded, s.Applied = s.Captured+o.Captured, s.Refunded+o.Refunded, s.Applied+o.Applied
	s.Kept, s.Open, s.Difference = s.Kept+o.Kept, s.Open+o.Open, s.Difference+o.Difference
}

// Balance compares our books with the gateway's over a stretch of time.
type Balance struct {
	Total Sums
	Days  []Day    // by the day in Korea on which the customer went to the gateway, oldest first; days without payments are left out
	Odd   []Oddity // payments whose difference is not 0
}

// Day is the sums of one day.
type Day struct {
	Date string // such as 2026-12-24
	Sums Sums
}

// Oddity is a payment that the books do not explain.
type Oddity struct {
	PaymentID  string
	State      AttemptState // empty: we have no row
	Difference int64        // won that the gateway has more than our books
}

// korea is the zone of the days.
var korea = time.FixedZone("KST", 9*60*60)

// booksEvery is the stretch of our own books that is read at once.
const booksEvery = time.Hour

// Balance walks the gateway's list and our books from one instant to another. What does not fit is asked for
// again: the list may be older than the books. Errors: those of portone.Client.
func (s *Service) Balance(ctx context.Context, from, until time.Time) (Balance, error) {
	b := &balancer{seen: map[string]bool{}, days: map[string]*Sums{}}
	if err := s.walk(ctx, from, until, b.visit); err != nil {
		return Balance{}, fmt.Errorf("payment.Balance: %w", err)
	}
	for at := from; at.Before(until); at = at.Add(booksEvery) {
		rows, err := s.read.AttemptsCaptured(ctx, at.UTC(), earlier(at.Add(booksEvery), until).UTC())
		if err != nil {
			return Balance{}, fmt.Errorf("payment.Balance: %w", err)
		}
		b.unseen(rows)
	}
	for _, d := range b.doubts {
		if err := s.check(ctx, b, d); err != nil {
			return Balance{}, fmt.Errorf("payment.Balance: %w", err)
		}
	}
	return b.result(), nil
}

// check asks the books and then the gateway about one payment, so that nothing can be in the books that the
// gateway did later.
func (s *Service) check(ctx context.Context, b *balancer, d doubt) error {
	attempts, err := s.read.AttemptsByIDs(ctx, []string{d.id})
	if err != nil {
		return err
	}
	refunds, err := s.read.RefundsOfAttempts(ctx, []string{d.id})
	if err != nil {
		return err
	}
	p, err := s.Gateway.Get(ctx, d.id)
	if err != nil && !errors.Is(err, portone.ErrNotFound) {
		return err
	}
	odd := Oddity{PaymentID: d.id}
	var a *db.PaymentAttempt
	if len(attempts) > 0 {
		a, odd.State = &attempts[0], AttemptState(attempts[0].State)
	}
	sums := sumsOf(p, a, refunds)
	b.add(d.at, sums)
	if odd.Difference = sums.Difference; odd.Difference != 0 {
		b.odd = append(b.odd, odd)
	}
	return nil
}

// balancer adds payments up.
type balancer struct {
	seen   map[string]bool
	days   map[string]*Sums
	doubts []doubt
	odd    []Oddity
}

// doubt is a payment to ask for again.
type doubt struct {
	id string
	at time.Time
}

func (b *balancer) visit(p portone.Payment, a *db.PaymentAttempt, refunds []db.Refund) {
	b.seen[p.ID] = true
	if sums := sumsOf(p, a, refunds); sums.Difference == 0 {
		b.add(p.RequestedAt, sums)
		return
	}
	b.doubts = append(b.doubts, doubt{p.ID, p.RequestedAt})
}

// unseen takes up what our books have money of and the gateway's list did not show.
func (b *balancer) unseen(rows []db.PaymentAttempt) {
	for _, a := range rows {
		if !b.seen[a.ID] {
			b.doubts = append(b.doubts, doubt{a.ID, a.CreatedAt})
		}
	}
}

func (b *balancer) add(at time.Time, sums Sums) {
	if sums == (Sums{}) {
		return
	}
	day := at.In(korea).Format(time.DateOnly)
	if b.days[day] == nil {
		b.days[day] = &Sums{}
	}
	b.days[day].add(sums)
}

func (b *balancer) result() Balance {
	out := Balance{Odd: b.odd}
	for _, date := range slices.Sorted(maps.Keys(b.days)) {
		out.Days = append(out.Days, Day{date, *b.days[date]})
		out.Total.add(*b.days[date])
	}
	return out
}

// sumsOf is the money of one payment. A refund whose cancellation the gateway shows is not open any more, whether
// or not its answer has reached us.
func sumsOf(p portone.Payment, a *db.PaymentAttempt, refunds []db.Refund) Sums {
	s := Sums{Captured: captured(p), Refunded: p.Amount.Cancelled}
	if a == nil || !AttemptState(a.State).final() {
		if a != nil {
			s.Open = s.Captured - s.Refunded
		}
		s.Difference = s.Captured - s.Refunded - s.Open
		return s
	}
	if a.State == string(Applied) {
		s.Applied = a.Amount
		s.Kept = a.Amount
	}
	for _, r := range refunds {
		if a.State == string(Applied) {
			s.Kept -= r.Amount
		}
		if r.State != refundDone && traceOf(p, r.ID).done == "" {
			s.Open += r.Amount
		}
	}
	s.Difference = s.Captured - s.Refunded - s.Kept - s.Open
	return s
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
