package sql

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// Lost is a kind of row that cannot be used; an audit counts it.
type Lost string

// Kinds of lost rows.
const (
	NoKey        Lost = "no key"
	NoOwner      Lost = "no owner"
	NoTime       Lost = "no time"
	UnknownOwner Lost = "unknown owner"
	NoGroup      Lost = "no group key"
	// OutOfRange values are outside what the catalog declares, and missing.
	OutOfRange Lost = "out of range"
)

// Counted is one figure of an audit.
type Counted struct {
	Lost   Lost
	Column string // OutOfRange
}

// Audit is a query of one row that counts the rows of a relation that cannot
// be used: for every Counted a count and a list of examples as text, in order.
// It is empty when the relation can lose none. The relation's own where, and
// as_of, decide first: a row that is none is not lost.
func Audit(p *plan.Plan, d *Dialect, s Sources, t *plan.Table) (query string, counted []Counted) {
	pr := newPrinter(p, d, s)
	a := &audit{printer: pr, table: t, scope: pr.scope()}
	if t.Rel.Source == nil && len(t.Rel.GroupBy) == 0 {
		return "", nil
	}
	return a.query()
}

// Probes are queries that give a row where Audit would count one of another
// kind than UnknownOwner, each about one column, so that an engine which knows
// that a column is complete need not read it.
func Probes(p *plan.Plan, d *Dialect, s Sources, t *plan.Table) []string {
	a := &audit{printer: newPrinter(p, d, s), table: t}
	a.scope = a.printer.scope()
	if t.Rel.Source == nil {
		return nil
	}
	a.query()
	return a.probes
}

type audit struct {
	*printer
	table *plan.Table
	scope *scope
	cols  []string
	lost  []Counted
	// probes are queries that give a row where there may be some to count.
	probes []string
}

// probe looks for rows with a condition on what has been joined so far.
func (a *audit) probe(cond string) {
	from := a.scope.from("(\n" + indent(a.rawWithLimits()) + "\n) AS r")
	a.probes = append(a.probes, "SELECT 1\n"+from+"\nWHERE "+cond+"\nLIMIT 1")
}

func (a *audit) count(kind Lost, cond, example string) {
	filter := " FILTER (WHERE " + cond + ")"
	a.lost = append(a.lost, Counted{Lost: kind})
	a.cols = append(a.cols, "count(*)"+filter, a.sources.Examples(example, filter))
}

func (a *audit) query() (string, []Counted) {
	r := a.table.Rel
	if len(r.GroupBy) > 0 {
		return a.groups()
	}
	s := a.scope
	s.row = "r"
	from := "(\n" + indent(a.rawWithLimits()) + "\n) AS r"
	example := "''"
	if r.Time != nil {
		example = a.text(s.column("r", r.Time), r.Time)
	}
	if r.Key != nil && a.reads(r.Key) {
		example = a.text(s.column("r", r.Key), r.Key)
	}
	if r.Entity {
		a.count(NoKey, s.column("r", r.Key)+" IS NULL", "''")
		a.probe(s.column("r", r.Key) + " IS NULL")
	}
	owned := "" // a row that is lost for its owner is not counted again
	if r.Owner != nil {
		by := s.expr("r", s.lower(r.Owner.By))
		a.count(NoOwner, by+" IS NULL", example)
		a.probe(by + " IS NULL")
		if r.Time != nil {
			a.probe(s.column("r", r.Time) + " IS NULL")
		}
		owned = " AND " + by + " IS NOT NULL"
		if ir.OwnedApart(r) { // else the owners are the rows' own keys
			owner := s.lookup("r", r.Owner)
			key := s.col(owner, a.name(r.Owner.To.Key))
			a.count(UnknownOwner, by+" IS NOT NULL AND "+key+" IS NULL", a.sources.TextOf(by, r.Owner.By.Type()))
			owned = " AND " + key + " IS NOT NULL"
		}
	}
	if r.Time != nil {
		a.count(NoTime, s.column("r", r.Time)+" IS NULL"+owned, example)
	}
	a.outOfRange()
	if len(a.cols) == 0 {
		return "", nil
	}
	conds := a.conds(r)
	return selectList(a.cols) + "\n" + s.from(from) + where(conds), a.lost
}

// outOfRange counts the values that the catalog does not declare. They are
// missing in r, so they are read again from the source's row beneath it.
func (a *audit) outOfRange() {
	for _, c := range a.rawColumns(a.table) {
		x := a.sources.Read(a.table.Rel, c, "r."+a.d.Ident("raw "+a.name(c)))
		if limits := a.limits(c, x); limits != "" {
			a.count(OutOfRange, "NOT ("+limits+")", a.text(x, c))
			a.probe("NOT (" + limits + ")")
			a.lost[len(a.lost)-1].Column = c.Name
		}
	}
}

// rawWithLimits adds, to the converted columns, the source's own cell of each
// that has limits.
func (a *audit) rawWithLimits() string {
	q := a.raw(a.table)
	var extra []string
	for _, c := range a.rawColumns(a.table) {
		if a.limits(c, "x") != "" {
			extra = append(extra, "\n  "+a.sources.Cell(a.table.Rel, c)+" AS "+a.d.Ident("raw "+a.name(c))+",")
		}
	}
	return strings.Replace(q, "SELECT", "SELECT"+strings.Join(extra, ""), 1)
}

// reads reports whether the planned table reads a column at all.
func (a *audit) reads(c *ir.ColumnDef) bool {
	for _, raw := range a.rawColumns(a.table) {
		if raw == c {
			return true
		}
	}
	return false
}

// text is a value as an example, which what is about a person is not.
func (a *audit) text(x string, c *ir.ColumnDef) string {
	if c.PII {
		return "''"
	}
	return a.sources.TextOf(x, c.Type)
}

// conds are the conditions of a row that counts, or that would if it had what
// it lacks: those of the catalog, and that it is known by as_of.
func (a *audit) conds(r *ir.Relation) []string {
	var out []string
	if r.Where != nil {
		out = append(out, a.scope.expr("r", a.lower(r.Where)))
	}
	var known ir.Expr
	switch {
	case r.Entity || r.Always:
	case r.KnownAt != nil:
		known = r.KnownAt
	case r.Time != nil:
		known = &ir.Column{Loc: ir.Loc{At: r.At}, Col: r.Time}
	}
	if known != nil {
		by := &ir.Or{Xs: []ir.Expr{&ir.Known{X: known, Missing: true}, &ir.Cmp{Op: "<", L: known, R: &ir.AsOf{}}}}
		out = append(out, a.scope.expr("r", a.lower(by)))
	}
	return out
}

// groups counts the rows whose group has a missing key.
func (a *audit) groups() (string, []Counted) {
	r := a.table.Rel
	var missing []string
	for _, g := range r.GroupBy {
		if ir.Nullable(g) {
			missing = append(missing, a.scope.expr("r", a.lower(g))+" IS NULL")
		}
	}
	if len(missing) == 0 {
		return "", nil
	}
	a.count(NoGroup, strings.Join(missing, " OR "), "''")
	return selectList(a.cols) + "\n" + a.scope.from(a.d.Ident(rowsName(r.From))+" AS r"), a.lost
}
