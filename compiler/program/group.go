package program

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// groups are the rows of each group.
type groups struct {
	done   bool
	starts []int32
	rows   []int32
	of     []int32
	table  []int32
	first  []int32
	hashes []uint64
}

// grouped makes one row of each group of from's rows; groups with a missing
// key are left out.
func (f *Frame) grouped(rel *relation, t *table) {
	base := f.ensure(rel.from)
	n := f.tables[rel.from.space.id].n
	g := &t.group
	g.of = grown(g.of, n)
	size := 16
	for size < 2*n {
		size *= 2
	}
	g.table = grown(g.table, size)
	for i := range g.table {
		g.table[i] = -1
	}
	g.first, g.hashes = g.first[:0], g.hashes[:0]
	for r := range int32(n) {
		g.of[r] = -1
		if !base.live.has(r) {
			continue
		}
		if h, ok := f.groupHash(rel, r); ok {
			g.of[r] = g.find(f, rel, r, h)
		}
	}
	t.n = len(g.first)
	t.live = sized(t.live, t.n)
	t.live.fill(t.n)
	g.gather(t.n)
}

func (f *Frame) groupHash(rel *relation, r int32) (uint64, bool) {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range rel.group {
		k := &rel.group[i]
		switch {
		case formOf(k.typ) == asInt && !k.impure:
			v, st := k.int(f, r)
			if st != known {
				return 0, false
			}
			h = (h ^ uint64(v)) * 1099511628211
			h ^= h >> 29
		default:
			v := k.value(f, r)
			if v.IsMissing() {
				return 0, false
			}
			s := v.S
			if v.Kind != value.Text {
				s = keyText(v)
			}
			for j := range len(s) {
				h = (h ^ uint64(s[j])) * 1099511628211
			}
			h *= 1099511628211
		}
	}
	return h, true
}

// find is the group of a row, a new one where there is none yet.
func (g *groups) find(f *Frame, rel *relation, r int32, h uint64) int32 {
	size := uint64(len(g.table))
	for at := h % size; ; at = (at + 1) % size {
		id := g.table[at]
		if id < 0 {
			id = int32(len(g.first))
			g.table[at] = id
			g.first, g.hashes = append(g.first, r), append(g.hashes, h)
			return id
		}
		if g.hashes[id] == h && f.sameGroup(rel, g.first[id], r) {
			return id
		}
	}
}

func (f *Frame) sameGroup(rel *relation, a, b int32) bool {
	for i := range rel.group {
		k := &rel.group[i]
		if formOf(k.typ) == asInt {
			x, _ := k.int(f, a)
			y, _ := k.int(f, b)
			if x != y {
				return false
			}
			continue
		}
		if keyText(k.value(f, a)) != keyText(k.value(f, b)) {
			return false
		}
	}
	return true
}

// gather lists the rows of each group, in their order.
func (g *groups) gather(n int) {
	g.starts = grown(g.starts, n+1)
	clear(g.starts)
	total := 0
	for _, id := range g.of {
		if id >= 0 {
			g.starts[id+1]++
			total++
		}
	}
	for i := range n {
		g.starts[i+1] += g.starts[i]
	}
	g.rows = grown(g.rows, total)
	for r, id := range g.of {
		if id >= 0 {
			g.rows[g.starts[id]] = int32(r)
			g.starts[id]++
		}
	}
	copy(g.starts[1:], g.starts)
	g.starts[0] = 0
}

func (g *groups) members(id int32) []int32 { return g.rows[g.starts[id]:g.starts[id+1]] }

// groupColumn is a column of a group: read at the first of its rows, with
// all of them at hand.
func (b *builder) groupColumn(c *column) {
	rel := c.rel
	in := (&scope{builder: b, rel: rel.from, group: true}).code(c.def.Def)
	c.impure = in.impure
	c.row = func(f *Frame, r int32) value.Value {
		g := &f.tables[rel.id].group
		before := f.among
		f.among = g.members(r)
		v := in.value(f, f.among[0])
		f.among = before
		return v
	}
	c.fill = func(f *Frame, v *Vec) {
		t := f.tables[rel.id]
		v.resize(formOf(c.typ), t.n)
		before := f.among
		w := filler{f, v, c.typ, &in}
		for r := range int32(t.n) {
			f.among = t.group.members(r)
			w.take(r, f.among[0])
		}
		f.among = before
	}
}

// groupAgg is an aggregate over the rows of the group that is being made.
func (s *scope) groupAgg(x *ir.GroupAgg) code {
	c := code{typ: x.T, slot: -1, cost: costly, impure: s.fails(x)}
	if x.Value == nil {
		c.int = func(f *Frame, _ int32) (int64, state) { return int64(len(f.among)), known }
		return c.complete()
	}
	inner := &scope{builder: s.builder, rel: s.rel}
	v := inner.code(x.Value)
	what := reduction{x.Op, x.Distinct, v.typ, x.Value}
	if x.Op == ir.OpFirst || x.Op == ir.OpLast {
		order := inner.ordering(x.Op == ir.OpLast, &v)
		c.value = func(f *Frame, _ int32) value.Value {
			best := f.among[0]
			for _, row := range f.among[1:] {
				if order.before(f, row, best) {
					best = row
				}
			}
			return v.value(f, best)
		}
		return c.complete()
	}
	c.value = func(f *Frame, _ int32) value.Value {
		base := len(f.kept)
		rows := f.among
		f.spend(len(rows))
		for _, row := range rows {
			if k := v.value(f, row); !k.IsMissing() {
				f.kept = append(f.kept, k)
			}
		}
		out := what.of(f, f.kept[base:])
		f.kept = f.kept[:base]
		return out
	}
	if x.Op == ir.OpSum && v.int != nil && v.typ.Exact() && !x.Distinct {
		c.int = func(f *Frame, _ int32) (int64, state) {
			var t total
			for _, row := range f.among {
				i, st := v.int(f, row)
				switch st {
				case large:
					return 0, large
				case known:
					t.add(i)
				}
			}
			i, ok := t.int()
			if !ok {
				return 0, large
			}
			return i, known
		}
	}
	return c.complete()
}
