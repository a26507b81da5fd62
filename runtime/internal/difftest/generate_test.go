package difftest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/generate"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/segtest"
)

// TestGenerate writes tests of drawn definitions: they must pass at once, in
// process and in DuckDB, and every combination must be shown, impossible or
// named as not shown.
func TestGenerate(t *testing.T) {
	e := open(t)
	n := &generateTally{}
	rapid.Check(t, func(t *rapid.T) {
		if n.files < enoughFiles { // each takes its time; FuzzGenerate draws on
			generatedPass(t, e, n)
		}
	})
	t.Logf("%+v", *n)
	if n.files >= enoughFiles && n.customers < n.files {
		t.Error("hardly any customers were found")
	}
}

const enoughFiles = 40

func FuzzGenerate(f *testing.F) {
	e := open(f)
	f.Fuzz(fuzzed(func(t *rapid.T) { generatedPass(t, e, &generateTally{}) }))
}

type generateTally struct{ files, customers, regions, never, unshown, more int }

func generatedPass(t *rapid.T, e *engine, n *generateTally) {
	w := drawWorld(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	c := drawProject(t, e, w, &tally{codes: map[diag.Code]int{}})
	if c == nil {
		return
	}
	text := strings.Join(c.lines, "\n")
	p, diags := e.compile(w.catalog, text)
	if diags.HasErrors() || len(p.Segments) == 0 {
		return
	}
	s := rapid.SampledFrom(p.Segments).Draw(t, "segment")
	of := []*ir.Segment{s}
	if s.Split != "" && rapid.Bool().Draw(t, "split") {
		of = nil
		for _, b := range p.Segments {
			if b.Split == s.Split {
				of = append(of, b)
			}
		}
	}
	f, err := generate.Tests(p.Project, of, generate.Options{})
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", s.Name, err, w.catalog, text)
	}
	n.add(f)
	if f.Customers == 0 {
		return
	}
	if failure := e.passes(w, text, f); failure != "" {
		t.Fatalf("%s: %s\n%s\n%s\n%s", s.Name, failure, f.Text, w.catalog, text)
	}
}

func (n *generateTally) add(f *generate.File) {
	n.files++
	n.customers += f.Customers
	n.regions += f.Regions
	n.never += f.Never
	n.unshown += len(f.Unshown)
	if f.More {
		n.more++
	}
}

// passes compiles the project with the file beside it, as somebody who had
// written it would, and says what fails.
func (e *engine) passes(w *world, definitions string, f *generate.File) string {
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(w.catalog)}, "all.seg": {Data: []byte(definitions)}, "all_test.seg.yaml": {Data: []byte(f.Text)}}
	p, diags := compiler.Compile(files, compiler.Options{Columns: e.Columns, Tests: true})
	if diags.HasErrors() || len(p.Tests) != len(f.Tests) {
		return fmt.Sprintf("%d tests of %d: %v", len(p.Tests), len(f.Tests), diags)
	}
	report, err := segtest.Run(context.Background(), p.Tests, segtest.Options{Now: time.Now})
	if err != nil {
		return err.Error()
	}
	for _, r := range report.Results {
		for _, failed := range r.Failures {
			return failed.Message
		}
	}
	return ""
}
