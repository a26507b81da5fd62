package prove

import (
	"maps"
	"math/big"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// mostKinds bounds how many different rows are tried in a witness.
const mostKinds = 150

// rowKinds are the rows that a witness may be put together from: for each
// condition on the rows of a fact a row that meets it, alone and with others,
// with the values that targets name.
func (s *scene) rowKinds(m model, targets []target) []*draft {
	var order []*rows
	of := map[*rows]*about{}
	get := func(r *rows) *about {
		if of[r] == nil {
			of[r] = &about{}
			order = append(order, r)
		}
		return of[r]
	}
	cond := func(r *rows, c diagram) {
		if a := get(r); c != never && !slices.Contains(a.conds, c) {
			a.conds = append(a.conds, c)
		}
	}
	for _, t := range targets {
		switch {
		case t.some != nil && t.holds:
			cond(t.some.rows, t.some.cond)
		case t.some != nil:
			a := get(t.some.rows)
			a.absent = append(a.absent, t.some.cond)
		default:
			ir.Walk(t.x, func(x ir.Expr) bool {
				if agg, ok := x.(*ir.Agg); ok {
					if f := s.featureIn(agg, m); f != nil && f.rows.agg != nil {
						cond(f.rows, f.cond)
						get(f.rows).feats = append(get(f.rows).feats, f)
					}
				}
				return true
			})
		}
	}
	named := s.namedBy(targets)
	before := s.timesOf(of)
	var out []*draft
	for _, r := range order {
		a := of[r]
		for _, k := range s.kinds(a.conds, a.absent) {
			if out = s.kindsWith(out, r, k, a.feats, named); len(out) > mostKinds {
				return out
			}
			for _, when := range s.earlier(r, before) {
				if out = s.kindsWith(out, r, s.and(k, when), a.feats, named); len(out) > mostKinds {
					return out
				}
			}
		}
	}
	return out
}

// about is what targets say of some rows.
type about struct {
	conds, absent []diagram
	feats         []*feature
}

// kindsWith adds rows that meet a condition, alone and with each value that a
// target may look for.
func (s *scene) kindsWith(out []*draft, r *rows, k diagram, feats []*feature, named []value.Value) []*draft {
	out = s.addKind(out, r, k)
	for _, f := range feats {
		if f.x == nil {
			continue
		}
		whens := []diagram{}
		if f.op == ir.OpFirst || f.op == ir.OpLast {
			whens = s.earlyAndLate(r)
		}
		for _, when := range whens {
			out = s.addKind(out, r, s.and(k, when))
		}
		for _, when := range append(whens, always) {
			for _, v := range s.valuesFor(f, named) {
				out = s.addKind(out, r, s.and(k, s.and(when, s.withValue(f, "=", v))))
			}
		}
	}
	return out
}

// timesOf are the instants since when there must be no rows of some fact. Rows
// of another one that is made of the same must be older then.
func (s *scene) timesOf(of map[*rows]*about) []value.Value {
	var out []value.Value
	for _, r := range slices.SortedFunc(maps.Keys(of), func(a, b *rows) int { return int(a.id - b.id) }) {
		for _, absent := range of[r].absent {
			for _, id := range s.askedBy(absent) {
				a := s.atoms[id]
				moves := a.kind != atLeast || a.cut.moves != nil || !a.term.typ.Temporal()
				if moves || slices.ContainsFunc(out, func(v value.Value) bool { return value.Equal(v, a.cut.at) }) {
					continue
				}
				out = append(out, a.cut.at)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b value.Value) int {
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		return value.Compare(a, b)
	})
	return out
}

// earlier are the conditions that a row is from before each instant.
func (s *scene) earlier(r *rows, than []value.Value) (out []diagram) {
	if r.leaf == nil || r.leaf.Time == nil {
		return nil
	}
	for _, v := range than {
		if v.Kind != r.leaf.Time.Type.Kind || len(out) == 2 { // the earliest will mostly do
			continue
		}
		out = append(out, s.cond(scopeOf(r.leaf), s.form(&ir.Cmp{Op: "<", L: &ir.Column{Col: r.leaf.Time}, R: &ir.Const{V: v, T: value.Of(v.Kind)}})))
	}
	return out
}

// earlyAndLate are conditions on when a row happened, so that there can be a
// first and a last one.
func (s *scene) earlyAndLate(r *rows) []diagram {
	at := func(op string, back int64) diagram {
		when := &ir.Const{V: value.NewTime(*s.asOf - back), T: value.Of(value.Time)}
		return s.cond(scopeOf(r.leaf), s.form(&ir.Cmp{Op: op, L: &ir.Column{Col: r.leaf.Time}, R: when}))
	}
	return []diagram{at(">=", dayMicros/12), at("<", 1000*dayMicros), s.and(at("<", 10*dayMicros), at(">=", 20*dayMicros))}
}

// featureIn is the feature of an aggregate of the customer; nil for those of
// rows that lookups lead to, which are found by their scope.
func (s *scene) featureIn(a *ir.Agg, m model) *feature {
	for _, id := range slices.Sorted(keysOf(m)) {
		if t := s.atoms[id].term; t != nil && t.agg != nil && t.x == ir.Expr(a) {
			return t.agg
		}
	}
	return s.aggTerm(s.root.scope, a).agg
}

func (s *scene) addKind(out []*draft, r *rows, cond diagram) []*draft {
	if d, ok := s.rowFor(r, cond); ok && !slices.ContainsFunc(out, d.alike) {
		out = append(out, d)
	}
	return out
}

// rowFor makes a row that meets a condition and leads to the anchor.
func (s *scene) rowFor(r *rows, cond diagram) (*draft, bool) {
	if cond == never {
		return nil, false
	}
	g, m := s.solve(cond)
	anchor := s.anchor(r)
	if g == never || anchor == nil {
		return nil, false
	}
	d := newDraft(source(r.leaf), scopeOf(r.leaf))
	d.groupKeys = s.groupKeys(r.leaf)
	d.apart = s.allGroupKeys(d.rel)
	at := d
	wants := s.baseWants(d, r.leaf)
	for i, l := range r.agg.Back {
		to := anchor
		if i < len(r.agg.Back)-1 {
			to = newDraft(source(l.To), scopeOf(l.To))
			wants = append(wants, s.baseWants(to, l.To)...)
		}
		at.links[l.Name] = to
		if _, c := s.pointer(at, l.Name); c != nil { // it leads there: its key is known, whatever it will be
			at.cells[c], _ = keyValue(c, 1)
		}
		at = to
	}
	wants = append(s.wanted(d, m, false), wants...)
	wants = slices.DeleteFunc(wants, func(w want) bool { return overRows(w.x) || s.isKey(w) })
	ok := s.assignOnce(cells{r, cond}, d, wants)
	d.fixed = true
	return d, ok
}

// cells are those of a row that meets a condition. Where they look at no row
// of the customer they are the same for every one.
type cells struct {
	rows *rows
	cond diagram
}

// assignOnce is assign, which is not done again for the same cells: the search
// for values that there are not takes the longest.
func (s *scene) assignOnce(of cells, d *draft, wants []want) bool {
	own, alone := true, true
	for _, w := range wants {
		s.slots(w.at, w.x, func(sl slot) { own, alone = own && !sl.d.root, alone && sl.d == d })
		own, alone = own && w.rows == nil, alone && w.rows == nil
	}
	if made, seen := s.made[of]; seen && (made == nil && own || alone) {
		maps.Copy(d.cells, made)
		return made != nil
	}
	enough := s.effort >= mostRowTries
	s.tries = mostRowTries
	ok := s.assign(wants)
	switch {
	case ok && alone:
		s.made[of] = maps.Clone(d.cells)
	case !ok && own && enough:
		s.made[of] = nil
	}
	return ok
}

// isKey reports whether a condition only asks for the key of a row that
// leads on, which is given when all rows are there.
func (s *scene) isKey(w want) bool {
	k, ok := w.x.(*ir.Known)
	if !ok {
		return false
	}
	c, ok := k.X.(*ir.Column)
	if !ok {
		return false
	}
	if w.holds && w.at.groupKeys[origin(c.Col)] {
		return true
	}
	for name := range w.at.links {
		if _, by := s.pointer(w.at, name); by == origin(c.Col) {
			return true
		}
	}
	return false
}

// namedBy are the numbers and texts that targets compare with.
func (s *scene) namedBy(targets []target) []value.Value {
	var ws []want
	for _, t := range targets {
		if t.x != nil {
			ws = append(ws, t.want)
		}
	}
	return s.named(ws)
}

// valuesFor are values that a row of a feature may have.
func (s *scene) valuesFor(f *feature, named []value.Value) []value.Value {
	var out []value.Value
	add := func(v value.Value) {
		if len(out) < 14 && !slices.ContainsFunc(out, func(o value.Value) bool { return value.Equal(o, v) }) {
			out = append(out, v)
		}
	}
	t := f.x.Type()
	for _, v := range named {
		if t.Numeric() && value.Of(v.Kind).Numeric() || t.Kind == v.Kind {
			add(v)
		}
		if t.Exact() && value.Of(v.Kind).Exact() {
			less, _ := value.Sub(v, value.NewInt(1))
			add(less)
			twice, ok := decimalOf(new(big.Rat).Mul(rational(v), big.NewRat(2, 1)))
			if ok {
				add(twice)
			}
		}
	}
	switch {
	case t.Numeric():
		for _, n := range []int64{0, 1, 2, 3, -1, 100, 10_000} {
			add(value.NewInt(n))
		}
	case t.Kind == value.Text && len(t.Values) > 0:
		for _, v := range t.Values {
			add(value.NewText(v))
		}
	case t.Kind == value.Text:
		for _, v := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			add(value.NewText(v))
		}
	case t.Kind == value.Date:
		today := s.project.Calendar.DateOf(*s.asOf)
		for n := range int64(12) {
			day := today - 1 - 31*n
			if x, ok := f.x.(*ir.StartOf); ok {
				add(value.NewDate(s.project.Calendar.StartOfDate(day, unitOf(x.Unit))))
				continue
			}
			add(value.NewDate(day))
		}
	}
	return out
}

func unitOf(name string) calendar.Unit {
	u, _ := calendar.ParseUnit(name)
	return u
}

// groupKeys are the cells that say which rows a relation groups together.
func (e *engine) groupKeys(rel *ir.Relation) map[*ir.ColumnDef]bool {
	out := map[*ir.ColumnDef]bool{}
	for ; rel != nil; rel = rel.From {
		for _, x := range rel.GroupBy {
			if c, ok := e.form(x).(*ir.Column); ok && c.Col.Def == nil {
				out[origin(c.Col)] = true
			}
		}
	}
	return out
}

// allGroupKeys are the cells that any relation made of the rows groups by.
func (s *scene) allGroupKeys(of *ir.Relation) map[*ir.ColumnDef]bool {
	out := map[*ir.ColumnDef]bool{}
	for _, rel := range s.project.Relations {
		if source(rel) == of {
			maps.Copy(out, s.groupKeys(rel))
		}
	}
	return out
}

// alike reports whether two drafts have the same cells and lead to the same
// rows.
func (d *draft) alike(o *draft) bool {
	if d.rel != o.rel || len(d.links) != len(o.links) || len(d.cells) != len(o.cells) {
		return false
	}
	for name, to := range d.links {
		if o.links[name] != to {
			return false
		}
	}
	for c, v := range d.cells {
		w, ok := o.cells[c]
		if !ok || !value.Equal(v, w) && !(v.IsMissing() && w.IsMissing()) {
			return false
		}
	}
	return true
}
