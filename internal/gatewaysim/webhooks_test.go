package gatewaysim_test

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"pigonair/payment/portone"
)

// noHook reports a webhook that came although none should have; it asks after
// something that came later.
func (b *bench) noHook(why string) {
	b.t.Helper()
	select {
	case h := <-b.hooks:
		b.t.Errorf("%s: %+v", why, h)
	default:
	}
}

func TestWebhookBeforeTheReturn(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("auto", "webhook-before")
	b.consent("auto", "channel-card-auto")
	if got := len(b.hooks); got != 2 {
		t.Errorf("%d webhooks before the return, want 2", got)
	}
	b.wantHooks(portone.EventReady, portone.EventPaid)
	b.faultOf("manual", "webhook-before")
	b.pay("manual")
	if got := len(b.hooks); got != 2 {
		t.Errorf("%d webhooks before the answer, want 2", got)
	}
}

// TestWebhookBeforeFails: a shop that does not answer keeps nobody from returning.
func TestWebhookBeforeFails(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.status.Store(http.StatusInternalServerError)
	b.faultOf("p-1", "webhook-before")
	b.consent("p-1", "channel-card-auto")
	b.wantHooks(portone.EventReady, portone.EventPaid)
}

func TestWebhookAfter(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("p-1", "webhook-after")
	b.pay("p-1")
	b.consent("marker", "channel-card")
	if h := b.hook(); h.PaymentID != "marker" {
		t.Errorf("too early: %+v", h)
	}
	b.advance(3 * time.Second)
	b.wantHooks(portone.EventReady, portone.EventPaid)
}

func TestWebhookTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("p-1", "webhook-twice")
	b.pay("p-1")
	counts := map[portone.Webhook]int{}
	for range 4 {
		counts[b.hook()]++
	}
	if len(counts) != 2 {
		t.Errorf("%+v", counts)
	}
	for hook, count := range counts {
		if count != 2 {
			t.Errorf("%s came %d times", hook.Type, count)
		}
	}
}

func TestWebhooksReordered(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("p-1", "webhook-reordered")
	b.pay("p-1")
	if _, err := b.cancel("p-1", 63200, 63200, key("cancel")); err != nil {
		t.Fatal(err)
	}
	b.noHook("held back")
	b.advance(4 * time.Second)
	b.wantHooks(portone.EventCancelled, portone.EventPaid, portone.EventReady)
}

// TestWebhookDropped: it never comes by itself, however long one waits, but it
// can be asked for.
func TestWebhookDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.faultOf("p-1", "webhook-dropped")
	b.pay("p-1")
	b.advance(24 * time.Hour)
	b.consent("marker", "channel-card")
	if h := b.hook(); h.PaymentID != "marker" {
		t.Errorf("not dropped: %+v", h)
	}
	if err := b.client.ResendWebhook(t.Context(), "p-1", ""); err != nil {
		t.Fatal(err)
	}
	first := b.hook()
	if first.Type != portone.EventPaid || first.PaymentID != "p-1" {
		t.Errorf("resent %+v", first)
	}
	if err := b.client.ResendWebhook(t.Context(), "p-1", first.ID); err != nil {
		t.Fatal(err)
	}
	if again := b.hook(); again != first {
		t.Errorf("resent %+v, then %+v", first, again)
	}
}

// TestWebhookRetries: 1, 4, 16, 64, 256 minutes, then never again.
func TestWebhookRetries(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.status.Store(http.StatusServiceUnavailable)
	b.open(ask("p-1", "channel-card"))
	first := b.hook()
	<-b.failed
	for _, minutes := range []int{1, 4, 16, 64, 256} {
		b.advance(time.Duration(minutes)*time.Minute - time.Second)
		b.nothingDue()
		b.advance(time.Second)
		if again := b.hook(); again != first {
			t.Errorf("after %d min: %+v", minutes, again)
		}
		<-b.failed
	}
	b.advance(100 * time.Hour)
	b.nothingDue()
}

// nothingDue sends another payment's webhook through and expects no other.
func (b *bench) nothingDue() {
	b.t.Helper()
	status := b.status.Swap(http.StatusOK)
	defer b.status.Store(status)
	marker := ask("marker", "channel-card")
	marker.RedirectURL += token() // another window each time
	b.open(marker)
	if h := b.hook(); h.PaymentID != "marker" {
		b.t.Errorf("came too early: %+v", h)
	}
}

func token() string { return "&again=" + rand.Text() }

func TestWebhookRecovers(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.status.Store(http.StatusBadGateway)
	b.open(ask("p-1", "channel-card"))
	first := b.hook()
	<-b.failed
	b.status.Store(http.StatusNoContent)
	b.advance(time.Minute)
	if again := b.hook(); again != first {
		t.Errorf("%+v, then %+v", first, again)
	}
	b.advance(24 * time.Hour)
	b.nothingDue()
}
