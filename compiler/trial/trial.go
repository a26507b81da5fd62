// Package trial puts segments on trial: it evaluates tests in process and says
// what of their expectations does not hold, and why.
//
//	answers, err := trial.Evaluate(c)
//	failures := trial.Judge(c, answers)
//
// The answers are those of ir.Eval, which is what the language means. An
// engine that computes the same tests gives Answers of its own, which Judge
// and Compare take as well.
package trial

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
)

// Answers are what an engine says to the questions of a test.
type Answers struct{ Instants []*Answer }

// Answer is what it says as of one instant.
type Answer struct {
	// Members of the segments the test needs, by key, sorted.
	Members map[*ir.Segment][]value.Value
	// Values of traits, as testform.Instant.Values asks for them.
	Values []value.Value
}

// Needed are the segments that a test must compute at each instant: those it
// names, and those whose history these ask for.
func Needed(k *testform.Case) []*ir.Segment {
	var out []*ir.Segment
	seen := map[*ir.Segment]bool{}
	read := map[*ir.Segment]bool{}
	var need func(s *ir.Segment)
	var look func(x ir.Expr)
	look = func(x ir.Expr) {
		for _, h := range ir.Histories(x) {
			need(h)
		}
		for _, s := range ir.Refs(x) {
			if !read[s] {
				read[s] = true
				look(s.Where)
			}
		}
	}
	need = func(s *ir.Segment) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
			look(s.Where)
		}
	}
	for _, at := range k.Instants {
		for _, w := range at.Wants {
			need(w.Segment)
		}
		for _, v := range at.Values {
			look(v.Trait.X)
		}
	}
	return out
}

// Evaluate answers a test in process. The error, such as an overflow, is that
// of ir.EvalInput, with the instant.
func Evaluate(k *testform.Case) (*Answers, error) {
	answers := &Answers{}
	needed, changes := Needed(k), ir.Changes{}
	project := *k.Project
	project.Segments = needed
	for _, at := range k.Instants {
		a, err := evaluate(&project, at, changes)
		if err != nil {
			return answers, fmt.Errorf("as of %s: %w", at.Step.AsOf.Text, err)
		}
		answers.Instants = append(answers.Instants, a)
		changes = answers.Changes(k)
	}
	return answers, nil
}

func evaluate(p *ir.Project, at *testform.Instant, changes ir.Changes) (*Answer, error) {
	r, err := ir.EvalInput(p, at.AsOf, ir.Input{Data: at.Data, Changes: changes})
	if err != nil {
		return nil, err
	}
	a := &Answer{Members: map[*ir.Segment][]value.Value{}}
	for _, s := range p.Segments {
		a.Members[s] = r.Members(s.Name)
	}
	for _, want := range at.Values {
		v, err := r.Trait(want.Trait.Name, want.Key.V)
		if err != nil {
			return nil, err
		}
		a.Values = append(a.Values, v)
	}
	return a, nil
}

// Changes are what runs at the instants answered so far would have stored. The
// members at the first instant have entered then, as in a first run.
func (a *Answers) Changes(k *testform.Case) ir.Changes {
	changes := ir.Changes{}
	for i, now := range a.Instants {
		for s, members := range now.Members {
			entered, left := a.moved(s, i, members)
			for _, v := range entered {
				changes[s] = append(changes[s], ir.Change{Key: value.Key(v), At: k.Instants[i].AsOf})
			}
			for _, v := range left {
				changes[s] = append(changes[s], ir.Change{Key: value.Key(v), At: k.Instants[i].AsOf, Left: true})
			}
		}
	}
	return changes
}

// moved are those who entered and left a segment between two instants.
func (a *Answers) moved(s *ir.Segment, i int, now []value.Value) (entered, left []value.Value) {
	var before []value.Value
	if i > 0 {
		before = a.Instants[i-1].Members[s]
	}
	return less(now, before), less(before, now)
}

// less are the elements of a that b lacks.
func less(a, b []value.Value) (out []value.Value) {
	for _, v := range a {
		if !has(b, v) {
			out = append(out, v)
		}
	}
	return out
}

func has(keys []value.Value, v value.Value) bool {
	return slices.ContainsFunc(keys, func(o value.Value) bool { return value.Equal(o, v) })
}
