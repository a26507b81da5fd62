package calendar

// Anniversary is the day a date returns in a year: the same month and day,
// 28 February for a 29th in a common year. The first return is in the year
// after the date; ok is false before.
func Anniversary(date int64, year int) (returns int64, ok bool) {
	y, m, d := Civil(date)
	if year <= y {
		return 0, false
	}
	return Date(year, m, min(d, MonthDays(year, m))), true
}

// AnniversaryIn reports whether a date returns on one of the days from first
// to last, both included.
func AnniversaryIn(date, first, last int64) bool {
	for year := Year(first); year <= Year(last) && first <= last; year++ {
		returns, ok := Anniversary(date, year)
		if ok && first <= returns && returns <= last {
			return true
		}
	}
	return false
}

// Age counts the returns of a date up to and including today, so it changes on
// the anniversary. It is 0 for a date in the future, which has not returned.
func Age(birthday, today int64) int {
	year := Year(today)
	age := year - Year(birthday)
	if age <= 0 {
		return 0
	}
	if returns, _ := Anniversary(birthday, year); returns > today {
		age--
	}
	return age
}
