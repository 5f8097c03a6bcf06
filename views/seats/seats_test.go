package seats

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"pigonair/views/texts"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, lang string, c templ.Component) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(texts.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parse(t *testing.T, page []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
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

// sample is a page with one seat in each state, an exit row, a gap, and two aisles.
func sample(lang string) Page {
	s := NewSpeaker(texts.WithLang(context.Background(), lang))
	seat := func(no, letter, state string, addOn int64) Cell {
		facts := SeatFacts{No: no, Window: letter == "A", Aisle: letter == "B", Exit: addOn == 15000, Grade: "standard", AddOn: addOn, State: state}
		return Cell{Seat: Seat{No: no, Letter: letter, State: state, AddOn: addOn, Checked: true, Words: s.Words(facts)}}
	}
	number, aisle, gap := Cell{Kind: NumberCell}, Cell{Kind: AisleCell}, Cell{Kind: GapCell}
	cabin := Cabin{Name: "일반석", Wide: true, Costs: []int64{31600, 58900}, Columns: []Column{{Letter: "A"}, {Letter: "B"}, {}, {Letter: "C"}, {}, {Letter: "D"}},
		Rows: []Row{
			{Blocks: []string{"문", "주방", ""}},
			{Number: 1, Band: s.Band("standard", 0), Cells: []Cell{seat("1A", "A", "available", 0), seat("1B", "B", "held", 0), number, seat("1C", "C", "sold", 9000), aisle, gap}},
			{Number: 2, Exit: true, Cells: []Cell{seat("2A", "A", "available", 15000), seat("2B", "B", "blocked", 0), number, seat("2C", "C", "yours", 0), aisle, gap}},
		}}
	return Page{Flight: "ZP101-20261224", Max: 9, Key: "K", Live: Live{URL: "/flights/ZP101-20261224/seats", ETag: `"tag"`}, Map: Map{Cabins: []Cabin{cabin}},
		Auto: &Auto{Cabin: "economy", Fare: "special", Party: Party{Adults: 1}, Total: 31600, Key: "A"}}
}

func TestMapGolden(t *testing.T) {
	for _, lang := range texts.Languages() {
		file := filepath.Join("testdata", "map."+lang+".html")
		got := render(t, lang, MapPart(sample(lang)))
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s (run with -update if this is meant):\n got %s\nwant %s", file, got, want)
		}
	}
}

func TestEachSeatIsMarkedOnceAndOnlyFreeOnesCanBeTicked(t *testing.T) {
	doc := parse(t, render(t, texts.Korean, Choose(sample(texts.Korean))))
	for no, state := range map[string]string{"1A": "available", "1B": "held", "1C": "sold", "2A": "available", "2B": "blocked", "2C": "yours"} {
		seats := all(doc, "data-seat", no)
		if len(seats) != 1 {
			t.Fatalf("%s is marked on %d elements", no, len(seats))
		}
		if got, _ := attr(seats[0], "data-state"); got != state {
			t.Errorf("%s is %s, want %s", no, got, state)
		}
		box := all(seats[0], "type", "checkbox")[0]
		_, disabled := attr(box, "disabled")
		_, checked := attr(box, "checked")
		if free := state == "available"; disabled == free || checked != free {
			t.Errorf("%s (%s): disabled %t, checked %t", no, state, disabled, checked)
		}
		if value, _ := attr(box, "value"); value != "ZP101-20261224:"+no {
			t.Errorf("%s sends %q", no, value)
		}
	}
	if price, _ := attr(all(doc, "data-seat", "2A")[0], "data-price"); price != "15000" {
		t.Errorf("2A adds %s", price)
	}
}

// Without a party the form sends seats and a key: one adult per seat, and no total, which the ticked seats decide.
func TestPlainFormSendsSeatsAlone(t *testing.T) {
	doc := parse(t, render(t, texts.English, Choose(sample(texts.English))))
	form := all(doc, "data-seats", "")[0]
	for _, name := range []string{"adults", "total", "fare"} {
		if n := len(all(form, "name", name)); n != 0 {
			t.Errorf("%d fields %s", n, name)
		}
	}
	if n := len(all(form, "name", "key")); n != 1 {
		t.Errorf("%d keys", n)
	}
	actions := all(doc, "data-action", "")
	if len(actions) != 1 {
		t.Fatalf("%d marked buttons, want the form's alone", len(actions))
	}
	if action, _ := attr(actions[0], "data-action"); action != "hold" || actions[0].Parent == nil {
		t.Errorf("the button does %q", action)
	}
}

func TestRoundTripCarriesTheFirstChoice(t *testing.T) {
	p := sample(texts.Korean)
	p.Party, p.Auto = &Party{Adults: 2}, nil
	p.Fares = []string{"ZP101-20261224:special", "ZP102-20261226:standard"}

	first := p
	first.Later = "ZP102-20261226"
	form := all(parse(t, render(t, texts.Korean, Choose(first))), "data-seats", "")[0]
	if action, _ := attr(form, "action"); action != "/flights/ZP102-20261226/seats" {
		t.Errorf("the first map leads to %s", action)
	}
	if method, _ := attr(form, "method"); method != "get" {
		t.Errorf("the first map is sent by %s", method)
	}

	second := p
	second.Earlier = &Earlier{Flight: "ZP100-20261223", Seats: []string{"9A", "9B"}, Cost: 63200}
	form = all(parse(t, render(t, texts.Korean, Choose(second))), "data-seats", "")[0]
	if before, _ := attr(form, "data-before"); before != "63200" {
		t.Errorf("the first flight costs %s", before)
	}
	if n := len(all(form, "value", "ZP100-20261223:9A")) + len(all(form, "value", "ZP100-20261223:9B")); n != 2 {
		t.Errorf("%d of 2 seats are carried", n)
	}
	if n := len(all(form, "name", "fare")); n != 2 {
		t.Errorf("%d fares are carried", n)
	}
}

func TestClosedFlightShowsNoForm(t *testing.T) {
	p := sample(texts.Korean)
	p.Closed = true
	page := string(render(t, texts.Korean, Choose(p)))
	if strings.Contains(page, "<form") {
		t.Error("a closed flight has a form")
	}
}
