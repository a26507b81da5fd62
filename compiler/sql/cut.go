package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// CutQuery reads, from the tables of an executed plan, where a rank or bucket
// divides the population, or a value of it: what evaluations in process need
// of a run. Its rows are
//
//	grouped  bool  the group has a name (false: no `per`, or `per` is missing)
//	grp      text  that name, as value.Value.String writes it
//	place    int   of a bucket its number, else 1
//	v        text  the value of the last place that is in, or of everybody
//	key      text  the key of that place
//	open     bool  there are more places than rows
//
// Where an engine has them in hand, they are in Rows and there is no query.
type CutQuery struct {
	Table *plan.Table
	Col   string
	Query string
	Rows  []CutRow
}

// CutRow is a row of a population without groups, as CutQuery has it.
type CutRow struct {
	Place      int
	Value, Key string
	Open       bool
}

// CutQueries are those of all ranks and values of a plan.
func CutQueries(p *plan.Plan, d *Dialect, s Sources) []CutQuery {
	pr := newPrinter(p, d, s)
	var out []CutQuery
	for _, t := range p.Tables {
		switch t.Kind {
		case plan.Rank:
			for _, r := range t.Ranks {
				out = append(out, CutQuery{Table: t, Col: r.Col, Query: pr.rankCut(t, r)})
			}
		case plan.Values:
			for _, v := range t.Pop {
				out = append(out, CutQuery{Table: t, Col: v.Col, Query: pr.valueCut(t, v)})
			}
		case plan.Changes, plan.Members, plan.Pass, plan.Rows: // divide nobody
		}
	}
	return out
}

func (p *printer) valueCut(t *plan.Table, v *plan.PopValue) string {
	grouped, name := p.cutGroup(t)
	cols := []string{grouped + " AS grouped", name + " AS grp", "1 AS place", p.textCell(p.d.Ident(v.Col), v.Agg.T) + " AS v", "NULL AS key", "false AS open"}
	return selectList(cols) + "\nFROM " + p.d.Ident(t.Name)
}

func (p *printer) cutGroup(t *plan.Table) (grouped, name string) {
	if t.Per == nil {
		return "false", "''"
	}
	return "(per IS NOT NULL)", "coalesce(" + p.textCell("per", t.Per.Type()) + ", '')"
}

// textCell is the canonical text of a value, also of one that is text.
func (p *printer) textCell(x string, t value.Type) string { return p.sources.TextOf(x, t) }

// rankCut finds the last row of each place: of those that the table of ranks
// puts there, the first from behind.
func (p *printer) rankCut(t *plan.Table, r *plan.Position) string {
	behind, pos := "v, key DESC", "k."+p.d.Ident(r.Col)
	if placeOf(r) == "up" {
		behind = "v DESC, key DESC"
	}
	population := selectList(slices.Concat([]string{"key", "v"}, groupColumns(t), p.groupSize(t, r))) + "\nFROM (\n" + indent(p.population(t)) + "\n) AS everyone"
	columns := func(alias string, more ...string) []string {
		var out []string
		for _, c := range slices.Concat([]string{"key", "v"}, groupColumns(t)) {
			out = append(out, alias+"."+c)
		}
		return append(out, more...)
	}
	n := ""
	if len(p.groupSize(t, r)) > 0 {
		n = "v.n"
	}
	placed := selectList(append(slices.DeleteFunc(columns("v", n), func(s string) bool { return s == "" }), pos+" AS pos")) +
		"\nFROM (\n" + indent(population) + "\n) AS v\nJOIN " + p.d.Ident(t.Name) + " AS k ON k.key = v.key"
	partition, number, open := groupColumns(t), "1", "false"
	switch {
	case r.Buckets > 0:
		partition, number = append(partition, "pos"), "pos"
	default:
		placed += "\nWHERE " + pos
	}
	switch {
	case n != "":
		open = fmt.Sprintf("n < %d", r.N)
	case r.Percent != nil && ir.IsOpen(r.Percent, 0, 0):
		open = "true"
	}
	over := "ORDER BY " + behind
	if len(partition) > 0 {
		over = "PARTITION BY " + strings.Join(partition, ", ") + " " + over
	}
	last := "SELECT *, row_number() OVER (" + over + ") AS back\nFROM (\n" + indent(placed) + "\n) AS placed"
	grouped, name := p.cutGroup(t)
	cols := []string{grouped + " AS grouped", name + " AS grp", number + " AS place", p.textCell("v", t.Value.Type()) + " AS v",
		p.textCell("key", t.Rel.Key.Type) + " AS key", open + " AS open"}
	return selectList(cols) + "\nFROM (\n" + indent(last) + "\n) AS last\nWHERE back = 1"
}

// groupSize is how many are ranked, where a fixed number of them is asked for.
func (p *printer) groupSize(t *plan.Table, r *plan.Position) []string {
	if r.Buckets > 0 || r.Percent != nil {
		return nil
	}
	return []string{"count(*) OVER (" + strings.TrimSpace(partition(t)) + ") AS n"}
}
