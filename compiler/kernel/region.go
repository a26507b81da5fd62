package kernel

import (
	"math"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// region is a condition over one whole number, tabulated: the numbers fall
// apart where some comparison in the condition turns, and each part is in or
// out. The evaluator is asked where those places are and what holds between
// them, so nothing is decided here.
type region struct {
	breaks  []int64 // ascending; part i begins at breaks[i-1]
	in      []bool  // of each part, one more than breaks
	missing bool    // what holds of a missing number
}

func (r *region) holds(v int64, known bool) bool {
	if !known {
		return r.missing
	}
	if len(r.breaks) > 8 {
		i, found := slices.BinarySearch(r.breaks, v)
		if found {
			i++
		}
		return r.in[i]
	}
	i := 0
	for i < len(r.breaks) && r.breaks[i] <= v {
		i++
	}
	return r.in[i]
}

// span is the region as one half-open range, where it is one.
func (r *region) span() (lo, hi int64, ok bool) {
	lo, hi = math.MinInt64, math.MaxInt64
	parts := 0
	for i, in := range r.in {
		if !in || i > 0 && r.in[i-1] {
			continue
		}
		parts++
		end := i
		for end < len(r.in) && r.in[end] {
			end++
		}
		if i > 0 {
			lo = r.breaks[i-1]
		}
		if end < len(r.in) {
			hi = r.breaks[end-1]
		}
	}
	return lo, hi, parts == 1 && !r.missing
}

// mostBreaks bounds a table; longer lists are better joined.
const mostBreaks = 4096

// over evaluates conditions that look at one thing alone.
type over struct {
	cal  *calendar.Calendar
	leaf func(ir.Expr) bool
	t    value.Type // of the leaf
}

// overRow says what a condition looks at when that is one column of a row, and
// overSlot when it is one column of a planned table; nil where it is not so.
func overRow(cal *calendar.Calendar, x ir.Expr) (*over, *ir.Column) {
	var found *ir.Column
	ok := walkScalar(x, func(e ir.Expr) bool {
		c, isColumn := e.(*ir.Column)
		if !isColumn || found != nil && found.Col != c.Col {
			return false
		}
		found = c
		return true
	})
	if !ok || found == nil {
		return nil, nil
	}
	is := func(e ir.Expr) bool { c, ok := e.(*ir.Column); return ok && c.Col == found.Col }
	return &over{cal, is, found.Col.Type}, found
}

func overSlot(cal *calendar.Calendar, x ir.Expr) (*over, *ir.Slot) {
	var found *ir.Slot
	ok := walkScalar(x, func(e ir.Expr) bool {
		s, isSlot := e.(*ir.Slot)
		if !isSlot || found != nil && (found.Table != s.Table || found.Col != s.Col) {
			return false
		}
		found = s
		return true
	})
	if !ok || found == nil {
		return nil, nil
	}
	is := func(e ir.Expr) bool { _, ok := e.(*ir.Slot); return ok }
	return &over{cal, is, found.T}, found
}

// walkScalar reports whether an expression is made of nodes that look at their
// parts alone, and of leaves.
func walkScalar(x ir.Expr, leaf func(ir.Expr) bool) bool {
	switch x := x.(type) {
	case *ir.Column, *ir.Slot:
		return leaf(x)
	case *ir.And, *ir.Arith, *ir.Call, *ir.Case, *ir.Cmp, *ir.Const, *ir.Convert, *ir.InSet, *ir.Known, *ir.Match, *ir.Not, *ir.Or, *ir.TextMatch, *ir.Truth:
		for _, y := range ir.Children(x) {
			if !walkScalar(y, leaf) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// eval is what an expression gives when the leaf is v.
func (o *over) eval(x ir.Expr, v value.Value) (value.Value, error) {
	switch e := x.(type) {
	case *ir.And:
		for _, y := range e.Xs {
			if is, err := o.eval(y, v); err != nil || !is.True() {
				return value.NewBool(false), err
			}
		}
		return value.NewBool(true), nil
	case *ir.Case:
		for _, w := range e.Whens {
			if is, err := o.eval(w.Cond, v); err != nil || is.True() {
				if err != nil {
					return value.Value{}, err
				}
				return o.eval(w.Value, v)
			}
		}
		return o.eval(e.Else, v)
	case *ir.Not:
		is, err := o.eval(e.X, v)
		return value.NewBool(!is.True()), err
	case *ir.Or:
		for _, y := range e.Xs {
			if is, err := o.eval(y, v); err != nil || is.True() {
				return value.NewBool(err == nil), err
			}
		}
		return value.NewBool(false), nil
	default:
		if o.leaf(x) {
			return v, nil
		}
		return o.scalar(x, v)
	}
}

// scalar is a node that looks at its parts alone.
func (o *over) scalar(x ir.Expr, v value.Value) (value.Value, error) {
	children := ir.Children(x)
	args := make([]value.Value, len(children))
	for i, y := range children {
		var err error
		if args[i], err = o.eval(y, v); err != nil {
			return value.Value{}, err
		}
	}
	out, ok, err := ir.Scalar(o.cal, x, args)
	if !ok {
		panic("kernel: a node looks at more than its parts")
	}
	return out, err
}

// region tabulates a condition; false where it cannot be.
func (o *over) region(x ir.Expr) (*region, bool) {
	if !wholeNumber(o.t) {
		return nil, false
	}
	r := &region{}
	ok := true
	ir.Walk(x, func(e ir.Expr) bool {
		switch e := e.(type) {
		case *ir.Cmp:
			ok = ok && o.turns(r, e.L, e.R)
			return false
		case *ir.InSet:
			for _, v := range e.Set.Values {
				ok = ok && len(r.breaks) < mostBreaks && o.turns(r, e.X, &ir.Const{V: v, T: e.X.Type()})
			}
			return false
		case *ir.And, *ir.Const, *ir.Known, *ir.Not, *ir.Or:
		case *ir.Truth:
			ok = ok && o.leaf(e.X) && o.turns(r, e.X, &ir.Const{V: value.NewBool(true), T: o.t})
			return false
		default:
			ok = ok && o.leaf(e)
		}
		return ok
	})
	if !ok {
		return nil, false
	}
	slices.Sort(r.breaks)
	r.breaks = slices.Compact(r.breaks)
	lo, _ := domain(o.t)
	for _, start := range append([]int64{lo}, r.breaks...) {
		is, err := o.eval(x, Value(o.t, start))
		if err != nil {
			return nil, false
		}
		r.in = append(r.in, is.True())
	}
	is, err := o.eval(x, value.Value{})
	r.missing = is.True()
	return r, err == nil
}

// turns adds the numbers at which x < y and x <= y turn; one side is constant,
// the other the leaf or a widening of it, so each turns once. A bound beyond
// what the leaf can hold turns nowhere, and then nothing can be tabulated:
// sums can hold more than is looked at here.
func (o *over) turns(r *region, x, y ir.Expr) bool {
	_, left := x.(*ir.Const)
	c, right := y.(*ir.Const)
	if left == right {
		return false
	}
	if left {
		c, x = x.(*ir.Const), y
	}
	for {
		w, ok := x.(*ir.Convert)
		if !ok {
			break
		}
		x = w.X
	}
	if !o.leaf(x) || c.V.IsMissing() {
		return c.V.IsMissing() && o.leaf(x)
	}
	return o.turn(r, "<", x, c) && o.turn(r, "<=", x, c)
}

// turn finds by bisection where x op c, which holds of small numbers, stops to.
func (o *over) turn(r *region, op string, x, c ir.Expr) bool {
	ok := true
	holds := func(n int64) bool {
		is, err := o.eval(&ir.Cmp{Op: op, L: x, R: c}, Value(o.t, n))
		ok = ok && err == nil
		return is.True()
	}
	lo, hi := domain(o.t)
	if !holds(lo) || holds(hi) {
		// It turns nowhere. A type with ends of its own goes no further.
		return ok && o.t.Kind != value.Int && o.t.Kind != value.Decimal || ok && o.t.Kind == value.Decimal && o.t.Prec <= maxDigits
	}
	for lo+1 < hi { // holds(lo), not holds(hi)
		mid := lo + int64(uint64(hi-lo)/2)
		if holds(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	r.breaks = append(r.breaks, hi)
	return ok
}

// maxDigits fit in 64 bits, whatever they are.
const maxDigits = 18

// wholeNumber reports whether values of a type are whole numbers, of which
// those up to 64 bits can be tabulated.
func wholeNumber(t value.Type) bool {
	return t.Kind == value.Bool || t.Kind == value.Int || t.Kind == value.Decimal || t.Temporal()
}

// domain is the least and the largest number that is looked at for a type.
func domain(t value.Type) (lo, hi int64) {
	switch t.Kind {
	case value.Bool:
		return 0, 1
	case value.Date:
		return calendar.MinDate, calendar.MaxDate
	case value.Time, value.Wall:
		return calendar.MinWall, calendar.MaxWall
	default:
		return math.MinInt64, math.MaxInt64
	}
}
