package flights

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// LoadLayouts reads the cabin layouts that come with the program.
func LoadLayouts() (*Layouts, error) { return LoadLayoutsWith("") }

// LoadLayoutsWith reads the layouts that come with the program and every *.txt of a folder, where a layout
// replaces one of the same code. Without a folder it is LoadLayouts.
func LoadLayoutsWith(folder string) (*Layouts, error) {
	all := &Layouts{byCode: map[string]*Layout{}}
	faults := []error{all.read(data, "data/layouts/*.txt")}
	if folder != "" {
		if _, err := os.Stat(folder); err != nil {
			return nil, fmt.Errorf("flights: reading layouts: %w", err)
		}
		faults = append(faults, all.read(os.DirFS(folder), "*.txt"))
	}
	all.codes = slices.Sorted(maps.Keys(all.byCode))
	return all, errors.Join(faults...)
}

// read adds the layouts in the files of a pattern.
func (l *Layouts) read(files fs.FS, pattern string) error {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return fmt.Errorf("flights: reading layouts: %w", err)
	}
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("flights: reading layouts: %w", err)
		}
		layout, err := ParseLayout(path.Base(name), string(text))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		l.byCode[layout.Code] = layout
	}
	return errors.Join(faults...)
}

// ParseLayout reads a layout. A file is read line by line; # begins a remark. First come
//
//	code      b738
//	aircraft  B737-800
//	name      보잉 737-800 | Boeing 737-800
//	grade x   exit 15000 exit
//
// where a grade has a symbol (a small letter), a name, its add-on in won, and "exit" or "blocked" if it is
// beside an exit or never sold. Then, for each cabin from the front,
//
//	cabin     economy
//	columns   ABC DEF
//	-         DL. .GD
//	1-14      sss sss
//
// columns gives the letters across; a space is an aisle. Every line below has one sign for each letter and
// a space for each aisle: grade symbols, or . for nothing there. A line that starts with row numbers has
// seats; one that starts with - has none, but G for a galley, L for a lavatory, D for a door.
//
// The error names the file, the line and what was expected.
func ParseLayout(file, text string) (*Layout, error) {
	p := &layoutParser{layout: &Layout{index: map[string]int{}, counts: map[Cabin]int{}}}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("flights: layout %s:%d: %w", file, i+1, err)
		}
	}
	if err := p.complete(); err != nil {
		return nil, fmt.Errorf("flights: layout %s: %w", file, err)
	}
	return p.layout, nil
}

type layoutParser struct {
	layout  *Layout
	cabin   *CabinPlan
	columns string // of the present cabin, as written
	lines   int    // of all cabins so far
}

var rowNumbers = regexp.MustCompile(`^([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?$`)

func (p *layoutParser) line(line string) error {
	key, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case key == "code":
		p.layout.Code = rest
	case key == "aircraft":
		p.layout.Aircraft = rest
	case key == "name":
		ko, en, _ := strings.Cut(rest, "|")
		p.layout.Name = Name{Ko: strings.TrimSpace(ko), En: strings.TrimSpace(en)}
	case key == "grade":
		return p.grade(strings.Fields(rest))
	case key == "cabin":
		return p.startCabin(Cabin(rest))
	case key == "columns":
		return p.setColumns(rest)
	case key == "-":
		return p.equipment(rest)
	case rowNumbers.MatchString(key):
		return p.rows(rowNumbers.FindStringSubmatch(key), rest)
	default:
		return fmt.Errorf("unknown word %q", key)
	}
	return nil
}

func (p *layoutParser) grade(fields []string) error {
	if len(fields) < 3 || len(fields) > 4 {
		return errors.New("a grade needs symbol, name, add-on, and may have exit or blocked")
	}
	symbol := fields[0]
	if len(symbol) != 1 || symbol[0] < 'a' || symbol[0] > 'z' {
		return fmt.Errorf("grade symbol %q: want one small letter", symbol)
	}
	if _, known := p.gradeOf(symbol[0]); known {
		return fmt.Errorf("grade symbol %q stands there twice", symbol)
	}
	addOn, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || addOn < 0 {
		return fmt.Errorf("add-on %q: want won, 0 or more", fields[2])
	}
	g := Grade{Name: fields[1], PriceAddOn: addOn, symbol: symbol[0]}
	if len(fields) == 4 {
		g.Exit, g.Blocked = fields[3] == "exit", fields[3] == "blocked"
		if !g.Exit && !g.Blocked {
			return fmt.Errorf("grade %s: %q is neither exit nor blocked", g.Name, fields[3])
		}
	}
	p.layout.Grades = append(p.layout.Grades, g)
	return nil
}

func (p *layoutParser) gradeOf(symbol byte) (Grade, bool) {
	for _, g := range p.layout.Grades {
		if g.symbol == symbol {
			return g, true
		}
	}
	return Grade{}, false
}

func (p *layoutParser) startCabin(c Cabin) error {
	if !c.Valid() {
		return fmt.Errorf("cabin %q: want economy, business or first", c)
	}
	if p.layout.HasCabin(c) {
		return fmt.Errorf("cabin %s stands there twice", c)
	}
	p.layout.Cabins = append(p.layout.Cabins, CabinPlan{Cabin: c})
	p.cabin, p.columns = &p.layout.Cabins[len(p.layout.Cabins)-1], ""
	return nil
}

func (p *layoutParser) setColumns(letters string) error {
	switch {
	case p.cabin == nil:
		return errors.New("columns before the first cabin")
	case p.columns != "":
		return errors.New("columns stands there twice in one cabin")
	}
	seen := map[rune]bool{}
	for _, c := range letters {
		if c == ' ' {
			p.cabin.Columns = append(p.cabin.Columns, Column{Aisle: true})
			continue
		}
		if c < 'A' || c > 'Z' || c == 'I' {
			return fmt.Errorf("letter %q: want A to Z without I, which is read as 1", c)
		}
		if seen[c] {
			return fmt.Errorf("letter %q stands there twice", c)
		}
		seen[c] = true
		p.cabin.Columns = append(p.cabin.Columns, Column{Letter: string(c)})
	}
	p.columns = letters
	return nil
}

// fits checks that a line has a sign under each letter and a space under each aisle.
func (p *layoutParser) fits(cells string) error {
	switch {
	case p.columns == "":
		return errors.New("a row needs cabin and columns before it")
	case len(cells) != len(p.columns):
		return fmt.Errorf("%q has %d places, columns %q has %d", cells, len(cells), p.columns, len(p.columns))
	}
	for i := range len(cells) {
		if (cells[i] == ' ') != (p.columns[i] == ' ') {
			return fmt.Errorf("%q has its aisles elsewhere than columns %q", cells, p.columns)
		}
	}
	return nil
}

func (p *layoutParser) complete() error {
	l := p.layout
	switch {
	case l.Code == "" || l.Aircraft == "" || !l.Name.complete():
		return errors.New("code, aircraft and name (Korean | English) are needed")
	case len(l.Cabins) == 0:
		return errors.New("there is no cabin")
	}
	for _, c := range l.Cabins {
		if l.SeatCount(c.Cabin) == 0 {
			return fmt.Errorf("cabin %s has no seats", c.Cabin)
		}
	}
	return nil
}
