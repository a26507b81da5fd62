package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// An overflow stops the run. The engine only says that some number grew too
// large; these functions find out whose, by computing the failed table again
// for one column and ever fewer keys. They run only after a failure.

// explain says which segment and which key overflowed, as far as can be found.
func (e *Engine) explain(ctx context.Context, p *plan.Plan, t *plan.Table, err error) error {
	var problem *Problem
	if !errors.As(err, &problem) || problem.Kind != Overflow {
		return err
	}
	f := &overflow{Engine: e, ctx: ctx, plan: p}
	col, single := f.column(t)
	if single == nil {
		return NewProblem(Overflow, "a number is too large while reading %s: %s", t.Rel.Name, problem.Message).
			WithHelp("look at the fields of %s in the catalog: numbers have 64 bits when whole, 38 digits when decimal", t.Rel.Name)
	}
	what := "in " + strings.Join(f.segments(t, col), ", ")
	if key := f.key(single); key != "" {
		what += " for " + single.Rel.Name + " " + key
	}
	return NewProblem(Overflow, "a number is too large %s: %s", what, problem.Message).
		WithHelp("whole numbers have 64 bits: declare the column decimal(38, 0), or leave such rows out with `where:`")
}

type overflow struct {
	*Engine
	ctx  context.Context
	plan *plan.Plan
}

// column finds the first column whose computing fails alone.
func (f *overflow) column(t *plan.Table) (string, *plan.Table) {
	try := func(col string, single plan.Table) (string, *plan.Table) {
		if f.fails(f.query(&single, "")) {
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
func (f *overflow) query(t *plan.Table, over string) string {
	q := sql.One(f.plan, sql.DuckDB, &printed{engine: f.Engine, zone: f.plan.Project.Zone}, t)
	if over != "" {
		q = "WITH " + over + "\n" + q
	}
	return "SELECT bit_xor(hash(t)) FROM (\n" + q + "\n) AS t"
}

func (f *overflow) fails(query string) bool {
	var p *Problem
	err := f.Exec(f.ctx, "find the overflow", query)
	return errors.As(err, &p) && p.Kind == Overflow
}

// key narrows the rows down to one key; "" when it cannot.
func (f *overflow) key(t *plan.Table) string {
	var rows, col string
	switch by, ok := t.Key.(*ir.Column); {
	case t.Kind == plan.Pass && (!ok || t.Outer):
		return ""
	case t.Kind == plan.Pass:
		rows, col = plan.RowsOf(t.Leaf), sql.ColumnName(f.plan, by.Col)
	case t.Rel.Key == nil:
		return ""
	default:
		rows, col = plan.RowsOf(t.Rel), t.Rel.Key.Name
	}
	name, key := QuoteIdent(rows), QuoteIdent(col)
	numbered := "SELECT " + key + " AS k, row_number() OVER (ORDER BY " + key + ") AS n FROM (SELECT DISTINCT " + key + " FROM temp.main." + name + ")"
	over := func(lo, hi int64) string {
		return fmt.Sprintf("%s AS (SELECT * FROM temp.main.%s WHERE %s IN (SELECT k FROM (%s) WHERE n BETWEEN %d AND %d))", name, name, key, numbered, lo, hi)
	}
	var hi int64
	if f.QueryRow(f.ctx, "find the overflow", "SELECT count(DISTINCT "+key+") FROM "+name, &hi) != nil {
		return ""
	}
	lo := int64(1)
	for lo < hi {
		mid := lo + (hi-lo)/2
		switch {
		case f.fails(f.query(t, over(lo, mid))):
			hi = mid
		case f.fails(f.query(t, over(mid+1, hi))):
			lo = mid + 1
		default:
			return ""
		}
	}
	var found string
	if f.QueryRow(f.ctx, "find the overflow", fmt.Sprintf("SELECT CAST(k AS VARCHAR) FROM (%s) WHERE n = %d", numbered, lo), &found) != nil {
		return ""
	}
	return found
}

// segments names the segments whose condition reads a column.
func (f *overflow) segments(t *plan.Table, col string) []string {
	var names []string
	for _, other := range f.plan.Tables {
		for _, c := range other.Conds {
			if other.Name == t.Name && c.Col == col {
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
	if len(names) == 0 {
		return []string{"a trait of " + t.Rel.Name}
	}
	return names
}
