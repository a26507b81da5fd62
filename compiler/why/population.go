package why

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
)

// Cuts are where a run divided the population, by program.Population.Key: they
// answer for everybody where the rows of one customer are all that is at hand.
type Cuts struct {
	cuts map[string]*program.Cut
}

// NewCuts makes the answer of cuts.
func NewCuts(cuts map[string]*program.Cut) *Cuts { return &Cuts{cuts} }

// group is the cut of a construct in a group; nil where the run saw none.
func (c *Cuts) group(x, per ir.Expr, g ir.Group) *program.GroupCut {
	cut := c.cuts[g.Rel.Name+" "+ir.Key(x)]
	if cut == nil {
		return nil
	}
	switch {
	case g.All:
		return cut.Groups[""]
	case g.Per.IsMissing():
		return cut.Groups[program.MissingGroup]
	case g.Per.Kind == value.Version: // kept as it is ordered
		return cut.Groups[program.GroupName(per.Type(), g.Per.S)]
	default:
		return cut.Groups[program.GroupName(per.Type(), g.Per.String())]
	}
}

// Rank holds when the place is not behind the last that the run let in.
func (c *Cuts) Rank(r *ir.Rank, s ir.Standing) bool {
	g := c.group(r, r.Per, s.Group)
	switch {
	case g == nil:
		return false
	case g.Open:
		return true
	case len(g.Bounds) == 0:
		return false
	}
	if d := value.Compare(s.Value, g.Bounds[0].Value); d != 0 {
		return d < 0 == r.Bottom
	}
	return value.Compare(s.Key, g.Bounds[0].Key) <= 0
}

// last is the value of the last place that is in; missing where whoever has a
// value is.
func (c *Cuts) last(r *ir.Rank, group ir.Group) value.Value {
	if g := c.group(r, r.Per, group); g != nil && !g.Open && len(g.Bounds) > 0 {
		return g.Bounds[0].Value
	}
	return value.Value{}
}

// Bucket is the first whose last place the row does not pass.
func (c *Cuts) Bucket(b *ir.Bucket, s ir.Standing) value.Value {
	g := c.group(b, b.Per, s.Group)
	if g == nil || len(g.Bounds) == 0 {
		return value.Value{}
	}
	own := value.SortKey{s.Value, s.Key}
	for i, bound := range g.Bounds {
		if !bound.Value.IsMissing() && own.Compare(value.SortKey{bound.Value, bound.Key}) <= 0 {
			return value.NewInt(int64(i) + 1)
		}
	}
	return value.NewInt(int64(len(g.Bounds)))
}

// Value is what the run found of a group.
func (c *Cuts) Value(a *ir.PopAgg, group ir.Group) value.Value {
	if g := c.group(a, a.Per, group); g != nil {
		return g.Value
	}
	if a.Op.ZeroOfNone() {
		v, _ := value.Widen(value.NewInt(0), a.T)
		return v
	}
	return value.Value{}
}

// usesPopulation reports whether the segment, by whatever it refers to, looks
// at everybody.
func (b *builder) usesPopulation() bool { return UsesPopulation(b.q.Segment) }

// UsesPopulation reports whether a segment, by whatever it refers to, looks at
// everybody: it has a rank, a bucket or a value of the population.
func UsesPopulation(s *ir.Segment) bool {
	found := false
	eachRule(s, func(x ir.Expr) {
		switch x.(type) {
		case *ir.Bucket, *ir.PopAgg, *ir.Rank:
			found = true
		default: // asks of one row
		}
	})
	return found
}

// eachRule visits every expression of a segment's rule and of those it refers
// to.
func eachRule(s *ir.Segment, visit func(ir.Expr)) {
	seen := map[*ir.Segment]bool{}
	var rule func(s *ir.Segment)
	rule = func(s *ir.Segment) {
		if seen[s] {
			return
		}
		seen[s] = true
		ir.Walk(s.Where, func(x ir.Expr) bool {
			visit(x)
			return true
		})
		for _, of := range ir.Refs(s.Where) {
			rule(of)
		}
	}
	rule(s)
}

// Histories are the segments whose stored changes a segment asks for, by
// whatever it refers to.
func Histories(s *ir.Segment) []*ir.Segment {
	var out []*ir.Segment
	eachRule(s, func(x ir.Expr) {
		if h, ok := x.(*ir.History); ok && !slices.Contains(out, h.Seg) {
			out = append(out, h.Seg)
		}
	})
	return out
}
