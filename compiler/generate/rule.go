package generate

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
)

// lit says of one condition whether it is to hold. Conditions that are built
// alike are one, wherever they stand.
type lit struct {
	prove.Condition
	key string
}

// id is the condition with what it is to be.
func (l lit) id() string { return fmt.Sprint(l.Holds, " ", l.key) }

// region are conditions that hold, or do not, of the same row.
type region []lit

// with adds to a region; ok is false where the two contradict each other.
func (r region) with(more region) (region, bool) {
	out := slices.Clone(r)
	for _, l := range more {
		switch said, holds := out.says(l.key); {
		case !said:
			out = append(out, l)
		case holds != l.Holds:
			return nil, false
		}
	}
	return out, true
}

func (r region) says(key string) (said, holds bool) {
	i := slices.IndexFunc(r, func(l lit) bool { return l.key == key })
	if i < 0 {
		return false, false
	}
	return true, r[i].Holds
}

func (r region) conditions() []prove.Condition {
	out := make([]prove.Condition, len(r))
	for i, l := range r {
		out[i] = l.Condition
	}
	return out
}

// is is the region of one condition.
func is(x ir.Expr, holds bool) region {
	return region{{prove.Condition{X: x, Holds: holds}, ir.Key(x)}}
}

// fewWays bounds in how many ways a condition is made to hold.
const fewWays = 4

// each joins every region of one list with every one of the other, as far as
// they go together.
func each(a, b []region) []region {
	var out []region
	for _, x := range a {
		for _, y := range b {
			if r, ok := x.with(y); ok && len(out) < fewWays {
				out = append(out, r)
			}
		}
	}
	return out
}

// ways are regions in which a condition holds, or does not, those that ask
// the first of its parts first.
func ways(x ir.Expr, holds bool) []region {
	var parts []ir.Expr
	all := holds
	switch x := x.(type) {
	case *ir.And:
		parts = x.Xs
	case *ir.Not:
		return ways(x.X, !holds)
	case *ir.Or:
		parts, all = x.Xs, !holds
	default:
		return []region{is(x, holds)}
	}
	if all {
		out := []region{nil}
		for _, y := range parts {
			out = each(out, ways(y, holds))
		}
		return out
	}
	var out []region
	for _, y := range parts {
		out = append(out, ways(y, holds)...)
	}
	return out[:min(len(out), fewWays)]
}

// deciding are regions in which a leaf alone decides whether a condition
// holds.
func deciding(x, leaf ir.Expr) []region {
	var parts []ir.Expr
	others := true // what the other parts must be
	switch x := x.(type) {
	case *ir.And:
		parts = x.Xs
	case *ir.Not:
		return deciding(x.X, leaf)
	case *ir.Or:
		parts, others = x.Xs, false
	default:
		if x == leaf {
			return []region{nil}
		}
		return nil
	}
	var out []region
	for i, y := range parts {
		found := deciding(y, leaf)
		for j, z := range parts {
			if i != j && len(found) > 0 {
				found = each(found, ways(z, others))
			}
		}
		out = append(out, found...)
	}
	return out[:min(len(out), fewWays)]
}

// known is what a condition is in a region, if that decides it.
func (r region) known(x ir.Expr) (holds, ok bool) {
	var parts []ir.Expr
	and := true
	switch x := x.(type) {
	case *ir.And:
		parts = x.Xs
	case *ir.Not:
		holds, ok = r.known(x.X)
		return !holds, ok
	case *ir.Or:
		parts, and = x.Xs, false
	default:
		ok, holds = r.says(ir.Key(x))
		return holds, ok
	}
	all := true
	for _, y := range parts {
		h, known := r.known(y)
		if known && h != and {
			return !and, true
		}
		all = all && known
	}
	return and, all
}

// open is the first leaf that must be known next to decide a condition; nil
// when it is decided.
func (r region) open(x ir.Expr) ir.Expr {
	if _, ok := r.known(x); ok {
		return nil
	}
	switch x.(type) {
	case *ir.And, *ir.Not, *ir.Or:
		for _, y := range ir.Children(x) {
			if leaf := r.open(y); leaf != nil {
				return leaf
			}
		}
	default:
		return x
	}
	return nil
}

// paths calls f for each way through the conditions of segments, as they are
// read from the first on: each leaf is asked only where it matters, and holds
// in the first of the two ways that go on from it. f may stop it. enter says
// whether a region is worth going into.
func paths(segments []*ir.Segment, enter func(region) bool, f func(region) bool) {
	var down func(r region) bool
	down = func(r region) bool {
		for _, s := range segments {
			leaf := r.open(s.Where)
			if leaf == nil {
				continue
			}
			for _, holds := range []bool{true, false} {
				next := append(slices.Clone(r), is(leaf, holds)...)
				if enter(next) && !down(next) {
					return false
				}
			}
			return true
		}
		return f(r)
	}
	down(nil)
}

// leavesOf are the conditions of segments that are made of no others, in the
// order they are read, each once.
func leavesOf(segments ...*ir.Segment) (out []ir.Expr) {
	seen := map[string]bool{}
	for _, s := range segments {
		cover.Leaves(s.Where, func(x ir.Expr) {
			if key := ir.Key(x); !seen[key] {
				seen[key] = true
				out = append(out, x)
			}
		})
	}
	return out
}

// lone says why one made-up customer may not show a condition; "" where it
// looks at nothing but the customer.
func lone(x ir.Expr) (why string) {
	read := map[*ir.Segment]bool{}
	var look func(x ir.Expr)
	look = func(x ir.Expr) {
		ir.Walk(x, func(y ir.Expr) bool {
			switch y.(type) {
			case *ir.Bucket, *ir.PopAgg, *ir.Rank:
				why = "it compares customers with each other, and these stand alone"
			case *ir.History:
				why = "it reads what earlier runs have stored, and there are none"
			default: // look below
			}
			return why == ""
		})
		for _, s := range ir.Refs(x) {
			if !read[s] {
				read[s] = true
				look(s.Where)
			}
		}
	}
	look(x)
	return why
}
