package generate

import (
	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// goal is something to be shown by a customer: of one of several regions, the
// best first.
type goal []region

// pairs are goals of each condition: it holds, it does not, and it alone
// decides.
func pairs(segments []*ir.Segment) (out []goal) {
	for _, s := range segments {
		cover.Leaves(s.Where, func(leaf ir.Expr) {
			for _, holds := range []bool{true, false} {
				out = append(out, each(deciding(s.Where, leaf), []region{is(leaf, holds)}))
			}
		})
	}
	return out
}

// edges are goals just below, at and just above each threshold and each edge
// of a window, and of each condition on the rows of a fact. The conditions
// beside it are so that it decides, where that can be.
func edges(segments []*ir.Segment) (out []goal) {
	seen := map[string]bool{}
	for _, s := range segments {
		cover.Leaves(s.Where, func(leaf ir.Expr) {
			if key := ir.Key(leaf); seen[key] {
				return
			} else {
				seen[key] = true
			}
			beside := deciding(s.Where, leaf)
			for _, x := range sidesOf(leaf) {
				out = append(out, append(each(beside, []region{is(x, true)}), is(x, true)))
			}
		})
	}
	return out
}

// sidesOf are conditions that hold on the sides of a leaf's edges, and on
// those of the conditions and windows of the rows it looks at.
func sidesOf(leaf ir.Expr) []ir.Expr {
	out := cover.Sides(leaf)
	for _, a := range cover.Aggregates(leaf) {
		for _, w := range cover.WindowSides(a) {
			out = append(out, someRow(a, w, a.Where))
		}
		if a.Where == nil {
			continue
		}
		cover.Leaves(a.Where, func(inner ir.Expr) {
			for _, beside := range deciding(a.Where, inner)[:min(1, len(deciding(a.Where, inner)))] {
				for _, holds := range []bool{true, false} {
					out = append(out, someRow(a, a.Window, beside.expr(is(inner, holds)...)))
				}
				for _, x := range cover.Sides(inner) {
					out = append(out, someRow(a, a.Window, beside.expr(is(x, true)...)))
				}
			}
		})
	}
	return out
}

// expr is the condition of being in the region, and of what is added.
func (r region) expr(more ...lit) ir.Expr {
	and := &ir.And{}
	for _, l := range append(r[:len(r):len(r)], more...) {
		x := l.X
		if !l.Holds {
			x = &ir.Not{X: x}
		}
		and.Xs = append(and.Xs, x)
	}
	return and
}

// someRow is the condition that one of the rows of an aggregate lies in a
// window and meets where.
func someRow(a *ir.Agg, w *ir.Window, where ir.Expr) ir.Expr {
	count := &ir.Agg{Op: ir.OpCount, Anchor: a.Anchor, Leaf: a.Leaf, Back: a.Back, Window: w, Where: where, T: value.Of(value.Int)}
	return &ir.Cmp{Op: ">=", L: count, R: &ir.Const{V: value.NewInt(1), T: value.Of(value.Int)}}
}
