package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pigonair/members"
)

// documents are the Markdown files that people read.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join(top, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			short, err := filepath.Rel(top, name)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(short))
		}
	}
	return names
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)

func TestLinksLeadToFiles(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(top, filepath.Dir(document), m[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", document, m[1], err)
			}
		}
	}
}

var (
	makeCall   = regexp.MustCompile("(?m)(?:`|^    )make ([a-z-]+)")
	makeTarget = regexp.MustCompile(`(?m)^([a-z-]+):`)
)

func TestMakeTargetsExist(t *testing.T) {
	t.Parallel()
	targets := map[string]bool{}
	for _, m := range makeTarget.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[m[1]] = true
	}
	for _, document := range documents(t) {
		for _, m := range makeCall.FindAllStringSubmatch(read(t, document), -1) {
			if !targets[m[1]] {
				t.Errorf("%s says make %s, which the Makefile does not know", document, m[1])
			}
		}
	}
}

func TestReadmeNamesTheLogIns(t *testing.T) {
	t.Parallel()
	text := read(t, "README.md")
	for _, account := range []members.DemoAccount{members.DemoCustomer(), members.DemoOperator()} {
		if !strings.Contains(text, "`"+account.Email+"`") || !strings.Contains(text, "`"+account.Password+"`") {
			t.Errorf("README.md does not name %s and its password", account.Email)
		}
	}
}

// TestLicences wants a line for every module that go.mod requires.
func TestLicences(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, row := range table(t, "docs/licences.md", "## Go modules") {
		for _, module := range quoted(row[0]) {
			known[module] = true
		}
	}
	required := regexp.MustCompile(`(?m)^\t(\S+) v\S+`).FindAllStringSubmatch(read(t, "go.mod"), -1)
	if len(required) == 0 {
		t.Fatal("go.mod requires nothing")
	}
	for _, m := range required {
		if !known[m[1]] {
			t.Errorf("docs/licences.md does not name %s", m[1])
		}
		delete(known, m[1])
	}
	for module := range known {
		t.Errorf("docs/licences.md names %s, which go.mod does not require", module)
	}
}
