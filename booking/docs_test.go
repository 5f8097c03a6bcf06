package booking

import (
	"os"
	"strings"
	"testing"
)

// TestTransitionsAreDocumented compares Transitions with the table below "## States of a booking" in
// ARCHITECTURE.md, line by line.
func TestTransitionsAreDocumented(t *testing.T) {
	t.Parallel()
	documented := documentedTransitions(t)
	for i, want := range Transitions {
		if i >= len(documented) {
			t.Errorf("ARCHITECTURE.md lacks %+v", want)
			continue
		}
		if documented[i] != want {
			t.Errorf("line %d of the table in ARCHITECTURE.md:\n is %+v\nnot %+v", i+1, documented[i], want)
		}
	}
	for i := len(Transitions); i < len(documented); i++ {
		t.Errorf("ARCHITECTURE.md knows %+v, which states.go does not", documented[i])
	}
}

func documentedTransitions(t *testing.T) []Transition {
	t.Helper()
	content, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(content), "\n## States of a booking\n")
	if !found {
		t.Fatal("ARCHITECTURE.md has no states of a booking")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []Transition
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.HasPrefix(line, "| from |") || strings.HasPrefix(line, "|---") {
			continue
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		if cells[1] == "–" {
			cells[1] = ""
		}
		rows = append(rows, Transition{From: State(cells[1]), To: State(cells[2]), Cause: cells[3], Who: cells[4], Guard: cells[5]})
	}
	return rows
}
