package duckdb

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
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
