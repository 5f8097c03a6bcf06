package payment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/internal/testenv"
	"pigonair/offers"
	"pigonair/payment"
	"pigonair/sales"
	"pigonair/seed"
	"pigonair/ticketing"
)

func TestCancelForTheQuoteShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A", "1B")
	if err := p.Cancel(t.Context(), o.member, o.ref, 0); !errors.Is(err, booking.ErrState) {
		t.Errorf("a hold: %v", err)
	}
	v := p.buy(o)
	if err := p.Cancel(t.Context(), o.member+1, o.ref, o.total); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	err := p.Cancel(t.Context(), o.member, o.ref, o.total)
	var changed *payment.QuoteError
	if !errors.As(err, &changed) || !errors.Is(err, payment.ErrQuoteChanged) || changed.Quote.Refund != o.total-2000 {
		t.Fatalf("another quote: %v", err)
	}
	h.want(o, "confirmed", v.payment, payment.Applied, "")
	var both sync.WaitGroup
	failures := make([]error, 2)
	for i := range failures {
		both.Go(func() { failures[i] = p.Cancel(context.Background(), o.member, o.ref, o.total-2000) })
	}
	both.Wait()
	if (failures[0] == nil) == (failures[1] == nil) || !errors.Is(errors.Join(failures...), booking.ErrState) {
		t.Errorf("two at once: %v", failures)
	}
	h.MustFree(o.flight, "1A")
	h.want(o, "cancelled", v.payment, payment.Applied, "")
	b := p.done()
	h.wantMoney(v.payment, "capture 187800, refund 185800")
	if b.Total != (payment.Sums{Captured: 187800, Refunded: 185800, Applied: 187800, Kept: 2000}) {
		t.Errorf("balance %+v", b.Total)
	}
}

// A booking of which nothing comes back is cancelled without a refund.
func TestCancelWithoutRefund(t *testing.T) {
	t.Parallel()
	h := newHouse(t, choice{})
	p, o := h.process, h.process.order(h.flight(bookingtest.Flight{}), "1A")
	v := p.start(o)
	h.Exec("UPDATE booking SET total = 1000")
	h.Exec("UPDATE price_line SET base = 1000, charges = 0")
	h.Exec("UPDATE payment_attempt SET amount = 1000")
	h.fault(v.payment, "amount-tampered")
	h.post("/admin/faults", map[string]any{"payment_id": v.payment, "faults": []string{"amount-tampered"}, "amount": 1000})
	p.back(v, v.press("approve"))
	if err := p.Cancel(t.Context(), o.member, o.ref, 0); err != nil {
		t.Fatal(err)
	}
	p.done()
	h.wantMoney(v.payment, "capture 1000")
}

// airline is the real fee table on real flights, with a clock that stands where a test wants it.
type airline struct {
	t       *testing.T
	dsn     string
	booking *booking.Service
	payment *payment.Service
	departs time.Time
	flight  int64
	fare    string
}

// at is the airline with the database's clock standing at an instant.
func (a *airline) at(instant time.Time) *airline {
	a.t.Helper()
	pool, err := db.Open(fmt.Sprintf("%s&timestamp=%d", a.dsn, instant.Unix()), db.Pool{})
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { pool.Close() })
	airports, err := flights.LoadAirports()
	if err != nil {
		a.t.Fatal(err)
	}
	layouts, err := flights.LoadLayouts()
	if err != nil {
		a.t.Fatal(err)
	}
	references, err := ticketing.NewReferences([]byte("0123456789abcdef"))
	if err != nil {
		a.t.Fatal(err)
	}
	now := func() time.Time { return instant }
	ids := db.NewIDs(pool)
	then := *a
	then.booking = booking.New(booking.Config{Pool: pool, IDs: ids, References: references, Rules: booking.DefaultRules(), Strategy: booking.Pessimistic,
		Shop: offers.New(layouts, sales.NewPrices(pool, airports.DistanceKm, now), now)})
	then.payment = payment.New(payment.Config{Pool: pool, IDs: ids, Booking: then.booking})
	return &then
}

// Fees change at midnight in Korea, to the second; the quote of a second before is not taken a second after.
func TestQuoteAtMidnightInKorea(t *testing.T) {
	t.Parallel()
	a := newAirline(t)
	seoul := time.FixedZone("KST", 9*60*60)
	midnight := func(daysBefore int) time.Time {
		y, m, d := a.departs.In(seoul).Date()
		return time.Date(y, m, d-daysBefore, 0, 0, 0, 0, seoul)
	}
	bought := midnight(20).Add(20 * time.Hour)
	ref := a.at(bought).confirmed(bought)
	steps := a.at(bought).steps(bought)
	if len(steps) < 4 {
		t.Fatalf("the fare has only %d steps", len(steps))
	}
	var last int64
	for i, step := range steps {
		if step.Until.IsZero() {
			break
		}
		before, after := a.at(step.Until.Add(-time.Second)), a.at(step.Until)
		quote := before.quote(ref)
		if want := before.total(ref) - step.Fee; quote != want {
			t.Errorf("step %d: a second before %s %d comes back, want %d", i, step.Until.In(seoul), quote, want)
		}
		if i > 0 && step.Until.Before(a.departs) && !step.Until.In(seoul).Equal(midnight(int(midnight(0).Sub(step.Until).Hours()/24))) {
			t.Errorf("step %d ends at %s", i, step.Until.In(seoul))
		}
		err := after.payment.Cancel(t.Context(), 1, ref, quote)
		var changed *payment.QuoteError
		if !errors.As(err, &changed) || changed.Quote.Refund != after.total(ref)-steps[i+1].Fee {
			t.Errorf("step %d: a second later: %v", i, err)
		}
		last = quote
	}
	// A second before the last boundary the quote of that second is taken.
	boundary := steps[len(steps)-2].Until
	if err := a.at(boundary.Add(-time.Second)).payment.Cancel(t.Context(), 1, ref, last); err != nil {
		t.Error(err)
	}
}

func newAirline(t *testing.T) *airline {
	t.Helper()
	dsn := testenv.DSN(t)
	if !strings.Contains(dsn, "?") {
		dsn += "?x=1"
	}
	a := &airline{t: t, dsn: dsn, fare: "value"}
	pool, err := db.Open(dsn, db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	if _, err := seed.Run(t.Context(), pool, seed.Options{Size: seed.Small, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	row := pool.QueryRow(`SELECT f.id, f.departs_at, ff.fare_code FROM flight f JOIN flight_fare ff ON ff.flight_id = f.id
WHERE f.sale_id IS NULL AND NOT f.international AND ff.quota IS NULL ORDER BY f.departs_at DESC LIMIT 1`)
	if err := row.Scan(&a.flight, &a.departs, &a.fare); err != nil {
		t.Fatal(err)
	}
	return a
}
