package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/runtime/segtest"
)

// benchProject checks, lints and tests a project of 1,000 segments with a test
// each, as a build does.
func benchProject(ctx context.Context, runs int) ([]Result, error) {
	const n = 1_000
	dir, err := os.MkdirTemp("", "segql-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := generate(dir, n); err != nil {
		return nil, err
	}
	if err := generateTests(dir); err != nil {
		return nil, err
	}
	s := samples{}
	for range runs {
		if err := projectOnce(ctx, dir, n, s); err != nil {
			return nil, err
		}
	}
	inProcess := s.medians("all", duckDB)
	sum := 0.0
	for _, seconds := range inProcess {
		sum += seconds
	}
	return []Result{{What: "check, lint, test in process", Size: n, Seconds: sum, Parts: inProcess},
		{What: "check, lint, test in both engines", Size: n, Seconds: median(s["all"]), Parts: s.medians("all")}}, nil
}

const duckDB = "test in DuckDB"

func projectOnce(ctx context.Context, dir string, n int, s samples) error {
	began := time.Now()
	p, diags := compiler.Compile(os.DirFS(dir), compiler.Options{Tests: true})
	if diags.HasErrors() {
		return fmt.Errorf("the generated project: %s", diags[0].Message)
	}
	if len(p.Segments) != n || len(p.Tests) != n {
		return fmt.Errorf("%d segments and %d tests, not %d of each", len(p.Segments), len(p.Tests), n)
	}
	checked := time.Now()
	asOf := time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC).UnixMicro()
	lint.Run(lint.Input{Project: p, Diags: diags, AsOf: &asOf, Tests: true})
	linted := time.Now()
	report, err := segtest.Run(ctx, p.Tests, segtest.Options{Now: time.Now})
	if err != nil {
		return err
	}
	if failed := report.Failed(); failed > 0 {
		return fmt.Errorf("%d of the generated tests fail", failed)
	}
	s.add("check", checked.Sub(began).Seconds())
	s.add("lint", linted.Sub(checked).Seconds())
	s.add("test in process", report.InProcess.Seconds())
	s.add(duckDB, report.InDuckDB.Seconds())
	s.add("all", time.Since(began).Seconds())
	return nil
}
