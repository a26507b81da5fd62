package local

import (
	"fmt"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
)

// ReadRow reads one row of a table from a JSON list of its columns, in the
// order of program.Columns: what Engine.RowsSQL of package duckdb gives. What
// does not fit its type is missing.
func ReadRow(cal *calendar.Calendar, r *ir.Relation, doc string) ([]value.Value, error) {
	n, fault := parseJSON(doc)
	columns := program.Columns(r)
	if fault != nil {
		return nil, fmt.Errorf("read a row of %s: %w", r.Name, fault)
	}
	if len(n.items) != len(columns) {
		return nil, fmt.Errorf("read a row of %s: %d values for %d columns", r.Name, len(n.items), len(columns))
	}
	row := make([]value.Value, len(columns))
	for i, c := range columns {
		if c.Type.Kind == value.Version && n.items[i].kind == stringNode {
			row[i], _ = program.ParseText(c.Type, n.items[i].text)
			continue
		}
		n, doc := &n.items[i], doc
		if structured := c.Type.Kind == value.List || c.Type.Kind == value.Record; structured && n.kind == stringNode {
			// A list is one already: its separator was for the text of the source.
			inner, fault := parseJSON(n.text)
			if fault != nil {
				return nil, fmt.Errorf("read %s of a row of %s: %w", c.Name, r.Name, fault)
			}
			n, doc = &inner, n.text
		}
		row[i], _ = read(cal, doc, n, c)
	}
	return row, nil
}
