package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// knowASCII finds the columns of tables in use of which the engine's own
// statistics say that they hold nothing but ASCII, which is in normal form. To
// look at their texts is most of what reading them costs, and hides conditions
// on them from the statistics. What is known is good for the data as it is now.
func (e *Engine) knowASCII(ctx context.Context, p *plan.Plan) error {
	e.ascii = map[*Relation][]string{}
	for _, t := range p.Tables {
		rel := e.relations[t.Rel.Source]
		if t.Kind != plan.Rows || rel == nil || rel.Source.Table == "" || e.ascii[rel] != nil {
			continue
		}
		var names, stats []string
		for _, c := range t.Used {
			if col, ok := rel.Column(c.Raw); ok && c.Type.Kind == value.Text && col.EngineType == "VARCHAR" {
				names, stats = append(names, c.Raw), append(stats, "coalesce(stats("+QuoteIdent(c.Raw)+"), '')")
			}
		}
		if len(names) == 0 {
			continue
		}
		query := fmt.Sprintf("SELECT %s FROM (SELECT * FROM %s LIMIT 1)", strings.Join(stats, ", "), rel.ScanSQL())
		err := e.Each(ctx, "look at "+t.Rel.Name, query, func(scan func(...any) error) error {
			said, dest := make([]string, len(names)), make([]any, len(names))
			for i := range said {
				dest[i] = &said[i]
			}
			if err := scan(dest...); err != nil {
				return err
			}
			for i, s := range said {
				// Texts in it are of eight bytes at the most.
				if strings.Contains(s, "Has Unicode: false,") {
					e.ascii[rel] = append(e.ascii[rel], names[i])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// isASCII reports whether a column is known to hold nothing else.
func (e *Engine) isASCII(rel *Relation, column string) bool {
	return slices.Contains(e.ascii[rel], column)
}
