package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/segql/segql/internal/bench"
)

type benchFlags struct {
	size          bench.Size
	segments      []int
	runs          int
	runsOf        map[string]int
	dir, format   string
	memory, out   string
	threads       int
	onlyData      bool
	withoutMemory bool
	alone         string
	command       string // as it was given, without folders
}

// benchCommand is for those who work on segql, so the help does not list it.
func (a *app) benchCommand() *cobra.Command {
	f := benchFlags{size: bench.Standard(1_000_000)}
	cmd := &cobra.Command{
		Use:    "bench",
		Hidden: true,
		Short:  "Measure segql beside SQL by hand",
		Long: `Makes the data of a shop and segments such as a marketing team keeps, always the
same for the same sizes and seed, and lets contenders find the members in turn:
one hand-written SQL statement for each segment, segql with its store, and two
limits that nobody can be faster than. All must find the same members, else
nothing is reported. Then each runs once in a process of its own, for its peak of
memory and the bytes it reads (on Linux).

Two more are asked for by --runs-of: segql on its store of the day before, when 1 %
of the facts are new (next-1%), or those of that day (next-day). Their time is to
be held against that of segql, whose store is new.

The data is kept in the user's folder for caches, under segql-bench. At its full
size it takes half a gigabyte, and a minute to make. By hand, 1,000 segments take
minutes: give these fewer runs.`,
		Example: `  segql bench                                             1 M customers, 10 M orders, 30 M events
  segql bench --customers 100_000 --segments 10,50        ten orders and thirty events for each
  segql bench --segments 1000 --runs-of by-hand=1,by-hand-temp=0
  segql bench --segments 200 --runs-of next-1%=5,next-day=5
  segql bench --format json --out docs/performance/1m.json
  segql bench --only-data                                 only make it, and say where
  segql bench page docs/performance.md                    render what was measured`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.complete(cmd.Flags())
			return a.bench(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.Int64Var(&f.size.Customers, "customers", f.size.Customers, "how many customers")
	flags.Int64Var(&f.size.Orders, "orders", 0, "how many orders (default: 10 for each customer)")
	flags.Int64Var(&f.size.Events, "events", 0, "how many events (default: 30 for each customer)")
	flags.Uint64Var(&f.size.Seed, "seed", f.size.Seed, "another one makes other data and other segments")
	flags.StringVar(&f.size.Format, "data-format", f.size.Format, "what the data is in: duckdb or parquet")
	flags.IntSliceVar(&f.segments, "segments", []int{10, 50, 200}, "how many segments, one measurement each")
	flags.IntVar(&f.runs, "runs", 5, "how often each contender runs; the median counts")
	flags.StringToIntVar(&f.runsOf, "runs-of", nil, "the runs of single contenders, such as by-hand=1; 0 leaves one out")
	flags.StringVar(&f.dir, "dir", "", "where the data is kept (default: the user's folder for caches)")
	flags.StringVar(&f.format, "format", "table", "table or json")
	flags.StringVar(&f.out, "out", "", "also write the result into this file, as JSON")
	flags.IntVar(&f.threads, "threads", 0, "threads of every contender (default: one per core)")
	flags.StringVar(&f.memory, "memory-limit", "", "DuckDB's limit in every contender, such as 2GB (default: 80% of the machine)")
	flags.BoolVar(&f.onlyData, "only-data", false, "make the data and the projects, measure nothing")
	flags.BoolVar(&f.withoutMemory, "no-memory", false, "leave out the runs in processes of their own")
	flags.StringVar(&f.alone, "alone", "", "one contender, whose memory is printed: what a process of its own does")
	must(flags.MarkHidden("alone"))
	must(cmd.MarkFlagDirname("dir"))
	completeFixed(cmd, "format", "table", "json")
	completeFixed(cmd, "data-format", bench.DuckDB, bench.Parquet)
	cmd.AddCommand(a.benchPageCommand())
	return cmd
}

// complete fills in what depends on other flags.
func (f *benchFlags) complete(flags *pflag.FlagSet) {
	if f.size.Orders == 0 {
		f.size.Orders = 10 * f.size.Customers
	}
	if f.size.Events == 0 {
		f.size.Events = 30 * f.size.Customers
	}
	f.command = "segql bench"
	flags.Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "dir", "format", "out", "color", "project", "store":
			return // say nothing about what was measured
		}
		f.command += " --" + flag.Name
		if flag.Value.Type() != "bool" {
			f.command += " " + strings.Trim(flag.Value.String(), "[]")
		}
	})
}

func (f *benchFlags) options() (bench.Options, error) {
	switch {
	case f.format != "table" && f.format != "json":
		return bench.Options{}, usagef("write --format table or --format json", "--format %s is not known", f.format)
	case f.memory != "" && !memorySize.MatchString(f.memory):
		return bench.Options{}, usagef("write a size such as 4GB or 500MB", "--memory-limit %s is not a size", f.memory)
	case f.runs < 1:
		return bench.Options{}, usagef("1 is the least", "--runs %d measures nothing", f.runs)
	}
	o := bench.Options{Dir: f.dir, Size: f.size, Segments: f.segments, Runs: f.runs, RunsOf: f.runsOf, Threads: f.threads, Memory: f.memory,
		Command: f.command, Version: version()}
	if o.Dir == "" {
		var err error
		if o.Dir, err = bench.CacheDir(); err != nil {
			return o, err
		}
	}
	if err := o.Check(); err != nil {
		return o, usagef("`segql bench --help` shows what can be given; contenders are "+strings.Join(bench.Names(), ", "), "%v", err)
	}
	if !f.withoutMemory {
		o.Child = f.child(o.Dir)
	}
	return o, nil
}

// child is this program again, for one contender.
func (f *benchFlags) child(dir string) func(context.Context, string, int) (*exec.Cmd, error) {
	return func(ctx context.Context, contender string, segments int) (*exec.Cmd, error) {
		program, err := os.Executable()
		if err != nil {
			return nil, err
		}
		args := []string{"bench", "--alone", contender, "--segments", strconv.Itoa(segments), "--dir", dir, "--threads", strconv.Itoa(f.threads), "--data-format", f.size.Format,
			"--customers", fmt.Sprint(f.size.Customers), "--orders", fmt.Sprint(f.size.Orders), "--events", fmt.Sprint(f.size.Events), "--seed", fmt.Sprint(f.size.Seed)}
		if f.memory != "" {
			args = append(args, "--memory-limit", f.memory)
		}
		return exec.CommandContext(ctx, program, args...), nil
	}
}

func (a *app) bench(ctx context.Context, f benchFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	bar := a.startProgress()
	defer bar.stop()
	o.Progress = func(doing string) { bar.update(doing, 0, 1) }
	switch {
	case f.alone != "":
		taken, err := bench.Alone(ctx, o, f.alone)
		if err != nil {
			return err
		}
		return json.NewEncoder(a.out).Encode(taken)
	case f.onlyData:
		folders, err := bench.Prepare(ctx, o)
		bar.stop()
		for _, folder := range folders {
			fmt.Fprintln(a.out, folder)
		}
		return err
	}
	result, err := bench.Measure(ctx, o)
	if err != nil {
		return err
	}
	bar.stop()
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if f.out != "" {
		if err := os.WriteFile(f.out, text, 0o644); err != nil {
			return err
		}
	}
	if f.format == "json" {
		_, err := a.out.Write(text)
		return err
	}
	a.printBench(result)
	return nil
}

func (a *app) printBench(r *bench.Result) {
	paint := painter(a.colors(terminalOf(a)))
	fmt.Fprintln(a.out, clean(r.Machine.String()))
	for i := range r.Cases {
		c := &r.Cases[i]
		fmt.Fprintf(a.out, "\n%s\n", c)
		t := table{}
		for n, title := range bench.TableHead {
			t.cols = append(t.cols, column{title: title, right: n > 0})
		}
		for k := range c.Entries {
			var row []cell
			for _, text := range c.Row(&c.Entries[k]) {
				row = append(row, cell{text: text})
			}
			t.add(row...)
		}
		for _, line := range t.lines(paint, 0) {
			fmt.Fprintln(a.out, line)
		}
		for k := range c.Entries {
			if parts := c.Entries[k].Parts(); parts != "" {
				fmt.Fprintln(a.out, parts)
			}
		}
	}
}

func (a *app) benchPageCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "page FILE",
		Short: "Render what was measured into a page",
		Long: `Renders the results that are kept as *.json in the folder with the page's name,
docs/performance for docs/performance.md, into that page, between the two lines
that are there for it, and their charts into the folder.`,
		Example: "  segql bench page docs/performance.md",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			changed, err := bench.WritePage(args[0])
			for _, name := range changed {
				fmt.Fprintln(a.out, "wrote "+clean(name))
			}
			return err
		},
	}
}
