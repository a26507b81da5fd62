package duckdb

import (
	"context"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// inKeyOrder reports whether rows stand in the order of their keys, so that
// their numbers say the same from one run to the next.
func (r *setRun) inKeyOrder(rel *ir.Relation) bool { return r.keeper.now != nil && rel.Entity }

// orderKey is how the key is ordered by, as it is numbered: others than whole
// numbers are texts.
func (r *setRun) orderKey(rel *ir.Relation) string {
	key := QuoteIdent(sql.ColumnName(r.plan, rel.Key))
	if rel.Key.Type.Kind != value.Int {
		return "CAST(" + key + " AS VARCHAR)"
	}
	return key
}

// inOrder makes the rows of an entity stand in the order of their keys.
func (r *setRun) inOrder(t *plan.Table, query string) string {
	if t.Kind != plan.Rows || !r.inKeyOrder(t.Rel) {
		return query
	}
	// Around it, because a relation joined to this one may have a column of the
	// key's name.
	return "SELECT * FROM (\n" + query + "\n)\nORDER BY " + r.orderKey(t.Rel)
}

// lies makes the rows of an entity a view of a table in which they lie in the
// order of their keys already, with nothing between them: that is as good as a
// copy. It is false where they do not.
func (r *setRun) lies(ctx context.Context, t *plan.Table) (bool, error) {
	if t.Kind != plan.Rows || !r.inKeyOrder(t.Rel) || t.Rel.From != nil || len(t.Rel.Universe) > 0 || len(t.Rel.GroupBy) > 0 || t.Rel.Dedup != nil {
		return false, nil
	}
	rel := r.relations[t.Rel.Source]
	if rel == nil || rel.Source.Table == "" || r.database == "" || !r.ownRows(ctx, rel.Source) {
		return false, nil
	}
	if slices.ContainsFunc(rel.Columns, func(c Column) bool { return isRowID(c.Name) }) ||
		slices.ContainsFunc(t.Used, func(c *ir.ColumnDef) bool { return c.Def != nil && c.Raw == "" }) || // which is better worked out once
		slices.ContainsFunc(t.Where, func(x ir.Expr) bool { return !ofARow(x) }) {
		return false, nil
	}
	p := r.printed()
	p.numbered = t.Rel
	view := "CREATE TEMP VIEW " + QuoteIdent(t.Name) + " AS " + sql.One(r.plan, sql.DuckDB, p, t)
	doing := "compute the rows of " + t.Rel.Name
	if err := r.Exec(ctx, doing, view); err != nil {
		return false, err
	}
	owners, err := r.numberIf(ctx, r.plan, t.Rel, doing, true)
	if err != nil || owners != nil {
		r.owners[t.Rel], r.views[t.Rel] = owners, view
		return err == nil, err
	}
	return false, r.Exec(ctx, doing, "DROP VIEW "+QuoteIdent(t.Name))
}

// Distinct reports whether it is known that no two rows of an entity have one
// key, of the plan last executed.
func (e *Engine) Distinct(p *plan.Plan, entity *ir.Relation) bool {
	return e.last != nil && e.last.plan == p && len(entity.Keys()) == 1 && e.last.owners[entity] != nil && e.last.owners[entity].distinct()
}
