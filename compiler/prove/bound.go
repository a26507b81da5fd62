package prove

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// asOfKey is the bound that is as_of itself.
var asOfKey = ir.Key(&ir.AsOf{})

// boundOf reads a fixed expression that depends on as_of. What it cannot read
// is a bound of its own, in no order with others.
func boundOf(x ir.Expr) *bound {
	b := measure(x)
	if b == nil {
		b = &bound{lo: -1 << 40, hi: 1 << 40}
	}
	b.key = ir.Key(x)
	return b
}

func measure(x ir.Expr) *bound {
	switch x := x.(type) {
	case *ir.AsOf:
		return &bound{days: true, fixed: true}
	case *ir.StartOf:
		of := measure(x.X)
		if of == nil {
			return nil
		}
		of.key = ir.Key(x.X)
		u, _ := calendar.ParseUnit(x.Unit)
		long := map[calendar.Unit]int64{calendar.Days: 1, calendar.Weeks: 7, calendar.Months: 31, calendar.Quarters: 92, calendar.Years: 366}[u]
		return &bound{lo: of.lo - long, hi: of.hi, start: of.key, unit: u, of: of}
	case *ir.TimeAdd:
		b := measure(x.X)
		u, _ := calendar.ParseUnit(x.Unit)
		if b == nil {
			return nil
		}
		return b.moved(x.N, u)
	default:
		return nil
	}
}

func (b *bound) moved(n int64, u calendar.Unit) *bound {
	c := *b
	c.of = nil
	if u.Exact() {
		micros := map[calendar.Unit]int64{calendar.Seconds: 1_000_000, calendar.Minutes: 60_000_000, calendar.Hours: 3_600_000_000}[u] * n
		c.exact, c.days, c.start, c.unit = b.exact+micros, false, "", 0
		// What the zone does may add a day to either side.
		c.lo, c.hi = b.lo+floorDiv(micros, dayMicros)-2, b.hi+floorDiv(micros, dayMicros)+3
		return &c
	}
	lo, hi := daysOf(n, u)
	c.lo, c.hi = b.lo+lo, b.hi+hi
	if !b.days || !b.fixed || b.exact != 0 {
		c.days = false
		c.lo, c.hi = c.lo-1, c.hi+1 // the clock may have been moved before
	}
	c.fixed = false
	switch {
	case b.start == "":
	case b.unit == u:
		c.steps = b.steps + n
	default:
		c.start = ""
	}
	return &c
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// daysOf are the fewest and the most days that n calendar units can be.
func daysOf(n int64, u calendar.Unit) (lo, hi int64) {
	switch u {
	case calendar.Days:
		return n, n
	case calendar.Weeks:
		return 7 * n, 7 * n
	case calendar.Months, calendar.Quarters, calendar.Years:
		months := n * map[calendar.Unit]int64{calendar.Months: 1, calendar.Quarters: 3, calendar.Years: 12}[u]
		return monthsInDays(months)
	default:
		panic("prove: not a unit of the calendar")
	}
}

// monthsInDays looks at every day of the years around 1900 and 2000, between
// which all patterns of leap years lie.
func monthsInDays(n int64) (lo, hi int64) {
	lo, hi = 1<<40, -1<<40
	if n > 1200 || n < -1200 {
		return min(n*30, n*31) - 400, max(n*30, n*31) + 400
	}
	for _, year := range []int{1892, 1992} {
		for d := calendar.Date(year, 1, 1); d < calendar.Date(year+20, 1, 1); d++ {
			k := calendar.AddDate(d, n, calendar.Months) - d
			lo, hi = min(lo, k), max(hi, k)
		}
	}
	// Longer spans can hold a day more or less than those looked at.
	if n > 12 || n < -12 {
		lo, hi = lo-2, hi+2
	}
	return lo, hi
}

// temporalBound reads the other side of a comparison as a cut of a term of
// type t; ok is false where it is neither constant nor a moving bound.
func temporalBound(x ir.Expr, t value.Type) (c cut, ok bool) {
	if !ir.Fixed(x) || !t.Temporal() || !x.Type().Temporal() {
		return cut{}, false
	}
	return cut{moves: boundOf(x)}, true
}
