package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
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
	k := &f.tables[l.from.space.id].links[l.id]
	if !k.done {
		l.fill(f, k)
	}
	return k.to[r]
}

func (l *link) fill(f *Frame, k *linked) {
	f.ensure(l.to)
	n := f.tables[l.from.space.id].n
	f.spend(n)
	k.to, k.done = grown(k.to, n), true
	if l.toOne(f, k.to) {
		return
	}
	for r := range int32(n) {
		k.to[r] = f.findBy(l.to, l.by, r)
	}
}

// toOne fills in the links to a relation of one row, which the customer
// itself mostly is.
func (l *link) toOne(f *Frame, to []int32) bool {
	t, key, by := f.tables[l.to.id], l.to.key, l.by
	if t.n != 1 || by.column == nil || by.typ.Kind != key.typ.Kind || by.typ.Scale != key.typ.Scale {
		return false
	}
	one := int32(0)
	if !t.live.has(0) {
		one = -1
	}
	v := f.vec(by.column)
	switch formOf(by.typ) {
	case asInt:
		own, st := key.int(f, 0)
		for r := range to {
			to[r] = -1
			if v.ints[r] == own && st == known && v.known.has(int32(r)) {
				to[r] = one
			}
		}
	case asText:
		own, ok := key.text(f, 0)
		for r := range to {
			to[r] = -1
			if v.texts[r] == own && ok && v.known.has(int32(r)) {
				to[r] = one
			}
		}
	default:
		return false
	}
	return true
}

// all are the rows that the lookup leads to, of one that cannot fail.
func (l *link) all(f *Frame) []int32 {
	k := &f.tables[l.from.space.id].links[l.id]
	if !k.done {
		l.fill(f, k)
	}
	return k.to
}

// index finds rows by key.
type index struct {
	done  bool
	ints  map[int64]int32
	texts map[string]int32
	n     int
}

func (x *index) begin(rel *relation) {
	x.done, x.n = true, 0
	if rel.key == nil {
		return
	}
	if formOf(rel.key.typ) == asInt {
		if x.ints == nil {
			x.ints = map[int64]int32{}
		}
		clear(x.ints)
		return
	}
	if x.texts == nil {
		x.texts = map[string]int32{}
	}
	clear(x.texts)
}

// put adds a row; of several with one key the first stays.
func (x *index) put(rel *relation, key value.Value, r int32) {
	t := rel.key.typ
	if formOf(t) == asInt {
		i, _ := intOf(t, key)
		if _, ok := x.ints[i]; !ok {
			x.ints[i] = r
		}
		return
	}
	k := keyText(key)
	if _, ok := x.texts[k]; !ok {
		x.texts[k] = r
	}
}

func (x *index) find(rel *relation, key value.Value) int32 {
	t := rel.key.typ
	if formOf(t) == asInt {
		i, ok := scaledKey(t, key)
		if !ok {
			return -1
		}
		return x.findInt(i)
	}
	if r, ok := x.texts[keyText(key)]; ok {
		return r
	}
	return -1
}

func (x *index) findInt(i int64) int32 {
	if r, ok := x.ints[i]; ok {
		return r
	}
	return -1
}

// scaledKey reads a key of any kind of number as the type's integer.
func scaledKey(t value.Type, key value.Value) (int64, bool) {
	switch {
	case t.Kind == value.Int:
		return scaled(key, 0)
	case t.Kind == value.Decimal:
		return scaled(key, t.Scale)
	case key.Kind != t.Kind:
		return 0, false
	default:
		return key.I, true
	}
}

// keyText is equal for equal keys, whatever their kind of number.
func keyText(v value.Value) string {
	if v.Kind == value.Decimal {
		text := v.String()
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		if text == "-0" {
			return "0"
		}
		return text
	}
	return value.Key(v)
}

// indexed is the index of a relation's rows that count. Two rows of a fact with
// one key are an error where others belong to it: each would to both.
func (f *Frame) indexed(rel *relation) *index {
	t := f.ensure(rel)
	x := &t.index
	if !x.done {
		x.begin(rel)
		for r := range int32(t.n) {
			if t.live.has(r) {
				k := rel.key.value(f, r)
				switch {
				case k.IsMissing():
				case !rel.Entity && x.find(rel, k) >= 0:
					f.fail(fmt.Errorf("%s has several rows with the key %s, to which others belong", rel.Name, keyText(k)))
					return x
				default:
					x.put(rel, k, r)
				}
			}
		}
	}
	return x
}

// few rows of an entity are compared one by one.
const few = 4

func (t *table) isFew(rel *relation) bool { return rel.Entity && t.n <= few }

// findBy finds the row whose key a value at another row is.
func (f *Frame) findBy(to *relation, by code, r int32) int32 {
	t := f.tables[to.id]
	if formOf(to.key.typ) == asInt && formOf(by.typ) == asInt && by.typ.Kind == to.key.typ.Kind && by.typ.Scale == to.key.typ.Scale {
		i, st := by.int(f, r)
		switch {
		case st == missing:
			return -1
		case st == known && t.isFew(to):
			for k := range int32(t.n) {
				if own, st := to.key.int(f, k); st == known && own == i && t.live.has(k) {
					return k
				}
			}
			return -1
		case st == known:
			return f.indexed(to).findInt(i)
		}
	}
	if to.key.text != nil && by.text != nil {
		s, ok := by.text(f, r)
		switch {
		case !ok:
			return -1
		case t.isFew(to):
			for k := range int32(t.n) {
				if own, ok := to.key.text(f, k); ok && own == s && t.live.has(k) {
					return k
				}
			}
			return -1
		}
		if k, ok := f.indexed(to).texts[s]; ok {
			return k
		}
		return -1
	}
	v := by.value(f, r)
	if v.IsMissing() {
		return -1
	}
	return f.indexed(to).find(to, v)
}

// find is the row of an entity with a key.
func (f *Frame) find(rel *relation, key value.Value) int32 {
	t := f.ensure(rel)
	if f.err != nil || key.IsMissing() {
		return -1
	}
	if !t.isFew(rel) {
		return f.indexed(rel).find(rel, key)
	}
	for r := range int32(t.n) {
		if t.live.has(r) && rel.sameKey(f, r, key) {
			return r
		}
	}
	return -1
}

func (rel *relation) sameKey(f *Frame, r int32, key value.Value) bool {
	switch formOf(rel.key.typ) {
	case asInt:
		i, ok := scaledKey(rel.key.typ, key)
		own, st := rel.key.int(f, r)
		return ok && st == known && own == i
	case asText:
		own, ok := rel.key.text(f, r)
		return ok && own == keyText(key)
	default:
		return keyText(rel.key.value(f, r)) == keyText(key)
	}
}

// oneByKey keeps of the rows with one key the first by Dedup; ties go by the
// values of all columns, in the order of the catalog.
func (f *Frame) oneByKey(rel *relation, t *table) {
	if t.n <= 1 || len(rel.Universe) > 0 {
		return
	}
	f.picked = f.picked[:0]
	for r := range int32(t.n) {
		if t.live.has(r) {
			f.picked = append(f.picked, r)
		}
	}
	rows := f.picked
	if rel.dedup != nil {
		rows = slices.Clone(rows)
		order := func(r int32) value.SortKey {
			k := make(value.SortKey, len(rel.dedup))
			for i := range rel.dedup {
				k[i] = rel.dedup[i].value(f, r)
			}
			return k
		}
		slices.SortStableFunc(rows, func(a, b int32) int { return order(a).Compare(order(b)) })
	}
	x := &t.index
	x.begin(rel)
	for _, r := range rows {
		k := rel.key.value(f, r)
		switch {
		case x.find(rel, k) < 0:
			x.put(rel, k, r)
		case rel.dedup == nil:
			f.fail(fmt.Errorf("%s has several rows with the key %s", rel.Name, keyText(k)))
			return
		default:
			t.live.remove(r)
		}
	}
}

// reached are the rows of a relation by the row of another that they lead
// back to.
type reached struct {
	done   bool
	starts []int32 // of each anchor, and the end
	rows   []int32
	next   []int32
	of     int32 // the anchor of which set has the rows; -1: none yet
	set    set
}

// mine are the rows of one anchor as a set.
func (b *reached) mine(n int, anchor int32, rows []int32) set {
	if b.of != anchor {
		b.of, b.set = anchor, sized(b.set, n)
		if len(rows) == n {
			b.set.fill(n)
			return b.set
		}
		for _, r := range rows {
			b.set.add(r)
		}
	}
	return b.set
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
	t := f.tables[k.leaf.id]
	b := &t.backs[k.id]
	if !b.done {
		f.ensure(k.leaf)
		if f.err != nil {
			return nil
		}
		k.fill(f, t, b)
	}
	return b.rows[b.starts[anchor]:b.starts[anchor+1]]
}

// fill sorts the rows by their anchor, by counting.
func (k *back) fill(f *Frame, t *table, b *reached) {
	f.ensure(k.anchor)
	n, anchors := f.tables[k.leaf.space.id].n, f.tables[k.anchor.space.id].n
	f.spend(n)
	b.next, b.starts = grown(b.next, n), grown(b.starts, anchors+1)
	clear(b.starts)
	var direct []int32
	if len(k.links) == 1 && !k.impure {
		direct = k.links[0].all(f)
	}
	for r := range int32(n) {
		to := int32(-1)
		if t.live.has(r) {
			if direct != nil {
				to = direct[r]
			} else {
				to = k.lead(f, r)
			}
		}
		if b.next[r] = to; to >= 0 {
			b.starts[to]++
		}
	}
	k.sort(t, b, n)
}

// sort lists the rows by anchor; starts has the count of each.
func (k *back) sort(t *table, b *reached, n int) {
	if k.whole(t, b, n) {
		return
	}
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
	b.done, b.of = true, -1
}

// whole is the order of rows that all lead to one anchor: their own.
func (k *back) whole(_ *table, b *reached, n int) bool {
	if len(b.starts) != 2 || int(b.starts[0]) != n {
		return false
	}
	b.rows = grown(b.rows, n)
	for r := range b.rows {
		b.rows[r] = int32(r)
	}
	b.starts[0], b.starts[1] = 0, int32(n)
	b.done, b.of = true, -1
	return true
}

func (k *back) lead(f *Frame, r int32) int32 {
	for _, l := range k.links {
		if r = l.row(f, r); r < 0 {
			break
		}
	}
	return r
}
