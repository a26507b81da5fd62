package plan

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// counted replaces what asks for the history of segments by counts over their
// stored changes, so that windows and passes serve them like any fact.
func (b *builder) counted(cond ir.Expr) ir.Expr {
	if len(ir.Histories(cond)) == 0 {
		return cond
	}
	return countHistories(cond, func(h *ir.History) *ir.Relation {
		if !slices.Contains(b.plan.Changes, h.Seg) {
			b.plan.Changes = append(b.plan.Changes, h.Seg)
			slices.SortFunc(b.plan.Changes, func(x, y *ir.Segment) int { return strings.Compare(x.Name, y.Name) })
		}
		return b.changesOf(h.Seg.Entity)
	})
}

func countHistories(x ir.Expr, changes func(*ir.History) *ir.Relation) ir.Expr {
	return ir.Map(x, func(e ir.Expr) ir.Expr {
		if h, ok := e.(*ir.History); ok {
			return h.Count(changes(h))
		}
		return e
	})
}

func (b *builder) changesOf(entity *ir.Relation) *ir.Relation {
	r := b.changes[entity]
	if r == nil {
		r = ir.ChangesOf(entity)
		b.changes[entity] = r
		for _, c := range r.Columns {
			b.owner[c] = r
		}
	}
	return r
}

// changeTables come after the rows of their entities, in the order of these.
func (b *builder) changeTables(u *usage) []*Table {
	var tables []*Table
	for _, entity := range b.project.Relations {
		if r := b.changes[entity]; r != nil && u.rels[r] {
			tables = append(tables, &Table{Name: RowsOf(r), Kind: Changes, Rel: r, Used: r.Columns, Where: Visible(b.project, b.asOf, r)})
		}
	}
	return tables
}
