package program

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Cuts works out the cuts of all population constructs of the program from a
// frame into which everybody's rows were loaded (Begin): what a run does in a
// database. Histories are not among them. cuts are what is known already.
func (f *Frame) Cuts(cuts map[string]*Cut) (map[string]*Cut, error) {
	out := map[string]*Cut{}
	for k, v := range cuts {
		out[k] = v
	}
	for range f.program.Populations { // at most as often as they build on one another
		at := *f.at
		at.cuts = slices.Clone(f.at.cuts)
		for i, p := range f.program.Populations {
			at.cuts[i] = out[p.Key]
		}
		if err := f.Begin(&at, f.subject, f.loaded, 1<<62); err != nil {
			return nil, err
		}
		for i, p := range f.program.Populations {
			if p.History || out[p.Key] != nil || !f.ready(p, &at) {
				continue
			}
			cut, err := f.cut(i)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Text, err)
			}
			out[p.Key] = cut
		}
	}
	return out, nil
}

// ready reports whether the constructs that one builds on have their cuts.
func (f *Frame) ready(p *Population, at *Instant) bool {
	for _, i := range p.needs {
		if at.cuts[i] == nil {
			return false
		}
	}
	return true
}

func (f *Frame) cut(pop int) (*Cut, error) {
	p := f.program.Populations[pop]
	k := p.placed
	t := f.ensure(k.rel)
	groups := map[string][]value.SortKey{}
	for r := range int32(t.n) {
		if !t.live.has(r) || k.of != nil && !k.of.one(f, r) {
			continue
		}
		name := k.name(f, r)
		if v := k.value.value(f, r); !v.IsMissing() {
			groups[name] = append(groups[name], value.SortKey{v, k.key.value(f, r)})
		} else if groups[name] == nil {
			groups[name] = []value.SortKey{}
		}
	}
	if err := f.take(); err != nil {
		return nil, err
	}
	out := &Cut{Groups: map[string]*GroupCut{}}
	for name, rows := range groups {
		g, err := p.cutOf(rows)
		if err != nil {
			return nil, err
		}
		out.Groups[name] = g
	}
	return out, nil
}

// cutOf divides the rows of a group that have a value.
func (p *Population) cutOf(rows []value.SortKey) (*GroupCut, error) {
	slices.SortFunc(rows, func(a, b value.SortKey) int { return a.Compare(b) })
	n := int64(len(rows))
	switch x := p.Expr.(type) {
	case *ir.Bucket:
		g := &GroupCut{}
		for k := int64(1); k <= x.K; k++ {
			if last := ir.LastInBucket(k, x.K, n); last > 0 {
				g.Bounds = append(g.Bounds, Place{rows[last-1][0], rows[last-1][1]})
			} else {
				g.Bounds = append(g.Bounds, Place{})
			}
		}
		return g, nil
	case *ir.Rank:
		most := x.N
		if x.Percent != nil {
			most = ir.InShare(*x.Percent, n)
		}
		g := &GroupCut{Open: ir.IsOpen(x.Percent, x.N, n)}
		if !x.Bottom {
			slices.SortFunc(rows, func(a, b value.SortKey) int {
				if c := value.Compare(b[0], a[0]); c != 0 {
					return c
				}
				return value.Compare(a[1], b[1])
			})
		}
		if last := min(most, n); last > 0 {
			g.Bounds = []Place{{rows[last-1][0], rows[last-1][1]}}
		}
		return g, nil
	default:
		a := x.(*ir.PopAgg)
		values := make([]value.Value, len(rows))
		for i, r := range rows {
			values[i] = r[0]
		}
		v, err := ir.Reduce(a, values)
		return &GroupCut{Value: v}, err
	}
}
