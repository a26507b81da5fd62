package sql

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// inYear is how many of a unit are about a year.
var inYear = map[string]int64{"year": 1, "month": 12, "week": 52, "day": 365, "hour": 365 * 24, "minute": 365 * 24 * 60, "second": 365 * 24 * 60 * 60}

// beyondAll is a number of years that leads out of the calendar's ten thousand
// from anywhere; engines know no time much further.
const beyondAll = 12_000

func (s *scope) timeAdd(x string, e *ir.TimeAdd) string {
	unit, steps := strings.TrimSuffix(e.Unit, "s"), e.N
	most := beyondAll * inYear[unit]
	if unit == "quarter" {
		unit, most = "month", beyondAll*inYear["month"]
		steps = 3 * max(min(steps, most), -most)
	}
	steps = max(min(steps, most), -most)
	n := fmt.Sprint(steps)
	zone := s.d.Text(s.plan.Project.Zone)
	exact := unit == "second" || unit == "minute" || unit == "hour"
	back := -steps / inYear[unit]
	switch k := e.X.Type().Kind; {
	case k == value.Date:
		return s.notBefore(back, x, s.d.DateLiteral, "", fill(s.d.AddDate, x, n, unit))
	case k == value.Wall && exact:
		return s.notBefore(back, x, s.d.WallLiteral, " 00:00:00", fill(s.d.ToWall, fill(s.d.AddWall, fill(s.d.ToInstant, x, zone), n, unit), zone))
	case k == value.Wall:
		return s.notBefore(back, x, s.d.WallLiteral, " 00:00:00", fill(s.d.AddWall, x, n, unit))
	case exact:
		return s.notBefore(back, x, s.d.TimeLiteral, " 00:00:00", fill(s.d.AddWall, x, n, unit))
	default:
		return s.notBefore(back, x, s.d.TimeLiteral, " 00:00:00", fill(s.d.ToInstant, fill(s.d.AddWall, fill(s.d.ToWall, x, zone), n, unit), zone))
	}
}

// notBefore keeps a step back of so many years from leading to a time that the
// engine does not know: the calendar begins with year 1.
func (s *scope) notBefore(back int64, x, literal, clock, moved string) string {
	if back <= int64(s.d.YearsBefore) {
		return moved
	}
	day := func(year int64) string { return fill(literal, fmt.Sprintf("%04d-01-01", year)+clock) }
	return "CASE WHEN " + x + " < " + day(min(back, 9999)) + " THEN " + day(1) + " ELSE " + moved + " END"
}
