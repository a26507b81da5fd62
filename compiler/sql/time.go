package sql

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// inYear is how many of a unit are about a year.
var inYear = map[calendar.Unit]int64{calendar.Years: 1, calendar.Quarters: 4, calendar.Months: 12, calendar.Weeks: 52, calendar.Days: 365,
	calendar.Hours: 365 * 24, calendar.Minutes: 365 * 24 * 60, calendar.Seconds: 365 * 24 * 60 * 60}

// timeAdd steps a date or time. The calendar has the years 1 to 9999, engines
// have others: a step of a hundred years and more is held at its ends.
func (s *scope) timeAdd(x string, e *ir.TimeAdd) string {
	u, _ := calendar.ParseUnit(e.Unit)
	unit, steps := strings.TrimSuffix(e.Unit, "s"), e.N
	if u == calendar.Quarters {
		unit, steps = "month", 3*steps
	}
	n, zone := fmt.Sprint(steps), s.d.Text(s.plan.Project.Zone)
	h := held{s, u, e.N}
	switch k := e.X.Type().Kind; {
	case k == value.Date:
		return h.date(x, fill(s.d.AddDate, x, n, unit))
	case k == value.Wall && u.Exact():
		at := fill(s.d.ToInstant, x, zone)
		return fill(s.d.ToWall, h.instant(at, fill(s.d.AddWall, at, n, unit)), zone)
	case k == value.Wall:
		return h.wall(x, fill(s.d.AddWall, x, n, unit))
	case u.Exact():
		return h.instant(x, fill(s.d.AddWall, x, n, unit))
	default:
		at := fill(s.d.ToWall, x, zone)
		return fill(s.d.ToInstant, h.wall(at, fill(s.d.AddWall, at, n, unit)), zone)
	}
}

// held is a step of n units that ends where the calendar does, as those of
// package calendar.
type held struct {
	*scope
	unit calendar.Unit
	n    int64
}

// between is moved, but for x beyond the last time from which the step stays
// in the calendar.
func (h held) between(x, moved string, last, end value.Value) string {
	op := " > "
	if h.n < 0 {
		op = " < "
	}
	if h.n < 100*inYear[h.unit] && h.n > -100*inYear[h.unit] {
		return moved
	}
	t := value.Of(end.Kind)
	return "CASE WHEN " + x + op + h.d.Literal(last, t) + " THEN " + h.d.Literal(end, t) + " ELSE " + moved + " END"
}

func (h held) date(x, moved string) string {
	end := calendar.MaxDate
	if h.n < 0 {
		end = calendar.MinDate
	}
	return h.between(x, moved, value.NewDate(calendar.AddDate(end, -h.n, h.unit)), value.NewDate(end))
}

// wall steps by days or longer units, whatever the time of day.
func (h held) wall(x, moved string) string {
	if h.n < 0 {
		first := calendar.DateWall(calendar.AddDate(calendar.MinDate, -h.n, h.unit))
		return h.between(x, moved, value.NewWall(first), value.NewWall(calendar.MinWall))
	}
	last := calendar.DateWall(calendar.AddDate(calendar.MaxDate, -h.n, h.unit)+1) - 1
	return h.between(x, moved, value.NewWall(last), value.NewWall(calendar.MaxWall))
}

// instant steps by hours or shorter units.
func (h held) instant(x, moved string) string {
	end := calendar.MaxWall
	if h.n < 0 {
		end = calendar.MinWall
	}
	last := h.plan.Project.Calendar.Add(end, -h.n, h.unit)
	return h.between(x, moved, value.NewTime(last), value.NewTime(end))
}
