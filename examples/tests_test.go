package examples_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/segtest"
)

// TestSegments runs the tests that stand beside the segments of the examples,
// in process and in DuckDB. Each segment has one that names it. (The projects
// in reference are held to the answers of other programs instead.)
func TestSegments(t *testing.T) {
	for _, dir := range exampleProjects(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			ctx := context.Background()
			p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, NoStore: true, Tests: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			for _, d := range diags {
				if d.Severity != diag.Note {
					t.Errorf("%v", d)
				}
			}
			report, err := segtest.Run(ctx, p.Tests, segtest.Options{Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			named := map[string]bool{}
			for _, r := range report.Results {
				for _, f := range r.Failures {
					t.Errorf("%s: %s", r.Case.Name.Text, f.Message)
				}
				for _, at := range r.Case.Instants {
					for _, w := range at.Wants {
						named[w.Segment.Name] = true
					}
				}
			}
			for _, s := range p.Segments {
				first, _, _ := strings.Cut(s.Name, ".")
				if rfm := p.Traits[first+".recency"] != nil; !named[s.Name] && !rfm { // of an rfm a few will do
					t.Errorf("no test names %s", s.Name)
				}
			}
		})
	}
}
