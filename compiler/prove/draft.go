package prove

import (
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// draft is a row of a witness while it is being made: a row of a relation that
// is read from a source, or an element of a list.
type draft struct {
	rel   *ir.Relation
	cells map[*ir.ColumnDef]value.Value
	links map[string]*draft // rows that lookups lead to, by name
	scope scope             // that its expressions are read in
	root  bool              // the customer, or a row that the customer's lookups lead to
	item  map[string]value.Value
	// fixed: its cells do not change any more, so that what is worked out of
	// them is kept.
	fixed bool
	met   map[diagram]bool
	makes map[*ir.Relation]bool // whether it is in one of the groups of a relation
	vals  map[ir.Expr]value.Value
	// groupKeys are cells that get a value of their own in each row, so that no
	// two rows are grouped together.
	groupKeys map[*ir.ColumnDef]bool
	apart     map[*ir.ColumnDef]bool // cells that are different in each row where they are known
}

func newDraft(rel *ir.Relation, s scope) *draft {
	return &draft{rel: rel, scope: s, cells: map[*ir.ColumnDef]value.Value{}, links: map[string]*draft{}}
}

// scene is what is being made: drafts and how their values are worked out.
// It only looks for a witness; whether it has found one, ir.Eval says.
type scene struct {
	*engine
	root   *draft
	linked []*draft // the rows that its lookups lead to
	chosen []*draft // the rows of facts; one may stand for several alike
	feats  map[*ir.Agg]*feature
	exprs  map[int32]ir.Expr // atoms as conditions
	used   map[*ir.ColumnDef]int64
	tries  int // how many values the next search may try
	// total is the value of an aggregate of the rows chosen so far.
	total func(at *draft, a *ir.Agg) (value.Value, bool)
}

// calc works out an expression at a draft; ok is false for what looks at
// other customers or rows.
func (s *scene) calc(d *draft, x ir.Expr) (v value.Value, ok bool) {
	switch x := x.(type) {
	case *ir.Agg:
		if s.total == nil {
			return value.Value{}, false
		}
		return s.total(d, x)
	case *ir.And:
		return s.joined(d, x.Xs, true)
	case *ir.Anniversary:
		date, ok := s.calc(d, x.X)
		first, after, some := ir.Days(s.project.Calendar, *s.asOf, x.Window)
		return value.NewBool(some && !date.IsMissing() && calendar.AnniversaryIn(date.I, first, after-1)), ok
	case *ir.Case:
		return s.caseOf(d, x)
	case *ir.Column:
		return s.column(d, x.Col)
	case *ir.Follow:
		to := d.links[x.By.Name]
		if to == nil && x.Type().Kind == value.Bool && !ir.IsValue(x) {
			return value.NewBool(false), true
		}
		if to == nil {
			return value.Value{}, true
		}
		return s.calc(to, x.X)
	case *ir.GroupAgg:
		return s.alone(d, x)
	case *ir.ListCount:
		return s.items(d, x)
	case *ir.Member:
		if s.valid(x.Seg) != always {
			return value.NewBool(false), true
		}
		return s.calc(d, s.form(x.Seg.Where))
	case *ir.Not:
		v, ok := s.calc(d, x.X)
		return value.NewBool(!v.True()), ok
	case *ir.Or:
		return s.joined(d, x.Xs, false)
	case *ir.Trait:
		return s.calc(d, x.X)
	case *ir.Bucket, *ir.Earlier, *ir.History, *ir.InRange, *ir.PopAgg, *ir.Rank, *ir.Seq, *ir.Slot:
		return value.Value{}, false
	default:
		return s.scalar(d, x)
	}
}

func (s *scene) scalar(d *draft, x ir.Expr) (value.Value, bool) {
	var args []value.Value
	for _, c := range ir.Children(x) {
		v, ok := s.calc(d, c)
		if !ok {
			return v, false
		}
		args = append(args, v)
	}
	v, ok, err := ir.Scalar(s.project.Calendar, x, args)
	return v, ok && err == nil
}

func (s *scene) joined(d *draft, xs []ir.Expr, and bool) (value.Value, bool) {
	all := true
	for _, x := range xs {
		v, ok := s.calc(d, x)
		if ok && v.True() != and {
			return value.NewBool(!and), true
		}
		all = all && ok
	}
	return value.NewBool(and), all
}

func (s *scene) caseOf(d *draft, x *ir.Case) (value.Value, bool) {
	for _, w := range x.Whens {
		v, ok := s.calc(d, w.Cond)
		if !ok {
			return v, false
		}
		if v.True() {
			return s.calc(d, w.Value)
		}
	}
	return s.calc(d, x.Else)
}

// column is a cell, or what it is computed from. A column of a group is that
// of the draft as the only row of its group.
func (s *scene) column(d *draft, c *ir.ColumnDef) (value.Value, bool) {
	if d.item != nil {
		return d.item[c.Name], true
	}
	c = origin(c)
	if v, ok := d.cells[c]; ok || c.Def == nil {
		return v, true
	}
	return s.calc(d, s.form(c.Def))
}

// alone is an aggregate over a group of one row.
func (s *scene) alone(d *draft, x *ir.GroupAgg) (value.Value, bool) {
	if x.Value == nil {
		return value.NewInt(1), true
	}
	v, ok := s.calc(d, x.Value)
	if x.Op == ir.OpFirst || x.Op == ir.OpLast || !ok {
		return v, ok
	}
	var known []value.Value
	if !v.IsMissing() {
		known = append(known, v)
	}
	v, err := ir.Reduce(&ir.PopAgg{Op: x.Op, Value: x.Value}, known)
	return v, err == nil
}

func (s *scene) items(d *draft, x *ir.ListCount) (value.Value, bool) {
	list, ok := s.calc(d, x.X)
	if !ok || list.IsMissing() {
		return value.Value{}, ok
	}
	n := int64(0)
	for _, item := range list.L {
		v := value.NewBool(true)
		if x.Where != nil {
			if v, ok = s.calc(element(x.Elem, item), x.Where); !ok {
				return v, false
			}
		}
		if v.True() {
			n++
		}
	}
	return value.NewInt(n), true
}

// itemOf is an element of a list as a draft.
func itemOf(t value.Type, item value.Value) *draft {
	d := &draft{item: map[string]value.Value{"item": item}}
	for i, f := range t.Fields {
		d.item[f.Name] = item.L[i]
	}
	return d
}

// element is an element of a list as a draft.
func element(rel *ir.Relation, item value.Value) *draft {
	d := &draft{rel: rel, item: map[string]value.Value{}}
	for i, c := range rel.Columns {
		d.item[c.Name] = item
		if item.Kind == value.Record {
			d.item[c.Name] = item.L[i]
		}
	}
	return d
}

// holdsAt evaluates a diagram at a draft: its atoms are read in the scope of
// the draft.
func (s *scene) holdsAt(f diagram, d *draft) bool {
	if met, ok := d.met[f]; ok {
		return met
	}
	g := f
	for f > always {
		n := s.nodes[f]
		yes, _ := s.atomAt(s.atoms[n.atom], d)
		if f = n.no; yes {
			f = n.yes
		}
	}
	if d.fixed {
		if d.met == nil {
			d.met = map[diagram]bool{}
		}
		d.met[g] = f == always
	}
	return f == always
}

// valueAt is calc for a draft that may be fixed.
func (s *scene) valueAt(d *draft, x ir.Expr) (value.Value, bool) {
	if v, ok := d.vals[x]; ok {
		return v, true
	}
	v, ok := s.calc(d, x)
	if d.fixed && ok {
		if d.vals == nil {
			d.vals = map[ir.Expr]value.Value{}
		}
		d.vals[x] = v
	}
	return v, ok
}

// atomAt evaluates an atom at a draft.
func (s *scene) atomAt(a *atom, d *draft) (holds, ok bool) {
	x, seen := s.exprs[a.id]
	if !seen {
		x = s.atomExpr(a)
		s.exprs[a.id] = x
	}
	if x == nil {
		return false, false
	}
	v, ok := s.calc(d, x)
	return v.True(), ok
}

// atomExpr is an atom as a condition of the scope that its own begins with;
// nil for what is no condition of values.
func (e *engine) atomExpr(a *atom) ir.Expr {
	switch a.kind {
	case atLeast:
		if a.cut.moves != nil {
			return nil
		}
		if sample, ok := a.term.x.(*ir.Sample); ok {
			return along(a.term.scope, outside(sample, a.cut.at))
		}
		op := ">="
		if a.cut.open {
			op = ">"
		}
		return along(a.term.scope, &ir.Cmp{Op: op, L: a.term.x, R: &ir.Const{V: a.cut.at, T: value.Of(a.cut.at.Kind)}})
	case equals:
		if a.term.typ.Kind == value.Bool {
			return along(a.term.scope, &ir.Truth{X: a.term.x})
		}
		return along(a.term.scope, &ir.Cmp{Op: "=", L: a.term.x, R: &ir.Const{V: value.NewText(a.text), T: value.Of(value.Text)}})
	case inSet, opaque:
		return along(a.scope, a.x)
	case isKnown:
		return along(a.scope, &ir.Known{X: a.x})
	case isThere:
		return along(a.scope, &ir.Known{X: a.x})
	case less:
		return &ir.Cmp{Op: "<", L: along(a.term.scope, a.term.x), R: along(a.other.scope, a.other.x)}
	case same:
		return &ir.Cmp{Op: "=", L: along(a.term.scope, a.term.x), R: along(a.other.scope, a.other.x)}
	case some:
		return nil
	default:
		panic("prove: kind of atom")
	}
}

// along reads an expression at the end of the scope's path.
func along(s scope, x ir.Expr) ir.Expr {
	for _, l := range slices.Backward(s.via) {
		x = &ir.Follow{By: l, X: x}
	}
	return x
}

// overRows reports whether an expression looks at the rows of a fact.
func overRows(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(y ir.Expr) bool {
		switch y.(type) {
		case *ir.Agg, *ir.Seq:
			found = true
		default: // look below
		}
		return !found
	})
	return found
}
