package ir

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/segql/segql/compiler/value"
)

// agg is an aggregate over the rows of a fact that lead to the anchor row;
// without an anchor row there are no rows.
func (e *evaluation) agg(at *row, a *Agg) value.Value {
	return e.aggregate(aggregated{a.Op, a.Distinct, a.Value, nil, a.Leaf}, e.counted(at, a))
}

// counted are the rows that an aggregate is of.
func (e *evaluation) counted(at *row, a *Agg) []*row {
	anchor := at
	for _, l := range a.Anchor {
		if anchor = e.follow(anchor, l); anchor == nil {
			break
		}
	}
	var rows []*row
	for _, f := range e.leadingTo(anchor, a.Leaf, a.Back) {
		inWindow := a.Window == nil || e.inWindow(e.column(f, a.Leaf.Time), false, at, a.Window)
		if inWindow && (a.Where == nil || e.holds(f, a.Where)) {
			rows = append(rows, f)
		}
	}
	return rows
}

// leadingTo are the rows of leaf from which the lookups of back lead to the
// anchor row.
func (e *evaluation) leadingTo(anchor *row, leaf *Relation, back []*Lookup) []*row {
	if anchor == nil {
		return nil
	}
	key := leaf.Name + " " + lookupsKey(back)
	if e.backs[key] == nil {
		e.backs[key] = map[*row][]*row{}
		for _, f := range e.rowsOf(leaf) {
			to := f
			for _, l := range back {
				if to = e.follow(to, l); to == nil {
					break
				}
			}
			if to != nil {
				e.backs[key][to] = append(e.backs[key][to], f)
			}
		}
	}
	return e.backs[key][anchor]
}

// groupAgg is an aggregate over the rows of the group being made.
func (e *evaluation) groupAgg(at *row, g *GroupAgg) value.Value {
	return e.aggregate(aggregated{g.Op, g.Distinct, g.Value, nil, at.rel}, at.among)
}

// popAgg is an aggregate over the population.
func (e *evaluation) popAgg(at *row, a *PopAgg) value.Value {
	if e.everyone != nil {
		return e.everyone.Value(a, e.group(at, a.Per))
	}
	return e.aggregate(aggregated{a.Op, false, a.Value, a.Percent, at.rel}, e.population(at, a.Of, a.Per))
}

// population are the rows of the entity, or of a segment of it, that share
// Per with the row; those without it are a population of their own.
func (e *evaluation) population(at *row, of *Segment, per Expr) []*row {
	var rows []*row
	for _, other := range e.rowsOf(at.rel) {
		if of != nil && !e.member(other, of) {
			continue
		}
		if per != nil {
			a, b := e.value(at, per), e.value(other, per)
			if !value.Equal(a, b) && !(a.IsMissing() && b.IsMissing()) {
				continue
			}
		}
		rows = append(rows, other)
	}
	return rows
}

// aggregated is what is aggregated over rows of rel.
type aggregated struct {
	op       AggOp
	distinct bool
	value    Expr // nil counts rows
	percent  *value.Value
	rel      *Relation
}

// aggregate skips missing values, but for first, last and the count of rows.
func (e *evaluation) aggregate(a aggregated, rows []*row) value.Value {
	if a.op == OpFirst || a.op == OpLast {
		return e.firstOf(a, rows)
	}
	if a.value == nil {
		return value.NewInt(int64(len(rows)))
	}
	var known value.SortKey
	for _, at := range rows {
		if v := e.value(at, a.value); !v.IsMissing() {
			known = append(known, v)
		}
	}
	if a.distinct {
		known = distinctOf(known)
	}
	v, err := reduce(a, known)
	if err != nil {
		fail(fmt.Errorf("%s: %w", a.value.Span().Text(), err))
	}
	return v
}

// reduce is an aggregate of known values; of none it is missing, but for
// count and sum.
func reduce(a aggregated, known []value.Value) (value.Value, error) {
	switch {
	case a.op == OpCount:
		return value.NewInt(int64(len(known))), nil
	case a.op == OpSum:
		return value.Sum(a.value.Type(), known)
	case len(known) == 0:
		return value.Value{}, nil
	}
	switch a.op {
	case OpAvg:
		return value.Avg(a.value.Type(), known)
	case OpMax:
		return slices.MaxFunc(known, value.Compare), nil
	case OpMedian:
		return value.Median(known), nil
	case OpMin:
		return slices.MinFunc(known, value.Compare), nil
	case OpMode:
		return mode(known), nil
	case OpPercentile:
		return percentile(known, *a.percent), nil
	default:
		panic("ir: aggregate " + string(a.op))
	}
}

func distinctOf(values []value.Value) []value.Value {
	var out []value.Value
	for _, v := range values {
		if !slices.ContainsFunc(out, func(o value.Value) bool { return value.Equal(o, v) }) {
			out = append(out, v)
		}
	}
	return out
}

// mode is the value that occurs most often, of several the smallest.
func mode(known []value.Value) value.Value {
	count := func(v value.Value) int {
		n := 0
		for _, o := range known {
			if value.Equal(o, v) {
				n++
			}
		}
		return n
	}
	best := known[0]
	for _, v := range known[1:] {
		n, most := count(v), count(best)
		if n > most || n == most && value.Compare(v, best) < 0 {
			best = v
		}
	}
	return best
}

// percentile is the smallest known value that at least p % of the known
// values do not exceed.
func percentile(known []value.Value, p value.Value) value.Value {
	sorted := slices.SortedFunc(slices.Values(known), value.Compare)
	for _, v := range sorted {
		within := 0
		for _, o := range sorted {
			if value.Compare(o, v) <= 0 {
				within++
			}
		}
		share := new(big.Rat).SetFrac64(int64(100*within), int64(len(sorted)))
		if share.Cmp(rational(p)) >= 0 {
			return v
		}
	}
	panic("ir: no percentile above 100")
}

func rational(v value.Value) *big.Rat {
	q, _ := new(big.Rat).SetString(v.String())
	return q
}

// firstOf is the value of the earliest (or latest) row, even when missing;
// ties go by the fact's key, then the smallest (largest) known value.
func (e *evaluation) firstOf(a aggregated, rows []*row) value.Value {
	if len(rows) == 0 {
		return value.Value{}
	}
	sign := 1
	if a.op == OpLast {
		sign = -1
	}
	// Missing comes last in both directions.
	order := func(x, y value.Value) int {
		if x.IsMissing() || y.IsMissing() {
			return value.SortKey{x}.Compare(value.SortKey{y})
		}
		return sign * value.Compare(x, y)
	}
	best := slices.MinFunc(rows, func(x, y *row) int {
		if c := order(e.column(x, a.rel.Time), e.column(y, a.rel.Time)); c != 0 {
			return c
		}
		for _, k := range a.rel.Keys() {
			if c := order(e.column(x, k), e.column(y, k)); c != 0 {
				return c
			}
		}
		return order(e.value(x, a.value), e.value(y, a.value))
	})
	return e.value(best, a.value)
}

// place is where a row stands among n others, counted from 1 from either
// end; ties go by key, the smaller first, in both directions.
type place struct{ fromTop, fromBottom, n int64 }

// placeOf finds the place of a row by value; ok is false when its value is
// missing or it is not of the population.
func (e *evaluation) placeOf(at *row, node, v Expr, of *Segment, per Expr) (place, bool) {
	if e.orders[node] == nil {
		e.orders[node] = map[*row]place{}
		all := e.contenders(at.rel, v, of, per)
		for _, c := range all {
			e.orders[node][c.row] = c.placeAmong(all)
		}
	}
	p, ok := e.orders[node][at]
	return p, ok
}

// contender is a row that has a place, with what it depends on: worked out
// once, however many rows it is compared with.
type contender struct {
	row            *row
	value, per, id value.Value
}

// contenders are the rows of a population whose value is known.
func (e *evaluation) contenders(rel *Relation, v Expr, of *Segment, per Expr) []contender {
	var out []contender
	for _, r := range e.rowsOf(rel) {
		c := contender{row: r, value: e.value(r, v)}
		if c.value.IsMissing() || of != nil && !e.member(r, of) {
			continue
		}
		if c.id = e.column(r, rel.Key); per != nil {
			c.per = e.value(r, per)
		}
		out = append(out, c)
	}
	return out
}

// placeAmong is its place among those that share Per with it.
func (c contender) placeAmong(all []contender) place {
	p := place{1, 1, 0}
	for _, other := range all {
		if !value.Equal(c.per, other.per) && !(c.per.IsMissing() && other.per.IsMissing()) {
			continue
		}
		p.n++
		by := value.Compare(other.value, c.value)
		before := by == 0 && value.Compare(other.id, c.id) < 0
		if by > 0 || before {
			p.fromTop++
		}
		if by < 0 || before {
			p.fromBottom++
		}
	}
	return p
}

// bucket is ceil(K × position / n), position 1 the lowest.
func (e *evaluation) bucket(at *row, b *Bucket) value.Value {
	if e.everyone != nil {
		place, ok := e.standing(at, b.Value, b.Of, b.Per)
		if !ok {
			return value.Value{}
		}
		return e.everyone.Bucket(b, place)
	}
	p, ok := e.placeOf(at, b, b.Value, b.Of, b.Per)
	if !ok {
		return value.Value{}
	}
	return value.NewInt((b.K*p.fromBottom + p.n - 1) / p.n)
}

// ranked: the first N, or ceil(P × n), from the top or the bottom.
func (e *evaluation) ranked(at *row, r *Rank) bool {
	if e.everyone != nil {
		place, ok := e.standing(at, r.Value, r.Of, r.Per)
		return ok && e.everyone.Rank(r, place)
	}
	p, ok := e.placeOf(at, r, r.Value, r.Of, r.Per)
	if !ok {
		return false
	}
	position := p.fromTop
	if r.Bottom {
		position = p.fromBottom
	}
	if r.Percent == nil {
		return position <= r.N
	}
	return position <= InShare(*r.Percent, p.n)
}
