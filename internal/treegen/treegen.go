// Package treegen makes random syntax trees for the property tests of what
// reads and writes definitions.
package treegen

import (
	"reflect"
	"slices"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/syntax"
	"pgregory.net/rapid"
)

type Grow struct {
	t      *rapid.T
	budget int
}

// New begins trees of about budget nodes together.
func New(t *rapid.T, budget int) *Grow { return &Grow{t, budget} }

func (g *Grow) pick(n int) int {
	g.budget--
	if g.budget < 0 {
		return 0
	}
	return rapid.IntRange(0, n-1).Draw(g.t, "pick")
}

// Yes says yes or no; no when the budget is used up.
func (g *Grow) Yes() bool { return g.pick(2) == 1 }

func (g *Grow) ident() ast.Ident {
	names := []string{"gender", "city", "địa_chỉ", "thu nhập", "segment", "count", "a`b", "last", "known", "from", "not", "x1"}
	name := names[g.pick(len(names))]
	return ast.Ident{Name: name, Quoted: !syntax.IsName(name) || name == "last"}
}

func (g *Grow) path() *ast.Path {
	p := &ast.Path{Parts: []ast.Ident{g.ident()}}
	for g.pick(3) == 2 {
		p.Parts = append(p.Parts, g.ident())
	}
	return p
}

func (g *Grow) number() *ast.Number {
	return &ast.Number{Text: []string{"1", "30", "0.5", "5000000"}[g.pick(4)]}
}

func (g *Grow) duration() *ast.Duration {
	if g.pick(5) == 4 {
		return &ast.Duration{Name: &ast.Path{Parts: []ast.Ident{{Name: "recent"}}}}
	}
	return &ast.Duration{Number: g.number(), Unit: []string{"days", "months", "seconds", "years"}[g.pick(4)]}
}

func (g *Grow) text() *ast.Text {
	return &ast.Text{Value: []string{"Huế", "", "a\"b\\c\n\t", "đ\u0001\u202e", "# no"}[g.pick(5)]}
}

func (g *Grow) literal() ast.Expr {
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
		return &ast.Bool{Value: g.Yes()}
	case 6:
		return &ast.Neg{X: g.number()}
	}
	return g.number()
}

// Set makes a set of literals.
func (g *Grow) Set() *ast.Set {
	s := &ast.Set{Elems: []ast.Expr{g.literal()}}
	for g.Yes() {
		s.Elems = append(s.Elems, g.literal())
	}
	return s
}

// Cond makes a condition.
func (g *Grow) Cond() ast.Expr {
	switch g.pick(4) {
	case 1:
		x := &ast.Logic{Op: []string{"and", "or"}[g.pick(2)], Operands: []ast.Expr{g.unary(), g.unary()}}
		for g.Yes() {
			x.Operands = append(x.Operands, g.unary())
		}
		return x
	case 2, 3:
		return g.unary()
	}
	return g.pred()
}

func (g *Grow) unary() ast.Expr {
	switch g.pick(4) {
	case 1:
		return &ast.Not{X: g.pred()}
	case 2:
		return &ast.Paren{X: g.Cond()}
	}
	return g.pred()
}

func (g *Grow) pred() ast.Expr {
	switch g.pick(18) {
	case 1:
		return &ast.Between{Not: g.Yes(), X: g.sum(), Lo: g.sum(), Hi: g.sum()}
	case 2:
		return &ast.Has{Not: g.Yes(), X: g.sum(), Quant: []string{"", "any", "all", "none"}[g.pick(4)], Y: g.Set()}
	case 3:
		return &ast.Has{X: g.sum(), Quant: []string{"", "all"}[g.pick(2)], Y: g.sum()}
	case 4:
		h := &ast.History{Left: g.Yes(), Ref: g.path(), Window: g.window()}
		if g.Yes() {
			h.Not, h.X = g.Yes(), &ast.PathExpr{Path: g.path()}
		}
		return h
	case 5:
		return &ast.InName{Not: g.Yes(), X: g.sum(), Name: &ast.Path{Parts: []ast.Ident{{Name: "staff"}}}}
	case 6:
		return &ast.InRank{Not: g.Yes(), X: g.sum(), Rank: g.rank()}
	case 7:
		return &ast.InSegment{Not: g.Yes(), X: &ast.PathExpr{Path: g.path()}, Ref: g.path()}
	case 8:
		return &ast.InSet{Not: g.Yes(), X: g.sum(), Set: g.Set()}
	case 9:
		w := g.window()
		for w.Kind == ast.WindowBetween {
			w = g.window()
		}
		return &ast.InWindow{Not: g.Yes(), X: g.sum(), Window: w}
	case 10:
		return &ast.Known{X: g.sum(), Missing: g.Yes()}
	case 11:
		return &ast.Matches{Not: g.Yes(), X: g.sum(), Regex: &ast.Regex{Pattern: `^a\/[b]\\$`, Flags: "i"}}
	case 12:
		ops := []string{"contains", "~contains", "starts with", "ends with"}
		return &ast.TextMatch{Not: g.Yes(), Op: ops[g.pick(4)], X: g.sum(), Y: g.sum()}
	case 13:
		return &ast.Within{Not: g.Yes(), X: g.sum(), Distance: &ast.Duration{Number: g.number(), Unit: "km"}, Of: g.sum()}
	case 14:
		return &ast.AllCall{Fact: g.fact(), Have: g.Cond()}
	case 15:
		r := &ast.Regularly{Fact: g.fact(), Every: g.duration(), Periods: g.number()}
		if g.Yes() {
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

func (g *Grow) sum() ast.Expr {
	if g.pick(4) == 3 {
		return &ast.Arith{Op: []string{"+", "-"}[g.pick(2)], L: g.sum(), R: g.term()}
	}
	return g.term()
}

func (g *Grow) term() ast.Expr {
	if g.pick(5) == 4 {
		return &ast.Arith{Op: []string{"*", "/"}[g.pick(2)], L: g.term(), R: g.prim()}
	}
	return g.prim()
}

func (g *Grow) prim() ast.Expr {
	switch g.pick(10) {
	case 1:
		return g.literal()
	case 2:
		d := &ast.Duration{Number: g.number(), Unit: "weeks", Ago: g.Yes()}
		return d
	case 3:
		return g.call()
	case 4:
		return &ast.FactCall{Name: ast.Ident{Name: "count"}, Fact: g.fact()}
	case 5:
		c := &ast.Case{Whens: []ast.When{{Cond: g.Cond(), Value: g.sum()}}, Else: g.sum()}
		for g.Yes() {
			c.Whens = append(c.Whens, ast.When{Cond: g.Cond(), Value: g.sum()})
		}
		return c
	case 6:
		return &ast.Word{Name: []string{"as_of", "today", "yesterday", "tomorrow", "item"}[g.pick(5)]}
	case 7:
		return &ast.Paren{X: g.sum()}
	}
	return &ast.PathExpr{Path: g.path()}
}

func (g *Grow) call() ast.Expr {
	c := &ast.Call{Name: ast.Ident{Name: []string{"sum", "bucket", "sample", "lower"}[g.pick(4)]}, Distinct: g.pick(4) == 3}
	c.Args = []ast.Expr{&ast.PathExpr{Path: &ast.Path{Parts: []ast.Ident{{Name: "v"}}}}}
	for g.Yes() {
		c.Args = append(c.Args, g.Cond())
	}
	if g.Yes() {
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
		if g.Yes() || c.Of.Fact == nil && !c.Of.Everyone && c.Of.Segment == nil {
			c.Of.Per = g.path()
		}
	}
	if g.pick(4) == 3 {
		c.By = g.path()
	}
	return c
}

func (g *Grow) fact() *ast.Fact {
	f := &ast.Fact{Path: g.path()}
	if g.pick(4) == 3 {
		id := g.ident()
		f.As = &id
	}
	if g.Yes() {
		f.Window = g.window()
	}
	if g.Yes() {
		f.Where = g.Cond()
	}
	for g.pick(4) == 3 {
		s := ast.Step{Not: g.Yes(), Directly: g.Yes(), Preceded: g.Yes(), Path: g.path()}
		if g.Yes() {
			s.After = g.duration()
		}
		if g.Yes() {
			s.Within = g.duration()
		}
		if g.Yes() {
			s.Where = g.Cond()
		}
		f.Steps = append(f.Steps, s)
	}
	return f
}

func (g *Grow) window() *ast.Window {
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
		if w.Unit = "months"; g.Yes() {
			w.Count = g.number()
		}
	case ast.WindowThis:
		w.Unit = "quarters"
	case ast.WindowYear:
		w.Year = 2025
	}
	return w
}

func (g *Grow) rank() *ast.Rank {
	r := &ast.Rank{Bottom: g.Yes(), N: &ast.Number{Text: "10", Percent: true}}
	if g.Yes() {
		r.N = &ast.PathExpr{Path: &ast.Path{Parts: []ast.Ident{{Name: "n"}}}}
	}
	if g.Yes() {
		r.Of = g.path()
	}
	if g.Yes() {
		r.Per = g.path()
	}
	return r
}

// meta makes keys with values of their types.
func (g *Grow) meta() (metas []ast.Meta) {
	for _, key := range []string{"title", "tags", "priority", "channels", "valid_from"} {
		if g.pick(3) < 2 {
			continue
		}
		var x ast.Expr = g.text()
		switch key {
		case "tags", "channels":
			set := &ast.Set{Elems: []ast.Expr{x}}
			for g.pick(4) > 0 {
				set.Elems = append(set.Elems, g.text())
			}
			x = set
		case "priority":
			x = g.number()
		case "valid_from":
			x = &ast.Date{Year: 2025, Month: 3, Day: 8}
		}
		metas = append(metas, ast.Meta{Key: ast.Ident{Name: key}, Value: x})
	}
	return metas
}

// Decl makes a declaration of any kind.
func (g *Grow) Decl() ast.Decl {
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
		for g.Yes() {
			s.Branches = append(s.Branches, ast.Branch{Name: g.ident(), Title: g.text(), When: g.Cond()})
		}
		s.Branches = append(s.Branches, ast.Branch{Name: g.ident()})
		return s
	case 2:
		h := &ast.Holdout{Name: id, Of: g.path(), Meta: g.meta()}
		for g.Yes() {
			h.Groups = append(h.Groups, ast.Group{Name: g.ident(), Share: &ast.Number{Text: "10", Percent: true}})
		}
		h.Groups = append(h.Groups, ast.Group{Name: g.ident()})
		return h
	case 3:
		return &ast.Trait{Name: id, Value: &ast.Arith{Op: "+", L: g.prim(), R: g.term()}}
	case 4:
		return &ast.RFM{Name: id, Value: g.sum(), Fact: g.fact()}
	case 5:
		if g.Yes() {
			return &ast.List{Name: id, From: g.text(), Column: &of}
		}
		set := g.Set() // of one type, as the checker demands
		set.Elems = slices.DeleteFunc(set.Elems, func(x ast.Expr) bool {
			return reflect.TypeOf(x) != reflect.TypeOf(set.Elems[0])
		})
		return &ast.List{Name: id, Set: set}
	case 6:
		return &ast.Param{Name: id, Value: g.literal()}
	}
	s := &ast.Segment{Name: id, Meta: g.meta(), Where: g.Cond()}
	if g.Yes() {
		s.Of = &of
		s.Expects = []ast.Expect{{Check: g.Cond()}}
	}
	return s
}
