package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/runtime/duckdb"
)

// planText writes a plan as indented text: what is computed, in which order,
// and for whom.
func planText(p *plan.Plan) string {
	w := &planWriter{plan: p, users: map[[2]string][]string{}}
	for _, t := range p.Tables {
		w.collect(t)
	}
	w.summary()
	level := -1
	for _, t := range p.Tables {
		if t.Level != level {
			level = t.Level
			w.line("\nlevel %d", level)
		}
		w.table(t)
	}
	return w.out.String()
}

type planWriter struct {
	plan *plan.Plan
	out  strings.Builder
	// users are the segments and tables that read a column of a table.
	users map[[2]string][]string
}

func (w *planWriter) line(format string, args ...any) {
	w.out.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// collect notes which columns of other tables a table reads.
func (w *planWriter) collect(t *plan.Table) {
	for _, c := range t.Conds {
		w.reads(c.Col, c.X)
	}
	for _, a := range t.Aggs {
		w.reads(t.Name, a.Agg.Value, a.Agg.Where)
	}
	for _, v := range t.Pop {
		w.reads(t.Name, v.Agg.Value, v.Agg.Per)
	}
	w.reads(t.Name, t.Value, t.Of, t.Per)
}

func (w *planWriter) reads(user string, xs ...ir.Expr) {
	for _, x := range xs {
		if x == nil {
			continue
		}
		ir.Walk(x, func(e ir.Expr) bool {
			if s, ok := e.(*ir.Slot); ok {
				key := [2]string{s.Table, s.Col}
				if !slices.Contains(w.users[key], user) {
					w.users[key] = append(w.users[key], user)
				}
			}
			return true
		})
	}
}

func (w *planWriter) summary() {
	var passes, features, shared, levels int64
	for _, t := range w.plan.Tables {
		levels = max(levels, int64(t.Level)+1)
		if t.Kind != plan.Pass {
			continue
		}
		passes++
		features += int64(len(t.Aggs))
		for _, a := range t.Aggs {
			if len(w.users[[2]string{t.Name, a.Col}]) > 1 {
				shared++
			}
		}
	}
	var segments int64
	for _, c := range w.plan.Columns {
		if c.Segment != nil {
			segments++
		}
	}
	w.line("as of %s", instant(time.UnixMicro(w.plan.AsOf), w.plan.Project.Calendar.Loc))
	w.line("%s from %s on %s", plural(segments, "segment"), plural(int64(len(w.plan.Tables)), "table"), plural(levels, "level"))
	w.line("%s in %s, %s of them used more than once", plural(features, "feature"), plural(passes, "pass"), grouped(shared))
}

func (w *planWriter) table(t *plan.Table) {
	head := fmt.Sprintf("  %-8s %s", t.Kind, t.Name)
	switch t.Kind {
	case plan.Rows:
		w.line("%s: %s of %s", head, plural(int64(len(t.Used)), "column"), t.Rel.Name)
		w.wheres(t.Where)
	case plan.Changes:
		w.line("%s: who entered and left segments of %s in earlier runs", head, t.Rel.Owner.To.Name)
	case plan.Pass:
		w.line("%s: one pass over %s for each %s", head, t.Leaf.Name, t.Rel.Name)
		w.wheres(t.Where)
		for _, a := range t.Aggs {
			w.column(t, a.Col, written(a.Agg))
		}
	case plan.Rank:
		w.line("%s: %s by %s", head, t.Rel.Name, written(t.Value))
		for _, r := range t.Ranks {
			w.column(t, r.Col, "")
		}
	case plan.Values:
		w.line("%s: over all of %s", head, t.Rel.Name)
		for _, v := range t.Pop {
			w.column(t, v.Col, written(v.Agg))
		}
	case plan.Members:
		w.line("%s: %s of %s", head, plural(int64(len(t.Conds)), "condition"), t.Rel.Name)
		for _, c := range t.Conds {
			w.column(t, c.Col, "")
		}
	}
}

func (w *planWriter) wheres(list []ir.Expr) {
	for _, x := range list {
		if text := w.condition(x); text != "" {
			w.line("           where %s", text)
		}
	}
}

// condition is as the author wrote it, except for the bounds of windows: these
// are instants by now.
func (w *planWriter) condition(x ir.Expr) string {
	if c, ok := x.(*ir.Cmp); ok {
		col, isColumn := c.L.(*ir.Column)
		bound, isConst := c.R.(*ir.Const)
		if isColumn && isConst {
			return clean(col.Col.Name + " " + c.Op + " " + bound.V.String())
		}
	}
	return written(x)
}

func (w *planWriter) column(t *plan.Table, col, text string) {
	users := ""
	if list := w.users[[2]string{t.Name, col}]; len(list) > 0 {
		users = "for " + strings.Join(list, ", ")
	}
	parts := []string{fmt.Sprintf("%-10s", col)}
	for _, part := range []string{text, users} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	w.line("           %s", strings.Join(parts, "   "))
}

// written is how the author wrote an expression, on one line.
func written(x ir.Expr) string {
	if x == nil {
		return ""
	}
	return clean(strings.Join(strings.Fields(x.Span().Text()), " "))
}

// printWays says how a run would go over each fact, and why.
func (a *app) printWays(ctx context.Context, c *compiled, names []string) error {
	if c.duckdb == nil {
		return nil
	}
	pl, err := c.Plan(c.at, plan.Options{Segments: names, Sets: true})
	if err != nil {
		return err
	}
	ways, err := c.duckdb.Ways(ctx, pl, duckdb.Auto)
	if err != nil || len(ways) == 0 {
		return err
	}
	fmt.Fprintf(a.out, "\na run goes over facts so (estimated; --strategy chooses)\n")
	for _, w := range ways {
		how := "by SQL"
		if w.Kernel {
			how = "together, outside SQL"
		}
		fmt.Fprintf(a.out, "  %s of %s, about %s: %s %s; one by one %s, together %s\n", w.Fact, w.Entity, plural(w.Data.Rows, "row"),
			plural(int64(w.Features), "feature"), how, w.OneByOne.Round(time.Millisecond), w.Together.Round(time.Millisecond))
	}
	return nil
}
