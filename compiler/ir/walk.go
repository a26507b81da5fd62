package ir

import (
	"fmt"
	"slices"
)

// Children are the direct sub-expressions of e that are read in the same
// scope as e; those of an inner scope (Follow.X, Agg.Value and Where,
// population values) are given by Inner.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Agg:
		return e.Window.bounds()
	case *And:
		return e.Xs
	case *Anniversary:
		return append([]Expr{e.X}, e.Window.bounds()...)
	case *Arith:
		return []Expr{e.L, e.R}
	case *AsOf, *Column, *Const, *Earlier, *GroupAgg, *Member, *Seq, *Slot:
		return nil
	case *Bucket, *PopAgg, *Rank:
		return nil
	case *Call:
		return e.Args
	case *Case:
		var xs []Expr
		for _, w := range e.Whens {
			xs = append(xs, w.Cond, w.Value)
		}
		return append(xs, e.Else)
	case *Cmp:
		return []Expr{e.L, e.R}
	case *Convert:
		return []Expr{e.X}
	case *Div:
		return []Expr{e.L, e.R}
	case *Field:
		return []Expr{e.X}
	case *Follow:
		return nil
	case *Has:
		return []Expr{e.X, e.Y}
	case *ListCount:
		return []Expr{e.X}
	case *History:
		return e.Window.bounds()
	case *InRange:
		return append([]Expr{e.X}, e.Window.bounds()...)
	case *InSet:
		return []Expr{e.X}
	case *Known:
		return []Expr{e.X}
	case *Match:
		return []Expr{e.X}
	case *Neg:
		return []Expr{e.X}
	case *Not:
		return []Expr{e.X}
	case *Or:
		return e.Xs
	case *Sample:
		return []Expr{e.By}
	case *StartOf:
		return []Expr{e.X}
	case *TextMatch:
		return []Expr{e.X, e.Y}
	case *TimeAdd:
		return []Expr{e.X}
	case *Trait:
		return []Expr{e.X}
	case *Truth:
		return []Expr{e.X}
	default:
		panic(fmt.Sprintf("ir: Children of %T", e))
	}
}

// OfSlots reports whether e reads nothing but columns of planned tables, all of
// them such as is accepts.
func OfSlots(e Expr, is func(*Slot) bool) bool {
	switch e := e.(type) {
	case *Const:
		return true
	case *Slot:
		return is(e)
	default:
		parts := Children(e)
		return len(parts) > 0 && len(Inner(e)) == 0 && !slices.ContainsFunc(parts, func(x Expr) bool { return !OfSlots(x, is) })
	}
}

// Inner are the sub-expressions read in another scope than e: the rows of a
// fact, the row looked up, every row of the population.
func Inner(e Expr) []Expr {
	switch e := e.(type) {
	case *Agg:
		return some(e.Value, e.Where)
	case *Bucket:
		return some(e.Value, e.Per)
	case *Follow:
		return []Expr{e.X}
	case *GroupAgg:
		return some(e.Value)
	case *Earlier:
		return []Expr{e.X}
	case *ListCount:
		return some(e.Where)
	case *Seq:
		var xs []Expr
		for _, s := range e.Steps {
			xs = append(xs, s.exprs()...)
		}
		return xs
	case *PopAgg:
		return some(e.Value, e.Per)
	case *Rank:
		return some(e.Value, e.Per)
	default:
		return nil
	}
}

func some(xs ...Expr) []Expr {
	var out []Expr
	for _, x := range xs {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

func (w *Window) bounds() []Expr {
	if w == nil {
		return nil
	}
	return some(w.Lo, w.Hi)
}

// Walk calls f for e and everything below it, inner scopes too, parents
// first; where f answers false, what is below is passed over.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	for _, x := range Children(e) {
		Walk(x, f)
	}
	for _, x := range Inner(e) {
		Walk(x, f)
	}
}

// Map rebuilds e with f applied to each sub-expression, inner scopes
// included, then to the node itself. Nodes are never changed in place.
func Map(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	m := func(x Expr) Expr {
		if x == nil {
			return nil
		}
		return Map(x, f)
	}
	ms := func(xs []Expr) []Expr {
		out := make([]Expr, len(xs))
		for i, x := range xs {
			out[i] = m(x)
		}
		return out
	}
	return f(rebuild(e, m, ms))
}

func (w *Window) mapBounds(m func(Expr) Expr) *Window {
	if w == nil {
		return nil
	}
	c := *w
	c.Lo, c.Hi = m(w.Lo), m(w.Hi)
	return &c
}

func rebuild(e Expr, m func(Expr) Expr, ms func([]Expr) []Expr) Expr {
	switch e := e.(type) {
	case *Agg:
		c := *e
		c.Value, c.Where, c.Window = m(e.Value), m(e.Where), e.Window.mapBounds(m)
		return &c
	case *And:
		return &And{e.Loc, ms(e.Xs)}
	case *Anniversary:
		return &Anniversary{e.Loc, m(e.X), e.Window.mapBounds(m)}
	case *Arith:
		return &Arith{e.Loc, e.Op, m(e.L), m(e.R), e.T}
	case *AsOf, *Column, *Const, *Member, *Slot:
		return e
	case *Bucket:
		c := *e
		c.Value, c.Per = m(e.Value), m(e.Per)
		return &c
	case *Call:
		return &Call{e.Loc, e.Fn, ms(e.Args), e.T}
	case *Case:
		c := &Case{e.Loc, make([]When, len(e.Whens)), m(e.Else), e.T}
		for i, w := range e.Whens {
			c.Whens[i] = When{m(w.Cond), m(w.Value)}
		}
		return c
	case *Cmp:
		return &Cmp{e.Loc, e.Op, m(e.L), m(e.R)}
	case *Convert:
		return &Convert{e.Loc, m(e.X), e.T}
	case *Div:
		return &Div{e.Loc, m(e.L), m(e.R)}
	case *Field:
		return &Field{e.Loc, m(e.X), e.Name, e.T}
	case *Follow:
		return &Follow{e.Loc, e.By, m(e.X)}
	case *GroupAgg:
		c := *e
		c.Value = m(e.Value)
		return &c
	case *History:
		c := *e
		c.Window = e.Window.mapBounds(m)
		return &c
	case *InRange:
		return &InRange{e.Loc, m(e.X), e.Window.mapBounds(m)}
	case *InSet:
		return &InSet{e.Loc, m(e.X), e.Set}
	case *Known:
		return &Known{e.Loc, m(e.X), e.Missing}
	case *Match:
		return &Match{e.Loc, m(e.X), e.Re}
	case *Neg:
		return &Neg{e.Loc, m(e.X)}
	case *Not:
		return &Not{e.Loc, m(e.X)}
	case *Or:
		return &Or{e.Loc, ms(e.Xs)}
	case *Earlier, *Has, *ListCount, *PopAgg, *Rank, *Sample, *Seq, *StartOf, *TextMatch, *TimeAdd, *Trait, *Truth:
		return rebuildRest(e, m)
	default:
		panic(fmt.Sprintf("ir: rebuild of %T", e))
	}
}

func rebuildRest(e Expr, m func(Expr) Expr) Expr {
	switch e := e.(type) {
	case *Earlier:
		return &Earlier{e.Loc, e.Row, e.Rel, m(e.X)}
	case *Seq:
		return e.mapSteps(m)
	case *Has:
		return &Has{e.Loc, m(e.X), m(e.Y)}
	case *ListCount:
		return &ListCount{e.Loc, m(e.X), e.Elem, m(e.Where)}
	case *PopAgg:
		c := *e
		c.Value, c.Per = m(e.Value), m(e.Per)
		return &c
	case *Rank:
		c := *e
		c.Value, c.Per = m(e.Value), m(e.Per)
		return &c
	case *Sample:
		return &Sample{e.Loc, e.From, e.Share, e.Salt, m(e.By)}
	case *StartOf:
		return &StartOf{e.Loc, e.Unit, m(e.X)}
	case *TextMatch:
		return &TextMatch{e.Loc, e.Op, m(e.X), m(e.Y)}
	case *TimeAdd:
		return &TimeAdd{e.Loc, m(e.X), e.N, e.Unit}
	case *Trait:
		return &Trait{e.Loc, e.Name, m(e.X)}
	default:
		t := e.(*Truth)
		return &Truth{t.Loc, m(t.X)}
	}
}

// MapChildren rebuilds e with f applied to each direct sub-expression, those
// of inner scopes too.
func MapChildren(e Expr, f func(Expr) Expr) Expr {
	m := func(x Expr) Expr {
		if x == nil {
			return nil
		}
		return f(x)
	}
	return rebuild(e, m, func(xs []Expr) []Expr {
		out := make([]Expr, len(xs))
		for i, x := range xs {
			out[i] = m(x)
		}
		return out
	})
}
