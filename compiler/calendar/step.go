package calendar

import (
	"math"
	"math/bits"
)

// Unit is a unit of time.
type Unit uint8

// Units, shortest first. Hours and shorter are exact lengths; days and longer
// are steps of the calendar.
const (
	Seconds Unit = iota + 1
	Minutes
	Hours
	Days
	Weeks
	Months
	Quarters
	Years
)

var unitNames = [...]string{
	Seconds: "seconds", Minutes: "minutes", Hours: "hours", Days: "days", Weeks: "weeks",
	Months: "months", Quarters: "quarters", Years: "years",
}

// String is the unit's plural, which is how values and trees spell it.
func (u Unit) String() string { return unitNames[u] }

// ParseUnit reads a unit in the singular or plural ("day", "days").
func ParseUnit(name string) (Unit, bool) {
	for u := Seconds; u <= Years; u++ {
		if plural := unitNames[u]; name == plural || name == plural[:len(plural)-1] {
			return u, true
		}
	}
	return 0, false
}

// Exact reports whether the unit has one length on every clock.
func (u Unit) Exact() bool { return u <= Hours }

// micros is the length of an exact unit.
func (u Unit) micros() int64 { return [...]int64{Seconds: second, Minutes: minute, Hours: hour}[u] }

// Add steps n units (n may be negative) from an instant. Exact units pass
// that much time; others keep the wall-clock time, clamp to the end of the
// month and are taken once from the start, so 31 January plus a month is the
// last of February and plus two months 31 March.
func (c *Calendar) Add(instant, n int64, u Unit) int64 {
	switch {
	case n == 0:
		return instant // also in the first of two hours shown alike
	case u.Exact():
		return clamp(instant, n, u.micros(), MinWall, MaxWall)
	}
	return c.Instant(c.AddWall(c.Wall(instant), n, u))
}

// AddWall steps n units from a wall time, which stays in no zone. A step that
// leads out of the calendar ends with its first or last microsecond.
func (c *Calendar) AddWall(wall, n int64, u Unit) int64 {
	if u.Exact() {
		return clamp(wall, n, u.micros(), MinWall, MaxWall)
	}
	date, back := WallDate(wall), -max(n, -math.MaxInt64)
	switch {
	case n > 0 && date > AddDate(MaxDate, back, u):
		return MaxWall
	case n < 0 && date < AddDate(MinDate, back, u):
		return MinWall
	}
	return AddDate(date, n, u)*day + (wall - date*day)
}

// AddDate steps n days or longer units from a date. A shorter unit is a
// mistake of the caller.
func AddDate(date, n int64, u Unit) int64 {
	switch u {
	case Days:
		return clamp(date, n, 1, MinDate, MaxDate)
	case Weeks:
		return clamp(date, n, 7, MinDate, MaxDate)
	case Months:
		return addMonths(date, n, 1)
	case Quarters:
		return addMonths(date, n, 3)
	case Years:
		return addMonths(date, n, 12)
	default:
		panic("calendar: a date has no " + u.String())
	}
}

// addMonths steps n times size months and clamps to the end of the month.
func addMonths(date, n, size int64) int64 {
	year, month, dayOfMonth := Civil(date)
	months := clamp(int64(year)*12+int64(month)-1, n, size, 0, 10_000*12)
	y, m := int(months/12), int(months%12)+1
	switch {
	case y < 1:
		return MinDate
	case y > 9999:
		return MaxDate
	}
	return Date(y, m, min(dayOfMonth, MonthDays(y, m)))
}

// clamp is start + n × size held between lo and hi.
func clamp(start, n, size, lo, hi int64) int64 {
	high, low := bits.Mul64(magnitude(n), uint64(size))
	if high != 0 || low > math.MaxInt64/2 {
		if n < 0 {
			return lo
		}
		return hi
	}
	step := int64(low)
	if n < 0 {
		step = -step
	}
	return min(max(start+step, lo), hi)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// StartOfDate is the first date of the week, month, quarter or year a date
// lies in (a day is its own). Shorter units are a mistake of the caller.
func (c *Calendar) StartOfDate(date int64, u Unit) int64 {
	year, month, _ := Civil(date)
	switch u {
	case Days:
		return date
	case Weeks:
		return date - int64((goWeekday(date)-c.WeekStart+7)%7)
	case Months:
		return Date(year, month, 1)
	case Quarters:
		return Date(year, (month-1)/3*3+1, 1)
	case Years:
		return Date(year, 1, 1)
	default:
		panic("calendar: a date has no " + u.String())
	}
}

// StartOfWall is the first wall time of the unit a wall time lies in.
func (c *Calendar) StartOfWall(wall int64, u Unit) int64 {
	if u.Exact() {
		return wall - floorMod(wall, u.micros())
	}
	return c.StartOfDate(WallDate(wall), u) * day
}

// StartOf is the first instant of the unit an instant lies in. Hours and
// shorter are counted back from the instant by what the wall shows, so the two
// hours an autumn night has twice stay apart.
func (c *Calendar) StartOf(instant int64, u Unit) int64 {
	if u.Exact() {
		return instant - floorMod(c.Wall(instant), u.micros())
	}
	return c.StartOfDay(c.StartOfDate(c.DateOf(instant), u))
}
