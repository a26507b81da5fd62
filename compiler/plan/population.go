package plan

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// populationKey is equal for populations that are ordered, or have their
// values, alike.
func populationKey(rel *ir.Relation, k rankKey) string {
	segment := "-"
	if k.of != nil {
		segment = k.of.Name
	}
	return strings.Join([]string{rel.Name, segment, ir.Key(k.value), ir.Key(k.per)}, "\x00")
}

// Find is the table that has a rank, bucket or value of the population, as it
// was checked, and its columns there: one, but for an average, which is that
// of a sum and a count. Nil where the plan does not have it.
func (p *Plan) Find(rel *ir.Relation, x ir.Expr) (t *Table, cols []string) {
	x = countHistories(x, func(h *ir.History) *ir.Relation { return ir.ChangesOf(h.Seg.Entity) })
	x, err := ir.Lower(p.Project.Calendar, p.AsOf, x)
	if err != nil {
		return nil, nil // Build has said so, where it matters
	}
	switch x := x.(type) {
	case *ir.Bucket:
		return p.find(populationKey(rel, rankKey{x.Value, x.Of, x.Per}), Rank), []string{(&Position{Buckets: x.K}).name()}
	case *ir.PopAgg:
		t = p.find(populationKey(rel, rankKey{x.Value, x.Of, x.Per}), Values)
		if x.Op == ir.OpAvg {
			return t, []string{string(ir.OpSum), string(ir.OpCount)}
		}
		return t, []string{popName(x)}
	case *ir.Rank:
		return p.find(populationKey(rel, rankKey{x.Value, x.Of, x.Per}), Rank), []string{(&Position{Bottom: x.Bottom, N: x.N, Percent: x.Percent}).name()}
	default:
		return nil, nil
	}
}

func (p *Plan) find(key string, kind Kind) *Table {
	for _, t := range p.Tables {
		if t.Kind == kind && t.Population == key {
			return t
		}
	}
	return nil
}

func popName(a *ir.PopAgg) string {
	if a.Percent == nil {
		return string(a.Op)
	}
	return string(a.Op) + " " + a.Percent.String()
}
