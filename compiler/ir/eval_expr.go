package ir

import (
	"fmt"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// holds reports whether a condition is true of a row.
func (e *evaluation) holds(at *row, x Expr) bool { return e.value(at, x).True() }

// value is the value of an expression at a row. A condition is true or false.
func (e *evaluation) value(at *row, x Expr) value.Value {
	switch x := x.(type) {
	case *Agg:
		return e.agg(at, x)
	case *And:
		return e.all(at, x.Xs, true)
	case *Anniversary:
		return value.NewBool(e.anniversary(at, x))
	case *AsOf:
		return value.NewTime(e.asOf)
	case *Bucket:
		return e.bucket(at, x)
	case *Case:
		for _, w := range x.Whens {
			if e.holds(at, w.Cond) {
				return e.value(at, w.Value)
			}
		}
		return e.value(at, x.Else)
	case *Cmp:
		l, r := e.value(at, x.L), e.value(at, x.R)
		if e.three && (l.IsMissing() || r.IsMissing()) {
			return value.Value{}
		}
		return value.NewBool(e.compare(x.Op, l, r, fixed(x.L), fixed(x.R)))
	case *Column:
		return e.column(at, x.Col)
	case *Earlier:
		return e.value(e.chain[x.Row], x.X)
	case *Follow:
		return e.followed(at, x)
	case *GroupAgg:
		return e.groupAgg(at, x)
	case *History:
		return value.NewBool(e.history(at, x))
	case *InRange:
		return value.NewBool(e.inWindow(e.value(at, x.X), fixed(x.X), at, x.Window))
	case *ListCount:
		return e.listCount(at, x)
	case *Member:
		return value.NewBool(e.member(at, x.Seg))
	case *Not:
		v := e.value(at, x.X)
		if e.three && v.IsMissing() {
			return v
		}
		return value.NewBool(!v.True())
	case *Or:
		return e.all(at, x.Xs, false)
	case *PopAgg:
		return e.popAgg(at, x)
	case *Rank:
		return value.NewBool(e.ranked(at, x))
	case *Seq:
		return value.NewBool(e.sequence(at, x))
	case *Trait:
		return e.value(at, x.X)
	default:
		return e.scalar(at, x)
	}
}

// scalar evaluates the nodes that look at nothing but their children.
func (e *evaluation) scalar(at *row, x Expr) value.Value {
	var args []value.Value
	missing := false
	for _, child := range Children(x) {
		v := e.value(at, child)
		args = append(args, v)
		missing = missing || v.IsMissing()
	}
	if e.three && missing {
		switch x.(type) {
		case *Has, *InSet, *Match, *Sample, *TextMatch, *Truth:
			return value.Value{}
		default: // has an element, which may hold
		}
	}
	v, ok, err := Scalar(e.project.Calendar, x, args)
	if err != nil {
		fail(fmt.Errorf("%s: %w", x.Span().Text(), err))
	}
	if !ok {
		panic(fmt.Sprintf("ir: cannot evaluate %T", x))
	}
	return v
}

// all is the conjunction of xs, or with and false their disjunction. Every
// operand is evaluated, so that an overflow never depends on their order.
func (e *evaluation) all(at *row, xs []Expr, and bool) value.Value {
	decided, missing := false, false
	for _, x := range xs {
		v := e.value(at, x)
		switch {
		case v.IsMissing() && e.three:
			missing = true
		case v.True() != and:
			decided = true
		}
	}
	if !decided && missing {
		return value.Value{}
	}
	return value.NewBool(decided != and)
}

// followed reads X at the row a lookup leads to: without one a value is
// missing and a condition false.
func (e *evaluation) followed(at *row, x *Follow) value.Value {
	if to := e.follow(at, x.By); to != nil {
		return e.value(to, x.X)
	}
	if x.Type().Kind == value.Bool && !isValue(x) {
		return value.NewBool(false)
	}
	return value.Value{}
}

// fixed reports whether x is the same for every row: a literal, as_of, or
// what follows from them.
func fixed(x Expr) bool {
	switch x := x.(type) {
	case *AsOf, *Const:
		return true
	case *Arith, *Call, *Convert, *Div, *Neg, *StartOf, *TimeAdd, *Trait:
		for _, child := range Children(x) {
			if !fixed(child) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// compare is false when a side is missing. A date stands for its first
// instant. Where a wall-clock time meets an instant that is fixed, it is
// compared with what the wall shows then; where it meets the instant of a
// row, it is read as an instant.
func (e *evaluation) compare(op string, a, b value.Value, aFixed, bFixed bool) bool {
	if a.IsMissing() || b.IsMissing() {
		return false
	}
	switch {
	case a.Kind == value.Wall && b.Kind == value.Time && bFixed && !aFixed:
		b = value.NewWall(e.project.Calendar.Wall(b.I))
	case a.Kind == value.Time && b.Kind == value.Wall && aFixed && !bFixed:
		a = value.NewWall(e.project.Calendar.Wall(a.I))
	}
	return compare(e.project.Calendar, op, a, b)
}

// inWindow: Lo <= v and v < Hi, the bounds read at a row; a missing bound
// makes the window empty.
func (e *evaluation) inWindow(v value.Value, vFixed bool, at *row, w *Window) bool {
	within := func(op string, bound Expr) bool {
		if bound == nil {
			return true
		}
		b := e.value(at, bound)
		if w.Next && v.Kind == value.Date && b.Kind == value.Time {
			// The N dates beginning with today.
			b = value.NewDate(e.project.Calendar.DateOf(b.I))
		}
		return e.compare(op, v, b, vFixed, fixed(bound))
	}
	return within(">=", w.Lo) && within("<", w.Hi)
}

// anniversary: one of the yearly returns of the date lies in the window.
func (e *evaluation) anniversary(at *row, a *Anniversary) bool {
	date := e.value(at, a.X)
	l := &lowering{cal: e.project.Calendar, asOf: e.asOf}
	first, after, ok := l.days(a.Window)
	return ok && !date.IsMissing() && calendar.AnniversaryIn(date.I, first, after-1)
}

// listCount counts the elements for which the condition holds; of a missing
// list the count is missing.
func (e *evaluation) listCount(at *row, x *ListCount) value.Value {
	list := e.value(at, x.X)
	if list.IsMissing() {
		return list
	}
	n := int64(0)
	for _, item := range list.L {
		elem := newRow(x.Elem)
		for i, c := range x.Elem.Columns {
			elem.vals[c] = item
			if item.Kind == value.Record {
				elem.vals[c] = item.L[i]
			}
		}
		if x.Where == nil || e.holds(elem, x.Where) {
			n++
		}
	}
	return value.NewInt(n)
}
