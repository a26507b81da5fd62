package duckdb

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// WriteCells writes columns of a relation's files for another engine: a CSV
// file without header in the session's private folder, converted to the
// columns' types, every cell in quotes but a missing one, which is nothing at
// all. Lists and records are JSON of texts. The caller removes the file.
func (e *Engine) WriteCells(ctx context.Context, p *ir.Project, r *ir.Relation, columns []*ir.ColumnDef) (path string, err error) {
	pr := &printed{engine: e, zone: p.Zone}
	cells := []string{"''"} // the file has a line for each row even where nothing is read of it
	for _, c := range columns {
		x := cellText("c", c.Type)
		if c.Type.Kind == value.List || c.Type.Kind == value.Record {
			x = "CAST(to_json(" + x + ") AS VARCHAR)"
		}
		cells = append(cells, "(SELECT "+x+" FROM (SELECT "+pr.Read(r, c, pr.Cell(r, c))+" AS c))")
	}
	return e.WriteRows(ctx, "read "+e.relations[r.Source].Source.String(), "SELECT "+strings.Join(cells, ",\n")+"\nFROM "+pr.Scan(r)+" AS s")
}

// WriteRows writes the rows of a query as WriteCells does.
func (s *Session) WriteRows(ctx context.Context, doing, query string) (path string, err error) {
	dir, err := s.private()
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, s.TempName("rows")+".csv")
	return path, s.Exec(ctx, doing, "COPY ("+query+") TO "+QuoteText(path)+
		` (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', FORCE_QUOTE *)`)
}

// cellText writes x, a column's name, as text; lists and records as the same
// of texts.
func cellText(x string, t value.Type) string {
	switch t.Kind {
	case value.List:
		item := x + "e"
		return fmt.Sprintf("[%s FOR %s IN %s]", cellText(item, *t.Elem), item, x)
	case value.Record:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = QuoteText(f.Name) + ": " + cellText("struct_extract("+x+", "+QuoteText(f.Name)+")", f.Type)
		}
		return "CASE WHEN " + x + " IS NOT NULL THEN {" + strings.Join(fields, ", ") + "} END"
	case value.Text:
		return x
	default:
		return "CAST(" + x + " AS VARCHAR)"
	}
}
