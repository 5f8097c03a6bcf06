package acceptance

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A sale with room lets a customer straight in; with its pass a seat can be held, and without it not.
func TestSaleLineAndPass(t *testing.T) {
	t.Parallel()
	b := open(t, tabOptions{width: 390, lang: "ko"})
	logInAsCustomer(b)
	b.visit("/flights/" + house.SaleFlight + "/seats")
	if at := b.where(); at != house.BaseURL+"/sales/"+house.Sale {
		t.Fatalf("without a pass the seat map leads to %s", at)
	}
	b.press(`[data-action="join"]`)
	b.do(chromedp.WaitVisible(chromedp.CSS(`[data-queue-state="admitted"]`)))
	b.visit("/flights/" + house.SaleFlight + "/seats")
	b.do(chromedp.WaitVisible(chromedp.CSS(`[data-seat][data-state="available"]`)))
}

// A sale without room keeps a customer waiting, says how many are ahead, and lets go of the place when asked.
func TestWaitingAndLeaving(t *testing.T) {
	t.Parallel()
	b := open(t, tabOptions{width: 390, lang: "en"})
	logInAsCustomer(b)
	b.visit("/sales/" + house.WaitingSale)
	b.press(`[data-action="join"]`)
	if state := b.attribute(`[data-queue-state]`, "data-queue-state"); state != "waiting" {
		t.Fatalf("the line says %s", state)
	}
	if position := b.attribute(`[data-queue-state]`, "data-position"); position != "1" {
		t.Errorf("the first in line is number %s", position)
	}
	b.press(`[data-action="leave"]`)
	b.do(chromedp.WaitVisible(chromedp.CSS(`[data-action="join"]`)))
}

func logInAsCustomer(b *tab) {
	b.visit("/login")
	b.fill(`main [autocomplete="email"], main [autocomplete="username"]`, house.Customer.Email)
	b.fill(`[autocomplete="current-password"]`, house.Customer.Password)
	b.press(`[data-action="login"]`)
}
