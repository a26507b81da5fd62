package ir

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// anniversary lowers a yearly return to comparisons of the parts of the date,
// which every engine computes alike. A window of days [first, after) touches
// at most two years in part; of those between them every return counts.
func (l *lowering) anniversary(e *Anniversary, neg bool) Expr {
	x := l.value(e.X)
	if l.whole {
		return negated(&Anniversary{e.Loc, x, e.Window.mapBounds(l.maybe)}, neg, []Expr{x})
	}
	first, after, ok := l.days(e.Window)
	if !ok {
		return constBool(e.Loc, neg)
	}
	p := dateParts{loc: e.Loc, x: x}
	lastYear := calendar.Year(after - 1)
	firstYear := calendar.Year(first)
	var returns []Expr
	for y := firstYear; y <= lastYear; y = nextPart(y, firstYear, lastYear) {
		lo, hi := 101, 1231
		if y == firstYear {
			lo = monthDay(first)
		}
		if y == lastYear {
			hi = monthDay(after - 1)
		}
		if y != firstYear && y != lastYear {
			y = lastYear - 1 // one test stands for all the years between
		}
		returns = append(returns, p.returnsIn(y, lo, hi))
	}
	cond := Expr(&Or{e.Loc, returns})
	if len(returns) == 1 {
		cond = returns[0]
	}
	return l.cond(cond, neg)
}

// nextPart steps from the first year to the years between, then to the last.
func nextPart(y, first, last int) int {
	if y == first && last-first > 1 {
		return first + 1
	}
	return y + 1
}

// days are the first day of a window and the first after it; an open window
// reaches to the ends of the calendar. ok is false when it is empty.
func (l *lowering) days(w *Window) (first, after int64, ok bool) {
	first, after = calendar.Date(1, 1, 1), calendar.Date(9999, 12, 31)
	day := func(bound Expr) (int64, bool) {
		c, isConst := l.value(bound).(*Const)
		if !isConst || c.V.IsMissing() {
			return 0, false
		}
		if c.V.Kind == value.Date {
			return c.V.I, true
		}
		return l.constAs(c, value.Date, true, w.Next).(*Const).V.I, true
	}
	ok = true
	if w.Lo != nil {
		first, ok = day(w.Lo)
	}
	if ok && w.Hi != nil {
		after, ok = day(w.Hi)
	}
	return first, after, ok && first < after
}

func monthDay(date int64) int {
	_, m, d := calendar.Civil(date)
	return m*100 + d
}

// dateParts compares the month and day of a date as one number, 1231 for New
// Year's Eve.
type dateParts struct {
	loc Loc
	x   Expr
}

func (p dateParts) number(n int) Expr {
	return &Const{p.loc, value.NewInt(int64(n)), value.Of(value.Int)}
}

func (p dateParts) part(fn string) Expr {
	return &Call{p.loc, fn, []Expr{p.x}, value.Of(value.Int)}
}

func (p dateParts) monthDay() Expr {
	t := value.Of(value.Int)
	return &Arith{p.loc, "+", &Arith{p.loc, "*", p.part("month"), p.number(100), t}, p.part("day"), t}
}

// returnsIn: the return of year y lies from month and day lo to hi. Of 29
// February it is the 28th in common years.
func (p dateParts) returnsIn(y, lo, hi int) Expr {
	born := &Cmp{p.loc, "<", p.part("year"), p.number(y)}
	if lo <= 101 && hi >= 1231 {
		return born
	}
	within := Expr(&And{p.loc, []Expr{&Cmp{p.loc, ">=", p.monthDay(), p.number(lo)}, &Cmp{p.loc, "<=", p.monthDay(), p.number(hi)}}})
	if calendar.MonthDays(y, 2) == 28 {
		leap := &Cmp{p.loc, "=", p.monthDay(), p.number(229)}
		switch on28 := lo <= 228 && 228 <= hi; {
		case on28 && hi == 228:
			within = &Or{p.loc, []Expr{within, leap}}
		case !on28 && lo <= 229 && 229 <= hi:
			within = &And{p.loc, []Expr{within, &Not{p.loc, leap}}}
		}
	}
	return &And{p.loc, []Expr{born, within}}
}
