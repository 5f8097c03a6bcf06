package payment_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"pigonair/payment"
	"pigonair/payment/portone"
)

// owing is a house with one cancelled booking whose refund of 92,900 won is due.
func owing(t *testing.T) *paying {
	t.Helper()
	y := newPaying(t)
	y.p.back(y.v, y.back)
	if err := y.p.Cancel(t.Context(), y.o.member, y.o.ref, y.o.total-1000); err != nil {
		t.Fatal(err)
	}
	return y
}

func (h *house) refund() (state string, tries, refusals int) {
	h.T.Helper()
	if err := h.Pool.QueryRow("SELECT state, tries, refusals FROM refund").Scan(&state, &tries, &refusals); err != nil {
		h.T.Fatal(err)
	}
	return state, tries, refusals
}

func (h *house) wantRefund(state string, tries, refusals int) {
	h.T.Helper()
	if s, n, r := h.refund(); s != state || n != tries || r != refusals {
		h.T.Fatalf("the refund is %s after %d tries and %d refusals; want %s, %d, %d", s, n, r, state, tries, refusals)
	}
}

// Whatever becomes of the call that gives money back, and of its answer, it is given back once.
func TestRefundOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []string
		fate   fate // of the first cancel
		calls  int  // that reach the gateway
	}{
		"at once":                       {nil, arrives, 1},
		"5xx, nothing done":             {[]string{"cancel-error"}, arrives, 2},
		"5xx after it took effect":      {[]string{"cancel-error-after"}, arrives, 1},
		"answer lost":                   {[]string{"cancel-lost"}, arrives, 1},
		"refused by the bank once":      {[]string{"cancel-refused"}, arrives, 2},
		"never arrived":                 {nil, lost, 1},
		"hangs, having taken effect":    {[]string{"cancel-hang"}, hangs, 1},
		"arrives late, after a timeout": {[]string{"cancel-late"}, hangs, 6},
		"question fails":                {[]string{"get-error"}, arrives, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := owing(t)
			y.fault(y.v.payment, c.faults...)
			first := true
			y.p.wire.fate = func(call string) fate {
				if call != "cancel" || !first {
					return arrives
				}
				first = false
				return c.fate
			}
			for range 8 {
				y.p.settle()
				y.advance(10 * time.Second)
			}
			y.advance(time.Minute)
			y.p.wire.astray.Wait()
			y.p.done()
			if n := y.p.wire.count("cancel"); n > c.calls || (c.fate == arrives && n != c.calls) {
				t.Errorf("%d calls reached the gateway", n)
			}
			y.wantMoney(y.v.payment, "capture 93900, refund 92900")
		})
	}
}

// The answer was lost and the key with it: four hours later the gateway has forgotten that it knew the call, and the
// look-up of the refund's id alone keeps it from being sent a second time. The negative control hides the
// cancellations from us.
func TestRefundLookUp(t *testing.T) {
	t.Parallel()
	for _, blind := range []bool{false, true} {
		y := newPaying(t)
		y.p.back(y.v, y.back)
		y.Exec("UPDATE price_line SET fee = 0, base = base")
		// A part of the payment, so that there is something left that a second refund could take.
		y.Exec(`INSERT INTO refund (id, attempt_id, cause, amount, currency, state, next_try_at, created_at)
VALUES ('rf-PART', ?, 'part', 1000, 'KRW', 'pending', NOW(6), NOW(6))`, y.v.payment)
		y.fault(y.v.payment, "cancel-lost")
		y.p.settle()
		if blind {
			y.p.wire.after = func(call string, res *http.Response) {
				if call == "get" {
					replace(t, res, "[rf-PART]", "[hidden]")
				}
			}
		}
		y.advance(4 * time.Hour)
		y.p.settle()
		want := "capture 93900, refund 1000"
		if blind {
			want += ", refund 1000"
		}
		y.wantMoney(y.v.payment, want)
	}
}

// Two processes never give the same money back twice, nor two refunds of one payment at the same time.
func TestRefundsOfOnePaymentOneAtATime(t *testing.T) {
	t.Parallel()
	y := owing(t)
	other := y.newProcess(choice{})
	y.p.wire.before = func(call string) {
		if call == "cancel" {
			other.settle()
			if n := other.wire.count("cancel") + other.wire.count("get"); n != 0 {
				t.Errorf("the other process called %d times", n)
			}
		}
	}
	y.p.settle()
	y.wantRefund("done", 0, 0)
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900, refund 92900")
}

// A process dies around the call; another finds the refund's id at the gateway, or sends it.
func TestRefundCrash(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		y := owing(t)
		die := func(call string) {
			if call == "cancel" {
				y.p.kill()
			}
		}
		if after {
			y.p.wire.after = func(call string, _ *http.Response) { die(call) }
		} else {
			y.p.wire.before = die
		}
		_ = y.p.settler.RunOnce(context.Background()) // it dies
		next := y.newProcess(choice{})
		next.settle()
		y.wantRefund("pending", 0, 0)
		y.advance(91 * time.Second)
		next.settle()
		y.wantRefund("done", 0, 0)
		next.done()
		y.wantMoney(y.v.payment, "capture 93900, refund 92900")
	}
}

// What can be given back changes between our question and the call.
func TestAmountChangesBetweenQuestionAndCall(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.p.wire.before = func(call string) {
		if call == "cancel" {
			y.p.wire.before = nil
			y.console(500)
		}
	}
	y.p.settle()
	y.wantRefund("pending", 1, 1)
	y.advance(10 * time.Second)
	y.p.settle()
	y.wantRefund("done", 1, 1)
	y.wantMoney(y.v.payment, "capture 93900, refund 500, refund 92900")
	// The 500 are not ours: an operator hears of them.
	y.p.hear(portone.EventPartialCancelled, y.v.payment)
	y.wantFinding(payment.FindingElsewhere, 500)
}

// console gives money back as somebody does in the gateway's console.
func (y *paying) console(amount int64) {
	y.T.Helper()
	p, err := y.direct().Get(context.Background(), y.v.payment)
	if err != nil {
		y.T.Fatal(err)
	}
	_, err = y.direct().Cancel(context.Background(), y.v.payment, portone.CancelRequest{Reason: "by hand", Amount: amount,
		CurrentCancellableAmount: p.Cancellable()}, "console-0123456789-"+won(p.Cancellable()))
	if err != nil {
		y.T.Fatal(err)
	}
}

func (y *paying) wantFinding(kind string, amount int64) {
	y.T.Helper()
	found, err := y.p.Findings(context.Background(), 10)
	if err != nil {
		y.T.Fatal(err)
	}
	if len(found) != 1 || found[0].Kind != kind || found[0].Amount != amount || found[0].PaymentID != y.v.payment {
		y.T.Errorf("findings %+v", found)
	}
}

// Somebody gave the money back in the console already: our refund cannot be sent, and an operator decides.
func TestGivenBackInTheConsole(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.console(93900)
	y.p.settle()
	y.wantRefund("stuck", 1, 1)
	y.wantFinding(payment.FindingRefundStuck, 92900)
	if n := y.p.wire.count("cancel"); n != 0 {
		t.Errorf("%d calls all the same", n)
	}
	y.wantMoney(y.v.payment, "capture 93900, refund 93900")
	now := y.clock.Now()
	b, err := y.p.Balance(t.Context(), now.Add(-time.Hour), now.Add(time.Minute))
	if err != nil || b.Total.Difference != -93900 || len(b.Odd) != 1 || b.Odd[0].PaymentID != y.v.payment || b.Odd[0].State != payment.Applied {
		t.Errorf("balance %+v, %v", b, err)
	}
}

// A refund that the bank refuses again and again is put before an operator, is tried on, slowly, and ends.
func TestStuckRefund(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.post("/admin/faults", map[string]any{"payment_id": y.v.payment, "faults": []string{"cancel-refused"}, "next": 9})
	for range 8 {
		y.p.settle()
		y.advance(11 * time.Minute)
	}
	y.wantRefund("stuck", 8, 8)
	y.wantFinding(payment.FindingRefundStuck, 92900)
	y.p.settle()
	y.wantRefund("stuck", 8, 8)
	y.advance(50 * time.Minute)
	y.p.settle()
	y.wantRefund("stuck", 9, 9)
	y.advance(time.Hour)
	y.p.settle()
	y.wantRefund("done", 9, 9)
	if found, err := y.p.Findings(t.Context(), 10); err != nil || len(found) != 0 {
		t.Errorf("findings %+v, %v", found, err)
	}
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900, refund 92900")
}

// A gateway that is away for a day refuses nothing: refunds wait for it without an operator.
func TestGatewayAwayForADay(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.p.wire.fate = func(string) fate { return lost }
	for range 24 * 6 {
		y.p.settle()
		y.advance(10 * time.Minute)
	}
	if state, tries, refusals := y.refund(); state != "pending" || tries < 100 || refusals != 0 {
		t.Errorf("%s after %d tries and %d refusals", state, tries, refusals)
	}
	y.p.wire.fate = nil
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900, refund 92900")
}

// A cancellation that the gateway has accepted and not finished is waited for.
func TestRefundUnderWay(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.p.wire.after = func(call string, res *http.Response) {
		if call == "get" || call == "cancel" {
			replace(t, res, `"status":"SUCCEEDED"`, `"status":"REQUESTED"`)
		}
	}
	for range 5 {
		y.p.settle()
		y.advance(time.Minute)
	}
	y.wantRefund("pending", 5, 0)
	if n := y.p.wire.count("cancel"); n != 1 {
		t.Errorf("sent %d times", n)
	}
	y.p.wire.after = nil
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900, refund 92900")
}

// Where the gateway says that money went back and does not show how, ours may be among it: nothing is sent, and an
// operator hears of it.
func TestCancellationsThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.p.wire.after = func(call string, res *http.Response) {
		if call == "get" {
			replace(t, res, `"cancelled":0`, `"cancelled":500`)
		}
	}
	for range 8 {
		y.p.settle()
		y.advance(11 * time.Minute)
	}
	y.wantRefund("stuck", 8, 8)
	if n := y.p.wire.count("cancel"); n != 0 {
		t.Errorf("sent %d times", n)
	}
	y.wantFinding(payment.FindingRefundStuck, 92900)
	y.p.wire.after = nil
	y.advance(time.Hour)
	y.p.done()
	y.wantMoney(y.v.payment, "capture 93900, refund 92900")
}

// The reason of a cancellation at the gateway says what it is for.
func TestRefundSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	y := owing(t)
	y.p.settle()
	p, err := y.direct().Get(t.Context(), y.v.payment)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Cancellations) != 1 || !strings.HasPrefix(p.Cancellations[0].Reason, "cancelled [rf-") {
		t.Errorf("%+v", p.Cancellations)
	}
	y.p.done()
}
