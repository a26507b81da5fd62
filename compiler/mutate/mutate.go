// Package mutate asks how much the tests of a project notice: it changes one
// thing of a definition at a time, as somebody might by mistake, and sees
// whether a test fails.
//
//	report := mutate.Run(project, cases, mutate.Options{})
//	for _, m := range report.Survived { fmt.Println(m.At.Pos(), m.Change) }
//
// A mutant is a change of the checked form of a definition, so it is always a
// definition that could have been written. One that no test notices and that is
// proved to mean the same as the original is left out of the score.
package mutate

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/lang/source"
)

// Mutant is one change of one definition.
type Mutant struct {
	Definition string      // segment or trait
	At         source.Span // what is changed
	Change     string      // "`>=` becomes `>`"
	// Tests are how many tests look at it; 0: nothing could have noticed.
	Tests int
	// Turns are the segments that it changes, of those that tests did not notice.
	Turns []Turn

	def   int // of the definitions, in order
	index int // of the node in a walk of the definition
	build func(ir.Expr) ir.Expr
}

// Turn is the condition of a segment before a change and with it.
type Turn struct {
	Segment  *ir.Segment
	Was, Now ir.Expr
}

// Text is what is changed, as its author wrote it, on one line.
func (m *Mutant) Text() string { return strings.Join(strings.Fields(m.At.Text()), " ") }

// Report is what became of the mutants.
type Report struct {
	Killed   int
	Survived []*Mutant // by place
	// Same are those that are proved to mean what the original means.
	Same []*Mutant
}

// Score is the share of the mutants that a test noticed, 0 to 1; ok is false
// where there were none.
func (r *Report) Score() (score float64, ok bool) {
	all := r.Killed + len(r.Survived)
	if all == 0 {
		return 0, false
	}
	return float64(r.Killed) / float64(all), true
}

// Options of Run.
type Options struct {
	// Progress is told how many mutants are done; it may be nil.
	Progress func(doing string, done, total int)
	// Stop ends the run early; it may be nil.
	Stop func() bool
	// Of are the segments whose changes are tried; nil: all, and all traits.
	Of []*ir.Segment
}

// Run mutates every segment and trait of a project, and runs the tests that
// look at what has changed. Tests that fail without any change are left out.
// While it runs, the definitions of the project are not what they were.
func Run(p *ir.Project, cases []*testform.Case, o Options) *Report {
	r := &runner{report: &Report{}, variants: map[*ir.Project]*definitions{}, main: read(p)}
	r.variants[p] = r.main
	for _, k := range cases {
		if answers, err := trial.Evaluate(k); err != nil || len(trial.Judge(k, answers)) > 0 {
			continue
		}
		if r.variants[k.Project] == nil {
			r.variants[k.Project] = read(k.Project)
		}
		r.cases = append(r.cases, k)
	}
	r.dependents()
	mutants := r.main.mutants()
	if o.Of != nil {
		mutants = slices.DeleteFunc(mutants, func(m *Mutant) bool { return !r.main.touches(m, o.Of) })
	}
	for i, m := range mutants {
		if o.Progress != nil {
			o.Progress("change definitions", i, len(mutants))
		}
		if o.Stop != nil && o.Stop() {
			break
		}
		r.try(m)
	}
	slices.SortStableFunc(r.report.Survived, byPlace)
	slices.SortStableFunc(r.report.Same, byPlace)
	return r.report
}

func byPlace(a, b *Mutant) int {
	if a.At.File != b.At.File {
		return strings.Compare(a.At.File.Name, b.At.File.Name)
	}
	return a.At.Start - b.At.Start
}

type runner struct {
	report   *Report
	main     *definitions
	variants map[*ir.Project]*definitions
	cases    []*testform.Case
	// tests by the name of what they look at.
	tests map[string][]*testform.Case
	// proofs is the prover that was asked last, about changes of proves.
	proofs *prove.Prover
	proves *ir.Segment
}

// dependents finds for each segment and trait the tests that look at it.
func (r *runner) dependents() {
	r.tests = map[string][]*testform.Case{}
	for _, k := range r.cases {
		seen := map[string]bool{}
		var look func(x ir.Expr)
		look = func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				if t, ok := x.(*ir.Trait); ok {
					seen[traitName(t.Name)] = true
				}
				return true
			})
			for _, s := range append(ir.Refs(x), ir.Histories(x)...) {
				if !seen[s.Name] {
					seen[s.Name] = true
					look(s.Where)
				}
			}
		}
		for _, s := range trial.Needed(k) {
			if !seen[s.Name] {
				seen[s.Name] = true
				look(s.Where)
			}
		}
		for _, at := range k.Instants {
			for _, v := range at.Values {
				seen[traitName(v.Trait.Name)] = true
				look(v.Trait.X)
			}
		}
		for name := range seen {
			r.tests[name] = append(r.tests[name], k)
		}
	}
}

// try runs the tests of one mutant.
func (r *runner) try(m *Mutant) {
	changed := r.main.apply(m)
	var cases []*testform.Case
	seen := map[*testform.Case]bool{}
	for _, name := range changed.names {
		for _, k := range r.tests[name] {
			if !seen[k] {
				seen[k] = true
				cases = append(cases, k)
			}
		}
	}
	m.Tests = len(cases)
	noticed := slices.ContainsFunc(cases, func(k *testform.Case) bool { return r.kills(m, k) })
	changed.restore()
	if noticed {
		r.report.Killed++
		return
	}
	if m.Tests > 0 && r.same(changed) {
		r.report.Same = append(r.report.Same, m)
		return
	}
	m.Turns = changed.segments
	r.report.Survived = append(r.report.Survived, m)
}

// kills reports whether a test fails with the mutant.
func (r *runner) kills(m *Mutant, k *testform.Case) bool {
	if d := r.variants[k.Project]; d != r.main {
		defer d.apply(m).restore()
	}
	answers, err := trial.Evaluate(k)
	return err != nil || len(trial.Judge(k, answers)) > 0
}

// same reports whether every segment that has changed is proved to mean what
// it meant; a trait that no segment uses is not. The project is as it was by
// then, so that the prover may remember what it finds of its segments: those
// that a changed one refers to have either not changed, or are asked about as
// well.
func (r *runner) same(c *change) bool {
	if len(c.segments) == 0 {
		return false
	}
	for _, t := range c.segments {
		if !r.prover(t.Segment).EqualExpr(t.Segment.Entity, t.Was, t.Now).Proved() {
			return false
		}
	}
	return true
}

// prover is one for the changes of a segment, which speak of much the same
// things. It does not serve all segments: its diagrams would grow with each.
func (r *runner) prover(s *ir.Segment) *prove.Prover {
	if r.proves != s {
		r.proves, r.proofs = s, prove.New(r.main.project, prove.Options{ProofsOnly: true})
	}
	return r.proofs
}
