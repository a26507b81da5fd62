package duckdb

import (
	"context"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// RowsSQL reads every row of a relation's source for an evaluation in
// process: a JSON list of the columns in the order given, converted to their
// declared types and written as value.Value.String does, lists and records as
// JSON; what is missing is null.
func (e *Engine) RowsSQL(p *ir.Project, r *ir.Relation, columns []*ir.ColumnDef) string {
	read := &printed{engine: e, zone: p.Zone}
	parts := make([]string, len(columns))
	for i, c := range columns {
		x := read.Read(r, c, "r."+QuoteIdent(c.Raw))
		switch c.Type.Kind {
		case value.List, value.Record, value.JSON:
			parts[i] = "CAST(to_json(" + x + ") AS VARCHAR)"
		case value.Text, value.Version:
			parts[i] = x
		default:
			parts[i] = read.TextOf(x, c.Type)
		}
	}
	return "SELECT CAST(to_json([" + strings.Join(parts, ", ") + "]) AS VARCHAR) FROM " + read.Scan(r) + " AS r"
}

// CellsSQL reads rows of a relation for an evaluation of a few of them; see
// sql.Cells.
func (e *Engine) CellsSQL(_ context.Context, p *plan.Plan, t *plan.Table) (string, error) {
	return sql.Cells(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone}, t), nil
}

// PlaceSQL reads the place of a row in a rank; see sql.PlaceQuery.
func (e *Engine) PlaceSQL(p *plan.Plan, t *plan.Table, r *ir.Rank, key value.Value) string {
	return sql.PlaceQuery(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone}, t, r, key)
}
