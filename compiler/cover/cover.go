// Package cover says what of the definitions the tests of a project have seen:
// not which lines, but what they mean. Each condition should be seen true and
// false while it alone decides the outcome (modified condition/decision
// coverage, as DO-178C asks of software in aircraft), and each threshold and
// each edge of a window just below, at and just above.
//
// Only what a test expects counts: a row that it says nothing of has not been
// looked at.
package cover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Report is the coverage of each definition, by name.
type Report struct{ Definitions []*Definition }

// Definition is a segment, or a split with all its branches.
type Definition struct {
	Name       string
	At         source.Span
	Tests      int // that expect something of it
	Conditions []*Condition
	Edges      []*Edge
}

// Condition is a condition that is made of no others.
type Condition struct {
	At source.Span
	// True and False: it was seen so. The others: and it alone decided.
	True, False, TrueDecides, FalseDecides bool
}

// Edge is a threshold, or the bound of a window.
type Edge struct {
	At                 source.Span
	What               string // "the threshold", "the beginning of the window", "the end of the window"
	Below, Same, Above bool
}

// Seen says of all that could be seen whether it was: two things of each
// condition, then three of each edge.
func (d *Definition) Seen() []bool {
	var out []bool
	for _, c := range d.Conditions {
		out = append(out, c.TrueDecides, c.FalseDecides)
	}
	for _, e := range d.Edges {
		out = append(out, e.Below, e.Same, e.Above)
	}
	return out
}

// Points are how many things could be seen, and how many were.
func (d *Definition) Points() (seen, all int) {
	points := d.Seen()
	for _, p := range points {
		if p {
			seen++
		}
	}
	return seen, len(points)
}

// Points are those of all definitions.
func (r *Report) Points() (seen, all int) {
	for _, d := range r.Definitions {
		s, a := d.Points()
		seen, all = seen+s, all+a
	}
	return seen, all
}

// Gap says what of a condition was not seen; "" when all was.
func (c *Condition) Gap() string {
	switch {
	case !c.True && !c.False:
		return "never seen"
	case !c.True:
		return "never true"
	case !c.False:
		return "never false"
	case !c.TrueDecides && !c.FalseDecides:
		return "never decides"
	case !c.TrueDecides:
		return "never decides by being true"
	case !c.FalseDecides:
		return "never decides by being false"
	default:
		return ""
	}
}

// Gap says on which side of an edge nothing was seen; "" when all was.
func (e *Edge) Gap() string {
	below, above := "just below", "just above"
	if e.What != threshold {
		below, above = "just before", "just after"
	}
	var sides []string
	for _, side := range []struct {
		seen bool
		name string
	}{{e.Below, below}, {e.Same, "at"}, {e.Above, above}} {
		if !side.seen {
			sides = append(sides, side.name)
		}
	}
	if len(sides) == 0 {
		return ""
	}
	return "nothing " + strings.Join(sides, ", ") + " " + e.What
}

// Measure evaluates the tests again and looks at every condition. Tests that
// cannot be evaluated are left out.
func Measure(p *ir.Project, cases []*testform.Case) *Report {
	m := &measure{definitions: map[string]*Definition{}, conditions: map[string]*Condition{}, edges: map[string]*Edge{}}
	for _, s := range p.Segments {
		m.declare(s)
	}
	for _, k := range cases {
		if answers, err := trial.Evaluate(k); err == nil {
			m.test(k, answers)
		}
	}
	r := &Report{}
	for _, d := range m.definitions {
		slices.SortStableFunc(d.Conditions, func(a, b *Condition) int { return a.At.Start - b.At.Start })
		slices.SortStableFunc(d.Edges, func(a, b *Edge) int { return a.At.Start - b.At.Start })
		r.Definitions = append(r.Definitions, d)
	}
	slices.SortFunc(r.Definitions, func(a, b *Definition) int { return strings.Compare(a.Name, b.Name) })
	return r
}

type measure struct {
	definitions map[string]*Definition
	conditions  map[string]*Condition
	edges       map[string]*Edge
	owner       *Definition // of what is looked at
}

func nameOf(s *ir.Segment) string {
	if s.Split != "" {
		return s.Split
	}
	return s.Name
}

// declare notes what could be seen of a segment. Branches of a split share
// their conditions.
func (m *measure) declare(s *ir.Segment) {
	d := m.definitions[nameOf(s)]
	if d == nil {
		d = &Definition{Name: nameOf(s), At: s.At}
		m.definitions[d.Name] = d
	}
	m.owner = d
	m.tree(s.Where, s.At.File)
}

func (m *measure) tree(x ir.Expr, file *source.File) {
	Leaves(x, func(leaf ir.Expr) {
		if leaf.Span().File != file {
			return // made by the checker
		}
		m.condition(leaf)
		for _, e := range edgesOf(leaf) {
			m.edge(e)
		}
		for _, a := range Aggregates(leaf) {
			for _, e := range windowEdges(a.Window, a) {
				m.edge(e)
			}
			if a.Where != nil {
				m.tree(a.Where, a.Span().File)
			}
		}
	})
}

// id is the same for a node in the project with other params.
func (m *measure) id(x ir.Expr, what string) string {
	at := x.Span()
	return fmt.Sprintf("%s %s %d-%d %T %s", m.owner.Name, at.File.Name, at.Start, at.End, x, what)
}

func (m *measure) condition(x ir.Expr) *Condition {
	id := m.id(x, "")
	if m.conditions[id] == nil {
		m.conditions[id] = &Condition{At: x.Span()}
		m.owner.Conditions = append(m.owner.Conditions, m.conditions[id])
	}
	return m.conditions[id]
}

func (m *measure) edge(e edge) *Edge {
	id := m.id(e.at, e.what)
	if m.edges[id] == nil {
		m.edges[id] = &Edge{At: e.at.Span(), What: e.what}
		m.owner.Edges = append(m.owner.Edges, m.edges[id])
	}
	return m.edges[id]
}

// test looks at what one test expects.
func (m *measure) test(k *testform.Case, answers *trial.Answers) {
	counted := map[*Definition]bool{}
	for i, at := range k.Instants {
		before := &trial.Answers{Instants: answers.Instants[:i]}
		result := ir.Start(k.Project, at.AsOf, ir.Input{Data: at.Data, Changes: before.Changes(k)})
		for _, w := range at.Wants {
			d := m.definitions[nameOf(w.Segment)]
			if d == nil {
				continue
			}
			if m.owner = d; !counted[d] {
				counted[d] = true
				d.Tests++
			}
			l := &look{measure: m, result: result, project: k.Project, segment: w.Segment, asked: map[string]bool{}, all: w.Size >= 0}
			for _, keys := range [][]testform.Key{w.In, w.NotIn, w.Entered, w.Left} {
				for _, key := range keys {
					l.asked[value.Key(key.V)] = true
				}
			}
			l.entity()
		}
	}
}
