package calendar

import "time"

// The ends of the calendar: 0001-01-01 and 9999-12-31 as dates, and the first
// and last microsecond of the two as walls.
const (
	MinDate = int64(-719162)
	MaxDate = int64(2932896)
	MinWall = MinDate * day
	MaxWall = (MaxDate+1)*day - 1
)

// Date is the date of a year, month (1 to 12) and day (1 to 31), which must
// exist. The formula is days_from_civil of Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms": years begin in March, so that the leap day comes
// last.
func Date(year, month, dayOfMonth int) int64 {
	y := int64(year)
	if month <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := int64((153*((month+9)%12)+2)/5 + dayOfMonth - 1)
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146097 + dayOfEra - 719468
}

// Civil is the year, month and day of a date, the inverse of Date.
func Civil(date int64) (year, month, dayOfMonth int) {
	z := date + 719468
	era := floorDiv(z, 146097)
	dayOfEra := z - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153
	dayOfMonth = int(dayOfYear - (153*shifted+2)/5 + 1)
	month = int((shifted+2)%12) + 1
	year = int(yearOfEra + era*400)
	if month <= 2 {
		year++
	}
	return year, month, dayOfMonth
}

// MonthDays is the number of days of a month.
func MonthDays(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// WallDate is the date of a wall time.
func WallDate(wall int64) int64 { return floorDiv(wall, day) }

// DateWall is midnight of a date as a wall time, whether the zone has it or not.
func DateWall(date int64) int64 { return date * day }

// Weekday is the day of the week of a date by ISO 8601: Monday is 1, Sunday 7.
func Weekday(date int64) int { return int(floorMod(date+3, 7)) + 1 }

// Year is the year of a date.
func Year(date int64) int { y, _, _ := Civil(date); return y }

// Quarter is the quarter of a date, 1 to 4.
func Quarter(date int64) int { return (Month(date) + 2) / 3 }

// Month is the month of a date, 1 to 12.
func Month(date int64) int { _, m, _ := Civil(date); return m }

// Hour is the hour of a wall time, 0 to 23.
func Hour(wall int64) int { return int(floorMod(wall, day) / hour) }

// DaysBetween is the number of days from a to b, negative when b is earlier.
func DaysBetween(a, b int64) int64 { return b - a }

// goWeekday is the day of the week of a date as Go counts it.
func goWeekday(date int64) time.Weekday { return time.Weekday(floorMod(date+4, 7)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
