package difftest

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// engine is one DuckDB for all comparisons of a test.
type engine struct {
	*duckdb.Engine
	session  *duckdb.Session
	postgres *server // nil: DuckDB alone
}

var shared = sync.OnceValues(func() (*engine, error) {
	s, err := duckdb.Open(context.Background(), duckdb.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	return &engine{duckdb.NewEngine(context.Background(), s), s, nil}, nil
})

func open(t testing.TB) *engine {
	t.Helper()
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// load makes the tables of a world.
func (e *engine) load(w *world) error {
	for _, t := range w.tables {
		if err := e.Exec(context.Background(), "load", t.create()); err != nil {
			return fmt.Errorf("%w\n%s", err, t.create())
		}
	}
	return e.loadChanges(w)
}

// compile checks definitions over the loaded tables.
func (e *engine) compile(catalog, definitions string) (*compiler.Project, diag.List) {
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "all.seg": {Data: []byte(definitions)}}
	return compiler.Compile(files, compiler.Options{Columns: e.Columns})
}

// members computes every segment in DuckDB: name → sorted keys as text.
func (e *engine) members(p *compiler.Project, asOf int64, o plan.Options) (got map[string][]string, sql string, err error) {
	ctx := context.Background()
	pl, err := p.Plan(asOf, o)
	if err != nil {
		return nil, "", err
	}
	for _, s := range e.Print(pl) {
		sql += "-- " + s.Comment + "\nCREATE TABLE " + s.Table.Name + " AS " + s.Query + ";\n"
	}
	defer func() { err = errors.Join(err, e.Drop(ctx, pl)) }()
	if err := e.Execute(ctx, pl, nil); err != nil {
		return nil, sql, err
	}
	got = map[string][]string{}
	for _, c := range pl.Columns {
		q := "SELECT CAST(\"key\" AS VARCHAR) FROM " + duckdb.QuoteIdent(c.Table) + " WHERE " + duckdb.QuoteIdent(c.Col)
		err := e.Each(ctx, "members", q, func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			got[c.Name] = append(got[c.Name], key)
			return err
		})
		if err != nil {
			return nil, sql, err
		}
		sort.Strings(got[c.Name])
	}
	return got, sql, nil
}

// setMembers is members of segments planned as sets.
func (e *engine) setMembers(p *compiler.Project, asOf int64, strategy duckdb.Strategy) (got map[string][]string, err error) {
	ctx := context.Background()
	pl, err := p.Plan(asOf, plan.Options{Sets: true})
	if err != nil {
		return nil, err
	}
	e.Strategy, e.KernelBytes = strategy, 1<<16 // several goings over one fact, if it has more than a few rows
	defer func() { err = errors.Join(err, e.Drop(ctx, pl)) }()
	if err := e.Execute(ctx, pl, nil); err != nil {
		return nil, err
	}
	got = map[string][]string{}
	keys := map[*ir.Relation][]string{}
	for _, c := range pl.Columns {
		words, n, err := e.Words(ctx, c)
		if err != nil {
			return nil, err
		}
		if keys[c.Entity] == nil {
			keys[c.Entity] = make([]string, n)
			q := "SELECT rowid, CAST(" + duckdb.QuoteIdent(sql.ColumnName(pl, c.Entity.Key)) + " AS VARCHAR) FROM " + duckdb.QuoteIdent(plan.RowsOf(c.Entity))
			err := e.Each(ctx, "keys", q, func(scan func(...any) error) error {
				var row int
				var key string
				err := scan(&row, &key)
				keys[c.Entity][row] = key
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		for row, key := range keys[c.Entity] {
			if words[row>>6]>>(row&63)&1 == 1 {
				got[c.Name] = append(got[c.Name], key)
			}
		}
		sort.Strings(got[c.Name])
	}
	return got, nil
}

// evaluated are the members by the reference evaluator.
func evaluated(p *ir.Project, asOf int64, in ir.Input) (map[string][]string, error) {
	r, err := ir.EvalInput(p, asOf, in)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, s := range p.Segments {
		var keys []string
		for _, k := range r.Members(s.Name) {
			keys = append(keys, value.Key(k))
		}
		sort.Strings(keys)
		out[s.Name] = keys
	}
	return out, nil
}

// differences names the segments two sets of members disagree on.
func differences(p *ir.Project, a, b map[string][]string) string {
	var out strings.Builder
	for _, s := range p.Segments {
		if x, y := strings.Join(a[s.Name], " "), strings.Join(b[s.Name], " "); x != y {
			fmt.Fprintf(&out, "%s\n  evaluated: %s\n  other:     %s\n", s.Decl.Text(), x, y)
		}
	}
	return out.String()
}
