package payment_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/internal/testenv"
	"pigonair/offers"
	"pigonair/payment"
	"pigonair/sales"
	"pigonair/seed"
	"pigonair/ticketing"
)

var seoul = time.FixedZone("KST", 9*60*60)

// airline is real flights with the real tables of fares and fees.
type airline struct {
	t       *testing.T
	dsn     string
	flight  int64
	departs time.Time
}

const fare = "standard"

func newAirline(t *testing.T) *airline {
	t.Helper()
	a := &airline{t: t, dsn: testenv.DSN(t)}
	pool, err := db.Open(a.dsn, db.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := seed.Run(t.Context(), pool, seed.Options{Size: seed.Small, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	row := pool.QueryRow(`SELECT f.id, f.departs_at FROM flight f JOIN flight_fare ff ON ff.flight_id = f.id
WHERE f.sale_id IS NULL AND NOT f.international AND ff.fare_code = ? ORDER BY f.departs_at DESC LIMIT 1`, fare)
	if err := row.Scan(&a.flight, &a.departs); err != nil {
		t.Fatal(err)
	}
	return a
}

// moment is the airline while the database's clock stands at an instant.
type moment struct {
	*airline
	pool    *sql.DB
	prices  *sales.Prices
	booking *booking.Service
	payment *payment.Service
}

func (a *airline) at(instant time.Time) *moment {
	a.t.Helper()
	separator := "?"
	if strings.Contains(a.dsn, "?") {
		separator = "&"
	}
	pool, err := db.Open(fmt.Sprintf("%s%stimestamp=%d", a.dsn, separator, instant.Unix()), db.Pool{MaxOpen: 4})
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
	m := &moment{airline: a, pool: pool, prices: sales.NewPrices(pool, airports.DistanceKm, now)}
	ids := db.NewIDs(pool)
	m.booking = booking.New(booking.Config{Pool: pool, IDs: ids, References: references, Rules: booking.DefaultRules(),
		Strategy: booking.Pessimistic, Shop: offers.New(layouts, m.prices, now)})
	m.payment = payment.New(payment.Config{Pool: pool, IDs: ids, Booking: m.booking})
	return m
}

// bought is a confirmed booking of member 1, an adult and an infant.
func (m *moment) bought() (ref string) {
	m.t.Helper()
	ctx := m.t.Context()
	held, err := m.booking.Hold(ctx, booking.HoldRequest{MemberID: 1, Language: "ko", Party: booking.Party{Adults: 1, Infants: 1},
		Legs: []booking.LegRequest{{FlightID: m.flight, Fare: fare}}})
	if err != nil {
		m.t.Fatal(err)
	}
	people := []booking.Passenger{{Kind: sales.Adult, Surname: "KIM", GivenName: "A"}, {Kind: sales.Infant, Surname: "KIM", GivenName: "B"}}
	if err := m.booking.SetPassengers(ctx, 1, held.Ref, people, booking.Contact{Email: "kim@pigonair.test", Language: "ko"}); err != nil {
		m.t.Fatal(err)
	}
	v := m.view(held.Ref)
	// READ COMMITTED, as everywhere.
	err = db.Transact(ctx, m.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		l, err := m.booking.Lock(ctx, tx, v.Row.ID)
		if err != nil {
			return err
		}
		if err := l.BeginPaying(ctx); err != nil {
			return err
		}
		if err := l.Confirm(ctx, func(n int) string { return ticketNumber(int64(n)) }); err != nil {
			return err
		}
		_, err = tx.Raw.ExecContext(ctx, `INSERT INTO payment_attempt (id, booking_id, attempt_no, channel, approval, amount, currency, state, applied, lease_until, next_check_at, created_at)
VALUES ('pa-1', ?, 1, 'card', 'manual', ?, 'KRW', 'applied', 1, NOW(6), NOW(6), NOW(6))`, v.Row.ID, v.Row.Total)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return held.Ref
}

func (m *moment) view(ref string) booking.View {
	m.t.Helper()
	v, err := m.booking.Get(m.t.Context(), 1, ref)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// quote is what comes back now.
func (m *moment) quote(ref string) int64 {
	m.t.Helper()
	q, err := m.booking.Quote(m.t.Context(), m.view(ref))
	if err != nil {
		m.t.Fatal(err)
	}
	return q.Refund
}

// steps are the fees of the adult, from the purchase on.
func (m *moment) steps(ref string) []sales.FeeStep {
	m.t.Helper()
	table, err := m.prices.Table(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	v := m.view(ref)
	steps, err := table.FeeSteps(fare, false, sales.Adult, v.Lines[0].Base, v.Row.ConfirmedAt.Time, m.departs)
	if err != nil {
		m.t.Fatal(err)
	}
	return steps
}

// Fees change at midnight in Korea, to the second: what is quoted a second before is not taken any more at midnight,
// and then the answer tells the quote that holds. Nothing is kept of an infant on a lap.
func TestQuoteAtMidnightInKorea(t *testing.T) {
	t.Parallel()
	a := newAirline(t)
	y, m, d := a.departs.In(seoul).Date()
	bought := a.at(time.Date(y, m, d-20, 20, 0, 0, 0, seoul))
	ref := bought.bought()
	total, steps := bought.view(ref).Row.Total, bought.steps(ref)
	if len(steps) < 4 {
		t.Fatalf("the fare has only %d steps", len(steps))
	}
	for i, step := range steps[:len(steps)-1] {
		if clock := step.Until.In(seoul).Format(time.TimeOnly); clock != "00:00:00" && !step.Until.Equal(a.departs) {
			t.Errorf("step %d ends at %s", i, clock)
		}
		before, after := a.at(step.Until.Add(-time.Second)), a.at(step.Until)
		quote := before.quote(ref)
		if quote != total-step.Fee {
			t.Errorf("step %d: a second before its end %d comes back, want %d", i, quote, total-step.Fee)
		}
		err := after.payment.Cancel(t.Context(), 1, ref, quote)
		var changed *payment.QuoteError
		if !errors.As(err, &changed) || changed.Quote.Refund != total-steps[i+1].Fee {
			t.Errorf("step %d: at its end the earlier quote is answered %v", i, err)
		}
	}
	last := a.at(steps[len(steps)-2].Until.Add(-time.Second))
	if err := last.payment.Cancel(t.Context(), 1, ref, last.quote(ref)); err != nil {
		t.Fatal(err)
	}
	var back int64
	if err := last.pool.QueryRow("SELECT amount FROM refund WHERE cause = 'cancelled'").Scan(&back); err != nil || back != total-steps[len(steps)-2].Fee {
		t.Errorf("%d is owed, %v", back, err)
	}
}

// What the airline cancels costs nothing, whoever presses the button.
func TestQuoteOfAFlightThatTheAirlineCancelled(t *testing.T) {
	t.Parallel()
	a := newAirline(t)
	ref := a.at(a.departs.Add(-48 * time.Hour)).bought()
	m := a.at(a.departs.Add(-time.Hour))
	if _, err := m.pool.Exec("UPDATE flight SET state = 'cancelled' WHERE id = ?", a.flight); err != nil {
		t.Fatal(err)
	}
	total := m.view(ref).Row.Total
	if q := m.quote(ref); q != total {
		t.Errorf("%d of %d comes back", q, total)
	}
	if err := m.payment.Cancel(t.Context(), 1, ref, total); err != nil {
		t.Error(err)
	}
}
