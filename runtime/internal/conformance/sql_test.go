package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/pgtest"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/postgres"
)

// sqlSession is a project opened on the archive's files, whose definitions
// are those of one case after another.
type sqlSession struct {
	t *testing.T
	p *runtime.Project
	// known are the sources that were described for a case before, and same
	// those of later cases that are alike.
	known map[string]described
	same  map[*ir.Source]*ir.Source
	// server is the address of a PostgreSQL server; "" computes in DuckDB.
	server string
	report *runtime.Report // of the last whole run
	// strategy plans segments as sets; "" as columns.
	strategy duckdb.Strategy
}

type described struct {
	src  *ir.Source
	cols []check.SourceColumn
}

func openDuckDB(t *testing.T, a *archive) session { return openSQL(t, a, "") }

// openSets plans segments as sets, which a run does.
func openSets(strategy duckdb.Strategy) func(t *testing.T, a *archive) session {
	return func(t *testing.T, a *archive) session {
		s := openSQL(t, a, "").(*sqlSession)
		s.strategy = strategy
		return s
	}
}

// setMembers are the members of a plan with sets.
func setMembers(ctx context.Context, p *runtime.Project, asOf int64, strategy duckdb.Strategy) (got map[string][]string, err error) {
	pl, err := p.Plan(asOf, plan.Options{Sets: true})
	if err != nil {
		return nil, err
	}
	e := p.Engine.(*duckdb.Engine)
	e.Strategy = strategy
	if err := e.Execute(ctx, pl, nil); err != nil {
		return nil, err
	}
	found, err := e.Memberships(ctx, pl)
	if err != nil {
		return nil, err
	}
	got = map[string][]string{}
	for _, c := range pl.Columns {
		err := e.Each(ctx, "read keys", found.Universe(c.Entity.Name).Keys, func(scan func(...any) error) error {
			var n uint32
			var key string
			if err := scan(&n, &key); err != nil {
				return err
			}
			if found.Sets[c.Name].Contains(n) {
				got[c.Name] = append(got[c.Name], key)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return got, nil
}

// readMembers reads what a run has gathered.
func readMembers(ctx context.Context, p *runtime.Project) (map[string][]string, error) {
	got := map[string][]string{}
	for _, s := range p.Segments {
		err := p.Members(ctx, s.Name, func(key string) error { got[s.Name] = append(got[s.Name], key); return nil })
		if err != nil {
			return nil, err
		}
	}
	return got, nil
}

// server is one PostgreSQL for all archives; they make nothing that stays.
var server struct {
	sync.Once
	address string
}

func openPostgres(t *testing.T, a *archive) session {
	server.Do(func() { server.address = pgtest.URL(t) })
	if server.address == "" {
		pgtest.URL(t) // says why, again
	}
	return openSQL(t, a, server.address)
}

func openSQL(t *testing.T, a *archive, server string) session {
	p := openProject(t, runtime.Options{Dir: writeFiles(t, a.sources()), NoStore: true, Threads: 1})
	return &sqlSession{t, p, map[string]described{}, map[*ir.Source]*ir.Source{}, server, nil, ""}
}

func openProject(t *testing.T, o runtime.Options) *runtime.Project {
	p, diags, err := runtime.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		t.Fatal(diags)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func writeFiles(t *testing.T, files fstest.MapFS) string {
	dir := t.TempDir()
	for name, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (s *sqlSession) columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
	key := fmt.Sprint(src.Path, declared) // no case has other options
	if d, ok := s.known[key]; ok {
		s.same[src] = d.src
		return d.cols, nil
	}
	cols, problem := s.p.Engine.Columns(src, declared)
	if problem == nil {
		s.known[key] = described{src, cols}
	}
	return cols, problem
}

func (s *sqlSession) members(q question) (got map[string][]string, err error) {
	if q.runs == nil {
		for _, rel := range q.project.Relations {
			if src := s.same[rel.Source]; src != nil {
				rel.Source = src
			}
		}
		s.p.Project = q.project
		return s.computed(s.p, q.asOf, q.stops)
	}
	p := openProject(s.t, runtime.Options{Dir: writeFiles(s.t, q.files), Set: q.set, Threads: 1})
	for _, at := range q.runs {
		if _, err := s.computed(p, at, true); err != nil {
			return nil, err
		}
	}
	return s.computed(p, q.asOf, true)
}

// checks are those of a whole run.
func (s *sqlSession) checks(q question) (map[string][]string, error) {
	q.stops = true
	if _, err := s.members(q); err != nil {
		return nil, err
	}
	got := map[string][]string{}
	for _, row := range s.report.Segments {
		for _, c := range row.Checks {
			if c.Got == "no store" {
				c.Got = ir.GotFirstRun
			}
			got[row.Name] = append(got[row.Name], verdict(c.Passed, c.Skipped, c.Got))
		}
	}
	return got, nil
}

// computed computes a project and clears up: by a whole run, or by its plan
// alone, which takes a third of the time.
func (s *sqlSession) computed(p *runtime.Project, asOf int64, whole bool) (got map[string][]string, err error) {
	ctx := context.Background()
	if s.server != "" {
		files := p.Engine
		e, err := postgres.Open(ctx, s.server, files.(*duckdb.Engine))
		if err != nil {
			return nil, err
		}
		p.Engine = e
		defer func() {
			p.Engine = files
			err = errors.Join(err, e.Close())
		}()
	}
	pl, err := p.Plan(asOf, plan.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Engine.Drop(ctx, pl)) }()
	got = map[string][]string{}
	if whole {
		if s.report, err = p.Run(ctx, runtime.RunOptions{AsOf: asOf, Now: time.Now}); err != nil {
			return nil, err
		}
		return readMembers(ctx, p)
	}
	if s.strategy != "" {
		return setMembers(ctx, p, asOf, s.strategy)
	}
	if err := p.Engine.Execute(ctx, pl, nil); err != nil {
		return nil, err
	}
	for _, c := range pl.Columns {
		quote := p.Engine.Dialect().Ident
		query := "SELECT CAST(" + quote("key") + " AS text) FROM " + quote(c.Table) + " WHERE " + quote(c.Col)
		err := p.Engine.Each(ctx, "read members", query, func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			got[c.Name] = append(got[c.Name], key)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return got, nil
}
