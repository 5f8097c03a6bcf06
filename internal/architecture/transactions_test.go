package architecture

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// begins are the functions that begin a transaction: those of package db and database/sql, and the helpers that
// lock a booking first.
var begins = []string{"Transact", "TransactOnce", "BeginTx", "act", "actOn", "transact"}

// TestTransactionTable holds the table of transactions in ARCHITECTURE.md against the functions that begin one.
func TestTransactionTable(t *testing.T) {
	t.Parallel()
	real := transactions(t)
	named := map[string]bool{}
	for _, row := range table(t, "ARCHITECTURE.md", "## Transactions") {
		for _, name := range quoted(row[0]) {
			named[name] = true
			if !real[name] {
				t.Errorf("ARCHITECTURE.md names transaction %s, which nothing begins", name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(real)) {
		if !named[name] {
			t.Errorf("ARCHITECTURE.md has no row for the transaction that %s begins", name)
		}
	}
}

// transactions are the functions of the program that begin one, as package.Function.
func transactions(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, f := range program(t, 0) {
		if strings.HasSuffix(f.Name.Name, "test") {
			continue // it only serves tests
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			helper := ok && f.pkg == "db" && (strings.HasPrefix(fn.Name.Name, "Transact") || fn.Name.Name == "BeginTx")
			if ok && !helper && beginsOne(fn) {
				found[lastPart(f.pkg)+"."+fn.Name.Name] = true
			}
		}
	}
	return found
}

func beginsOne(fn *ast.FuncDecl) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && slices.Contains(begins, calledName(call)) {
			found = true
		}
		return !found
	})
	return found
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}
