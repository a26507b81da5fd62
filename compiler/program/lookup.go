package program

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// link is a lookup, compiled: the row of another relation for a row.
type link struct {
	from, to *relation
	id       int // in from's space
	by       code
	impure   bool
	cost     int
}

// link compiles a lookup. Relations that share their rows share their links.
func (s *scope) link(l *ir.Lookup) *link {
	from, to := s.relation(l.From), s.relation(l.To)
	return s.linkTo(from, to, l.By)
}

func (b *builder) linkTo(from, to *relation, by ir.Expr) *link {
	key := to.Name + " " + b.spaceKey(by)
	if have := from.space.byLink[key]; have != nil {
		return have
	}
	k := &link{from: from, to: to, cost: search}
	from.space.byLink[key] = k
	k.by = (&scope{builder: b, rel: from}).code(by)
	k.impure = k.by.impure || b.relationFails(to.Relation)
	k.id = from.space.links
	from.space.links++
	return k
}

// spaceKey is equal for expressions that mean the same over rows that share
// their numbers: columns are told apart by what they are made of.
func (b *builder) spaceKey(x ir.Expr) string {
	var key strings.Builder
	key.WriteString(ir.Key(x))
	ir.Walk(x, func(e ir.Expr) bool {
		if c, ok := e.(*ir.Column); ok {
			def := c.Col
			for def.Base != nil {
				def = def.Base
			}
			fmt.Fprintf(&key, " %p", def)
		}
		return true
	})
	return key.String()
}

// row is the row that the lookup leads to, -1 when there is none.
func (l *link) row(f *Frame, r int32) int32 {
	if l.impure {
		f.ensure(l.to)
		return f.findBy(l.to, l.by, r)
	}
	k := l.filled(f)
	if k.one {
		return int32(bit(k.lead.has(r))) - 1
	}
	return k.to[r]
}

func (l *link) filled(f *Frame) *linked {
	k := &f.tables[l.from.space.id].links[l.id]
	if !k.done {
		l.fill(f, k)
	}
	return k
}

func (l *link) fill(f *Frame, k *linked) {
	f.ensure(l.to)
	n := f.tables[l.from.space.id].n
	f.spend(n)
	k.done, k.listed, k.lead = true, false, sized(k.lead, n)
	if k.one = l.toOne(f, n, k.lead); k.one {
		return
	}
	k.to, k.listed = grown(k.to, n), true
	for r := range int32(n) {
		k.to[r] = f.findBy(l.to, l.by, r)
	}
}

// toOne marks the rows that lead to a relation of one row, which the customer
// itself mostly is.
func (l *link) toOne(f *Frame, n int, lead set) bool {
	t, key, by := f.tables[l.to.id], l.to.key, l.by
	if t.n != 1 || by.column == nil || by.typ.Kind != key.typ.Kind || by.typ.Scale != key.typ.Scale {
		return false
	}
	v, exists := f.vec(by.column), t.live.has(0)
	switch formOf(by.typ) {
	case asInt:
		own, st := key.int(f, 0)
		if exists && st == known {
			within(v.ints[:n], own, own, lead)
		}
	case asText:
		own, ok := key.text(f, 0)
		for r := 0; exists && ok && r < n; r++ {
			if v.texts[r] == own {
				lead.add(int32(r))
			}
		}
	default:
		return false
	}
	for w := range lead {
		lead[w] &= v.known[w]
	}
	return true
}

// all are the rows that the lookup leads to, of one that cannot fail.
func (l *link) all(f *Frame) []int32 {
	k := l.filled(f)
	if !k.listed {
		n := f.tables[l.from.space.id].n
		k.listed, k.to = true, grown(k.to, n)
		for r := range int32(n) {
			k.to[r] = int32(bit(k.lead.has(r))) - 1
		}
	}
	return k.to
}

// reached are the rows of a relation by the row of another that they lead
// back to. Where that has but one row, set has them, and rows lists them when
// it is asked for.
type reached struct {
	done   bool
	one    bool
	listed bool
	starts []int32 // of each anchor, and the end
	rows   []int32
	next   []int32
	of     int32 // the anchor of which set has the rows; -1: none yet
	set    set
}

// mine are the rows that lead to an anchor as a set; ok is false for an anchor
// of so few rows that they are better looked at one by one.
func (k *back) mine(f *Frame, anchor int32) (rows set, ok bool) {
	b := k.filled(f)
	if f.err != nil || b.of == anchor {
		return b.set, true
	}
	n, lead := f.tables[k.leaf.id].n, b.rows[b.starts[anchor]:b.starts[anchor+1]]
	if len(lead) < n/2 {
		return nil, false
	}
	b.of, b.set = anchor, sized(b.set, n)
	if len(lead) == n {
		b.set.fill(n)
		return b.set, true
	}
	for _, r := range lead {
		b.set.add(r)
	}
	return b.set, true
}

// back is a way from the rows of leaf to those of the anchor's relation.
type back struct {
	leaf   *relation
	links  []*link
	anchor *relation
	id     int
	impure bool
}

func (s *scope) back(leaf *ir.Relation, lookups []*ir.Lookup) *back {
	rel := s.relation(leaf)
	key := ""
	for _, l := range lookups {
		key += l.From.Name + "." + l.Name + " "
	}
	if have := rel.byBack[key]; have != nil {
		return have
	}
	k := &back{leaf: rel}
	for _, l := range lookups {
		one := s.link(l)
		k.links = append(k.links, one)
		k.anchor = one.to
		k.impure = k.impure || one.impure
	}
	k.id = rel.backs
	rel.backs++
	rel.byBack[key] = k
	return k
}

// of are the rows that lead to an anchor row, in their own order.
func (k *back) of(f *Frame, anchor int32) []int32 {
	b := k.filled(f)
	if f.err != nil {
		return nil
	}
	if !b.listed {
		b.list()
	}
	return b.rows[b.starts[anchor]:b.starts[anchor+1]]
}

func (k *back) filled(f *Frame) *reached {
	t := f.tables[k.leaf.id]
	b := &t.backs[k.id]
	if !b.done {
		f.ensure(k.leaf)
		if f.err == nil {
			k.fill(f, t, b)
		}
	}
	return b
}

// fill sorts the rows by their anchor, by counting.
func (k *back) fill(f *Frame, t *table, b *reached) {
	f.ensure(k.anchor)
	n, anchors := f.tables[k.leaf.space.id].n, f.tables[k.anchor.space.id].n
	f.spend(n)
	if k.single(f, t, b) {
		return
	}
	b.next, b.starts = grown(b.next, n), grown(b.starts, anchors+1)
	clear(b.starts)
	for r := range int32(n) {
		to := int32(-1)
		if t.live.has(r) {
			to = k.lead(f, r)
		}
		if b.next[r] = to; to >= 0 {
			b.starts[to]++
		}
	}
	b.sort()
}

// single is fill where all rows that lead anywhere lead to one row.
func (k *back) single(f *Frame, t *table, b *reached) bool {
	if len(k.links) != 1 || k.impure {
		return false
	}
	l := k.links[0].filled(f)
	if !l.one {
		return false
	}
	b.set = append(b.set[:0], t.live...)
	for w := range b.set {
		b.set[w] &= l.lead[w]
	}
	b.done, b.one, b.listed, b.of = true, true, false, 0
	return true
}

// list lists the rows of a set.
func (b *reached) list() {
	b.rows, b.listed = b.rows[:0], true
	for w, word := range b.set {
		for ; word != 0; word &= word - 1 {
			b.rows = append(b.rows, int32(w*64+bits.TrailingZeros64(word)))
		}
	}
	b.starts = append(b.starts[:0], 0, int32(len(b.rows)))
}

// sort lists the rows by anchor; starts has the count of each.
func (b *reached) sort() {
	end := int32(0)
	for i := range b.starts {
		count := b.starts[i]
		b.starts[i] = end
		end += count
	}
	b.rows = grown(b.rows, int(end))
	for r, to := range b.next {
		if to >= 0 {
			b.rows[b.starts[to]] = int32(r)
			b.starts[to]++
		}
	}
	copy(b.starts[1:], b.starts) // each has moved to the beginning of the next
	b.starts[0] = 0
	b.done, b.one, b.listed, b.of = true, false, true, -1
}

func (k *back) lead(f *Frame, r int32) int32 {
	for _, l := range k.links {
		if r = l.row(f, r); r < 0 {
			break
		}
	}
	return r
}
