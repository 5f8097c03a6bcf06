package architecture

import (
	"go/parser"
	"maps"
	"slices"
	"strings"
	"testing"
)

// layer is how high a package stands: it may import what stands lower or beside it, never what stands above.
type layer int

const (
	storage layer = iota // the schema and its queries
	screen               // pages and their files: know no SQL and no rules
	domain               // rules: know neither HTTP nor pages
	web                  // HTTP in, view out
	command              // wiring
)

// layerOf places a package. Whatever is not named here is a domain package.
func layerOf(pkg string) layer {
	first, _, _ := strings.Cut(pkg, "/")
	switch first {
	case "cmd", "lab":
		return command
	case "handlers":
		return web
	case "views", "static":
		return screen
	case "db":
		return storage
	}
	return domain
}

// speakHTTP are the domain packages for which HTTP is the subject: the gateway's client, and package payment,
// which hands a webhook's headers on to it.
var speakHTTP = []string{"payment", "payment/portone"}

// forbidden tells why a package of the program must not import a path; empty when it may.
func forbidden(pkg, path string) string {
	from, helper := layerOf(pkg), strings.HasPrefix(pkg, "internal/")
	own, ours := strings.CutPrefix(path, module)
	switch {
	case ours && layerOf(own) > from:
		return "the arrow points upwards"
	case ours && from == domain && layerOf(own) == screen:
		return "rules know no pages"
	case from == screen && (own == "db" || path == "database/sql" || ours && layerOf(own) != screen):
		return "views know no SQL and no rules"
	case from == domain && !helper && path == "net/http" && !slices.Contains(speakHTTP, pkg):
		return "rules know no HTTP"
	case from < web && from != screen && !helper && strings.HasPrefix(path, "github.com/a-h/templ"):
		return "only views and handlers know templ"
	case from == web && path == "database/sql":
		return "handlers leave SQL to the domain packages"
	}
	return ""
}

func TestArrowsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, f := range program(t, parser.ImportsOnly) {
		for _, path := range f.imports(t) {
			if why := forbidden(f.pkg, path); why != "" {
				t.Errorf("%s imports %s: %s", f.pkg, path, why)
			}
		}
	}
}

func TestTheRulesRefuseWhatTheyShould(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pkg, path string }{
		{"db", "pigonair/booking"}, {"booking", "pigonair/handlers"}, {"booking", "net/http"}, {"sales", "pigonair/views/texts"},
		{"ticketing", "github.com/a-h/templ"}, {"views/seats", "database/sql"}, {"views/seats", "pigonair/db"},
		{"views/layout", "pigonair/members"}, {"handlers", "pigonair/cmd/pigonair"}, {"handlers", "database/sql"},
	} {
		if forbidden(c.pkg, c.path) == "" {
			t.Errorf("%s may import %s", c.pkg, c.path)
		}
	}
}

// groups are the words that stand for many packages in the table of ARCHITECTURE.md.
var groups = map[string]func(string) bool{
	"everything":      func(string) bool { return true },
	"domain packages": func(pkg string) bool { return layerOf(pkg) == domain && !strings.HasPrefix(pkg, "internal/") },
	"views":           func(pkg string) bool { return strings.HasPrefix(pkg, "views/") },
}

// TestPackageTable holds the table of packages in ARCHITECTURE.md against what the packages import: an import
// that the table does not name is an arrow that nobody decided on.
func TestPackageTable(t *testing.T) {
	t.Parallel()
	real := ownImports(t)
	named := map[string][]string{}
	for _, row := range table(t, "ARCHITECTURE.md", "## Packages") {
		for _, pkg := range quoted(row[0]) {
			named[pkg] = slices.Concat(quoted(row[2]), wordsOf(row[2]))
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(real)) {
		comparePackage(t, rowOf(pkg), real[pkg], named)
	}
	for pkg, allowed := range named {
		checkRow(t, pkg, allowed, real)
	}
}

// rowOf is the row of the table that speaks of a package: all of views are one row.
func rowOf(pkg string) string {
	if strings.HasPrefix(pkg, "views/") {
		return "views"
	}
	return pkg
}

// wordsOf lists the groups that a cell names.
func wordsOf(cell string) []string {
	var words []string
	for word := range groups {
		if strings.Contains(cell, word) {
			words = append(words, word)
		}
	}
	return words
}

// ownImports maps each package of the program to those of ours that it imports. Folders inside a package, such
// as ticketing/internal, belong to it.
func ownImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	for _, f := range program(t, parser.ImportsOnly) {
		pkg := f.pkg
		if _, found := imports[pkg]; !found {
			imports[pkg] = nil
		}
		for _, path := range f.imports(t) {
			own, ours := strings.CutPrefix(path, module)
			if ours && !strings.HasPrefix(own, pkg+"/internal/") && !slices.Contains(imports[pkg], own) {
				imports[pkg] = append(imports[pkg], own)
			}
		}
	}
	delete(imports, ".")
	maps.DeleteFunc(imports, func(pkg string, _ []string) bool {
		return strings.Contains(strings.TrimPrefix(pkg, "internal/"), "/internal/") || strings.HasPrefix(pkg, "internal/localservers/")
	})
	return imports
}

func comparePackage(t *testing.T, pkg string, imports []string, named map[string][]string) {
	t.Helper()
	allowed, found := named[pkg]
	if !found {
		t.Errorf("ARCHITECTURE.md has no row for package %s", pkg)
		return
	}
	for _, own := range imports {
		if rowOf(own) == pkg || strings.HasPrefix(own, "internal/localservers/") {
			continue
		}
		if !slices.Contains(allowed, own) && !slices.ContainsFunc(allowed, func(word string) bool { return groups[word] != nil && groups[word](own) }) {
			t.Errorf("%s imports %s, which its row in ARCHITECTURE.md does not name", pkg, own)
		}
	}
}

// checkRow finds rows and words that nothing in the program answers to any more.
func checkRow(t *testing.T, pkg string, allowed []string, real map[string][]string) {
	t.Helper()
	var imports []string
	for p, list := range real {
		if rowOf(p) == pkg {
			imports = append(imports, list...)
		}
	}
	if _, found := real[pkg]; !found && imports == nil {
		t.Errorf("ARCHITECTURE.md names package %s, which does not exist", pkg)
	}
	for _, word := range allowed {
		if groups[word] == nil && !slices.Contains(imports, word) {
			t.Errorf("ARCHITECTURE.md lets %s import %s, which it does not", pkg, word)
		}
	}
}
