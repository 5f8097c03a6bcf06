package handlers

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"pigonair/views/texts"
)

// documentedCodes reads the tables of docs/errors.md: status by code.
func documentedCodes(t *testing.T) map[string]int {
	t.Helper()
	content, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	for line := range strings.Lines(string(content)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.HasPrefix(line, "| `") {
			continue
		}
		status, err := strconv.Atoi(strings.TrimSpace(cells[2]))
		code := strings.Trim(cells[1], " `")
		if err != nil || http.StatusText(status) == "" {
			t.Errorf("docs/errors.md: %s has status %q", code, cells[2])
		}
		if _, twice := codes[code]; twice {
			t.Errorf("docs/errors.md lists %s twice", code)
		}
		codes[code] = status
	}
	return codes
}

func TestErrorCodesAreDocumented(t *testing.T) {
	t.Parallel()
	documented := documentedCodes(t)
	used := map[string]bool{"internal": true}
	for _, k := range known {
		used[k.code] = true
		if documented[k.code] != k.status {
			t.Errorf("%v: answered with %s, %d; docs/errors.md says %d", k.err, k.code, k.status, documented[k.code])
		}
	}
	for _, code := range literalCodes(t) {
		used[code] = true
		if documented[code] == 0 {
			t.Errorf("docs/errors.md does not list %s", code)
		}
	}
	for code := range documented {
		if !used[code] {
			t.Errorf("docs/errors.md lists %s, which nothing answers with", code)
		}
	}
}

func TestErrorPagesHaveTextsInEveryLanguage(t *testing.T) {
	t.Parallel()
	codes := []string{"internal"}
	for _, k := range known {
		codes = append(codes, k.code)
	}
	for _, lang := range texts.Languages() {
		ctx := texts.WithLang(context.Background(), lang)
		for _, code := range codes {
			for _, part := range []string{"title", "text"} {
				if key := "error." + code + "." + part; !texts.Has(ctx, key) {
					t.Errorf("%s: no text %s", lang, key)
				}
			}
		}
	}
}

// literalCodes finds the codes that handlers write down themselves: values of ErrorCode, and the last part of an
// answer or of a form that comes back.
func literalCodes(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			codes = append(codes, codesAt(n)...)
			return true
		})
	}
	return codes
}

func codesAt(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && (name.Name == "ErrorCode" || name.Name == "code") {
			return text(n.Value)
		}
	case *ast.AssignStmt:
		if field, ok := n.Lhs[0].(*ast.SelectorExpr); ok && field.Sel.Name == "ErrorCode" {
			return text(n.Rhs[0])
		}
	case *ast.CompositeLit:
		if name, ok := n.Type.(*ast.Ident); ok && (name.Name == "answer" || name.Name == "refused") {
			var found []string
			for _, part := range n.Elts {
				found = append(found, text(part)...)
			}
			return found
		}
	}
	return nil
}

// text is a string literal's value; nothing for any other expression.
func text(e ast.Expr) []string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return nil
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil || value == "" {
		return nil
	}
	return []string{value}
}
