package syntax_test

import (
	"strings"
	"testing"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

func TestLoad(t *testing.T) {
	file, diags := syntax.Load("a.seg", []byte("\ufeffcity = \"Hue\u0302\u0301\""))
	if file.Text != `city = "Huế"` || len(diags) > 0 {
		t.Errorf("got %q, %v", file.Text, diags)
	}
	for _, c := range []struct {
		raw, text, at string
	}{
		{"a\nb \xff\xfe c", "a\nb \uFFFD c", "2:3"},
		{"\xff\xfea\x00", "\uFFFDa\x00", "1:1"},
		{"x \uFFFD", "x \uFFFD", "1:3"},
	} {
		file, diags := syntax.Load("a.seg", []byte(c.raw))
		if file.Text != c.text || len(diags) != 1 || !strings.Contains(diags[0].String(), c.at+": error[SEG0003]") {
			t.Errorf("%q: got %q, %v", c.raw, file.Text, diags)
		}
	}
}

// TestDepth: nothing an author or a program writes overflows the stack.
func TestDepth(t *testing.T) {
	for _, c := range []struct{ open, inner, end string }{
		{"(", "a", ")"}, {"f(", "a", ")"}, {"not ", "a", ""}, {"[", "1", "]"}, {"a in [", "1", "]"}, {"any(a where ", "b", ")"},
		{"case { when ", "a", ": 1 otherwise: 2 }"}, {"all(a have ", "b", ")"}, {"a + ", "a", ""}, {"a * ", "a", ""}, {"{", "a", "}"},
	} {
		for _, n := range []int{100, 100_000} {
			text := strings.Repeat(c.open, n) + c.inner + strings.Repeat(c.end, n)
			x, diags := syntax.ParseExpr(source.New("x", text), 0, len(text))
			if n > 1000 && (x != nil || !diags.HasErrors()) {
				t.Errorf("%d times %q is accepted", n, c.open)
			}
			syntax.Parse(source.New("x", "segment a { where "+text+" }"))
		}
	}
	for _, n := range []int{199, 200, 201} {
		text := strings.Repeat("(", n) + "a" + strings.Repeat(")", n)
		_, diags := syntax.ParseExpr(source.New("x", text), 0, len(text))
		if diags.HasErrors() != (n > 200) {
			t.Errorf("%d brackets: %v", n, diags)
		}
	}
}

// TestTrees looks at what the forms that are told apart become.
func TestTrees(t *testing.T) {
	is := func(text string, ok func(ast.Expr) bool) {
		t.Helper()
		if x := parseExpr(t, text); !ok(x) {
			t.Errorf("%s became %T", text, x)
		}
	}
	is("not in segment a", func(x ast.Expr) bool { s, ok := x.(*ast.InSegment); return ok && s.Not && s.X == nil })
	is("customer in segment a.b", func(x ast.Expr) bool { s, ok := x.(*ast.InSegment); return ok && s.X != nil && s.Ref.String() == "a.b" })
	is("not a in segment b", func(x ast.Expr) bool { _, ok := x.(*ast.Not); return ok })
	is("count(a.b)", func(x ast.Expr) bool { _, ok := x.(*ast.FactCall); return ok })
	is("count(a of b)", func(x ast.Expr) bool { c, ok := x.(*ast.Call); return ok && c.Of.Fact != nil })
	is("count(distinct a of b)", func(x ast.Expr) bool { c, ok := x.(*ast.Call); return ok && c.Distinct })
	is("count(distinct)", func(x ast.Expr) bool { _, ok := x.(*ast.FactCall); return ok })
	is("all(a have b)", func(x ast.Expr) bool { _, ok := x.(*ast.AllCall); return ok })
	is("regularly(a every 1 day for 3 periods)", func(x ast.Expr) bool { _, ok := x.(*ast.Regularly); return ok })
	is("percentile(80, x of everyone per c)", func(x ast.Expr) bool {
		c := x.(*ast.Call)
		return c.OfArg == 1 && c.Of.Everyone && c.Of.Per.String() == "c"
	})
	is(`sample(10%, "s", by h.id)`, func(x ast.Expr) bool { c := x.(*ast.Call); return len(c.Args) == 2 && c.By.String() == "h.id" })
	is("item", func(x ast.Expr) bool { _, ok := x.(*ast.Word); return ok })
	is("item.x", func(x ast.Expr) bool { _, ok := x.(*ast.PathExpr); return ok })
	is("`today`", func(x ast.Expr) bool { _, ok := x.(*ast.PathExpr); return ok })
	is("1 month", func(x ast.Expr) bool { d, ok := x.(*ast.Duration); return ok && d.Unit == "months" })
	is("x in 2025", func(x ast.Expr) bool { return x.(*ast.InWindow).Window.Kind == ast.WindowYear })
	is("a - b - c", func(x ast.Expr) bool { _, ok := x.(*ast.Arith).L.(*ast.Arith); return ok })
	is("a + b * c", func(x ast.Expr) bool { _, ok := x.(*ast.Arith).R.(*ast.Arith); return ok })
}
