package ir

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// ageOf is the full years from birth to today: the difference of the years,
// less one while this year's return is still to come, and 0 before the first.
// Someone born on 29 February returns on the 28th in common years.
func ageOf(loc Loc, birth Expr, today int64) Expr {
	year, month, day := calendar.Civil(today)
	last := int64(month*100 + day)
	if month == 2 && day == 28 && calendar.MonthDays(year, 2) == 28 {
		last++
	}
	intT := value.Of(value.Int)
	k := func(n int64) Expr { return &Const{loc, value.NewInt(n), intT} }
	part := func(fn string) Expr { return &Call{loc, fn, []Expr{birth}, intT} }
	hundreds := &Arith{loc, "+", &Arith{loc, "*", part("month"), k(100), intT}, part("day"), intT}
	years := &Arith{loc, "-", k(int64(year)), part("year"), intT}
	return &Case{loc, []When{
		{&Known{loc, birth, true}, &Const{loc, value.Value{}, intT}},
		{&Cmp{loc, ">=", part("year"), k(int64(year))}, k(0)},
		{&Cmp{loc, ">", hundreds, k(last)}, &Arith{loc, "-", years, k(1), intT}},
	}, years, intT}
}

// compareAge lowers the comparison of an age with a whole number to one of the
// date of birth with the last day on which those of that age were born: so the
// column is read as it is, by its statistics where an engine keeps some. Nil
// where e is no such comparison.
func (l *lowering) compareAge(e *Cmp, neg bool) Expr {
	age, limit, op := ageCall(e.L), e.R, e.Op
	if age == nil {
		age, limit, op = ageCall(e.R), e.L, mirrored[e.Op]
	}
	if age == nil || l.whole {
		return nil
	}
	k, ok := l.value(limit).(*Const)
	if !ok || k.V.Kind != value.Int || k.V.I < 0 || k.V.I > 9999 {
		return nil
	}
	today, ok := l.value(age.Args[1]).(*Const)
	if !ok {
		return nil
	}
	a := ageLimits{l, e.Loc, l.value(age.Args[0]), today.V.I}
	switch op {
	case "<":
		return a.younger(k.V.I, neg)
	case "<=":
		return a.younger(k.V.I+1, neg)
	case "=":
		return l.joinLowered(e.Loc, []Expr{a.atLeast(k.V.I, neg), a.younger(k.V.I+1, neg)}, !neg)
	case ">":
		return a.atLeast(k.V.I+1, neg)
	case ">=":
		return a.atLeast(k.V.I, neg)
	default:
		return nil
	}
}

var mirrored = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// ageCall is x where it is an age.
func ageCall(x Expr) *Call {
	switch x := x.(type) {
	case *Call:
		if x.Fn == "age" {
			return x
		}
	case *Trait:
		return ageCall(x.X)
	default:
	}
	return nil
}

// ageLimits compares ages by the dates of birth.
type ageLimits struct {
	*lowering
	loc   Loc
	birth Expr
	today int64
}

// atLeast: n years or older. Everybody whose date is known is 0 or older.
func (a ageLimits) atLeast(n int64, neg bool) Expr {
	last, ok := lastBirth(a.today, n)
	switch {
	case n <= 0:
		return a.known(&Known{a.loc, a.birth, false}, neg)
	case !ok:
		return constBool(a.loc, neg)
	}
	return a.compare(a.loc, "<=", a.birth, a.day(last), neg, false)
}

// younger than n years.
func (a ageLimits) younger(n int64, neg bool) Expr {
	last, ok := lastBirth(a.today, n)
	switch {
	case n <= 0:
		return constBool(a.loc, neg)
	case !ok:
		return a.known(&Known{a.loc, a.birth, false}, neg)
	}
	return a.compare(a.loc, ">", a.birth, a.day(last), neg, false)
}

func (a ageLimits) day(date int64) Expr {
	return &Const{a.loc, value.NewDate(date), value.Of(value.Date)}
}

// lastBirth is the last day on which those were born who are n years old
// today; none when that lies before the calendar. Those of 29 February return
// on the 28th in common years.
func lastBirth(today, n int64) (date int64, ok bool) {
	year, month, day := calendar.Civil(today)
	if month == 2 && day == calendar.MonthDays(year, 2) {
		day = 29
	}
	year -= int(n)
	if year < 1 {
		return 0, false
	}
	return calendar.Date(year, month, min(day, calendar.MonthDays(year, month))), true
}
