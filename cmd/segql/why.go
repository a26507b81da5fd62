package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

type whyFlags struct {
	dataFlags
	asOf, format string
	not, showPII bool
}

func (a *app) whyCommand() *cobra.Command {
	var f whyFlags
	cmd := &cobra.Command{
		Use:   "why SEGMENT CUSTOMER",
		Short: "Explain why a customer is in a segment, or why not",
		Long: `Shows the rule of a segment as it is written and, for one customer, named by its
key, whether each condition holds (✓) or not (✗), the value it saw and the rows
that decided it; how far off it is; which change of the data would turn the
answer; and when time alone will. Every change and every instant that is shown
was tried: the segment was evaluated again with it.

The name of a split stands for the branch that has the customer.

With --not, any number of customers can be named: for each stands what keeps it
out, and in how many of them each condition does.

Personal data (attributes marked "pii: true") is not shown, and neither is what
is worked out from it, unless --show-pii asks for it.

The sources are read, only the rows that the segment looks at of the customer.
Where it looks at everybody (in top 10%, of everyone), it is computed over all
of them, as in a run; nothing is stored.`,
		Example: `  segql why big_spenders 12748 --project examples/online-shop
  segql why lifecycle 12748           which branch has the customer, and why
  segql why win_back --not 12748 13089 14911
  segql why win_back 12748 --as-of 2011-06-01 --format json`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.completeSegments(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.format != "text" && f.format != "json":
				return usagef("write --format text or --format json", "--format %s is not known", f.format)
			case len(args) == 1:
				return usagef("write its key behind the segment: segql why "+args[0]+" KEY", "no customer is named")
			case len(args) > 2 && !f.not:
				return usagef("with --not, what keeps each of them out is told in a line or two", "%d customers are named; one is explained at a time", len(args)-1)
			}
			return a.why(cmd.Context(), f, args[0], args[1:])
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "explain as of this date or time (default: the catalog's, else now)")
	flags.StringVar(&f.format, "format", "text", "text or json")
	flags.BoolVar(&f.not, "not", false, "tell of many customers what keeps each out")
	flags.BoolVar(&f.showPII, "show-pii", false, "show personal data too")
	completeFixed(cmd, "format", "text", "json")
	return cmd
}

func (a *app) why(ctx context.Context, f whyFlags, name string, texts []string) error {
	o, err := f.options(a.project)
	if err != nil {
		return err
	}
	o.Store = a.store
	p, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	asOf, _, err := p.AsOf(f.asOf, time.Now())
	if err != nil {
		return usagef("write a date such as 2025-03-31, or a time such as 2025-03-31T10:00", "--as-of %s is neither a date nor a time", f.asOf)
	}
	j := &whyJob{app: a, p: p, flags: f, asOf: asOf}
	if err := j.find(ctx, name, texts); err != nil {
		return err
	}
	if f.not {
		return j.many(ctx)
	}
	return j.one(ctx)
}

// whyJob explains customers of one segment.
type whyJob struct {
	*app
	p       *runtime.Project
	flags   whyFlags
	asOf    int64
	segment *ir.Segment
	keys    []value.Value
	known   *runtime.Known
}

// find finds the segment and the customers. Of a split, the branch is found
// that has the customer.
func (j *whyJob) find(ctx context.Context, name string, texts []string) error {
	j.segment = j.p.Segment(name)
	split := j.segment == nil
	if split {
		j.segment = lastBranch(j.p.Project.Project, name)
	}
	switch {
	case j.segment == nil:
		return unknownSegment(name, segmentNames(j.p.Project.Project))
	case split && j.flags.not:
		return usagef("name a branch, such as "+j.segment.Name, "%s is a split, and every customer is in one of its branches", name)
	}
	e := j.segment.Entity
	for _, text := range texts {
		key, ok := value.Parse(e.Key.Type, text)
		if !ok || key.IsMissing() {
			return usagef("keys of "+e.Name+" are written "+keyExample(e.Key.Type), "%q cannot be a key of %s, which is of type %s", text, e.Name, e.Key.Type)
		}
		if !slices.ContainsFunc(j.keys, func(k value.Value) bool { return value.Equal(k, key) }) {
			j.keys = append(j.keys, key)
		}
	}
	if err := j.read(ctx); err != nil {
		return err
	}
	if n := len(j.known.Unknown); n == len(j.keys) && n > 0 {
		return j.unknownKey(ctx, j.known.Unknown[0])
	}
	if !split {
		return nil
	}
	q := j.question(ctx, j.keys[0])
	q.Brief = true
	x, err := why.Explain(q)
	if err != nil || x.Branch == nil || x.Branch.Taken == "" {
		return err
	}
	j.segment = j.p.Segment(x.Branch.Taken)
	if err := j.known.Close(ctx); err != nil {
		return err
	}
	return j.read(ctx)
}

func (j *whyJob) read(ctx context.Context) (err error) {
	j.known, err = j.p.Known(ctx, j.segment, j.asOf, j.keys)
	return err
}

func (j *whyJob) question(ctx context.Context, key value.Value) why.Question {
	q := j.known.Question(ctx, key)
	q.ShowPII = j.flags.showPII
	return q
}

// lastBranch is the branch of a split that looks at all that the others do.
func lastBranch(p *ir.Project, split string) (last *ir.Segment) {
	for _, s := range p.Segments {
		if s.Split == split && (last == nil || s.At.Start > last.At.Start) {
			last = s
		}
	}
	return last
}

func keyExample(t value.Type) string {
	switch t.Kind {
	case value.Int:
		return "as whole numbers, such as 12748"
	case value.Date:
		return "as dates, such as 2025-03-08"
	case value.Time, value.Wall:
		return "as times, such as 2025-03-08T10:30"
	default:
		return "as in the source"
	}
}

// unknownKey helps with the keys that are most like one that there is not.
func (j *whyJob) unknownKey(ctx context.Context, key value.Value) error {
	e := j.segment.Entity
	if e.Key.PII && !j.flags.showPII {
		return usagef("check the key", "there is no such %s", e.Name)
	}
	var near []string
	wanted := value.Key(key)
	err := j.p.EachKey(ctx, e, func(k value.Value) {
		if text := value.Key(k); len(near) < 3 && !slices.Contains(near, text) && diag.Suggest(wanted, []string{text}) != "" {
			near = append(near, text)
		}
	})
	if err != nil {
		return err
	}
	help := "`segql members SEGMENT` lists keys"
	if len(near) > 0 {
		slices.Sort(near)
		help = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usagef(help, "there is no %s %s", e.Name, wanted)
}

// one explains one customer.
func (j *whyJob) one(ctx context.Context) error {
	x, err := why.Explain(j.question(ctx, j.keys[0]))
	if err != nil {
		return err
	}
	x.Notes = append(x.Notes, j.known.Notes...)
	if j.flags.format == "json" {
		return j.json(x)
	}
	p := painter(j.colors(terminalOf(j.app)))
	for _, l := range x.Lines() {
		fmt.Fprintln(j.out, whyLine(p, l))
	}
	return nil
}

func (j *whyJob) json(v any) error {
	e := json.NewEncoder(j.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// whyLine paints a line of an explanation.
func whyLine(p painter, l why.Line) string {
	text := clean(l.Text)
	switch l.Style {
	case why.Bold:
		text = p.paint(bold, text)
	case why.Dim:
		text = p.paint(dim, text)
	case why.Plain:
	}
	mark := ""
	switch l.Mark {
	case why.Yes:
		mark = p.paint(green, l.Mark) + " "
	case why.No:
		mark = p.paint(red, l.Mark) + " "
	}
	return strings.TrimRight(strings.Repeat(" ", l.Indent)+mark+text, " ")
}

// whyMany is the answer about many customers as JSON.
type whyMany struct {
	Segment   string             `json:"segment"`
	AsOf      string             `json:"as_of"`
	In        int                `json:"in"`
	Out       int                `json:"out"`
	Customers []*why.Explanation `json:"customers"`
}

// many tells of each customer what keeps it out.
func (j *whyJob) many(ctx context.Context) error {
	out := whyMany{Segment: j.segment.Name}
	for _, key := range j.keys {
		q := j.question(ctx, key)
		q.Brief = true
		x, err := why.Explain(q)
		if err != nil {
			return err
		}
		out.AsOf = x.AsOf
		if x.In {
			out.In++
		} else {
			out.Out++
		}
		out.Customers = append(out.Customers, x)
	}
	if j.flags.format == "json" {
		return j.json(out)
	}
	p := painter(j.colors(terminalOf(j.app)))
	first := out.Customers[0]
	fmt.Fprintf(j.out, "%s, as of %s: %d in, %d not\n", p.paint(bold, strings.TrimSpace(first.Segment+"  "+clean(first.Title))), first.Moment, out.In, out.Out)
	j.blockers(p, out.Customers)
	for _, x := range out.Customers {
		fmt.Fprintf(j.out, "\n%s %s\n", first.Entity, clean(x.Key))
		if x.In {
			fmt.Fprintln(j.out, "  "+p.paint(green, why.Yes)+" is in")
			continue
		}
		for _, r := range x.Reasons() {
			fmt.Fprintln(j.out, "  "+paintMark(p, clean(r)))
		}
	}
	return nil
}

func paintMark(p painter, text string) string {
	if rest, ok := strings.CutPrefix(text, why.No); ok {
		return p.paint(red, why.No) + rest
	}
	if rest, ok := strings.CutPrefix(text, why.Yes); ok {
		return p.paint(green, why.Yes) + rest
	}
	return text
}

// blockers counts in how many customers each condition keeps them out.
func (j *whyJob) blockers(p painter, list []*why.Explanation) {
	counts := map[string]int{}
	var order []string
	for _, x := range list {
		if x.In {
			continue
		}
		for _, text := range x.Blockers() {
			if counts[text]++; counts[text] == 1 {
				order = append(order, text)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return counts[b] - counts[a] })
	for _, text := range order {
		fmt.Fprintf(j.out, "  %s %s %s\n", grouped(int64(counts[text])), p.paint(dim, "×"), paintMark(p, clean(text)))
	}
}
