// Package overflow finds out whose number grew too large. An overflow stops
// the run, and an engine only says that there was one; by computing the failed
// table again, for one column and ever fewer keys, it is pinned down. This
// runs only after a failure.
package overflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// Finder asks an engine. Names of tables computed so far must be readable as
// Temp.NAME even where a WITH hides them.
type Finder struct {
	Plan    *plan.Plan
	Dialect *sql.Dialect
	Sources sql.Sources
	Temp    string // schema of the computed tables
	Force   string // a select list that makes the engine compute every column of t
	// Fails runs a query and reports whether a number was too large.
	Fails func(query string) bool
	// Row reads one row, and reports whether it could be.
	Row func(query string, dest ...any) bool
}

// What names the segments, and the key where it can be found, that a table
// fails for; "" when no single column of it does.
func (f *Finder) What(t *plan.Table) string {
	col, single := f.column(t)
	if single == nil {
		return ""
	}
	what := "in " + strings.Join(f.segments(t, col), ", ")
	if key := f.key(single); key != "" {
		what += " for " + single.Rel.Name + " " + key
	}
	return what
}

// column finds the first column whose computing fails alone.
func (f *Finder) column(t *plan.Table) (string, *plan.Table) {
	try := func(col string, single plan.Table) (string, *plan.Table) {
		if f.Fails(f.query(&single, "")) {
			return col, &single
		}
		return "", nil
	}
	for _, a := range t.Aggs {
		single := *t
		single.Aggs = []*plan.Feature{a}
		if col, s := try(a.Col, single); s != nil {
			return col, s
		}
	}
	for _, c := range t.Conds {
		single := *t
		single.Conds = []plan.Cond{c}
		if col, s := try(c.Col, single); s != nil {
			return col, s
		}
	}
	return "", nil
}

// query computes a table; over, a query, stands for the rows it reads.
func (f *Finder) query(t *plan.Table, over string) string {
	q := sql.One(f.Plan, f.Dialect, f.Sources, t)
	if over != "" {
		q = "WITH " + over + "\n" + q
	}
	return "SELECT " + f.Force + " FROM (\n" + q + "\n) AS t"
}

// key narrows the rows down to one key; "" when it cannot.
func (f *Finder) key(t *plan.Table) string {
	var rows, col string
	switch by, ok := t.Key.(*ir.Column); {
	case t.Kind == plan.Pass && (!ok || t.Outer):
		return ""
	case t.Kind == plan.Pass:
		rows, col = plan.RowsOf(t.Leaf), sql.ColumnName(f.Plan, by.Col)
	case t.Rel.Key == nil:
		return ""
	default:
		rows, col = plan.RowsOf(t.Rel), sql.ColumnName(f.Plan, t.Rel.Key)
	}
	name, key := f.Dialect.Ident(rows), f.Dialect.Ident(col)
	numbered := "SELECT " + key + " AS k, row_number() OVER (ORDER BY " + key + ") AS n FROM (SELECT DISTINCT " + key + " FROM " + f.Temp + "." + name + ") AS keys"
	over := func(lo, hi int64) string {
		return fmt.Sprintf("%s AS (SELECT * FROM %s.%s WHERE %s IN (SELECT k FROM (%s) AS numbered WHERE n BETWEEN %d AND %d))", name, f.Temp, name, key, numbered, lo, hi)
	}
	var hi int64
	if !f.Row("SELECT count(DISTINCT "+key+") FROM "+name, &hi) {
		return ""
	}
	lo := int64(1)
	for lo < hi {
		mid := lo + (hi-lo)/2
		switch {
		case f.Fails(f.query(t, over(lo, mid))):
			hi = mid
		case f.Fails(f.query(t, over(mid+1, hi))):
			lo = mid + 1
		default:
			return ""
		}
	}
	var found string
	if !f.Row(fmt.Sprintf("SELECT CAST(k AS VARCHAR) FROM (%s) AS numbered WHERE n = %d", numbered, lo), &found) {
		return ""
	}
	return found
}

// segments names the segments whose condition reads a column.
func (f *Finder) segments(t *plan.Table, col string) []string {
	var names []string
	for _, other := range f.Plan.Tables {
		for _, c := range other.Conds {
			if other.Name == t.Name && c.Col == col && c.Atom == nil {
				return []string{"segment " + c.Name}
			}
			ir.Walk(c.X, func(e ir.Expr) bool {
				if s, ok := e.(*ir.Slot); ok && s.Table == t.Name && s.Col == col {
					names = append(names, "segment "+c.Name)
					return false
				}
				return true
			})
		}
	}
	readers := f.Plan.Readers(func(a *plan.Atom) bool {
		return slices.ContainsFunc(t.Conds, func(c plan.Cond) bool { return c.Col == col && c.Atom == a }) ||
			slices.ContainsFunc(a.Slots, func(s *ir.Slot) bool { return s.Table == t.Name && s.Col == col })
	})
	for _, name := range readers {
		names = append(names, "segment "+name)
	}
	if len(names) == 0 {
		return []string{"a trait of " + t.Rel.Name}
	}
	return names
}
