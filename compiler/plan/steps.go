package plan

import (
	"github.com/segql/segql/compiler/ir"
)

// bounded tells the steps of sequences that begin with a row of a fact what
// follows from the window of that row: what comes after it is not before the
// window, and what comes before it not after. No row is lost that could fit,
// and an engine need not look at the fact's whole history.
func bounded(fact *ir.Relation, where ir.Expr) ir.Expr {
	and, ok := where.(*ir.And)
	if !ok || fact.Time == nil {
		return where
	}
	var lo, hi []*ir.Cmp
	for _, x := range and.Xs {
		c, ok := x.(*ir.Cmp)
		if !ok {
			continue
		}
		column, ok := c.L.(*ir.Column)
		if _, constant := c.R.(*ir.Const); !ok || !constant || column.Col != fact.Time {
			continue
		}
		switch c.Op {
		case ">", ">=":
			lo = append(lo, c)
		case "<", "<=":
			hi = append(hi, c)
		default:
			lo, hi = append(lo, c), append(hi, c)
		}
	}
	xs := make([]ir.Expr, len(and.Xs))
	for i, x := range and.Xs {
		xs[i] = x
		switch x := x.(type) {
		case *ir.Not:
			if s, ok := x.X.(*ir.Seq); ok {
				xs[i] = &ir.Not{Loc: x.Loc, X: within(s, lo, hi)}
			}
		case *ir.Seq:
			xs[i] = within(x, lo, hi)
		default: // only sequences look at other rows by time
		}
	}
	return &ir.And{Loc: and.Loc, Xs: xs}
}

// within bounds the steps up to the first that turns back.
func within(s *ir.Seq, lo, hi []*ir.Cmp) *ir.Seq {
	out := &ir.Seq{Loc: s.Loc, Back: s.Back}
	turned := false
	for i, st := range s.Steps {
		turned = turned || st.Preceded != s.Steps[0].Preceded
		bounds := lo
		if st.Preceded {
			bounds = hi
		}
		c := *s.Steps[i]
		for _, b := range bounds {
			if turned || st.Leaf.Time.Type.Kind != b.L.Type().Kind {
				continue
			}
			op := ">="
			if st.Preceded {
				op = "<="
			}
			x := ir.Expr(&ir.Cmp{Loc: b.Loc, Op: op, L: &ir.Column{Loc: b.Loc, Col: st.Leaf.Time}, R: b.R})
			switch w := c.Where.(type) {
			case nil:
				c.Where = x
			case *ir.And:
				c.Where = &ir.And{Loc: w.Loc, Xs: append([]ir.Expr{x}, w.Xs...)}
			default:
				c.Where = &ir.And{Loc: b.Loc, Xs: []ir.Expr{x, w}}
			}
		}
		out.Steps = append(out.Steps, &c)
	}
	return out
}
