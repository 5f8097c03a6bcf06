package search

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"pigonair/views/components"
	"pigonair/views/texts"
)

const hostile = `<script>alert("1")</script>`

func render(t *testing.T, lang string, c templ.Component) *html.Node {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(texts.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), hostile) {
		t.Errorf("what was typed stands in the page as it is: %s", b.String())
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// all are the elements that carry an attribute, with any value where value is empty.
func all(doc *html.Node, key, value string) []*html.Node {
	var out []*html.Node
	for n := range doc.Descendants() {
		if got, ok := attr(n, key); ok && (value == "" || got == value) {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// fields are the values that a form sends by its hidden fields.
func fields(form *html.Node) map[string]string {
	out := map[string]string{}
	for _, n := range all(form, "type", "hidden") {
		name, _ := attr(n, "name")
		out[name], _ = attr(n, "value")
	}
	return out
}

func sampleLeg() components.LegSpec {
	at := time.Date(2026, 12, 24, 23, 15, 0, 0, time.FixedZone("KST", 9*3600))
	return components.LegSpec{From: components.Place{Code: "GMP", Name: "김포"}, To: components.Place{Code: "CJU", Name: "제주"},
		Depart: at, Arrive: at.Add(70 * time.Minute), Duration: 70 * time.Minute, Flight: "ZP101"}
}

func sampleResults() Results {
	row := Row{ID: "ZP101-20261224", Leg: sampleLeg(), Aircraft: "B737-800", Fare: "특가", Kind: components.Sale, Price: 31600,
		PartyTotal: 63200, Left: 4, URL: "/flights/ZP101-20261224?adults=2",
		Lines: []components.Line{{Label: "항공운임", Amount: 9900}, {Label: "총액", Amount: 31600, Sum: true}}}
	gone := Row{ID: "ZP103-20261224", Leg: sampleLeg(), Aircraft: "B737-800", SoldOut: true}
	return Results{Finder: Finder{Party: Party{Adults: 2}}, From: row.Leg.From, To: row.Leg.To, Depart: row.Leg.Depart, Cabin: "일반석", Way: OneWay,
		Total: 2, Rows: []Row{row, gone}}
}

func TestRowsCarryTheirMarks(t *testing.T) {
	doc := render(t, texts.Korean, List(sampleResults()))
	rows := all(doc, "data-flight", "")
	if len(rows) != 1 {
		t.Fatalf("%d rows can be bought, want 1: what is sold out carries no mark", len(rows))
	}
	if price, _ := attr(rows[0], "data-price"); price != "31600" {
		t.Errorf("data-price is %q", price)
	}
	shown := words(rows[0])
	for _, want := range []string{"23:15", "00:25", "+1", "1시간 10분", "ZP101", "B737-800", "특가", "4석 남음", "31,600원", "63,200원", "항공운임"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in %q", want, shown)
		}
	}
}

func TestFinderKeepsWhatWasTyped(t *testing.T) {
	f := Finder{From: hostile, To: strings.Repeat("가", 200), Depart: "2020-01-01", Party: Party{Adults: 1},
		Faults: []components.Fault{{ID: "from", Message: "어디?"}, {ID: "infants", Message: "너무 많음"}}}
	doc := render(t, texts.Korean, Refused(f))
	from := all(doc, "id", "from")
	if value, _ := attr(from[0], "value"); value != hostile {
		t.Errorf("from holds %q", value)
	}
	if invalid, _ := attr(from[0], "aria-invalid"); invalid != "true" {
		t.Error("the field does not say that it is wrong")
	}
	if links := all(doc, "href", "#infants"); len(links) != 1 {
		t.Errorf("%d links lead to the field", len(links))
	}
	for _, details := range all(doc, "class", "more") {
		if _, open := attr(details, "open"); !open {
			t.Error("a fault is folded away")
		}
	}
	if buttons := all(doc, "data-action", "search"); len(buttons) != 1 {
		t.Errorf("%d buttons search", len(buttons))
	}
}

func sampleFlight() Flight {
	fare := Fare{Code: "special", Name: "특가", Price: 31600, PartyTotal: 63200, Enough: true, SeatsURL: "/flights/ZP101-20261224/seats?fare=special"}
	return Flight{ID: "ZP101-20261224", Leg: sampleLeg(), Party: Party{Adults: 2}, Key: "ABCDEFGHIJKLMNOP",
		Cabins: []FareCabin{{Code: "economy", Name: "일반석", Fares: []Fare{fare}}}}
}

func TestFareCanBeHeldInOneTap(t *testing.T) {
	doc := render(t, texts.Korean, Detail(sampleFlight()))
	forms := all(doc, "action", "/holds")
	if len(forms) != 1 {
		t.Fatalf("%d forms hold", len(forms))
	}
	want := map[string]string{"seat": "ZP101-20261224:auto", "fare": "ZP101-20261224:special", "cabin": "economy", "adults": "2", "children": "0",
		"infants": "0", "total": "63200", "key": "ABCDEFGHIJKLMNOP-special"}
	for name, value := range want {
		if got := fields(forms[0])[name]; got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

func TestFlightThatCannotBeBoughtOffersNoForm(t *testing.T) {
	for name, change := range map[string]func(*Flight){
		"cancelled":     func(f *Flight) { f.Cancelled = true },
		"closed":        func(f *Flight) { f.Closed = true },
		"line first":    func(f *Flight) { f.SaleURL = "/sales/jeju" },
		"too few seats": func(f *Flight) { f.Cabins[0].Fares[0].Enough = false },
	} {
		f := sampleFlight()
		change(&f)
		doc := render(t, texts.English, Detail(f))
		if forms := all(doc, "action", "/holds"); len(forms) != 0 {
			t.Errorf("%s: %d forms hold", name, len(forms))
		}
		if links := all(doc, "href", f.SaleURL); f.SaleURL != "" && len(links) != 1 {
			t.Errorf("%s: %d links lead to the sale", name, len(links))
		}
	}
}

func TestRoundTripIsOneBooking(t *testing.T) {
	out, back := sampleFlight(), sampleFlight()
	back.ID = "ZP102-20261226"
	trip := Trip{Legs: []Flight{out, back}, Cabin: "economy", Party: Party{Adults: 2}, Total: 126400, Key: "k", SeatsURL: "/flights/ZP101-20261224/seats",
		Choices: [][]FareChoice{{{Value: "ZP101-20261224:special", Label: "특가", Total: 63200}}, {{Value: "ZP102-20261226:special", Label: "특가", Total: 63200}}}}
	doc := render(t, texts.Korean, RoundTrip(trip))
	forms := all(doc, "action", "/holds")
	if len(forms) != 1 || len(all(forms[0], "name", "seat")) != 2 || len(all(forms[0], "name", "fare")) != 2 {
		t.Fatal("not one form with two seats and two fares")
	}
	trip.Legs[1].SaleURL = "/sales/jeju"
	doc = render(t, texts.Korean, RoundTrip(trip))
	if forms := all(doc, "action", "/holds"); len(forms) != 0 {
		t.Error("a flight sold in line is offered without the line")
	}
}

func TestFeesInWords(t *testing.T) {
	ctx := texts.WithLang(context.Background(), texts.English)
	until := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for want, fees := range map[string]Fees{
		"Free to cancel until departure":                              {FreeUntil: until},
		"Free to cancel before Tue 1 Dec, 00:00, then ₩3,000":         {FreeUntil: until, Least: 3000, Most: 3000},
		"Free to cancel before Tue 1 Dec, 00:00, then ₩3,000–₩10,000": {FreeUntil: until, Least: 3000, Most: 10000},
		"Cancelling costs ₩10,000":                                    {Least: 10000, Most: 10000},
	} {
		if got := fees.words(ctx); got != want {
			t.Errorf("%+v is %q, want %q", fees, got, want)
		}
	}
}
