package gatewaysim_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pigonair/payment/portone"
)

// TestPageMarks: the four choices, in this order, each a button inside a form.
func TestPageMarks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	p := b.open(ask("p-1", "channel-card"))
	var marks []string
	for node := range p.root.Descendants() {
		if mark := attr(node, "data-action"); mark != "" {
			marks = append(marks, mark)
			if node.Data != "button" || formOf(p.root, mark) == nil {
				t.Errorf("%s is no button in a form", mark)
			}
		}
	}
	if want := []string{"approve", "decline", "leave", "approve-late", "faults"}; !slices.Equal(marks, want) {
		t.Errorf("marks %q, want %q", marks, want)
	}
	for _, want := range []string{`<html lang="ko">`, "모의 결제창", "63,200원", "김포 → 제주 ZP101", "김하늘", "p-1", "신용·체크카드", "일시불", "한도 초과"} {
		if !strings.Contains(p.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPageInEnglish(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	c := ask("p-1", "channel-card")
	c.Locale, c.Installment = "en", 3
	p := b.open(c)
	for _, want := range []string{`<html lang="en">`, "Payment simulator", "₩63,200", "3 months", "Over the card", "Credit or debit card", "Approve ₩63,200", "Confirm: took effect, answer lost"} {
		if !strings.Contains(p.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if left := b.press(p, "leave", nil); !strings.Contains(left.text, "Nothing was charged") {
		t.Errorf("%s", left.text)
	}
	if back := b.returned(b.press(p, "decline", nil)); back.Message != "Over the card's limit" {
		t.Errorf("%+v", back)
	}
	if got := b.get("p-1").Method.Installment.Month; got != 3 {
		t.Errorf("%d months", got)
	}
}

// TestPagePolicy: no script, no foreign parts, and forms that may lead back to
// the shop, since browsers hold a form's redirect to the same rule.
func TestPagePolicy(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	p := b.open(ask("p-1", "channel-card"))
	want := "default-src 'none'; style-src 'self'; form-action 'self' http://shop.example:8080; base-uri 'none'; frame-ancestors 'none'"
	if got := p.header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy %q", got)
	}
	for _, forbidden := range []string{"<script", "style=", "<style", "onclick"} {
		if strings.Contains(p.text, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	css := b.browse(http.MethodGet, b.server.URL+"/assets/gateway.css", nil)
	if css.status != http.StatusOK || !strings.HasPrefix(css.header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %s", css.status, css.header.Get("Content-Type"))
	}
}

// TestPageEscapes: what the address says is shown, not obeyed.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	c := ask("p-1", "channel-card")
	c.OrderName, c.CustomerName = `<script>alert(1)</script>`, `"><img src=x>`
	p := b.open(c)
	if p.status != http.StatusOK || strings.Contains(p.text, "<script>") || strings.Contains(p.text, "<img") {
		t.Errorf("%d %s", p.status, p.text)
	}
}

// TestCheckoutRefuses: whatever is wrong with a request is named, and no
// payment comes of it.
func TestCheckoutRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for name, change := range map[string]func(*portone.Checkout){
		"storeId":      func(c *portone.Checkout) { c.StoreID = "other" },
		"channelKey":   func(c *portone.Checkout) { c.ChannelKey = "none" },
		"payMethod":    func(c *portone.Checkout) { c.PayMethod = portone.MethodTransfer },
		"paymentId":    func(c *portone.Checkout) { c.PaymentID = "a b" },
		"orderName":    func(c *portone.Checkout) { c.OrderName = strings.Repeat("가", 201) },
		"totalAmount":  func(c *portone.Checkout) { c.TotalAmount = -5 },
		"currency":     func(c *portone.Checkout) { c.Currency = "" },
		"installment":  func(c *portone.Checkout) { c.Installment = 99 },
		"customerName": func(c *portone.Checkout) { c.CustomerName = "\xff" },
	} {
		c := ask("p-1", "channel-card")
		change(&c)
		if p := b.open(c); p.status != http.StatusBadRequest || !strings.Contains(p.text, name) {
			t.Errorf("%s: %d", name, p.status)
		}
	}
	for _, address := range []string{"", "/relative", "javascript:alert(1)", "ftp://x/", "http://", "http://a;b/", "http://u:p@x/", "http://x y/", "//x"} {
		c := ask("p-1", "channel-card")
		c.RedirectURL = address
		if p := b.open(c); p.status != http.StatusBadRequest || !strings.Contains(p.text, "redirectUrl") {
			t.Errorf("%q: %d", address, p.status)
		}
	}
	if status, _ := b.raw("GET", "/payments/p-1", "", credentials); status != http.StatusNotFound {
		t.Errorf("a payment came to be: %d", status)
	}
}

// TestAnnouncedAmountWins: an amount changed in the browser's address opens
// nothing.
func TestAnnouncedAmountWins(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	if err := b.client.PreRegister(t.Context(), "p-1", 63200, "KRW"); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*portone.Checkout){
		func(c *portone.Checkout) { c.TotalAmount = 100 },
		func(c *portone.Checkout) { c.Currency = "JPY" },
	} {
		c := ask("p-1", "channel-card")
		change(&c)
		if p := b.open(c); p.status != http.StatusConflict || !strings.Contains(p.text, "결제 금액이 다릅니다") || formOf(p.root, "approve") != nil {
			t.Errorf("%d %s", p.status, p.text)
		}
	}
	if p := b.open(ask("p-1", "channel-card")); p.status != http.StatusOK {
		t.Errorf("the right amount: %d", p.status)
	}
}

// TestFinishedWindows: a payment that is over opens no window, and neither does
// an address that nobody was given.
func TestFinishedWindows(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	window := b.open(ask("p-1", "channel-card"))
	back := b.returned(b.press(window, "approve", nil))
	if _, err := b.client.Confirm(t.Context(), "p-1", order(back), key("confirm")); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"approve", "decline", "approve-late"} {
		if p := b.press(window, action, nil); p.status != http.StatusConflict {
			t.Errorf("%s: %d", action, p.status)
		}
	}
	for address, want := range map[string]int{
		ask("p-1", "channel-card").HostedURL(b.server.URL): http.StatusConflict,
		b.server.URL + "/checkout/" + back.TxID:            http.StatusConflict,
		b.server.URL + "/checkout/tx_guess":                http.StatusNotFound,
	} {
		if p := b.browse(http.MethodGet, address, nil); p.status != want {
			t.Errorf("%s: %d, want %d", address, p.status, want)
		}
	}
	if p := b.browse(http.MethodPost, b.server.URL+"/checkout/"+back.TxID+"/explode", url.Values{}); p.status != http.StatusNotFound {
		t.Errorf("unknown choice: %d", p.status)
	}
	if got := b.money("p-1"); got != "capture 63200" {
		t.Errorf("ledger %q", got)
	}
}

func TestReloadKeepsTheWindow(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	first := b.open(ask("p-1", "channel-card"))
	again := b.open(ask("p-1", "channel-card"))
	if attr(formOf(first.root, "approve"), "action") != attr(formOf(again.root, "approve"), "action") {
		t.Error("reloading made another transaction")
	}
}

func TestFirstPage(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	if p := b.browse(http.MethodGet, b.server.URL+"/", nil); p.status != http.StatusOK || !strings.Contains(p.text, "아직 결제가 없습니다") {
		t.Errorf("%d %s", p.status, p.text)
	}
	b.pay("p-1")
	if p := b.browse(http.MethodGet, b.server.URL+"/?locale=en", nil); !strings.Contains(p.text, "PAID") || !strings.Contains(p.text, "₩63,200") {
		t.Errorf("%s", p.text)
	}
}
