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
	RepeatedKey  Lost = "repeated key" // of a fact: every row counts, but it is reported
	NoGroup      Lost = "no group key"
)

// Audit is a query of one row that counts the rows of a relation that cannot
// be used: for every Lost a count and a list of examples as text, in order.
// It is empty when the relation can lose none. The relation's own where, and
// as_of, decide first: a row that is none is not lost.
func Audit(p *plan.Plan, d *Dialect, s Sources, t *plan.Table) (query string, lost []Lost) {
	pr := newPrinter(p, d, s)
	a := &audit{printer: pr, table: t, scope: pr.scope()}
	if t.Rel.Source == nil && len(t.Rel.GroupBy) == 0 {
		return "", nil
	}
	return a.query()
}

type audit struct {
	*printer
	table *plan.Table
	scope *scope
	cols  []string
	lost  []Lost
}

func (a *audit) count(kind Lost, cond, example string) {
	filter := " FILTER (WHERE " + cond + ")"
	a.lost = append(a.lost, kind)
	a.cols = append(a.cols, "count(*)"+filter, a.sources.Examples(example, filter))
}

func (a *audit) query() (string, []Lost) {
	r := a.table.Rel
	if len(r.GroupBy) > 0 {
		return a.groups()
	}
	s := a.scope
	s.row = "r"
	from := "(\n" + indent(a.raw(a.table)) + "\n) AS r"
	example := "''"
	if r.Time != nil {
		example = a.text(s.column("r", r.Time), r.Time)
	}
	if r.Key != nil && a.reads(r.Key) {
		example = a.text(s.column("r", r.Key), r.Key)
	}
	if r.Entity {
		a.count(NoKey, s.column("r", r.Key)+" IS NULL", "''")
	}
	if r.Owner != nil {
		by := s.expr("r", r.Owner.By)
		a.count(NoOwner, by+" IS NULL", example)
		if a.checkable(r) {
			owner := s.lookup("r", r.Owner)
			a.count(UnknownOwner, by+" IS NOT NULL AND "+s.col(owner, a.name(r.Owner.To.Key))+" IS NULL", a.sources.TextOf(by, r.Owner.By.Type()))
		}
	}
	if r.Time != nil {
		a.count(NoTime, s.column("r", r.Time)+" IS NULL", example)
	}
	if len(a.cols) == 0 {
		return "", nil
	}
	var conds []string
	if r.Where != nil {
		conds = []string{s.expr("r", a.where(r))}
	}
	return selectList(a.cols) + "\n" + s.from(from) + where(conds), a.lost
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

func (a *audit) text(x string, c *ir.ColumnDef) string { return a.sources.TextOf(x, c.Type) }

// where is the catalog's condition, lowered.
func (a *audit) where(r *ir.Relation) ir.Expr {
	x, err := ir.Lower(a.plan.Project.Calendar, a.plan.AsOf, r.Where)
	if err != nil {
		panic("sql: overflow in a catalog constant: " + err.Error())
	}
	return x
}

// checkable reports whether owners are known apart from these rows: the keys
// of a universe are those of its facts.
func (a *audit) checkable(r *ir.Relation) bool {
	for _, u := range r.Owner.To.Universe {
		for rel := u.Rel; rel != nil; rel = rel.From {
			if rel == r {
				return false
			}
		}
	}
	return true
}

// groups counts the rows whose group has a missing key.
func (a *audit) groups() (string, []Lost) {
	r := a.table.Rel
	var missing []string
	for _, g := range r.GroupBy {
		if ir.Nullable(g) {
			missing = append(missing, a.scope.expr("r", g)+" IS NULL")
		}
	}
	if len(missing) == 0 {
		return "", nil
	}
	a.count(NoGroup, strings.Join(missing, " OR "), "''")
	return selectList(a.cols) + "\n" + a.scope.from(a.d.Ident(rowsName(r.From))+" AS r"), a.lost
}
