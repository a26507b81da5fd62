package mutate

import (
	"maps"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/source"
)

// definitions are what of a project can be changed, in an order that is the
// same for the project with other params.
type definitions struct {
	project *ir.Project
	all     []definition
	// in are the definitions that hold a node; nodes are shared between the
	// branches of a split, and between a trait and what uses it.
	in map[ir.Expr][]int
}

type definition struct {
	segment *ir.Segment
	trait   *ir.TraitDef // or
}

func traitName(name string) string { return "trait " + name }

func (d definition) name() string {
	if d.trait != nil {
		return traitName(d.trait.Name)
	}
	return d.segment.Name
}

func (d definition) x() ir.Expr {
	if d.trait != nil {
		return d.trait.X
	}
	return d.segment.Where
}

func (d definition) set(x ir.Expr) {
	if d.trait != nil {
		d.trait.X = x
		return
	}
	d.segment.Where = x
}

// read lists traits first: what is changed in a trait is its own, whoever uses
// it.
func read(p *ir.Project) *definitions {
	d := &definitions{project: p, in: map[ir.Expr][]int{}}
	for _, name := range slices.Sorted(maps.Keys(p.Traits)) {
		d.all = append(d.all, definition{trait: p.Traits[name]})
	}
	for _, s := range p.Segments {
		d.all = append(d.all, definition{segment: s})
	}
	for i, def := range d.all {
		walk(def.x(), func(x ir.Expr, _ ir.Expr) {
			if at := d.in[x]; len(at) == 0 || at[len(at)-1] != i {
				d.in[x] = append(at, i)
			}
		})
	}
	return d
}

// walk tells of each node and what it stands in, parents first, in an order
// that depends on nothing but the form of the expression.
func walk(x ir.Expr, f func(x, parent ir.Expr)) {
	var down func(x, parent ir.Expr)
	down = func(x, parent ir.Expr) {
		f(x, parent)
		ir.MapChildren(x, func(y ir.Expr) ir.Expr {
			down(y, x)
			return y
		})
	}
	down(x, nil)
}

// node finds the node of a mutant in the project with these definitions.
func (d *definitions) node(m *Mutant) (found ir.Expr) {
	n := 0
	walk(d.all[m.def].x(), func(x, _ ir.Expr) {
		if n == m.index {
			found = x
		}
		n++
	})
	return found
}

// touches reports whether a mutant changes one of the segments.
func (d *definitions) touches(m *Mutant, of []*ir.Segment) bool {
	return slices.ContainsFunc(d.in[d.node(m)], func(i int) bool { return slices.Contains(of, d.all[i].segment) })
}

// change is what a mutant has done to a project.
type change struct {
	names    []string
	segments []Turn
	restore  func()
}

// apply puts a mutant in the place of its node wherever that stands.
func (d *definitions) apply(m *Mutant) *change {
	target := d.node(m)
	mutated := m.build(target)
	c := &change{}
	was := map[int]ir.Expr{}
	var put func(x ir.Expr) ir.Expr
	put = func(x ir.Expr) ir.Expr {
		if x == target {
			return mutated
		}
		return ir.MapChildren(x, put)
	}
	for _, i := range d.in[target] {
		def := d.all[i]
		was[i] = def.x()
		c.names = append(c.names, def.name())
		def.set(put(def.x()))
		if def.segment != nil {
			c.segments = append(c.segments, Turn{def.segment, was[i], def.x()})
		}
	}
	c.restore = func() {
		for i, x := range was {
			d.all[i].set(x)
		}
	}
	return c
}

// mutants are all changes of all definitions, each node once.
func (d *definitions) mutants() []*Mutant {
	var out []*Mutant
	seen := map[ir.Expr]bool{}
	for i, def := range d.all {
		n := -1
		walk(def.x(), func(x, parent ir.Expr) {
			n++
			if seen[x] || !written(def, x) {
				return
			}
			seen[x] = true
			name := def.name()
			if def.trait != nil {
				name = def.trait.Name
			}
			for _, c := range changes(site{x, parent, def}) {
				at := x.Span()
				if c.at != nil {
					at = c.at.Span()
				}
				out = append(out, &Mutant{Definition: name, At: at, Change: c.text, def: i, index: n, build: c.build})
			}
		})
	}
	return out
}

func (d definition) declared() source.Span {
	if d.trait != nil {
		return d.trait.At
	}
	return d.segment.At
}

// written reports whether the author wrote a node: those that the checker made,
// such as what an rfm stands for, have no place in the author's file.
func written(d definition, x ir.Expr) bool {
	return x.Span().File == d.declared().File && x.Span().End > x.Span().Start
}
