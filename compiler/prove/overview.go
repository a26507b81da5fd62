package prove

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
)

// Overview is all that is proved of the segments of one entity: which are
// always empty, which always hold everyone, and how each two lie to each
// other. What it does not say is not proved, which does not mean that the
// contrary is so.
type Overview struct {
	Never, Always []*ir.Segment
	Pairs         []Pair // of those that are neither
}

// Relation is how two segments lie to each other.
type Relation uint8

// Relations.
const (
	Same   Relation = iota + 1 // A and B always have the same members
	Within                     // every member of A is one of B, and not known the other way round
	Apart                      // A and B never share a member
)

// String is the relation as JSON holds it.
func (r Relation) String() string {
	switch r {
	case Same:
		return "equal"
	case Within:
		return "implies"
	case Apart:
		return "disjoint"
	default:
		return ""
	}
}

// Pair is a relation of two segments. Of Same and Apart, A is the first by
// name.
type Pair struct {
	A, B     *ir.Segment
	Relation Relation
}

// Overview proves what it can of all pairs of segments, in the order given.
// Segments of different entities are not compared.
func (p *Prover) Overview(segments []*ir.Segment) Overview {
	o := &overview{Prover: p, e: p.proofs, parts: map[*ir.Segment][]int{}, number: map[diagram]int{}, memo: map[string]bool{}}
	var out Overview
	var rest []*ir.Segment
	for _, s := range segments {
		switch {
		case !o.takeApart(s):
			// too large to say anything of it
		case o.empty(o.parts[s]):
			out.Never = append(out.Never, s)
		case o.full(s):
			out.Always = append(out.Always, s)
		default:
			rest = append(rest, s)
		}
	}
	for i, a := range rest {
		for _, b := range rest[:i] {
			if a.Entity != b.Entity {
				continue
			}
			switch in, has := o.implies(b, a), o.implies(a, b); {
			case in && has:
				out.Pairs = append(out.Pairs, Pair{b, a, Same})
			case in:
				out.Pairs = append(out.Pairs, Pair{b, a, Within})
			case has:
				out.Pairs = append(out.Pairs, Pair{a, b, Within})
			case o.empty(append(slices.Clone(o.parts[a]), o.parts[b]...)):
				out.Pairs = append(out.Pairs, Pair{b, a, Apart})
			}
		}
	}
	return out
}

// overview proves of many segments at once. A segment is taken as the
// conditions that must all hold, and a question falls apart into those that
// speak of the same things: few of them are new.
type overview struct {
	*Prover
	e      *engine
	parts  map[*ir.Segment][]int
	number map[diagram]int
	conds  []diagram
	about  [][]int32 // the groups of atoms that a condition is tied to
	memo   map[string]bool
}

// takeApart finds the conditions of a segment; ok is false where they are too
// large.
func (o *overview) takeApart(s *ir.Segment) (ok bool) {
	return o.e.budgeted(o.options.Budget, func() {
		conds := []diagram{o.e.rowOf(s.Entity)}
		o.e.conjuncts(s, &conds)
		var ids []int
		for _, c := range conds {
			if c == always {
				continue
			}
			n, ok := o.number[c]
			if !ok {
				n = len(o.conds)
				o.number[c] = n
				o.conds = append(o.conds, c)
				o.about = append(o.about, o.e.spokenOf(c))
			}
			if !slices.Contains(ids, n) {
				ids = append(ids, n)
			}
		}
		slices.Sort(ids)
		o.parts[s] = ids
	})
}

// conjuncts are the conditions that must all hold of a member.
func (e *engine) conjuncts(s *ir.Segment, out *[]diagram) {
	*out = append(*out, e.valid(s))
	var visit func(x ir.Expr)
	visit = func(x ir.Expr) {
		switch x := x.(type) {
		case *ir.And:
			for _, y := range x.Xs {
				visit(y)
			}
		case *ir.Member:
			e.conjuncts(x.Seg, out)
		default:
			*out = append(*out, e.cond(scopeOf(s.Entity), x))
		}
	}
	visit(e.form(s.Where))
}

// spokenOf are the groups of atoms that a condition is tied to.
func (e *engine) spokenOf(c diagram) []int32 {
	var out []int32
	add := func(g int32) {
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	for _, id := range e.diagrams.atoms(append(e.theory(c), c)...) {
		a := e.atoms[id]
		add(a.group)
		if a.other != nil {
			add(a.term.group)
			add(a.other.group)
		}
	}
	slices.Sort(out)
	return out
}

func meet(a, b []int32) bool {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			return true
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return false
}

// empty reports whether it is proved that no row meets all conditions.
// Conditions that speak of different things cannot contradict each other.
func (o *overview) empty(ids []int) bool {
	left := slices.Clone(ids)
	slices.Sort(left)
	left = slices.Compact(left)
	for len(left) > 0 {
		group := left[:1:1]
		left = left[1:]
		for grown := true; grown; {
			grown = false
			for i := 0; i < len(left); i++ {
				if slices.ContainsFunc(group, func(g int) bool { return meet(o.about[g], o.about[left[i]]) }) {
					group = append(group, left[i])
					left = slices.Delete(left, i, i+1)
					grown = true
					i--
				}
			}
		}
		if o.contradict(group, -1) {
			return true
		}
	}
	return false
}

// implies reports whether it is proved that every member of a is one of b.
func (o *overview) implies(a, b *ir.Segment) bool {
	have := o.parts[a]
	for _, c := range o.parts[b] {
		if slices.Contains(have, c) {
			continue
		}
		var with []int
		spoken := slices.Clone(o.about[c])
		for grown := true; grown; {
			grown = false
			for _, h := range have {
				if !slices.Contains(with, h) && meet(o.about[h], spoken) {
					with = append(with, h)
					spoken = append(spoken, o.about[h]...)
					slices.Sort(spoken)
					grown = true
				}
			}
		}
		if !o.contradict(with, c) {
			return false
		}
	}
	return true
}

func (o *overview) full(s *ir.Segment) bool {
	row := o.e.rowOf(s.Entity)
	for _, c := range o.parts[s] {
		if o.conds[c] != row && !o.contradict([]int{}, c) {
			return false
		}
	}
	return true
}

// contradict reports whether it is proved that no row meets all of the
// conditions and not the one called without; -1: none.
func (o *overview) contradict(ids []int, without int) bool {
	slices.Sort(ids)
	key := fmt.Sprint(ids, without)
	if out, ok := o.memo[key]; ok {
		return out
	}
	out := false
	o.e.budgeted(o.options.Budget, func() {
		f := always
		if without >= 0 {
			f = o.e.not(o.conds[without])
		}
		for _, id := range ids {
			f = o.e.and(f, o.conds[id])
		}
		g, _ := o.e.solve(f)
		out = g == never
	})
	o.memo[key] = out
	return out
}
