package program

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// arith compiles + - *: in integers as long as they hold the result, else by
// the meaning in package ir, which also finds what overflows.
func (s *scope) arith(x *ir.Arith) code {
	c := s.scalarCode(x, []ir.Expr{x.L, x.R})
	l, r := s.code(x.L), s.code(x.R)
	if l.impure || r.impure || l.int == nil || r.int == nil || !x.T.Exact() || !l.typ.Exact() || !r.typ.Exact() {
		return c
	}
	ls, rs := 0, 0
	if x.Op != "*" {
		ls, rs = x.T.Scale-l.typ.Scale, x.T.Scale-r.typ.Scale
	}
	if x.Op == "*" && x.T.Scale != l.typ.Scale+r.typ.Scale || ls < 0 || rs < 0 {
		return c
	}
	op := x.Op
	c.int = func(f *Frame, row int32) (int64, state) {
		a, as := l.int(f, row)
		b, bs := r.int(f, row)
		if as == missing || bs == missing {
			return 0, missing
		}
		if as == large || bs == large {
			return 0, large
		}
		var ok, also = true, true
		if ls > 0 {
			a, ok = shift(a, ls)
		}
		if rs > 0 {
			b, also = shift(b, rs)
		}
		if !ok || !also {
			return 0, large
		}
		var out int64
		switch op {
		case "+":
			out, ok = sum(a, b)
		case "-":
			out = a - b
			ok = (out < a) == (b > 0)
		default:
			out, ok = product(a, b)
		}
		if !ok {
			return 0, large
		}
		return out, known
	}
	c.cost = l.cost + r.cost
	return c
}

// div compiles one IEEE division of the two exact sides.
func (s *scope) div(x *ir.Div) code {
	c := s.scalarCode(x, []ir.Expr{x.L, x.R})
	l, r := s.code(x.L), s.code(x.R)
	if c.impure || l.int == nil || r.int == nil || !l.typ.Exact() || !r.typ.Exact() {
		return c
	}
	scale := max(l.typ.Scale, r.typ.Scale)
	ls, rs := scale-l.typ.Scale, scale-r.typ.Scale
	slow := c.value
	c.float = func(f *Frame, row int32) (float64, bool) {
		a, as := l.int(f, row)
		b, bs := r.int(f, row)
		if as == missing || bs == missing || bs == known && b == 0 {
			return 0, false
		}
		a, ok := shift(a, ls)
		b, also := shift(b, rs)
		if as == large || bs == large || !ok || !also {
			v := slow(f, row)
			return v.F, !v.IsMissing()
		}
		return float64(a)/float64(b) + 0, true
	}
	return c
}

// convert widens a number, or reads a time in the kind it is compared with.
func (s *scope) convert(x *ir.Convert) code {
	c := s.scalarCode(x, []ir.Expr{x.X})
	in := s.code(x.X)
	if c.impure || in.int == nil {
		return c
	}
	cal := s.project.Calendar
	var of func(i int64) (int64, bool)
	from, to := in.typ, x.T
	switch {
	case from.Exact() && to.Exact() && to.Scale >= from.Scale:
		by := to.Scale - from.Scale
		of = func(i int64) (int64, bool) { return shift(i, by) }
	case from.Kind == to.Kind && from.Temporal():
		return in
	case from.Kind == value.Time && to.Kind == value.Wall:
		of = func(i int64) (int64, bool) { return cal.Wall(i), true }
	case from.Kind == value.Wall && to.Kind == value.Time:
		of = func(i int64) (int64, bool) { return cal.Instant(i), true }
	case from.Kind == value.Date && to.Kind == value.Time:
		of = func(i int64) (int64, bool) { return cal.StartOfDay(i), true }
	case from.Kind == value.Date && to.Kind == value.Wall:
		of = func(i int64) (int64, bool) { return calendar.DateWall(i), true }
	default:
		return c
	}
	c.int = func(f *Frame, r int32) (int64, state) {
		i, st := in.int(f, r)
		if st == known {
			var ok bool
			if i, ok = of(i); !ok {
				st = large
			}
		}
		return i, st
	}
	c.cost = in.cost + cheap
	return c
}

// call compiles a function of the table in package fn; the parts of a date
// have a quick form.
func (s *scope) call(x *ir.Call) code {
	c := s.scalarCode(x, x.Args)
	if c.impure {
		return c
	}
	switch x.Fn {
	case "age":
		return s.age(x, c)
	case "coalesce":
		return s.coalesce(x, c)
	case "year", "month", "day", "weekday", "quarter", "hour", "date":
	default:
		return c
	}
	in := s.code(x.Args[0])
	part := dateParts[x.Fn]
	if in.int == nil || in.typ.Kind != value.Date && in.typ.Kind != value.Wall {
		return c
	}
	wall := in.typ.Kind == value.Wall
	c.int = func(f *Frame, r int32) (int64, state) {
		i, st := in.int(f, r)
		if st != known {
			return 0, missing
		}
		return part(i, wall), known
	}
	c.cost = in.cost + cheap
	return c
}

var dateParts = map[string]func(i int64, wall bool) int64{
	"date":    dayOf,
	"day":     func(i int64, wall bool) int64 { _, _, d := calendar.Civil(dayOf(i, wall)); return int64(d) },
	"hour":    func(i int64, _ bool) int64 { return int64(calendar.Hour(i)) },
	"month":   func(i int64, wall bool) int64 { return int64(calendar.Month(dayOf(i, wall))) },
	"quarter": func(i int64, wall bool) int64 { return int64(calendar.Quarter(dayOf(i, wall))) },
	"weekday": func(i int64, wall bool) int64 { return int64(calendar.Weekday(dayOf(i, wall))) },
	"year":    func(i int64, wall bool) int64 { return int64(calendar.Year(dayOf(i, wall))) },
}

func dayOf(i int64, wall bool) int64 {
	if wall {
		return calendar.WallDate(i)
	}
	return i
}

// age is the full years between two dates.
func (s *scope) age(x *ir.Call, c code) code {
	birth, today := s.code(x.Args[0]), s.code(x.Args[1])
	if birth.int == nil || today.int == nil {
		return c
	}
	c.int = func(f *Frame, r int32) (int64, state) {
		born, st := birth.int(f, r)
		now, also := today.int(f, r)
		if st != known || also != known {
			return 0, missing
		}
		return int64(calendar.Age(born, now)), known
	}
	c.cost = birth.cost + cheap
	return c
}

// coalesce is the first known of values of one kind.
func (s *scope) coalesce(x *ir.Call, c code) code {
	args := s.codes(x.Args)
	for _, a := range args {
		if a.int == nil || a.typ.Kind != x.T.Kind || a.typ.Scale != x.T.Scale {
			return c
		}
	}
	c.int = func(f *Frame, r int32) (int64, state) {
		for i := range args {
			if v, st := args[i].int(f, r); st != missing {
				return v, st
			}
		}
		return 0, missing
	}
	return c
}

// caseOf is the first value whose condition holds.
func (s *scope) caseOf(x *ir.Case) code {
	c := code{typ: x.T, slot: -1, impure: s.fails(x)}
	otherwise := s.code(x.Else)
	conds, values := make([]test, len(x.Whens)), make([]code, len(x.Whens))
	alike := func(v code) bool { return v.int != nil && v.typ.Kind == x.T.Kind && v.typ.Scale == x.T.Scale }
	ints := alike(otherwise)
	for i, w := range x.Whens {
		conds[i], values[i] = s.test(w.Cond), s.code(w.Value)
		ints = ints && alike(values[i])
		c.cost += conds[i].cost + values[i].cost
	}
	pick := func(f *Frame, r int32) *code {
		for i := range conds {
			if conds[i].one(f, r) {
				return &values[i]
			}
		}
		return &otherwise
	}
	c.value = func(f *Frame, r int32) value.Value { return pick(f, r).value(f, r) }
	if ints {
		c.int = func(f *Frame, r int32) (int64, state) { return pick(f, r).int(f, r) }
	}
	return c.complete()
}
