package flights_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pigonair/flights"
)

func layouts(t *testing.T) *flights.Layouts {
	t.Helper()
	l, err := flights.LoadLayouts()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func layout(t *testing.T, code string) *flights.Layout {
	t.Helper()
	l, err := layouts(t).Find(code)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLayoutsHaveTheirSeats(t *testing.T) {
	for code, want := range map[string]map[flights.Cabin]int{
		"b738": {flights.Economy: 189},
		"a321": {flights.Business: 8, flights.Economy: 180},
		"a333": {flights.Business: 24, flights.Economy: 258},
		"b77w": {flights.First: 8, flights.Business: 56, flights.Economy: 224},
	} {
		l := layout(t, code)
		if len(l.Cabins) != len(want) {
			t.Errorf("%s has %d cabins, want %d", code, len(l.Cabins), len(want))
		}
		for cabin, n := range want {
			if got := l.SeatCount(cabin); got != n {
				t.Errorf("%s has %d seats to sell in %s, want %d", code, got, cabin, n)
			}
		}
	}
	if _, err := layouts(t).Find("none"); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("Find(none): %v", err)
	}
}

func TestEverySeatIsWhole(t *testing.T) {
	for _, l := range layouts(t).All() {
		seen := map[string]bool{}
		for _, s := range l.Seats() {
			if seen[s.No] || strings.Contains(s.No, "I") || len(s.No) > 3 || s.Grade == "" || !l.HasCabin(s.Cabin) {
				t.Errorf("%s: seat %+v", l.Code, s)
			}
			seen[s.No] = true
		}
	}
}

func TestSeatsKnowWhereTheyAre(t *testing.T) {
	l := layout(t, "b738")
	for no, want := range map[string]flights.Seat{
		"1A":  {Row: 1, Letter: "A", Grade: "legroom", Window: true, PriceAddOn: 12000},
		"7C":  {Row: 7, Letter: "C", Grade: "standard", Aisle: true},
		"7D":  {Row: 7, Letter: "D", Grade: "standard", Aisle: true},
		"15B": {Row: 15, Letter: "B", Grade: "exit", Exit: true, PriceAddOn: 15000},
		"32F": {Row: 32, Letter: "F", Grade: "standard", Window: true},
	} {
		got, err := l.Seat(no)
		if err != nil {
			t.Fatal(err)
		}
		if got.Row != want.Row || got.Letter != want.Letter || got.Grade != want.Grade || got.Window != want.Window ||
			got.Aisle != want.Aisle || got.Exit != want.Exit || got.PriceAddOn != want.PriceAddOn || got.Cabin != flights.Economy {
			t.Errorf("%s is %+v", no, got)
		}
	}
	for _, no := range []string{"1D", "33A", "7I", "", "07A"} {
		if _, err := l.Seat(no); !errors.Is(err, flights.ErrNotFound) {
			t.Errorf("Seat(%q): %v, want ErrNotFound", no, err)
		}
	}
	rest, err := layout(t, "b77w").Seat("53E")
	if err != nil || !rest.Blocked {
		t.Errorf("53E of b77w is %+v, %v; want it blocked", rest, err)
	}
}

func TestRowsShowWhatStandsBetweenSeats(t *testing.T) {
	rows := layout(t, "b738").Cabins[0].Rows
	var signs []flights.CellKind
	for _, c := range rows[0].Cells {
		signs = append(signs, c.Kind)
	}
	want := []flights.CellKind{flights.CellDoor, flights.CellLavatory, flights.CellGap, flights.CellAisle,
		flights.CellGap, flights.CellGalley, flights.CellDoor}
	for i := range want {
		if signs[i] != want[i] {
			t.Fatalf("the first line is %v, want %v", signs, want)
		}
	}
	if rows[0].Number != 0 || rows[1].Number != 1 || rows[1].Exit || !rows[15].Exit {
		t.Errorf("rows are numbered %d, %d; exits %v, %v", rows[0].Number, rows[1].Number, rows[1].Exit, rows[15].Exit)
	}
}

func TestNearest(t *testing.T) {
	l := layout(t, "b738")
	all := func(string) bool { return true }
	for _, c := range []struct {
		want string
		free func(string) bool
		got  string
	}{
		{"7A", all, "6A 7B 8A"},
		{"7A", func(no string) bool { return strings.HasPrefix(no, "7") }, "7B 7C 7F"},
		{"2A", func(no string) bool { return no == "1A" || no == "3A" }, "3A 1A"}, // as near, but cheaper
	} {
		found, err := l.Nearest(c.want, 3, c.free)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range found {
			got = append(got, s.No)
		}
		if strings.Join(got, " ") != c.got {
			t.Errorf("nearest to %s: %v, want %s", c.want, got, c.got)
		}
	}
	wide := layout(t, "b77w")
	found, err := wide.Nearest("1A", 500, all)
	if err != nil || len(found) != 7 {
		t.Errorf("first class near 1A: %d seats, %v; want the 7 others of the cabin", len(found), err)
	}
	if found, _ := wide.Nearest("53A", 500, all); len(found) != 223 {
		t.Errorf("economy near 53A: %d seats, want 223: blocked ones are none", len(found))
	}
	if _, err := l.Nearest("99Z", 1, all); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("nearest to a seat that is not there: %v", err)
	}
}

func TestParseLayoutSaysWhatIsWrong(t *testing.T) {
	const head = "code x\naircraft X\nname 가 | X\ngrade s standard 0\n"
	const cabin = head + "cabin economy\ncolumns ABC DEF\n"
	for name, c := range map[string]struct{ text, fault string }{
		"letter I":        {head + "cabin economy\ncolumns HIJ\n1 sss", "x.txt:6: letter 'I'"},
		"letter twice":    {head + "cabin economy\ncolumns AA\n1 ss", "twice"},
		"too short":       {cabin + "1 ss sss", `x.txt:7: "ss sss" has 6 places, columns "ABC DEF" has 7`},
		"aisle elsewhere": {cabin + "1 ss ssss", "aisles elsewhere"},
		"unknown grade":   {cabin + "1 ssx sss", "no grade has the symbol 'x'"},
		"row again":       {cabin + "1-3 sss sss\n3 sss sss", "row 3: it comes after row 3"},
		"rows backwards":  {cabin + "3-1 sss sss", "backwards"},
		"cabin unknown":   {head + "cabin steerage", "want economy, business or first"},
		"cabin twice":     {cabin + "1 sss sss\ncabin economy", "twice"},
		"row first":       {head + "1 sss sss", "needs cabin and columns"},
		"columns first":   {head + "columns ABC", "before the first cabin"},
		"columns twice":   {cabin + "columns AB", "twice in one cabin"},
		"equipment":       {cabin + "- LLL XXX", "want G for a galley"},
		"grade twice":     {head + "grade s other 0", "twice"},
		"grade symbol":    {head + "grade SS other 0", "one small letter"},
		"grade add-on":    {head + "grade t other free", "want won"},
		"grade word":      {head + "grade t other 0 soft", "neither exit nor blocked"},
		"grade short":     {head + "grade t other", "symbol, name, add-on"},
		"word":            {"colour red", "x.txt:1: unknown word"},
		"no name":         {"code x\naircraft X", "name (Korean | English)"},
		"no cabin":        {head, "there is no cabin"},
		"no seats":        {cabin + "- LLL GGG", "has no seats"},
	} {
		if _, err := flights.ParseLayout("x.txt", c.text); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want a fault with %q", name, err, c.fault)
		}
	}
}

func TestLayoutsWithOneMore(t *testing.T) {
	const text = "code big\naircraft Big\nname 큰 | Big\ngrade s standard 0\ncabin economy\ncolumns ABC DEF\n1-9999 sss sss\n"
	big, err := flights.ParseLayout("big.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	known := layouts(t)
	more := known.With(big)
	if found, err := more.Find("big"); err != nil || found.SeatCount(flights.Economy) != 59994 {
		t.Errorf("big: %v", err)
	}
	if _, err := known.Find("big"); err == nil || len(more.All()) != len(known.All())+1 {
		t.Error("the known layouts have changed")
	}
}

func TestLayoutsOfAFolder(t *testing.T) {
	const text = "code b738\naircraft Mine\nname 내 | Mine\ngrade s standard 0\ncabin economy\ncolumns AB\n1 ss\n"
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("mine.txt", text)
	write("notes.md", "no layout")
	mine, err := flights.LoadLayoutsWith(folder)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := mine.Find("b738"); err != nil || l.Aircraft != "Mine" || len(mine.All()) != len(layouts(t).All()) {
		t.Errorf("%+v, %v", l, err)
	}
	write("wrong.txt", "colour red")
	if _, err := flights.LoadLayoutsWith(folder); err == nil || !strings.Contains(err.Error(), "wrong.txt:1") {
		t.Errorf("a wrong file: %v", err)
	}
	if _, err := flights.LoadLayoutsWith(filepath.Join(folder, "none")); err == nil {
		t.Error("a folder that is not there was taken")
	}
}
