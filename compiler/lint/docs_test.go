package lint_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/internal/golden"
)

// TestTable: docs/lint.md ends with a table of all rules.
func TestTable(t *testing.T) {
	const path = "../../docs/lint.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), "go test ./compiler/lint -update -->\n")
	if !ok {
		t.Fatal("the page has no place for the table")
	}
	var b strings.Builder
	b.WriteString(head + "go test ./compiler/lint -update -->\n\n| code | finds | level | fix | needs |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range lint.Rules() {
		fix := ""
		if r.Fix {
			fix = "fix"
		}
		fmt.Fprintf(&b, "| [%s](../lang/diag/pages/%s.md) | %s | %s | %s | %s |\n", r.Code, r.Code, r.Purpose, r.Severity, fix, r.Need)
	}
	golden.Check(t, path, b.String())
}
