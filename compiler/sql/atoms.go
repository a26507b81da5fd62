package sql

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// PrintAtoms writes the queries of tables of atoms (plan.AtomTables) over the
// tables of their plan: a row's number, which number prints for the row under
// the alias r, and whether each atom holds.
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
	cols := []string{number}
	for _, c := range t.Conds {
		cols = append(cols, "("+s.expr("r", c.X)+") IS TRUE AS "+p.d.Ident(c.Col))
	}
	return selectList(cols) + "\n" + s.from(p.d.Ident(rowsName(t.Rel))+" AS r")
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
