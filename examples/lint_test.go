package examples_test

import (
	"context"
	"testing"

	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

// TestLint: what the examples show is what lint asks for, but for notes.
func TestLint(t *testing.T) {
	for _, dir := range exampleProjects(t) {
		t.Run(dir, func(t *testing.T) {
			ctx := context.Background()
			p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, NoStore: true, Tests: true, Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Close() }()
			if diags.HasErrors() || p.Project.Project.AsOf == nil {
				t.Fatal(diags)
			}
			first, err := p.FirstRows(ctx, *p.Project.Project.AsOf)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range lint.Run(lint.Input{Project: p.Project, Diags: diags, Tests: true, First: first}) {
				if d.Severity != diag.Note {
					t.Error(d)
				}
			}
		})
	}
}
