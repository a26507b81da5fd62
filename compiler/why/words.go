package why

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// hidden stands for personal data that was not asked for.
const hidden = "•••"

// private are the personal columns that an expression reads, however deep;
// nil when there are none.
func private(x ir.Expr) []string {
	var out []string
	seen := map[*ir.ColumnDef]bool{}
	var visit func(x ir.Expr)
	column := func(c *ir.ColumnDef) {
		for ; c != nil && !seen[c]; c = c.Base {
			seen[c] = true
			if c.PII && !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
			visit(c.Def)
		}
	}
	visit = func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.Column:
				column(x.Col)
			case *ir.Known: // that it is known, or not, tells nothing of it
				return false
			default: // its parts may
			}
			return true
		})
	}
	visit(x)
	return out
}

// hides reports whether the values of a column are not shown.
func (b *builder) hides(c *ir.ColumnDef) bool {
	return !b.q.ShowPII && private(&ir.Column{Col: c}) != nil
}

// show writes a value as people read it in a rule: texts in quotes, numbers
// with _ between thousands, times as the clock of the project's zone shows
// them.
func (b *builder) show(v value.Value) string { return show(b.q.Project.Calendar, v) }

func show(cal *calendar.Calendar, v value.Value) string {
	switch v.Kind {
	case value.Text:
		return strconv.Quote(shorten(v.S))
	case value.Decimal, value.Int:
		return grouped(v.String())
	case value.Float:
		return number(v.F)
	case value.Time:
		return moment(cal, v.I)
	case value.Wall:
		return clock(time.UnixMicro(v.I).UTC())
	case value.List:
		return list(cal, v.L)
	case value.JSON:
		return shorten(v.S)
	default:
		return v.String()
	}
}

func list(cal *calendar.Calendar, items []value.Value) string {
	const most = 8
	var parts []string
	for _, item := range items[:min(len(items), most)] {
		if item.Kind == value.Record {
			parts = append(parts, list(cal, item.L))
			continue
		}
		parts = append(parts, show(cal, item))
	}
	if more := len(items) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("… %d more", more))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// shorten keeps a text to a line.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// number writes a float with at most six digits behind the point, as "≈" when
// some are left out.
func number(f float64) string {
	exact := strconv.FormatFloat(f, 'f', -1, 64)
	if len(exact) > 20 || strings.Contains(exact, "e") {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	if _, fraction, ok := strings.Cut(exact, "."); !ok || len(fraction) <= 6 || math.Abs(f) < 1e-6 {
		return grouped(exact)
	}
	rounded := strconv.FormatFloat(f, 'f', 6, 64)
	return "≈" + grouped(strings.TrimRight(strings.TrimRight(rounded, "0"), "."))
}

// grouped puts _ between the thousands of a number of five digits or more, as
// rules write them.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, rest := digits, ""
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	if len(whole) >= 5 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "_" + whole[i:]
		}
	}
	return sign + whole + rest
}

func itoa(n int) string { return strconv.Itoa(n) }

// second is a moment without its parts of a second: what happens when a window
// has passed, happens a microsecond later.
func second(cal *calendar.Calendar, micros int64) string {
	return clock(time.UnixMicro(micros).In(cal.Loc).Truncate(time.Second))
}

// moment writes an instant as the clock of the zone shows it.
func moment(cal *calendar.Calendar, micros int64) string {
	return clock(time.UnixMicro(micros).In(cal.Loc))
}

func clock(t time.Time) string {
	switch {
	case t.Nanosecond() != 0:
		return t.Format("2006-01-02 15:04:05.000000")
	case t.Second() != 0:
		return t.Format("2006-01-02 15:04:05")
	default:
		return t.Format("2006-01-02 15:04")
	}
}

func date(days int64) string { return calendar.FormatDate(days) }

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(strconv.FormatInt(n, 10)) + " " + noun + "s"
}

// span is a length of time below a day or two, in its largest unit.
func span(micros int64) string {
	switch seconds := micros / 1_000_000; {
	case seconds >= 3600:
		return plural(seconds/3600, "hour")
	case seconds >= 60:
		return plural(seconds/60, "minute")
	case seconds >= 1:
		return plural(seconds, "second")
	default:
		return "less than a second"
	}
}
