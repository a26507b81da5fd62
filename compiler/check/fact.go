package check

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// rows is a checked FACT: which rows, and how they lead back.
type rows struct {
	anchor []*ir.Lookup
	leaf   *ir.Relation
	back   []*ir.Lookup
	window *ir.Window
	where  ir.Expr
}

// fact checks `path [window] [where COND]`. The window is read in the outer
// scope, the condition in that of the fact: a row, where traits, segments and
// population values are reached only through a lookup, also when the rows are
// those of an entity.
func (c *checker) fact(sc scope, f *ast.Fact) (*rows, bool) {
	if sc.catalog {
		c.catalogOnly(f.Span(), "other facts")
		return nil, false
	}
	if f == nil || f.Path == nil || len(f.Path.Parts) == 0 {
		return nil, false // a syntax error
	}
	if f.As != nil && len(f.Steps) == 0 {
		c.diags.Errorf(wrongScope, f.As.Loc, "nothing comes after the step %q, so its name is of no use", f.As.Name).
			Help = "remove `as " + f.As.Name + "`; a step is named for the steps that follow it"
		return nil, false
	}
	r, ok := c.factPath(sc, f.Path)
	if !ok {
		return nil, false
	}
	if f.Window != nil {
		r.window = c.window(sc, f.Window)
		ok = r.window != nil && c.factWindow(f, r)
	}
	if f.Where != nil {
		r.where = c.cond(scope{rel: r.leaf}, f.Where)
		ok = ok && r.where != nil
	}
	if ok && len(f.Steps) > 0 {
		seq := c.sequence(sc, f, r)
		if seq == nil {
			return nil, false
		}
		if r.where != nil {
			seq = &ir.And{Loc: loc(f), Xs: []ir.Expr{r.where, seq}}
		}
		r.where = seq
	}
	return r, ok
}

func (c *checker) factWindow(f *ast.Fact, r *rows) bool {
	if r.leaf.Time == nil && r.leaf.Entity {
		c.diags.Errorf(badWindow, f.Window.Loc, "rows of %s have no time, so they have no window", r.leaf.Name).
			Help = "put the window into the condition, as in `where signup_at in last 30 days`"
		return false
	}
	if r.leaf.Time == nil && c.isLost(r.leaf, "at") {
		return false
	}
	if r.leaf.Time == nil {
		c.diags.Errorf(badWindow, f.Window.Loc, "%s has no time, so it has no window", r.leaf.Name).
			Help = "remove the window, or declare `at:` for " + r.leaf.Name + " in the catalog"
		return false
	}
	if r.window.Next && r.leaf.KnownAt == nil && !r.leaf.Always {
		d := c.diags.Errorf(badWindow, f.Window.Loc, "%s only holds what has happened before as_of, so nothing lies in the future", r.leaf.Name)
		d.Help = "look back with `in last …`; for plans such as bookings declare `known_at:` in the catalog"
		return false
	}
	return true
}

// factPath follows lookups, then at least one way back to many rows.
func (c *checker) factPath(sc scope, p *ast.Path) (*rows, bool) {
	r := &rows{}
	cur := sc.rel
	for i, part := range p.Parts {
		if many := c.many(cur, part.Name); many != nil {
			c.useMany(part.Loc, cur, part.Name, many)
			r.back = append([]*ir.Lookup{many}, r.back...)
			cur = many.From
			continue
		}
		if l := cur.Lookup(part.Name); l != nil && len(r.back) == 0 && i < len(p.Parts)-1 {
			c.useLookup(part.Loc, l)
			r.anchor = append(r.anchor, l)
			cur = l.To
			continue
		}
		c.noFact(sc, cur, p, i)
		return nil, false
	}
	r.leaf = cur
	return r, true
}

// many finds the lookup by which rows of a fact, or of a related entity,
// lead back to rel.
func (c *checker) many(rel *ir.Relation, name string) *ir.Lookup {
	if f := c.proj.Relation(name); f != nil && !f.Entity && f.Owner != nil && f.Owner.To == rel {
		return f.Owner
	}
	if v := rel.Reverse(name); v != nil {
		return v.Lookup
	}
	return nil
}

// noFact reports part i of a path that is no way to many rows of cur.
func (c *checker) noFact(sc scope, cur *ir.Relation, p *ast.Path, i int) {
	part := p.Parts[i]
	name := part.Name
	col := cur.Column(name)
	rel := c.proj.Relation(name)
	ownerless := rel != nil && !rel.Entity && rel.Owner == nil // reported
	switch {
	case name == "" || ownerless || c.lost[lostName{cur, name}] || col == nil && rel == nil && c.blind[cur]:
		return
	}
	d := c.diags.Errorf(unknownFact, part.Loc, "%s has no fact %q", cur.Name, name)
	names := c.factNames(cur)
	if col != nil {
		d.Help = name + " is a column, one value a row, not a fact"
		if !sc.rel.Entity {
			d.Help += "; aggregates count the rows of a fact"
		}
		return
	}
	if i == 0 && len(p.Parts) > 1 && name == cur.Name {
		rest := source.Span{File: p.Loc.File, Start: p.Parts[1].Loc.Start, End: p.Loc.End}
		d.Help = "the condition is about a " + name + " already: write " + rest.Text()
		d.Edits = []diag.Edit{{Span: p.Loc, Text: rest.Text()}}
		return
	}
	if way := c.wayTo(cur, rel); way != "" {
		d.Help = name + " belongs to " + rel.Owner.To.Name + ": write " + way
		d.Edits = []diag.Edit{{Span: part.Loc, Text: way}}
		return
	}
	switch l := cur.Lookup(name); {
	case l != nil && len(p.Parts) == 1:
		d.Help = name + " leads to one row of " + l.To.Name + "; name one of its facts, as in " + name + ".FACT"
	case l != nil:
		d.Help = name + " leads to one row, and from many rows a path goes on to facts only"
	case rel != nil && !rel.Entity && rel.Owner.To != cur:
		d.Help = name + " belongs to " + rel.Owner.To.Name
	default:
		suggestName(d, part.Loc, name, names)
	}
	switch {
	case d.Help != "":
	case len(names) > 0:
		d.Help = cur.Name + " has " + listNames(names)
	default:
		d.Help = "no fact of the catalog belongs to " + cur.Name
	}
}

// factNames are the ways to many rows from a row of cur.
func (c *checker) factNames(cur *ir.Relation) []string {
	var names []string
	for _, rel := range c.proj.Relations {
		if rel.Owner != nil && rel.Owner.To == cur {
			names = append(names, rel.Name)
		}
	}
	for _, v := range cur.Reverses {
		names = append(names, v.Name)
	}
	return names
}

// wayTo is the path from cur to a fact of one of its facts, as orders.items.
func (c *checker) wayTo(cur, rel *ir.Relation) string {
	if rel == nil || rel.Entity {
		return ""
	}
	way := syntax.QuoteName(rel.Name)
	for rel.Owner != nil && rel.Owner.To != cur && rel.Owner.To != rel {
		rel = rel.Owner.To
		way = syntax.QuoteName(rel.Name) + "." + way
	}
	if rel.Owner == nil || rel.Owner.To != cur || !strings.Contains(way, ".") {
		return ""
	}
	return way
}

func (c *checker) agg(n ast.Node, r *rows, op ir.AggOp, v ir.Expr, distinct bool, t value.Type) *ir.Agg {
	return &ir.Agg{Loc: loc(n), Op: op, Distinct: distinct, Value: v,
		Anchor: r.anchor, Leaf: r.leaf, Back: r.back, Window: r.window, Where: r.where, T: t}
}

// factCall is count(FACT); any and none are conditions.
func (c *checker) factCall(sc scope, e *ast.FactCall) ir.Expr {
	if e.Name.Name != "count" {
		return c.factCond(sc, e)
	}
	if sc.group {
		return c.groupCount(sc, e)
	}
	if count, isList := c.listFact(sc, e.Fact); isList {
		return count
	}
	r, ok := c.fact(sc, e.Fact)
	if !ok {
		return nil
	}
	return c.agg(e, r, ir.OpCount, nil, false, value.Of(value.Int))
}

// groupCount is count(x) over the rows of a catalog group, or count(F) of the
// rows themselves, F being what is grouped.
func (c *checker) groupCount(sc scope, e *ast.FactCall) ir.Expr {
	if e.Fact == nil || e.Fact.Path == nil {
		return nil // a syntax error
	}
	if e.Fact.Window != nil || e.Fact.Where != nil || len(e.Fact.Steps) > 0 {
		return c.catalogOnly(e.Span(), "windows and conditions of a fact")
	}
	if name := e.Fact.Path.String(); name == sc.rel.Name && sc.rel.Column(name) == nil {
		return &ir.GroupAgg{Loc: loc(e), Op: ir.OpCount, T: value.Of(value.Int)}
	}
	x := c.path(scope{rel: sc.rel, catalog: true}, e.Fact.Path)
	if x == nil {
		return nil
	}
	return &ir.GroupAgg{Loc: loc(e), Op: ir.OpCount, Value: x, T: value.Of(value.Int)}
}

// factCond is any(FACT), count ≥ 1, or none(FACT), count = 0.
func (c *checker) factCond(sc scope, e *ast.FactCall) ir.Expr {
	if count, isList := c.listFact(sc, e.Fact); isList {
		if count == nil {
			return nil
		}
		return c.listCond(e, count, e.Name.Name == "any")
	}
	r, ok := c.fact(sc, e.Fact)
	if !ok {
		return nil
	}
	return c.countCond(e, r, e.Name.Name)
}

func (c *checker) countCond(n ast.Node, r *rows, call string) ir.Expr {
	count := c.agg(n, r, ir.OpCount, nil, false, value.Of(value.Int))
	op, k := "=", int64(0)
	if call == "any" {
		op, k = ">=", 1
	}
	cmp := &ir.Cmp{Loc: loc(n), Op: op, L: count, R: &ir.Const{Loc: loc(n), V: value.NewInt(k), T: value.Of(value.Int)}}
	c.calls[cmp] = call
	return cmp
}

// allCall is all(FACT have COND): none of the rows fails it.
func (c *checker) allCall(sc scope, e *ast.AllCall) ir.Expr {
	if count, isList := c.listFact(sc, e.Fact); isList {
		return c.allOfList(sc, e, count)
	}
	r, ok := c.fact(sc, e.Fact)
	if !ok {
		return nil
	}
	have := c.cond(scope{rel: r.leaf}, e.Have)
	if have == nil {
		return nil
	}
	fails := ir.Expr(&ir.Not{Loc: loc(e.Have), X: have})
	if r.where != nil {
		fails = &ir.And{Loc: loc(e), Xs: []ir.Expr{r.where, fails}}
	}
	r.where = fails
	return c.countCond(e, r, "all")
}
