package ir

import "github.com/segql/segql/compiler/value"

// agg lowers an aggregate: the bounds of its window become comparisons of the
// fact's time with constants, part of Where; a bound that depends on the outer
// row stays.
func (l *lowering) agg(e *Agg) Expr {
	c := *e
	c.Value, c.Window = l.maybe(e.Value), nil
	var where []Expr
	if w := e.Window; w != nil {
		fixed, moving := &Window{Next: w.Next}, &Window{Next: w.Next, Text: w.Text}
		if lo := l.maybe(w.Lo); l.settled(lo) {
			fixed.Lo = lo
		} else {
			moving.Lo = l.beside(lo, e.Leaf.Time.Type)
		}
		if hi := l.maybe(w.Hi); l.settled(hi) {
			fixed.Hi = hi
		} else {
			moving.Hi = l.beside(hi, e.Leaf.Time.Type)
		}
		where = append(where, l.inRange(&InRange{e.Loc, &Column{e.Loc, e.Leaf.Time}, fixed}, false))
		if moving.Lo != nil || moving.Hi != nil {
			c.Window = moving
		}
	}
	if e.Where != nil {
		where = append(where, l.cond(e.Where, false))
	}
	c.Where = nil
	if len(where) > 0 {
		c.Where = l.joinLowered(e.Loc, flatten(where), true)
	}
	if k, ok := c.Where.(*Const); ok && k.V.True() {
		c.Where = nil
	}
	return &c
}

// beside brings a bound that is worked out for each outer row to the finer
// of its kind and that of the fact's time; the time is converted where it is
// the coarser.
func (l *lowering) beside(bound Expr, t value.Type) Expr {
	if bound == nil || bound.Type().Kind == value.Time || bound.Type().Kind == t.Kind || t.Kind == value.Date {
		return bound
	}
	return l.convert(bound, t)
}

func flatten(xs []Expr) []Expr {
	var out []Expr
	for _, x := range xs {
		if a, ok := x.(*And); ok {
			out = append(out, a.Xs...)
			continue
		}
		out = append(out, x)
	}
	return out
}

// settled reports whether a bound is the same for every outer row.
func (l *lowering) settled(e Expr) bool {
	if e == nil {
		return true
	}
	return isConst(e) || l.every && fixed(e)
}

func isConst(e Expr) bool {
	_, ok := e.(*Const)
	return ok
}
