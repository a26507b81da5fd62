package postgres

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/internal/overflow"
)

// Engine computes plans in one transaction of a server.
type Engine struct {
	conn      *pgx.Conn
	files     *duckdb.Engine
	ctx       context.Context // of the describing calls, which come through the pure compiler
	server    string
	serial    int
	relations map[*ir.Source]*relation
	copied    map[*ir.Source]bool // whole, for CellsSQL
}

// Dialect is PostgreSQL's SQL.
func (e *Engine) Dialect() *sql.Dialect { return sql.Postgres }

// tempName gives a name for a temporary table that no other has.
func (e *Engine) tempName(prefix string) string {
	e.serial++
	return fmt.Sprintf("segql_%s_%d", prefix, e.serial)
}

func (e *Engine) sources(p *ir.Project) *Sources { return &Sources{Zone: p.Zone, engine: e} }

// Readable writes the SQL of a plan for people. Files stand in it under the
// name of their relation.
func (e *Engine) Readable(p *plan.Plan) []sql.Statement {
	s := e.sources(p.Project)
	s.plain = true
	return sql.Print(p, sql.Postgres, s)
}

// CutQueries read, from the tables of an executed plan, where it divides the
// population.
func (e *Engine) CutQueries(p *plan.Plan) []sql.CutQuery {
	return sql.CutQueries(p, sql.Postgres, e.sources(p.Project))
}

// Execute computes every table of the plan, after copying the files it reads.
func (e *Engine) Execute(ctx context.Context, p *plan.Plan, step func(n, of int, s sql.Statement)) error {
	for _, t := range p.Tables {
		if t.Kind == plan.Rows && t.Rel.Source != nil && t.Rel.Source.Path != "" {
			if err := e.copyFile(ctx, p, t); err != nil {
				return err
			}
		}
	}
	statements := sql.Print(p, sql.Postgres, e.sources(p.Project))
	indexes := sequenceIndexes(p)
	for i, s := range statements {
		if step != nil {
			step(i, len(statements), s)
		}
		doing := "compute the " + s.Comment
		if err := e.try(ctx, doing, sql.Postgres.Create(s)); err != nil {
			return e.explain(ctx, p, s.Table, err)
		}
		name := sql.Postgres.Ident(s.Table.Name)
		for _, columns := range indexes[s.Table.Rel] {
			if s.Table.Kind == plan.Rows {
				if err := e.Exec(ctx, doing, "CREATE INDEX ON "+name+" ("+columns+")"); err != nil {
					return err
				}
			}
		}
		// Without statistics the joins to come would be planned as if the
		// table were small.
		if err := e.Exec(ctx, doing, "ANALYZE "+name); err != nil {
			return err
		}
	}
	return nil
}

// sequenceIndexes are the columns by which sequences look for rows of a fact:
// they ask for the rows of one owner again and again.
func sequenceIndexes(p *plan.Plan) map[*ir.Relation][]string {
	found := map[*ir.Relation][]string{}
	add := func(back []*ir.Lookup) {
		r := back[0].From
		if by, ok := back[0].By.(*ir.Column); ok && len(found[r]) == 0 && r.Time != nil {
			found[r] = []string{sql.Postgres.Ident(sql.ColumnName(p, by.Col)) + ", " + sql.Postgres.Ident(sql.ColumnName(p, r.Time))}
		}
	}
	visit := func(x ir.Expr) {
		if x == nil {
			return
		}
		ir.Walk(x, func(e ir.Expr) bool {
			if s, ok := e.(*ir.Seq); ok {
				for _, st := range s.Steps {
					add(st.Back)
				}
			}
			return true
		})
	}
	for _, t := range p.Tables {
		for _, x := range t.Where {
			visit(x)
		}
	}
	return found
}

// copyFile brings what a plan reads of a relation's files to the server.
func (e *Engine) copyFile(ctx context.Context, p *plan.Plan, t *plan.Table) error {
	src := e.sources(p.Project)
	columns := sql.RawColumns(p, sql.Postgres, src, t)
	path, err := e.files.WriteCells(ctx, p.Project, t.Rel, columns)
	if err != nil {
		return err
	}
	name := e.tempName("file")
	defs := []string{`"'" text`} // see WriteCells
	for _, c := range columns {
		typ := sqlType(c.Type)
		switch c.Type.Kind {
		case value.List, value.Record:
			typ = "json"
		case value.Text, value.Version:
			typ += collated
		}
		defs = append(defs, sql.Postgres.Ident(copiedName(t.Rel, c))+" "+typ)
	}
	doing := "copy " + t.Rel.Source.Path + " to the server"
	if err := e.copyRows(ctx, doing, name+" ("+strings.Join(defs, ", ")+")", path); err != nil {
		return err
	}
	delete(e.copied, t.Rel.Source)
	e.relations[t.Rel.Source] = &relation{scan: "pg_temp." + name, source: duckdb.Source{Path: t.Rel.Source.Path}}
	return nil
}

// CellsSQL reads rows of a relation for an evaluation of a few of them, after
// copying the files they are in, once; see sql.Cells.
func (e *Engine) CellsSQL(ctx context.Context, p *plan.Plan, t *plan.Table) (string, error) {
	if src := t.Rel.Source; src.Path != "" {
		if e.copied == nil {
			e.copied = map[*ir.Source]bool{}
		}
		if !e.copied[src] {
			whole := *t
			whole.Used = t.Rel.Columns
			if err := e.copyFile(ctx, p, &whole); err != nil {
				return "", err
			}
			e.copied[src] = true
		}
	}
	return sql.Cells(p, sql.Postgres, e.sources(p.Project), t), nil
}

// PlaceSQL reads the place of a row in a rank; see sql.PlaceQuery.
func (e *Engine) PlaceSQL(p *plan.Plan, t *plan.Table, r *ir.Rank, key value.Value) string {
	return sql.PlaceQuery(p, sql.Postgres, e.sources(p.Project), t, r, key)
}

// copyRows makes a temporary table of a file that DuckDB wrote, and removes
// the file. Text and not PostgreSQL's binary format: DuckDB writes it on all
// cores, and it holds every number digit by digit.
func (e *Engine) copyRows(ctx context.Context, doing, definition, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _, _ = f.Close(), os.Remove(path) }() // only read; the session's folder goes with it
	if err := e.Exec(ctx, doing, "CREATE TEMP TABLE "+definition); err != nil {
		return err
	}
	name, _, _ := strings.Cut(definition, " ")
	if _, err := e.conn.PgConn().CopyFrom(ctx, f, "COPY "+name+" FROM STDIN (FORMAT csv)"); err != nil {
		return e.wrap(ctx, doing, err)
	}
	return e.Exec(ctx, doing, "ANALYZE "+name)
}

// changesTable holds what earlier runs have stored of segments.
const changesTable = "segql_changes"

// LoadChanges copies what earlier runs have stored of segments.
func (e *Engine) LoadChanges(ctx context.Context, query string) error {
	const doing = "read the history of segments"
	path, err := e.files.WriteRows(ctx, doing, query)
	if err != nil {
		return err
	}
	if err := e.Exec(ctx, doing, "DROP TABLE IF EXISTS pg_temp."+changesTable); err != nil {
		return err
	}
	text := "text" + collated
	return e.copyRows(ctx, doing, changesTable+" (segment "+text+", entity "+text+", customer "+text+", as_of timestamptz, kind "+text+")", path)
}

// Drop removes the tables of a plan.
func (e *Engine) Drop(ctx context.Context, p *plan.Plan) error {
	for _, t := range p.Tables {
		if err := e.Exec(ctx, "clear up", "DROP TABLE IF EXISTS pg_temp."+sql.Postgres.Ident(t.Name)); err != nil {
			return err
		}
	}
	return nil
}

// explain says which segment and which key overflowed, as far as can be found.
func (e *Engine) explain(ctx context.Context, p *plan.Plan, t *plan.Table, err error) error {
	f := &overflow.Finder{Plan: p, Dialect: sql.Postgres, Sources: e.sources(p.Project), Temp: "pg_temp", Force: "count(CAST(t AS text))",
		Fails: func(query string) bool { return duckdb.IsOverflow(e.try(ctx, "find the overflow", query)) },
		Row: func(query string, dest ...any) bool {
			return e.within(ctx, func() error { return e.QueryRow(ctx, "find the overflow", query, dest...) }) == nil
		}}
	return duckdb.ExplainOverflow(f, t, err)
}

// OpenFile opens a file that a source is read from until done.
func (e *Engine) OpenFile(path string) (f *os.File, done func(), err error) {
	return e.files.OpenFile(path)
}

// Fingerprint gives the files of a source, or of a table or query what its
// rows hash to.
func (e *Engine) Fingerprint(ctx context.Context, doing string, src *ir.Source) (files, hashes []string, err error) {
	if src.Path != "" {
		return e.files.Fingerprint(ctx, doing, src)
	}
	var n int64
	var sum string
	err = e.QueryRow(ctx, doing, "SELECT count(*), CAST(coalesce(sum(hashtextextended(CAST(t AS text), 0)), 0) AS text) FROM "+e.relations[src].scan+" AS t", &n, &sum)
	return nil, []string{fmt.Sprint(n), sum}, err
}
