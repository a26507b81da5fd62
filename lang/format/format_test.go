package format_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"golang.org/x/tools/txtar"
)

// same compares trees without their places.
func same(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() || a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[ast.At]() || a.Type() == reflect.TypeFor[source.Span]() {
			return true
		}
		for i := range a.NumField() {
			if a.Type().Field(i).Name != "Raw" && !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func sameDecls(a, b []ast.Decl) bool { return same(reflect.ValueOf(a), reflect.ValueOf(b)) }

// checkFormat demands of a file without errors: formatting keeps its meaning
// and its comments, and formatting again changes nothing.
func checkFormat(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) string {
	t.Helper()
	file, diags := syntax.Load("a.seg", []byte(text))
	tree, more := syntax.Parse(file)
	if diags.HasErrors() || more.HasErrors() {
		return ""
	}
	out := format.Format(tree)
	again, diags := syntax.Parse(source.New("a.seg", out))
	if diags.HasErrors() {
		t.Fatalf("of\n%s\ncame\n%s\nwith %v", file.Text, out, diags)
	}
	if !sameDecls(tree.Decls, again.Decls) {
		t.Fatalf("of\n%s\ncame another meaning\n%s", file.Text, out)
	}
	if a, b := commentTexts(tree), commentTexts(again); a != b {
		t.Fatalf("of\n%s\ncame other comments\n%s\n%s\n%s", file.Text, out, a, b)
	}
	if twice := format.Format(again); twice != out {
		t.Fatalf("of\n%s\ncame\n%s\nand of that\n%s", file.Text, out, twice)
	}
	return out
}

func commentTexts(f *ast.File) string {
	var b strings.Builder
	for _, c := range f.Comments {
		b.WriteString(c.Text + "\n")
	}
	return b.String()
}

// TestLayout holds pairs of input and layout.
func TestLayout(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/layout.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		in, want := archive.Files[i], archive.Files[i+1]
		if got := checkFormat(t, string(in.Data)); got != string(want.Data) {
			t.Errorf("%s: got\n%s\nwant\n%s", in.Name, got, want.Data)
		}
	}
}

// TestExample: the example of the specification is laid out as fmt would,
// but for the columns it aligns.
func TestExample(t *testing.T) {
	raw, err := os.ReadFile("../syntax/testdata/language.seg")
	if err != nil {
		t.Fatal(err)
	}
	out := checkFormat(t, string(raw))
	squeeze := func(s string) string {
		var lines []string
		for line := range strings.Lines(s) {
			trimmed := strings.TrimLeft(line, " ")
			lines = append(lines, line[:len(line)-len(trimmed)]+strings.Join(strings.Fields(trimmed), " "))
		}
		return strings.Join(lines, "\n")
	}
	if squeeze(out) != squeeze(string(raw)) {
		t.Errorf("got\n%s", out)
	}
}

func TestBroken(t *testing.T) {
	file := source.New("a.seg", "segment  a {\n where == }\n")
	tree, _ := syntax.Parse(file)
	if got := format.Format(tree); got != file.Text {
		t.Errorf("a broken file was changed: %s", got)
	}
	if got, diags := format.Source(file); got != "" || !diags.HasErrors() {
		t.Errorf("got %q, %v", got, diags)
	}
}

func TestExpr(t *testing.T) {
	a, b, c := name("a"), name("b"), name("c")
	or := &ast.Logic{Op: "or", Operands: []ast.Expr{a, b}}
	for want, x := range map[string]ast.Expr{
		"(a or b) and c":   &ast.Logic{Op: "and", Operands: []ast.Expr{or, c}},
		"not (a or b)":     &ast.Not{X: or},
		"not not a":        &ast.Not{X: &ast.Not{X: a}},
		"(a + b) * c":      &ast.Arith{Op: "*", L: &ast.Arith{Op: "+", L: a, R: b}, R: c},
		"a - (b + c)":      &ast.Arith{Op: "-", L: a, R: &ast.Arith{Op: "+", L: b, R: c}},
		"-(a + b)":         &ast.Neg{X: &ast.Arith{Op: "+", L: a, R: b}},
		"(a = b) = c":      &ast.Compare{Op: "=", L: &ast.Compare{Op: "=", L: a, R: b}, R: c},
		"a in `last`":      &ast.InName{X: a, Name: name("last").Path},
		"a in `from`":      &ast.InName{X: a, Name: name("from").Path},
		"`thu nhập` = 3":   &ast.Compare{Op: "=", L: name("thu nhập"), R: &ast.Number{Text: "3"}},
		"a matches /x\\//": &ast.Matches{X: a, Regex: &ast.Regex{Pattern: "x/"}},
		"1 month ago":      &ast.Duration{Number: &ast.Number{Text: "1"}, Unit: "months", Ago: true},
		`"a\"\\\n\u{7}"`:   &ast.Text{Value: "a\"\\\n\a"},
	} {
		if got := format.Expr(x); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func name(s string) *ast.PathExpr {
	return &ast.PathExpr{Path: &ast.Path{Parts: []ast.Ident{{Name: s}}}}
}

func FuzzFormat(f *testing.F) {
	raw, err := os.ReadFile("../syntax/testdata/language.seg")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw))
	for _, part := range strings.Split(string(raw), "\n\n") {
		f.Add(part)
	}
	archive, err := txtar.ParseFile("testdata/layout.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(string(file.Data))
	}
	f.Fuzz(func(t *testing.T, text string) { checkFormat(t, text) })
}
