package expand

import (
	"fmt"
	"strings"

	"github.com/segql/segql/lang/ast"
)

// expr unfolds an expression; the tree it is given is not changed.
func (u *unfolding) expr(x ast.Expr) ast.Expr {
	switch e := x.(type) {
	case nil:
		return nil
	case *ast.Arith:
		c := *e
		c.L, c.R = u.expr(e.L), u.expr(e.R)
		return &c
	case *ast.Call:
		return u.call(e)
	case *ast.Case:
		c := *e
		c.Whens = nil
		for _, w := range e.Whens {
			w.Cond, w.Value = u.expr(w.Cond), u.expr(w.Value)
			c.Whens = append(c.Whens, w)
		}
		c.Else = u.expr(e.Else)
		return &c
	case *ast.Duration:
		return u.duration(e)
	case *ast.FactCall:
		c := *e
		c.Fact = u.fact(e.Fact)
		return &c
	case *ast.Logic:
		c := *e
		c.Operands = u.exprs(e.Operands)
		if c.Op == "and" {
			return all(c.Operands)
		}
		return &c
	case *ast.Neg:
		c := *e
		c.X = u.expr(e.X)
		return &c
	case *ast.Not:
		return negated(u.expr(e.X))
	case *ast.Paren:
		c := *e
		c.X = u.expr(e.X)
		return &c
	case *ast.PathExpr:
		return u.path(e)
	case *ast.Regularly:
		c := *e
		c.Fact, c.Every = u.fact(e.Fact), u.duration(e.Every)
		return &c
	case *ast.Bool, *ast.Date, *ast.Number, *ast.Scalar, *ast.Set, *ast.Text, *ast.Time, *ast.Word:
		return x
	default:
		return u.pred(x)
	}
}

// pred unfolds the predicates.
func (u *unfolding) pred(x ast.Expr) ast.Expr {
	switch e := x.(type) {
	case *ast.AllCall:
		c := *e
		c.Fact, c.Have = u.fact(e.Fact), u.inner().expr(e.Have)
		return &c
	case *ast.Between:
		c := *e
		c.X, c.Lo, c.Hi = u.operand(e.X), u.operand(e.Lo), u.operand(e.Hi)
		return &c
	case *ast.Compare:
		c := *e
		c.L, c.R = u.operand(e.L), u.operand(e.R)
		return &c
	case *ast.Has:
		c := *e
		if p, ok := e.Y.(*ast.PathExpr); ok && u.set(p.Path) != nil {
			c.Y = u.set(p.Path)
		} else {
			c.Y = u.expr(e.Y)
		}
		return &c
	case *ast.History:
		c := *e
		c.Window = u.window(e.Window)
		return &c
	case *ast.InName:
		if set := u.set(e.Name); set != nil {
			return &ast.InSet{Not: e.Not, X: u.expr(e.X), Set: set}
		}
		c := *e
		c.X = u.expr(e.X)
		return &c
	case *ast.InRank:
		c, r := *e, *e.Rank
		r.N = u.expr(r.N)
		c.X, c.Rank = u.expr(e.X), &r
		return &c
	case *ast.InSegment:
		return u.membership(e)
	case *ast.InSet:
		c := *e
		c.X = u.expr(e.X)
		return &c
	case *ast.InWindow:
		c := *e
		c.X, c.Window = u.expr(e.X), u.window(e.Window)
		return &c
	case *ast.Known:
		c := *e
		c.X = u.expr(e.X)
		return &c
	case *ast.Matches:
		c := *e
		c.X = u.expr(e.X)
		return &c
	case *ast.TextMatch:
		c := *e
		c.X, c.Y = u.expr(e.X), u.expr(e.Y)
		return &c
	case *ast.Within:
		c := *e
		c.X, c.Of = u.expr(e.X), u.expr(e.Of)
		return &c
	case *ast.Arith, *ast.Bool, *ast.Call, *ast.Case, *ast.Date, *ast.Duration, *ast.FactCall, *ast.Logic, *ast.Neg, *ast.Not,
		*ast.Number, *ast.Paren, *ast.PathExpr, *ast.Regularly, *ast.Scalar, *ast.Set, *ast.Text, *ast.Time, *ast.Word:
		panic(fmt.Sprintf("expand: %T is no predicate", x))
	default:
		panic(fmt.Sprintf("expand: %T", x))
	}
}

// operand unfolds what is compared. A percentage that a name stands for becomes
// the number it is: one that is written is never compared with whole numbers,
// for that is mostly a mistake.
func (u *unfolding) operand(x ast.Expr) ast.Expr {
	out := u.expr(x)
	n, ok := out.(*ast.Number)
	if !ok || !n.Percent || out == x {
		return out
	}
	whole, rest, _ := strings.Cut(n.Text, ".")
	whole = strings.Repeat("0", max(0, 3-len(whole))) + whole
	at := len(whole) - 2
	text := strings.TrimRight(whole[:at]+"."+whole[at:]+rest, "0")
	return &ast.Number{At: n.At, Text: strings.TrimSuffix(text, ".")}
}
