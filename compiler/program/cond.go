package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

func always(holds bool) test {
	return test{fixed: true, holds: holds, one: func(*Frame, int32) bool { return holds },
		all: func(_ *Frame, t *table, out set) {
			clear(out)
			if holds {
				out.fill(t.n)
			}
		}}
}

// test compiles a condition. It is true or false at every row.
func (s *scope) test(x ir.Expr) test {
	switch x := x.(type) {
	case *ir.And:
		return s.junction(x.Xs, true)
	case *ir.Anniversary:
		return s.anniversary(x)
	case *ir.Cmp:
		return s.compare(x.Op, x.L, x.R)
	case *ir.Const:
		return always(x.V.True())
	case *ir.Follow:
		if x.Type().Kind == value.Bool && !ir.IsValue(x) {
			return s.followTest(x)
		}
		return truth(s.code(x))
	case *ir.Has:
		return s.atom(x, x.X, x.Y)
	case *ir.History:
		return s.history(x)
	case *ir.InRange:
		return s.inRange(x)
	case *ir.InSet:
		return s.inSet(x)
	case *ir.Known:
		return s.known(x)
	case *ir.Match:
		return s.match(x)
	case *ir.Member:
		return s.member(x.Seg)
	case *ir.Not:
		return not(s.test(x.X))
	case *ir.Or:
		return s.junction(x.Xs, false)
	case *ir.Rank:
		return s.rank(x)
	case *ir.Sample:
		t := s.atom(x, x.By)
		t.cost = costly
		return t
	case *ir.Seq:
		return s.sequence(x)
	case *ir.TextMatch:
		return s.textMatch(x)
	case *ir.Truth:
		return truth(s.code(x.X))
	default:
		return truth(s.code(x))
	}
}

// truth holds when a value of type bool is known and true.
func truth(c code) test {
	of := c.int
	return test{one: func(f *Frame, r int32) bool { i, st := of(f, r); return st == known && i != 0 }, impure: c.impure, cost: c.cost}
}

// atom is a condition over values, by its meaning in package ir.
func (s *scope) atom(x ir.Expr, sides ...ir.Expr) test {
	args := s.codes(sides)
	t := test{cost: search, one: func(f *Frame, r int32) bool { return f.scalar(x, args, r).True() }}
	for _, a := range args {
		t.impure, t.cost = t.impure || a.impure, t.cost+a.cost
	}
	return t
}

func not(t test) test {
	out := test{impure: t.impure, cost: t.cost, fixed: t.fixed, holds: !t.holds,
		one: func(f *Frame, r int32) bool { return !t.one(f, r) }}
	if t.all != nil {
		out.all = func(f *Frame, tab *table, out set) {
			t.all(f, tab, out)
			for i := range out {
				out[i] = ^out[i]
			}
		}
	}
	return out
}

// junction is and, or with all false or. What may fail is evaluated always,
// as the reference does; of the rest the cheap ones decide first.
func (s *scope) junction(xs []ir.Expr, all bool) test {
	var must, may []test
	out := test{}
	for _, x := range xs {
		t := s.test(x)
		if t.fixed {
			if t.holds != all {
				out.fixed, out.holds = true, !all
			}
			continue
		}
		out.impure, out.cost = out.impure || t.impure, out.cost+t.cost
		if t.impure {
			must = append(must, t)
		} else {
			may = append(may, t)
		}
	}
	switch {
	case out.fixed && len(must) == 0:
		return always(out.holds)
	case len(must)+len(may) == 0:
		return always(all)
	case len(must) == 0 && len(may) == 1:
		return may[0]
	}
	decided := out.fixed
	out.fixed = false
	slices.SortStableFunc(may, func(a, b test) int { return min(a.cost, costly) - min(b.cost, costly) })
	out.one = joined(must, may, all, decided)
	if len(must) == 0 {
		out.all = joinedAll(may, all)
	}
	return out
}

func joined(must, may []test, all, decided bool) func(f *Frame, r int32) bool {
	ones := make([]func(f *Frame, r int32) bool, len(may))
	for i, t := range may {
		ones[i] = t.one
	}
	if len(must) > 0 {
		return func(f *Frame, r int32) bool {
			decided := decided
			for i := range must {
				decided = must[i].one(f, r) != all || decided
			}
			for _, one := range ones {
				decided = decided || one(f, r) != all
			}
			return decided != all
		}
	}
	switch {
	case len(ones) == 2 && all:
		a, b := ones[0], ones[1]
		return func(f *Frame, r int32) bool { return a(f, r) && b(f, r) }
	case len(ones) == 3 && all:
		a, b, c := ones[0], ones[1], ones[2]
		return func(f *Frame, r int32) bool { return a(f, r) && b(f, r) && c(f, r) }
	case len(ones) == 2:
		a, b := ones[0], ones[1]
		return func(f *Frame, r int32) bool { return a(f, r) || b(f, r) }
	}
	return func(f *Frame, r int32) bool {
		for _, one := range ones {
			if one(f, r) != all {
				return !all
			}
		}
		return all
	}
}

// followTest is a condition read at the row that a lookup leads to: false
// when there is none.
func (s *scope) followTest(x *ir.Follow) test {
	l := s.link(x.By)
	inner := &scope{builder: s.builder, rel: l.to, chain: s.chain}
	t := inner.test(x.X)
	return test{impure: t.impure || l.impure, cost: t.cost + l.cost, one: func(f *Frame, r int32) bool {
		r = l.row(f, r)
		return r >= 0 && t.one(f, r)
	}}
}

func (s *scope) known(x *ir.Known) test {
	c := s.code(x.X)
	want := !x.Missing
	t := test{impure: c.impure, cost: c.cost}
	switch {
	case c.int != nil:
		t.one = func(f *Frame, r int32) bool { _, st := c.int(f, r); return (st != missing) == want }
	case c.text != nil:
		t.one = func(f *Frame, r int32) bool { _, ok := c.text(f, r); return ok == want }
	case c.float != nil:
		t.one = func(f *Frame, r int32) bool { _, ok := c.float(f, r); return ok == want }
	default:
		t.one = func(f *Frame, r int32) bool { return !c.value(f, r).IsMissing() == want }
	}
	if c.impure { // the value may have to fail
		t.one = func(f *Frame, r int32) bool { return !c.value(f, r).IsMissing() == want }
	}
	if c.column != nil {
		t.all = func(f *Frame, _ *table, out set) {
			v := f.vec(c.column)
			for i := range out {
				out[i] = v.known[i]
				if !want {
					out[i] = ^out[i]
				}
			}
		}
	}
	return t
}

func (s *scope) inSet(x *ir.InSet) test {
	c := s.code(x.X)
	switch {
	case c.impure:
	case c.text != nil:
		texts := map[string]bool{}
		for _, v := range x.Set.Values {
			texts[v.S] = true
		}
		if len(x.Set.Values) <= fewValues {
			return fewTexts(c, texts)
		}
		return test{cost: c.cost + search, one: func(f *Frame, r int32) bool { t, ok := c.text(f, r); return ok && texts[t] }}
	case c.int != nil && formOf(c.typ) == asInt:
		ints := map[int64]bool{}
		for _, v := range x.Set.Values {
			if v.Kind == value.Float {
				return s.atom(x, x.X)
			}
			if i, ok := intOf(c.typ, v); ok { // else no value of the type is that
				ints[i] = true
			}
		}
		if !exactKinds(c.typ, x.Set.Values) {
			break
		}
		return test{cost: c.cost + search, one: func(f *Frame, r int32) bool { i, st := c.int(f, r); return st == known && ints[i] }}
	}
	return s.atom(x, x.X)
}

// exactKinds: every value is a number where t is one, else of t's own kind.
func exactKinds(t value.Type, values []value.Value) bool {
	for _, v := range values {
		if v.Kind != t.Kind && !(t.Exact() && value.Of(v.Kind).Exact()) {
			return false
		}
		if t.Kind == value.Int && v.Kind == value.Decimal {
			return false
		}
	}
	return true
}

func (s *scope) match(x *ir.Match) test {
	c := s.code(x.X)
	if c.text == nil || c.impure {
		return s.atom(x, x.X)
	}
	return test{cost: c.cost + costly, one: func(f *Frame, r int32) bool { t, ok := c.text(f, r); return ok && x.Re.MatchString(t) }}
}

func (s *scope) textMatch(x *ir.TextMatch) test {
	l, r := s.code(x.X), s.code(x.Y)
	var of func(x, y string) bool
	switch x.Op {
	case "contains":
		of = strings.Contains
	case "starts":
		of = strings.HasPrefix
	case "ends":
		of = strings.HasSuffix
	default:
		t := s.atom(x, x.X, x.Y)
		t.cost += costly
		return t
	}
	if l.text == nil || r.text == nil || l.impure || r.impure {
		return s.atom(x, x.X, x.Y)
	}
	return test{cost: l.cost + r.cost + search, one: func(f *Frame, row int32) bool {
		a, ok := l.text(f, row)
		b, also := r.text(f, row)
		return ok && also && of(a, b)
	}}
}

// inRange is Lo <= X and X < Hi; a missing bound makes it empty.
func (s *scope) inRange(x *ir.InRange) test {
	var xs []test
	for _, b := range []struct {
		op    string
		bound ir.Expr
	}{{">=", x.Window.Lo}, {"<", x.Window.Hi}} {
		if b.bound != nil {
			xs = append(xs, s.bound(x, b.op, b.bound))
		}
	}
	switch len(xs) {
	case 0:
		return always(true)
	case 1:
		return xs[0]
	}
	if t, ok := s.fixedRange(x); ok {
		return t
	}
	a, b := xs[0], xs[1]
	t := test{impure: a.impure || b.impure, cost: a.cost + b.cost}
	if t.impure {
		// The reference looks at the second bound only within the first.
		t.one = func(f *Frame, r int32) bool { return a.one(f, r) && b.one(f, r) }
		return t
	}
	t.one = func(f *Frame, r int32) bool { return a.one(f, r) && b.one(f, r) }
	t.all = joinedAll(xs, true)
	return t
}

// fixedRange looks for a whole window at once: a span of integers.
func (s *scope) fixedRange(x *ir.InRange) (test, bool) {
	if ir.Fixed(x.X) || !ir.Fixed(x.Window.Lo) || !ir.Fixed(x.Window.Hi) || s.fails(x) {
		return test{}, false
	}
	c := s.code(x.X)
	if c.int == nil || formOf(c.typ) != asInt {
		return test{}, false
	}
	lo, hi := s.instantBound(c.typ, ">=", x.Window.Lo, x.Window.Next), s.instantBound(c.typ, "<", x.Window.Hi, x.Window.Next)
	span := func(f *Frame) (int64, int64) {
		a, b := &f.at.spans[lo], &f.at.spans[hi]
		if !a.ok || !b.ok {
			panic("program: a bound of a window is no span")
		}
		return max(a.lo, b.lo), min(a.hi, b.hi)
	}
	t := test{cost: c.cost, one: func(f *Frame, r int32) bool {
		i, st := c.int(f, r)
		from, to := span(f)
		return st == known && i >= from && i <= to
	}}
	if c.column != nil {
		t.all = func(f *Frame, tab *table, out set) {
			v := f.vec(c.column)
			from, to := span(f)
			within(v.ints[:tab.n], from, to, out)
			for i := range out {
				out[i] &= v.known[i]
			}
		}
	}
	return t, true
}

// bound is one end of a window: as a comparison, but for `in next`, where a
// date is compared with the day that the bound lies in.
func (s *scope) bound(x *ir.InRange, op string, bound ir.Expr) test {
	if ir.Fixed(bound) && !ir.Fixed(x.X) {
		return s.compareFixed(s.code(x.X), op, s.against(sideAt{typ: x.X.Type(), op: op, x: bound, next: &x.Window.Next}), s.fails(bound))
	}
	if !x.Window.Next || x.X.Type().Kind != value.Date || bound.Type().Kind != value.Time {
		return s.compare(op, x.X, bound)
	}
	l, r := s.code(x.X), s.code(bound)
	cal := s.project.Calendar
	return test{impure: l.impure || r.impure, cost: l.cost + r.cost + search, one: func(f *Frame, row int32) bool {
		a, st := l.int(f, row)
		b, also := r.int(f, row)
		if st != known || also != known {
			return false
		}
		return holds(op, order(a, cal.DateOf(b)))
	}}
}

// anniversary: one of the yearly returns of the date lies in the window.
func (s *scope) anniversary(x *ir.Anniversary) test {
	c := s.code(x.X)
	k := s.instantDays(x.Window)
	return test{impure: c.impure, cost: c.cost + search, one: func(f *Frame, r int32) bool {
		date, st := c.int(f, r)
		d := f.at.days[k]
		return st == known && d.ok && calendar.AnniversaryIn(date, d.first, d.after-1)
	}}
}

func holds(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	default:
		panic(fmt.Sprintf("program: comparison %q", op))
	}
}

// order is -1, 0 or 1. Floats are never NaN here.
func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
