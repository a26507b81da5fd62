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

// scope is what a bare name may mean at one place. There is no way to an
// outer row: a new column in the warehouse must never change who is mailed.
type scope struct {
	rel *ir.Relation
	// group: the rows of a catalog group; aggregates stand without `of`.
	group bool
	// catalog: where, fields and keys of the catalog; no traits, segments,
	// aggregates over facts or population values.
	catalog bool
	// through: reached by a lookup, as in customer.city; no params.
	through bool
	// traits and segments of this entity, nil inside facts and the catalog.
	entity *ir.Relation
	// earlier are the named rows of the sequence around, inside its steps.
	earlier []earlierRow
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
	if x, isStep := c.earlier(sc, p); isStep {
		return x
	}
	if len(p.Parts) == 1 {
		return c.name(sc, p.Parts[0])
	}
	if t := c.traits[p.String()]; t != nil && !sc.catalog { // of an rfm
		return c.name(sc, ast.Ident{At: ast.At{Loc: p.Loc}, Name: p.String(), Quoted: true})
	}
	if l := sc.rel.Lookup(p.Parts[0].Name); l != nil {
		c.useLookup(p.Parts[0].Loc, l)
		rest := &ast.Path{At: ast.At{Loc: p.Loc}, Parts: p.Parts[1:]}
		rest.Loc.Start = p.Parts[1].Loc.Start
		inner := rowScope(l.To)
		inner.catalog, inner.through = sc.catalog, true
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
	if first.Type().Kind == value.Missing {
		c.untyped(sc.rel, p.Parts[0])
		return nil
	}
	c.useColumn(p.Parts[0].Loc, sc.rel, first.(*ir.Column).Col)
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
				if suggestName(d, part.Loc, part.Name, fieldNames(t)); d.Help == "" {
					d.Help = "its fields: " + listNames(fieldNames(t))
				}
				return nil
			}
			c.use(part.Loc, Symbol{Kind: Part, Name: part.Name, Type: f.Type})
			x = &ir.Field{Loc: loc(p), X: x, Name: part.Name, T: f.Type}
		default:
			c.diags.Errorf(unknownName, part.Loc, "%s is %s and has no parts", p.Parts[0].Name, article(t)).
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
	if sc.catalog || sc.through {
		param = nil
	}
	switch {
	case col != nil && param != nil:
		d := c.diags.Errorf(ambiguousName, id.Loc, "%q is both a column of %s and a param", id.Name, sc.rel.Name)
		d.Labels = []diag.Label{{Span: param.decl.Name.Loc, Text: "the param"}}
		d.Help = "rename the param: a name must mean one thing"
		return nil
	case col != nil && col.Type().Kind == value.Missing:
		c.untyped(sc.rel, id)
		return nil
	case col != nil:
		c.useColumn(id.Loc, sc.rel, col.(*ir.Column).Col)
		return col
	}
	if t := c.traits[id.Name]; t != nil && sc.entity != nil && !sc.catalog {
		if t.entity == sc.entity {
			return c.traitValue(t, id)
		}
		d := c.diags.Errorf(unknownName, id.Loc, "trait %q belongs to %s, not to %s", id.Name, t.entity.Name, sc.entity.Name)
		d.Labels = []diag.Label{{Span: t.decl.Name.Loc, Text: "declared here"}}
		d.Help = "use a trait or an attribute of " + sc.entity.Name
		return nil
	}
	if t := c.traits[id.Name]; t != nil && t.entity == sc.rel && !sc.catalog {
		return c.traitValue(t, id) // of a row of a related entity, inside a fact
	}
	if param != nil {
		c.useParam(id.Loc, param)
		k := *param.value
		k.Loc = ir.Loc{At: id.Loc}
		return &k
	}
	c.unknown(sc, id, nil)
	return nil
}

// untyped reports the use of a column whose type neither the catalog nor any
// data gives, unless the reason has been reported.
func (c *checker) untyped(rel *ir.Relation, id ast.Ident) {
	if c.isLost(rel, id.Name) {
		return
	}
	c.diags.Errorf(unknownName, id.Loc, "the catalog gives %q of %s no type, and there is no data to see it in", id.Name, rel.Name).
		Help = "declare it in catalog.yaml, as in " + id.Name + ": {type: text}"
}

// unknown reports a name that means nothing here, as helpfully as can be.
// path is the whole path that the name begins, nil when it stands alone.
func (c *checker) unknown(sc scope, id ast.Ident, path *ast.Path) {
	name := id.Name
	if name == "" || c.isLost(sc.rel, name) || c.isProjectName(sc, id, path) {
		return
	}
	if l := sc.rel.Lookup(name); l != nil {
		c.diags.Errorf(needValue, id.Loc, "%s leads to a row of %s; name one of its attributes", name, l.To.Name).
			Help = "write " + name + ".ATTRIBUTE; " + l.To.Name + " has " + listNames(columnNames(l.To))
		return
	}
	what := "attribute"
	if !sc.rel.Entity {
		what = "field"
	}
	d := c.diags.Errorf(unknownName, id.Loc, "%s has no %s %q", sc.rel.Name, what, name)
	if path != nil && name == sc.rel.Name {
		rest := source.Span{File: path.Loc.File, Start: path.Parts[1].Loc.Start, End: path.Loc.End}
		d.Help = "the condition is about a " + name + " already: write " + rest.Text()
		d.Edits = []diag.Edit{{Span: path.Loc, Text: rest.Text()}}
		return
	}
	if l := c.ownerWith(sc.rel, name); l != "" && !sc.catalog {
		d.Help = "inside a fact a bare name is a field of that fact; write " + l + "." + syntax.QuoteName(name)
		d.Edits = []diag.Edit{{Span: id.Loc, Text: syntax.QuoteName(l) + "." + syntax.QuoteName(name)}}
		return
	}
	if col := renamed(sc.rel, name); col != nil {
		d.Help = "the catalog calls this column " + col.Name
		d.Edits = []diag.Edit{{Span: id.Loc, Text: syntax.QuoteName(col.Name)}}
		return
	}
	suggestName(d, id.Loc, name, c.valueNames(sc))
	if d.Help == "" {
		d.Help = sc.rel.Name + " has " + listNames(columnNames(sc.rel))
		if c.in.Columns == nil {
			d.Help += "; without data, only what catalog.yaml declares is known"
		}
	}
}

// renamed finds the attribute that the catalog makes of a source's column.
func renamed(rel *ir.Relation, raw string) *ir.ColumnDef {
	for _, col := range rel.Columns {
		if col.Raw != "" && col.Raw != col.Name && !col.Internal && strings.EqualFold(col.Raw, raw) {
			return col
		}
	}
	return nil
}

// isProjectName reports a name that stands for something other than a value
// of the row: a fact, a segment, a list, a param.
func (c *checker) isProjectName(sc scope, id ast.Ident, path *ast.Path) bool {
	name := id.Name
	switch {
	case c.proj.Relation(name) != nil && !c.proj.Relation(name).Entity:
		field := "FIELD"
		if path != nil {
			field = path.Parts[1].Name
		}
		c.diags.Errorf(factAsValue, id.Loc, "%s is a fact, many rows, and cannot be used as one value", name).
			Help = "count its rows with count(" + name + "), or ask any(" + name + "), sum(" + field + " of " + name + "), last(" + field + " of " + name + ")"
	case c.segments[name] != nil:
		d := c.diags.Errorf(needValue, id.Loc, "%s is a segment, not a value", name)
		d.Help = "as a condition it is written `in segment " + name + "`"
		if c.segments[name].seg == nil {
			d.Message = name + " is a split, not a value"
			d.Help = "as a condition a branch is written `in segment " + name + ".BRANCH`"
		}
	case c.lists[name] != nil && path == nil:
		c.diags.Errorf(needValue, id.Loc, "%s is a list, not one value", name).
			Help = "use it after `in`, as in `city in " + name + "`"
	case c.params[name] != nil && path == nil && sc.through:
		d := c.diags.Errorf(unknownName, id.Loc, "%s is a param and belongs to no row", name)
		d.Help = "write " + name + " alone"
	case sc.catalog && path == nil && c.defines(name):
		c.catalogOnly(id.Loc, "traits, params and other definitions")
	default:
		return false
	}
	return true
}

// defines reports whether the .seg files define a name; the catalog is read
// before them.
func (c *checker) defines(name string) bool {
	for _, f := range c.in.Files {
		for _, d := range f.Decls {
			if d.DeclName().Name == name {
				return true
			}
		}
	}
	return false
}

// ownerWith names the lookup of a fact whose row has an attribute or trait of
// that name.
func (c *checker) ownerWith(rel *ir.Relation, name string) string {
	if rel.Entity {
		return ""
	}
	for _, l := range rel.Lookups {
		t := c.traits[name]
		if l.To.Column(name) != nil || t != nil && t.entity == l.To {
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
	for _, n := range sortedKeys(c.traits) {
		if sc.entity != nil && c.traits[n].entity == sc.entity {
			names = append(names, n)
		}
	}
	if !sc.through {
		names = append(names, sortedKeys(c.params)...)
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
