package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe",
	"America/Sao_Paulo", "Africa/Cairo", "America/Havana", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu"}

func in(t testing.TB, zone string) *Calendar {
	t.Helper()
	c, err := New(zone, "monday")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wall(t testing.TB, text string) int64 {
	t.Helper()
	m, ok := Scan(text)
	if !ok || m.HasZone {
		t.Fatalf("%q is not a wall time", text)
	}
	return m.Wall()
}

func instant(t testing.TB, c *Calendar, text string) int64 {
	t.Helper()
	i, err := c.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func date(t testing.TB, text string) int64 {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestInstant(t *testing.T) {
	for _, c := range []struct{ zone, wall, utc string }{
		{"Europe/Berlin", "2025-03-30T01:59:59", "2025-03-30T00:59:59"},
		{"Europe/Berlin", "2025-03-30T02:30", "2025-03-30T01:30:00"}, // skipped: 03:30
		{"Europe/Berlin", "2025-03-30T03:00", "2025-03-30T01:00:00"},
		{"Europe/Berlin", "2025-10-26T02:30", "2025-10-26T01:30:00"}, // twice: the second
		{"America/New_York", "2025-03-09T02:30", "2025-03-09T07:30:00"},
		{"America/New_York", "2025-11-02T01:30", "2025-11-02T06:30:00"},
		{"Asia/Ho_Chi_Minh", "2025-03-31T00:00", "2025-03-30T17:00:00"},
		{"Australia/Lord_Howe", "2025-10-05T02:10", "2025-10-04T15:40:00"}, // skipped by half an hour: 02:40
		{"Australia/Lord_Howe", "2025-04-06T01:45", "2025-04-05T15:15:00"}, // twice: the second
		{"America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:30:00"},   // 01:30
		{"Europe/Berlin", "0001-01-01T00:00", "0000-12-31T23:06:32"},       // local mean time
		{"Europe/Berlin", "9999-12-31T00:00", "9999-12-30T23:00:00"},
		{"Europe/Berlin", "9999-07-01T00:00", "9999-06-30T22:00:00"},
	} {
		cal := in(t, c.zone)
		if got := FormatWall(cal.Instant(wall(t, c.wall))); got != c.utc {
			t.Errorf("%s in %s is %s, want %s", c.wall, c.zone, got, c.utc)
		}
	}
}

func TestStartOfDay(t *testing.T) {
	for _, c := range []struct{ zone, date, utc string }{
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00"}, // midnight skipped
		{"Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00"},      // midnight skipped
		{"America/Havana", "2024-11-03", "2024-11-03T04:00:00"},    // midnight twice: the first
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00"},      // no such day: the next
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00"},
		{"Europe/Berlin", "2025-03-30", "2025-03-29T23:00:00"},
		{"Europe/Berlin", "2025-03-31", "2025-03-30T22:00:00"},
	} {
		cal := in(t, c.zone)
		if got := FormatWall(cal.StartOfDay(date(t, c.date))); got != c.utc {
			t.Errorf("%s in %s begins at %s, want %s", c.date, c.zone, got, c.utc)
		}
	}
}

func TestAddInstant(t *testing.T) {
	for _, c := range []struct {
		zone, start string
		n           int64
		unit        Unit
		want        string // on the wall
	}{
		{"Europe/Berlin", "2025-03-29T02:30", 1, Days, "2025-03-30T03:30:00"},
		{"Europe/Berlin", "2025-03-29T02:30", 24, Hours, "2025-03-30T03:30:00"},
		{"Europe/Berlin", "2025-03-29T12:00", 24, Hours, "2025-03-30T13:00:00"},
		{"Europe/Berlin", "2025-03-29T12:00", 1, Days, "2025-03-30T12:00:00"},
		{"Europe/Berlin", "2025-01-31T10:00", 1, Months, "2025-02-28T10:00:00"},
		{"Europe/Berlin", "2025-01-31T10:00", 2, Months, "2025-03-31T10:00:00"},
		{"Europe/Berlin", "2025-03-31T10:00", -1, Months, "2025-02-28T10:00:00"},
		{"Europe/Berlin", "2024-02-29T10:00", 1, Years, "2025-02-28T10:00:00"},
		{"Europe/Berlin", "2024-02-29T10:00", -4, Years, "2020-02-29T10:00:00"},
		{"Europe/Berlin", "2025-11-30T10:00", 1, Quarters, "2026-02-28T10:00:00"},
		{"Europe/Berlin", "2025-03-31T10:00", -5000, Years, "0001-01-01T00:00:00"},
		{"Europe/Berlin", "2025-03-31T10:00", 1 << 62, Weeks, "9999-12-31T23:59:59.999999"},
		{"UTC", "2025-03-31T10:00", 1 << 62, Seconds, "9999-12-31T23:59:59.999999"},
		{"UTC", "2025-03-31T10:00", -1 << 63, Days, "0001-01-01T00:00:00"},
		{"UTC", "0001-06-01T00:00", 3_000_000_000, Minutes, "5705-05-22T08:00:00"}, // beyond time.Duration
	} {
		cal := in(t, c.zone)
		got := FormatWall(cal.Wall(cal.Add(instant(t, cal, c.start), c.n, c.unit)))
		if got != c.want {
			t.Errorf("%s + %d %s in %s is %s, want %s", c.start, c.n, c.unit, c.zone, got, c.want)
		}
	}
}

func TestStartOf(t *testing.T) {
	cal := in(t, "Europe/Berlin")
	sunday, err := New("Europe/Berlin", "Sunday")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cal        *Calendar
		unit       Unit
		text, want string
	}{
		{cal, Hours, "2025-03-08T10:30:15", "2025-03-08T10:00:00"},
		{cal, Days, "2025-03-08T10:30", "2025-03-08T00:00:00"},
		{cal, Weeks, "2025-03-08T10:30", "2025-03-03T00:00:00"}, // a Saturday
		{sunday, Weeks, "2025-03-08T10:30", "2025-03-02T00:00:00"},
		{sunday, Weeks, "2025-03-02T10:30", "2025-03-02T00:00:00"},
		{cal, Weeks, "1969-12-31T10:30", "1969-12-29T00:00:00"},
		{cal, Months, "2025-03-30T10:30", "2025-03-01T00:00:00"},
		{cal, Quarters, "2025-03-30T10:30", "2025-01-01T00:00:00"},
		{cal, Quarters, "2025-12-30T10:30", "2025-10-01T00:00:00"},
		{cal, Years, "2025-12-30T10:30", "2025-01-01T00:00:00"},
	} {
		if got := FormatWall(c.cal.Wall(c.cal.StartOf(instant(t, c.cal, c.text), c.unit))); got != c.want {
			t.Errorf("start of %s of the instant %s is %s, want %s", c.unit, c.text, got, c.want)
		}
		if got := FormatWall(c.cal.StartOfWall(wall(t, c.text), c.unit)); got != c.want {
			t.Errorf("start of %s of the wall %s is %s, want %s", c.unit, c.text, got, c.want)
		}
	}
}

func TestYearly(t *testing.T) {
	for _, c := range []struct {
		birthday, today string
		age             int
		returns         bool
	}{
		{"2000-02-29", "2025-02-27", 24, false},
		{"2000-02-29", "2025-02-28", 25, true},
		{"2000-02-29", "2024-02-28", 23, false},
		{"2000-02-29", "2024-02-29", 24, true},
		{"1990-05-01", "2025-04-30", 34, false},
		{"1990-05-01", "2025-05-01", 35, true},
		{"1990-05-01", "1990-05-01", 0, false}, // born, not returned
		{"2030-05-01", "2025-05-01", 0, false},
	} {
		birthday, today := date(t, c.birthday), date(t, c.today)
		if got := Age(birthday, today); got != c.age {
			t.Errorf("age of %s on %s is %d, want %d", c.birthday, c.today, got, c.age)
		}
		if got := AnniversaryIn(birthday, today, today); got != c.returns {
			t.Errorf("%s returns on %s: %v", c.birthday, c.today, got)
		}
	}
	if !AnniversaryIn(date(t, "1990-01-02"), date(t, "2024-12-30"), date(t, "2025-01-05")) {
		t.Error("an anniversary across the new year is missed")
	}
}

func TestScan(t *testing.T) {
	cal := in(t, "Asia/Ho_Chi_Minh")
	for text, want := range map[string]string{
		"2025-03-31":                    "2025-03-30T17:00:00",
		"2025-03-31T10:30":              "2025-03-31T03:30:00",
		"2025-03-31 10:30:15.5":         "2025-03-31T03:30:15.500000",
		"2025-03-31T10:30:00.123456789": "2025-03-31T03:30:00.123456",
		"2025-03-31T10:30Z":             "2025-03-31T10:30:00",
		"2025-03-31T10:30-0430":         "2025-03-31T15:00:00",
		"2025-03-31T10:30+01":           "2025-03-31T09:30:00",
	} {
		if got := FormatWall(instant(t, cal, text)); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "2025", "2025-3-31", "2025-02-30", "0000-01-01", "2025-03-31T", "2025-03-31T24:00",
		"2025-03-31T10", "2025-03-31T10:60", "2025-03-31T10:30:60", "2025-03-31T10:30:00.", "2025-03-31T10:30:00.1234567890",
		"2025-03-31T10:30z", "2025-03-31T10:30+7", "2025-03-31T10:30+16:00", "2025-03-31Z", " 2025-03-31", "2025-03-31T10:30+07:", "+025-03-31"} {
		if m, ok := Scan(text); ok {
			t.Errorf("%q is read as %v", text, m)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range [][2]string{{"", ""}, {"Local", ""}, {"Mars/Olympus", ""}, {"UTC", "mon"}} {
		if _, err := New(c[0], c[1]); err == nil {
			t.Errorf("zone %q, week start %q are taken", c[0], c[1])
		}
	}
}

// Civil agrees with time.Time, an implementation of its own, on every day.
func TestCivil(t *testing.T) {
	for d := MinDate; d <= MaxDate; d++ {
		y, m, dd := Civil(d)
		if Date(y, m, dd) != d {
			t.Fatalf("%d is %d-%d-%d, which is %d", d, y, m, dd, Date(y, m, dd))
		}
		if d%97 == 0 {
			u := time.Unix(d*86400, 0).UTC()
			if u.Year() != y || int(u.Month()) != m || u.Day() != dd || int(u.Weekday()) != Weekday(d)%7 {
				t.Fatalf("%d is %d-%d-%d, time says %v", d, y, m, dd, u)
			}
		}
	}
}

// anyInstant draws instants of the last 80 years often, of others seldom.
func anyInstant(t *rapid.T) int64 {
	if rapid.IntRange(0, 3).Draw(t, "far") == 0 {
		return rapid.Int64Range(MinWall+2*day, MaxWall-2*day).Draw(t, "instant")
	}
	return rapid.Int64Range(-25*365*day/second, 55*365*day/second).Draw(t, "second") * second
}

func TestWallAndInstantMeet(t *testing.T) {
	for _, zone := range zones {
		cal := in(t, zone)
		rapid.Check(t, func(t *rapid.T) {
			i := anyInstant(t)
			w := cal.Wall(i)
			back := cal.Instant(w)
			if back < i || cal.Wall(back) != w {
				t.Fatalf("%s: %s shows %s, which is %s", zone, FormatWall(i), FormatWall(w), FormatWall(back))
			}
			// Only where a time shows twice is it another instant, and then
			// no later instant shows it again.
			if back != i && cal.period(i) == cal.period(back) {
				t.Fatalf("%s: %s comes back as %s", zone, FormatWall(i), FormatWall(back))
			}
			// Any reading, in a gap too, is shown by its instant or after it by the gap.
			any := i + rapid.Int64Range(-day, day).Draw(t, "off")
			if gap := cal.Wall(cal.Instant(any)) - any; gap < 0 || gap > day {
				t.Fatalf("%s: %s is moved by %d", zone, FormatWall(any), gap)
			}
		})
	}
}

func TestDaysTileTheInstants(t *testing.T) {
	for _, zone := range zones {
		cal := in(t, zone)
		rapid.Check(t, func(t *rapid.T) {
			i := anyInstant(t)
			d := cal.FloorDate(i)
			if !(cal.StartOfDay(d) <= i && i < cal.StartOfDay(d+1)) {
				t.Fatalf("%s: %s is not within %s", zone, FormatWall(i), FormatDate(d))
			}
			c := cal.CeilDate(i)
			if !(cal.StartOfDay(c) >= i && cal.StartOfDay(c-1) < i) {
				t.Fatalf("%s: %s is not the first day from %s", zone, FormatDate(c), FormatWall(i))
			}
			// Nothing before its start shows the date.
			if start := cal.StartOfDay(d); cal.DateOf(start-1) >= d {
				t.Fatalf("%s: %s is shown before it begins", zone, FormatDate(d))
			}
		})
	}
}

// naiveMonths steps a month at a time and clamps once at the end.
func naiveMonths(d, n int64) int64 {
	y, m, dd := Civil(d)
	for ; n > 0; n-- {
		if m++; m == 13 {
			y, m = y+1, 1
		}
	}
	for ; n < 0; n++ {
		if m--; m == 0 {
			y, m = y-1, 12
		}
	}
	for {
		u := time.Date(y, time.Month(m), dd, 0, 0, 0, 0, time.UTC)
		if int(u.Month()) == m {
			return u.Unix() / 86400
		}
		dd--
	}
}

func TestAddDateIsNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.Int64Range(Date(500, 1, 1), Date(9500, 1, 1)).Draw(t, "date")
		n := rapid.Int64Range(-400, 400).Draw(t, "n")
		for unit, want := range map[Unit]int64{
			Days: d + n, Weeks: d + 7*n,
			Months: naiveMonths(d, n), Quarters: naiveMonths(d, 3*n), Years: naiveMonths(d, 12*n),
		} {
			if got := AddDate(d, n, unit); got != want {
				t.Fatalf("%s + %d %s is %s, want %s", FormatDate(d), n, unit, FormatDate(got), FormatDate(want))
			}
		}
	})
}

func FuzzScan(f *testing.F) {
	f.Add("2025-03-31T10:30:00.5+07:00")
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := Scan(text)
		if ok && len(text) == len("2025-03-31") && FormatDate(m.Date) != text {
			t.Errorf("%q is read as %s", text, FormatDate(m.Date))
		}
	})
}

// Beyond the years for which zones are tabulated, too, every day has a start;
// the last day of a leap year there was one that never came to an end.
func TestFarYears(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Ho_Chi_Minh"} {
		c, err := New(zone, "monday")
		if err != nil {
			t.Fatal(err)
		}
		before := c.StartOfDay(Date(2036, 1, 1) - 1)
		for d := Date(2036, 1, 1); d < Date(2105, 1, 1); d++ {
			at := c.StartOfDay(d)
			if hours := (at - before) / 3_600_000_000; c.DateOf(at) != d || c.DateOf(at-1) != d-1 || hours < 23 || hours > 25 {
				t.Fatalf("%s: %s begins at %d, %d hours after the day before", zone, FormatDate(d), at, hours)
			}
			before = at
		}
	}
}
