package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/diag"
)

type proveFlags struct {
	dataFlags
	asOf, format string
	noData       bool
}

func (a *app) proveCommand() *cobra.Command {
	var f proveFlags
	cmd := &cobra.Command{
		Use:   "prove",
		Short: "Prove what holds of every customer, or show one of whom it does not",
		Long: `Answers questions about segments that data cannot: what holds of every customer
there could be. Each answer is

  proved    it holds, whatever the data, at every instant (or at that of --as-of)
  refuted   it does not: a customer is shown of whom it does not hold, as a test
            that ` + "`segql test`" + ` runs
  unknown   neither could be shown, with the reason

and never a guess. Regular expressions, ~=, distances, ranks, samples and history
are not looked into: each is taken to be equal to itself and nothing else.

Exit codes: 0 when it is proved, 1 when it is not, refuted or unknown alike: what
is not shown to hold must not pass a build.`,
		Example: `  segql prove never old_campaign              has it members at all?
  segql prove implies champions buyers        is every champion a buyer?
  segql prove disjoint new_customers lost     is nobody in both?
  segql prove equal vip vip_2024              are they the same, written in two ways?
  segql prove partition lifecycle             is everybody in one branch, is each reached?
  segql prove all                             all that is proved of all pairs
  segql prove disjoint a b --format test > a_b_test.seg.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&f.asOf, "as-of", "", "ask about this instant alone, such as 2025-03-31 or 2025-03-31T10:30 (default: every instant)")
	flags.StringVar(&f.format, "format", "text", "text, json, or test (the witness alone, as a file of tests)")
	flags.StringArrayVar(&f.set, "set", nil, "give a param another value: NAME=VALUE; can be repeated")
	flags.StringVar(&f.data, "data", "", "look for the catalog's files in this folder first")
	flags.BoolVar(&f.noData, "no-data", false, "do not look at the data: only what the catalog declares is known")
	must(cmd.MarkPersistentFlagDirname("data"))
	completeFixed(cmd, "format", "text", "json", "test")
	for _, q := range proveQuestions {
		cmd.AddCommand(a.proveQuestion(q, &f))
	}
	cmd.AddCommand(a.proveAll(&f))
	return cmd
}

// proveVerb is one verb of `segql prove`.
type proveVerb struct {
	verb, of, short string
	names           int
	claim           func(names []string) string // what is proved
	ask             func(p *prove.Prover, s []*ir.Segment, names []string) prove.Answer
}

var proveQuestions = []proveVerb{
	{"never", "SEGMENT", "The segment has no members, whatever the data", 1,
		func(n []string) string { return "nobody can be in " + n[0] },
		func(p *prove.Prover, s []*ir.Segment, _ []string) prove.Answer { return p.Never(s[0]) }},
	{"always", "SEGMENT", "Everybody is in the segment", 1,
		func(n []string) string { return "everybody is in " + n[0] },
		func(p *prove.Prover, s []*ir.Segment, _ []string) prove.Answer { return p.Always(s[0]) }},
	{"implies", "A B", "Every member of A is one of B", 2,
		func(n []string) string { return "every member of " + n[0] + " is in " + n[1] },
		func(p *prove.Prover, s []*ir.Segment, _ []string) prove.Answer { return p.Implies(s[0], s[1]) }},
	{"disjoint", "A B", "Nobody is in A and in B", 2,
		func(n []string) string { return "nobody is in " + n[0] + " and in " + n[1] },
		func(p *prove.Prover, s []*ir.Segment, _ []string) prove.Answer { return p.Disjoint(s[0], s[1]) }},
	{"equal", "A B", "A and B have the same members", 2,
		func(n []string) string { return n[0] + " and " + n[1] + " have the same members" },
		func(p *prove.Prover, s []*ir.Segment, _ []string) prove.Answer { return p.Equal(s[0], s[1]) }},
	{"partition", "SPLIT", "Everybody falls in one branch of the split, and each branch is reached", 1,
		func(n []string) string {
			return "everybody falls in exactly one branch of " + n[0] + ", and each is reached"
		},
		func(p *prove.Prover, _ []*ir.Segment, n []string) prove.Answer { return p.Partition(n[0]) }},
}

func (a *app) proveQuestion(q proveVerb, f *proveFlags) *cobra.Command {
	return &cobra.Command{
		Use:               q.verb + " " + q.of,
		Short:             q.short,
		Example:           "  segql prove " + q.verb + " " + strings.ToLower(q.of),
		Args:              cobra.ExactArgs(q.names),
		ValidArgsFunction: a.completeSegments,
		RunE: func(cmd *cobra.Command, names []string) error {
			p, err := a.openToProve(cmd.Context(), f)
			if err != nil {
				return err
			}
			segments, err := provable(p, q, names)
			if err != nil {
				return err
			}
			o, err := f.proveOptions(p)
			if err != nil {
				return err
			}
			bar := a.startProgress()
			bar.update("look for a proof", 0, 1)
			answer := q.ask(prove.New(p.Project, o), segments, names)
			bar.stop()
			return a.answer(proved{p, q, names, segments, answer, o.AsOf}, f.format)
		},
	}
}

// provable are the segments that are asked about; for a split its branches.
func provable(p *compiler.Project, q proveVerb, names []string) ([]*ir.Segment, error) {
	var out []*ir.Segment
	for _, name := range names {
		s := p.Segment(name)
		isSplit := slices.ContainsFunc(p.Segments, func(s *ir.Segment) bool { return s.Split == name })
		switch {
		case q.verb == "partition" && isSplit:
			for _, s := range p.Segments {
				if s.Split == name {
					out = append(out, s)
				}
			}
		case q.verb == "partition" && s != nil:
			return nil, usagef("`segql prove always "+name+"` asks whether everybody is in it", "%s is a segment, not a split", name)
		case s != nil:
			out = append(out, s)
		case isSplit:
			return nil, usagef("name one of its branches, or ask `segql prove partition "+name+"`", "%s is a split", name)
		default:
			return nil, unknownSegment(name, segmentNames(p.Project))
		}
	}
	if q.names == 2 && out[0].Entity != out[1].Entity {
		return nil, usagef("compare segments of one entity", "%s is of %s, %s of %s", names[0], out[0].Entity.Name, names[1], out[1].Entity.Name)
	}
	return out, nil
}

// openToProve reads the project. The types of columns that the catalog does
// not declare come from the data.
func (a *app) openToProve(ctx context.Context, f *proveFlags) (*compiler.Project, error) {
	if f.format != "text" && f.format != "json" && f.format != "test" {
		return nil, usagef("write --format text, json or test", "--format %s is not known", f.format)
	}
	o, err := f.options(a.project)
	if err != nil {
		return nil, err
	}
	o.NoStore, o.Engine = true, ""
	if f.noData {
		if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
			return nil, noFolder(o.Dir, err)
		}
		p, diags := compiler.Compile(os.DirFS(o.Dir), compiler.Options{Set: o.Set})
		return p, a.show(withoutNotes(inFolder(diags, o.Dir)))
	}
	p, err := a.open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.Close() }()
	return p.Project, nil
}

func (f *proveFlags) proveOptions(p *compiler.Project) (prove.Options, error) {
	if f.asOf == "" {
		return prove.Options{}, nil
	}
	at, err := p.Calendar.ParseInstant(f.asOf)
	if err != nil {
		return prove.Options{}, usagef("write a day such as 2025-03-31, or 2025-03-31T10:30", "--as-of: %v", err)
	}
	return prove.Options{AsOf: &at}, nil
}

// proved is a question and its answer.
type proved struct {
	p        *compiler.Project
	q        proveVerb
	names    []string
	segments []*ir.Segment
	prove.Answer
	asOf *int64
}

// answer shows an answer; the exit code says whether it is proved.
func (a *app) answer(r proved, format string) error {
	witness := ""
	if r.Witness != nil {
		witness = testform.Format([]*testform.Test{r.test()})
	}
	switch format {
	case "json":
		if err := a.answerJSON(r, witness); err != nil {
			return err
		}
	case "test":
		fmt.Fprint(a.out, witness)
		if witness == "" {
			a.say(diag.Diagnostic{Severity: diag.Note, Message: r.sentence()})
		}
	default:
		fmt.Fprintln(a.out, r.sentence())
		if witness != "" {
			fmt.Fprint(a.out, "\n"+witness)
		}
	}
	if !r.Proved() {
		return &failure{exitExpectation}
	}
	return nil
}

// sentence is the answer in one line.
func (r proved) sentence() string {
	claim := r.q.claim(r.names)
	when := ", at every instant"
	if r.asOf != nil {
		when = ", as of " + r.instant(*r.asOf)
	}
	switch r.Verdict {
	case prove.Proved:
		return "proved: " + claim + when
	case prove.Refuted:
		if r.Witness == nil {
			return "refuted: not so that " + claim + ": " + r.Reason
		}
		return "refuted: not so that " + claim + ", as this customer shows"
	default:
		return "unknown: whether " + claim + ": " + r.Reason
	}
}

func (r proved) instant(at int64) string {
	w := prove.Witness{AsOf: at}
	return w.Test(r.p.Project, "", nil).Steps[0].AsOf.Text
}

// test is the witness with what it is a witness of.
func (r proved) test() *testform.Test {
	return r.Witness.Test(r.p.Project, "not "+r.q.verb+" "+strings.Join(r.names, " "), r.Witness.In(r.p.Project, r.segments))
}

func (a *app) answerJSON(r proved, witness string) error {
	out := struct {
		Question string   `json:"question"`
		Of       []string `json:"of"`
		AsOf     string   `json:"as_of,omitempty"`
		Verdict  string   `json:"verdict"`
		Reason   string   `json:"reason,omitempty"`
		Witness  string   `json:"witness,omitempty"`
	}{Question: r.q.verb, Of: r.names, Verdict: r.Verdict.String(), Reason: r.Reason, Witness: witness}
	if r.asOf != nil {
		out.AsOf = r.instant(*r.asOf)
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

func (a *app) proveAll(f *proveFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "all [SEGMENT...]",
		Short: "All that is proved of all segments and pairs of them",
		Long: `Prints which segments are always empty or always full, which are the same, and
which lie in another. Pairs that are disjoint are counted, and listed with
--format json. What is not printed is not proved, which does not mean that the
contrary is so: ask about a pair to see a customer. The exit code is 0.`,
		Example: `  segql prove all
  segql prove all 'vip*' lifecycle
  segql prove all --format json`,
		ValidArgsFunction: a.completeSegments,
		RunE: func(cmd *cobra.Command, names []string) error {
			if f.format == "test" {
				return usagef("write --format text or json", "an overview has no witness")
			}
			p, err := a.openToProve(cmd.Context(), f)
			if err != nil {
				return err
			}
			chosen, err := selectSegments(p.Project, names)
			if err != nil {
				return err
			}
			o, err := f.proveOptions(p)
			if err != nil {
				return err
			}
			var segments []*ir.Segment
			for _, s := range p.Segments {
				if chosen == nil || slices.Contains(chosen, s.Name) {
					segments = append(segments, s)
				}
			}
			bar := a.startProgress()
			bar.update("look for proofs", 0, 1)
			all := prove.New(p.Project, o).Overview(segments)
			bar.stop()
			if f.format == "json" {
				return a.overviewJSON(all)
			}
			a.overviewText(all, len(segments))
			return nil
		},
	}
}

func (a *app) overviewText(o prove.Overview, segments int) {
	for _, s := range o.Never {
		fmt.Fprintf(a.out, "never     %s\n", s.Name)
	}
	for _, s := range o.Always {
		fmt.Fprintf(a.out, "always    %s\n", s.Name)
	}
	apart := 0
	for _, p := range o.Pairs {
		sameSplit := p.A.Split != "" && p.A.Split == p.B.Split
		switch p.Relation {
		case prove.Same:
			fmt.Fprintf(a.out, "equal     %s %s\n", p.A.Name, p.B.Name)
		case prove.Within:
			fmt.Fprintf(a.out, "implies   %s %s\n", p.A.Name, p.B.Name)
		case prove.Apart:
			if !sameSplit {
				apart++
			}
		}
	}
	fmt.Fprintf(a.out, "%s; %s disjoint beside the branches of splits\n", plural(int64(segments), "segment"), plural(int64(apart), "pair"))
}

func (a *app) overviewJSON(o prove.Overview) error {
	type pair struct {
		Relation string `json:"relation"`
		A        string `json:"a"`
		B        string `json:"b"`
	}
	out := struct {
		Never  []string `json:"never"`
		Always []string `json:"always"`
		Pairs  []pair   `json:"pairs"`
	}{[]string{}, []string{}, []pair{}}
	for _, s := range o.Never {
		out.Never = append(out.Never, s.Name)
	}
	for _, s := range o.Always {
		out.Always = append(out.Always, s.Name)
	}
	for _, p := range o.Pairs {
		out.Pairs = append(out.Pairs, pair{p.Relation.String(), p.A.Name, p.B.Name})
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
