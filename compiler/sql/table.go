package sql

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// KeyName is the column that holds the key in every table but rows.
const KeyName = "key"

func rowsName(r *ir.Relation) string { return plan.RowsOf(r) }

// Sources tells the printer how an engine reads what lies outside, and how
// it writes values as text.
type Sources interface {
	// Scan is what stands in FROM to read the source of r.
	Scan(r *ir.Relation) string
	// Cell is the source's column that c is read from, in a row under the
	// alias s.
	Cell(r *ir.Relation, c *ir.ColumnDef) string
	// Read converts a raw column, printed as x, to the type of c.
	Read(r *ir.Relation, c *ir.ColumnDef, x string) string
	// TextOf is the canonical text of a value of type t (value.Value.String).
	TextOf(x string, t value.Type) string
	// DateOf reads text as a date, or missing (value.Parse).
	DateOf(x string) string
	// Changes is what stands in FROM to read what earlier runs have stored of
	// segments: the texts segment, entity, customer (the key) and kind (entered
	// or left), and the instant as_of of the run.
	Changes() string
	// Examples aggregates up to three distinct texts x as a JSON list; filter
	// is a FILTER clause.
	Examples(x, filter string) string
}

// Statement computes one table of a plan.
type Statement struct {
	Table   *plan.Table
	Query   string // SELECT …
	Comment string // what it is, one line
}

// Print writes the statements of a plan in the order they must run.
func Print(p *plan.Plan, d *Dialect, s Sources) []Statement {
	pr := newPrinter(p, d, s)
	out := make([]Statement, len(p.Tables))
	for i, t := range p.Tables {
		out[i] = Statement{Table: t, Query: pr.query(t), Comment: comment(t)}
	}
	return out
}

// Create is the statement that keeps the result of a query as a table.
func (d *Dialect) Create(s Statement) string {
	return fill(d.CreateTable, d.Ident(s.Table.Name), s.Query)
}

func newPrinter(p *plan.Plan, d *Dialect, s Sources) *printer {
	if err := d.Validate(); err != nil {
		panic(err)
	}
	pr := &printer{plan: p, d: d, sources: s, tables: map[string]*plan.Table{}, names: map[*ir.ColumnDef]string{},
		lowered: map[ir.Expr]ir.Expr{}}
	for _, r := range p.Project.Relations {
		pr.nameColumns(r)
	}
	for _, t := range p.Tables {
		if t.Kind == plan.Changes {
			pr.nameColumns(t.Rel)
		}
		pr.tables[t.Name] = t
	}
	return pr
}

// printer prints the tables of one plan. Expressions of the catalog come as
// they were checked and are lowered here; those of the plan are lowered.
type printer struct {
	depth   int // rows of sequences printed so far
	plan    *plan.Plan
	d       *Dialect
	sources Sources
	tables  map[string]*plan.Table
	names   map[*ir.ColumnDef]string
	lowered map[ir.Expr]ir.Expr
}

// lower gives the normal form of an expression of the catalog.
func (p *printer) lower(x ir.Expr) ir.Expr {
	if y, ok := p.lowered[x]; ok {
		return y
	}
	y, err := ir.Lower(p.plan.Project.Calendar, p.plan.AsOf, x)
	if err != nil {
		panic("sql: overflow in a catalog constant: " + err.Error())
	}
	p.lowered[x] = y
	return y
}

// nameColumns gives every column of a relation a name of its own, also for
// engines to which A and a are one, and none the name under which an engine has
// the number of a row.
func (p *printer) nameColumns(r *ir.Relation) {
	taken := map[string]bool{"rowid": true}
	for _, c := range r.Columns {
		name := c.Name
		if c.Internal {
			name = "$" + name
		}
		for unique := name; ; unique += "_" {
			if !taken[strings.ToLower(unique)] {
				taken[strings.ToLower(unique)] = true
				p.names[c] = unique
				break
			}
		}
	}
}

func (p *printer) name(c *ir.ColumnDef) string {
	n, ok := p.names[c]
	if !ok {
		panic("sql: column " + c.Name + " of no relation")
	}
	return n
}

func (p *printer) query(t *plan.Table) string {
	switch t.Kind {
	case plan.Changes:
		return p.changes(t)
	case plan.Atoms, plan.Members:
		return p.members(t)
	case plan.Pass:
		return p.pass(t)
	case plan.Rank:
		return p.rank(t)
	case plan.Rows:
		return p.rows(t)
	case plan.Values:
		return p.values(t)
	default:
		panic("sql: table " + string(t.Kind))
	}
}

func comment(t *plan.Table) string {
	switch t.Kind {
	case plan.Changes:
		return "who entered and left segments of " + t.Rel.Owner.To.Name
	case plan.Members:
		return fmt.Sprintf("segments of %s", t.Rel.Name)
	case plan.Pass:
		return fmt.Sprintf("features of %s from %s", t.Rel.Name, t.Leaf.Name)
	case plan.Rank:
		return fmt.Sprintf("%s ranked by %s", t.Rel.Name, t.Value.Span().Text())
	case plan.Rows:
		return fmt.Sprintf("rows of %s", t.Rel.Name)
	default:
		return fmt.Sprintf("values over all of %s", t.Rel.Name)
	}
}

// selectList prints `SELECT a AS x, …`, one column a line.
func selectList(cols []string) string {
	return "SELECT\n  " + strings.Join(cols, ",\n  ")
}

func where(conds []string) string {
	if len(conds) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(conds, "\n  AND ")
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// rows reads a relation: raw columns are converted once, below; what is
// computed and what must hold comes on top.
func (p *printer) rows(t *plan.Table) string {
	r := t.Rel
	var q string
	switch {
	case len(r.Universe) > 0:
		return p.universe(t)
	case len(r.GroupBy) > 0:
		return p.grouped(t)
	case r.From != nil:
		q = p.d.Ident(rowsName(r.From)) + " AS r"
	default:
		q = "(\n" + indent(p.raw(t)) + "\n) AS r"
	}
	s := p.scope()
	s.row = "r"
	var cols []string
	for _, c := range t.Used {
		x := s.column("r", c)
		if c.Base != nil {
			x = s.col("r", p.name(c.Base))
		}
		cols = append(cols, x+" AS "+p.d.Ident(p.name(c)))
	}
	for _, n := range p.number(r) {
		cols = append(cols, s.col("r", n)+" AS "+p.d.Ident(n))
	}
	conds := s.derivedExprs(t)
	sel := selectList(orOne(cols)) + "\n" + s.from(q) + where(conds)
	if r.Dedup == nil {
		return sel
	}
	return p.dedup(t, s, q, conds)
}

// derivedExprs prints the conditions of a row; in a derived relation the
// columns of the base stand under their own names there.
func (s *scope) derivedExprs(t *plan.Table) []string {
	out := make([]string, len(t.Where))
	for i, x := range t.Where {
		out[i] = s.expr("r", based(x))
	}
	return out
}

// based reads inherited columns as those of the base relation.
func based(x ir.Expr) ir.Expr {
	return ir.Map(x, func(e ir.Expr) ir.Expr {
		if c, ok := e.(*ir.Column); ok && c.Col.Base != nil {
			return &ir.Column{Loc: c.Loc, Col: c.Col.Base}
		}
		return e
	})
}

// orOne keeps a select list from being empty.
func orOne(cols []string) []string {
	if len(cols) == 0 {
		return []string{"1 AS one"}
	}
	return cols
}

// raw converts the columns that are read from the source.
func (p *printer) raw(t *plan.Table) string {
	var cols []string
	for _, c := range p.rawColumns(t) {
		x := p.sources.Read(t.Rel, c, p.sources.Cell(t.Rel, c))
		if limits := p.limits(c, x); limits != "" {
			x = "CASE WHEN " + limits + " THEN " + x + " END"
		}
		cols = append(cols, x+" AS "+p.d.Ident(p.name(c)))
	}
	for _, n := range p.number(t.Rel) {
		cols = append(cols, "s."+p.d.Ident(n)+" AS "+p.d.Ident(n))
	}
	return selectList(orOne(cols)) + "\nFROM " + p.sources.Scan(t.Rel) + " AS s"
}

// limits is the condition that x is one of the values, or within the range,
// that the catalog declares; "" when it declares none. What is outside is
// missing, so that what is proved from the declaration holds.
func (p *printer) limits(c *ir.ColumnDef, x string) string {
	var conds []string
	if len(c.Type.Values) > 0 && c.Type.Kind == value.Text {
		vals := make([]string, len(c.Type.Values))
		for i, v := range c.Type.Values {
			vals[i] = p.d.Text(v)
		}
		conds = append(conds, fill(p.d.OneOf, x, strings.Join(vals, ", ")))
	}
	if c.Min != nil {
		conds = append(conds, x+" >= "+p.d.Literal(*c.Min, c.Type))
	}
	if c.Max != nil {
		conds = append(conds, x+" <= "+p.d.Literal(*c.Max, c.Type))
	}
	return strings.Join(conds, " AND ")
}

// rawColumns are the source's columns that the used ones are made of.
func (p *printer) rawColumns(t *plan.Table) []*ir.ColumnDef {
	need := map[*ir.ColumnDef]bool{}
	var visit func(x ir.Expr)
	add := func(c *ir.ColumnDef) {
		if !need[c] {
			need[c] = true
			visit(c.Def)
		}
	}
	visit = func(x ir.Expr) {
		ir.Walk(x, func(e ir.Expr) bool {
			switch e := e.(type) {
			case *ir.Column:
				add(e.Col)
			case *ir.Follow:
				visit(e.By.By)
				return false
			default: // only its parts read columns
			}
			return true
		})
	}
	for _, c := range t.Used {
		add(c)
	}
	for _, x := range t.Where {
		visit(x)
	}
	if visit(t.Rel.Dedup); t.Rel.Dedup != nil {
		for _, c := range t.Rel.Columns {
			add(c)
		}
	}
	var out []*ir.ColumnDef
	for _, c := range t.Rel.Columns {
		if need[c] && c.Raw != "" {
			out = append(out, c)
		}
	}
	return out
}

// dedup keeps of the rows with one key the first.
func (p *printer) dedup(t *plan.Table, s *scope, from string, conds []string) string {
	key := s.column("r", t.Rel.Key)
	order := []string{s.expr("r", based(s.lower(t.Rel.Dedup))) + " NULLS LAST"}
	var cols, names []string
	for _, c := range t.Used {
		x := s.column("r", c)
		if c.Base != nil {
			x = s.col("r", p.name(c.Base))
		}
		cols = append(cols, x+" AS "+p.d.Ident(p.name(c)))
		names = append(names, p.d.Ident(p.name(c)))
	}
	for _, c := range t.Rel.Columns { // ties go by all columns, whatever is kept
		if ir.Orderly(c.Type) {
			order = append(order, s.expr("r", based(&ir.Column{Loc: ir.Loc{At: c.At}, Col: c})))
		}
	}
	cols = append(cols, "row_number() OVER (PARTITION BY "+key+" ORDER BY "+strings.Join(order, ", ")+`) AS "$nth"`)
	inner := selectList(cols) + "\n" + s.from(from) + where(conds)
	return selectList(names) + "\nFROM (\n" + indent(inner) + "\n) AS d\nWHERE \"$nth\" = 1"
}

func (p *printer) universe(t *plan.Table) string {
	var parts []string
	for _, u := range t.Rel.Universe {
		s := p.scope()
		key := s.expr("r", s.lower(u.Key))
		parts = append(parts, "SELECT "+key+" AS "+p.d.Ident(p.name(t.Rel.Key))+"\n"+s.from(p.d.Ident(rowsName(u.Rel))+" AS r")+"\nWHERE "+key+" IS NOT NULL")
	}
	return strings.Join(parts, "\nUNION\n") + distinctTail(len(parts))
}

// distinctTail makes a single part distinct too, as UNION makes several.
func distinctTail(n int) string {
	if n == 1 {
		return "\nGROUP BY 1"
	}
	return ""
}

// grouped makes one row of each group.
func (p *printer) grouped(t *plan.Table) string {
	r := t.Rel
	s := p.scope()
	s.group = r.From
	var cols, keys, known []string
	for _, g := range r.GroupBy {
		x := s.expr("r", s.lower(g))
		keys = append(keys, x)
		known = append(known, x+" IS NOT NULL")
	}
	if r.Owner != nil {
		keys = append(keys, s.expr("r", s.lower(r.From.Owner.By)))
	}
	for _, c := range r.Columns {
		cols = append(cols, s.expr("r", s.lower(c.Def))+" AS "+p.d.Ident(p.name(c)))
	}
	inner := selectList(cols) + "\n" + s.from(p.d.Ident(rowsName(r.From))+" AS r") + where(known) + "\nGROUP BY " + strings.Join(keys, ", ")
	outer := p.scope()
	var names []string
	for _, c := range t.Used {
		names = append(names, outer.col("r", p.name(c)))
	}
	var conds []string
	for _, x := range t.Where {
		conds = append(conds, outer.expr("r", x))
	}
	return selectList(orOne(names)) + "\n" + outer.from("(\n"+indent(inner)+"\n) AS r") + where(conds)
}

func (p *printer) members(t *plan.Table) string {
	s := p.scope()
	cols := []string{s.col("r", p.name(t.Rel.Key)) + " AS " + p.d.Ident(KeyName)}
	for _, c := range t.Conds {
		x := s.expr("r", c.X)
		if c.X.Type().Kind == value.Bool {
			x = "(" + x + ") IS TRUE"
		}
		cols = append(cols, x+" AS "+p.d.Ident(c.Col))
	}
	conds := s.exprs("r", t.Where)
	return selectList(cols) + "\n" + s.from(p.d.Ident(rowsName(t.Rel))+" AS r") + where(conds)
}

// RawColumns are the columns of its source that a planned table is made of.
func RawColumns(p *plan.Plan, d *Dialect, s Sources, t *plan.Table) []*ir.ColumnDef {
	return newPrinter(p, d, s).rawColumns(t)
}

// One prints the query of a single table, which may be a variant of one of
// the plan's.
func One(p *plan.Plan, d *Dialect, s Sources, t *plan.Table) string {
	return newPrinter(p, d, s).query(t)
}

// ColumnName is the name under which a relation's column stands in SQL.
func ColumnName(p *plan.Plan, c *ir.ColumnDef) string {
	pr := &printer{names: map[*ir.ColumnDef]string{}}
	for _, r := range p.Project.Relations {
		pr.nameColumns(r)
	}
	return pr.name(c)
}
