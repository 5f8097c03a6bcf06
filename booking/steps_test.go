package booking_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/booking/bookingtest"
)

// stage is a world with one flight and one process.
func stage(t *testing.T, f bookingtest.Flight) (*bookingtest.World, *bookingtest.Process) {
	t.Helper()
	w := bookingtest.New(t)
	f.ID = 1
	w.Add(f)
	return w, w.Process(bookingtest.Setup{})
}

func beginPaying(ctx context.Context, l *booking.Locked) error { return l.BeginPaying(ctx) }

func confirm(ctx context.Context, l *booking.Locked) error {
	return l.Confirm(ctx, func(passenger int) string { return fmt.Sprintf("990%06d%04d", l.Row.ID, passenger) })
}

func unpaid(ctx context.Context, l *booking.Locked) error { return l.Unpaid(ctx) }

func cancel(ctx context.Context, l *booking.Locked) error {
	q, err := l.QuoteCancel(ctx, l.Now)
	if err != nil {
		return err
	}
	return l.Cancel(ctx, q)
}

// must ends the test unless a step succeeds.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want reports a step whose error is not the wanted one.
func want(t *testing.T, what string, got, wanted error) {
	t.Helper()
	if !errors.Is(got, wanted) {
		t.Errorf("%s: %v, want %v", what, got, wanted)
	}
}

func TestExtendOnce(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	must(t, p.Extend(t.Context(), member, held.Ref))
	if got := w.Booking(held.Ref).HeldUntil.Time; !got.Equal(held.Until.Add(5 * time.Minute)) {
		t.Errorf("held until %v after %v", got, held.Until)
	}
	w.Check()
	want(t, "a second time", p.Extend(t.Context(), member, held.Ref), booking.ErrExtended)
	want(t, "another's", p.Extend(t.Context(), w.Member(), held.Ref), booking.ErrNotFound)
	want(t, "nobody's", p.Extend(t.Context(), member, "ZZZZZZ"), booking.ErrNotFound)
}

func TestNoHoldOutlivesTheCutOff(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{Closes: 17 * time.Minute})
	member, late := w.Member(), w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A"))
	must(t, p.Extend(t.Context(), member, held.Ref))
	closes := w.Int("SELECT TIMESTAMPDIFF(MICROSECOND, f.sales_close_at, b.held_until) FROM flight f JOIN booking b WHERE b.ref = ?", held.Ref)
	if closes != 0 {
		t.Errorf("ends %d µs from the cut-off", closes)
	}
	w.Exec("UPDATE flight SET sales_close_at = NOW(6) + INTERVAL 10 MINUTE")
	other := p.MustHold(bookingtest.Request(late, 1, "1B"))
	want(t, "nothing to gain", p.Extend(t.Context(), late, other.Ref), booking.ErrSalesClosed)
	must(t, p.On(other.Ref, func(ctx context.Context, l *booking.Locked) error { return l.PressedPay(ctx) }))
	w.Exec("UPDATE flight SET sales_close_at = NOW(6)")
	want(t, "pay past the cut-off", p.On(other.Ref, beginPaying), booking.ErrSalesClosed)
	w.Check()
}

func TestLetGo(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	must(t, p.LetGo(t.Context(), member, held.Ref))
	w.MustFree(1, "1A")
	w.MustFree(1, "1B")
	if state := w.Booking(held.Ref).State; state != "cancelled" {
		t.Errorf("the booking is %s", state)
	}
	want(t, "a second time", p.LetGo(t.Context(), member, held.Ref), booking.ErrState)
	want(t, "pay for it", p.On(held.Ref, beginPaying), booking.ErrSeatsLost)
	p.MustHold(bookingtest.Request(member, 1, "1A")) // elsewhere than in a sale at once
	w.Check()
}

func TestStepsOfAHoldThatRanOut(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A"))
	w.RunOut(held.Ref)
	want(t, "extend", p.Extend(t.Context(), member, held.Ref), booking.ErrExpired)
	want(t, "let go", p.LetGo(t.Context(), member, held.Ref), booking.ErrExpired)
	want(t, "passengers", p.SetPassengers(t.Context(), member, held.Ref, adults(1), booking.Contact{}), booking.ErrExpired)
	pressed := p.On(held.Ref, func(ctx context.Context, l *booking.Locked) error { return l.PressedPay(ctx) })
	want(t, "press pay", pressed, booking.ErrExpired)
	w.Check()
}

func TestStepsOnACancelledFlight(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A"))
	paying := p.MustHold(bookingtest.Request(w.Member(), 1, "1B"))
	must(t, p.On(paying.Ref, beginPaying))
	w.Exec("UPDATE flight SET state = 'cancelled'")
	want(t, "extend", p.Extend(t.Context(), member, held.Ref), booking.ErrCancelled)
	want(t, "pay", p.On(held.Ref, beginPaying), booking.ErrCancelled)
	must(t, p.On(paying.Ref, unpaid))
	if state := w.Booking(paying.Ref).State; state != "expired" {
		t.Errorf("a refused payment for a cancelled flight leaves the booking %s", state)
	}
	w.Check()
}

func TestPressedPayLeavesTime(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	held := p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	press := func() time.Duration {
		t.Helper()
		must(t, p.On(held.Ref, func(ctx context.Context, l *booking.Locked) error { return l.PressedPay(ctx) }))
		return time.Duration(w.Int("SELECT TIMESTAMPDIFF(MICROSECOND, NOW(6), held_until) FROM booking WHERE ref = ?", held.Ref)) * time.Microsecond
	}
	if left := press(); left < 14*time.Minute {
		t.Errorf("with time left, pay cut it to %v", left)
	}
	w.Leave(held.Ref, time.Minute)
	if left := press(); left < 4*time.Minute || left > 5*time.Minute {
		t.Errorf("%v left after pay", left)
	}
	w.Leave(held.Ref, time.Minute)
	if left := press(); left > time.Minute {
		t.Errorf("a second press lengthened to %v", left)
	}
	w.Check()
}

func TestPayingThenConfirmed(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	must(t, p.SetPassengers(t.Context(), member, held.Ref, adults(2), booking.Contact{Email: "a@example.org", Language: "ko"}))
	want(t, "confirm what is not paid", p.On(held.Ref, confirm), booking.ErrState)
	want(t, "refuse what is not paid", p.On(held.Ref, unpaid), booking.ErrState)
	must(t, p.On(held.Ref, beginPaying))
	w.Check()
	want(t, "pay twice", p.On(held.Ref, beginPaying), booking.ErrState)
	want(t, "let go while paying", p.LetGo(t.Context(), member, held.Ref), booking.ErrState)
	w.Leave(held.Ref, -time.Hour)
	if _, err := p.Hold(t.Context(), bookingtest.Request(w.Member(), 1, "1A")); !errors.Is(err, booking.ErrSeatTaken) {
		t.Errorf("the clock ended a payment: %v", err)
	}
	must(t, p.On(held.Ref, confirm))
	w.Check()
	view, err := p.Get(t.Context(), member, held.Ref)
	must(t, err)
	if view.State != booking.Confirmed || !view.Passengers[0].TicketNo.Valid || view.Passengers[0].TicketNo == view.Passengers[1].TicketNo {
		t.Errorf("%s with tickets %+v", view.State, view.Passengers)
	}
	want(t, "confirm twice", p.On(held.Ref, confirm), booking.ErrState)
}

func TestUnpaidGoesBackToAHoldOnce(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	held := p.MustHold(bookingtest.Request(w.Member(), 1, "1A"))
	left := func() int64 {
		return w.Int("SELECT TIMESTAMPDIFF(SECOND, NOW(6), held_until) FROM booking WHERE ref = ?", held.Ref)
	}
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, unpaid))
	if n := left(); n < 13*60 || w.Booking(held.Ref).RetryExtended {
		t.Errorf("with time left the hold has %d s, and the grant is used", n)
	}
	must(t, p.On(held.Ref, beginPaying))
	w.RunOut(held.Ref)
	must(t, p.On(held.Ref, unpaid))
	if n := left(); n < 170 || n > 180 || w.Booking(held.Ref).State != "held" {
		t.Errorf("%d s left, want three minutes", n)
	}
	w.Check()
	must(t, p.On(held.Ref, beginPaying))
	w.RunOut(held.Ref)
	must(t, p.On(held.Ref, unpaid))
	if state := w.Booking(held.Ref).State; state != "expired" {
		t.Errorf("the second time the booking is %s", state)
	}
	w.MustFree(1, "1A")
	w.Check()
}

func TestCancelAConfirmedBooking(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A", "1B"))
	want(t, "cancel a hold", p.On(held.Ref, cancel), booking.ErrState)
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, confirm))
	view, err := p.Get(t.Context(), member, held.Ref)
	must(t, err)
	quote, err := p.Quote(t.Context(), view)
	must(t, err)
	if paid := int64(2 * (89_900 + bookingtest.Charges)); quote.Paid != paid || quote.Fee != 2_000 || quote.Refund != paid-2_000 {
		t.Errorf("quote %+v", quote)
	}
	must(t, p.On(held.Ref, cancel))
	w.MustFree(1, "1A")
	if n := w.Int("SELECT SUM(refunded) FROM price_line"); n != quote.Refund {
		t.Errorf("%d won written back", n)
	}
	want(t, "cancel twice", p.On(held.Ref, cancel), booking.ErrState)
	w.Check()
}

func TestCancelByTheAirlineCostsNothing(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	member := w.Member()
	held := p.MustHold(bookingtest.Request(member, 1, "1A"))
	must(t, p.On(held.Ref, beginPaying))
	must(t, p.On(held.Ref, confirm))
	w.Exec("UPDATE flight SET state = 'cancelled'")
	view, err := p.Get(t.Context(), member, held.Ref)
	must(t, err)
	quote, err := p.Quote(t.Context(), view)
	must(t, err)
	if quote.Fee != 0 || quote.Refund != view.Row.Total {
		t.Errorf("quote %+v", quote)
	}
}

func TestRecordExpired(t *testing.T) {
	t.Parallel()
	w, p := stage(t, bookingtest.Flight{})
	ran, robbed := p.MustHold(bookingtest.Request(w.Member(), 1, "1A", "1B")), p.MustHold(bookingtest.Request(w.Member(), 1, "1C", "1D"))
	live := p.MustHold(bookingtest.Request(w.Member(), 1, "1E"))
	w.RunOut(ran.Ref)
	w.RunOut(robbed.Ref)
	p.MustHold(bookingtest.Request(w.Member(), 1, "1C"))
	ended := w.Booking(ran.Ref).HeldUntil
	n, err := p.RecordExpired(t.Context(), 100)
	if err != nil || n != 1 {
		t.Fatalf("%d recorded, %v", n, err)
	}
	row := w.Booking(ran.Ref)
	if row.State != "expired" || row.EndedAt != ended {
		t.Errorf("%s, ended %v, want %v", row.State, row.EndedAt, ended)
	}
	w.MustFree(1, "1A")
	if happened := w.Int("SELECT COUNT(*) FROM seat_history WHERE seat_no = '1A' AND cause = 'expire' AND happened_at = ?", ended); happened != 1 {
		t.Error("the seat's history does not tell the true instant")
	}
	if state := w.Booking(live.Ref).State; state != "held" {
		t.Errorf("a live hold is %s", state)
	}
	if n, err := p.RecordExpired(t.Context(), 100); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
	w.Check()
}
