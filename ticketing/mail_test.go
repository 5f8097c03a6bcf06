package ticketing

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestTicketMailTellsEverything(t *testing.T) {
	t.Parallel()
	d := newDocuments(t)
	for lang, want := range map[Lang][]string{
		Korean:  {"여행 준비가 끝났어요", "K7M2QX", "ZP101", "12월 24일(목) 06:15", "김포 GMP", "제주 CJU", "김하늘", "7A", "990-261224000-6", "63,200원", "탑승권이 아닙니다", "12월 23일(수) 06:15부터"},
		English: {"You are ready to fly", "K7M2QX", "ZP101", "Thu 24 Dec 06:15", "Gimpo GMP", "Jeju CJU", "김하늘", "7A", "990-261224000-6", "₩63,200", "not a boarding pass", "Check-in opens Wed 23 Dec 06:15"},
	} {
		m, err := d.TicketMail(lang, domestic(t), links())
		if err != nil {
			t.Fatal(err)
		}
		shown := visible(t, m.HTML)
		for _, w := range append(want, links().Booking) {
			if !strings.Contains(m.Text, w) {
				t.Errorf("%s text: no %q in\n%s", lang, w, m.Text)
			}
			// A date and its time stand in cells of their own in HTML.
			for part := range strings.FieldsSeq(w) {
				if !strings.Contains(shown, part) {
					t.Errorf("%s HTML: no %q", lang, part)
				}
			}
		}
		if !strings.Contains(m.Subject, "K7M2QX") {
			t.Errorf("%s subject: %q", lang, m.Subject)
		}
	}
}

func TestVerificationMailHasItsLink(t *testing.T) {
	t.Parallel()
	d := newDocuments(t)
	link := "https://pigonair.test/verify-email?token=a-b_c&next=%2F"
	request := AccountRequest{Link: link, Until: time.Date(2026, 12, 2, 10, 0, 0, 0, zone(t, "Asia/Seoul"))}
	for lang, until := range map[Lang]string{Korean: "12월 2일(수) 10:00까지", English: "Wed 2 Dec 10:00 (UTC+9)"} {
		m, err := d.AccountMail(lang, AccountVerify, request)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, link) || !strings.Contains(m.Text, until) {
			t.Errorf("%s text:\n%s", lang, m.Text)
		}
		if !strings.Contains(m.HTML, `href="https://pigonair.test/verify-email?token=a-b_c&amp;next=%2F"`) {
			t.Errorf("%s HTML has no link", lang)
		}
	}
}

func TestCancellationMailAddsUp(t *testing.T) {
	t.Parallel()
	d := newDocuments(t)
	c := Cancellation{
		Cancelled: domestic(t), Reason: ByCustomer,
		Fees: []PriceLine{{Text{"취소 수수료", "Cancellation fee"}, 2, 6000}},
	}
	if c.Refund() != 57_200 {
		t.Errorf("refund %d", c.Refund())
	}
	m, err := d.CancellationMail(Korean, c, links())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"K7M2QX", "63,200원", "-6,000원", "57,200원을 결제하신 수단으로", "요청하신 대로"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in\n%s", want, m.Text)
		}
	}
	c.Fees[0].Amount, c.Partial, c.Reason = 63_200, true, ByAirline
	if m, err = d.CancellationMail(English, c, links()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Text, "nothing to refund") || !strings.Contains(m.Text, "Part of your booking") || strings.Contains(m.Subject, "refund") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	c.Reason = "whim"
	if _, err := d.CancellationMail(English, c, links()); !errors.Is(err, ErrWords) {
		t.Errorf("a reason without words: %v", err)
	}
}

// Names are shown as text, cannot break out of their line, and a mail loads
// nothing from anywhere.
func TestMailsAreHarmless(t *testing.T) {
	t.Parallel()
	d := newDocuments(t)
	ticket := crowded(t)
	ticket.Passengers[0].Name = "a\r\nBcc: x@y.z\n\n<img src=//evil>"
	ticket.Reference = "K7M\r\n2QX"
	m, err := d.TicketMail(Korean, ticket, links())
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject of two lines: %q", m.Subject)
	}
	if strings.Contains(m.Text, "\nBcc") || strings.Contains(m.Text+m.HTML, "\u202e") {
		t.Error("a name breaks out of its line")
	}
	for n := range parsed(t, m.HTML).Descendants() {
		if n.Type == html.ElementNode && slices.Contains(loading, n.Data) {
			t.Errorf("the mail holds <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "src" || strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "url(") {
				t.Errorf("the mail holds %s=%q", a.Key, a.Val)
			}
		}
	}
}

// loading are elements that fetch or run something.
var loading = []string{"script", "img", "link", "iframe", "style", "form", "object", "base"}

func parsed(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// visible is the text of a page.
func visible(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	for n := range parsed(t, page).Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return b.String()
}

func TestMessageID(t *testing.T) {
	t.Parallel()
	id := MessageID("ticket", "K7M2QX/0", "pigonair.test")
	if id != MessageID("ticket", "K7M2QX/0", "pigonair.test") || !regexp.MustCompile(`^ticket\.[0-9a-f]{24}@pigonair\.test$`).MatchString(id) {
		t.Errorf("%q", id)
	}
	seen := map[string]bool{id: true}
	for _, other := range []string{MessageID("cancel", "K7M2QX/0", "pigonair.test"), MessageID("ticket", "K7M2QX/1", "pigonair.test")} {
		if seen[other] {
			t.Errorf("%q stands for two mails", other)
		}
		seen[other] = true
	}
}
