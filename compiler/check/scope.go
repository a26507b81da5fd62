package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// scope is what a bare name may mean at one place. There is no way to an
// outer row: a new column in the warehouse must never change who is mailed.
type scope struct {
	rel *ir.Relation
	// group: the rows of a catalog group; aggregates stand without `of`.
	group bool
	// catalog: where, fields and keys of the catalog; no traits, segments,
	// aggregates over facts or population values.
	catalog bool
	// traits and segments of this entity, nil inside facts and the catalog.
	entity *ir.Relation
	// trait being defined, to report a cycle.
	within *traitDecl
}

func loc(n ast.Node) ir.Loc { return ir.Loc{At: n.Span()} }

// rowScope is the scope of one row of rel.
func rowScope(rel *ir.Relation) scope {
	s := scope{rel: rel}
	if rel.Entity {
		s.entity = rel
	}
	return s
}

// path resolves a dotted name to a value; nil after reporting an error.
func (c *checker) path(sc scope, p *ast.Path) ir.Expr {
	if len(p.Parts) == 1 {
		return c.name(sc, p.Parts[0])
	}
	if l := sc.rel.Lookup(p.Parts[0].Name); l != nil {
		rest := &ast.Path{At: ast.At{Loc: p.Parts[1].Loc.To(p.Loc)}, Parts: p.Parts[1:]}
		inner := rowScope(l.To)
		inner.catalog = sc.catalog
		if sc.rel.Entity || sc.catalog {
			inner.within = sc.within
		}
		x := c.path(inner, rest)
		if x == nil {
			return nil
		}
		return &ir.Follow{Loc: loc(p), By: l, X: x}
	}
	first := c.column(sc, p.Parts[0])
	if first == nil {
		c.unknown(sc, p.Parts[0], p)
		return nil
	}
	return c.fields(first, p)
}

// fields walks into a record or JSON value.
func (c *checker) fields(x ir.Expr, p *ast.Path) ir.Expr {
	for _, part := range p.Parts[1:] {
		t := x.Type()
		switch t.Kind {
		case value.JSON:
			x = &ir.Field{Loc: loc(p), X: x, Name: part.Name, T: value.Of(value.JSON)}
		case value.Record:
			f := recordField(t, part.Name)
			if f == nil {
				d := c.diags.Errorf(unknownName, part.Loc, "%s has no field %q", p.Parts[0].Name, part.Name)
				d.Help = didYouMean(part.Name, fieldNames(t))
				return nil
			}
			x = &ir.Field{Loc: loc(p), X: x, Name: part.Name, T: f.Type}
		default:
			c.diags.Errorf(unknownName, p.Loc, "%s is %s and has no parts", p.Parts[0].Name, article(t)).
				Help = "only a lookup, a record or a JSON column has parts"
			return nil
		}
	}
	return x
}

func recordField(t value.Type, name string) *value.Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

func fieldNames(t value.Type) []string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return names
}

// column finds a column of the row, or its time under the name `at`.
func (c *checker) column(sc scope, id ast.Ident) ir.Expr {
	if col := sc.rel.Column(id.Name); col != nil {
		return &ir.Column{Loc: ir.Loc{At: id.Loc}, Col: col}
	}
	if id.Name == "at" && !sc.rel.Entity && sc.rel.Time != nil {
		return &ir.Column{Loc: ir.Loc{At: id.Loc}, Col: sc.rel.Time}
	}
	return nil
}

// name resolves one bare name: a column or trait of the row, else a param.
func (c *checker) name(sc scope, id ast.Ident) ir.Expr {
	col := c.column(sc, id)
	param := c.params[id.Name]
	if col != nil && param != nil && !sc.catalog {
		d := c.diags.Errorf(ambiguousName, id.Loc, "%q is both a column of %s and a param", id.Name, sc.rel.Name)
		d.Labels = []diag.Label{{Span: param.decl.Name.Loc, Text: "the param"}}
		d.Help = "rename the param: a name must mean one thing"
		return nil
	}
	if col != nil {
		return col
	}
	if t := c.traits[id.Name]; t != nil && sc.entity != nil && !sc.catalog {
		if t.entity == sc.entity {
			return c.traitValue(t, id)
		}
		if t.entity != nil {
			c.diags.Errorf(unknownName, id.Loc, "trait %q belongs to %s, not to %s", id.Name, t.entity.Name, sc.entity.Name).
				Labels = []diag.Label{{Span: t.decl.Name.Loc, Text: "declared here"}}
			return nil
		}
	}
	if param != nil && !sc.catalog {
		k := *param.value
		k.Loc = ir.Loc{At: id.Loc}
		return &k
	}
	c.unknown(sc, id, nil)
	return nil
}

// unknown reports a name that means nothing here, as helpfully as can be.
func (c *checker) unknown(sc scope, id ast.Ident, path *ast.Path) {
	name := id.Name
	what := "attribute"
	if !sc.rel.Entity {
		what = "field"
	}
	if rel := c.proj.Relation(name); rel != nil && !rel.Entity && path == nil {
		c.diags.Errorf(factAsValue, id.Loc, "%s is a fact, many rows, and cannot be used as one value", name).
			Help = "count its rows with count(" + name + "), or ask any(" + name + "), sum(FIELD of " + name + "), last(FIELD of " + name + ")"
		return
	}
	if l := sc.rel.Lookup(name); l != nil {
		c.diags.Errorf(needValue, id.Loc, "%s leads to a row of %s; name one of its attributes", name, l.To.Name).
			Help = "write " + name + ".ATTRIBUTE; " + l.To.Name + " has " + listNames(columnNames(l.To))
		return
	}
	if _, ok := c.segments[name]; ok {
		d := c.diags.Errorf(needCondition, id.Loc, "%s is a segment, not an %s", name, what)
		d.Help = "write `in segment " + name + "`"
		d.Edits = []diag.Edit{{Span: id.Loc, Text: "in segment " + name}}
		return
	}
	if t := c.traits[name]; t != nil && t.entity != nil && !sc.catalog && !sc.rel.Entity {
		if owner := ownerLookup(sc.rel, t.entity); owner != "" {
			d := c.diags.Errorf(unknownName, id.Loc, "trait %q belongs to %s; inside %s say %s.%s", name, t.entity.Name, sc.rel.Name, owner, name)
			d.Edits = []diag.Edit{{Span: id.Loc, Text: owner + "." + name}}
			d.Help = "inside a fact a bare name is a field of that fact"
			return
		}
	}
	d := c.diags.Errorf(unknownName, id.Loc, "%s has no %s %q", sc.rel.Name, what, name)
	if l := ownerWith(sc.rel, name); l != "" {
		d.Help = "inside a fact a bare name is a field of that fact; the " + l + "'s is " + l + "." + name
		d.Edits = []diag.Edit{{Span: id.Loc, Text: l + "." + name}}
		return
	}
	suggestName(d, id.Loc, name, c.valueNames(sc))
	if d.Help == "" {
		d.Help = sc.rel.Name + " has " + listNames(columnNames(sc.rel))
	}
}

// ownerLookup names the lookup of a fact that leads to entity.
func ownerLookup(rel, entity *ir.Relation) string {
	for _, l := range rel.Lookups {
		if l.To == entity {
			return l.Name
		}
	}
	return ""
}

// ownerWith names the lookup of a fact whose row has a column of that name.
func ownerWith(rel *ir.Relation, name string) string {
	if rel.Entity {
		return ""
	}
	for _, l := range rel.Lookups {
		if l.To.Column(name) != nil {
			return l.Name
		}
	}
	return ""
}

func (c *checker) valueNames(sc scope) []string {
	names := columnNames(sc.rel)
	for _, l := range sc.rel.Lookups {
		names = append(names, l.Name)
	}
	if sc.catalog {
		return names
	}
	for n, t := range c.traits {
		if t.entity == sc.entity && sc.entity != nil {
			names = append(names, n)
		}
	}
	for n := range c.params {
		names = append(names, n)
	}
	return names
}

func columnNames(rel *ir.Relation) []string {
	var names []string
	for _, col := range rel.Columns {
		if !col.Internal {
			names = append(names, col.Name)
		}
	}
	return names
}

// at gives a span as a Loc.
func at(s source.Span) ir.Loc { return ir.Loc{At: s} }
