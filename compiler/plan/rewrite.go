package plan

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// rewrite replaces what looks at other rows by columns of planned tables.
// rel is the relation in whose scope x is read.
func (b *builder) rewrite(rel *ir.Relation, x ir.Expr) (ir.Expr, error) {
	r := &rewriter{builder: b}
	out := r.expr(rel, x)
	return out, r.err
}

type rewriter struct {
	*builder
	err error
}

func (r *rewriter) expr(rel *ir.Relation, x ir.Expr) ir.Expr {
	if x == nil || r.err != nil {
		return x
	}
	switch x := x.(type) {
	case *ir.Agg:
		return r.agg(rel, x)
	case *ir.Bucket:
		return r.rank(rel, rankKey{x.Value, x.Of, x.Per}, Position{Buckets: x.K}, x.Loc)
	case *ir.Follow:
		return &ir.Follow{Loc: x.Loc, By: x.By, X: r.expr(x.By.To, x.X)}
	case *ir.Member:
		slot, err := r.segment(x.Seg)
		if err != nil {
			r.err = err
			return x
		}
		return &ir.Truth{Loc: x.Loc, X: slot}
	case *ir.PopAgg:
		return r.pop(rel, x)
	case *ir.Earlier:
		return &ir.Earlier{Loc: x.Loc, Row: x.Row, Rel: x.Rel, X: r.expr(x.Rel, x.X)}
	case *ir.Seq:
		return r.sequence(x)
	case *ir.Rank:
		return &ir.Truth{Loc: x.Loc, X: r.rank(rel, rankKey{x.Value, x.Of, x.Per}, Position{Bottom: x.Bottom, N: x.N, Percent: x.Percent}, x.Loc)}
	default: // only its parts look at other rows
	}
	return ir.MapChildren(x, func(y ir.Expr) ir.Expr { return r.expr(rel, y) })
}

// agg finds or makes the feature of an aggregate. An average is the exact
// sum divided by how many there are, so it shares both.
func (r *rewriter) agg(rel *ir.Relation, a *ir.Agg) ir.Expr {
	if a.Op == ir.OpAvg {
		sum, count := *a, *a
		sum.Op, sum.T = ir.OpSum, sumType(a.Value.Type())
		count.Op, count.T = ir.OpCount, value.Of(value.Int)
		return &ir.Div{Loc: a.Loc, L: r.agg(rel, &sum), R: r.agg(rel, &count)}
	}
	c := *a
	base := rel
	if a.Window == nil { // else the feature is one of the row in scope
		for _, l := range a.Anchor {
			base = l.To
		}
		c.Anchor = nil
	}
	// The key is that of the definition: what it is rewritten to has slots,
	// which are all alike until they have their place in a pass.
	key := base.Name + " " + ir.Key(&c)
	c.Value, c.Where = r.expr(a.Leaf, a.Value), r.expr(a.Leaf, bounded(a.Leaf, a.Where))
	if a.Window != nil {
		w := *a.Window
		w.Lo, w.Hi = r.expr(rel, w.Lo), r.expr(rel, w.Hi)
		c.Window = &w
	}
	f := r.features[key]
	if f == nil {
		var bounds []ir.Expr
		if c.Window != nil {
			bounds = []ir.Expr{c.Window.Lo, c.Window.Hi}
		}
		f = &feature{agg: &c, base: base, level: r.level(append(bounds, c.Value, c.Where)...) + 1,
			slot: &ir.Slot{Loc: a.Loc, T: a.T, Zero: a.Op.ZeroOfNone()}}
		if a.Window != nil && !base.Entity {
			f.bounds = ir.Key(a.Window.Lo) + " " + ir.Key(a.Window.Hi)
		}
		r.levels[f.slot] = f.level
		r.features[key] = f
		r.order = append(r.order, f)
	}
	if c.Window != nil {
		return f.slot
	}
	return follow(a, f.slot)
}

func sumType(t value.Type) value.Type {
	s, err := value.SumType(t)
	if err != nil {
		panic(fmt.Sprintf("plan: %v", err)) // the checker has refused it
	}
	return s
}

// follow reads a feature of the anchor row from the row in scope. Without an
// anchor row there are no rows, so a count or sum is still 0.
func follow(a *ir.Agg, slot *ir.Slot) ir.Expr {
	var x ir.Expr = slot
	for i := len(a.Anchor) - 1; i >= 0; i-- {
		x = &ir.Follow{Loc: a.Loc, By: a.Anchor[i], X: x}
	}
	if len(a.Anchor) > 0 && slot.Zero {
		x = &ir.Call{Loc: a.Loc, Fn: "coalesce", Args: []ir.Expr{x, zero(a.Loc, slot.T)}, T: slot.T}
	}
	return x
}

func zero(l ir.Loc, t value.Type) ir.Expr {
	return &ir.Const{Loc: l, V: value.NewInt(0), T: t}
}

type rankKey struct {
	value ir.Expr
	of    *ir.Segment
	per   ir.Expr
}

type rankTable struct{ table *Table }

type valueTable struct{ table *Table }

// population rewrites value, segment and group of a rank or population value.
func (r *rewriter) population(rel *ir.Relation, k rankKey) (v, of, per ir.Expr, key string) {
	v, per = r.expr(rel, k.value), r.expr(rel, k.per)
	if k.of != nil {
		slot, err := r.segment(k.of)
		if err != nil {
			r.err = err
			return
		}
		of = &ir.Truth{Loc: ir.Loc{At: k.of.At}, X: slot}
	}
	return v, of, per, populationKey(rel, k)
}

// apart tells the populations of an entity apart.
func (r *rewriter) apart(rel *ir.Relation) ir.Expr {
	if r.options.Apart == nil {
		return nil
	}
	return r.options.Apart(rel)
}

func (r *rewriter) rank(rel *ir.Relation, k rankKey, p Position, l ir.Loc) ir.Expr {
	v, of, per, key := r.population(rel, k)
	if r.err != nil {
		return zero(l, value.Of(value.Int))
	}
	t := r.ranks[key]
	if t == nil {
		t = &rankTable{&Table{Name: r.unique("", fmt.Sprintf("%s_rank_%d", rel.Name, len(r.ranks)+1)), Kind: Rank, Population: key, Rel: rel, Value: v, Of: of, Per: per,
			Apart: r.apart(rel), Level: max(r.level(v, of, per)+1, 2)}}
		r.ranks[key] = t
		r.rest = append(r.rest, t.table)
	}
	typ := value.Of(value.Bool)
	p.Col = p.name()
	if p.Buckets > 0 {
		typ = value.Of(value.Int)
	}
	slot := &ir.Slot{Loc: l, Table: t.table.Name, Col: p.Col, T: typ}
	r.levels[slot] = t.table.Level
	for _, old := range t.table.Ranks {
		if old.Col == p.Col {
			return slot
		}
	}
	t.table.Ranks = append(t.table.Ranks, &p)
	return slot
}

func (p *Position) name() string {
	end := "top"
	if p.Bottom {
		end = "bottom"
	}
	switch {
	case p.Buckets > 0:
		return fmt.Sprintf("bucket of %d", p.Buckets)
	case p.Percent != nil:
		return fmt.Sprintf("in %s %s", end, p.Percent)
	default:
		return fmt.Sprintf("in %s %d", end, p.N)
	}
}

func (r *rewriter) pop(rel *ir.Relation, a *ir.PopAgg) ir.Expr {
	if a.Op == ir.OpAvg {
		sum, count := *a, *a
		sum.Op, sum.T = ir.OpSum, sumType(a.Value.Type())
		count.Op, count.T = ir.OpCount, value.Of(value.Int)
		return &ir.Div{Loc: a.Loc, L: r.pop(rel, &sum), R: r.pop(rel, &count)}
	}
	v, of, per, key := r.population(rel, rankKey{a.Value, a.Of, a.Per})
	if r.err != nil {
		return a
	}
	t := r.values[key]
	if t == nil {
		t = &valueTable{&Table{Name: r.unique("", fmt.Sprintf("%s_values_%d", rel.Name, len(r.values)+1)), Kind: Values, Population: key, Rel: rel, Value: v, Of: of, Per: per,
			Apart: r.apart(rel), Level: max(r.level(v, of, per)+1, 2)}}
		r.values[key] = t
		r.rest = append(r.rest, t.table)
	}
	c := *a
	c.Value, c.Per = v, per
	name := popName(a)
	slot := &ir.Slot{Loc: a.Loc, Table: t.table.Name, Col: name, T: a.T, Zero: a.Op.ZeroOfNone()}
	r.levels[slot] = t.table.Level
	for _, old := range t.table.Pop {
		if old.Col == name {
			return slot
		}
	}
	t.table.Pop = append(t.table.Pop, &PopValue{Col: name, Agg: &c})
	return slot
}

// sequence rewrites each part of a step in the scope it is read in.
func (r *rewriter) sequence(x *ir.Seq) ir.Expr {
	out := &ir.Seq{Loc: x.Loc, Back: x.Back}
	before := x.Back[0].From
	for _, st := range x.Steps {
		c := *st
		c.After, c.Within, c.Due = r.expr(before, st.After), r.expr(before, st.Within), r.expr(before, st.Due)
		c.Where = r.expr(st.Leaf, st.Where)
		if !st.Not {
			before = st.Leaf
		}
		out.Steps = append(out.Steps, &c)
	}
	return out
}
