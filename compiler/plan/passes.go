package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// maxAggs is how many aggregates one pass computes; wider passes only cost
// memory.
const maxAggs = 32

// passes groups the features into passes over their facts.
func (b *builder) passes() {
	groups := map[string]*Table{}
	count := map[string]int{}
	for _, f := range b.order {
		shared, rest := b.dispatch(f.agg)
		key := f.groupKey(shared)
		t := groups[key]
		if t == nil || len(t.Aggs) == maxAggs {
			name := f.base.Name + "_" + f.agg.Leaf.Name
			count[name]++
			t = &Table{Name: b.unique("", fmt.Sprintf("%s_%d", name, count[name])), Kind: Pass, Level: f.level, Rel: f.base,
				Leaf: f.agg.Leaf, Key: backKey(f.agg.Back), Where: shared, Outer: f.agg.Window != nil, Anchor: anchorKey(f.agg.Anchor)}
			if f.bounds != "" {
				t.Bounds = f.agg.Window
			}
			groups[key] = t
			b.plan.Tables = append(b.plan.Tables, t)
		}
		agg := *f.agg
		agg.Where = rest
		col := fmt.Sprintf("%s_%d", agg.Op, len(t.Aggs)+1)
		t.Aggs = append(t.Aggs, &Feature{Col: col, Agg: &agg})
		f.slot.Table, f.slot.Col = t.Name, col
	}
	b.plan.Tables = append(b.plan.Tables, b.rest...)
}

// groupKey is equal for features that may share a pass.
func (f *feature) groupKey(shared []ir.Expr) string {
	parts := []string{f.base.Name, f.agg.Leaf.Name, fmt.Sprint(f.level), fmt.Sprint(f.agg.Window != nil), f.bounds}
	for _, l := range append(slices.Clone(f.agg.Anchor), f.agg.Back...) {
		parts = append(parts, l.From.Name+"."+l.Name)
	}
	for _, x := range shared {
		parts = append(parts, ir.Key(x))
	}
	return strings.Join(parts, "\x00")
}

// dispatch splits the condition of an aggregate into what its pass tests for
// every row, the window and plain equalities, and what is left to test. What
// holds a subquery is always of the first, for a FILTER may hold none.
func (b *builder) dispatch(a *ir.Agg) (shared []ir.Expr, rest ir.Expr) {
	if a.Where == nil {
		return nil, nil
	}
	parts := []ir.Expr{a.Where}
	if and, ok := a.Where.(*ir.And); ok {
		parts = and.Xs
	}
	var left []ir.Expr
	for _, x := range parts {
		if _, seq := x.(*ir.Seq); seq || !b.options.Small && plain(x) {
			shared = append(shared, x)
		} else {
			left = append(left, x)
		}
	}
	sort.SliceStable(shared, func(i, j int) bool { return ir.Key(shared[i]) < ir.Key(shared[j]) })
	switch len(left) {
	case 0:
		return shared, nil
	case 1:
		return shared, left[0]
	default:
		return shared, &ir.And{Loc: ir.Loc{At: a.At}, Xs: left}
	}
}

// plain is a comparison of the row's own column with constants.
func plain(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Cmp:
		_, column := x.L.(*ir.Column)
		_, constant := x.R.(*ir.Const)
		return column && constant && (x.Op == "=" || x.L.Type().Temporal())
	case *ir.InSet:
		_, column := x.X.(*ir.Column)
		return column
	default:
		return false
	}
}

// anchorKey is the anchor's key, read from the row in scope, so that it is
// missing where there is no anchor; nil when the row is the anchor.
func anchorKey(anchor []*ir.Lookup) ir.Expr {
	if len(anchor) == 0 {
		return nil
	}
	last := anchor[len(anchor)-1]
	loc := ir.Loc{At: last.At}
	x := ir.Expr(&ir.Column{Loc: loc, Col: last.To.Key})
	for i := len(anchor) - 1; i >= 0; i-- {
		x = &ir.Follow{Loc: loc, By: anchor[i], X: x}
	}
	return x
}

// backKey is the anchor's key as a row of the leaf knows it.
func backKey(back []*ir.Lookup) ir.Expr {
	last := back[len(back)-1]
	x := last.By
	for i := len(back) - 2; i >= 0; i-- {
		x = &ir.Follow{Loc: ir.Loc{At: last.At}, By: back[i], X: x}
	}
	return x
}
