package mutate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// window moves the bounds of a window by a unit, or makes whole calendar units
// of a rolling one; put gives a node another window.
func window(w *ir.Window, put func(ir.Expr, *ir.Window) ir.Expr, of func(ir.Expr) *ir.Window) []one {
	if w == nil {
		return nil
	}
	var out []one
	change := func(text string, build func(*ir.Window) *ir.Window) {
		out = append(out, one{text: text, at: place(w), build: func(y ir.Expr) ir.Expr { return put(y, build(of(y))) }})
	}
	for _, by := range []int64{-1, 1} {
		word := map[int64]string{-1: "earlier", 1: "later"}[by]
		if unit := movable(w.Lo); unit != "" && !(isLast(w) && by == 1 && steps(w.Lo) == -1) {
			change(fmt.Sprintf("the window begins one %s %s", unit, word), func(w *ir.Window) *ir.Window {
				c := *w
				c.Lo = further(w.Lo, by)
				return &c
			})
		}
		if unit := movable(w.Hi); unit != "" && !(w.Next && by == -1 && steps(w.Hi) == 1) {
			change(fmt.Sprintf("the window ends one %s %s", unit, word), func(w *ir.Window) *ir.Window {
				c := *w
				c.Hi = further(w.Hi, by)
				return &c
			})
		}
	}
	if isLast(w) {
		if unit := w.Lo.(*ir.TimeAdd).Unit; slices.Contains([]string{"weeks", "months", "quarters", "years"}, unit) {
			change("`in last` becomes `in previous`", func(w *ir.Window) *ir.Window {
				lo := w.Lo.(*ir.TimeAdd)
				start := &ir.StartOf{Loc: lo.Loc, Unit: lo.Unit, X: w.Hi}
				return &ir.Window{Lo: &ir.TimeAdd{Loc: lo.Loc, X: start, N: lo.N, Unit: lo.Unit}, Hi: start, Text: w.Text}
			})
		}
	}
	return out
}

// place is a node that stands where the window is written, nil when none does.
func place(w *ir.Window) ir.Expr {
	for _, x := range []ir.Expr{w.Lo, w.Hi} {
		if x != nil && x.Span().Text() == w.Text {
			return x
		}
	}
	return nil
}

// isLast reports `in last N units`.
func isLast(w *ir.Window) bool {
	lo, ok := w.Lo.(*ir.TimeAdd)
	_, now := w.Hi.(*ir.AsOf)
	return ok && now && lo.X == w.Hi
}

// steps is the number of units of a bound, 0 when it has none.
func steps(x ir.Expr) int64 {
	if t, ok := x.(*ir.TimeAdd); ok {
		return t.N
	}
	return 0
}

// movable is the unit by which a bound can be moved, "" when it cannot.
func movable(x ir.Expr) string {
	switch x := x.(type) {
	case *ir.Const:
		if x.V.Kind == value.Date || x.V.Kind == value.Time || x.V.Kind == value.Wall {
			return "day"
		}
	case *ir.TimeAdd:
		return strings.TrimSuffix(x.Unit, "s")
	default: // is worked out
	}
	return ""
}

// further is a bound one unit earlier or later.
func further(x ir.Expr, by int64) ir.Expr {
	switch x := x.(type) {
	case *ir.Const:
		v := moved(x.V, "", by)
		if x.V.Kind != value.Date {
			v = moved(x.V, "", by*86_400)
		}
		return &ir.Const{Loc: x.Loc, V: v, T: x.T}
	case *ir.TimeAdd:
		return &ir.TimeAdd{Loc: x.Loc, X: x.X, N: x.N + by, Unit: x.Unit}
	default:
		return x
	}
}

// aggregate drops what an aggregate is limited by, or takes another one.
func aggregate(x *ir.Agg) []one {
	var out []one
	change := func(text string, at ir.Expr, f func(*ir.Agg)) {
		out = append(out, one{text: text, at: at, build: func(y ir.Expr) ir.Expr {
			c := *y.(*ir.Agg)
			f(&c)
			return &c
		}})
	}
	if x.Where != nil {
		change("this filter is dropped", x.Where, func(a *ir.Agg) { a.Where = nil })
	}
	if x.Window != nil {
		change("the window is dropped", nil, func(a *ir.Agg) { a.Window = nil })
	}
	if x.Distinct {
		change("`distinct` is dropped", nil, func(a *ir.Agg) { a.Distinct = false })
	}
	other := map[ir.AggOp]ir.AggOp{ir.OpMin: ir.OpMax, ir.OpMax: ir.OpMin, ir.OpFirst: ir.OpLast, ir.OpLast: ir.OpFirst, ir.OpAvg: ir.OpMedian, ir.OpMedian: ir.OpAvg}[x.Op]
	if other != "" && x.Value != nil && x.Value.Type().Kind != value.List {
		change(fmt.Sprintf("`%s` becomes `%s`", x.Op, other), nil, func(a *ir.Agg) { a.Op = other })
	}
	return out
}

func arithmetic(x *ir.Arith) []one {
	other := map[string]string{"+": "-", "-": "+"}[x.Op]
	if other == "" {
		return nil
	}
	return []one{{text: fmt.Sprintf("`%s` becomes `%s`", x.Op, other), build: func(y ir.Expr) ir.Expr {
		c := *y.(*ir.Arith)
		c.Op = other
		return &c
	}}}
}

func cases(x *ir.Case) []one {
	var out []one
	for i, w := range x.Whens {
		out = append(out, one{text: "this `when` is dropped", at: w.Cond, build: func(y ir.Expr) ir.Expr {
			c := *y.(*ir.Case)
			c.Whens = slices.Delete(slices.Clone(c.Whens), i, i+1)
			return &c
		}})
	}
	return out
}

func textMatch(x *ir.TextMatch) []one {
	other := map[string]string{"starts": "contains", "ends": "contains", "contains": "starts", "fold=": "foldcontains"}[x.Op]
	if other == "" {
		return nil
	}
	words := map[string]string{"starts": "starts with", "ends": "ends with", "contains": "contains", "fold=": "~=", "foldcontains": "~contains"}
	return []one{{text: fmt.Sprintf("`%s` becomes `%s`", words[x.Op], words[other]), build: func(y ir.Expr) ir.Expr {
		c := *y.(*ir.TextMatch)
		c.Op = other
		return &c
	}}}
}

// sequence changes the steps of a sequence.
func sequence(x *ir.Seq) []one {
	var out []one
	for i, st := range x.Steps {
		change := func(text string, f func(*ir.Step)) {
			out = append(out, one{text: text, build: func(y ir.Expr) ir.Expr {
				c := *y.(*ir.Seq)
				c.Steps = slices.Clone(c.Steps)
				step := *c.Steps[i]
				f(&step)
				c.Steps[i] = &step
				return &c
			}})
		}
		if st.Where != nil {
			change("the filter of a step is dropped", func(s *ir.Step) { s.Where = nil })
		}
		if !st.Not {
			change("`directly` is added or dropped", func(s *ir.Step) { s.Directly = !s.Directly })
		}
		if unit := movable(st.Within); unit != "" {
			change("`within` is one "+unit+" longer", func(s *ir.Step) { s.Within = further(s.Within, 1) })
			change("`within` is one "+unit+" shorter", func(s *ir.Step) { s.Within = further(s.Within, -1) })
		}
		if unit := movable(st.After); unit != "" {
			change("`after` is one "+unit+" longer", func(s *ir.Step) { s.After = further(s.After, 1) })
		}
	}
	return out
}

// population changes who is compared with whom.
func population(x ir.Expr) []one {
	if a, ok := x.(*ir.PopAgg); ok {
		if a.Of == nil {
			return nil
		}
		return []one{{text: "it is of everyone", build: func(y ir.Expr) ir.Expr {
			c := *y.(*ir.PopAgg)
			c.Of = nil
			return &c
		}}}
	}
	r := x.(*ir.Rank)
	change := func(text string, f func(*ir.Rank)) one {
		return one{text: text, build: func(y ir.Expr) ir.Expr {
			c := *y.(*ir.Rank)
			f(&c)
			return &c
		}}
	}
	out := []one{change("`top` and `bottom` change places", func(r *ir.Rank) { r.Bottom = !r.Bottom })}
	if r.Percent == nil {
		out = append(out, change("one place more", func(r *ir.Rank) { r.N++ }))
		if r.N > 1 {
			out = append(out, change("one place less", func(r *ir.Rank) { r.N-- }))
		}
	}
	if r.Of != nil {
		out = append(out, change("it is among everyone", func(r *ir.Rank) { r.Of = nil }))
	}
	if r.Per != nil {
		out = append(out, change("`per` is dropped", func(r *ir.Rank) { r.Per = nil }))
	}
	return out
}
