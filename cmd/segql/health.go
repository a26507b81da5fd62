package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/health"
)

type healthFlags struct {
	dataFlags
	asOf, format, revenue string
	selected              []string
	strict                bool
}

func (a *app) healthCommand() *cobra.Command {
	var f healthFlags
	cmd := &cobra.Command{
		Use:   "health [DIR]",
		Short: "Hold each segment against the five tests of a good one",
		Long: fmt.Sprintf(`Computes the segments of the project in DIR (by default the current folder), stores
nothing, and says of each whether it is

  measurable   what its rule reads is known of %.0f%% of all customers
  substantial  %.0f%% of all are in it, or have that share of the revenue
  accessible   one channel reaches %.0f%% of its members
  stable       at most %.0f%% enter and leave from run to run (the last %d stored)
  distinct     it is not the same as another, nor nearly (%.0f%% of both in both)

with the reason, and a suggestion where one of them is weak. Where a segment has an
expect line of its own for what is measured, that decides. Revenue is a trait called
revenue, or the one that --revenue names.`, health.LeastKnown*100, health.LeastSize*100, health.LeastReach*100, health.MostTurnover*100, health.LastRuns, health.MostAlike*100),
		Example: `  segql health examples/online-shop
  segql health --select vip,lifecycle --revenue total_spend
  segql health --format json
  segql health --strict                     exit code 1 where one is weak`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.format != "table" && f.format != "json" {
				return usagef("write --format table or --format json", "--format %s is not known", f.format)
			}
			return a.health(cmd.Context(), a.dir(args), f, cmd.Flags().Changed("revenue"))
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "the instant to compute, such as 2025-03-31 or 2025-03-31T10:30 (default: the catalog's, else now)")
	flags.StringVar(&f.format, "format", "table", "table or json")
	flags.StringVar(&f.revenue, "revenue", "revenue", "the trait of what a customer is worth")
	flags.StringSliceVar(&f.selected, "select", nil, "only these segments or splits; * and ? stand for any letters")
	flags.BoolVar(&f.strict, "strict", false, "end with exit code 1 where a test is weak")
	completeFixed(cmd, "format", "table", "json")
	must(cmd.RegisterFlagCompletionFunc("select", a.completeSegments))
	return cmd
}

func (a *app) health(ctx context.Context, dir string, f healthFlags, named bool) error {
	o, err := f.options(dir)
	if err != nil {
		return err
	}
	o.Store = a.store
	bar := a.startProgress()
	defer bar.stop()
	bar.update("read the project", 0, 1)
	p, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	ho, err := f.examine(p)
	if err != nil {
		return err
	}
	if named {
		if err := checkRevenue(p, f.revenue); err != nil {
			return err
		}
	}
	ho.Store, ho.Progress, ho.Prover = o.StorePath(), bar.update, prove.New(p.Project.Project, prove.Options{})
	report, err := health.Examine(ctx, p, ho)
	if err != nil {
		return err
	}
	bar.stop()
	if f.format == "json" {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		a.printHealth(p, report)
	}
	if err == nil && f.strict && report.Weak() > 0 {
		return &failure{exitExpectation}
	}
	return err
}

func (f *healthFlags) examine(p *runtime.Project) (health.Options, error) {
	asOf, from, err := p.AsOf(f.asOf, time.Now())
	if err != nil {
		return health.Options{}, usagef("write a day such as 2025-03-31, which is its first instant, or 2025-03-31T10:30", "--as-of: %v", err)
	}
	names, err := selectSegments(p.Project.Project, f.selected)
	return health.Options{AsOf: asOf, AsOfFrom: from, Select: names, Revenue: f.revenue}, err
}

// checkRevenue refuses a trait that cannot be summed.
func checkRevenue(p *runtime.Project, name string) error {
	t := p.Traits[name]
	switch {
	case t == nil:
		return usagef("define it: trait "+name+" = sum(… of …)", "there is no trait %s", name)
	case !t.X.Type().Exact():
		return usagef("a sum of whole numbers or decimals will do", "the trait %s is %s, of which there is no exact sum", name, t.X.Type())
	}
	return nil
}

// printHealth writes a table of all, and below it what is weak and why.
func (a *app) printHealth(p *runtime.Project, r *health.Report) {
	paint := painter(a.colors(terminalOf(a)))
	limit := width(terminalOf(a))
	t := table{cols: []column{{title: "Segment"}, {title: "Measurable"}, {title: "Substantial"}, {title: "Accessible"}, {title: "Stable"}, {title: "Distinct", shrink: true}}}
	for _, s := range r.Segments {
		row := []cell{{text: s.Name}}
		for _, test := range s.Tests {
			row = append(row, cell{mark(test.Verdict) + test.Got, colour(test.Verdict)})
		}
		t.add(row...)
	}
	for _, line := range t.lines(paint, limit) {
		fmt.Fprintln(a.out, line)
	}
	if len(r.Segments) == 0 {
		fmt.Fprintln(a.out, "no segments")
	}
	for _, s := range r.Segments {
		a.printWeak(paint, s)
	}
	fmt.Fprintf(a.out, "\n%s weak in a test, of %s, as of %s\n", plural(int64(r.Weak()), "segment"), grouped(int64(len(r.Segments))), instant(r.AsOf, p.Calendar.Loc))
	for _, note := range r.Notes {
		fmt.Fprintln(a.out, "Note: "+clean(note))
	}
}

func (a *app) printWeak(paint painter, s health.Segment) {
	first := true
	for _, test := range s.Tests {
		if test.Verdict != health.Weak {
			continue
		}
		if first {
			first = false
			head := "\n" + paint.paint(bold, s.Name)
			if s.Title != "" {
				head += " " + clean(s.Title)
			}
			fmt.Fprintln(a.out, head)
		}
		fmt.Fprintf(a.out, "  %s %-11s  %s\n", paint.paint(red, "✗"), test.Name, clean(test.Reason))
		if test.Suggestion != "" {
			fmt.Fprintf(a.out, "    %-11s  → %s\n", "", clean(test.Suggestion))
		}
	}
}

func mark(v health.Verdict) string {
	switch v {
	case health.Good:
		return "✓ "
	case health.Weak:
		return "✗ "
	case health.Unknown:
	}
	return ""
}

func colour(v health.Verdict) style {
	switch v {
	case health.Good:
		return green
	case health.Weak:
		return red
	case health.Unknown:
	}
	return dim
}
