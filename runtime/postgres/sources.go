package postgres

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// Sources tells the printer how PostgreSQL reads tables and queries. The zero
// value knows nothing of a server: it takes every column to be of its declared
// type.
type Sources struct {
	Zone   string
	engine *Engine
	plain  bool // for people to read
}

// Scan is what stands in FROM.
func (s *Sources) Scan(r *ir.Relation) string {
	switch rel := s.relation(r); {
	case rel == nil && r.Source.SQL != "":
		return subquery(r.Source.SQL)
	case rel == nil && r.Source.Table != "":
		return tableName(r.Source.Table)
	case rel == nil || s.plain && r.Source.Path != "":
		return sql.Postgres.Ident(r.Name)
	case s.plain && rel.text != "":
		return rel.text
	default:
		return rel.scan
	}
}

func (s *Sources) relation(r *ir.Relation) *relation {
	if s.engine == nil {
		return nil
	}
	return s.engine.relations[r.Source]
}

// Cell is the source's column that c is read from. The copy of a file has one
// for each column of the relation, converted.
func (s *Sources) Cell(r *ir.Relation, c *ir.ColumnDef) string {
	if s.copied(r) {
		return "s." + sql.Postgres.Ident(copiedName(r, c))
	}
	return "s." + sql.Postgres.Ident(c.Raw)
}

// copied: the relation is read from the copy of a file, and not from the
// table of its name that people are told to make of it.
func (s *Sources) copied(r *ir.Relation) bool {
	return s.engine != nil && !s.plain && r.Source.Path != ""
}

// copiedName keeps apart columns that are read from one column of a file.
func copiedName(r *ir.Relation, c *ir.ColumnDef) string {
	name := c.Raw
	for _, other := range r.Columns {
		if other == c {
			break
		}
		if other.Raw == c.Raw {
			name += "'"
		}
	}
	return name
}

// Read converts a column to its type.
func (s *Sources) Read(r *ir.Relation, c *ir.ColumnDef, x string) string {
	if s.copied(r) {
		return readCopy(x, c.Type)
	}
	return s.converter(c).convert(x, s.column(r, c), c.Type)
}

func (s *Sources) converter(c *ir.ColumnDef) converter {
	return converter{trim: c.Trim, nfc: c.NFC, emptyMissing: c.EmptyMissing, separator: c.Separator, zone: s.Zone}
}

func (s *Sources) column(r *ir.Relation, c *ir.ColumnDef) column {
	if rel := s.relation(r); rel != nil {
		if col, ok := rel.column(c.Raw); ok {
			return col
		}
	}
	t := c.RawType
	if t.Kind == value.Missing {
		t = c.Type
	}
	return column{name: c.Raw, typ: t}
}

// readCopy reads a column of the copy of a file: a list is there as JSON of
// texts, everything else as it should be.
func readCopy(x string, t value.Type) string {
	if t.Kind == value.List || t.Kind == value.Record {
		return converter{}.fromJSON(x, t)
	}
	return x
}

// TextOf writes a computed value as value.Value.String does.
func (s *Sources) TextOf(x string, t value.Type) string {
	if t.Kind == value.Text || t.Kind == value.JSON {
		return "(" + x + ")" + collated
	}
	return textOf(x, t)
}

// DateOf reads text as a date.
func (s *Sources) DateOf(x string) string {
	return converter{}.fromText(x, value.Of(value.Date))
}

// Print writes the SQL of a plan for people, without a server. Files stand in
// it under the name of their relation.
func Print(p *plan.Plan) []sql.Statement {
	return sql.Print(p, sql.Postgres, &Sources{Zone: p.Project.Zone, plain: true})
}

// TableOf is what must be made of a file so that the SQL of Print finds it: a
// table with columns of the declared types.
func TableOf(p *plan.Plan, t *plan.Table) string {
	var columns []string
	seen := map[string]bool{}
	for _, c := range sql.RawColumns(p, sql.Postgres, &Sources{Zone: p.Project.Zone, plain: true}, t) {
		if !seen[c.Raw] {
			seen[c.Raw] = true
			columns = append(columns, sql.Postgres.Ident(c.Raw)+" "+sqlType(c.Type))
		}
	}
	return sql.Postgres.Ident(t.Rel.Name) + " (" + strings.Join(columns, ", ") + ")"
}

// Changes is the copy of what the store remembers.
func (s *Sources) Changes() string { return "pg_temp." + changesTable }

// Examples aggregates up to three distinct texts, the smallest, as JSON.
func (s *Sources) Examples(x, filter string) string {
	return "coalesce(CAST(array_to_json((array_agg(DISTINCT " + cast(x, "text") + collated + ")" + filter + ")[1:3]) AS text), '[]')"
}
