package main

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/postgres"
)

// dataFlags are those of every command that reads data.
type dataFlags struct {
	set               []string
	data, memory, tmp string
	engine            string
	threads           int
}

func (f *dataFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.set, "set", nil, "give a param another value: NAME=VALUE; can be repeated")
	flags.StringVar(&f.engine, "engine", "", "compute in a PostgreSQL server, postgres://USER@HOST/DATABASE (default: $SEGQL_ENGINE, else DuckDB inside segql)")
	flags.StringVar(&f.data, "data", "", "look for the catalog's files in this folder first")
	flags.StringVar(&f.memory, "memory-limit", "", "most memory to use, such as 4GB (default: 80% of the machine)")
	flags.StringVar(&f.tmp, "temp-dir", "", "folder for what does not fit into memory (default: the system's)")
	flags.IntVar(&f.threads, "threads", 0, "threads to use (default: one per core)")
	must(cmd.MarkFlagDirname("data"))
	must(cmd.MarkFlagDirname("temp-dir"))
}

var memorySize = regexp.MustCompile(`(?i)^[0-9]+(\.[0-9]+)? ?([KMGT]i?B|%)$`)

// options are those of opening the project.
func (f *dataFlags) options(dir string) (runtime.Options, error) {
	set, err := assignments(f.set)
	engine := f.engine
	if engine == "" {
		engine = os.Getenv("SEGQL_ENGINE")
	}
	if engine == "duckdb" {
		engine = ""
	}
	switch {
	case err != nil:
		return runtime.Options{}, err
	case f.memory != "" && !memorySize.MatchString(f.memory):
		return runtime.Options{}, usagef("write a size such as 4GB or 500MB", "--memory-limit %s is not a size", f.memory)
	case engine != "" && !postgres.Is(engine): // not shown: it may hold a password
		return runtime.Options{}, usagef("write postgres://USER@HOST:PORT/DATABASE, or `duckdb` for the engine inside segql", "--engine is not the address of a server that segql knows")
	case f.threads < 0:
		return runtime.Options{}, usagef("0 is one per core", "--threads %d is less than none", f.threads)
	}
	return runtime.Options{Dir: dir, Data: f.data, Set: set, Engine: engine, MemoryLimit: f.memory, TempDir: f.tmp, Threads: f.threads}, nil
}

type runFlags struct {
	dataFlags
	asOf, format   string
	formats        []string // that may be asked for
	selected       []string
	out, outFormat string
	noStore        bool
	strategy       string
	timeout        time.Duration
	full           bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Compute every segment and remember who is in it",
		Long: `Computes the segments of the project in DIR (by default the current folder) and
stores who is in them. The table shows each segment with its members, its share
of all customers, who entered and exited since the last run, and how its
expectations went; below it stands what was read and what of it could not be
used. One run is one transaction: killed at any moment, the store holds the last
complete run.`,
		Example: `  segql run examples/online-shop
  segql run --as-of 2011-06-01 --no-store          as things were on that day
  segql run --select vip,lifecycle --out exports   only these, and their members as files
  segql run --set min_spend=3_000 --format json    with another value of a param`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), a.dir(args), f) },
	}
	a.runFlags(cmd, &f, "table", "json", "csv")
	return cmd
}

// runFlags are those of run and watch; the first format is the default.
func (a *app) runFlags(cmd *cobra.Command, f *runFlags, formats ...string) {
	f.register(cmd)
	f.formats = formats
	flags := cmd.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "the instant to compute, such as 2025-03-31 or 2025-03-31T10:30 (default: the catalog's, else now)")
	flags.StringSliceVar(&f.selected, "select", nil, "only these segments or splits; * and ? stand for any letters")
	flags.StringVar(&f.format, "format", formats[0], oneOf(formats))
	flags.StringVar(&f.out, "out", "", "write the members of each segment into a file in this folder")
	flags.StringVar(&f.outFormat, "out-format", "csv", "format of these files: csv or parquet")
	flags.StringVar(&f.strategy, "strategy", "auto", "how facts are gone over: sql, kernel (outside SQL, many features at once) or auto, by what each costs")
	flags.DurationVar(&f.timeout, "segment-timeout", 0, "how long what only some segments need may take, in SQL or not, such as 30s; later ones keep their members (default: no limit)")
	flags.BoolVar(&f.full, "full", false, "go over all facts, also those that earlier runs have seen; the members are the same, it takes longer")
	flags.BoolVar(&f.noStore, "no-store", false, "do not store the result, and count no changes")
	must(cmd.MarkFlagDirname("out"))
	completeFixed(cmd, "format", formats...)
	completeFixed(cmd, "out-format", "csv", "parquet")
	completeFixed(cmd, "strategy", "auto", "sql", "kernel")
	must(cmd.RegisterFlagCompletionFunc("select", a.completeSegments))
}

// oneOf lists words: "table, json or csv".
func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func (a *app) run(ctx context.Context, dir string, f runFlags) error {
	o, err := f.runOptions(dir, a.store)
	if err != nil {
		return err
	}
	return a.runOnce(ctx, o, f, a.printReport)
}

// runOptions are those of opening the project for a run.
func (f *runFlags) runOptions(dir, store string) (runtime.Options, error) {
	if err := f.check(store); err != nil {
		return runtime.Options{}, err
	}
	o, err := f.options(dir)
	o.Store, o.NoStore = store, f.noStore
	return o, err
}

// reporter shows what a run did.
type reporter func(p *runtime.Project, r *runtime.Report, f runFlags, out *exportFolder) error

// runOnce opens, selects, computes, exports and reports, in this order.
func (a *app) runOnce(ctx context.Context, o runtime.Options, f runFlags, show reporter) (err error) {
	var out *exportFolder
	if f.out != "" {
		if out, err = makeFolder(f.out); err != nil {
			return err
		}
		defer out.cleanUp()
	}
	bar := a.startProgress()
	defer bar.stop()
	bar.update("read the project", 0, 1)
	began := time.Now()
	p, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	opened := runtime.Phase{Name: "open", Elapsed: time.Since(began)}
	report, err := a.compute(ctx, p, f, bar)
	if err != nil {
		return err
	}
	report.Phases = append([]runtime.Phase{opened}, report.Phases...)
	if out != nil {
		bar.update("write the files", 0, 1)
		if err := out.export(ctx, p, report, f.outFormat); err != nil {
			return err
		}
	}
	bar.stop()
	if err := show(p, report, f, out); err != nil {
		return err
	}
	if report.Failed() > 0 {
		return &failure{exitExpectation}
	}
	return nil
}

func (f *runFlags) check(store string) error {
	switch {
	case !slices.Contains(f.formats, f.format):
		return usagef("write --format "+strings.NewReplacer(", ", ", --format ", " or ", " or --format ").Replace(oneOf(f.formats)), "--format %s is not known", f.format)
	case f.outFormat != "csv" && f.outFormat != "parquet":
		return usagef("write --out-format csv or --out-format parquet", "--out-format %s is not known", f.outFormat)
	case f.timeout < 0:
		return usagef("write a time such as 30s or 5m; 0 is no limit", "--segment-timeout %s is less than none", f.timeout)
	case f.strategy != "auto" && f.strategy != "sql" && f.strategy != "kernel":
		return usagef("write --strategy auto, --strategy sql or --strategy kernel", "--strategy %s is not known", f.strategy)
	case f.noStore && store != "":
		return usagef("leave one of them out", "--store and --no-store exclude each other")
	}
	return nil
}

func (a *app) compute(ctx context.Context, p *runtime.Project, f runFlags, bar *progress) (*runtime.Report, error) {
	asOf, from, err := p.AsOf(f.asOf, time.Now())
	if err != nil {
		return nil, usagef("write a day such as 2025-03-31, which is its first instant, or 2025-03-31T10:30", "--as-of: %v", err)
	}
	names, err := selectSegments(p.Project.Project, f.selected)
	if err != nil {
		return nil, err
	}
	strategy := duckdb.Strategy(f.strategy)
	if f.strategy == "auto" {
		strategy = duckdb.Auto
	}
	o := runtime.RunOptions{Strategy: strategy, TimeLimit: f.timeout, Full: f.full, AsOf: asOf, AsOfFrom: from, Now: time.Now, Select: names, Version: version(), Progress: bar.update}
	if isTerminal(a.err) { // nobody else sees it
		o.Before = bar.expect
	}
	return p.Run(ctx, o)
}

// exportFolder is where the members go, and whether it was made for them.
type exportFolder struct {
	path    string
	made    bool
	written []string
}

func makeFolder(path string) (*exportFolder, error) {
	_, err := os.Stat(path)
	if mkdir := os.MkdirAll(path, 0o755); mkdir != nil {
		return nil, unwritable(path, mkdir)
	}
	return &exportFolder{path: path, made: err != nil}, nil
}

// cleanUp removes a folder that was made for files which were never written.
func (e *exportFolder) cleanUp() {
	if e.made && len(e.written) == 0 {
		_ = os.Remove(e.path)
	}
}
