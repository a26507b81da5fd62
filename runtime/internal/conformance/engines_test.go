package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// engine computes the members of segments over the data of an archive.
type engine struct {
	name string
	open func(t *testing.T, a *archive) session
	// together asks as many cases in one run as can be: where a run takes long,
	// and to see that they do not disturb each other.
	together bool
}

// session is an engine that holds the data of one archive.
type session interface {
	// columns are those of a source; see compiler.Options.
	columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic)
	// members are the keys in each segment, as text, in any order.
	members(q question) (map[string][]string, error)
}

// question is what a case asks of an engine.
type question struct {
	project *compiler.Project
	asOf    int64
	runs    []int64 // instants of the runs before, whose members a store has kept; nil: there is no store
	files   fstest.MapFS
	set     map[string]string
}

// engines that must agree. One more is one more entry.
var engines = []engine{
	{"eval", openEval(false), false},
	{"lowered", openEval(true), false},
	{"duckdb", openDuckDB, true},
}

// evalSession is the reference evaluator over the rows of the archive.
type evalSession struct {
	a       *archive
	lowered bool // by way of the normal form
}

func openEval(lowered bool) func(*testing.T, *archive) session {
	return func(_ *testing.T, a *archive) session { return &evalSession{a, lowered} }
}

func (s *evalSession) columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
	sh, err := s.a.sheet(src.Path)
	if err != nil {
		return nil, &diag.Diagnostic{Severity: diag.Error, Code: "SEG4001", Message: err.Error()}
	}
	return sh.columns(declared), nil
}

func (s *evalSession) members(q question) (map[string][]string, error) {
	data := ir.Data{}
	for _, rel := range q.project.Relations {
		if rel.Source == nil {
			continue
		}
		sh, err := s.a.sheet(rel.Source.Path)
		if err != nil {
			return nil, err
		}
		data[rel] = sh.records(rel, q.project.Calendar)
	}
	changes := ir.Changes{}
	before := map[string][]string{}
	for _, at := range q.runs {
		now, err := s.evaluate(q.project, at, data, changes)
		if err != nil {
			return nil, err
		}
		for _, seg := range q.project.Segments {
			changes[seg] = append(changes[seg], changed(before[seg.Name], now[seg.Name], at)...)
		}
		before = now
	}
	return s.evaluate(q.project, q.asOf, data, changes)
}

// changed are those who entered and left from one run to the next.
func changed(before, now []string, at int64) []ir.Change {
	var out []ir.Change
	for _, key := range now {
		if !slices.Contains(before, key) {
			out = append(out, ir.Change{Key: key, At: at})
		}
	}
	for _, key := range before {
		if !slices.Contains(now, key) {
			out = append(out, ir.Change{Key: key, At: at, Left: true})
		}
	}
	return out
}

func (s *evalSession) evaluate(p *compiler.Project, asOf int64, data ir.Data, changes ir.Changes) (map[string][]string, error) {
	r, err := ir.EvalInput(p.Project, asOf, ir.Input{Data: data, Changes: changes, Lowered: s.lowered})
	if err != nil {
		return nil, err
	}
	got := map[string][]string{}
	for _, seg := range p.Segments {
		for _, k := range r.Members(seg.Name) {
			got[seg.Name] = append(got[seg.Name], value.Key(k))
		}
	}
	return got, nil
}

// duckSession is a project opened on the archive's files, whose definitions
// are those of one case after another.
type duckSession struct {
	t *testing.T
	p *runtime.Project
	// known are the sources that were described for a case before, and same
	// those of later cases that are alike.
	known map[string]described
	same  map[*ir.Source]*ir.Source
}

type described struct {
	src  *ir.Source
	cols []check.SourceColumn
}

func openDuckDB(t *testing.T, a *archive) session {
	p := openProject(t, runtime.Options{Dir: writeFiles(t, a.sources()), NoStore: true, Threads: 1})
	return &duckSession{t, p, map[string]described{}, map[*ir.Source]*ir.Source{}}
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

func (s *duckSession) columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
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

func (s *duckSession) members(q question) (got map[string][]string, err error) {
	if q.runs == nil {
		for _, rel := range q.project.Relations {
			if src := s.same[rel.Source]; src != nil {
				rel.Source = src
			}
		}
		s.p.Project = q.project
		return computed(s.p, q.asOf)
	}
	p := openProject(s.t, runtime.Options{Dir: writeFiles(s.t, q.files), Set: q.set, Threads: 1})
	for _, at := range q.runs {
		if _, err := computed(p, at); err != nil {
			return nil, err
		}
	}
	return computed(p, q.asOf)
}

// computed runs a project once and clears up.
func computed(p *runtime.Project, asOf int64) (got map[string][]string, err error) {
	ctx := context.Background()
	before, err := tables(p)
	if err != nil {
		return nil, err
	}
	defer func() {
		after, problem := tables(p)
		err = errors.Join(err, problem)
		for _, name := range after {
			if !slices.Contains(before, name) {
				err = errors.Join(err, p.Session.Exec(ctx, "clear up", "DROP TABLE "+duckdb.QuoteIdent(name)))
			}
		}
	}()
	if _, err := p.Run(ctx, runtime.RunOptions{AsOf: asOf, Now: time.Now}); err != nil {
		return nil, err
	}
	got = map[string][]string{}
	err = p.Session.Each(ctx, "read members", "SELECT segment, customer FROM segql_members", func(scan func(...any) error) error {
		var segment, customer string
		err := scan(&segment, &customer)
		got[segment] = append(got[segment], customer)
		return err
	})
	return got, err
}

// tables are what runs have left in the session.
func tables(p *runtime.Project) (names []string, err error) {
	err = p.Session.Each(context.Background(), "list tables", "SELECT table_name FROM duckdb_tables() WHERE temporary", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}
