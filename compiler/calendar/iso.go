package calendar

import (
	"fmt"
	"strconv"
)

// Moment is what an ISO 8601 text says.
type Moment struct {
	Date    int64
	Clock   int64 // microseconds after midnight
	HasTime bool
	HasZone bool
	Offset  int64 // microseconds east of UTC, when HasZone
}

// Wall is the moment's own reading, whatever its zone.
func (m Moment) Wall() int64 { return m.Date*day + m.Clock }

// ISOPattern is what Scan reads, in RE2's syntax, for engines that must read
// alike. A day beyond its month's end fits the pattern and is refused after.
const ISOPattern = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])` +
	`([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?` +
	`(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?$`

// Scan reads YYYY-MM-DD, then optionally T or a space and hh:mm[:ss[.f…]],
// then optionally Z or an offset ±hh, ±hhmm, ±hh:mm below 16 hours. Up to nine
// digits of a second are read, those after the sixth dropped. Leap seconds,
// 24:00, week dates and years outside 1 to 9999 are refused.
func Scan(text string) (m Moment, ok bool) {
	s := scanner{rest: text}
	year, month, dayOfMonth := s.number(4), 0, 0
	s.literal('-')
	month = s.number(2)
	s.literal('-')
	dayOfMonth = s.number(2)
	if s.bad || year < 1 || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > MonthDays(year, month) {
		return Moment{}, false
	}
	m.Date = Date(year, month, dayOfMonth)
	if s.rest == "" {
		return m, true
	}
	m.HasTime = true
	if !s.accept('T') && !s.accept(' ') {
		return Moment{}, false
	}
	m.Clock = s.clock()
	if s.rest != "" {
		m.HasZone = true
		m.Offset = s.offset()
	}
	if s.bad || s.rest != "" {
		return Moment{}, false
	}
	return m, true
}

// ParseDate reads a date written YYYY-MM-DD.
func ParseDate(text string) (int64, error) {
	m, ok := Scan(text)
	if !ok || m.HasTime {
		return 0, fmt.Errorf("%q is not a date such as 2025-03-31", text)
	}
	return m.Date, nil
}

// ParseInstant reads an instant: 2025-03-31 is the first instant of that day,
// 2025-03-31T10:30[:00[.5]] a time of the calendar's zone, and with Z or an
// offset one of that zone.
func (c *Calendar) ParseInstant(text string) (int64, error) {
	m, ok := Scan(text)
	if !ok {
		return 0, fmt.Errorf("%q is not a date or time such as 2025-03-31 or 2025-03-31T10:30", text)
	}
	return c.At(m), nil
}

// At is the instant of a moment: without time the start of its day, without
// zone read in the calendar's.
func (c *Calendar) At(m Moment) int64 {
	switch {
	case m.HasZone:
		return m.Wall() - m.Offset
	case m.HasTime:
		return c.Instant(m.Wall())
	default:
		return c.StartOfDay(m.Date)
	}
}

// FormatDate writes YYYY-MM-DD.
func FormatDate(date int64) string {
	return string(appendDate(make([]byte, 0, len("2025-03-08")), date))
}

// appendDate and appendDigits do without fmt: keys of expressions and SQL are
// full of dates.
func appendDate(b []byte, date int64) []byte {
	y, m, d := Civil(date)
	b = appendDigits(b, int64(y), 4)
	b = appendDigits(append(b, '-'), int64(m), 2)
	return appendDigits(append(b, '-'), int64(d), 2)
}

// appendDigits writes n with at least that many digits; the sign is one of
// them, as it is to fmt.
func appendDigits(b []byte, n int64, digits int) []byte {
	if n < 0 {
		b, n, digits = append(b, '-'), -n, digits-1
	}
	text := strconv.FormatInt(n, 10)
	for range digits - len(text) {
		b = append(b, '0')
	}
	return append(b, text...)
}

// FormatWall writes YYYY-MM-DDThh:mm:ss, with six digits of a second when
// there are any.
func FormatWall(wall int64) string {
	date := WallDate(wall)
	clock := wall - date*day
	b := append(appendDate(make([]byte, 0, len("2025-03-08T10:30:00.123456")), date), 'T')
	b = appendDigits(b, clock/hour, 2)
	b = appendDigits(append(b, ':'), clock/minute%60, 2)
	b = appendDigits(append(b, ':'), clock/second%60, 2)
	if micros := clock % second; micros != 0 {
		b = appendDigits(append(b, '.'), micros, 6)
	}
	return string(b)
}

// scanner reads text from its front and remembers that something did not fit.
type scanner struct {
	rest string
	bad  bool
}

func (s *scanner) accept(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) literal(c byte) { s.bad = !s.accept(c) || s.bad }

// number reads exactly n digits.
func (s *scanner) number(n int) int {
	if len(s.rest) < n {
		s.bad = true
		return 0
	}
	v := 0
	for _, c := range []byte(s.rest[:n]) {
		if c < '0' || c > '9' {
			s.bad = true
			return 0
		}
		v = v*10 + int(c-'0')
	}
	s.rest = s.rest[n:]
	return v
}

// clock reads hh:mm[:ss[.f…]] as microseconds.
func (s *scanner) clock() int64 {
	h := s.number(2)
	s.literal(':')
	m, sec, micros := s.number(2), 0, 0
	if s.accept(':') {
		sec = s.number(2)
		if s.accept('.') {
			micros = s.fraction()
		}
	}
	s.bad = s.bad || h > 23 || m > 59 || sec > 59
	return int64(h)*hour + int64(m)*minute + int64(sec)*second + int64(micros)
}

// fraction reads one to nine digits as microseconds.
func (s *scanner) fraction() int {
	digits, micros := 0, 0
	for ; digits < 9 && s.rest != "" && s.rest[0] >= '0' && s.rest[0] <= '9'; digits++ {
		if digits < 6 {
			micros = micros*10 + int(s.rest[0]-'0')
		}
		s.rest = s.rest[1:]
	}
	s.bad = s.bad || digits == 0
	for ; digits < 6; digits++ {
		micros *= 10
	}
	return micros
}

// offset reads Z, ±hh, ±hhmm or ±hh:mm as microseconds.
func (s *scanner) offset() int64 {
	if s.accept('Z') {
		return 0
	}
	sign := int64(1)
	if s.accept('-') {
		sign = -1
	} else {
		s.literal('+')
	}
	h, m := s.number(2), 0
	if s.rest != "" {
		s.accept(':')
		m = s.number(2)
	}
	s.bad = s.bad || h > 15 || m > 59
	return sign * (int64(h)*hour + int64(m)*minute)
}
