package prove

import "slices"

// diagram is a node of a reduced, ordered binary decision diagram (Bryant,
// "Graph-Based Algorithms for Boolean Function Manipulation", 1986): two
// conditions are the same function of their atoms exactly when they are the
// same node.
type diagram int32

const (
	never  diagram = 0
	always diagram = 1
)

// node asks one atom: no where it is false, yes where it is true.
type node struct {
	atom    int32
	no, yes diagram
}

// diagrams makes nodes and remembers them. Atoms are numbered as they come;
// where they stand in the order is said by place, and an atom that comes
// later may be put between others, since no node asks it yet.
type diagrams struct {
	nodes  []node
	unique map[node]diagram
	memo   map[[3]diagram]diagram
	place  []int32 // by atom
	left   int     // nodes the question at hand may still make
}

// tooLarge ends a question whose diagram passes its budget.
type tooLarge struct{}

const terminal = int32(1<<31 - 1)

func newDiagrams() *diagrams {
	return &diagrams{nodes: []node{{terminal, 0, 0}, {terminal, 1, 1}}, unique: map[node]diagram{}, memo: map[[3]diagram]diagram{}, left: DefaultBudget}
}

func (d *diagrams) order(n diagram) int32 {
	if n <= always {
		return terminal
	}
	return d.place[d.nodes[n].atom]
}

func (d *diagrams) make(atom int32, no, yes diagram) diagram {
	if no == yes {
		return no
	}
	n := node{atom, no, yes}
	if at, ok := d.unique[n]; ok {
		return at
	}
	if d.left--; d.left < 0 {
		panic(tooLarge{})
	}
	d.nodes = append(d.nodes, n)
	at := diagram(len(d.nodes) - 1)
	d.unique[n] = at
	return at
}

// atom is the condition that is the atom itself.
func (d *diagrams) atom(a int32) diagram { return d.make(a, never, always) }

// choose is `if f then g else h`, of which all connectives are cases.
func (d *diagrams) choose(f, g, h diagram) diagram {
	switch {
	case f == always || g == h:
		return g
	case f == never:
		return h
	case g == always && h == never:
		return f
	}
	key := [3]diagram{f, g, h}
	if at, ok := d.memo[key]; ok {
		return at
	}
	top := min(d.order(f), d.order(g), d.order(h))
	var atom int32
	split := func(n diagram) (no, yes diagram) {
		if d.order(n) != top {
			return n, n
		}
		atom = d.nodes[n].atom
		return d.nodes[n].no, d.nodes[n].yes
	}
	f0, f1 := split(f)
	g0, g1 := split(g)
	h0, h1 := split(h)
	no := d.choose(f0, g0, h0)
	yes := d.choose(f1, g1, h1)
	at := d.make(atom, no, yes)
	d.memo[key] = at
	return at
}

func (d *diagrams) and(f, g diagram) diagram {
	if f > g {
		f, g = g, f
	}
	return d.choose(f, g, never)
}

func (d *diagrams) or(f, g diagram) diagram {
	if f > g {
		f, g = g, f
	}
	return d.choose(f, always, g)
}

func (d *diagrams) not(f diagram) diagram        { return d.choose(f, never, always) }
func (d *diagrams) implies(f, g diagram) diagram { return d.choose(f, g, always) }

// all is the conjunction. Conditions that ask late atoms are joined first,
// which keeps what is built on the way small.
func (d *diagrams) all(fs ...diagram) diagram {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b diagram) int { return int(d.order(b)) - int(d.order(a)) })
	out := always
	for _, f := range fs {
		out = d.and(out, f)
	}
	return out
}

// atoms are those that f asks, in the order of the diagram.
func (d *diagrams) atoms(fs ...diagram) []int32 {
	seen := map[diagram]bool{}
	asked := map[int32]bool{}
	var visit func(diagram)
	visit = func(n diagram) {
		if n <= always || seen[n] {
			return
		}
		seen[n] = true
		asked[d.nodes[n].atom] = true
		visit(d.nodes[n].no)
		visit(d.nodes[n].yes)
	}
	for _, f := range fs {
		visit(f)
	}
	out := make([]int32, 0, len(asked))
	for a := range asked {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b int32) int { return int(d.place[a]) - int(d.place[b]) })
	return out
}

// model is a way to make f true: the atoms on one path to it. prefer says
// which branch to try first. f must not be never.
func (d *diagrams) model(f diagram, prefer func(atom int32) bool) model {
	m := model{}
	for f > always {
		n := d.nodes[f]
		yes := prefer(n.atom)
		if n.no == never {
			yes = true
		}
		if n.yes == never {
			yes = false
		}
		m[n.atom] = yes
		if f = n.no; yes {
			f = n.yes
		}
	}
	return m
}

// model says of some atoms whether they hold.
type model map[int32]bool

// cube is the condition that the atoms of a model are as it says.
func (d *diagrams) cube(m model) diagram {
	var fs []diagram
	for a, yes := range m {
		f := d.atom(a)
		if !yes {
			f = d.not(f)
		}
		fs = append(fs, f)
	}
	return d.all(fs...)
}
