package sql

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Cells reads rows of a relation with a source, those for which every condition
// of Where holds: each used column as text, as value.Value.String writes it,
// but lists and records as JSON. What is missing is NULL. The table need not be
// one of the plan's; its conditions read the row's own columns alone.
func Cells(p *plan.Plan, d *Dialect, s Sources, t *plan.Table) string {
	pr := newPrinter(p, d, s)
	plain := *t.Rel // of several rows with one key, the evaluation finds the one that counts
	plain.Dedup = nil
	whole := *t
	whole.Rel = &plain
	cells := make([]string, len(t.Used))
	for i, c := range t.Used {
		x := "q." + d.Ident(pr.name(c))
		switch c.Type.Kind {
		case value.List, value.Record:
			x = "CAST(to_json(" + x + ") AS VARCHAR)"
		case value.JSON:
			x = "CAST(" + x + " AS VARCHAR)"
		case value.Text, value.Version:
		default:
			x = s.TextOf(x, c.Type)
		}
		cells[i] = x
	}
	return selectList(orOne(cells)) + "\nFROM (\n" + indent(pr.query(&whole)) + "\n) AS q"
}

// PlaceQuery reads, from the tables of an executed plan, the place of a row in
// a rank and of how many: one row, or none where it has no place.
func PlaceQuery(p *plan.Plan, d *Dialect, s Sources, t *plan.Table, r *ir.Rank, key value.Value) string {
	pr := newPrinter(p, d, s)
	partition, order := partition(t), "v DESC, key"
	if r.Bottom {
		order = "v, key"
	}
	ranked := selectList([]string{"key", "row_number() OVER (" + partition + "ORDER BY " + order + ") AS place",
		"count(*) OVER (" + strings.TrimSpace(partition) + ") AS n"}) + "\nFROM (\n" + indent(pr.population(t)) + "\n) AS v"
	return fmt.Sprintf("SELECT place, n FROM (\n%s\n) AS ranked WHERE key = %s", indent(ranked), d.Literal(key, t.Rel.Key.Type))
}
