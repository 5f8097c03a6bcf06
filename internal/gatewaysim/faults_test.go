package gatewaysim_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pigonair/payment/portone"
)

// TestCallFaults: for each fault of confirm and cancel, what the caller learns,
// what really happened, and that the same call afterwards comes to one effect.
func TestCallFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind      string
		want      error
		confirmed string // the ledger right after the faulty confirm
		again     error  // of the same confirm, repeated
	}{
		{"error", portone.ErrUnknownOutcome, "", nil},
		{"error-after", portone.ErrUnknownOutcome, "capture 63200", nil},
		{"lost", portone.ErrUnknownOutcome, "capture 63200", nil},
		{"refused", portone.ErrProvider, "", portone.ErrInvalidToken},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			back := b.consent("p-1", "channel-card")
			b.faultOf("p-1", "confirm-"+c.kind, "cancel-"+c.kind)
			confirm := func() error {
				_, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm"))
				return err
			}
			if err := confirm(); !errors.Is(err, c.want) || b.money("p-1") != c.confirmed {
				t.Errorf("confirm: %v, ledger %q", err, b.money("p-1"))
			}
			if err := confirm(); !errors.Is(err, c.again) {
				t.Errorf("confirm again: %v", err)
			}
			if c.again != nil {
				b.pay("p-1") // declined, so the customer tries again
			}
			if _, err := b.cancel("p-1", 63200, 63200, key("cancel")); !errors.Is(err, c.want) {
				t.Errorf("cancel: %v", err)
			}
			if done, err := b.cancel("p-1", 63200, 63200, key("cancel")); err != nil || done.Status != portone.CancellationSucceeded {
				t.Errorf("cancel again: %+v, %v", done, err)
			}
			if got := b.money("p-1"); got != "capture 63200, refund 63200" {
				t.Errorf("ledger %q", got)
			}
		})
	}
}

// TestRefusedCancelLeavesATrace: the refused cancellation stands in the payment
// with our reason, as FAILED: who only looks for the reason is misled.
func TestRefusedCancelLeavesATrace(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	b.faultOf("p-1", "cancel-refused")
	_, err := b.cancel("p-1", 1000, 63200, key("one"))
	p := b.get("p-1")
	if !errors.Is(err, portone.ErrProvider) || p.Cancellable() != 63200 || len(p.Cancellations) != 1 ||
		p.Cancellations[0].Status != portone.CancellationFailed || p.Cancellations[0].Reason != "refund "+key("one") {
		t.Errorf("%v, %+v", err, p)
	}
}

// TestDeclinedAtConfirm: the card company says no only when we confirm.
func TestDeclinedAtConfirm(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	back := b.consent("p-1", "channel-card")
	b.faultOf("p-1", "confirm-refused")
	_, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm"))
	var api *portone.APIError
	if !errors.As(err, &api) || api.PGCode != "LIMIT_EXCEEDED" {
		t.Errorf("%v", err)
	}
	if p := b.get("p-1"); p.Status != portone.StatusFailed || p.Failure.PGCode != "LIMIT_EXCEEDED" {
		t.Errorf("payment %+v, %+v", p, p.Failure)
	}
	b.wantHooks(portone.EventReady, portone.EventFailed)
}

// TestHangAndLate: a hang took effect before the caller gave up, a late call
// takes effect after, though nobody listens any more.
func TestHangAndLate(t *testing.T) {
	t.Parallel()
	for kind, before := range map[string]string{"hang": "capture 63200", "late": ""} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			back := b.consent("p-1", "channel-card")
			b.wantHooks(portone.EventReady)
			b.fault(map[string]any{"payment_id": "p-1", "faults": []string{"confirm-" + kind}, "seconds": 90})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := b.client.Confirm(ctx, "p-1", order(back), key("confirm"))
			if !errors.Is(err, portone.ErrUnknownOutcome) || b.money("p-1") != before {
				t.Errorf("%v, ledger %q", err, b.money("p-1"))
			}
			b.advance(91 * time.Second)
			b.wantHooks(portone.EventPaid)
			if got := b.money("p-1"); got != "capture 63200" {
				t.Errorf("ledger %q", got)
			}
		})
	}
}

func TestReadFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	b.fault(map[string]any{"payment_id": "p-1", "faults": []string{"get-error"}, "status": 503, "next": 2})
	for range 2 {
		_, err := b.client.Get(t.Context(), "p-1")
		var api *portone.APIError
		if !errors.As(err, &api) || api.Status != 503 {
			t.Errorf("%v", err)
		}
	}
	b.get("p-1")
	b.fault(map[string]any{"faults": []string{"list-lost", "pre-register-error"}})
	list := func() error {
		_, err := b.client.List(t.Context(), morning, morning, "")
		return err
	}
	// net/http itself repeats a GET once when a kept connection breaks.
	if err := list(); err != nil && !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("list: %v", err)
	}
	if err := list(); err != nil {
		t.Errorf("list again: %v", err)
	}
	if err := b.client.PreRegister(t.Context(), "p-2", 1, "KRW"); !errors.Is(err, portone.ErrUnknownOutcome) {
		t.Errorf("pre-register: %v", err)
	}
	if err := b.client.PreRegister(t.Context(), "p-2", 1, "KRW"); err != nil {
		t.Errorf("pre-register again: %v", err)
	}
}

// TestNextFaults: what waits for the next payments goes to as many and no more.
func TestNextFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fault(map[string]any{"faults": []string{"test-channel", "confirm-error"}, "next": 2})
	for _, id := range []string{"p-1", "p-2", "p-3"} {
		b.open(ask(id, "channel-card"))
		want := portone.ChannelTest
		if id == "p-3" {
			want = portone.ChannelLive
		}
		if p := b.get(id); p.Channel.Type != want {
			t.Errorf("%s: %s", id, p.Channel.Type)
		}
	}
	back := b.consent("p-3", "channel-card")
	for i, want := range []error{portone.ErrUnknownOutcome, portone.ErrUnknownOutcome, nil} {
		if _, err := b.client.Confirm(t.Context(), "p-3", order(back), key("confirm")); !errors.Is(err, want) {
			t.Errorf("confirm %d: %v", i+1, err)
		}
	}
}

func TestClearFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("p-1", "test-channel")
	b.fault(map[string]any{"faults": []string{"get-error"}})
	if status, body := b.raw(http.MethodDelete, "/admin/faults", "", nil); status != http.StatusOK {
		t.Fatal(body)
	}
	b.pay("p-1")
	if err := portone.Verify(b.get("p-1"), expected("p-1")); err != nil {
		t.Error(err)
	}
}

// TestTamperedAmount: manual approval refuses it, automatic approval has
// charged it, and only the comparison with what we asked for tells.
func TestTamperedAmount(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("manual", "amount-tampered")
	back := b.consent("manual", "channel-card")
	if _, err := b.client.Confirm(t.Context(), "manual", order(back), key("confirm")); !errors.Is(err, portone.ErrMismatch) {
		t.Errorf("confirm: %v", err)
	}
	if err := b.client.PreRegister(t.Context(), "auto", 63200, "KRW"); err != nil {
		t.Fatal(err)
	}
	window := b.open(ask("auto", "channel-card-auto"))
	window = b.follow(b.press(window, "faults", url.Values{"fault": {"amount-tampered"}, "amount": {"100"}}))
	b.returned(b.press(window, "approve", nil))
	if err := portone.Verify(b.get("auto"), expected("auto")); !errors.Is(err, portone.ErrWrongAmount) {
		t.Errorf("verify: %v", err)
	}
	if b.money("auto") != "capture 100" || b.money("manual") != "" {
		t.Errorf("ledgers %q, %q", b.money("auto"), b.money("manual"))
	}
}

func TestTestChannel(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("p-1", "test-channel")
	window := b.open(ask("p-1", "channel-card"))
	if !strings.Contains(window.text, "테스트 채널") {
		t.Error("the page does not say so")
	}
	back := b.returned(b.press(window, "approve", nil))
	if _, err := b.client.Confirm(t.Context(), "p-1", order(back), key("live")); !errors.Is(err, portone.ErrMismatch) {
		t.Errorf("live: %v", err)
	}
	careless := order(back)
	careless.IsTest = nil
	if _, err := b.client.Confirm(t.Context(), "p-1", careless, key("careless")); err != nil {
		t.Fatal(err)
	}
	if err := portone.Verify(b.get("p-1"), expected("p-1")); !errors.Is(err, portone.ErrTestChannel) {
		t.Errorf("verify: %v", err)
	}
}

// TestFaultsOnThePage: chosen in the form, shown again, and in force.
func TestFaultsOnThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	window := b.open(ask("p-1", "channel-card"))
	chosen := b.press(window, "faults", url.Values{"fault": {"confirm-error", "webhook-dropped"}, "status": {"504"}})
	window = b.follow(chosen)
	if !strings.Contains(window.text, "승인: 처리하지 않고 오류로 응답 × 1, 웹훅이 오지 않음 × 1") {
		t.Errorf("page %s", window.text)
	}
	back := b.returned(b.press(window, "approve", nil))
	_, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm"))
	var api *portone.APIError
	if !errors.As(err, &api) || api.Status != 504 {
		t.Errorf("%v", err)
	}
	for _, wrong := range []url.Values{{"fault": {"no-such"}}, {"status": {"200"}}, {"seconds": {"many"}}, {"fault": {"amount-tampered"}, "amount": {"0"}}} {
		if p := b.press(window, "faults", wrong); p.status != http.StatusBadRequest {
			t.Errorf("%v: %d", wrong, p.status)
		}
	}
}

func TestAdminRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for path, bodies := range map[string][]string{
		"/admin/faults": {`{"faults":["no-such"]}`, `{"faults":["get-error"],"next":-1}`, `{"payment_id":"a b"}`, `{"unknown":1}`, `{`,
			`{"faults":["get-error"],"status":200}`, `{"faults":["get-hang"],"seconds":999999}`},
		"/admin/clock": {`{"advance_seconds":-1}`, `{"advance_seconds":99999999999}`, `[]`},
	} {
		for _, body := range bodies {
			if status, _ := b.raw(http.MethodPost, path, body, map[string]string{"Content-Type": "application/json"}); status != http.StatusBadRequest {
				t.Errorf("%s %s: %d", path, body, status)
			}
		}
	}
	var shown struct {
		Waiting struct{ Faults []any }
		Known   []string
	}
	b.getJSON("/admin/faults", &shown)
	if len(shown.Waiting.Faults) != 0 || len(shown.Known) < 20 {
		t.Errorf("%+v", shown)
	}
}

// follow goes where a page redirects to, within the simulator.
func (b *bench) follow(p page) page {
	b.t.Helper()
	if p.status != http.StatusSeeOther {
		b.t.Fatalf("%d %s", p.status, p.text)
	}
	return b.browse(http.MethodGet, b.server.URL+p.location, nil)
}
