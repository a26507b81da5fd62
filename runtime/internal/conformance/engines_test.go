package conformance

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/local"
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
	// checks are the verdicts on the checks of each segment; nil when the
	// engine knows one row at a time.
	checks(q question) (map[string][]string, error)
}

// question is what a case asks of an engine.
type question struct {
	project *compiler.Project
	asOf    int64
	runs    []int64 // instants of the runs before, whose members a store has kept; nil: there is no store
	files   fstest.MapFS
	set     map[string]string
	stops   bool // the run should stop
}

// engines that must agree. One more is one more entry.
var engines = []engine{
	{"eval", openEval(false), false},
	{"lowered", openEval(true), false},
	{"duckdb", openDuckDB, true},
	{"sets", openSets(duckdb.BySQL), true},
	{"kernel", openSets(duckdb.ByKernel), true},
	{"postgres", openPostgres, true},
	{"closures", openLocal(local.Closures), true},
	{"expr", openLocal(local.Expr), true},
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
	in, err := s.input(q)
	if err != nil {
		return nil, err
	}
	return evaluate(q.project, q.asOf, in)
}

func (s *evalSession) checks(q question) (map[string][]string, error) {
	in, err := s.input(q)
	if err != nil {
		return nil, err
	}
	r, err := ir.EvalInput(q.project.Project, q.asOf, in)
	if err != nil {
		return nil, err
	}
	got := map[string][]string{}
	for _, seg := range q.project.Segments {
		list, err := r.Checks(seg.Name)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			got[seg.Name] = append(got[seg.Name], verdict(v.Passed, v.Skipped, v.Got))
		}
	}
	return got, nil
}

// input are the rows of the sources, and what runs before have stored.
func (s *evalSession) input(q question) (ir.Input, error) {
	in := ir.Input{Data: ir.Data{}, Changes: ir.Changes{}, Runs: map[*ir.Segment][]int64{}, Lowered: s.lowered}
	for _, rel := range q.project.Relations {
		if rel.Source == nil {
			continue
		}
		sh, err := s.a.sheet(rel.Source.Path)
		if err != nil {
			return in, err
		}
		in.Data[rel] = sh.records(rel, q.project.Calendar)
	}
	before := map[string][]string{}
	for _, at := range q.runs {
		now, err := evaluate(q.project, at, in)
		if err != nil {
			return in, err
		}
		for _, seg := range q.project.Segments {
			in.Runs[seg] = append(in.Runs[seg], at)
			in.Changes[seg] = append(in.Changes[seg], changed(before[seg.Name], now[seg.Name], at)...)
		}
		before = now
	}
	return in, nil
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

func evaluate(p *compiler.Project, asOf int64, in ir.Input) (map[string][]string, error) {
	r, err := ir.EvalInput(p.Project, asOf, in)
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
