package syntax_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the golden files")

// TestErrors compares what the parser says about the .seg files of an
// archive with the .want beside each, and tries every fix it offers.
func TestErrors(t *testing.T) {
	archives, _ := filepath.Glob("testdata/errors/*.txtar")
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, f := range archive.Files {
			want[f.Name] = string(f.Data)
		}
		out := &txtar.Archive{Comment: archive.Comment}
		for _, f := range archive.Files {
			if !strings.HasSuffix(f.Name, ".seg") {
				continue
			}
			got := explain(t, f.Name, f.Data)
			golden := strings.TrimSuffix(f.Name, ".seg") + ".want"
			out.Files = append(out.Files, f, txtar.File{Name: golden, Data: []byte(got)})
			if !*update && got != want[golden] {
				t.Errorf("%s, %s: got\n%s\nwant\n%s", name, f.Name, got, want[golden])
			}
		}
		if *update {
			if err := os.WriteFile(name, txtar.Format(out), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// explain prints the diagnostics of a file as a person would want to read
// them: place, code, message, subject, help, and the line after the fix.
func explain(t *testing.T, name string, raw []byte) string {
	file, diags := syntax.Load(name, raw)
	_, more := syntax.Parse(file)
	var b strings.Builder
	for _, d := range append(diags, more...) {
		p := d.Span.Pos()
		fmt.Fprintf(&b, "%d:%d %s[%s] %s\n    at   %q\n", p.Line, p.Column, d.Severity, d.Code, d.Message, d.Span.Text())
		fmt.Fprintf(&b, "    help %s\n", d.Help)
		if d.Help == "" {
			t.Errorf("%s: no way out is named: %s", name, d)
		}
		for _, l := range d.Labels {
			fmt.Fprintf(&b, "    see  %d:%d %s\n", l.Span.Pos().Line, l.Span.Pos().Column, l.Text)
		}
		if len(d.Edits) == 0 {
			continue
		}
		fixed, _ := syntax.Load(name, []byte(applyEdits(file.Text, d.Edits)))
		fmt.Fprintf(&b, "    fix  %s\n", strings.TrimSpace(fixed.Line(d.Edits[0].Span.Pos().Line)))
		_, left := syntax.Parse(fixed)
		if stillThere(left, d) {
			t.Errorf("%s: the fix of %s changes nothing:\n%s", name, d, fixed.Text)
		}
	}
	return b.String()
}

func stillThere(diags diag.List, old diag.Diagnostic) bool {
	for _, d := range diags {
		if d.Code == old.Code && d.Span.Start == old.Span.Start && d.Span.Text() == old.Span.Text() {
			return true
		}
	}
	return false
}

func applyEdits(text string, edits []diag.Edit) string {
	edits = append([]diag.Edit(nil), edits...)
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].Span.Start > edits[j].Span.Start })
	for _, e := range edits {
		text = text[:e.Span.Start] + e.Text + text[e.Span.End:]
	}
	return text
}
