// Package calendar reckons with days, wall clocks and instants of one zone.
//
// Three counts are used throughout, the same as in value.Value:
//
//	date     days since 1970-01-01
//	instant  microseconds since 1970-01-01T00:00Z
//	wall     microseconds since 1970-01-01T00:00 as read off a clock on the wall
//
// Years, months and days follow the Gregorian calendar in both directions,
// years 1 to 9999; what arithmetic carries further is held at the ends of that
// span, since a window that reaches beyond it takes in everything anyway.
//
// Three rules bind every engine. A wall-clock time a zone skips in spring is
// moved forward by the gap; one it has twice in autumn is the second; and a
// day begins at its first instant, which is the end of the gap where midnight
// does not exist. Go's AddDate is not used: it turns 31 January plus a month
// into 3 March.
package calendar

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine
)

// Microseconds in the exact units.
const (
	second = int64(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// Calendar is a zone and the day weeks begin with.
type Calendar struct {
	Loc       *time.Location
	WeekStart time.Weekday
}

// New gives the calendar of an IANA zone ("Asia/Ho_Chi_Minh", "UTC") with
// weeks beginning on a day by its English name in any case ("monday"; empty
// means monday). "Local" and the empty zone are refused: results may not
// depend on the machine.
func New(zone, weekStart string) (*Calendar, error) {
	if zone == "" || zone == "Local" {
		return nil, fmt.Errorf("zone %q: name a zone such as Europe/Berlin", zone)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("zone %q is not in the IANA database", zone)
	}
	if weekStart == "" {
		weekStart = "monday"
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), weekStart) {
			return &Calendar{Loc: loc, WeekStart: d}, nil
		}
	}
	return nil, fmt.Errorf("week start %q is not a day of the week", weekStart)
}

// Wall is what a clock on the wall shows at an instant.
func (c *Calendar) Wall(instant int64) int64 {
	return instant + c.period(instant).offset
}

// Instant is the instant at which the wall shows a time: forward by the gap
// where it is skipped, the later one where it is shown twice.
func (c *Calendar) Instant(wall int64) int64 {
	periods := c.around(wall)
	for i := len(periods) - 1; i >= 0; i-- {
		p := periods[i]
		if t := wall - p.offset; p.start <= t && t < p.end {
			return t
		}
	}
	// In a gap: read with the offset before it, the time comes out after it by
	// as much as the clock jumped.
	for i := len(periods) - 1; i > 0; i-- {
		if t := wall - periods[i-1].offset; t >= periods[i].start {
			return t
		}
	}
	return wall - periods[0].offset
}

// StartOfDay is the first instant at which the wall shows the date or, on a
// day the zone skips altogether, a later one.
func (c *Calendar) StartOfDay(date int64) int64 {
	midnight := date * day
	for _, p := range c.around(midnight) {
		if t := max(p.start, midnight-p.offset); t < p.end {
			return t
		}
	}
	panic("calendar: the periods around a time do not cover it")
}

// DateOf is the date the wall shows at an instant.
func (c *Calendar) DateOf(instant int64) int64 { return WallDate(c.Wall(instant)) }

// CeilDate is the first date whose first instant is at or after the instant.
func (c *Calendar) CeilDate(instant int64) int64 {
	d := c.FloorDate(instant) + 1
	for c.StartOfDay(d-1) >= instant { // twice where the zone skips a day
		d--
	}
	return d
}

// FloorDate is the last date whose first instant is at or before the instant.
func (c *Calendar) FloorDate(instant int64) int64 {
	d := c.DateOf(instant) + 1
	for c.StartOfDay(d) > instant {
		d--
	}
	return d
}

// period is a span of instants [start, end) with one offset from UTC, all in
// microseconds. A zone's first and last periods reach to always.
type period struct{ start, end, offset int64 }

const (
	always    = int64(1) << 62
	maxOffset = day // no zone has ever been a day away from UTC
)

// period is the one an instant lies in.
func (c *Calendar) period(instant int64) period {
	t := time.UnixMicro(instant).In(c.Loc)
	_, seconds := t.Zone()
	start, end := t.ZoneBounds()
	p := period{start: -always, end: always, offset: int64(seconds) * second}
	if !start.IsZero() && start.Unix() > -always/second {
		p.start = start.UnixMicro()
	}
	if !end.IsZero() && end.Unix() < always/second {
		p.end = end.UnixMicro()
	}
	if p.end <= instant {
		// Beyond the years of its table, Go ends every year after 365 days, so
		// that the last day of a leap year lies after the end of its period.
		p.end += day
	}
	return p
}

// around lists, in order, the periods in which the wall can show a time: those
// within a day of the instant that would show it in UTC.
func (c *Calendar) around(wall int64) []period {
	p := c.period(wall - maxOffset)
	periods := []period{p}
	for p.end <= wall+maxOffset {
		p = c.period(p.end)
		periods = append(periods, p)
	}
	return periods
}
