package sql

import (
	"fmt"
	"slices"

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
type CutQuery struct {
	Table *plan.Table
	Col   string
	Query string
}

// CutQueries are those of all ranks and values of a plan.
func CutQueries(p *plan.Plan, d *Dialect, s Sources) []CutQuery {
	pr := newPrinter(p, d, s)
	var out []CutQuery
	for _, t := range p.Tables {
		switch t.Kind {
		case plan.Rank:
			for _, r := range t.Ranks {
				out = append(out, CutQuery{t, r.Col, pr.rankCut(t, r)})
			}
		case plan.Values:
			for _, v := range t.Pop {
				out = append(out, CutQuery{t, v.Col, pr.valueCut(t, v)})
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

// rankCut finds the last row of each place by looking at the next.
func (p *printer) rankCut(t *plan.Table, r *plan.Position) string {
	partition, place := "", "down"
	if t.Per != nil {
		partition = "PARTITION BY per "
	}
	order := "v DESC, key"
	if r.Bottom || r.Buckets > 0 {
		place, order = "up", "v, key"
	}
	window := func(f, order string) string { return f + " OVER (" + partition + "ORDER BY " + order + ")" }
	all := "count(*) OVER (" + partition + ")"
	ranked := selectList(slices.Concat([]string{"key", "v"}, perColumn(t), []string{window("row_number()", order) + " AS " + place, all + " AS n"})) +
		"\nFROM (\n" + indent(p.population(t)) + "\n) AS v"
	placed := selectList(slices.Concat([]string{"key", "v"}, perColumn(t), []string{place, "n", p.position(r) + " AS pos"})) +
		"\nFROM (\n" + indent(ranked) + "\n) AS ranked"
	next := selectList([]string{"*", window("lead(pos)", place) + " AS after"}) + "\nFROM (\n" + indent(placed) + "\n) AS placed"
	grouped, name := p.cutGroup(t)
	number, last, open := "1", "pos AND NOT coalesce(after, false)", "false"
	switch {
	case r.Buckets > 0:
		number, last = "pos", "after IS NULL OR after <> pos"
	case r.Percent == nil:
		open = fmt.Sprintf("n < %d", r.N)
	case value.Compare(*r.Percent, value.NewInt(1)) >= 0:
		open = "true"
	}
	cols := []string{grouped + " AS grouped", name + " AS grp", number + " AS place", p.textCell("v", t.Value.Type()) + " AS v",
		p.textCell("key", t.Rel.Key.Type) + " AS key", open + " AS open"}
	return selectList(cols) + "\nFROM (\n" + indent(next) + "\n) AS last\nWHERE " + last
}

func perColumn(t *plan.Table) []string {
	if t.Per == nil {
		return nil
	}
	return []string{"per"}
}
