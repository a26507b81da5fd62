package check

import (
	"github.com/segql/segql/compiler/ir"
)

// loseLike: what cannot be known of From cannot be known of rel.
func (b *builder) loseLike(rel, from *ir.Relation) {
	b.blind[rel] = b.blind[rel] || b.blind[from]
	for n := range b.lost {
		if n.rel == from {
			b.lose(rel, n.name)
		}
	}
}

// derived inherits every column, the owner, the time and the lookups.
func (b *builder) derived(r *relBuild, from *relBuild) {
	b.loseLike(r.rel, from.rel)
	for _, col := range from.rel.Columns {
		r.rel.Columns = append(r.rel.Columns, &ir.ColumnDef{Name: col.Name, Type: col.Type, Base: col, Internal: col.Internal,
			NotNull: col.NotNull, PII: col.PII, At: r.rel.At})
	}
	r.rel.Time, r.rel.Always = inherited(r.rel, from.rel.Time), from.rel.Always
	r.rel.KnownAt = rebase(r.rel, from.rel.KnownAt)
	r.rel.Key = inherited(r.rel, from.rel.Key)
	for _, k := range from.rel.KeyRest {
		r.rel.KeyRest = append(r.rel.KeyRest, inherited(r.rel, k))
	}
	if from.rel.Owner == nil && r.fact != nil && r.fact.Of != nil {
		b.links(r, false) // a fact made of the rows of an entity
		b.links(r, true)
		return
	}
	for _, l := range from.rel.Lookups {
		nl := &ir.Lookup{Name: l.Name, From: r.rel, To: l.To, By: rebase(r.rel, l.By), At: l.At}
		r.rel.Lookups = append(r.rel.Lookups, nl)
		if l == from.rel.Owner && !r.rel.Entity {
			r.rel.Owner = nl
		}
	}
	for _, l := range r.cat.BelongsTo {
		b.fields(r)
		b.lookup(r, l)
	}
	if r.fact != nil && r.fact.At != nil {
		r.rel.Time = b.timeColumn(r, r.fact.At, "at")
	}
}

// inherited is the column of rel that stands for a column of its From.
func inherited(rel *ir.Relation, base *ir.ColumnDef) *ir.ColumnDef {
	if base == nil {
		return nil
	}
	for _, c := range rel.Columns {
		if c.Base == base {
			return c
		}
	}
	return nil
}

// rebase reads an expression over From's rows over rel's own.
func rebase(rel *ir.Relation, x ir.Expr) ir.Expr {
	if x == nil {
		return nil
	}
	return ir.Map(x, func(e ir.Expr) ir.Expr {
		if col, ok := e.(*ir.Column); ok {
			if own := inherited(rel, col.Col); own != nil {
				return &ir.Column{Loc: col.Loc, Col: own}
			}
		}
		return e
	})
}

// grouped makes one row of each group of From's rows.
func (b *builder) grouped(r *relBuild, from *relBuild) {
	b.loseLike(r.rel, from.rel)
	inner := scope{rel: from.rel, catalog: true}
	group := scope{rel: from.rel, catalog: true, group: true}
	for _, g := range r.cat.GroupBy {
		x := b.value(inner, g.Expr)
		if x == nil {
			b.lose(r.rel, g.Name.Text)
			continue
		}
		r.rel.GroupBy = append(r.rel.GroupBy, x)
		name, hidden := g.Name.Text, false
		if name == "" {
			name, hidden = "group "+ir.Key(x), true
		}
		r.rel.Columns = append(r.rel.Columns, &ir.ColumnDef{Name: name, Internal: hidden, Type: x.Type(), Def: x, NotNull: true, At: g.Name.Span})
	}
	if len(r.rel.GroupBy) == 1 {
		r.rel.Key = r.rel.Columns[0]
	}
	for _, f := range r.cat.Fields {
		x := b.value(group, f.Expr)
		if x == nil {
			x = b.lostField(r, f)
		} else if !b.groupable(r.rel, x) {
			b.diags.Errorf(catalogScope, f.Expr.Span(), "%s differs from row to row of a group", f.Expr.Span().Text()).
				Help = "aggregate it, as in sum(" + f.Expr.Span().Text() + ") or first(" + f.Expr.Span().Text() + "), or add it to group_by"
		}
		r.rel.Columns = append(r.rel.Columns, b.field(r, f, x))
	}
	b.groupOwner(r, from)
	b.groupTime(r, from, group)
	if r.cat.Where != nil {
		r.rel.Where = b.cond(ownScope(r), r.cat.Where)
	}
}

// groupable reports whether every column in x stands inside an aggregate or
// is part of the group's key.
func (b *builder) groupable(rel *ir.Relation, x ir.Expr) bool {
	for _, g := range rel.GroupBy {
		if ir.Key(g) == ir.Key(x) {
			return true
		}
	}
	switch x.(type) {
	case *ir.GroupAgg:
		return true
	case *ir.Column, *ir.Follow:
		return false
	default: // as its parts are, below
	}
	for _, y := range ir.Children(x) {
		if !b.groupable(rel, y) {
			return false
		}
	}
	return true
}

// groupOwner: rows are grouped within their owner, and lookups whose key is
// part of the group's key go on.
func (b *builder) groupOwner(r *relBuild, from *relBuild) {
	if o := from.rel.Owner; o != nil && !r.rel.Entity {
		col := &ir.ColumnDef{Name: "owner", Internal: true, Type: o.By.Type(), Def: o.By, NotNull: true, At: r.rel.At}
		r.rel.Columns = append(r.rel.Columns, col)
		r.rel.Owner = &ir.Lookup{Name: o.Name, From: r.rel, To: o.To, By: &ir.Column{Loc: at(r.rel.At), Col: col}, At: o.At}
		r.rel.Lookups = append(r.rel.Lookups, r.rel.Owner)
	}
	for _, l := range from.rel.Lookups {
		if l == from.rel.Owner {
			continue
		}
		for i, g := range r.rel.GroupBy {
			if ir.Key(g) == ir.Key(l.By) {
				r.rel.Lookups = append(r.rel.Lookups, &ir.Lookup{Name: l.Name, From: r.rel, To: l.To,
					By: &ir.Column{Loc: at(l.At), Col: r.rel.Columns[i]}, At: l.At})
			}
		}
	}
}

func (b *builder) groupTime(r *relBuild, from *relBuild, group scope) {
	var x ir.Expr
	switch {
	case r.fact != nil && r.fact.At != nil:
		if x = b.value(group, r.fact.At.Expr); x == nil {
			return
		}
		if !x.Type().Temporal() || !b.groupable(r.rel, x) {
			b.diags.Errorf(columnMisfit, r.fact.At.Span, "a group's time is one date or time").Help = "as in `at: min(at)`"
			return
		}
	case from.rel.Time != nil && !r.rel.Entity:
		x = &ir.GroupAgg{Loc: at(r.rel.At), Op: ir.OpMin, Value: &ir.Column{Loc: at(r.rel.At), Col: from.rel.Time}, T: from.rel.Time.Type}
	default:
		return
	}
	r.rel.Time = &ir.ColumnDef{Name: "at", Internal: true, Type: x.Type(), Def: x, At: r.rel.At}
	r.rel.Columns = append(r.rel.Columns, r.rel.Time)
	r.rel.Always = from.rel.Always
}
