package acceptance

import (
	"testing"
	"time"
)

// A ticket is changed to another flight: the people are known, the old booking stands until the new one is paid for,
// and then it is released and its money goes back.
func TestAFlightIsChanged(t *testing.T) {
	t.Parallel()
	b := open(t, tabOptions{width: 390, lang: "ko", noScript: true})
	email := signUp(t, b)
	b.visit("/flights/" + house.Flight)
	b.press(`form[action="/holds"] [data-action="hold"]`)
	passengers(b, email)
	payAtGateway(b, "approve")
	old := b.attribute(`[data-ref]`, "data-ref")

	b.press(`[data-action="change"]`)
	b.press(`[data-action="hold"]`)
	ref := b.attribute(`[data-ref]`, "data-ref")
	if ref == old {
		t.Fatal("nothing was held")
	}
	if got := b.attribute(`[autocomplete="bday"]`, "value"); got != birthOf(email) {
		t.Errorf("the form does not know the traveller: born %q", got)
	}
	b.fill(`main [autocomplete="tel"]`, "010-1234-5678")
	b.press(`[data-action="continue"]`)
	before := refunds(t)
	payAtGateway(b, "approve")
	if got := b.attribute(`[data-ref="`+ref+`"]`, "data-booking-state"); got != "confirmed" {
		t.Fatalf("the new booking is %s: %s", got, b.text("main"))
	}
	b.visit("/bookings/" + old)
	if got := b.attribute(`[data-ref="`+old+`"]`, "data-booking-state"); got != "cancelled" {
		t.Errorf("the old booking is %s", got)
	}
	mailTo(t, email, ref)
	for end := time.Now().Add(20 * time.Second); refunds(t) <= before; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no refund reached the gateway")
		}
	}
}
