package ir

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// Reason is the normal form for reasoning about an expression rather than
// running it: ages and anniversaries stay in one piece, since they say more
// than the arithmetic they are worked out by. Without an instant as_of stays
// too, and with it whatever depends on it, so that what holds of the form
// holds at every instant; a bound of a window is then no constant, but fixed
// (see Fixed). The form is read in two values, as ir.Eval does.
//
// The error is value.ErrOverflow in a constant.
func Reason(cal *calendar.Calendar, asOf *int64, e Expr) (Expr, error) {
	l := &lowering{cal: cal, whole: true, every: asOf == nil}
	if asOf != nil {
		l.asOf = *asOf
	}
	return l.lower(e)
}

// besideEvery is align for no particular instant: sides are compared as they
// are, but for the rule of `in next`, where a date counts from the day that
// the bound lies in.
func besideEvery(x, y Expr, next bool) (Expr, Expr) {
	if next && x.Type().Kind == value.Date && y.Type().Kind != value.Date {
		y = &StartOf{Loc{y.Span()}, "days", y}
	}
	return x, y
}
