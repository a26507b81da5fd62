package plan

import (
	"fmt"
	"unicode"

	"github.com/segql/segql/compiler/ir"
)

// rows adds the relations that the planned tables read, with the columns
// they need, in an order in which each finds what it derives from.
func (b *builder) rows() {
	for _, f := range b.order {
		for _, l := range f.agg.Back {
			if l != l.From.Owner {
				b.mustBeOwned(l.From)
			}
		}
	}
	u := b.usage()
	for n := -1; n < len(b.owned); u = b.usage() { // until no more facts are found
		n = len(b.owned)
	}
	var ordered []*ir.Relation
	seen := map[*ir.Relation]bool{}
	var visit func(r *ir.Relation)
	visit = func(r *ir.Relation) {
		if seen[r] {
			return
		}
		seen[r] = true
		for _, n := range b.before(r) {
			visit(n)
		}
		if u.rels[r] {
			ordered = append(ordered, r)
		}
	}
	for _, r := range b.project.Relations {
		visit(r)
	}
	var tables []*Table
	for _, r := range ordered {
		tables = append(tables, b.rowTable(r, u))
	}
	tables = append(tables, b.changeTables(u)...)
	b.plan.Tables = append(tables, b.plan.Tables...)
}

// RowsOf is the name of the table that holds the rows of a relation. Where the
// relation's name has capitals their places are added, for engines to which A
// and a are one.
func RowsOf(r *ir.Relation) string {
	name := r.Name + "_rows"
	for i, c := range r.Name {
		if unicode.IsUpper(c) {
			name += fmt.Sprintf("_%d", i)
		}
	}
	return name
}

// mustBeOwned marks a fact of which rows of unknown owners must be left out
// when it is read. Where rows are only reached from their owners, those are
// never met.
func (b *builder) mustBeOwned(r *ir.Relation) {
	if !b.owned[r] && ir.OwnedApart(r) {
		b.owned[r] = true
		b.mustBeOwned(r.Owner.To)
	}
}

// before are the relations whose rows must be there before those of r.
func (b *builder) before(r *ir.Relation) []*ir.Relation {
	if b.owned[r] {
		return append(ir.Needs(r), r.Owner.To)
	}
	return ir.Needs(r)
}

func ownerKnown(r *ir.Relation) ir.Expr {
	l := ir.Loc{At: r.At}
	return &ir.Known{Loc: l, X: &ir.Follow{Loc: l, By: r.Owner, X: &ir.Column{Loc: l, Col: r.Owner.To.Key}}}
}

func (b *builder) rowTable(r *ir.Relation, u *usage) *Table {
	t := &Table{Name: RowsOf(r), Kind: Rows, Rel: r, Where: Visible(b.project, b.asOf, r)}
	if b.owned[r] {
		t.Where, t.Owned = append(t.Where, ownerKnown(r)), true
	}
	for _, c := range r.Columns {
		if u.cols[c] {
			t.Used = append(t.Used, c)
		}
	}
	return t
}

// Visible are the lowered conditions under which a row of r counts at an
// instant: it is known by then, exists then, and passes the catalog's where.
func Visible(p *ir.Project, asOf int64, r *ir.Relation) []ir.Expr {
	var xs []ir.Expr
	now := &ir.AsOf{}
	column := func(c *ir.ColumnDef) ir.Expr { return &ir.Column{Loc: ir.Loc{At: r.At}, Col: c} }
	// What is inherited has been tested where it comes from.
	own := r.Time != nil && (r.Time.Base == nil || r.Time.Base != r.From.Time)
	if r.Owner != nil && !inherited(r.Owner.By) {
		xs = append(xs, &ir.Known{X: r.Owner.By})
	}
	if own {
		xs = append(xs, &ir.Known{X: column(r.Time)})
	}
	switch {
	case r.Always, r.From != nil && len(r.GroupBy) == 0 && !own:
	case r.KnownAt != nil:
		xs = append(xs, &ir.Cmp{Op: "<", L: r.KnownAt, R: now})
	case r.Time != nil && !r.Entity:
		xs = append(xs, &ir.Cmp{Op: "<", L: column(r.Time), R: now})
	}
	if r.Exists != nil {
		xs = append(xs, bound(r.Exists.From, "<="), bound(r.Exists.To, ">"))
	}
	if r.Where != nil {
		xs = append(xs, r.Where)
	}
	var out []ir.Expr
	if r.Entity && r.Source != nil && r.Key != nil {
		// Not lowered: the key of a row that counts is never missing, here it is
		// decided which rows those are.
		out = append(out, &ir.Known{X: column(r.Key)})
	}
	for _, x := range xs {
		if x == nil {
			continue
		}
		lowered, err := ir.Lower(p.Calendar, asOf, x)
		if err != nil {
			panic("plan: overflow in a catalog constant: " + err.Error())
		}
		if c, ok := lowered.(*ir.Const); ok && c.V.True() {
			continue
		}
		out = append(out, lowered)
	}
	return out
}

// inherited reports whether an owner's key comes from the base relation.
func inherited(by ir.Expr) bool {
	c, ok := by.(*ir.Column)
	return ok && c.Col.Base != nil
}

// bound is `x op as_of`, open where x is missing.
func bound(x ir.Expr, op string) ir.Expr {
	if x == nil {
		return nil
	}
	return &ir.Or{Xs: []ir.Expr{&ir.Known{X: x, Missing: true}, &ir.Cmp{Op: op, L: x, R: &ir.AsOf{}}}}
}

// usage finds which columns of which relations are read by others, and so
// must be kept. What a relation only needs to make its own rows is read below
// and not kept.
type usage struct {
	*builder
	cols map[*ir.ColumnDef]bool
	rels map[*ir.Relation]bool
}

func (b *builder) usage() *usage {
	u := &usage{builder: b, cols: map[*ir.ColumnDef]bool{}, rels: map[*ir.Relation]bool{}}
	for _, t := range b.plan.Tables {
		u.table(t)
	}
	for _, a := range b.plan.Atoms {
		u.exprs(a.X)
	}
	for _, c := range b.plan.Columns {
		u.rel(c.Entity)
	}
	return u
}

func (u *usage) table(t *Table) {
	u.rel(t.Rel)
	u.exprs(t.Where...)
	u.exprs(t.Key, t.Anchor, t.Value, t.Of, t.Per, t.Apart)
	if t.Leaf != nil {
		u.rel(t.Leaf)
		u.col(t.Rel.Key) // by which the rows of a fact, too, find their features
	}
	for _, f := range t.Aggs {
		u.exprs(f.Agg)
		if f.Agg.Op == ir.OpFirst || f.Agg.Op == ir.OpLast {
			u.col(t.Leaf.Time)
			u.col(t.Leaf.Keys()...)
		}
		if t.Outer {
			u.col(t.Leaf.Time)
		}
	}
	for _, c := range t.Conds {
		u.exprs(c.X)
	}
}

// rel marks a relation, its key, and what its own rows are made of.
func (u *usage) rel(r *ir.Relation) {
	if r == nil || u.rels[r] {
		return
	}
	u.rels[r] = true
	if r.Entity {
		u.col(r.Key)
	}
	if r.Entity && r.From != nil {
		u.mustBeOwned(r.From)
	}
	for _, v := range r.Universe {
		u.exprs(v.Key)
		u.mustBeOwned(v.Rel)
	}
	for _, n := range u.before(r) {
		u.rel(n)
	}
	u.own(r, r.GroupBy...)
	u.own(r, Visible(u.project, u.asOf, r)...)
	if u.owned[r] {
		u.own(r, ownerKnown(r))
	}
	if u.own(r, r.Dedup); r.Dedup != nil {
		for _, c := range r.Columns { // ties go by all of them, whatever is kept
			u.needs(r, c)
		}
	}
	if r.From != nil && len(r.GroupBy) > 0 {
		for _, c := range r.Columns { // all are computed where the groups are made
			u.own(r, c.Def)
		}
		if r.From.Owner != nil {
			u.exprs(r.From.Owner.By)
		}
		if usesOrder(r) {
			u.col(r.From.Time)
			u.col(r.From.Keys()...)
		}
	}
}

// usesOrder reports whether a group has a first or last row.
func usesOrder(r *ir.Relation) bool {
	found := false
	for _, c := range r.Columns {
		ir.Walk(c.Def, func(e ir.Expr) bool {
			g, ok := e.(*ir.GroupAgg)
			found = found || ok && (g.Op == ir.OpFirst || g.Op == ir.OpLast)
			return true
		})
	}
	return found
}

// exprs marks what expressions over finished rows read.
func (u *usage) exprs(xs ...ir.Expr) {
	for _, x := range xs {
		ir.Walk(x, func(e ir.Expr) bool {
			switch e := e.(type) {
			case *ir.Agg:
				u.rel(e.Leaf)
			case *ir.Column:
				u.col(e.Col)
			case *ir.Follow:
				u.follow(e)
				u.exprs(e.By.By)
			case *ir.Seq:
				u.sequence(e)
			default: // only its parts need columns
			}
			return true
		})
	}
}

// sequence marks the facts of the steps, their times, keys and owners.
func (u *usage) sequence(s *ir.Seq) {
	u.back(s.Back)
	u.col(s.Back[0].From.Time)
	for _, st := range s.Steps {
		u.rel(st.Leaf)
		u.back(st.Back)
		u.col(st.Leaf.Time)
		if st.Directly {
			u.col(st.Leaf.Keys()...)
		}
	}
}

func (u *usage) back(back []*ir.Lookup) {
	for i, l := range back {
		u.exprs(l.By)
		if i < len(back)-1 {
			u.rel(l.To)
			u.col(l.To.Key)
		}
	}
}

func (u *usage) follow(e *ir.Follow) {
	u.rel(e.By.To)
	u.col(e.By.To.Key)
}

// own marks what r reads of others to make its own rows.
func (u *usage) own(r *ir.Relation, xs ...ir.Expr) {
	for _, x := range xs {
		ir.Walk(x, func(e ir.Expr) bool {
			switch e := e.(type) {
			case *ir.Column:
				if u.owner[e.Col] == r {
					u.needs(r, e.Col)
				} else {
					u.col(e.Col)
				}
			case *ir.Follow:
				u.follow(e)
				u.own(r, e.By.By)
			default: // only its parts need columns
			}
			return true
		})
	}
}

// needs marks what a column of r is made of.
func (u *usage) needs(r *ir.Relation, c *ir.ColumnDef) {
	u.col(c.Base)
	u.own(r, c.Def)
}

// col marks a column that must be kept.
func (u *usage) col(cs ...*ir.ColumnDef) {
	for _, c := range cs {
		if c == nil || u.cols[c] {
			continue
		}
		u.cols[c] = true
		if r := u.owner[c]; r != nil {
			u.rel(r)
			u.needs(r, c)
		}
	}
}
