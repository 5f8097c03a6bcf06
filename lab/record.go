package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// printTable shows a line per result and its detail below.
func printTable(w io.Writer, results []Result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "benchmark\tvalue\tunit\tgoal")
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%.3g\t%s\t%s\n", r.Name, r.Value, r.Unit, r.Goal)
	}
	_ = t.Flush() // to a terminal or a buffer
	for _, r := range results {
		fmt.Fprintf(w, "\n%s\n  %s\n", r.Name, strings.ReplaceAll(r.Detail, "; ", "\n  "))
	}
}

// writeJSON renames the file into place: whoever sees it sees all of it.
func writeJSON(path string, results []Result) error {
	var content bytes.Buffer
	e := json.NewEncoder(&content)
	e.SetEscapeHTML(false) // goals read ">= 4"
	e.SetIndent("", "  ")
	if err := e.Encode(results); err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, content.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}
