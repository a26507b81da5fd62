package syntax_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// seeds are the example of language.md, its declarations one by one, and
// every expression of the tables.
func seeds(t testing.TB) []string {
	raw, err := os.ReadFile("testdata/language.seg")
	if err != nil {
		t.Fatal(err)
	}
	out := append([]string{string(raw)}, strings.Split(string(raw), "\n\n")...)
	for _, x := range accepted {
		out = append(out, "segment s {\n  where "+x+"\n}\n")
	}
	for _, x := range rejected {
		out = append(out, "segment s {\n  where "+x+"\n}\n")
	}
	return append(out, brokenFiles...)
}

var brokenFiles = []string{
	"segment", "segment a", "segment a {", "segment a { where", "}", "{", "segment a of {", "split a of {", "holdout a",
	"list a", "list a = [", "param", "param a =", "rfm a = b", "trait a", "\ufeffsegment a {}", "segment a {\nwhere b\n}",
	"  segment a { where b }", "segment `a", "\"", "`", "'", "/", "segment a { where b matches /", "split a { b: c when d }",
	"segment a { where case { when", "segment a { where count(", "segment a { where x in (1", "segment a {{{{ }}}}", "list a = ]",
	"a: b", "\xff", "segment a { title: }", "segment a { where b } segment c { where d }", "param a = 5 5", "trait a of = 5",
	"segment a { where 5,000,000 > x }", "segment a { where [5,000] }", "segment a { where a <= b <= c }", "segment a { where not }",
}

// FuzzParse: no input makes the parser panic, and every span of tree and
// diagnostics lies in the file, children inside their parents.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, diags := syntax.Load("fuzz.seg", []byte(text))
		tree, more := syntax.Parse(file)
		for _, d := range append(diags, more...) {
			checkSpan(t, file, d.Span)
			for _, e := range d.Edits {
				checkSpan(t, file, e.Span)
			}
			for _, l := range d.Labels {
				checkSpan(t, file, l.Span)
			}
		}
		last := 0
		for _, d := range tree.Decls {
			if d.Span().Start < last {
				t.Errorf("declarations overlap")
			}
			last = d.Span().End
			checkTree(t, file, reflect.ValueOf(d), source.Span{File: file, End: len(file.Text)})
		}
		for _, c := range tree.Comments {
			checkSpan(t, file, c.Loc)
		}
		syntax.ParseExpr(file, 0, len(file.Text))
	})
}

func checkSpan(t *testing.T, file *source.File, s source.Span) {
	t.Helper()
	if s.File != file || s.Start < 0 || s.End < s.Start || s.End > len(file.Text) {
		t.Fatalf("span %d-%d of %d bytes", s.Start, s.End, len(file.Text))
	}
}

var nodeType = reflect.TypeFor[ast.Node]()

// checkTree walks all fields: every node's span lies within its parent's.
func checkTree(t *testing.T, file *source.File, v reflect.Value, outer source.Span) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*source.File]() {
			checkTree(t, file, v.Elem(), outer)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkTree(t, file, v.Index(i), outer)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[source.Span]() || v.Type() == reflect.TypeFor[ast.At]() {
			return
		}
		if v.Type().Implements(nodeType) || reflect.PointerTo(v.Type()).Implements(nodeType) {
			loc := v.FieldByName("Loc").Interface().(source.Span)
			checkSpan(t, file, loc)
			if loc.Start < outer.Start || loc.End > outer.End {
				t.Fatalf("%s at %d-%d outside of its parent at %d-%d", v.Type(), loc.Start, loc.End, outer.Start, outer.End)
			}
			outer = loc
		}
		for i := range v.NumField() {
			checkTree(t, file, v.Field(i), outer)
		}
	}
}
