package format_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/internal/grammar"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"pgregory.net/rapid"
)

// grow makes random trees of every kind; budget keeps them small.
type grow struct {
	t      *rapid.T
	budget int
}

func (g *grow) pick(n int) int {
	g.budget--
	if g.budget < 0 {
		return 0
	}
	return rapid.IntRange(0, n-1).Draw(g.t, "pick")
}

func (g *grow) yes() bool { return g.pick(2) == 1 }

func (g *grow) ident() ast.Ident {
	names := []string{"gender", "city", "địa_chỉ", "thu nhập", "segment", "count", "a`b", "last", "known", "from", "not", "x1"}
	name := names[g.pick(len(names))]
	return ast.Ident{Name: name, Quoted: !syntax.IsName(name) || name == "last"}
}

func (g *grow) path() *ast.Path {
	p := &ast.Path{Parts: []ast.Ident{g.ident()}}
	for g.pick(3) == 2 {
		p.Parts = append(p.Parts, g.ident())
	}
	return p
}

func (g *grow) number() *ast.Number {
	return &ast.Number{Text: []string{"1", "30", "0.5", "5000000"}[g.pick(4)]}
}

func (g *grow) duration() *ast.Duration {
	if g.pick(5) == 4 {
		return &ast.Duration{Name: &ast.Path{Parts: []ast.Ident{{Name: "recent"}}}}
	}
	return &ast.Duration{Number: g.number(), Unit: []string{"days", "months", "seconds", "years"}[g.pick(4)]}
}

func (g *grow) text() *ast.Text {
	return &ast.Text{Value: []string{"Huế", "", "a\"b\\c\n\t", "đ\u0001\u202e", "# no"}[g.pick(5)]}
}

func (g *grow) literal() ast.Expr {
	switch g.pick(7) {
	case 1:
		return g.text()
	case 2:
		return &ast.Number{Text: "20", Percent: true}
	case 3:
		return &ast.Date{Year: 2025, Month: 3, Day: 8 * g.pick(2)}
	case 4:
		return &ast.Time{Year: 2025, Month: 3, Day: 8, Hour: 10, Sec: g.pick(3), HasOffset: true, OffsetMin: -90 + 510*g.pick(2)}
	case 5:
		return &ast.Bool{Value: g.yes()}
	case 6:
		return &ast.Neg{X: g.number()}
	}
	return g.number()
}

func (g *grow) set() *ast.Set {
	s := &ast.Set{Elems: []ast.Expr{g.literal()}}
	for g.yes() {
		s.Elems = append(s.Elems, g.literal())
	}
	return s
}

// cond makes a condition; inside says that it stands below another.
func (g *grow) cond() ast.Expr {
	switch g.pick(4) {
	case 1:
		x := &ast.Logic{Op: []string{"and", "or"}[g.pick(2)], Operands: []ast.Expr{g.unary(), g.unary()}}
		for g.yes() {
			x.Operands = append(x.Operands, g.unary())
		}
		return x
	case 2, 3:
		return g.unary()
	}
	return g.pred()
}

func (g *grow) unary() ast.Expr {
	switch g.pick(4) {
	case 1:
		return &ast.Not{X: g.pred()}
	case 2:
		return &ast.Paren{X: g.cond()}
	}
	return g.pred()
}

func (g *grow) pred() ast.Expr {
	switch g.pick(18) {
	case 1:
		return &ast.Between{Not: g.yes(), X: g.sum(), Lo: g.sum(), Hi: g.sum()}
	case 2:
		return &ast.Has{Not: g.yes(), X: g.sum(), Quant: []string{"", "any", "all", "none"}[g.pick(4)], Y: g.set()}
	case 3:
		return &ast.Has{X: g.sum(), Quant: []string{"", "all"}[g.pick(2)], Y: g.sum()}
	case 4:
		h := &ast.History{Left: g.yes(), Ref: g.path(), Window: g.window()}
		if g.yes() {
			h.Not, h.X = g.yes(), &ast.PathExpr{Path: g.path()}
		}
		return h
	case 5:
		return &ast.InName{Not: g.yes(), X: g.sum(), Name: &ast.Path{Parts: []ast.Ident{{Name: "staff"}}}}
	case 6:
		return &ast.InRank{Not: g.yes(), X: g.sum(), Rank: g.rank()}
	case 7:
		return &ast.InSegment{Not: g.yes(), X: &ast.PathExpr{Path: g.path()}, Ref: g.path()}
	case 8:
		return &ast.InSet{Not: g.yes(), X: g.sum(), Set: g.set()}
	case 9:
		w := g.window()
		for w.Kind == ast.WindowBetween {
			w = g.window()
		}
		return &ast.InWindow{Not: g.yes(), X: g.sum(), Window: w}
	case 10:
		return &ast.Known{X: g.sum(), Missing: g.yes()}
	case 11:
		return &ast.Matches{Not: g.yes(), X: g.sum(), Regex: &ast.Regex{Pattern: `^a\/[b]\\$`, Flags: "i"}}
	case 12:
		ops := []string{"contains", "~contains", "starts with", "ends with"}
		return &ast.TextMatch{Not: g.yes(), Op: ops[g.pick(4)], X: g.sum(), Y: g.sum()}
	case 13:
		return &ast.Within{Not: g.yes(), X: g.sum(), Distance: &ast.Duration{Number: g.number(), Unit: "km"}, Of: g.sum()}
	case 14:
		return &ast.AllCall{Fact: g.fact(), Have: g.cond()}
	case 15:
		r := &ast.Regularly{Fact: g.fact(), Every: g.duration(), Periods: g.number()}
		if g.yes() {
			r.Missed = g.number()
		}
		return r
	case 16:
		return &ast.FactCall{Name: ast.Ident{Name: []string{"any", "none"}[g.pick(2)]}, Fact: g.fact()}
	case 17:
		return g.sum()
	}
	return &ast.Compare{Op: []string{"=", "!=", "<", "<=", ">", ">=", "~="}[g.pick(7)], L: g.sum(), R: g.sum()}
}

func (g *grow) sum() ast.Expr {
	if g.pick(4) == 3 {
		return &ast.Arith{Op: []string{"+", "-"}[g.pick(2)], L: g.sum(), R: g.term()}
	}
	return g.term()
}

func (g *grow) term() ast.Expr {
	if g.pick(5) == 4 {
		return &ast.Arith{Op: []string{"*", "/"}[g.pick(2)], L: g.term(), R: g.prim()}
	}
	return g.prim()
}

func (g *grow) prim() ast.Expr {
	switch g.pick(10) {
	case 1:
		return g.literal()
	case 2:
		d := &ast.Duration{Number: g.number(), Unit: "weeks", Ago: g.yes()}
		return d
	case 3:
		return g.call()
	case 4:
		return &ast.FactCall{Name: ast.Ident{Name: "count"}, Fact: g.fact()}
	case 5:
		c := &ast.Case{Whens: []ast.When{{Cond: g.cond(), Value: g.sum()}}, Else: g.sum()}
		for g.yes() {
			c.Whens = append(c.Whens, ast.When{Cond: g.cond(), Value: g.sum()})
		}
		return c
	case 6:
		return &ast.Word{Name: []string{"as_of", "today", "yesterday", "tomorrow", "item"}[g.pick(5)]}
	case 7:
		return &ast.Paren{X: g.sum()}
	}
	return &ast.PathExpr{Path: g.path()}
}

func (g *grow) call() ast.Expr {
	c := &ast.Call{Name: ast.Ident{Name: []string{"sum", "bucket", "sample", "lower"}[g.pick(4)]}, Distinct: g.pick(4) == 3}
	c.Args = []ast.Expr{&ast.PathExpr{Path: &ast.Path{Parts: []ast.Ident{{Name: "v"}}}}}
	for g.yes() {
		c.Args = append(c.Args, g.cond())
	}
	if g.yes() {
		c.OfArg = len(c.Args) - 1
		c.Of = &ast.Source{}
		switch g.pick(4) {
		case 0:
			c.Of.Fact = g.fact()
		case 1:
			c.Of.Everyone = true
		case 2:
			c.Of.Segment = g.path()
		}
		if g.yes() || c.Of.Fact == nil && !c.Of.Everyone && c.Of.Segment == nil {
			c.Of.Per = g.path()
		}
	}
	if g.pick(4) == 3 {
		c.By = g.path()
	}
	return c
}

func (g *grow) fact() *ast.Fact {
	f := &ast.Fact{Path: g.path()}
	if g.pick(4) == 3 {
		id := g.ident()
		f.As = &id
	}
	if g.yes() {
		f.Window = g.window()
	}
	if g.yes() {
		f.Where = g.cond()
	}
	for g.pick(4) == 3 {
		s := ast.Step{Not: g.yes(), Directly: g.yes(), Preceded: g.yes(), Path: g.path()}
		if g.yes() {
			s.After = g.duration()
		}
		if g.yes() {
			s.Within = g.duration()
		}
		if g.yes() {
			s.Where = g.cond()
		}
		f.Steps = append(f.Steps, s)
	}
	return f
}

func (g *grow) window() *ast.Window {
	w := &ast.Window{Kind: ast.WindowKind(g.pick(10))}
	switch w.Kind {
	case ast.WindowBefore:
		w.Hi = g.sum()
	case ast.WindowBetween:
		w.Lo, w.Hi = g.sum(), g.sum()
	case ast.WindowLast, ast.WindowNext:
		w.Duration = g.duration()
	case ast.WindowMonth:
		w.Year, w.Month = 2025, 3
	case ast.WindowOn, ast.WindowSince:
		w.Lo = g.sum()
	case ast.WindowPrevious:
		if w.Unit = "months"; g.yes() {
			w.Count = g.number()
		}
	case ast.WindowThis:
		w.Unit = "quarters"
	case ast.WindowYear:
		w.Year = 2025
	}
	return w
}

func (g *grow) rank() *ast.Rank {
	r := &ast.Rank{Bottom: g.yes(), N: &ast.Number{Text: "10", Percent: true}}
	if g.yes() {
		r.N = &ast.PathExpr{Path: &ast.Path{Parts: []ast.Ident{{Name: "n"}}}}
	}
	if g.yes() {
		r.Of = g.path()
	}
	if g.yes() {
		r.Per = g.path()
	}
	return r
}

// TestRandomTrees: what is written is read back as the same tree, on one
// line or on many, and formatting it again changes nothing.
func TestRandomTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &grow{t, rapid.IntRange(3, 80).Draw(t, "budget")}
		x := g.cond()
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

func (g *grow) meta() (out []ast.Meta) {
	for g.yes() {
		m := ast.Meta{Key: ast.Ident{Name: []string{"title", "tags", "priority", "x1"}[g.pick(4)]}, Value: g.set()}
		if g.yes() {
			m.Value = g.text()
		}
		out = append(out, m)
	}
	return out
}

// decl makes a declaration of any kind.
func (g *grow) decl() ast.Decl {
	id := g.ident()
	of := g.ident()
	switch g.pick(7) {
	case 1:
		s := &ast.Split{Name: id, Meta: g.meta()}
		switch g.pick(3) {
		case 1:
			s.Of = &of
		case 2:
			s.OfSegment = g.path()
		}
		for g.yes() {
			s.Branches = append(s.Branches, ast.Branch{Name: g.ident(), Title: g.text(), When: g.cond()})
		}
		s.Branches = append(s.Branches, ast.Branch{Name: g.ident()})
		return s
	case 2:
		h := &ast.Holdout{Name: id, Of: g.path(), Meta: g.meta()}
		for g.yes() {
			h.Groups = append(h.Groups, ast.Group{Name: g.ident(), Share: &ast.Number{Text: "10", Percent: true}})
		}
		h.Groups = append(h.Groups, ast.Group{Name: g.ident()})
		return h
	case 3:
		return &ast.Trait{Name: id, Value: &ast.Arith{Op: "+", L: g.prim(), R: g.term()}}
	case 4:
		return &ast.RFM{Name: id, Value: g.sum(), Fact: g.fact()}
	case 5:
		if g.yes() {
			return &ast.List{Name: id, From: g.text(), Column: &of}
		}
		return &ast.List{Name: id, Set: g.set()}
	case 6:
		return &ast.Param{Name: id, Value: g.literal()}
	}
	s := &ast.Segment{Name: id, Meta: g.meta(), Where: g.cond()}
	if g.yes() {
		s.Of = &of
		s.Expects = []ast.Expect{{Check: g.cond()}}
	}
	return s
}

// TestRandomDeclarations: what is written of every kind of declaration is read
// back as the same tree, and is segql by the reference grammar too.
func TestRandomDeclarations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &grow{t, rapid.IntRange(3, 60).Draw(t, "budget")}
		file := &ast.File{Decls: []ast.Decl{g.decl(), g.decl()}}
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
		g := &grow{t, rapid.IntRange(3, 40).Draw(t, "budget")}
		segment := &ast.Segment{Name: ast.Ident{Name: "s"}, Where: g.cond()}
		if g.yes() {
			segment.Meta = []ast.Meta{{Key: ast.Ident{Name: "tags"}, Value: g.set()}}
			segment.Expects = []ast.Expect{{Check: g.cond()}}
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
