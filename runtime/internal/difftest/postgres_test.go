package difftest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/pgtest"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
	"github.com/segql/segql/runtime/postgres"
)

// server is the PostgreSQL server of the process; every comparison has a
// connection of its own, for a transaction holds a lock on all it made.
type server struct{ address string }

var pg struct {
	once sync.Once
	*server
}

// withPostgres compares PostgreSQL besides, where it is installed.
func withPostgres(t testing.TB, e *engine) *engine {
	t.Helper()
	if !pgtest.Installed() {
		return e
	}
	both := *e
	both.postgres = postgresServer(t)
	return &both
}

// postgresServer starts the server, or skips the test.
func postgresServer(t testing.TB) *server {
	t.Helper()
	pg.once.Do(func() { pg.server = &server{pgtest.URL(t)} })
	if pg.server == nil {
		pgtest.URL(t) // says why, again
	}
	return pg.server
}

// members computes every segment in PostgreSQL; refused when the definitions
// ask for what it cannot do.
func (s *server) members(files *duckdb.Engine, w *world, create func(*table) string, definitions string) (got map[string][]string, text string, refused diag.List, err error) {
	ctx := context.Background()
	e, err := postgres.Open(ctx, s.address, files)
	if err != nil {
		return nil, "", nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	for _, t := range w.tables {
		if err := e.Exec(ctx, "load", create(t)); err != nil {
			return nil, create(t), nil, err
		}
	}
	if files != nil { // the comparison loaded what the store would hold
		if err := e.LoadChanges(ctx, "FROM temp.main.segql_changes"); err != nil {
			return nil, "", nil, err
		}
	}
	project := fstest.MapFS{"catalog.yaml": {Data: []byte(w.catalog)}, "all.seg": {Data: []byte(definitions)}}
	p, diags := compiler.Compile(project, compiler.Options{Columns: e.Columns})
	if diags.HasErrors() {
		return nil, "", nil, fmt.Errorf("check: %v", diags)
	}
	if refused = sql.Unsupported(p.Project, sql.Postgres); len(refused) > 0 {
		return nil, "", refused, nil
	}
	pl, err := p.Plan(w.asOf, plan.Options{})
	if err != nil {
		return nil, "", nil, err
	}
	for _, st := range e.Readable(pl) {
		text += "-- " + st.Comment + "\nCREATE TABLE " + st.Table.Name + " AS " + st.Query + ";\n"
	}
	if err := e.Execute(ctx, pl, nil); err != nil {
		return nil, text, nil, err
	}
	got = map[string][]string{}
	for _, c := range pl.Columns {
		q := "SELECT CAST(key AS text) FROM " + sql.Postgres.Ident(c.Table) + " WHERE " + sql.Postgres.Ident(c.Col)
		err := e.Each(ctx, "members", q, func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			got[c.Name] = append(got[c.Name], key)
			return err
		})
		if err != nil {
			return nil, text, nil, err
		}
		sort.Strings(got[c.Name])
	}
	cuts, err := runtime.Cuts(ctx, e, pl)
	got[allCuts] = cutLines(cuts)
	return got, text, nil, err
}

// allCuts stands for no segment, but for what the run divided.
const allCuts = "\x00cuts"

// spelledInstants are instants as DuckDB writes them, which are read all the same.
var spelledInstants = regexp.MustCompile(`(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00`)

func cutLines(cuts []member.Cut) []string {
	var lines []string
	for _, c := range cuts {
		lines = append(lines, spelledInstants.ReplaceAllString(fmt.Sprintf("%+v", c), "${1}T${2}Z"))
	}
	sort.Strings(lines)
	return lines
}

// createPostgres is the SQL that makes a table there.
func createPostgres(t *table) string {
	var cols, names, rows []string
	for i, c := range t.cols {
		typ := strings.Replace(c.sql, "DOUBLE", "DOUBLE PRECISION", 1)
		cols = append(cols, fmt.Sprintf(`CAST(col%d AS %s) AS %s`, i, typ, sql.Postgres.Ident(unique(t.cols, i))))
		names = append(names, fmt.Sprintf("col%d", i))
	}
	for _, r := range t.rows {
		cells := make([]string, len(r))
		for i, v := range r {
			cells[i] = sql.Postgres.Literal(v, t.cols[i].typ)
		}
		rows = append(rows, "("+strings.Join(cells, ", ")+")")
	}
	where := ""
	if len(rows) == 0 {
		blank := make([]string, len(t.cols))
		for i, c := range t.cols {
			blank[i] = sql.Postgres.Literal(value.Value{}, c.typ)
		}
		rows, where = []string{"(" + strings.Join(blank, ", ") + ")"}, " WHERE false"
	}
	return fmt.Sprintf("CREATE TEMP TABLE raw_%s AS SELECT %s FROM (VALUES %s) AS v(%s)%s",
		t.name, strings.Join(cols, ", "), strings.Join(rows, ",\n"), strings.Join(names, ", "), where)
}

// comparePostgres says what PostgreSQL makes different from the evaluator.
func (c *comparison) comparePostgres(e *engine, p *compiler.Project, want map[string][]string) string {
	got, text, refused, err := e.postgres.members(e.Engine, c.w, createPostgres, strings.Join(c.lines, "\n"))
	switch {
	case err != nil:
		return fmt.Sprintf("PostgreSQL: %v\n%s", err, text)
	case len(refused) > 0:
		return ""
	}
	if diff := differences(p.Project, want, got); diff != "" {
		return fmt.Sprintf("PostgreSQL differs:\n%s\n%s", diff, text)
	}
	cuts, err := e.cuts(p, c.w)
	if err != nil {
		return fmt.Sprintf("cuts: %v", err)
	}
	if a, b := strings.Join(cutLines(cuts), "\n"), strings.Join(got[allCuts], "\n"); a != b {
		return fmt.Sprintf("PostgreSQL divides otherwise:\n%s\nDuckDB:\n%s\n%s", b, a, text)
	}
	return ""
}
