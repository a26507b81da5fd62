package kernel

import (
	"math"

	"github.com/segql/segql/compiler/plan"
)

// Sets works out sets of n rows from those of atoms, as words of 64 rows each.
// What several refer to is worked out once.
type Sets struct {
	n     int
	atoms map[*plan.Atom][]uint64
	done  map[plan.Set][]uint64
}

// NewSets begins with the sets of atoms, which stay as they are.
func NewSets(n int, atoms map[*plan.Atom][]uint64) *Sets {
	return &Sets{n, atoms, map[plan.Set][]uint64{}}
}

// Of is a set, which must not be changed.
func (s *Sets) Of(set plan.Set) []uint64 {
	if a, ok := set.(*plan.Atom); ok {
		words := s.atoms[a]
		if words == nil {
			panic("kernel: an atom was not looked for")
		}
		return words
	}
	words := s.done[set]
	if words == nil {
		words = s.combine(set)
		s.done[set] = words
	}
	return words
}

func (s *Sets) combine(set plan.Set) []uint64 {
	out := make([]uint64, (s.n+63)/64)
	switch set := set.(type) {
	case *plan.All:
		fill(out, 0, s.n)
		for _, x := range set.Xs {
			for i, w := range s.part(x) {
				out[i] &= w
			}
		}
	case *plan.Any:
		for _, x := range set.Xs {
			for i, w := range s.part(x) {
				out[i] |= w
			}
		}
	case *plan.Atom:
		panic("kernel: an atom is no combination")
	case *plan.Everyone:
		if set.Is {
			fill(out, 0, s.n)
		}
	case *plan.Others:
		for i, w := range s.part(set.X) {
			out[i] = ^w
		}
		if rest := s.n % 64; rest != 0 {
			out[len(out)-1] &= math.MaxUint64 >> (64 - rest)
		}
	default:
		panic("kernel: a set of another kind")
	}
	return out
}

// part is a set for one use: what only its parent can refer to is not kept.
func (s *Sets) part(set plan.Set) []uint64 {
	switch set := set.(type) {
	case *plan.Everyone, *plan.Others:
		return s.combine(set)
	default:
		return s.Of(set)
	}
}
