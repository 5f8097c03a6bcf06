package gatewaysim_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pigonair/internal/gatewaysim"
	"pigonair/payment/portone"
)

func expected(paymentID string) portone.Expectation {
	return portone.Expectation{ID: paymentID, StoreID: storeID, Amount: 63200, Currency: "KRW", RequireLive: true}
}

func TestManualApproval(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	if err := b.client.PreRegister(t.Context(), "p-1", 63200, "KRW"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.Get(t.Context(), "p-1"); !errors.Is(err, portone.ErrNotFound) {
		t.Errorf("before the window opened: %v", err)
	}
	back := b.consent("p-1", "channel-card")
	if back.Failed() || back.PaymentToken == "" || back.PaymentID != "p-1" {
		t.Errorf("return %+v", back)
	}
	if err := portone.Verify(b.get("p-1"), expected("p-1")); !errors.Is(err, portone.ErrNotPaid) || b.money("p-1") != "" {
		t.Errorf("before confirm: %v, ledger %q", err, b.money("p-1"))
	}
	done, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm"))
	if err != nil || !done.PaidAt.Equal(morning) || done.PGTxID == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	p := b.get("p-1")
	if err := portone.Verify(p, expected("p-1")); err != nil {
		t.Error(err)
	}
	if p.TransactionID != back.TxID || p.OrderName != "김포 → 제주 ZP101" || p.Customer.Name != "김하늘" || p.Channel.Key != "channel-card" ||
		p.Method.Type != "PaymentMethodCard" || p.Amount.Paid != 63200 || p.Amount.VAT+p.Amount.Supply != 63200 {
		t.Errorf("payment %+v", p)
	}
	if got := b.money("p-1"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
	b.wantHooks(portone.EventReady)
	if h := b.hook(); h.Type != portone.EventPaid || h.PaymentID != "p-1" || h.TransactionID != back.TxID || h.StoreID != storeID {
		t.Errorf("webhook %+v", h)
	}
}

func TestAutomaticApproval(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	back := b.consent("p-1", "channel-card-auto")
	if back.Failed() || back.PaymentToken != "" {
		t.Errorf("return %+v", back)
	}
	if err := portone.Verify(b.get("p-1"), expected("p-1")); err != nil {
		t.Error(err)
	}
	if got := b.money("p-1"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
	b.wantHooks(portone.EventReady, portone.EventPaid)
}

// TestPressedTwice: a double click charges once and leads to the same place.
func TestPressedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, channel := range []string{"channel-card", "channel-card-auto"} {
		window := b.open(ask(channel, channel))
		first, second := b.press(window, "approve", nil), b.press(window, "approve", nil)
		if b.returned(first) != b.returned(second) {
			t.Errorf("%s: %q, then %q", channel, first.location, second.location)
		}
	}
	if got := b.money("channel-card-auto"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
}

func TestDeclineByReason(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, c := range []struct{ channel, reason, code, message string }{
		{"channel-card", "CARD_EXPIRED", "PG_PROVIDER_ERROR", "유효기간이 지난 카드"},
		{"channel-kakaopay", "BALANCE_SHORT", "PG_PROVIDER_ERROR", "잔액 부족"},
		{"channel-transfer-auto", "BANK_MAINTENANCE", "PG_PROVIDER_ERROR", "은행 점검 시간"},
		{"channel-card-auto", "PAY_PROCESS_CANCELED", "PAY_PROCESS_CANCELED", "고객이 결제를 취소함"},
		{"channel-tosspay", "no such reason", "PG_PROVIDER_ERROR", "잔액 부족"},
	} {
		window := b.open(ask(c.channel, c.channel))
		declined := b.press(window, "decline", url.Values{"reason": {c.reason}})
		back := b.returned(declined)
		if back.Code != c.code || back.Message != c.message || back.PaymentToken != "" {
			t.Errorf("%s: return %+v", c.channel, back)
		}
		p := b.get(c.channel)
		if p.Status != portone.StatusFailed || p.Failure.Reason != c.message || p.Failure.PGCode != back.PGCode {
			t.Errorf("%s: payment %+v, failure %+v", c.channel, p, p.Failure)
		}
		if got := b.money(c.channel); got != "" {
			t.Errorf("%s: ledger %q", c.channel, got)
		}
		b.wantHooks(portone.EventReady, portone.EventFailed)
		if again := b.press(window, "decline", url.Values{"reason": {c.reason}}); again.location != declined.location {
			t.Errorf("%s: pressed twice: %q", c.channel, again.location)
		}
	}
}

// TestAnotherTryAfterDecline: the same payment may be tried again in a new
// window; the old window and its token are worth nothing then.
func TestAnotherTryAfterDecline(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	window := b.open(ask("p-1", "channel-card"))
	old := b.returned(b.press(window, "approve", nil))
	b.press(window, "decline", nil)
	if _, err := b.client.Confirm(t.Context(), "p-1", order(old), key("old")); !errors.Is(err, portone.ErrInvalidToken) {
		t.Errorf("confirm after decline: %v", err)
	}
	if late := b.press(window, "approve", nil); late.status != http.StatusConflict {
		t.Errorf("approve after decline: %d", late.status)
	}
	fresh := b.consent("p-1", "channel-card")
	if gone := b.press(window, "approve", nil); gone.status != http.StatusNotFound {
		t.Errorf("the old window: %d", gone.status)
	}
	if fresh.TxID == old.TxID {
		t.Error("the new try has the old transaction")
	}
	if _, err := b.client.Confirm(t.Context(), "p-1", order(fresh), key("fresh")); err != nil {
		t.Error(err)
	}
	if p := b.get("p-1"); p.Status != portone.StatusPaid || p.Failure != nil {
		t.Errorf("payment %+v", p)
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	window := b.open(ask("p-1", "channel-card-auto"))
	left := b.press(window, "leave", nil)
	if left.status != http.StatusOK || left.location != "" || !strings.Contains(left.text, `href="http://shop.example:8080/"`) {
		t.Errorf("%d %q %s", left.status, left.location, left.text)
	}
	if p := b.get("p-1"); p.Status != portone.StatusReady || b.money("p-1") != "" {
		t.Errorf("payment %s, ledger %q", p.Status, b.money("p-1"))
	}
	if back := b.returned(b.press(window, "approve", nil)); back.Failed() { // the browser's back button
		t.Errorf("return %+v", back)
	}
}

// TestApproveLate: the customer leaves, and only then the charge comes, even
// where the shop never confirmed.
func TestApproveLate(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{"channel-card", "channel-card-auto"} {
		b := newBench(t, nil)
		if left := b.press(b.open(ask("p-1", channel)), "approve-late", nil); left.status != http.StatusOK || left.location != "" {
			t.Errorf("%d %q", left.status, left.location)
		}
		b.wantHooks(portone.EventReady)
		b.advance(4 * time.Second)
		if p := b.get("p-1"); p.Status != portone.StatusReady {
			t.Errorf("too soon: %s", p.Status)
		}
		b.advance(time.Second)
		b.wantHooks(portone.EventPaid)
		if err := portone.Verify(b.get("p-1"), expected("p-1")); err != nil || b.money("p-1") != "capture 63200" {
			t.Errorf("%v, ledger %q", err, b.money("p-1"))
		}
	}
}

// TestApproveLateLosesAgainstConfirm: charged once, however it was charged.
func TestApproveLateLosesAgainstConfirm(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	window := b.open(ask("p-1", "channel-card"))
	b.press(window, "approve-late", nil)
	if _, err := b.client.Confirm(t.Context(), "p-1", order(b.returned(b.press(window, "approve", nil))), key("confirm")); err != nil {
		t.Fatal(err)
	}
	b.advance(time.Minute)
	b.wantHooks(portone.EventReady, portone.EventPaid)
	if got := b.money("p-1"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
}

// TestRefunds walks through partial and whole cancellations and all refusals.
func TestRefunds(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.consent("open", "channel-card")
	b.pay("p-1")
	refuse := func(paymentID string, amount, left int64, want error) {
		t.Helper()
		if _, err := b.cancel(paymentID, amount, left, key("refused")); !errors.Is(err, want) {
			t.Errorf("cancel %d of %d: %v, want %v", amount, left, err, want)
		}
		b.advance(4 * time.Hour) // frees the key
	}
	refuse("none", 1, 1, portone.ErrNotFound)
	refuse("open", 63200, 63200, portone.ErrNotPaid)
	refuse("p-1", 3000, 63199, portone.ErrAmountBroken)

	part, err := b.cancel("p-1", 3000, 63200, key("part"))
	if err != nil || part.Status != portone.CancellationSucceeded || part.TotalAmount != 3000 {
		t.Fatalf("%+v, %v", part, err)
	}
	p := b.get("p-1")
	if p.Status != portone.StatusPartialCancelled || p.Cancellable() != 60200 || len(p.Cancellations) != 1 ||
		p.Cancellations[0].ID != part.ID || p.Cancellations[0].Reason != "refund "+key("part") {
		t.Errorf("payment %+v", p)
	}
	refuse("p-1", 60200, 63200, portone.ErrAmountBroken)

	rest, err := b.cancel("p-1", 60200, 60200, key("rest"))
	if err != nil {
		t.Fatal(err)
	}
	if p := b.get("p-1"); p.Status != portone.StatusCancelled || p.Amount.Cancelled != 63200 || p.CancelledAt.IsZero() {
		t.Errorf("payment %+v", p)
	}
	refuse("p-1", 1, 1, portone.ErrAlreadyCancelled)
	if got := b.money("p-1"); got != "capture 63200, refund 3000, refund 60200" {
		t.Errorf("ledger %q", got)
	}
	b.wantHooks(portone.EventReady, portone.EventReady, portone.EventPaid)
	if h := b.hook(); h.Type != portone.EventPartialCancelled || h.CancellationID != part.ID {
		t.Errorf("webhook %+v", h)
	}
	if h := b.hook(); h.Type != portone.EventCancelled || h.CancellationID != rest.ID {
		t.Errorf("webhook %+v", h)
	}
}

// TestListPages reads more payments than fit on a page, and by time.
func TestListPages(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *gatewaysim.Config) { c.WebhookURL = "" })
	const count = portone.PageSize + 20
	for i := range count {
		if i == 70 {
			b.advance(time.Hour)
		}
		b.open(ask("p-"+strings.Repeat("x", i%40)+string(rune('a'+i/40)), "channel-card"))
	}
	all := func(from, until time.Time) (ids []string) {
		t.Helper()
		cursor := ""
		for {
			page, err := b.client.List(t.Context(), from, until, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Payments {
				ids = append(ids, p.ID)
			}
			if cursor = page.Next; cursor == "" {
				return ids
			}
		}
	}
	seen := map[string]bool{}
	for _, id := range all(morning, morning.Add(time.Hour)) {
		seen[id] = true
	}
	if len(seen) != count {
		t.Errorf("%d payments, want %d", len(seen), count)
	}
	for want, got := range map[int][]string{
		70: all(morning.Add(-time.Hour), morning.Add(30*time.Minute)),
		50: all(morning.Add(time.Minute), morning.Add(time.Hour)),
		0:  all(morning.Add(2*time.Hour), morning.Add(3*time.Hour)),
	} {
		if len(got) != want {
			t.Errorf("%d payments in that time, want %d", len(got), want)
		}
	}
}
