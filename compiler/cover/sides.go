package cover

import (
	"math/big"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Sides are conditions that hold of a row on each side of each edge of a
// condition: just below, at and just above it. Of an edge that cannot be moved
// there are none.
func Sides(leaf ir.Expr) (out []ir.Expr) {
	for _, e := range edgesOf(leaf) {
		out = append(out, e.sides()...)
	}
	return out
}

// WindowSides are windows around each edge of the window of an aggregate: in
// the first a row is just before it, then at it, then just after.
func WindowSides(a *ir.Agg) (out []*ir.Window) {
	if a.Leaf.Time == nil {
		return nil
	}
	for _, e := range windowEdges(a.Window, a) {
		e.value = &ir.Column{Loc: ir.Loc{At: a.Span()}, Col: a.Leaf.Time}
		out = append(out, e.around()...)
	}
	return out
}

// sides keep to what distance calls near.
func (e edge) sides() (out []ir.Expr) {
	if !e.value.Type().Temporal() {
		return e.numbers()
	}
	if e.value.Type().Kind == value.Date && e.bound.Type().Kind == value.Date {
		for _, n := range []int64{-1, 0, 1} {
			out = append(out, &ir.Cmp{Op: "=", L: e.value, R: moved(e.bound, n, "days")})
		}
		return out
	}
	for _, w := range e.around() {
		out = append(out, &ir.InRange{X: e.value, Window: w})
	}
	return out
}

func (e edge) around() []*ir.Window {
	at := e.bound
	if at.Type().Kind == value.Date {
		at = &ir.Convert{X: at, T: value.Of(value.Time)}
	}
	unit := "days"
	switch e.unit {
	case "hours", "minutes", "seconds":
		unit = e.unit
	}
	next, after := moved(at, 1, "seconds"), moved(at, 1, unit)
	if unit == "seconds" {
		after = moved(at, 2, unit)
	}
	return []*ir.Window{{Lo: moved(at, -1, unit), Hi: at}, {Lo: at, Hi: next}, {Lo: next, Hi: after}}
}

func moved(x ir.Expr, n int64, unit string) ir.Expr {
	if n == 0 {
		return x
	}
	return &ir.TimeAdd{X: x, N: n, Unit: unit}
}

// numbers are sides that are one unit wide: of whole numbers 1, of others the
// last digit of the threshold.
func (e edge) numbers() []ir.Expr {
	bound := e.bound
	if c, ok := bound.(*ir.Convert); ok {
		bound = c.X
	}
	c, ok := bound.(*ir.Const)
	if !ok || !value.Of(c.V.Kind).Exact() || c.V.IsMissing() {
		return nil
	}
	step := value.NewInt(1)
	if _, fraction, point := strings.Cut(c.V.String(), "."); point && e.value.Type().Kind != value.Int {
		step = value.NewDecimal(big.NewInt(1), len(fraction))
	}
	below, err1 := value.Sub(c.V, step)
	above, err2 := value.Add(c.V, step)
	if err1 != nil || err2 != nil {
		return nil
	}
	is := func(op string, v value.Value) ir.Expr {
		return &ir.Cmp{Op: op, L: e.value, R: &ir.Const{V: v, T: value.Of(v.Kind)}}
	}
	return []ir.Expr{
		&ir.And{Xs: []ir.Expr{is(">=", below), is("<", c.V)}}, is("=", c.V),
		&ir.And{Xs: []ir.Expr{is(">", c.V), is("<=", above)}}}
}
