package payment_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pigonair/booking/bookingtest"
	"pigonair/payment"
	"pigonair/payment/portone"
)

// paying is a house with one customer who has just approved.
type paying struct {
	*house
	p    *process
	o    order
	v    visit
	back portone.Return
}

func newPaying(t *testing.T) *paying {
	h := newHouse(t, choice{})
	y := &paying{house: h, p: h.process, o: h.process.order(h.flight(bookingtest.Flight{}), "1A")}
	y.v = y.p.start(y.o)
	y.back = y.v.press("approve")
	return y
}

// Whatever becomes of confirm and its answer, the customer is charged once and gets the seat.
func TestConfirmOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults  []string // at the gateway
		fate    fate     // of the first confirm
		atOnce  payment.AttemptState
		further int // confirms after the first
	}{
		"5xx, nothing done":             {[]string{"confirm-error"}, arrives, payment.Confirming, 1},
		"5xx after it took effect":      {[]string{"confirm-error-after"}, arrives, payment.Applied, 0},
		"answer lost":                   {[]string{"confirm-lost"}, arrives, payment.Applied, 0},
		"answer and question lost":      {[]string{"confirm-lost", "get-error"}, arrives, payment.Confirming, 0},
		"never arrived":                 {nil, lost, payment.Confirming, 1},
		"hangs, having taken effect":    {[]string{"confirm-hang"}, hangs, payment.Confirming, 0},
		"arrives late, after a timeout": {[]string{"confirm-late"}, hangs, payment.Confirming, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newPaying(t)
			y.fault(y.v.payment, c.faults...)
			first := true
			y.p.wire.fate = func(call string) fate {
				if call != "confirm" || !first {
					return arrives
				}
				first = false
				return c.fate
			}
			got := y.p.back(y.v, y.back)
			if c.fate != hangs && got.State != c.atOnce {
				t.Errorf("at once it is %s, want %s", got.State, c.atOnce)
			}
			if got.State == payment.Confirming && y.state(y.o) != "paying" {
				t.Errorf("the booking is %s meanwhile", y.state(y.o))
			}
			for range 6 {
				y.advance(20 * time.Second)
				y.p.settle()
			}
			y.p.wire.astray.Wait()
			y.advance(20 * time.Second)
			y.p.settle()
			y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
			if n := y.p.wire.count("confirm"); c.fate == arrives && n != 1+c.further {
				t.Errorf("confirmed %d times", n)
			}
			y.p.done()
			y.wantMoney(y.v.payment, "capture 93900")
		})
	}
}

// "Not paid" counts only when the gateway says so twice, at least 90 seconds after the last confirm ended.
func TestNotPaidIsBelievedLate(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	var lastConfirm time.Time
	y.p.wire.fate = func(call string) fate {
		if call != "confirm" {
			return arrives
		}
		lastConfirm = y.clock.Now()
		return lost
	}
	gets := 0
	y.p.wire.calls = func(call, _ string, _ int) {
		if call == "get" && y.clock.Now().Sub(lastConfirm) >= 90*time.Second {
			gets++
		}
	}
	if got := y.p.back(y.v, y.back); got.State != payment.Confirming {
		t.Fatalf("it is %s", got.State)
	}
	for range 100 {
		y.advance(3 * time.Second)
		y.p.settle()
		if y.attempt(y.v.payment).State != string(payment.Confirming) {
			break
		}
	}
	if gets != 2 {
		t.Errorf("believed after %d answers of at least 90 s after the last confirm", gets)
	}
	if a := y.attempt(y.v.payment); a.Confirms != 3 {
		t.Errorf("confirmed %d times", a.Confirms)
	}
	y.want(y.o, "held", y.v.payment, payment.Refused, payment.ReasonDeclined)
	y.p.wire.fate = nil
	y.p.buy(y.o)
	y.p.done()
}

// A refusal by the card company is one, at once.
func TestDefiniteRefusal(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	y.fault(y.v.payment, "confirm-refused")
	got := y.p.back(y.v, y.back)
	if got.State != payment.Refused || got.Reason == "" {
		t.Errorf("%+v", got)
	}
	y.want(y.o, "held", y.v.payment, payment.Refused, got.Reason)
	y.p.buy(y.o)
	y.p.done()
	y.wantMoney(y.v.payment, "")
}

// A consent that has run out is refused at once too.
func TestConsentRunsOut(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	y.Exec("UPDATE booking SET held_until = held_until + INTERVAL 1 HOUR")
	y.Exec("UPDATE seat SET held_until = held_until + INTERVAL 1 HOUR WHERE held_until IS NOT NULL")
	y.advance(31 * time.Minute)
	if got := y.p.back(y.v, y.back); got.State != payment.Refused || got.Reason != payment.ReasonToken {
		t.Errorf("%+v", got)
	}
	y.p.done()
}

// A repeated confirm that is refused for its token says nothing about the first, which may have used it up and still
// be under way.
func TestRefusalOfARepeatedConfirm(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	y.advance(10 * time.Minute)
	y.p.wire.fate = func(call string) fate {
		if call == "confirm" {
			return lost
		}
		return arrives
	}
	y.p.back(y.v, y.back)
	y.p.wire.fate = nil
	y.advance(21 * time.Minute) // the token has run out
	y.p.settle()
	if n := y.p.wire.count("confirm"); n != 1 {
		t.Errorf("confirmed %d times", n)
	}
	y.want(y.o, "paying", y.v.payment, payment.Confirming, "")
	y.p.done()
	y.want(y.o, "held", y.v.payment, payment.Refused, payment.ReasonDeclined)
}

// A process dies at a point of the purchase; another finishes it, not before the lease has run out.
func TestCrash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		call  string
		after bool
	}{
		"before confirm": {"confirm", false}, "after confirm": {"confirm", true},
		"before the question": {"get", false}, "after the question": {"get", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newPaying(t)
			next := y.newProcess(choice{})
			y.p.wire.before = func(call string) {
				if call == c.call && !c.after {
					y.p.kill()
				}
			}
			y.p.wire.after = func(call string, _ *http.Response) {
				if call == c.call && c.after {
					y.p.kill()
				}
			}
			if _, err := y.p.Return(t.Context(), y.v.payment, y.back); err == nil {
				t.Error("the dead process has an answer")
			}
			y.advance(60 * time.Second)
			next.settle()
			y.want(y.o, "paying", y.v.payment, payment.Confirming, "")
			y.advance(60 * time.Second)
			next.settle()
			y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
			if n := y.p.wire.count("confirm") + next.wire.count("confirm"); n != 1 {
				t.Errorf("confirmed %d times", n)
			}
			next.done()
			y.wantMoney(y.v.payment, "capture 93900")
		})
	}
}

// Only the claimant calls the gateway: while one asks, another process finds nothing to do, and a webhook that comes
// in just then is not forgotten. The negative control cuts the lease out of the claim.
func TestClaims(t *testing.T) {
	t.Parallel()
	for _, leases := range []bool{true, false} {
		h := newHouse(t, choice{})
		var cuts []bookingtest.Cut
		if !leases {
			cuts = []bookingtest.Cut{{Clause: " AND lease_until <= NOW(6)"}}
		}
		p, other, o := h.process, h.newProcess(choice{cuts: cuts}), h.process.order(h.flight(bookingtest.Flight{}), "1A")
		v := p.start(o)
		p.wire.after = func(call string, _ *http.Response) { // the answer is read: not paid yet
			p.wire.after = nil
			v.approveLate()
			other.hear(portone.EventPaid, v.payment)
		}
		p.hear(portone.EventReady, v.payment)
		if n := other.wire.count("get"); (n == 0) != leases {
			t.Errorf("with leases %t the other process asked %d times", leases, n)
		}
		if leases {
			h.want(o, "held", v.payment, payment.Started, "")
		}
		h.advance(10 * time.Second)
		other.settle()
		h.want(o, "confirmed", v.payment, payment.Applied, "")
		p.done()
	}
}

// The claim outlives a slow question and the confirm after it.
func TestClaimOutlivesARepeatedConfirm(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	other := y.newProcess(choice{})
	y.p.wire.fate = func(call string) fate {
		if call == "confirm" {
			return lost
		}
		return arrives
	}
	y.p.back(y.v, y.back)
	y.p.wire.fate = nil
	y.advance(10 * time.Second)
	y.p.wire.before = func(call string) {
		y.advance(60 * time.Second) // each call takes a minute
		if call == "confirm" {
			other.hear(portone.EventReady, y.v.payment)
		}
	}
	y.p.settle()
	if n := other.wire.count("get"); n != 0 {
		t.Errorf("another process asked %d times meanwhile", n)
	}
	y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
	y.p.wire.before = nil
	y.p.done()
}

// After half an hour operators hear of an outcome that is still unknown, once; when it is known they need not look.
func TestAlarm(t *testing.T) {
	t.Parallel()
	y := newPaying(t)
	y.p.wire.fate = func(string) fate { return lost }
	y.p.back(y.v, y.back)
	look := func() int {
		y.p.settle()
		found, err := y.p.Findings(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Kind != payment.FindingUndecided || f.PaymentID != y.v.payment || f.Amount != y.o.total || !strings.Contains(f.Detail, "unknown since") {
				t.Errorf("%+v", f)
			}
		}
		return len(found)
	}
	y.advance(29 * time.Minute)
	if n := look(); n != 0 {
		t.Errorf("%d findings after 29 minutes", n)
	}
	for range 3 {
		y.advance(2 * time.Minute)
		if n := look(); n != 1 {
			t.Errorf("%d findings after half an hour", n)
		}
	}
	y.p.wire.fate = nil
	y.p.done()
	if n := look(); n != 0 {
		t.Errorf("%d findings when all is known", n)
	}
	y.want(y.o, "held", y.v.payment, payment.Refused, payment.ReasonDeclined)
}

// An answer about another payment, another store's, or with a status that decides nothing, decides nothing.
func TestAnswersThatDecideNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(y *paying) (old, by string){
		"another payment": func(y *paying) (string, string) { return `"id":"` + y.v.payment + `"`, `"id":"pa-OTHER"` },
		"another store":   func(*paying) (string, string) { return storeID, "store-other" },
		"pending":         func(*paying) (string, string) { return `"status":"PAID"`, `"status":"PAY_PENDING"` },
		"unheard of":      func(*paying) (string, string) { return `"status":"PAID"`, `"status":"NEW_STATUS"` },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newPaying(t)
			old, by := change(y)
			y.p.wire.after = func(call string, res *http.Response) {
				if call == "get" {
					replace(t, res, old, by)
				}
			}
			if got := y.p.back(y.v, y.back); got.State != payment.Confirming {
				t.Errorf("it is %s", got.State)
			}
			for range 10 {
				y.advance(time.Minute)
				y.p.settle()
			}
			y.want(y.o, "paying", y.v.payment, payment.Confirming, "")
			y.wantMoney(y.v.payment, "capture 93900")
			y.p.wire.after = nil
			y.p.done()
			y.want(y.o, "confirmed", y.v.payment, payment.Applied, "")
		})
	}
}

// replace puts other words into an answer.
func replace(t *testing.T, res *http.Response, old, by string) {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	res.Body.Close()
	changed := bytes.ReplaceAll(body, []byte(old), []byte(by))
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(changed)), int64(len(changed))
	res.Header.Del("Content-Length")
}
