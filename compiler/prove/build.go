package prove

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// build makes the rows of a customer of whom a model says what holds, at the
// instant of the engine, with keys beyond those used. ok is false where it finds none.
func (e *engine) build(entity *ir.Relation, m model, used map[*ir.ColumnDef]int64) (s *scene, ok bool) {
	s = &scene{engine: e, used: used, tries: mostTries, feats: map[*ir.Agg]*feature{}, exprs: map[int32]ir.Expr{}}
	s.root = newDraft(canonical(entity), scopeOf(entity))
	s.root.root = true
	if !s.assign(s.wanted(s.root, m, true)) {
		return s, false
	}
	if !s.addRows(m) {
		return s, false
	}
	return s, s.finish()
}

// wanted are the atoms of a model that speak of one row and those its lookups
// lead to, which are made.
func (s *scene) wanted(d *draft, m model, rooted bool) []want {
	var out []want
	known := func(t *term) bool { return t == nil || s.holdsIn(t.known, m) }
	for _, id := range slices.Sorted(keysOf(m)) {
		a := s.atoms[id]
		at := a.scope
		if a.term != nil {
			at = a.term.scope
		}
		if a.kind == some && a.rows.list != nil {
			if s.link(d, a.rows.outer) {
				out = append(out, s.listWant(d, a, m[id]))
			}
			continue
		}
		if a.kind == some {
			continue
		}
		if a.kind == isThere {
			if m[id] {
				out = append(out, s.linkWants(d, at.along(a.lookup))...)
			}
			continue
		}
		if len(at.via) > 0 && m[id] {
			out = append(out, s.linkWants(d, at)...)
		}
		if a.other != nil && len(a.other.scope.via) > 0 {
			out = append(out, s.linkWants(d, a.other.scope)...)
		}
		if !known(a.term) || !known(a.other) {
			continue
		}
		x := s.atomExpr(a)
		if x == nil || overRows(x) && rooted {
			continue
		}
		w := want{at: d, x: x, holds: m[id]}
		if a.term != nil && a.term.agg != nil && a.term.agg.rows.list != nil {
			w.rows, w.cond = a.term.agg.rows, a.term.agg.cond
		}
		out = append(out, w)
		if a.term != nil && a.kind != isKnown { // what is compared is known
			out = append(out, want{at: d, x: along(a.term.scope, &ir.Known{X: a.term.x}), holds: true})
		}
	}
	return out
}

// holdsIn evaluates a diagram in a model; values of which it does not speak
// are known, and nothing else of them holds.
func (e *engine) holdsIn(f diagram, m model) bool {
	for f > always {
		n := e.nodes[f]
		yes, said := m[n.atom]
		if !said {
			yes = e.atoms[n.atom].kind == isKnown || e.atoms[n.atom].kind == isThere
		}
		if f = n.no; yes {
			f = n.yes
		}
	}
	return f == always
}

// link reports whether the path of a scope can be followed from a draft.
func (s *scene) link(d *draft, at scope) bool {
	for _, l := range at.via {
		if d = d.links[l.Name]; d == nil {
			return false
		}
	}
	return true
}

// linkWants makes the rows on the way of a scope, and asks of each new one
// what its relation asks of every row.
func (s *scene) linkWants(d *draft, at scope) []want {
	var out []want
	here := d.scope
	for _, l := range at.via {
		here = here.along(l)
		next := d.links[l.Name]
		if next == nil {
			next = newDraft(canonical(l.To), here)
			next.root = d.root
			d.links[l.Name] = next
			if _, c := s.pointer(d, l.Name); c != nil && d.cells[c].IsMissing() { // known, whatever it will be
				d.cells[c], _ = keyValue(c, 1)
			}
			if next.root {
				s.linked = append(s.linked, next)
			}
			out = append(out, s.baseWants(next, l.To)...)
		}
		d = next
	}
	return out
}

// baseWants are what a relation, and those it picks from or groups, ask of a row.
func (s *scene) baseWants(d *draft, rel *ir.Relation) []want {
	var out []want
	for ; rel != nil; rel = rel.From {
		for _, x := range s.baseConds(rel) {
			if !overRows(x) {
				out = append(out, want{at: d, x: x, holds: true})
			}
		}
		for _, x := range rel.GroupBy {
			out = append(out, want{at: d, x: &ir.Known{X: s.form(x)}, holds: true})
		}
	}
	return out
}

func (s *scene) listWant(d *draft, a *atom, holds bool) want {
	x := along(a.rows.outer, a.rows.list)
	return want{at: d, x: x, holds: holds, rows: a.rows, cond: a.cond, test: func() (bool, bool) {
		list, ok := s.calc(d, x)
		elem := *x.Type().Elem
		for _, item := range list.L {
			if s.holdsAt(a.cond, itemOf(elem, item)) {
				return true, ok
			}
		}
		return false, ok
	}}
}

// target is something that is to hold of the rows of facts.
type target struct {
	want
	some *atom // that there is such a row
	term *term // what is compared, for how far it is off
	cut  cut
}

// mostRows is how many rows a witness may have; one with more would tell no
// one anything.
const mostRows = 300

// addRows chooses rows of facts so that what the model says of them holds.
func (s *scene) addRows(m model) bool {
	s.total = s.totalOf
	targets := s.targets(m)
	best := s.off(targets)
	if best == 0 {
		return true
	}
	kinds := s.rowKinds(m, targets)
	for range 40 {
		if best == 0 {
			return true
		}
		var next []*draft
		try := func(rows ...*draft) {
			if len(s.chosen)+len(rows) > mostRows {
				return
			}
			before := len(s.chosen)
			s.chosen = append(s.chosen, rows...)
			if off := s.off(targets); off < best-1e-9 {
				best, next = off, rows
			}
			s.chosen = s.chosen[:before]
		}
		for _, k := range kinds {
			for _, n := range s.copies(targets) {
				try(slices.Repeat([]*draft{k}, n)...)
			}
		}
		if next == nil && len(kinds) <= 60 {
			for i, k := range kinds {
				for _, o := range kinds[:i+1] {
					try(k, o)
				}
			}
		}
		if next == nil {
			return false
		}
		s.chosen = append(s.chosen, next...)
	}
	return best == 0
}

// copies are how often a row may be wanted at once.
func (s *scene) copies(targets []target) []int {
	out := []int{1}
	for _, t := range targets {
		if t.term == nil || !t.holds || t.term.agg.op != ir.OpCount || t.cut.at.Kind != value.Int {
			continue
		}
		v, ok := s.calc(s.root, along(t.term.scope, t.term.x))
		if n := t.cut.at.I - v.I; ok && n > 1 && n <= mostRows && !slices.Contains(out, int(n)) {
			out = append(out, int(n))
		}
	}
	return out
}

func (s *scene) targets(m model) []target {
	var out []target
	for _, id := range slices.Sorted(keysOf(m)) {
		a := s.atoms[id]
		switch {
		case a.kind == some && a.rows.list == nil:
			out = append(out, target{want: want{holds: m[id]}, some: a})
		case a.kind == some || a.kind == isThere:
		case a.term != nil && !s.holdsIn(a.term.known, m) || a.other != nil && !s.holdsIn(a.other.known, m):
		default:
			x := s.atomExpr(a)
			if x == nil || !overRows(x) {
				continue
			}
			t := target{want: want{at: s.root, x: x, holds: m[id]}}
			if a.kind == atLeast && a.term.agg != nil {
				t.term, t.cut = a.term, a.cut
			}
			out = append(out, t)
		}
	}
	return out
}

// off is how far the chosen rows are from what is wanted; 0 when it is met.
func (s *scene) off(targets []target) float64 {
	sum := 0.0
	for _, t := range targets {
		sum += s.offOf(t)
	}
	return sum
}

func (s *scene) offOf(t target) float64 {
	if t.some != nil {
		if s.someChosen(t.some) == t.holds {
			return 0
		}
		return 1
	}
	if v, ok := s.calc(t.at, t.x); !ok || v.True() == t.holds {
		return 0
	}
	if t.term == nil || !value.Of(t.cut.at.Kind).Numeric() {
		return 1
	}
	v, _ := s.calc(t.at, along(t.term.scope, t.term.x))
	if v.IsMissing() {
		return 2
	}
	at := value.ToFloat(t.cut.at)
	gap := at - value.ToFloat(v)
	return 1 + min(1, max(gap, -gap)/(1+max(at, -at)))
}

func (s *scene) someChosen(a *atom) bool {
	for _, d := range s.drafts() {
		if s.leads(d, a.rows) && s.holdsAt(a.cond, d) {
			return true
		}
	}
	return false
}

// drafts are all rows as they are now.
func (s *scene) drafts() []*draft {
	return append(append([]*draft{s.root}, s.linked...), s.chosen...)
}

// anchor is the row whose rows are looked at; nil when there is none.
func (s *scene) anchor(r *rows) *draft {
	d := s.root
	for _, l := range append(slices.Clone(r.outer.via), r.agg.Anchor...) {
		if d = d.links[l.Name]; d == nil {
			return nil
		}
	}
	return d
}

// source is the relation whose rows those of rel are made from.
func source(rel *ir.Relation) *ir.Relation {
	for rel.From != nil {
		rel = rel.From
	}
	return rel
}

// leads reports whether a draft is one of the rows.
func (s *scene) leads(d *draft, r *rows) bool {
	if r.list != nil || d.rel != source(r.leaf) {
		return false
	}
	to := d
	for _, l := range r.agg.Back {
		if to = to.links[l.Name]; to == nil {
			return false
		}
	}
	return to == s.anchor(r) && s.counts(d, r.leaf)
}

// counts reports whether a draft makes a row of a relation that groups others.
func (s *scene) counts(d *draft, rel *ir.Relation) bool {
	if len(rel.GroupBy) == 0 {
		return true
	}
	if is, ok := d.makes[rel]; ok {
		return is
	}
	is := s.makesGroup(d, rel)
	if d.fixed {
		if d.makes == nil {
			d.makes = map[*ir.Relation]bool{}
		}
		d.makes[rel] = is
	}
	return is
}

func (s *scene) makesGroup(d *draft, rel *ir.Relation) bool {
	for _, w := range s.baseWants(d, rel.From) {
		if v, ok := s.calc(d, w.x); ok && !v.True() {
			return false
		}
	}
	for _, x := range rel.GroupBy {
		if c, ok := s.form(x).(*ir.Column); ok && d.groupKeys[origin(c.Col)] {
			continue // it gets one
		}
		if v, ok := s.calc(d, s.form(x)); ok && v.IsMissing() {
			return false
		}
	}
	return true
}

// totalOf is an aggregate of the chosen rows; those of other rows than the
// customer's are not followed.
func (s *scene) totalOf(at *draft, a *ir.Agg) (value.Value, bool) {
	if !at.root {
		return value.Value{}, false
	}
	f := s.feats[a]
	if f == nil {
		f = s.aggTerm(at.scope, a).agg
		s.feats[a] = f
	}
	var rows []*draft
	for _, d := range s.drafts() {
		if s.leads(d, f.rows) && s.holdsAt(f.cond, d) {
			rows = append(rows, d)
		}
	}
	if f.op == ir.OpCount && f.x == nil {
		return value.NewInt(int64(len(rows))), true
	}
	if f.op == ir.OpFirst || f.op == ir.OpLast {
		return s.endOf(f, rows)
	}
	var known []value.Value
	for _, d := range rows {
		v, ok := s.valueAt(d, f.x)
		if !ok {
			return v, false
		}
		if !v.IsMissing() && !(f.distinct && slices.ContainsFunc(known, func(o value.Value) bool { return value.Equal(o, v) })) {
			known = append(known, v)
		}
	}
	v, err := ir.Reduce(&ir.PopAgg{Op: f.op, Value: f.x}, known)
	return v, err == nil
}

// endOf is the value of the first or last row.
func (s *scene) endOf(f *feature, rows []*draft) (value.Value, bool) {
	var best *draft
	var time value.Value
	for _, d := range rows {
		t, ok := s.column(d, f.rows.leaf.Time)
		if !ok || t.IsMissing() {
			return value.Value{}, false
		}
		if best == nil || value.Compare(t, time) < 0 == (f.op == ir.OpFirst) && value.Compare(t, time) != 0 {
			best, time = d, t
		}
	}
	if best == nil {
		return value.Value{}, true
	}
	return s.calc(best, f.x)
}
