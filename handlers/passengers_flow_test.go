package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// travellers is a passengers' form with dates of birth.
func travellers(births ...string) url.Values {
	form := url.Values{"email": {"sky@example.com"}, "phone": {"010-1234-5678"}}
	for i, birth := range births {
		no := "p" + itoa(i+1) + "-"
		form.Set(no+"surname", "김")
		form.Set(no+"given", string([]rune("하나둘셋")[i:i+1]))
		form.Set(no+"birth", birth)
	}
	return form
}

// yearsAgo is a birth date of somebody of that age.
func yearsAgo(n int) string { return time.Now().In(korea).AddDate(-n, -1, 0).Format("20060102") }

// TestABirthDateMakesANewPrice: two adults were held, and one is a child. The page keeps what was typed, tells the new
// total, and one press agrees to it.
func TestABirthDateMakesANewPrice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	f := s.places.Flight
	held := s.do(http.MethodPost, "/holds", url.Values{"seat": {f + ":21A", f + ":21B"}})
	path := held.Header.Get("Location")
	form := travellers("19900517", yearsAgo(9))
	got := s.do(http.MethodPost, path+"/passengers", form)
	s.want(got, http.StatusConflict, "", `data-error="price_changed"`, `value="`+yearsAgo(9)+`"`, "생년월일에 따른 총액은")
	total := hiddenField.FindStringSubmatch(got.body[strings.Index(got.body, `name="total"`)-len(`<input type="hidden" `):])
	form.Set("total", total[2])
	s.want(s.do(http.MethodPost, path+"/passengers", form), http.StatusSeeOther, path)
	var stored string
	if err := s.pool.QueryRow("SELECT CONCAT(total, ' ', adults, ' ', children) FROM booking").Scan(&stored); err != nil || stored != total[2]+" 1 1" {
		t.Errorf("stored %s, %v; agreed to %s", stored, err, total[2])
	}
}

// TestAnInfantWhoIsTooOldForALap is offered with a seat, at its price: one press holds it.
func TestAnInfantWhoIsTooOldForALap(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	held := s.do(http.MethodPost, "/holds", url.Values{"seat": {s.places.Flight + ":22A"}, "adults": {"1"}, "infants": {"1"}})
	path := held.Header.Get("Location")
	got := s.do(http.MethodPost, path+"/passengers", travellers("19900517", yearsAgo(3)))
	s.want(got, http.StatusConflict, "", `data-error="needs_seat"`)
	if more := s.do(http.MethodPost, "/holds", proposal(got.body)); more.StatusCode != http.StatusSeeOther || len(s.seatsOf(more.Header.Get("Location"))) != 2 {
		t.Errorf("with a seat: %d to %s\n%s", more.StatusCode, more.Header.Get("Location"), more.body)
	}
	s.want(s.do(http.MethodPost, path+"/passengers", travellers("19900517", yearsAgo(1))), http.StatusSeeOther, path)
}
