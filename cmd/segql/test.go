package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/mutate"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/yamlform"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/segtest"
)

type testFlags struct {
	set       []string
	data, run string
	format    string
	noData    bool
	watch     bool
	inProcess bool
	coverage  bool
	mutate    bool
	threshold string
	least     float64 // of --threshold, 0 to 1
	match     *regexp.Regexp
	generate  string
	out       string
	force     bool
}

func (a *app) testCommand() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the tests of the definitions",
		Long: `Runs the tests of the project in DIR (by default the current folder): the files
*_test.seg.yaml, each with a few rows, an instant, and who must then be in which
segment. Every test runs in process and in DuckDB, and fails where the two
differ. No data is needed where the catalog declares the types of its columns.`,
		Example: `  segql test
  segql test --run 'loyal|new'           only tests whose names match
  segql test --watch                     again after every change
  segql test --coverage                  which conditions and edges no test has seen
  segql test --mutate --threshold 90%    whether the tests notice changes of the definitions
  segql test --format junit > tests.xml  for build servers
  segql test --generate champions        write tests of a segment, to be reviewed`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.test(cmd.Context(), a.dir(args), f) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.set, "set", nil, "give a param another value: NAME=VALUE; can be repeated; what a test sets itself goes first")
	flags.StringVar(&f.data, "data", "", "look for the catalog's files in this folder first, for the types of columns that the catalog does not declare")
	flags.StringVar(&f.run, "run", "", "only tests whose names match this regular expression")
	flags.StringVar(&f.format, "format", "pretty", "pretty, json or junit")
	flags.BoolVar(&f.noData, "no-data", false, "never look at the data: only what the catalog declares is known")
	flags.BoolVar(&f.inProcess, "in-process", false, "leave DuckDB out")
	flags.BoolVar(&f.watch, "watch", false, "run again after every change of a file, until interrupted")
	flags.BoolVar(&f.coverage, "coverage", false, "also say which conditions, thresholds and windows the tests have not seen on both sides")
	flags.BoolVar(&f.mutate, "mutate", false, "also change one thing of the definitions at a time, and name the changes that no test notices")
	flags.StringVar(&f.threshold, "threshold", "", "end with 1 if the tests notice a smaller share of the changes of --mutate, or without it see a smaller share of --coverage, such as 90%")
	flags.StringVar(&f.generate, "generate", "", "run no tests but write some for this segment or split, to be reviewed: a customer for each combination of its conditions and each side of its edges")
	flags.StringVar(&f.out, "out", "", "the file that --generate writes, - for the standard output (default SEGMENT_generated"+yamlform.TestSuffix+", beside the definition)")
	flags.BoolVar(&f.force, "force", false, "let --generate write over a file that exists")
	must(cmd.MarkFlagDirname("data"))
	must(cmd.RegisterFlagCompletionFunc("generate", a.completeSegments))
	completeFixed(cmd, "format", "pretty", "json", "junit")
	return cmd
}

func (f *testFlags) check() (err error) {
	switch f.format {
	case "pretty", "json", "junit":
	default:
		return usagef("write --format pretty, --format json or --format junit", "--format %s is not known", f.format)
	}
	if f.watch && f.format != "pretty" {
		return usagef("leave one of the two out", "--watch shows results to people, --format %s is for programs", f.format)
	}
	if f.least, err = share(f.threshold); err != nil {
		return err
	}
	if f.threshold != "" && !f.mutate && !f.coverage {
		return usagef("add --mutate or --coverage", "--threshold is about the result of --mutate or --coverage")
	}
	if (f.mutate || f.coverage) && f.format == "junit" {
		return usagef("write --format json, or leave --coverage and --mutate out", "--format junit holds tests only")
	}
	if err := f.checkGenerate(); err != nil {
		return err
	}
	if f.run != "" {
		if f.match, err = regexp.Compile(f.run); err != nil {
			return usagef("write a regular expression, such as 'loyal|new'", "--run %s: %s", f.run, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
	}
	return nil
}

func (a *app) test(ctx context.Context, dir string, f testFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	set, err := assignments(f.set)
	if err != nil {
		return err
	}
	o := runtime.Options{Dir: dir, Data: f.data, Set: set, NoStore: true, Tests: true}
	if f.generate != "" {
		return a.generate(ctx, o, f)
	}
	if f.watch {
		return a.watch(ctx, testInputs(dir), func() error { return a.testOnce(ctx, o, f) })
	}
	return a.testOnce(ctx, o, f)
}

// testOnce reads the project, runs its tests and reports.
func (a *app) testOnce(ctx context.Context, o runtime.Options, f testFlags) error {
	bar := a.startProgress()
	defer bar.stop()
	bar.update("read the project", 0, 1)
	p, diags, err := testProject(ctx, o, f.noData)
	if err != nil {
		return err
	}
	bar.stop()
	if err := a.show(withoutNotes(inFolder(diags, o.Dir))); err != nil {
		return err
	}
	if len(p.TestFiles) == 0 {
		return a.noTests(o.Dir, f)
	}
	bar = a.startProgress()
	defer bar.stop()
	report, err := segtest.Run(ctx, p.Tests, segtest.Options{Match: f.match, InProcess: f.inProcess, Now: time.Now, Progress: bar.update})
	if err != nil {
		return err
	}
	out := &testResults{report: report}
	if f.coverage {
		out.coverage = cover.Measure(p.Project, casesOf(report))
	}
	if f.mutate {
		out.mutation = mutate.Run(p.Project, casesOf(report), mutate.Options{Progress: bar.update, Stop: func() bool { return ctx.Err() != nil }})
	}
	bar.stop()
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.tested(out, o.Dir, f)
}

// casesOf are the tests that were run.
func casesOf(r *segtest.Report) []*testform.Case {
	var cases []*testform.Case
	for _, res := range r.Results {
		cases = append(cases, res.Case)
	}
	return cases
}

// share reads a percentage; nothing is 0.
func share(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || v < 0 || v > 100 {
		return 0, usagef("write a share such as 90%", "--threshold %s is not one", text)
	}
	return v / 100, nil
}

// noTests says so, and how to begin.
func (a *app) noTests(dir string, f testFlags) error {
	if f.format != "pretty" {
		return a.tested(&testResults{report: &segtest.Report{}}, dir, f)
	}
	fmt.Fprintf(a.err, "there are no tests in %s\nwrite them in files named *%s, such as segments%s:\n\n", dir, yamlform.TestSuffix, yamlform.TestSuffix)
	fmt.Fprintln(a.err, "  test: who has bought is a buyer\n  as_of: 2025-06-01\n  rows:\n    customer:\n      - {id: 1}\n      - {id: 2}\n    orders:\n"+
		"      - {customer_id: 1, ordered_at: 2025-05-30}\n  expect:\n    buyers: {in: [1], not in: [2]}")
	return nil
}

// testProject reads a project with its tests: without its data if the catalog
// says of what types the columns are, or if the data is not at hand.
func testProject(ctx context.Context, o runtime.Options, noData bool) (*compiler.Project, diag.List, error) {
	if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
		return nil, nil, noFolder(o.Dir, err)
	}
	p, diags := compiler.Compile(os.DirFS(o.Dir), compiler.Options{Set: o.Set, Tests: o.Tests})
	if noData || p.Catalog == nil || !diags.HasErrors() && !p.Guessed() {
		return p, diags, nil
	}
	open, more, err := runtime.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	if open == nil {
		return p, more, nil
	}
	if code := new(failure); errors.As(verdict(more), &code) && code.code == exitEnvironment {
		return p, diags, open.Close() // the data is not at hand
	}
	return open.Project, more, open.Close()
}
