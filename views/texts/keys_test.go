package texts

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dynamicPrefixes are the beginnings of keys that the program puts together
// while it runs; every key below them counts as used.
var dynamicPrefixes = []string{
	"booking.event_", // by the kind of what happened
	"error.",         // by the stable code of an error
	"booking.state_", // by the state of a booking
	"booking.ended_",
	"booking.event_", // by the kind of what happened
	"seats.grade_",   // by the kind of seat in a layout
	"pay.returned_",  // by what became of a payment
	"pay.reason_",    // by the gateway's reason of refusal
}

var (
	literal = regexp.MustCompile("\"([a-z][a-z0-9_]*(?:\\.[A-Za-z0-9_]+)+\\.?)\"")
	called  = regexp.MustCompile(`texts\.T\(\s*[\w.()]+,\s*"([^"]+)"`)
)

func TestLanguagesHaveTheSameKeys(t *testing.T) {
	c := catalogue(t)
	for key, ko := range c.locales[Korean].messages {
		en, ok := c.locales[English].messages[key]
		if !ok {
			t.Errorf("%s has no English text", key)
			continue
		}
		// Each language chooses among the parts of a date.
		if !strings.HasPrefix(key, "format.") && !en.plural && !ko.plural && !slices.Equal(names(ko), names(en)) {
			t.Errorf("%s: placeholders %v in Korean, %v in English", key, names(ko), names(en))
		}
	}
	for key := range c.locales[English].messages {
		if _, ok := c.locales[Korean].messages[key]; !ok {
			t.Errorf("%s has no Korean text", key)
		}
	}
}

func TestCatalogueFilesComeInPairs(t *testing.T) {
	for _, lang := range Languages() {
		found, err := filepath.Glob(lang + ".*.toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			for _, other := range Languages() {
				if _, err := os.Stat(other + strings.TrimPrefix(name, lang)); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestEveryUsedKeyExists(t *testing.T) {
	messages := catalogue(t).locales[Korean].messages
	areas := map[string]bool{}
	for key := range messages {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	eachSource(t, func(path, src string) {
		wanted := called.FindAllStringSubmatch(src, -1)
		if strings.HasPrefix(path, "views/") || strings.HasPrefix(path, "handlers/") {
			for _, m := range literal.FindAllStringSubmatch(src, -1) {
				if area, _, _ := strings.Cut(m[1], "."); areas[area] {
					wanted = append(wanted, m)
				}
			}
		}
		for _, m := range wanted {
			_, ok := messages[m[1]]
			if !ok && !slices.Contains(dynamicPrefixes, m[1]) {
				t.Errorf("%s uses %q, which no catalogue has", path, m[1])
			}
		}
	})
}

func TestEveryKeyIsUsed(t *testing.T) {
	used := map[string]bool{}
	eachSource(t, func(_, src string) {
		for _, m := range literal.FindAllStringSubmatch(src, -1) {
			used[m[1]] = true
		}
	})
	for key := range catalogue(t).locales[Korean].messages {
		dynamic := slices.ContainsFunc(dynamicPrefixes, func(p string) bool { return strings.HasPrefix(key, p) })
		if !used[key] && !dynamic {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

// eachSource gives every hand-written source of the program but tests.
func eachSource(t *testing.T, do func(path, src string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "tools") {
				return fs.SkipDir
			}
			return nil
		}
		source := strings.HasSuffix(path, ".templ") || strings.HasSuffix(path, ".go")
		if !source || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		do(filepath.ToSlash(rel), string(src))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func names(m message) []string {
	found := []string{}
	for _, p := range m.filled {
		if p.name != "" && !slices.Contains(found, p.name) {
			found = append(found, p.name)
		}
	}
	slices.Sort(found)
	return found
}

func catalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
