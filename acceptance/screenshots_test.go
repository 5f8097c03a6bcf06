package acceptance

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// view is a page in one state.
type view struct{ name, path string }

// TestScreenshots opens every page on a phone and on a desktop, in both languages, and fails where a page is wider
// than its window or has no heading. With PIGONAIR_SCREENSHOTS set it keeps the pictures.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	if os.Getenv("PIGONAIR_SCREENSHOTS") != "" {
		for _, width := range []int64{390, 1280} {
			for _, lang := range []string{"ko", "en"} {
				visitAll(t, width, lang)
			}
		}
		return
	}
	visitAll(t, 390, "ko")
	visitAll(t, 1280, "en")
}

func visitAll(t *testing.T, width int64, lang string) {
	b := open(t, tabOptions{width: width, lang: lang})
	see(b, publicViews(), width, lang)
	email := signUp(t, b)
	see(b, []view{{"trips-empty", "/bookings"}, {"account", "/account"}}, width, lang)
	b.visit("/flights/" + house.Flight)
	b.press(`form[action="/holds"] [data-action="hold"]`)
	booking := strings.TrimPrefix(b.where(), house.BaseURL)
	see(b, []view{{"passengers", booking}}, width, lang)
	travellers(b, email, time.Now().AddDate(-9, 0, 0).Format("20060102"))
	look(b, "passengers-price", width, lang)
	passengers(b, email)
	see(b, []view{{"pay", booking}}, width, lang)
	payAtGateway(b, "decline")
	look(b, "pay-declined", width, lang)
	payAtGateway(b, "approve")
	look(b, "ticket", width, lang)
	b.press(`[data-action="change"]`)
	look(b, "change", width, lang)
	see(b, []view{{"trips", "/bookings"}}, width, lang)
	b.press(`.trip`)
	b.press(`[data-action="cancel"]`)
	look(b, "cancel-quote", width, lang)
	b.press(`[data-action="cancel"]`)
	look(b, "cancelled", width, lang)
	b.visit("/sales/" + house.WaitingSale)
	b.press(`[data-action="join"]`)
	look(b, "waiting", width, lang)
	b.press(`[data-action="leave"]`)
	operatorViews(t, width, lang)
}

func publicViews() []view {
	day := time.Now().In(time.FixedZone("KST", 9*3600)).AddDate(0, 0, 3).Format(time.DateOnly)
	return []view{
		{"home", "/"}, {"search", "/flights?from=GMP&to=CJU&depart=" + day}, {"search-none", "/flights?from=GMP&to=CJU&depart=2099-01-01"},
		{"search-fault", "/flights?from=GMP&to=GMP&depart=" + day}, {"flight", "/flights/" + house.Flight},
		{"seats", "/flights/" + house.Flight + "/seats"}, {"sales", "/sales"}, {"sale", "/sales/" + house.Sale},
		{"fairness", "/sales/" + house.Sale + "/fairness"}, {"signup", "/signup"}, {"login", "/login"}, {"reset", "/password/reset"},
		{"find", "/find"}, {"verify", "/tickets/verify"}, {"terms", "/terms"}, {"privacy", "/privacy"}, {"not-found", "/nothing"},
	}
}

func operatorViews(t *testing.T, width int64, lang string) {
	b := open(t, tabOptions{width: width, lang: lang})
	b.visit("/admin/login?lang=" + lang)
	b.fill(`main [autocomplete="email"], main [autocomplete="username"]`, house.Operator.Email)
	b.fill(`[autocomplete="current-password"]`, house.Operator.Password)
	b.press(`[data-action="login"]`)
	see(b, []view{{"admin", "/admin"}, {"admin-sale", "/admin/sales/" + house.Sale}}, width, lang)
}

// see visits pages and looks at each.
func see(b *tab, views []view, width int64, lang string) {
	b.t.Helper()
	for _, v := range views {
		mark := "?"
		if strings.Contains(v.path, "?") {
			mark = "&"
		}
		b.visit(v.path + mark + "lang=" + lang)
		look(b, v.name, width, lang)
	}
}

// look checks the page that is open, and takes its picture where pictures are wanted.
func look(b *tab, name string, width int64, lang string) {
	b.t.Helper()
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil {
		b.t.Fatal(err)
	}
	if wide > width {
		b.picture(fmt.Sprintf("wide-%s-%s-%d", name, lang, width))
		b.t.Errorf("%s (%s, %d px) is %d px wide", name, lang, width, wide)
	}
	if b.text("h1") == "" {
		b.t.Errorf("%s has no heading", name)
	}
	if os.Getenv("PIGONAIR_SCREENSHOTS") != "" {
		b.picture(fmt.Sprintf("%s-%s-%d", name, lang, width))
	}
}
