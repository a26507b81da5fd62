package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// population is the rows a rank or value is taken over: their value v, group
// and key.
func (p *printer) population(t *plan.Table) string {
	s := p.scope()
	cols := []string{s.col("r", p.name(t.Rel.Key)) + " AS " + p.d.Ident(KeyName)}
	v := s.expr("r", t.Value)
	cols = append(cols, v+" AS v")
	for _, g := range groupsOf(t) {
		cols = append(cols, s.expr("r", g.x)+" AS "+g.col)
	}
	conds := []string{v + " IS NOT NULL"}
	if t.Of != nil {
		conds = append(conds, s.expr("r", t.Of))
	}
	return selectList(cols) + "\n" + s.from(p.d.Ident(rowsName(t.Rel))+" AS r") + where(conds)
}

// groupOf is a column of a population by which it falls into groups, and what
// a row has there.
type groupOf struct {
	col string
	x   ir.Expr
}

func groupsOf(t *plan.Table) (groups []groupOf) {
	if t.Apart != nil {
		groups = append(groups, groupOf{"apart", t.Apart})
	}
	if t.Per != nil {
		groups = append(groups, groupOf{"per", t.Per})
	}
	return groups
}

// groupColumns are the names of the columns of groupsOf.
func groupColumns(t *plan.Table) (cols []string) {
	for _, g := range groupsOf(t) {
		cols = append(cols, g.col)
	}
	return cols
}

// partition begins a window over the rows of one group.
func partition(t *plan.Table) string {
	if cols := groupColumns(t); len(cols) > 0 {
		return "PARTITION BY " + strings.Join(cols, ", ") + " "
	}
	return ""
}

func (p *printer) rank(t *plan.Table) string {
	partition := partition(t)
	var positions []string // an order that nothing asks for is not worked out
	for _, place := range []struct{ name, order string }{{"down", "v DESC, key"}, {"up", "v, key"}} {
		if slices.ContainsFunc(t.Ranks, func(r *plan.Position) bool { return placeOf(r) == place.name }) {
			positions = append(positions, "row_number() OVER ("+partition+"ORDER BY "+place.order+") AS "+place.name)
		}
	}
	if slices.ContainsFunc(t.Ranks, func(r *plan.Position) bool { return r.Buckets > 0 || r.Percent != nil }) {
		positions = append(positions, "count(*) OVER ("+strings.TrimSpace(partition)+") AS n")
	}
	cols := []string{"key"}
	for _, r := range t.Ranks {
		cols = append(cols, p.position(r)+" AS "+p.d.Ident(r.Col))
	}
	inner := "SELECT key, " + strings.Join(positions, ",\n  ") + "\nFROM (\n" + indent(p.population(t)) + "\n) AS v"
	return selectList(cols) + "\nFROM (\n" + indent(inner) + "\n) AS ranked"
}

// placeOf is the order that a position counts in.
func placeOf(r *plan.Position) string {
	if r.Bottom || r.Buckets > 0 {
		return "up"
	}
	return "down"
}

// position tests a place in the order in whole numbers only: the best P of n
// are the places with (place − 1) < P × n.
func (p *printer) position(r *plan.Position) string {
	place := placeOf(r)
	switch {
	case r.Buckets > 0:
		k := fmt.Sprint(r.Buckets)
		return fill(p.d.DivideWhole, "("+k+" * up + n - 1)", "n")
	case r.Percent != nil:
		num, den := fraction(*r.Percent)
		return "(" + place + " - 1) * " + den + " < " + num + " * n"
	default:
		return place + " <= " + fmt.Sprint(r.N)
	}
}

func (p *printer) values(t *plan.Table) string {
	s := p.scope()
	cols := groupColumns(t)
	group := ""
	if len(cols) > 0 {
		group = "\nGROUP BY " + strings.Join(cols, ", ")
	}
	for _, v := range t.Pop {
		a := aggregate{op: v.Agg.Op, value: "v", typ: v.Agg.Value.Type(), percent: v.Agg.Percent}
		cols = append(cols, s.agg(a)+" AS "+p.d.Ident(v.Col))
	}
	return selectList(cols) + "\nFROM (\n" + indent(p.population(t)) + "\n) AS v" + group
}
