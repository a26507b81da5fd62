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
	next    diagram // in its bucket
}

// diagrams makes nodes and remembers them. Atoms are numbered as they come;
// where they stand in the order is said by place, and an atom that comes
// later may be put between others, since no node asks it yet.
type diagrams struct {
	nodes   []node
	buckets []diagram // of nodes by hash; 0: empty
	memo    []chosen  // what choose has found lately, by hash
	place   []int32   // by atom
	left    int       // nodes the question at hand may still make
}

type chosen struct{ f, g, h, is diagram }

const memoSize = 1 << 16

func hash3(a, b, c int32) uint32 {
	h := uint32(a)*0x9E3779B1 ^ uint32(b)*0x85EBCA77 ^ uint32(c)*0xC2B2AE3D
	h ^= h >> 15
	h *= 0x27D4EB2F
	return h ^ h>>13
}

// tooLarge ends a question whose diagram passes its budget.
type tooLarge struct{}

const terminal = int32(1<<31 - 1)

func newDiagrams() *diagrams {
	return &diagrams{nodes: []node{{atom: terminal}, {atom: terminal, no: 1, yes: 1}}, buckets: make([]diagram, 1<<10), memo: make([]chosen, memoSize), left: DefaultBudget}
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
	bucket := hash3(atom, int32(no), int32(yes)) & uint32(len(d.buckets)-1)
	for at := d.buckets[bucket]; at != 0; at = d.nodes[at].next {
		if n := &d.nodes[at]; n.atom == atom && n.no == no && n.yes == yes {
			return at
		}
	}
	if d.left--; d.left < 0 {
		panic(tooLarge{})
	}
	at := diagram(len(d.nodes))
	d.nodes = append(d.nodes, node{atom, no, yes, d.buckets[bucket]})
	d.buckets[bucket] = at
	if len(d.nodes) > len(d.buckets) {
		d.grow()
	}
	return at
}

func (d *diagrams) grow() {
	d.buckets = make([]diagram, 2*len(d.buckets))
	for at := range d.nodes {
		if at <= int(always) {
			continue
		}
		n := &d.nodes[at]
		bucket := hash3(n.atom, int32(n.no), int32(n.yes)) & uint32(len(d.buckets)-1)
		n.next = d.buckets[bucket]
		d.buckets[bucket] = diagram(at)
	}
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
	memo := &d.memo[hash3(int32(f), int32(g), int32(h))&(memoSize-1)]
	if memo.f == f && memo.g == g && memo.h == h {
		return memo.is
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
	*memo = chosen{f, g, h, at}
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
