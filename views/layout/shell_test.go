package layout

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"pigonair/views/texts"
)

func show(t *testing.T, lang string, p Page) *html.Node {
	t.Helper()
	ctx := templ.WithChildren(texts.WithLang(context.Background(), lang), templ.Raw("<h1>Hello</h1>"))
	var b bytes.Buffer
	if err := Shell(p).Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "<!doctype html>") {
		t.Errorf("the page begins with %.20q", b.String())
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// find gives the first element with this name whose attribute has this value;
// an empty key asks for the name alone.
func find(doc *html.Node, name, key, value string) *html.Node {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (key == "" || attr(n, key) == value) {
			return n
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestTitle(t *testing.T) {
	cases := []struct {
		lang string
		page Page
		want string
	}{
		{"ko", Page{Title: "내 여행"}, "내 여행 · PigonAir"},
		{"ko", Page{}, "PigonAir"},
		{"ko", Page{Title: "로그인", ErrorCode: "form"}, "오류: 로그인 · PigonAir"},
		{"en", Page{Title: "Log in", ErrorCode: "form"}, "Error: Log in · PigonAir"},
		{"ko", Page{Title: "판매", Ops: true}, "판매 · PigonAir 운영"},
		{"en", Page{Title: "<script>"}, "<script> · PigonAir"},
	}
	for _, c := range cases {
		doc := show(t, c.lang, c.page)
		if got := text(find(doc, "title", "", "")); got != c.want {
			t.Errorf("title %q, want %q", got, c.want)
		}
		if got := attr(find(doc, "html", "", ""), "lang"); got != c.lang {
			t.Errorf("lang %q, want %q", got, c.lang)
		}
		if got := attr(find(doc, "main", "", ""), "data-error"); got != c.page.ErrorCode {
			t.Errorf("data-error %q, want %q", got, c.page.ErrorCode)
		}
	}
}

func TestLanguageSwitchKeepsTheAddress(t *testing.T) {
	cases := []struct{ lang, url, want string }{
		{"ko", "/flights?from=GMP&to=CJU", "/flights?from=GMP&lang=en&to=CJU"},
		{"en", "/flights?lang=en&to=CJU", "/flights?lang=ko&to=CJU"},
		{"ko", "", "/?lang=en"},
		{"ko", "//evil.example/x", "/?lang=en"},
		{"ko", "https://evil.example/x", "/?lang=en"},
		{"ko", "javascript:alert(1)", "/?lang=en"},
	}
	for _, c := range cases {
		doc := show(t, c.lang, Page{URL: c.url})
		if got := attr(find(doc, "a", "class", "lang"), "href"); got != c.want {
			t.Errorf("from %q: %q, want %q", c.url, got, c.want)
		}
	}
}

func TestMenus(t *testing.T) {
	doc := show(t, "ko", Page{Nav: NavTrips, SalesURL: "/sales"})
	if got := text(find(doc, "a", "aria-current", "page")); got != "내 여행" {
		t.Errorf("current: %q", got)
	}
	if find(doc, "a", "href", "/sales") == nil || find(show(t, "ko", Page{}), "a", "href", "/sales") != nil {
		t.Error("special fares are shown without or hidden with an address")
	}
	doc = show(t, "ko", Page{Ops: true, Menu: []Link{{Label: "판매", URL: "/admin/sales", Current: true}}})
	if got := attr(find(doc, "a", "aria-current", "page"), "href"); got != "/admin/sales" {
		t.Errorf("operators' current: %q", got)
	}
	if attr(find(doc, "body", "", ""), "class") != "ops" || find(doc, "a", "href", "/bookings") != nil {
		t.Error("the operators' shell is the customers'")
	}
}

func TestAccount(t *testing.T) {
	out := show(t, "ko", Page{})
	if find(out, "a", "href", "/login") == nil || find(out, "form", "action", "/logout") != nil {
		t.Error("signed out, the header shows the wrong things")
	}
	in := show(t, "ko", Page{Account: Account{SignedIn: true, Name: strings.Repeat("긴이름", 60)}})
	if find(in, "a", "href", "/login") != nil || find(in, "form", "action", "/logout") == nil || find(in, "a", "href", "/admin") != nil {
		t.Error("signed in, the header shows the wrong things")
	}
	operator := show(t, "ko", Page{Account: Account{SignedIn: true, Operator: true}})
	if find(operator, "a", "href", "/admin") == nil {
		t.Error("an operator finds no way to work")
	}
}

func TestFooter(t *testing.T) {
	seller := Seller{Name: "피곤에어(주)", Representative: "홍길동", BusinessNumber: "000-00-00000", MailOrderNumber: "2026-0000", Address: "서울", Phone: "1500-0000", Email: "a@b.test"}
	got := text(find(show(t, "ko", Page{Seller: seller, Demo: true, Legal: []Link{{Label: "약관", URL: "/terms"}}}), "footer", "", ""))
	for _, want := range []string{"피곤에어(주)", "대표 홍길동", "000-00-00000", "2026-0000", "서울", "1500-0000", "a@b.test", "약관", "지어낸"} {
		if !strings.Contains(got, want) {
			t.Errorf("the footer lacks %q: %s", want, got)
		}
	}
	if got := text(find(show(t, "ko", Page{}), "footer", "", "")); got != "" {
		t.Errorf("without particulars the footer says %q", got)
	}
}

func TestShellObeysTheContentSecurityPolicy(t *testing.T) {
	doc := show(t, "ko", Page{Title: "x", Refresh: 5, Toast: "저장했습니다", Account: Account{SignedIn: true}})
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			local := strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "#")
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || ((a.Key == "src" || a.Key == "href") && !local) {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
		if (n.Data == "script" || n.Data == "style") && n.FirstChild != nil {
			t.Errorf("<%s> has content", n.Data)
		}
	}
	if find(doc, "div", "id", "live") == nil || text(find(doc, "div", "id", "toasts")) != "저장했습니다" {
		t.Error("no live region or no toast")
	}
}
