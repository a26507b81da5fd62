package cover

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// look is one segment at one instant of one test.
type look struct {
	*measure
	result  *ir.Result
	project *ir.Project
	segment *ir.Segment
	asked   map[string]bool // keys of rows of which something is expected
	all     bool            // the size is, so every row counts
}

// entity looks at the rows of the segment's entity, then at those of the facts
// that its conditions look at.
func (l *look) entity() {
	rel := l.segment.Entity
	t := newTable(rel.Key)
	l.plan(t, l.segment.Where)
	var aggs []*ir.Agg
	Leaves(l.segment.Where, func(leaf ir.Expr) { aggs = append(aggs, Aggregates(leaf)...) })
	for _, a := range aggs {
		if a.Window != nil {
			t.add(a.Window.Lo)
			t.add(a.Window.Hi)
		}
	}
	rows, err := l.result.Values(rel, t.exprs)
	if err != nil {
		return // the same question was answered before; an edge alone may overflow
	}
	kept := map[string]row{}
	for _, values := range rows {
		r := row{t, values}
		key := value.Key(values[0])
		if !l.all && !l.asked[key] {
			continue
		}
		kept[key] = r
		l.row(l.segment.Where, r)
	}
	for _, a := range aggs {
		l.facts(a, kept)
	}
}

// facts looks at the rows of a fact that lead to rows of the entity.
func (l *look) facts(a *ir.Agg, outer map[string]row) {
	if len(a.Anchor) > 0 || len(a.Back) == 0 {
		return
	}
	key := a.Back[len(a.Back)-1].By
	for i := len(a.Back) - 2; i >= 0; i-- {
		key = &ir.Follow{Loc: ir.Loc{At: key.Span()}, By: a.Back[i], X: key}
	}
	t := &table{index: map[ir.Expr]int{}}
	t.add(key)
	var at ir.Expr
	if a.Leaf.Time != nil {
		at = &ir.Column{Loc: ir.Loc{At: a.Span()}, Col: a.Leaf.Time}
		t.add(at)
	}
	if a.Where != nil {
		l.plan(t, a.Where)
	}
	rows, err := l.result.Values(a.Leaf, t.exprs)
	if err != nil {
		return
	}
	for _, values := range rows {
		r := row{t, values}
		from, ok := outer[value.Key(values[0])]
		if !ok || values[0].IsMissing() {
			continue
		}
		within := true
		if a.Window != nil && at != nil {
			within = l.window(a, r.of(at), from)
		}
		if within && a.Where != nil {
			l.row(a.Where, r)
		}
	}
}

// window looks at where the time of a row lies, and reports whether that is
// inside.
func (l *look) window(a *ir.Agg, at value.Value, from row) bool {
	inside := true
	for _, e := range windowEdges(a.Window, a) {
		l.place(e, at, from.of(e.bound))
	}
	t, ok := l.instant(at)
	if lo, known := l.instant(from.of(a.Window.Lo)); known && ok {
		inside = inside && t >= lo
	}
	if hi, known := l.instant(from.of(a.Window.Hi)); known && ok {
		inside = inside && t < hi
	}
	return inside && ok
}

// plan notes what must be known of a row to look at a condition.
func (l *look) plan(t *table, x ir.Expr) {
	Leaves(x, func(leaf ir.Expr) {
		t.add(leaf)
		for _, e := range edgesOf(leaf) {
			t.add(e.value)
			t.add(e.bound)
		}
	})
}

// row looks at the conditions of one row: what they are, and whether the
// outcome would be another if one of them were.
func (l *look) row(x ir.Expr, r row) {
	outcome := holds(x, r, nil)
	Leaves(x, func(leaf ir.Expr) {
		c := l.conditions[l.id(leaf, "")]
		if c == nil {
			return
		}
		is := r.of(leaf).True()
		decides := holds(x, r, leaf) != outcome
		c.True, c.False = c.True || is, c.False || !is
		c.TrueDecides, c.FalseDecides = c.TrueDecides || is && decides, c.FalseDecides || !is && decides
		for _, e := range edgesOf(leaf) {
			l.place(e, r.of(e.value), r.of(e.bound))
		}
	})
}

// place notes on which side of an edge a value lies, if it is near.
func (l *look) place(e edge, v, bound value.Value) {
	seen := l.edges[l.id(e.at, e.what)]
	if seen == nil || v.IsMissing() || bound.IsMissing() {
		return
	}
	distance, near := l.distance(e, v, bound)
	switch {
	case !near:
	case distance == 0:
		seen.Same = true
	case distance < 0:
		seen.Below = true
	default:
		seen.Above = true
	}
}

// holds is what a condition is of a row, with one of its leaves turned round.
func holds(x ir.Expr, r row, turned ir.Expr) bool {
	switch x := x.(type) {
	case *ir.And:
		for _, y := range x.Xs {
			if !holds(y, r, turned) {
				return false
			}
		}
		return true
	case *ir.Not:
		return !holds(x.X, r, turned)
	case *ir.Or:
		for _, y := range x.Xs {
			if holds(y, r, turned) {
				return true
			}
		}
		return false
	default:
		return r.of(x).True() != (x == turned)
	}
}

// Leaves are the conditions that are made of no others.
func Leaves(x ir.Expr, f func(ir.Expr)) {
	switch x := x.(type) {
	case *ir.And:
		for _, y := range x.Xs {
			Leaves(y, f)
		}
	case *ir.Not:
		Leaves(x.X, f)
	case *ir.Or:
		for _, y := range x.Xs {
			Leaves(y, f)
		}
	default:
		f(x)
	}
}

// Aggregates are those that a condition reads in its own scope.
func Aggregates(x ir.Expr) (out []*ir.Agg) {
	if a, ok := x.(*ir.Agg); ok {
		return []*ir.Agg{a}
	}
	if t, ok := x.(*ir.Trait); ok {
		return Aggregates(t.X)
	}
	for _, y := range ir.Children(x) {
		out = append(out, Aggregates(y)...)
	}
	return out
}

// table is a list of expressions that are worked out for each row.
type table struct {
	exprs []ir.Expr
	index map[ir.Expr]int
}

func newTable(key *ir.ColumnDef) *table {
	t := &table{index: map[ir.Expr]int{}}
	t.add(&ir.Column{Loc: ir.Loc{At: key.At}, Col: key})
	return t
}

func (t *table) add(x ir.Expr) {
	if x == nil {
		return
	}
	if _, ok := t.index[x]; !ok {
		t.index[x] = len(t.exprs)
		t.exprs = append(t.exprs, x)
	}
}

// row is one row of a table.
type row struct {
	table  *table
	values []value.Value
}

// of is the value of an expression of the table; missing for none.
func (r row) of(x ir.Expr) value.Value {
	if i, ok := r.table.index[x]; ok && x != nil {
		return r.values[i]
	}
	return value.Value{}
}
