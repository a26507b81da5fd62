package program

import (
	"math"
	"math/bits"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

var flipped = map[string]string{"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// compare compiles l op r, false when a side is missing.
func (s *scope) compare(op string, l, r ir.Expr) test {
	switch {
	case ir.Fixed(r) && !ir.Fixed(l):
		return s.compareFixed(s.code(l), op, s.against(sideAt{typ: l.Type(), op: op, x: r}), s.fails(r))
	case ir.Fixed(l) && !ir.Fixed(r):
		return s.compareFixed(s.code(r), flipped[op], s.against(sideAt{typ: r.Type(), op: flipped[op], x: l}), s.fails(l))
	}
	a, b := s.code(l), s.code(r)
	t := test{impure: a.impure || b.impure, cost: a.cost + b.cost}
	slow := s.slow(op, l, r, a, b)
	at, bt := a.typ, b.typ
	switch {
	case a.int != nil && b.int != nil && (at.Kind == bt.Kind && at.Scale == bt.Scale && !t.impure):
		t.one = func(f *Frame, row int32) bool {
			i, st := a.int(f, row)
			j, also := b.int(f, row)
			if st == known && also == known {
				return holds(op, order(i, j))
			}
			return st != missing && also != missing && slow(f, row)
		}
	case a.text != nil && b.text != nil && !t.impure && (op == "=" || op == "!="):
		t.one = func(f *Frame, row int32) bool {
			i, ok := a.text(f, row)
			j, also := b.text(f, row)
			return ok && also && (i == j) == (op == "=")
		}
	default:
		t.one, t.cost = slow, t.cost+search
	}
	return t
}

// slow compares by the meaning in package ir.
func (s *scope) slow(op string, l, r ir.Expr, a, b code) func(f *Frame, row int32) bool {
	cmp := &ir.Cmp{Op: op, L: l, R: r}
	args := []code{a, b}
	return func(f *Frame, row int32) bool { return f.scalar(cmp, args, row).True() }
}

// compareFixed compares with what is the same for every row.
func (s *scope) compareFixed(c code, op string, with against, impure bool) test {
	t, side := test{impure: c.impure || impure, cost: c.cost}, with.side
	cmp := &ir.Cmp{Op: op}
	args := []code{c, {value: func(f *Frame, _ int32) value.Value { return f.at.side(f, side) }}}
	slow := func(f *Frame, row int32) bool { return f.scalar(cmp, args, row).True() }
	switch {
	case t.impure:
		t.one = slow
	case c.int != nil:
		t.one = fixedInt(c, op, side, slow)
		if k := with.literal; k != nil && k.spans && k.lo <= k.hi && op != "!=" {
			t.one = literalInt(c, k, t.one)
		}
		if c.column != nil && formOf(c.typ) == asInt {
			t.all = columnInts(c.column, op, side, slow)
		}
	case c.text != nil && (op == "=" || op == "!="):
		want := op == "="
		t.one = fixedText(c, want, side)
		if k := with.literal; k != nil && c.column != nil && c.column.raw {
			t.one = literalText(c.column, want, k.spanned())
		}
		if c.column != nil {
			t.all = columnTexts(c.column, want, side)
		}
	case c.float != nil:
		t.one = fixedFloat(c, op, side, slow)
	default:
		t.one, t.cost = slow, t.cost+search
	}
	return t
}

type intForm = func(f *Frame, r int32) (int64, state)

// fixedInt compares by integers where both sides have them: every comparison
// is one with a span of integers that an instant knows.
func fixedInt(c code, op string, side int, slow func(f *Frame, r int32) bool) func(f *Frame, r int32) bool {
	of := c.int
	if op == "!=" {
		return func(f *Frame, row int32) bool {
			i, st := of(f, row)
			k := &f.at.spans[side]
			if st == large || !k.ok {
				return st != missing && slow(f, row)
			}
			return st == known && k.known && (i < k.lo || i > k.hi)
		}
	}
	general := func(f *Frame, row int32) bool {
		i, st := of(f, row)
		k := &f.at.spans[side]
		if st == known && k.ok {
			return i >= k.lo && i <= k.hi
		}
		return st != missing && slow(f, row)
	}
	if slot, work := c.slot, c.of; slot >= 0 {
		return func(f *Frame, row int32) bool {
			if row != f.row {
				return general(f, row)
			}
			s, k := &f.slots[slot], &f.at.spans[side]
			if s.epoch != f.epoch {
				f.work(s, work)
			}
			if s.state == known && k.ok {
				return s.int >= k.lo && s.int <= k.hi
			}
			return general(f, row)
		}
	}
	return general
}

// fixedFloat compares by floats where both sides have them.
func fixedFloat(c code, op string, side int, slow func(f *Frame, r int32) bool) func(f *Frame, r int32) bool {
	of := c.float
	general := func(f *Frame, row int32) bool {
		v, ok := of(f, row)
		k := &f.at.sides[side]
		if !k.isFloat {
			return ok && slow(f, row)
		}
		return ok && holds(op, order(v, k.float))
	}
	if slot, work := c.slot, c.of; slot >= 0 && op == ">=" {
		return func(f *Frame, row int32) bool {
			if row != f.row {
				return general(f, row)
			}
			s, k := &f.slots[slot], &f.at.sides[side]
			if s.epoch != f.epoch {
				f.work(s, work)
			}
			if s.state == known && k.isFloat {
				return !(s.float < k.float) // as order has it
			}
			return general(f, row)
		}
	}
	return general
}

// fixedText compares texts with one that an instant knows.
func fixedText(c code, want bool, side int) func(f *Frame, r int32) bool {
	if col := c.column; col != nil && col.raw {
		rel, id := col.rel.id, col.id
		return func(f *Frame, row int32) bool {
			v, k := f.tables[rel].cols[id], &f.at.spans[side]
			if !v.known.has(row) || !k.known {
				return false
			}
			return (v.ints[row] == k.head && (k.short || v.texts[row] == k.text)) == want
		}
	}
	of := c.text
	return func(f *Frame, row int32) bool {
		v, ok := of(f, row)
		k := &f.at.sides[side]
		return ok && k.known && (v == k.text) == want
	}
}

// columnInts compares a whole column; the loop has no branch but its own.
func columnInts(c *column, op string, side int, slow func(f *Frame, r int32) bool) func(f *Frame, t *table, out set) {
	differs := op == "!="
	return func(f *Frame, t *table, out set) {
		k := &f.at.spans[side]
		if !k.ok {
			oneByOne(f, t, out, slow)
			return
		}
		v := f.vec(c)
		if !k.known {
			clear(out)
			return
		}
		within(v.ints[:t.n], k.lo, k.hi, out)
		for i := range out {
			if differs {
				out[i] = ^out[i]
			}
			out[i] &= v.known[i]
		}
	}
}

// within marks the integers from lo to hi; what it says beyond them means
// nothing.
func within(ints []int64, lo, hi int64, out set) {
	span := uint64(hi) - uint64(lo)
	if lo > hi {
		clear(out)
		return
	}
	for w := range out {
		part := ints[w*64:]
		if len(part) > 64 {
			part = part[:64]
		}
		var outside uint64
		for i := len(part) - 1; i >= 0; i-- { // the first row is the lowest bit
			_, above := bits.Sub64(span, uint64(part[i])-uint64(lo), 0)
			outside = outside<<1 | above
		}
		out[w] = ^outside
	}
}

func columnTexts(c *column, want bool, side int) func(f *Frame, t *table, out set) {
	return func(f *Frame, t *table, out set) {
		k := &f.at.spans[side]
		if !k.known {
			clear(out)
			return
		}
		v := f.vec(c)
		within(v.ints[:t.n], k.head, k.head, out)
		for w, word := range out {
			if !k.short {
				for left := word & v.known[w]; left != 0; left &= left - 1 {
					if i := bits.TrailingZeros64(left); v.texts[w*64+i] != k.text {
						word &^= 1 << uint(i)
					}
				}
			}
			if !want {
				word = ^word
			}
			out[w] = word & v.known[w]
		}
	}
}

// oneByOne fills a mask by looking at each row.
func oneByOne(f *Frame, t *table, out set, one func(f *Frame, r int32) bool) {
	clear(out)
	if !f.spend(t.n) {
		return
	}
	for r := range int32(t.n) {
		if one(f, r) {
			out.add(r)
		}
	}
}

func joinedAll(ts []test, all bool) func(f *Frame, t *table, out set) {
	vectors := false
	for _, t := range ts {
		vectors = vectors || t.all != nil
	}
	if !vectors {
		return nil
	}
	// What must be looked at row by row comes last, and only where the rest
	// has not decided.
	var whole, single []test
	for _, t := range ts {
		if t.all != nil {
			whole = append(whole, t)
		} else {
			single = append(single, t)
		}
	}
	return func(f *Frame, t *table, out set) {
		whole[0].all(f, t, out)
		if len(whole) > 1 {
			part := f.borrow(len(out))
			for _, w := range whole[1:] {
				w.all(f, t, part)
				for i := range out {
					if all {
						out[i] &= part[i]
					} else {
						out[i] |= part[i]
					}
				}
			}
			f.giveBack(part)
		}
		for _, one := range single {
			if !f.spend(t.n) {
				return
			}
			for r := range int32(t.n) {
				if out.has(r) != all {
					continue
				}
				if one.one(f, r) == all {
					continue
				}
				if all {
					out.remove(r)
				} else {
					out.add(r)
				}
			}
		}
	}
}

// side is a constant side of comparisons in one instant: as the value, and
// as what quick comparisons take.
type side struct {
	value   value.Value
	err     error
	known   bool
	text    string
	float   float64
	isFloat bool
	spans   bool // known or missing, and the comparison is that with [lo, hi]
	lo, hi  int64
}

func (s *side) spanned() spanned {
	return spanned{lo: s.lo, hi: s.hi, ok: s.spans, known: s.known, short: len(s.text) <= shortText, head: head(s.text), text: s.text}
}

// sideOf makes the quick forms of a constant beside a type.
func sideOf(t value.Type, op string, v value.Value) side {
	s := side{value: v, known: !v.IsMissing(), text: v.S, float: v.F, isFloat: v.Kind == value.Float, lo: 1, hi: 0}
	if !s.known {
		s.spans = true
		return s
	}
	switch {
	case t.Kind == value.Decimal || t.Kind == value.Int:
		s.lo, s.hi, s.spans = span(t.Scale, op, v)
	case formOf(t) == asInt && v.Kind == t.Kind:
		s.lo, s.hi, s.spans = spanOf(op, v.I, true)
	}
	return s
}

// span is the integers × 10^-scale for which the comparison with v holds (of
// != those for which it does not); ok is false when 64 bits cannot say.
func span(scale int, op string, v value.Value) (lo, hi int64, ok bool) {
	if v.Kind != value.Int && v.Kind != value.Decimal {
		return 0, 0, false
	}
	if i, exact := scaled(v, scale); exact {
		return spanOf(op, i, true)
	}
	// Between two integers, or beyond them all.
	floor := value.Floor(times(v, scale))
	i, fits := scaled(floor, 0)
	if !fits || i == math.MaxInt64 {
		return 0, 0, false
	}
	return spanOf(op, i, false)
}

// times is v × 10^scale, exact.
func times(v value.Value, scale int) value.Value {
	if v.Kind == value.Int {
		v = value.Value{Kind: value.Decimal, D: valueOf(value.DecimalType(19, 0), v.I).D}
	}
	if v.Scale >= scale {
		return value.NewDecimal(v.D, v.Scale-scale)
	}
	p, err := value.Mul(v, valueOf(value.DecimalType(38, 0), powers[min(scale-v.Scale, 18)]))
	if err != nil || scale-v.Scale > 18 {
		return value.Value{Kind: value.Float} // too large; no span
	}
	return value.NewDecimal(p.D, 0)
}

// spanOf: comparisons with i, or (not exact) with something between i and
// i + 1.
func spanOf(op string, i int64, exact bool) (lo, hi int64, ok bool) {
	lo, hi = math.MinInt64, math.MaxInt64
	switch op {
	case "=", "!=":
		if !exact {
			return 1, 0, true
		}
		return i, i, true
	case "<":
		if exact && i == math.MinInt64 {
			return 1, 0, true
		}
		if exact {
			i--
		}
		return lo, i, true
	case "<=":
		return lo, i, true
	case ">":
		if i == math.MaxInt64 {
			return 1, 0, true
		}
		return i + 1, hi, true
	default: // >=
		if !exact {
			i++
		}
		return i, hi, true
	}
}
