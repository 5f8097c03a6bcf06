// Package architecture holds no code: its tests compare what ARCHITECTURE.md and the other documents say with
// the program as it is.
package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// top is the root of the repository as seen from this package's folder.
const top = "../.."

// module is the prefix of our own packages' import paths.
const module = "pigonair/"

// sourceFile is one parsed Go file that is part of the program: tests are not.
type sourceFile struct {
	pkg string // folder below the root, such as "views/layout"
	*ast.File
}

// imports are the paths that a file imports.
func (f sourceFile) imports(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// program parses every file of the program. A file that does not parse fails the test.
func program(t *testing.T, mode parser.Mode) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipped(name, entry)
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, mode|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(top, filepath.Dir(name))
		if err != nil {
			return err
		}
		files = append(files, sourceFile{filepath.ToSlash(folder), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// skipped leaves out what is no part of the program: hidden folders, built things, and the module of the tools.
func skipped(name string, entry fs.DirEntry) error {
	hidden := strings.HasPrefix(entry.Name(), ".") && name != top
	if hidden || slices.Contains([]string{"bin", "tools", "testdata"}, entry.Name()) {
		return filepath.SkipDir
	}
	return nil
}

// read returns a file of the repository by its path from the root.
func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// table returns the cells of the first table below a heading, without its head.
func table(t *testing.T, document, heading string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, document), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	var rows [][]string
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		rows = append(rows, cells(line))
	}
	if len(rows) < 3 {
		t.Fatalf("%s has no table below %q", document, heading)
	}
	return rows[2:]
}

func cells(line string) []string {
	parts := strings.Split(strings.Trim(line, "|"), "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// quoted lists what stands between backquotes in a text.
func quoted(text string) []string {
	var words []string
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			words = append(words, part)
		}
	}
	return words
}

// lastPart is the name by which a package is used.
func lastPart(pkg string) string { return path.Base(pkg) }
