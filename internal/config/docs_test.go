package config

import (
	"os"
	"strings"
	"testing"
)

// documentation is where people read about the settings.
const documentation = "../../docs/configuration.md"

// documented reads the table rows that begin with a flag: by flag, the other cells.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	content, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(content)) {
		if !strings.HasPrefix(line, "| `--") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		names := strings.Split(cells[0], "`")
		if len(cells) != 4 || len(names) != 5 {
			t.Errorf("not a row of flag and variable, default, needed, reason: %s", line)
			continue
		}
		flag := strings.TrimPrefix(names[1], "--")
		if names[3] != EnvName(flag) {
			t.Errorf("--%s stands beside %s", flag, names[3])
		}
		rows[flag] = cells[1:]
	}
	return rows
}

func TestEverySettingIsDocumentedWithItsDefault(t *testing.T) {
	t.Parallel()
	rows := documented(t)
	for _, s := range settings {
		row, found := rows[s.name]
		if !found {
			t.Errorf("%s does not document --%s", documentation, s.name)
			continue
		}
		delete(rows, s.name)
		want := "`" + s.def + "`"
		if s.def == "" {
			want = "–"
		}
		if got := strings.TrimSpace(row[0]); got != want {
			t.Errorf("--%s: documented default %s, real one %s", s.name, got, want)
		}
		if strings.TrimSpace(row[2]) == "" {
			t.Errorf("--%s has no reason", s.name)
		}
	}
	for name := range rows {
		t.Errorf("%s documents --%s, which does not exist", documentation, name)
	}
}

func TestDocumentedNeedsAreReal(t *testing.T) {
	t.Parallel()
	err := Config{Mode: Production}.CheckServing()
	if err == nil {
		t.Fatal("an empty configuration may serve")
	}
	for name, row := range documented(t) {
		said := strings.TrimSpace(row[1]) == "yes"
		if said != strings.Contains(err.Error(), EnvName(name)+": is empty") {
			t.Errorf("--%s: documented as needed: %t, %s", name, said, err)
		}
	}
}
