package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// WordAtoms is how many atoms PrintAtoms puts into one whole number, which has
// a sign.
const WordAtoms = 63

// PrintAtoms writes the queries of tables of atoms (plan.AtomTables) over the
// tables of their plan: a row's number, which is in the column number of the
// rows, and as many whole numbers as are needed to have a bit for each atom, in
// order from the lowest of the first, that says whether it holds.
func PrintAtoms(p *plan.Plan, d *Dialect, s Sources, tables []*plan.Table, number string) []Statement {
	pr := newPrinter(p, d, s)
	out := make([]Statement, len(tables))
	for i, t := range tables {
		out[i] = Statement{Table: t, Query: pr.atoms(t, number), Comment: fmt.Sprintf("conditions on %s", t.Rel.Name)}
	}
	return out
}

func (p *printer) atoms(t *plan.Table, number string) string {
	s := p.scope()
	rows := rowsName(t.Rel)
	if s.root = p.rootOf(t, number); s.root != nil {
		rows, number = s.root.Table, s.root.Key
	}
	cols := []string{s.col("r", number)}
	for conds := range slices.Chunk(t.Conds, WordAtoms) {
		bits := make([]string, len(conds))
		for i, c := range conds {
			bits[i] = fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", s.expr("r", c.X), uint64(1)<<i)
		}
		cols = append(cols, "CAST(\n    "+strings.Join(bits, "\n    | ")+"\n  AS "+p.d.Type(value.Of(value.Int))+")")
	}
	return selectList(cols) + "\n" + s.from(p.d.Ident(rows)+" AS r")
}

// Values is a query that gives expressions of the scope of a relation at each
// of its rows, conditions as true or false and numbers in their own types.
func Values(p *plan.Plan, d *Dialect, s Sources, rel *ir.Relation, xs []ir.Expr) string {
	pr := newPrinter(p, d, s)
	sc := pr.scope()
	cols := make([]string, len(xs))
	for i, x := range xs {
		cols[i] = sc.expr("r", x)
		switch t := x.Type(); {
		case t.Kind == value.Bool && !ir.IsValue(x):
			cols[i] = "(" + cols[i] + ") IS TRUE"
		case d.typeName(t) != "":
			cols[i] = "CAST(" + cols[i] + " AS " + d.Type(t) + ")"
		}
	}
	return selectList(cols) + "\n" + sc.from(d.Ident(rowsName(rel))+" AS r")
}
