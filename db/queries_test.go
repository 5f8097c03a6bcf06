package db_test

import (
	"database/sql"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"pigonair/internal/testenv"
)

// generated lists every query that sqlc made, by name.
func generated(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.sql_gen.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated files: %v", err)
	}
	queries := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			text, ok := spec.Values[0].(*ast.BasicLit)
			if ok && text.Kind == token.STRING {
				if query, err := strconv.Unquote(text.Value); err == nil && strings.HasPrefix(query, "-- name:") {
					queries[spec.Names[0].Name] = query
				}
			}
			return true
		})
	}
	return queries
}

// slices of parameters stand as one here.
var slice = regexp.MustCompile(`/\*SLICE:\w+\*/\?`)

// refused are the errors by which a database turns values away, not the statement.
var refused = map[uint16]bool{1048: true, 1062: true, 1264: true, 1265: true, 1292: true, 1366: true, 1406: true, 1690: true, 3819: true, 4025: true}

// Every query runs on the real database: sqlc lets functions through that do not exist.
func TestEveryQueryRuns(t *testing.T) {
	t.Parallel()
	pool := testenv.DB(t)
	for name, query := range generated(t) {
		t.Run(name, func(t *testing.T) {
			tx, err := pool.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if err := runOnce(tx, slice.ReplaceAllString(query, "?")); err != nil {
				t.Error(err)
			}
		})
	}
}

func runOnce(tx *sql.Tx, query string) error {
	args := make([]any, strings.Count(withoutComments(query), "?"))
	for i := range args {
		args[i] = 1
	}
	rows, err := tx.Query(query, args...)
	if err == nil {
		for rows.Next() {
		}
		err = errors.Join(rows.Err(), rows.Close())
	}
	var answer *mysql.MySQLError
	if errors.As(err, &answer) && refused[answer.Number] {
		return nil
	}
	return err
}

func withoutComments(query string) string {
	var kept []string
	for line := range strings.SplitSeq(query, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// A query that nothing calls is dead code.
func TestEveryQueryIsUsed(t *testing.T) {
	t.Parallel()
	var program strings.Builder
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_gen.go") && !strings.HasSuffix(path, "_test.go") {
			content, err := os.ReadFile(path)
			program.Write(content)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range generated(t) {
		if !regexp.MustCompile(`\.` + name + `\b`).MatchString(program.String()) {
			t.Errorf("%s is called nowhere", name)
		}
	}
}
