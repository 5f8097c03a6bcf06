package gatewaysim_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pigonair/internal/gatewaysim"
	"pigonair/payment/portone"
)

func (b *bench) file() string { return filepath.Join(b.cfg.Dir, "gateway.jsonl") }

// TestRestartKeepsEverything compares all that can be asked before and after.
func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	if err := b.client.PreRegister(t.Context(), "announced", 63200, "KRW"); err != nil {
		t.Fatal(err)
	}
	b.pay("paid")
	b.pay("refunded")
	if _, err := b.cancel("refunded", 1000, 63200, key("part")); err != nil {
		t.Fatal(err)
	}
	b.press(b.open(ask("declined", "channel-kakaopay")), "decline", nil)
	back := b.consent("consented", "channel-card")
	b.faultOf("announced", "confirm-error")
	b.advance(time.Hour)

	ids := []string{"paid", "refunded", "declined", "consented"}
	ask := func() (all []any) {
		for _, id := range ids {
			all = append(all, b.get(id), b.money(id))
		}
		page, err := b.client.List(t.Context(), morning, morning.Add(time.Hour), "")
		if err != nil {
			t.Fatal(err)
		}
		var faults, clock any
		b.getJSON("/admin/faults?payment_id=announced", &faults)
		b.getJSON("/admin/clock", &clock)
		return append(all, page, faults, clock)
	}
	before := ask()
	b.restart()
	if after := ask(); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	// The token that was given out before still counts, or would if it were fresh.
	if _, err := b.client.Confirm(t.Context(), "consented", order(back), key("old")); !errors.Is(err, portone.ErrInvalidToken) {
		t.Errorf("%v", err)
	}
	if p := b.open(askOther("announced")); p.status != http.StatusConflict {
		t.Errorf("the announced amount is forgotten: %d", p.status)
	}
}

func askOther(paymentID string) portone.Checkout {
	c := ask(paymentID, "channel-card")
	c.TotalAmount = 100
	return c
}

// TestRestartGoesOn: webhooks, late approvals and consents survive.
func TestRestartGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.status.Store(http.StatusServiceUnavailable)
	window := b.open(ask("late", "channel-card"))
	b.wantHooks(portone.EventReady)
	<-b.failed
	b.press(window, "approve-late", nil)
	back := b.consent("p-1", "channel-card")
	b.wantHooks(portone.EventReady)
	<-b.failed
	b.restart()
	b.status.Store(http.StatusOK)
	if _, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm")); err != nil {
		t.Error(err)
	}
	b.wantHooks(portone.EventPaid)
	b.advance(5 * time.Second)
	if h := b.hook(); h.PaymentID != "late" || h.Type != portone.EventPaid {
		t.Errorf("%+v", h)
	}
	b.advance(time.Minute)
	b.wantHooks(portone.EventReady, portone.EventReady)
	if got := b.money("late"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
}

// TestTornLine: a line that a crash cut off is as if it had never been.
func TestTornLine(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	b.stop()
	whole, err := os.ReadFile(b.file())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.file(), append(whole, `{"payment":{"id":"p-1","sta`...), 0o600); err != nil {
		t.Fatal(err)
	}
	b.start()
	b.pay("p-2")
	b.restart()
	if b.money("p-1") != "capture 63200" || b.money("p-2") != "capture 63200" {
		t.Errorf("ledgers %q, %q", b.money("p-1"), b.money("p-2"))
	}
}

func TestCorruptFile(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	b.stop()
	whole, err := os.ReadFile(b.file())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.file(), bytes.Replace(whole, []byte(`{"payment"`), []byte(`{payment"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := gatewaysim.New(b.cfg); !errors.Is(err, gatewaysim.ErrCorrupt) {
		t.Errorf("%v", err)
	}
}

func TestOneProcessPerFile(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	if _, err := gatewaysim.New(b.cfg); !errors.Is(err, gatewaysim.ErrInUse) {
		t.Errorf("%v", err)
	}
	b.stop()
	second, err := gatewaysim.New(b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	second.Stop()
}

// TestEveryLineCanBeTheLast cuts the file after each of its lines: what is left
// always adds up.
func TestEveryLineCanBeTheLast(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.pay("p-1")
	if _, err := b.cancel("p-1", 1000, 63200, key("part")); err != nil {
		t.Fatal(err)
	}
	b.stop()
	whole, err := os.ReadFile(b.file())
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for n := range lines {
		if err := os.WriteFile(b.file(), bytes.Join(lines[:n], nil), 0o600); err != nil {
			t.Fatal(err)
		}
		b.start()
		p, err := b.client.Get(t.Context(), "p-1")
		if err != nil && !errors.Is(err, portone.ErrNotFound) {
			t.Fatal(err)
		}
		want := map[portone.Status]string{
			portone.StatusPaid: "capture 63200", portone.StatusPartialCancelled: "capture 63200, refund 1000",
		}[p.Status]
		if got := b.money("p-1"); got != want {
			t.Errorf("after %d lines: %s, ledger %q", n, p.Status, got)
		}
		b.stop()
	}
	b.start() // for the cleanup
}
