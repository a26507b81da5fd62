package check

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/diag"
)

func joinArrows(names []string) string { return strings.Join(names, " → ") }

// cycles refuses segments that are defined by way of themselves, and prints
// the way round.
func (c *checker) cycles() {
	state := map[*ir.Segment]int{}
	var stack []*ir.Segment
	var visit func(s *ir.Segment)
	visit = func(s *ir.Segment) {
		if state[s] == 2 {
			return
		}
		if state[s] == 1 {
			c.cycle(stack, s)
			return
		}
		state[s] = 1
		stack = append(stack, s)
		for _, r := range ir.Refs(s.Where) {
			visit(r)
		}
		stack = stack[:len(stack)-1]
		state[s] = 2
	}
	for _, s := range c.proj.Segments {
		visit(s)
	}
}

func (c *checker) cycle(stack []*ir.Segment, s *ir.Segment) {
	i := len(stack) - 1
	for stack[i] != s {
		i--
	}
	var names []string
	d := diag.Diagnostic{}
	for _, t := range stack[i:] {
		names = append(names, t.Name)
		if t != s {
			d.Labels = append(d.Labels, diag.Label{Span: t.At, Text: "by way of " + t.Name})
		}
	}
	e := c.diags.Errorf(cycle, s.At, "segment %q is defined by way of itself: %s", s.Name, joinArrows(append(names, s.Name)))
	e.Labels = d.Labels
	e.Help = "take one of the references out, or put what they share in a third segment"
}

// notes says what a reader may overlook in a correct definition.
func (c *checker) notes() {
	for _, s := range c.proj.Segments {
		c.negations(s.Where, nil)
	}
}

// negations notes each `not` that also takes in rows without the value.
// known are the keys of values that a sibling condition requires known.
func (c *checker) negations(e ir.Expr, known map[string]bool) {
	switch e := e.(type) {
	case *ir.And:
		inner := map[string]bool{}
		for k := range known {
			inner[k] = true
		}
		for _, x := range e.Xs {
			if k, ok := x.(*ir.Known); ok && !k.Missing {
				inner[ir.Key(k.X)] = true
			}
		}
		for _, x := range e.Xs {
			c.negations(x, inner)
		}
	case *ir.Or:
		for _, x := range e.Xs {
			c.negations(x, known)
		}
	case *ir.Not:
		c.negation(e, known)
	}
}

func (c *checker) negation(n *ir.Not, known map[string]bool) {
	switch x := n.X.(type) {
	case *ir.Cmp, *ir.InRange, *ir.InSet, *ir.Match, *ir.TextMatch:
		for _, v := range ir.Children(x) {
			col, ok := v.(*ir.Column)
			if !ok || !ir.Nullable(v) || known[ir.Key(v)] {
				continue
			}
			d := c.diags.Notef(negationTakesMissing, n.Span(), "this also takes in rows whose %s is missing", col.Col.Name)
			d.Help = "if they should stay out, add `and " + col.Col.Name + " is known`"
		}
	}
}
