package runtime

import (
	"context"
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/plan"
)

// audit counts, per relation, the rows that count and those that cannot be
// used, with examples.
func (r *run) audit(ctx context.Context) error {
	var asFound []string // entities that are not historised
	for i, t := range r.plan.Tables {
		if t.Kind != plan.Rows {
			continue
		}
		r.progress("check rows of "+t.Rel.Name, i, len(r.plan.Tables))
		rows, err := r.Engine.Rows(ctx, r.plan, t)
		if err != nil {
			return err
		}
		s := SourceStats{Name: t.Rel.Name, Source: r.sourceName(t), Rows: rows}
		issues, err := r.Engine.Audit(ctx, r.plan, t)
		if err != nil {
			return err
		}
		for _, i := range issues {
			s.Issues = append(s.Issues, Issue{Code: string(i.Code), What: i.What, Count: i.Count, Examples: i.Examples, Help: i.Help})
		}
		for _, p := range r.repeats {
			if p.rel == t.Rel {
				s.Issues = append(s.Issues, p.issue())
			}
		}
		r.report.Sources = append(r.report.Sources, s)
		if t.Rel.Entity && t.Rel.Source != nil && t.Rel.Exists == nil {
			asFound = append(asFound, t.Rel.Name)
		}
	}
	if len(asFound) > 0 {
		r.report.Notes = append(r.report.Notes, fmt.Sprintf("attributes of %s are as the source holds them, not as of the run's instant (no `exists:` in the catalog)", strings.Join(asFound, ", ")))
	}
	return nil
}

func (r *run) sourceName(t *plan.Table) string {
	switch src := t.Rel.Source; {
	case src == nil && t.Rel.From != nil:
		return "from " + t.Rel.From.Name
	case src == nil:
		return "the keys of its facts"
	case src.Kind == "table":
		return "table " + src.Table
	case src.Kind == "sql":
		return "sql"
	default:
		return src.Path
	}
}
