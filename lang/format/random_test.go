package format_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/internal/grammar"
	"github.com/segql/segql/internal/treegen"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"pgregory.net/rapid"
)

// grow makes random trees of every kind; budget keeps them small.
// cond makes a condition; inside says that it stands below another.
// TestRandomTrees: what is written is read back as the same tree, on one
// line or on many, and formatting it again changes nothing.
func TestRandomTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := treegen.New(t, rapid.IntRange(3, 80).Draw(t, "budget"))
		x := g.Cond()
		text := format.Expr(x)
		back, diags := syntax.ParseExpr(source.New("x", text), 0, len(text))
		if diags.HasErrors() {
			t.Fatalf("%s\n%v", text, diags)
		}
		if !sameDecls([]ast.Decl{&ast.Segment{Where: x}}, []ast.Decl{&ast.Segment{Where: back}}) {
			t.Fatalf("%s\nis read as\n%s", text, format.Expr(back))
		}
		if err := grammar.CheckExpr(text); err != nil {
			t.Fatalf("%s\nis refused by the reference grammar: %v", text, err)
		}
		file := &ast.File{Decls: []ast.Decl{&ast.Segment{Name: ast.Ident{Name: "s"}, Where: x}}}
		checkFormat(t, format.Format(file))
	})
}

// decl makes a declaration of any kind.
// TestRandomDeclarations: what is written of every kind of declaration is read
// back as the same tree, and is segql by the reference grammar too.
func TestRandomDeclarations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := treegen.New(t, rapid.IntRange(3, 60).Draw(t, "budget"))
		file := &ast.File{Decls: []ast.Decl{g.Decl(), g.Decl()}}
		text := format.Format(file)
		back, diags := syntax.Parse(source.New("x.seg", text))
		if diags.HasErrors() {
			t.Fatalf("%s\n%v", text, diags)
		}
		if !sameDecls(file.Decls, back.Decls) {
			t.Fatalf("%s\nis read as\n%s", text, format.Format(back))
		}
		if err := grammar.CheckFile(text); err != nil {
			t.Fatalf("%s\nis refused by the reference grammar: %v", text, err)
		}
	})
}

// TestRandomComments: comments put between any two tokens all come out, in
// their order.
func TestRandomComments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := treegen.New(t, rapid.IntRange(3, 40).Draw(t, "budget"))
		segment := &ast.Segment{Name: ast.Ident{Name: "s"}, Where: g.Cond()}
		if g.Yes() {
			segment.Meta = []ast.Meta{{Key: ast.Ident{Name: "tags"}, Value: g.Set()}}
			segment.Expects = []ast.Expect{{Check: g.Cond()}}
		}
		list := &ast.List{Name: ast.Ident{Name: "l"}, Set: &ast.Set{Elems: []ast.Expr{&ast.Number{Text: "1"}}}}
		file := &ast.File{Decls: []ast.Decl{list, segment, list}}
		words := strings.Split(format.Format(file), " ")
		var b strings.Builder
		for i, word := range words {
			b.WriteString(word)
			// No comment inside of a text or of a name in backticks.
			open := strings.Count(b.String(), `"`)%2 == 1 || strings.Count(b.String(), "`")%2 == 1
			if !open && rapid.IntRange(0, 9).Draw(t, "comment") == 0 {
				fmt.Fprintf(&b, " # c%d\n   ", i)
			}
			b.WriteByte(' ')
		}
		checkFormat(t, b.String())
	})
}
