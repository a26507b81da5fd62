package ir

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// Fixed reports whether x is the same for every row in one instant: a
// literal, as_of, or what follows from them.
func Fixed(x Expr) bool { return fixed(x) }

// IsValue reports whether a Bool expression is a value (which may be
// missing) rather than a condition.
func IsValue(x Expr) bool { return isValue(x) }

// Days are the first day of a fixed window and the first after it; an open
// window reaches to the ends of the calendar. ok is false when it is empty.
func Days(cal *calendar.Calendar, asOf int64, w *Window) (first, after int64, ok bool) {
	return (&lowering{cal: cal, asOf: asOf}).days(w)
}

// Reduce is a population's aggregate of its known values.
func Reduce(a *PopAgg, known []value.Value) (value.Value, error) {
	return reduce(aggregated{op: a.Op, value: a.Value, percent: a.Percent}, known)
}
