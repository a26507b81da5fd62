package ignore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/ignore"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

const text = `# segql:ignore SEG2001, SEG2003 both are meant

segment a {
  where city != "Huế"
    and city != "Vinh"  # segql:ignore SEG2005 this line alone
}

segment b {
  # segql:ignore seg2001: the next line
  # alone
  where city != "Huế"
    and city != "Vinh"
}
`

func read(t *testing.T, text string) (*ignore.Set, *source.File, diag.List) {
	t.Helper()
	f, diags := syntax.Parse(source.New("a.seg", text))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	set, diags := ignore.Read([]*ast.File{f}, nil)
	return set, f.Source, diags
}

// at is a note about the first n-th line of a text.
func at(f *source.File, code diag.Code, line int) diag.Diagnostic {
	i := f.Offset(line, 1)
	return diag.Diagnostic{Code: code, Severity: diag.Note, Span: source.Span{File: f, Start: i, End: i + 1}}
}

func TestApply(t *testing.T) {
	set, f, diags := read(t, text)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for _, c := range []struct {
		code diag.Code
		line int
		want bool
	}{
		{"SEG2001", 3, true}, {"SEG2003", 6, true}, {"SEG2001", 7, false}, {"SEG2004", 4, false}, {"SEG2005", 5, true}, {"SEG2005", 4, false},
		{"SEG2001", 11, true}, {"SEG2001", 12, false}, {"SEG2001", 8, false},
	} {
		_, hidden := set.Apply(diag.List{at(f, c.code, c.line)})
		if (len(hidden) > 0) != c.want {
			t.Errorf("%s in line %d: hidden %t, want %t", c.code, c.line, !c.want, c.want)
		}
	}
	wrong := at(f, "SEG2001", 3)
	wrong.Severity = diag.Error
	if shown, _ := set.Apply(diag.List{wrong}); len(shown) != 1 {
		t.Error("an error is hidden")
	}
}

// TestUnused: what hides nothing is found, and can be cut out.
func TestUnused(t *testing.T) {
	set, f, _ := read(t, text)
	unused := set.Unused(diag.List{at(f, "SEG2001", 4)}, func(c diag.Code) bool { return c != "SEG2005" })
	var got []string
	var edits []diag.Edit
	for _, u := range unused {
		got = append(got, fmt.Sprintf("%s in line %d", u.Code.Code, u.Span.Pos().Line))
		edits = append(edits, diag.Edit{Span: u.Cut})
	}
	if list := strings.Join(got, ", "); list != "SEG2003 in line 1, SEG2001 in line 9" {
		t.Errorf("unused: %s", list)
	}
	after, err := diag.Apply(f, edits)
	if err != nil || !strings.HasPrefix(after, "# segql:ignore SEG2001, both are meant\n") || !strings.Contains(after, "segment b {\n  # alone\n") {
		t.Errorf("%v\n%s", err, after)
	}
}

func TestMistakes(t *testing.T) {
	for comment, want := range map[string]string{
		"# segql:ignore SEG2001 a reason":          "",
		"# about segql:ignore":                     "",
		"# segql: a tool":                          "segql has no comment",
		"# segql:ignore SEG2001":                   "does not say why",
		"# segql:ignore SEG2001 —":                 "does not say why",
		"# segql:ignore for a reason":              "does not say what",
		"# segql:ignore SEG9999 a reason":          "there is no code SEG9999",
		"# segql:ignore SEG2001, SEG1001 a reason": "SEG1001 is no advice",
		"# segql:ignore-line SEG2001 a reason":     "segql has no comment",
		"# segql-ignore SEG2001 a reason":          "segql has no comment",
	} {
		_, _, diags := read(t, comment+"\nparam x = 1\n")
		if want == "" && len(diags) > 0 || want != "" && (len(diags) != 1 || !strings.Contains(diags[0].Message, want) || diags[0].Help == "") {
			t.Errorf("%s: got %v, want %q", comment, diags, want)
		}
	}
}
