package kernel

import (
	"slices"
	"sync"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Rank is a table of a plan that orders the rows of an entity by one feature,
// as a program has it in hand for all of them. It answers the atoms that look
// at one column of the table, and says where each column divides the rows.
type Rank struct {
	Table   *plan.Table
	Atoms   []*plan.Atom
	of      []rankTest // of each atom
	feature int
	zero    bool    // a missing value is 0
	values  []int64 // by owner: the low words
	high    []int64 // less the sign of these, nil where that is all: few sums take 128 bits
	widen   sync.Once
	known   []uint64
	ranked  [2][]int32 // the owners that have a value, as far in order as asked for: downwards, upwards
}

type rankTest struct {
	position *plan.Position
	region   *region
	none     bool // what holds of who has no place
}

// Ranks takes those tables of a plan that order all rows by a feature of the
// program, for atoms alone; of these it answers those that are given.
func (p *Program) Ranks(pl *plan.Plan, atoms []*plan.Atom) (out []*Rank) {
	for _, t := range pl.Tables {
		if r := p.rank(pl, t, atoms); r != nil {
			out = append(out, r)
		}
	}
	return out
}

func (p *Program) rank(pl *plan.Plan, t *plan.Table, atoms []*plan.Atom) *Rank {
	if t.Kind != plan.Rank || t.Rel != p.Entity || t.Of != nil || t.Per != nil || t.Apart != nil {
		return nil
	}
	slot, ok := t.Value.(*ir.Slot)
	if !ok || !wholeNumber(slot.T) {
		return nil
	}
	r := &Rank{Table: t, zero: slot.Zero}
	if r.feature, ok = p.slots[slot.Table+"\x00"+slot.Col]; !ok {
		return nil
	}
	isOf := func(s *ir.Slot) bool { return s.Table == t.Name }
	for _, other := range pl.Tables {
		if slices.ContainsFunc(other.Slots(), isOf) {
			return nil
		}
	}
	for _, a := range atoms {
		if !slices.ContainsFunc(a.Slots, isOf) {
			continue
		}
		o, slot := overSlot(p.cal, a.X)
		if slot == nil || a.Entity != t.Rel {
			return nil
		}
		region, ok := o.region(a.X)
		if !ok {
			return nil
		}
		at := slices.IndexFunc(t.Ranks, func(x *plan.Position) bool { return x.Col == slot.Col })
		r.Atoms, r.of = append(r.Atoms, a), append(r.of, rankTest{t.Ranks[at], region, region.holds(0, slot.Zero)})
	}
	return r
}

// Rank lets a program's runs gather what a rank orders by.
func (a *Answers) Rank(r *Rank) { a.ranks = append(a.ranks, r) }

// begin gives owners what those without rows have.
func (r *Rank) begin(p *Program, owners, from, to int) {
	if r.values == nil {
		r.values, r.known = make([]int64, owners), make([]uint64, (owners+63)/64)
	}
	clear(r.values[from:to])
	if r.high != nil {
		clear(r.high[from:to])
	}
	clear(r.known[from>>6 : (to+63)>>6])
	if r.zero || p.features[r.feature].zero {
		fill(r.known, from, to)
	}
}

// set takes a feature of an owner, once after begin.
func (r *Rank) set(owner int, v Wide, known bool) {
	if !known {
		v = Wide{}
	}
	n := int64(v.Lo)
	r.values[owner] = n
	if high := v.Hi - n>>63; high != 0 {
		r.widen.Do(func() { r.high = make([]int64, len(r.values)) })
		r.high[owner] = high
	}
	bit := uint64(1) << (owner & 63)
	if r.known[owner>>6] &^= bit; known || r.zero {
		r.known[owner>>6] |= bit
	}
}

// value is what was set of an owner.
func (r *Rank) value(owner int32) Wide {
	v := narrow(r.values[owner])
	if r.high != nil {
		v.Hi += r.high[owner]
	}
	return v
}

// Forget ends what a rank is for, so that its memory can be used again.
func (r *Rank) Forget() { r.values, r.high, r.known, r.ranked = nil, nil, nil, [2][]int32{} }

// Order puts owners into places, when all have their values. before says which
// of two owners has the lesser key: of equal values it comes first.
func (r *Rank) Order(before func(a, b int32) bool) {
	var all []int32
	for owner := range r.values {
		if isIn(r.known, owner) {
			all = append(all, int32(owner))
		}
	}
	r.ranked = [2][]int32{}
	for way, up := range []bool{false, true} {
		var cuts []int
		for _, p := range r.Table.Ranks {
			if upwards(p) == up {
				cuts = append(cuts, lasts(p, len(all))...)
			}
		}
		if cuts == nil {
			continue
		}
		slices.Sort(cuts)
		r.ranked[way] = slices.Clone(all)
		divide(r.ranked[way], slices.Compact(cuts), func(a, b int32) bool {
			if d := r.value(a).compare(r.value(b)); d != 0 {
				return d < 0 == up
			}
			return before(a, b)
		})
	}
}

// upwards reports whether places are counted from the least value.
func upwards(p *plan.Position) bool { return p.Bottom || p.Buckets > 0 }

// lasts are, of n in order, how many are within a position: of buckets, in each
// and those below.
func lasts(p *plan.Position, n int) (out []int) {
	switch {
	case p.Buckets > 0:
		for b := int64(1); b <= p.Buckets; b++ {
			out = append(out, int(ir.LastInBucket(b, p.Buckets, int64(n))))
		}
		return out
	case p.Percent != nil:
		return []int{int(ir.InShare(*p.Percent, int64(n)))}
	default:
		return []int{int(min(int64(n), p.N))}
	}
}

// Answer answers the atoms; sets has a set for each, all of them empty.
func (r *Rank) Answer(sets [][]uint64) {
	for i, t := range r.of {
		if t.none {
			fill(sets[i], 0, len(r.values))
		}
		put := func(owners []int32, place int64) {
			if t.region.holds(place, true) == t.none {
				return
			}
			for _, owner := range owners {
				sets[i][owner>>6] ^= 1 << (owner & 63)
			}
		}
		ranked := r.way(t.position)
		from := 0
		for b, last := range lasts(t.position, len(ranked)) {
			put(ranked[from:last], int64(b+1)) // true, or the number of the bucket
			from = last
		}
		if t.position.Buckets == 0 {
			put(ranked[from:], 0)
		}
	}
}

func (r *Rank) way(p *plan.Position) []int32 {
	if upwards(p) {
		return r.ranked[1]
	}
	return r.ranked[0]
}

// Cut is the last place of a position, or of a bucket of it.
type Cut struct {
	Place int   // of a bucket its number, else 1
	Owner int32 // who has it
	Value value.Value
	Open  bool // there are more places than rows
}

// Cuts says where a position divides the rows, as sql.CutQuery does.
func (r *Rank) Cuts(p *plan.Position, before func(a, b int32) bool) (out []Cut) {
	ranked := r.way(p)
	open := p.Buckets == 0 && ir.IsOpen(p.Percent, p.N, int64(len(ranked)))
	from := 0
	for b, last := range lasts(p, len(ranked)) {
		if last > from {
			owner := slices.MaxFunc(ranked[from:last], func(a, b int32) int {
				d := r.value(a).compare(r.value(b))
				switch {
				case d == 0 && before(a, b):
					return -1
				case d == 0:
					return 1
				case upwards(p):
					return d
				default:
					return -d
				}
			})
			out = append(out, Cut{b + 1, owner, r.value(owner).value(r.Table.Value.Type()), open})
		}
		from = last
	}
	return out
}

// divide puts what comes first in front of each cut, which are in order: the
// parts between them are in none.
func divide(list []int32, cuts []int, less func(a, b int32) bool) {
	for len(cuts) > 0 && len(list) > 1 {
		m := len(cuts) / 2
		at := cuts[m]
		choose(list, at, less)
		divide(list[:at], cuts[:m], less)
		rest := make([]int, 0, len(cuts)-m-1)
		for _, c := range cuts[m+1:] {
			rest = append(rest, c-at)
		}
		list, cuts = list[at:], rest
	}
}

// choose puts the n that come first in front of the others, by dividing at a
// pivot again and again (Hoare's selection).
func choose(list []int32, n int, less func(a, b int32) bool) {
	for n > 0 && n < len(list) {
		pivot := middle(list[0], list[len(list)/2], list[len(list)-1], less)
		i, k := 0, len(list)-1
		for i <= k {
			for less(list[i], pivot) {
				i++
			}
			for less(pivot, list[k]) {
				k--
			}
			if i <= k {
				list[i], list[k] = list[k], list[i]
				i++
				k--
			}
		}
		switch {
		case n <= k:
			list = list[:k+1]
		case n >= i:
			list, n = list[i:], n-i
		default:
			return
		}
	}
}

func middle(a, b, c int32, less func(a, b int32) bool) int32 {
	if less(b, a) {
		a, b = b, a
	}
	switch {
	case less(c, a):
		return a
	case less(b, c):
		return b
	}
	return c
}
