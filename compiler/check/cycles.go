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
	reported := map[*ir.Segment]bool{}
	var stack []*ir.Segment
	var visit func(s *ir.Segment)
	visit = func(s *ir.Segment) {
		if state[s] == 2 {
			return
		}
		if state[s] == 1 {
			if !reported[s] {
				reported[s] = true
				c.cycle(stack, s)
			}
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
	if s.Split != "" {
		e.Help = "a branch holds what no branch before it takes, so those before it cannot ask who is in it"
	}
}

// loops refuses relations that need each other's rows to be read.
func (b *builder) loops() {
	state := map[*ir.Relation]int{}
	var visit func(r *ir.Relation, path []string)
	visit = func(r *ir.Relation, path []string) {
		path = append(path, r.Name)
		if state[r] == 1 {
			d := b.diags.Errorf(cycle, r.At, "reading %s needs itself: %s", r.Name, joinArrows(path))
			d.Help = "let one of them not use the other in where or fields"
			return
		}
		if state[r] == 2 {
			return
		}
		state[r] = 1
		for _, n := range ir.Needs(r) {
			visit(n, path)
		}
		state[r] = 2
	}
	for _, r := range b.proj.Relations {
		visit(r, nil)
	}
}
