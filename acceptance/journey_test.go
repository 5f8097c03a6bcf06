package acceptance

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The whole purchase, from a stranger's search to the ticket in the mailbox, on a phone.
func TestJourney(t *testing.T) {
	journey(t, "A", tabOptions{width: 390, lang: "ko"})
}

// The same on a desktop, in English, with scripts off: every step is a plain page or form.
func TestJourneyWithoutJavaScript(t *testing.T) {
	journey(t, "F", tabOptions{width: 1280, lang: "en", noScript: true})
}

// journey buys a seat in a column of its own, so that journeys at the same time do not race for one.
func journey(t *testing.T, column string, o tabOptions) {
	t.Parallel()
	b := open(t, o)
	email := signUp(t, b)

	searchFlight(b)
	b.press(`.flight[data-flight] .buy a`)
	b.press(`a[href*="/seats"]`)
	seat := b.attribute(`[data-seat$="`+column+`"][data-state="available"]`, "data-seat")
	b.do(chromedp.Click(chromedp.CSS(`[data-seat="` + seat + `"]`)))
	b.press(`form[data-seats] [data-action="hold"]`)

	ref := b.attribute(`[data-ref]`, "data-ref")
	if got := b.attribute(`[data-ref]`, "data-booking-state"); got != "held" {
		t.Fatalf("after the hold the booking is %s", got)
	}
	passengers(b, email)
	payAtGateway(b, "approve")
	if got := b.attribute(`[data-ref="`+ref+`"]`, "data-booking-state"); got != "confirmed" {
		t.Fatalf("after paying the booking is %s: %s", got, b.text("main"))
	}
	mail := mailTo(t, email, ref)
	if len(mail.Attachments) != 2 || mail.Attachments[0].Size < 10_000 {
		t.Errorf("the ticket mail has %+v", mail.Attachments)
	}
	cancelBooking(t, b, ref)
}

// signUp makes an account, opens the link in its mail, and logs in.
func signUp(t *testing.T, b *tab) (email string) {
	email = strings.ToLower(rand.Text()) + "@pigonair.test"
	b.visit("/signup")
	b.fill(`[autocomplete="name"]`, "김하늘")
	b.fill(`main [autocomplete="email"]`, email)
	b.fill(`[autocomplete="new-password"]`, "wing-and-feather-42")
	b.do(chromedp.Click(chromedp.CSS(`[name="terms"]`)))
	b.press(`[data-action="signup"]`)
	link := regexp.MustCompile(`https?://\S+/verify-email\?\S+`).FindString(mailTo(t, email, "/verify-email").Text)
	b.visit(link)
	b.visit("/login")
	b.fill(`main [autocomplete="email"], main [autocomplete="username"]`, email)
	b.fill(`[autocomplete="current-password"]`, "wing-and-feather-42")
	b.press(`[data-action="login"]`)
	return email
}

func searchFlight(b *tab) {
	b.visit("/")
	b.fill(`[name="from"]`, "GMP")
	b.fill(`[name="to"]`, "CJU")
	b.fill(`[name="depart"]`, time.Now().In(time.FixedZone("KST", 9*3600)).AddDate(0, 0, 3).Format(time.DateOnly))
	b.press(`[data-action="search"]`)
}

func passengers(b *tab, email string) { travellers(b, email, birthOf(email)) }

// travellers fills in the form of a booking for one.
func travellers(b *tab, email, birth string) {
	b.fill(`[autocomplete="family-name"]`, "김")
	b.fill(`[autocomplete="given-name"]`, "하늘")
	b.fill(`[autocomplete="bday"]`, birth)
	b.fill(`main [autocomplete="tel"]`, "010-1234-5678")
	if got := b.attribute(`main [autocomplete="email"]`, "value"); got != email {
		b.t.Errorf("the contact's address is %q, not the account's", got)
	}
	b.press(`[data-action="continue"]`)
}

// birthOf keeps the travellers of parallel tests apart: one person can be on a flight once.
func birthOf(email string) string {
	n := int(email[0])%12 + 1
	return time.Date(1980+int(email[1])%20, time.Month(n), 1+int(email[2])%28, 0, 0, 0, 0, time.UTC).Format("20060102")
}

// payAtGateway goes to the gateway's page, presses a button there and comes back.
func payAtGateway(b *tab, button string) {
	b.press(`[data-action="pay"]`)
	if !strings.HasPrefix(b.where(), house.GatewayURL) {
		b.t.Fatalf("paying leads to %s: %s", b.where(), b.text("main"))
	}
	b.press(`[data-action="` + button + `"]`)
}

// cancelBooking cancels through a quote and checks the refund in the gateway's ledger.
func cancelBooking(t *testing.T, b *tab, ref string) {
	before := refunds(t)
	b.visit("/bookings/" + ref)
	b.press(`[data-action="cancel"]`)
	b.press(`[data-action="cancel"]`)
	if got := b.attribute(`[data-ref="`+ref+`"]`, "data-booking-state"); got != "cancelled" {
		t.Fatalf("after cancelling the booking is %s", got)
	}
	for end := time.Now().Add(20 * time.Second); refunds(t) <= before; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no refund reached the gateway")
		}
	}
}

func refunds(t *testing.T) int {
	t.Helper()
	answer, err := http.Get(house.GatewayURL + "/ledger.json")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var ledger []struct{ Kind string }
	if err := json.NewDecoder(answer.Body).Decode(&ledger); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range ledger {
		if entry.Kind == "refund" {
			n++
		}
	}
	return n
}

// A declined card says so, keeps the seat, and lets the customer try again.
func TestDeclinedThenPaid(t *testing.T) {
	t.Parallel()
	b := open(t, tabOptions{width: 390, lang: "ko"})
	email := signUp(t, b)
	b.visit("/flights/" + house.Flight)
	b.press(`form[action="/holds"] [data-action="hold"]`)
	passengers(b, email)
	payAtGateway(b, "decline")
	if got := b.attribute(`[data-ref]`, "data-booking-state"); got != "held" {
		t.Fatalf("after a decline the booking is %s", got)
	}
	if notice := b.text(".note.bad"); !strings.Contains(notice, "결제되지 않았습니다") {
		t.Errorf("a decline says %q", notice)
	}
	payAtGateway(b, "approve")
	if got := b.attribute(`[data-ref]`, "data-booking-state"); got != "confirmed" {
		t.Fatalf("the second try left the booking %s", got)
	}
}
