package duckdb

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// homes are where the features are that were computed outside SQL, by the table
// and the column that the plan has for them.
type homes map[[2]string]sql.Home

func (h homes) add(t *exportTable) {
	for i, x := range t.exports {
		h[[2]string{x.Table, x.Col}] = sql.Home{Table: t.name, Col: fmt.Sprintf("f%d", i), Key: "n", Row: "rowid"}
	}
}

func (h homes) table(x *ir.Slot) string { return h[[2]string{x.Table, x.Col}].Table }

func (p *printed) Home(x *ir.Slot) (h sql.Home, ok bool) {
	h, ok = p.homes[[2]string{x.Table, x.Col}]
	return h, ok
}

// printed reads exported features where they are.
func (r *setRun) printed() *printed {
	return &printed{engine: r.Engine, zone: r.plan.Project.Zone, homes: r.homes}
}

// query computes a table. An anchor is worked out beside the columns of a row,
// where it has no number by which to find its features.
func (r *setRun) query(t *plan.Table) string {
	pr := r.printed()
	if t.Anchor != nil {
		pr.homes = nil
	}
	return sql.One(r.plan, sql.DuckDB, pr, t)
}

// printAtoms writes the tables of those atoms that are left.
func (r *setRun) printAtoms(tables []*plan.Table) []sql.Statement {
	return sql.PrintAtoms(r.plan, sql.DuckDB, r.printed(), tables, "rowid")
}
