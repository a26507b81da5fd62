package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// relation is a source that was described: how it stands after FROM, and its
// columns.
type relation struct {
	scan    string
	text    string // the same for people, where it differs
	columns []column
	source  duckdb.Source
}

func (r *relation) column(name string) (column, bool) {
	for _, c := range r.columns {
		if c.name == name {
			return c, true
		}
	}
	return column{}, false
}

// Columns describes a source; it fits compiler.Options.Columns.
func (e *Engine) Columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
	if src.Path != "" {
		return e.files.Columns(src, declared)
	}
	r, err := e.describe(e.ctx, src)
	if err != nil {
		return nil, duckdb.Diagnostic(err)
	}
	e.relations[src] = r
	cols := make([]check.SourceColumn, len(r.columns))
	for i, c := range r.columns {
		cols[i] = check.SourceColumn{Name: c.name, Type: checkedType(c.typ, declared[c.name])}
	}
	return cols, nil
}

// checkedType is the type a column counts with: the declared one, but whether
// a time has a zone the source says, and text read as a time has none.
func checkedType(own, declared value.Type) value.Type {
	switch {
	case declared.Kind == value.Missing:
		return own
	case declared.Kind != value.Time && declared.Kind != value.Wall:
		return declared
	case own.Kind == value.Time:
		return own
	default:
		return value.Of(value.Wall)
	}
}

func (e *Engine) describe(ctx context.Context, src *ir.Source) (*relation, error) {
	r := &relation{source: duckdb.Source{Table: src.Table, SQL: src.SQL}}
	var err error
	if src.Table != "" {
		r.scan, err = e.table(ctx, src.Table)
	} else {
		r.text = subquery(src.SQL)
		r.scan, err = e.view(ctx, src.SQL)
	}
	if err == nil {
		err = e.within(ctx, func() error { return e.describeColumns(ctx, r) })
	}
	return r, err
}

// subquery is a query of the catalog in parentheses; the line end closes a
// comment.
func subquery(text string) string {
	return "(\n" + strings.TrimRight(strings.TrimSpace(text), "; \t\r\n") + "\n)"
}

// tableName quotes the name of a table as the catalog writes it.
func tableName(path string) string {
	parts := duckdb.SplitTable(path)
	for i, p := range parts {
		parts[i] = sql.Postgres.Ident(p)
	}
	return strings.Join(parts, ".")
}

// table is the full name of a table, so that none of the temporary ones can
// stand before it.
func (e *Engine) table(ctx context.Context, path string) (string, error) {
	var name string
	err := e.within(ctx, func() error {
		return e.QueryRow(ctx, "look for table "+path, "SELECT coalesce((SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"+
			" WHERE c.oid = to_regclass("+quote(tableName(path))+") AND c.relkind IN ('r', 'v', 'm', 'p', 'f')), '')", &name)
	})
	if err == nil && name == "" {
		return "", e.missingTable(ctx, path)
	}
	return name, err
}

func (e *Engine) missingTable(ctx context.Context, path string) error {
	p := duckdb.NewProblem(duckdb.MissingTable, "there is no table %s in %s", path, e.server)
	var near []string
	err := e.Each(ctx, "list the tables", "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"+
		" WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		wanted := strings.ToLower(path[strings.LastIndex(path, ".")+1:])
		if got := strings.ToLower(name[strings.LastIndex(name, ".")+1:]); duckdb.Near(got, wanted) {
			near = append(near, name)
		}
		return err
	})
	if err != nil || len(near) == 0 {
		return p.WithHelp("check the name, with its schema: `source: schema.table`; capitals count")
	}
	return p.WithHelp("did you mean %s?", strings.Join(near[:min(3, len(near))], " or "))
}

// view keeps a query of the catalog under a name. That holds it to the tables
// it means, whatever temporary ones come later, and to being one query that
// changes nothing: PostgreSQL takes no other for a view.
func (e *Engine) view(ctx context.Context, text string) (string, error) {
	name := e.tempName("query")
	const doing = "check the SQL of a source"
	err := e.within(ctx, func() error {
		// One statement is all that the extended protocol takes.
		_, err := e.conn.PgConn().ExecParams(ctx, "CREATE TEMP VIEW "+name+" AS SELECT * FROM "+subquery(text)+" AS q", nil, nil, nil, nil).Close()
		return err
	})
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return "pg_temp." + name, nil
	case errors.As(err, &pg) && (pg.Code == "42601" || pg.Code == "0A000"):
		return "", duckdb.NewProblem(duckdb.NotOneSelect, "the SQL of a source cannot be used: %s", pg.Message).In("", err).
			WithHelp("write one SELECT, without parameters and without changing data")
	default:
		return "", e.wrap(ctx, doing, err)
	}
}

func (e *Engine) describeColumns(ctx context.Context, r *relation) error {
	doing := "read " + r.source.String()
	d, err := e.conn.PgConn().Prepare(ctx, "", "SELECT * FROM "+r.scan, nil)
	if err != nil {
		return e.wrap(ctx, doing, err)
	}
	var others []string
	for _, f := range d.Fields {
		others = append(others, fmt.Sprint(f.DataTypeOID))
	}
	isArray := map[uint32]bool{}
	if len(others) > 0 {
		err = e.Each(ctx, doing, "SELECT oid::bigint FROM pg_type WHERE typcategory = 'A' AND oid IN ("+strings.Join(others, ", ")+")", func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			isArray[uint32(id)] = true
			return err
		})
	}
	for _, f := range d.Fields {
		r.columns = append(r.columns, columnOf(f.Name, f.DataTypeOID, f.TypeModifier, isArray[f.DataTypeOID]))
	}
	// Whether the rows may be read shows only when one is asked for.
	if err == nil {
		err = e.Exec(ctx, doing, "SELECT FROM "+r.scan+" LIMIT 0")
	}
	return err
}
