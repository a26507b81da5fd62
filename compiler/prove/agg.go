package prove

import (
	"fmt"
	"math"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// rows are the rows of a fact that lead to one anchor row, or the elements of
// a list. What a condition picks of them is held as the diagram of that
// condition, so that two ways of writing it are one.
type rows struct {
	id    int32
	key   string
	outer scope // of the row that asks
	inner scope // of one of the rows
	leaf  *ir.Relation
	agg   *ir.Agg // one of those that are asked, for its lookups; nil of a list
	list  ir.Expr // of a list
	feats []*term // features over them
	somes []int32 // atoms of kind some
}

// rowsOf are the rows that an aggregate is over, before its own condition.
func (e *engine) rowsOf(s scope, a *ir.Agg) *rows {
	var key strings.Builder
	key.WriteString(s.key() + "rows " + canonical(a.Leaf).Name)
	for _, l := range a.Anchor {
		key.WriteString(" >" + l.Name)
	}
	for _, l := range a.Back {
		key.WriteString(" <" + l.Name + "." + canonical(l.To).Name)
	}
	r, ok := e.rows[key.String()]
	if !ok {
		r = &rows{key: key.String(), outer: s, inner: scopeOf(canonical(a.Leaf)), leaf: canonical(a.Leaf), agg: a}
		r.id = e.group(r.key)
		e.rows[r.key] = r
	}
	return r
}

// baseOf is what holds of every row of a relation that counts.
func (e *engine) baseOf(rel *ir.Relation) diagram {
	if f, ok := e.base[rel]; ok {
		return f
	}
	if e.inBase[rel] {
		return always // a definition by way of itself adds nothing
	}
	e.inBase[rel] = true
	out := always
	for _, x := range e.baseConds(rel) {
		out = e.and(out, e.cond(scopeOf(rel), x))
	}
	if rel.From != nil && len(rel.GroupBy) == 0 {
		out = e.and(out, e.baseOf(rel.From))
	}
	e.base[rel] = out
	return out
}

// baseConds are the conditions of the relation itself on rows that count:
// what the catalog says, and that they are known by now.
func (e *engine) baseConds(rel *ir.Relation) []ir.Expr {
	if out, ok := e.conds[rel]; ok {
		return out
	}
	out := e.newBaseConds(rel)
	e.conds[rel] = out
	return out
}

func (e *engine) newBaseConds(rel *ir.Relation) []ir.Expr {
	var out []ir.Expr
	also := func(x ir.Expr) { out = append(out, e.form(x)) }
	before := func(x ir.Expr) { also(&ir.Cmp{Op: "<", L: x, R: &ir.AsOf{}}) }
	if rel.Where != nil {
		also(rel.Where)
	}
	if rel.Time != nil {
		also(&ir.Known{X: &ir.Column{Col: rel.Time}})
	}
	switch {
	case rel.Always:
	case rel.KnownAt != nil:
		before(rel.KnownAt)
	case rel.Time != nil && !rel.Entity:
		before(&ir.Column{Col: rel.Time})
	}
	if rel.Owner != nil {
		also(&ir.Known{X: rel.Owner.By})
	}
	if x := rel.Exists; x != nil && x.From != nil {
		also(&ir.Or{Xs: []ir.Expr{&ir.Known{X: x.From, Missing: true}, &ir.Cmp{Op: "<=", L: x.From, R: &ir.AsOf{}}}})
	}
	if x := rel.Exists; x != nil && x.To != nil {
		also(&ir.Or{Xs: []ir.Expr{&ir.Known{X: x.To, Missing: true}, &ir.Cmp{Op: ">", L: x.To, R: &ir.AsOf{}}}})
	}
	return out
}

// picked are the rows of an aggregate and the condition on one of them.
func (e *engine) picked(s scope, a *ir.Agg) (*rows, scope, diagram) {
	r := e.rowsOf(s, a)
	inner := scopeOf(a.Leaf)
	cond := e.baseOf(a.Leaf)
	if a.Where != nil {
		cond = e.and(cond, e.cond(inner, a.Where))
	}
	if a.Window != nil {
		key := "window " + s.key() + windowKey(a)
		cond = e.and(cond, e.atom(e.put(key, &atom{kind: opaque, x: a, scope: inner, group: e.group(key)})))
	}
	return r, inner, cond
}

func windowKey(a *ir.Agg) string {
	k := ""
	for _, x := range []ir.Expr{a.Window.Lo, a.Window.Hi} {
		k += " " + ir.Key(x)
	}
	return k
}

// someOf is the condition that one of the rows meets cond.
func (e *engine) someOf(r *rows, cond diagram) diagram {
	cond = e.whole(cond)
	if cond == never {
		return never
	}
	before := len(e.atoms)
	id := e.put(fmt.Sprintf("some %s %d", r.key, cond), &atom{kind: some, rows: r, cond: cond, group: r.id})
	if len(e.atoms) > before {
		r.somes = append(r.somes, id)
	}
	return e.atom(id)
}

// featureOf is the term of an aggregate.
func (e *engine) featureOf(s scope, x ir.Expr, f feature) *term {
	f.cond = e.whole(f.cond)
	value := ""
	if f.x != nil {
		value = ir.Key(f.x)
	}
	key := fmt.Sprintf("%s %t %s %s %d", f.op, f.distinct, value, f.rows.key, f.cond)
	if t, ok := e.terms[key]; ok {
		return t
	}
	t := &term{key: key, x: x, scope: s, typ: x.Type(), group: f.rows.id, rank: 10 * (1 + len(f.rows.feats)), agg: &f, known: always}
	e.terms[key] = t
	f.rows.feats = append(f.rows.feats, t)
	t.known = e.featureKnown(t)
	return t
}

// featureKnown: count and sum always are, the others where a known value is.
func (e *engine) featureKnown(t *term) diagram {
	f := t.agg
	if f.op.ZeroOfNone() {
		return always
	}
	has := e.someOf(f.rows, e.withKnown(f))
	if (f.op == ir.OpFirst || f.op == ir.OpLast) && has != e.someOf(f.rows, f.cond) {
		at := e.atom(e.put("known "+t.key, &atom{kind: isKnown, term: t, x: t.x, scope: t.scope, group: t.group, rank: t.rank}))
		return e.and(at, has)
	}
	return has
}

// withKnown is the condition of a feature on rows whose value is known.
func (e *engine) withKnown(f *feature) diagram {
	if f.x == nil {
		return f.cond
	}
	return e.and(f.cond, e.known(f.rows.inner, f.x))
}

// withValue is the condition of a feature on rows whose value compares so.
func (e *engine) withValue(f *feature, op string, v value.Value) diagram {
	return e.and(f.cond, e.compare(f.rows.inner, &ir.Cmp{Op: op, L: f.x, R: &ir.Const{V: v, T: value.Of(v.Kind)}}))
}

// aggTerm is the term of an aggregate in the scope of its owner. The latest
// time is the largest.
func (e *engine) aggTerm(s scope, a *ir.Agg) *term {
	r, _, cond := e.picked(s, a)
	f := feature{op: a.Op, distinct: a.Distinct, rows: r, cond: cond, x: a.Value}
	if c, ok := a.Value.(*ir.Column); ok && a.Leaf.Time != nil && c.Col == origin(a.Leaf.Time) {
		switch a.Op {
		case ir.OpFirst:
			f.op = ir.OpMin
		case ir.OpLast:
			f.op = ir.OpMax
		default: // any other aggregate of times
		}
	}
	if f.op == ir.OpCount && f.x != nil && !f.distinct {
		f.cond, f.x = e.withKnown(&f), nil // counts the rows whose value is known
	}
	return e.featureOf(s, a, f)
}

// itemsTerm is the number of elements of a list for which a condition holds.
func (e *engine) itemsTerm(s scope, x *ir.ListCount) *term {
	r := e.listRows(s, x.X)
	cond := always
	if x.Where != nil {
		cond = e.cond(r.inner, x.Where)
	}
	t := e.featureOf(s, x, feature{op: ir.OpCount, rows: r, cond: cond})
	t.known = e.known(s, x.X)
	return t
}

func (e *engine) listRows(s scope, list ir.Expr) *rows {
	key := s.key() + "items " + ir.Key(list)
	r, ok := e.rows[key]
	if !ok {
		r = &rows{key: key, outer: s, inner: scope{root: key}, list: list}
		r.id = e.group(key)
		e.rows[key] = r
	}
	return r
}

// has is the condition that a list holds a value.
func (e *engine) has(s scope, x *ir.Has) diagram {
	c, ok := x.Y.(*ir.Const)
	elem := x.X.Type().Elem
	if !ok || c.V.IsMissing() || elem == nil || ir.Fixed(x.X) {
		return e.and(e.allKnown(s, []ir.Expr{x.X, x.Y}), e.opaque(s, x))
	}
	if _, follows := x.X.(*ir.Follow); follows || !plain(x.X) {
		return e.resolved(s, x.X, func(s scope, y ir.Expr) diagram { return e.has(s, &ir.Has{Loc: x.Loc, X: y, Y: x.Y}) })
	}
	r := e.listRows(s, x.X)
	item := &ir.Column{Loc: x.Loc, Col: &ir.ColumnDef{Name: "item", Type: *elem}}
	return e.and(e.known(s, x.X), e.someOf(r, e.against(r.inner, &ir.Cmp{Loc: x.Loc, Op: "=", L: item, R: c})))
}

// aggKnown is the condition that an aggregate is known.
func (e *engine) aggKnown(s scope, a *ir.Agg) diagram {
	if a.Op.ZeroOfNone() {
		return always
	}
	return e.aggTerm(s, a).known
}

// featureAt is the condition that a feature is at a cut, where that is one
// about its rows: count >= 1 is any, max >= 5 is any that is >= 5.
func (e *engine) featureAt(t *term, c cut) (diagram, bool) {
	f := t.agg
	switch f.op {
	case ir.OpCount:
		if c.moves != nil {
			return never, false
		}
		switch n := c.at.I; {
		case n <= 0:
			return t.known, true
		case n == 1:
			return e.and(t.known, e.someOf(f.rows, e.withKnown(f))), true
		case f.cond == never:
			return never, true
		default:
			return never, false
		}
	case ir.OpMax:
		return e.someOf(f.rows, e.atCutOf(f, c)), true
	case ir.OpMin:
		lower := e.and(e.withKnown(f), e.not(e.atCutOf(f, c)))
		return e.and(t.known, e.not(e.someOf(f.rows, lower))), true
	case ir.OpSum:
		if f.cond == never {
			return constant(!c.above(value.NewInt(0))), true
		}
		return never, false
	case ir.OpAvg, ir.OpFirst, ir.OpLast, ir.OpMedian, ir.OpMode, ir.OpPercentile:
		return never, false
	default:
		panic("prove: aggregate " + string(f.op))
	}
}

// atCutOf is the condition of a feature on rows whose value is at a cut.
func (e *engine) atCutOf(f *feature, c cut) diagram {
	at := e.resolved(f.rows.inner, f.x, func(s scope, x ir.Expr) diagram {
		if k, ok := x.(*ir.Const); ok {
			return constant(c.moves == nil && !c.above(k.V))
		}
		if c.moves == nil {
			op := ">="
			if c.open {
				op = ">"
			}
			return e.against(s, &ir.Cmp{Op: op, L: x, R: &ir.Const{V: c.at, T: value.Of(c.at.Kind)}})
		}
		return e.atCut(e.termOf(s, x), c)
	})
	return e.and(f.cond, at)
}

// nextFloats are the floats around a number, wide enough that what is rounded
// to it lies between.
func nextFloats(v value.Value) (below, above value.Value) {
	x := value.ToFloat(v)
	return value.NewFloat(math.Nextafter(x, math.Inf(-1))), value.NewFloat(math.Nextafter(x, math.Inf(1)))
}

// timeOfRows reports whether the time of a group is that of one of its rows.
func timeOfRows(group *ir.Relation) bool {
	g, ok := group.Time.Def.(*ir.GroupAgg)
	if !ok || g.Op != ir.OpMin && g.Op != ir.OpMax && g.Op != ir.OpFirst && g.Op != ir.OpLast {
		return false
	}
	c, ok := g.Value.(*ir.Column)
	return ok && group.From.Time != nil && origin(c.Col) == origin(group.From.Time)
}
