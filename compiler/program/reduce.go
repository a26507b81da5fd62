package program

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// simple aggregates go over integers, without keeping them.
func (a *aggregate) simple() bool {
	if a.value == nil || a.value.int == nil || a.expr.Distinct {
		return false
	}
	switch a.expr.Op {
	case ir.OpCount, ir.OpMax, ir.OpMin:
		return true
	case ir.OpSum, ir.OpAvg:
		return a.value.typ.Exact()
	default:
		return false
	}
}

// compileInts: where an integer is too large, the slow way answers.
func (a *aggregate) compileInts(c *code) {
	a.compileValues(c)
	switch a.expr.Op {
	case ir.OpCount:
		c.int = func(f *Frame, r int32) (int64, state) {
			n := int64(0)
			a.ints(f, r, func(int64, state) { n++ })
			return n, known
		}
	case ir.OpMax, ir.OpMin:
		c.int = a.extreme(a.expr.Op == ir.OpMax)
	case ir.OpSum:
		c.int = func(f *Frame, r int32) (int64, state) {
			t, _, ok := a.total(f, r)
			i, fits := t.int()
			if !ok || !fits {
				return 0, large
			}
			return i, known
		}
	default: // avg
		exact, of := c.value, a.value.typ
		c.value = func(f *Frame, r int32) value.Value {
			t, n, ok := a.total(f, r)
			if !ok {
				return exact(f, r)
			}
			if n == 0 {
				return value.Value{}
			}
			return value.Div(value.NewDecimal(t.big(), of.Scale), value.NewInt(n))
		}
		c.float = func(f *Frame, r int32) (float64, bool) {
			t, n, ok := a.total(f, r)
			i, fits := t.int()
			scaled, also := shift(n, of.Scale)
			if !ok || !fits || !also {
				v := c.value(f, r)
				return v.F, !v.IsMissing()
			}
			if n == 0 {
				return 0, false
			}
			return float64(i)/float64(scaled) + 0, true
		}
	}
}

func (a *aggregate) total(f *Frame, r int32) (t total, n int64, ok bool) {
	ok = true
	if c := a.plainColumn(); c != nil {
		var h halves
		if word, one := a.word(f, r); one {
			if word != 0 { // there may be no row at all
				v := f.vec(c) // now, for rows are made when they are picked
				word &= v.known[0]
				h.word(word, v.ints)
			}
			return h.total(), int64(bits.OnesCount64(word)), true
		}
		if rows, picked := a.picked(f, r); picked && c.raw {
			v := f.vec(c)
			for w, word := range rows {
				word &= v.known[w]
				n += int64(bits.OnesCount64(word))
				h.word(word, v.ints[w*64:])
			}
			return h.total(), n, true
		}
	}
	a.ints(f, r, func(i int64, st state) {
		t.add(i)
		n++
		ok = ok && st == known
	})
	return t, n, ok
}

func (a *aggregate) extreme(most bool) intForm {
	c := a.plainColumn()
	return func(f *Frame, r int32) (int64, state) {
		if c != nil {
			if word, ok := a.word(f, r); ok {
				if word == 0 { // there may be no row at all
					return 0, missing
				}
				v := f.vec(c)
				if word&v.known[0] == 0 {
					return 0, missing
				}
				return extremeOf(word&v.known[0], v.ints, most), known
			}
		}
		best, st := int64(0), missing
		a.ints(f, r, func(i int64, s state) {
			switch {
			case s == large || st == large:
				st = large
			case st == missing || i > best == most && i != best:
				best, st = i, known
			}
		})
		return best, st
	}
}

// compileValues keeps the known values and reduces them.
func (a *aggregate) compileValues(c *code) {
	switch {
	case a.expr.Op == ir.OpFirst || a.expr.Op == ir.OpLast:
		c.value = func(f *Frame, r int32) value.Value {
			best := int32(-1)
			a.each(f, r, func(row int32) {
				if best < 0 || a.order.before(f, row, best) {
					best = row
				}
			})
			if best < 0 {
				return value.Value{}
			}
			return a.value.value(f, best)
		}
		a.endInt(c)
	case a.value == nil:
		c.value = func(f *Frame, r int32) value.Value {
			n := int64(0)
			a.each(f, r, func(int32) { n++ })
			return value.NewInt(n)
		}
	default:
		what := reduction{a.expr.Op, a.expr.Distinct, a.value.typ, a.expr.Value}
		c.value = func(f *Frame, r int32) value.Value {
			base := len(f.kept)
			a.each(f, r, func(row int32) {
				if v := a.value.value(f, row); !v.IsMissing() {
					f.kept = append(f.kept, v)
				}
			})
			v := what.of(f, f.kept[base:])
			f.kept = f.kept[:base]
			return v
		}
	}
}

// endInt is first and last of integers.
func (a *aggregate) endInt(c *code) {
	of := a.value.int
	if of == nil || a.value.impure {
		return
	}
	c.int = func(f *Frame, r int32) (int64, state) {
		best := int32(-1)
		a.each(f, r, func(row int32) {
			if best < 0 || a.order.before(f, row, best) {
				best = row
			}
		})
		if best < 0 {
			return 0, missing
		}
		return of(f, best)
	}
}

// reduction is an aggregate of known values.
type reduction struct {
	op       ir.AggOp
	distinct bool
	typ      value.Type
	x        ir.Expr
}

// of reduces values, which it may put in another order.
func (d reduction) of(f *Frame, known []value.Value) value.Value {
	if d.distinct {
		known = d.distinctOf(f, known)
	}
	var err error
	var v value.Value
	switch {
	case d.op == ir.OpCount:
		return value.NewInt(int64(len(known)))
	case d.op == ir.OpSum:
		v, err = value.Sum(d.typ, known)
	case len(known) == 0:
		return v
	default:
		switch d.op {
		case ir.OpAvg:
			v, err = value.Avg(d.typ, known)
		case ir.OpMax:
			v = slices.MaxFunc(known, value.Compare)
		case ir.OpMedian:
			v = value.Median(known)
		case ir.OpMin:
			v = slices.MinFunc(known, value.Compare)
		case ir.OpMode:
			v = d.mode(known)
		default:
			panic("program: aggregate " + string(d.op))
		}
	}
	if err != nil {
		f.fail(fmt.Errorf("%s: %w", d.x.Span().Text(), err))
		return value.Value{}
	}
	return v
}

// distinctOf brings equal values together; of kinds without an order every
// pair is compared.
func (d reduction) distinctOf(f *Frame, known []value.Value) []value.Value {
	if ir.Orderly(d.typ) {
		slices.SortFunc(known, value.Compare)
		return slices.CompactFunc(known, value.Equal)
	}
	out := known[:0]
	for _, v := range known {
		if !f.spend(len(out)) {
			break
		}
		if !slices.ContainsFunc(out, func(o value.Value) bool { return value.Equal(o, v) }) {
			out = append(out, v)
		}
	}
	return out
}

// mode is the value that occurs most often, of several the smallest.
func (d reduction) mode(known []value.Value) value.Value {
	if !ir.Orderly(d.typ) {
		panic("program: mode of " + d.typ.String()) // the checker refuses it
	}
	slices.SortFunc(known, value.Compare)
	best, most, n := known[0], 0, 0
	for i, v := range known {
		if i > 0 && !value.Equal(v, known[i-1]) {
			n = 0
		}
		if n++; n > most {
			best, most = v, n
		}
	}
	return best
}

// ordering is the order of first and last: by time, by the fact's key, then
// by value; missing comes last in both directions.
type ordering struct {
	last bool
	by   []code
}

func (s *scope) ordering(last bool, v *code) *ordering {
	o := &ordering{last: last, by: []code{s.code(&ir.Column{Col: s.rel.Time})}}
	for _, k := range s.rel.Relation.Keys() {
		o.by = append(o.by, s.code(&ir.Column{Col: k}))
	}
	o.by = append(o.by, *v)
	return o
}

func (o *ordering) before(f *Frame, a, b int32) bool {
	for i := range o.by {
		by := &o.by[i]
		if by.int != nil {
			x, xs := by.int(f, a)
			y, ys := by.int(f, b)
			if xs == known && ys == known {
				if x != y {
					return x < y != o.last
				}
				continue
			}
		}
		x, y := by.value(f, a), by.value(f, b)
		switch {
		case x.IsMissing() && y.IsMissing():
			continue
		case x.IsMissing() || y.IsMissing():
			return y.IsMissing()
		}
		if c := value.Compare(x, y); c != 0 {
			return c < 0 != o.last
		}
	}
	return false
}
