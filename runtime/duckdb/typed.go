package duckdb

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	driverpkg "github.com/duckdb/duckdb-go/v2"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// TypedTable is a temporary table whose columns have the types that the
// catalog declares, so that nothing is left to convert: rows that were read
// elsewhere, such as those of tests.
type TypedTable struct {
	Name    string
	Columns []*ir.ColumnDef // of a source; none twice
}

// columnName is the name of the column of a definition.
func (t *TypedTable) columnName(c *ir.ColumnDef) string {
	for i, other := range t.Columns {
		if other == c {
			return fmt.Sprintf("c%d", i)
		}
	}
	panic("duckdb: no column " + c.Name + " in " + t.Name)
}

// CreateTyped makes an empty table, or empties it.
func (s *Session) CreateTyped(ctx context.Context, t *TypedTable) error {
	cols := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = fmt.Sprintf("c%d %s", i, sqlType(c.Type))
	}
	if len(cols) == 0 {
		cols = []string{"c0 BOOLEAN"} // a table has columns
	}
	return s.Exec(ctx, "make a table for rows", "CREATE OR REPLACE TEMP TABLE "+QuoteIdent(t.Name)+" ("+strings.Join(cols, ", ")+")")
}

// AppendTyped adds rows; each has a value for each column, of its type or
// missing.
func (s *Session) AppendTyped(t *TypedTable, rows func(add func(row []value.Value) error) error) error {
	return s.Raw(func(conn driver.Conn) error {
		a, err := driverpkg.NewAppender(conn, "temp", "main", t.Name)
		if err != nil {
			return fmt.Errorf("load rows: %w", err)
		}
		cells := make([]driver.Value, max(len(t.Columns), 1))
		err = rows(func(row []value.Value) error {
			for i, v := range row {
				cells[i] = driverValue(v, t.Columns[i].Type)
			}
			return a.AppendRow(cells...)
		})
		return errors.Join(err, a.Close())
	})
}

// driverValue is a value as the driver takes it.
func driverValue(v value.Value, t value.Type) driver.Value {
	switch v.Kind {
	case value.Bool:
		return v.True()
	case value.Date:
		return time.Unix(v.I*86_400, 0).UTC()
	case value.Decimal:
		w, err := value.Widen(v, t)
		if err != nil {
			return nil // it has more digits than the column; its reader has refused it
		}
		return driverpkg.Decimal{Width: uint8(t.Prec), Scale: uint8(t.Scale), Value: w.D}
	case value.Float:
		return v.F
	case value.Int:
		if t.Kind == value.Decimal {
			w, err := value.Widen(v, t)
			if err != nil {
				return nil
			}
			return driverpkg.Decimal{Width: uint8(t.Prec), Scale: uint8(t.Scale), Value: w.D}
		}
		return v.I
	case value.JSON:
		return json.RawMessage(v.S) // the driver writes values of such columns as JSON
	case value.List:
		items := make([]any, len(v.L))
		for i, item := range v.L {
			items[i] = driverValue(item, *t.Elem)
		}
		return items
	case value.Missing:
		return nil
	case value.Record:
		fields := make(map[string]any, len(v.L))
		for i, f := range t.Fields {
			fields[f.Name] = driverValue(v.L[i], f.Type)
		}
		return fields
	case value.Time, value.Wall:
		return time.UnixMicro(v.I).UTC()
	default: // Text, Version
		return v.S
	}
}

// Typed reads the sources of a project from typed tables; changes is the table
// of what earlier runs have stored, see sql.Sources.
func (e *Engine) Typed(p *ir.Project, tables map[*ir.Relation]*TypedTable, changes string) sql.Sources {
	return &typed{printed{engine: e, zone: p.Zone}, tables, changes}
}

type typed struct {
	printed
	tables  map[*ir.Relation]*TypedTable
	changes string
}

func (t *typed) Scan(r *ir.Relation) string { return QuoteIdent(t.tables[r].Name) }

func (t *typed) Cell(r *ir.Relation, c *ir.ColumnDef) string {
	return "s." + QuoteIdent(t.tables[r].columnName(c))
}

func (t *typed) Read(_ *ir.Relation, _ *ir.ColumnDef, x string) string { return x }

func (t *typed) Changes() string { return QuoteIdent(t.changes) }
