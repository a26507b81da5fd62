package check

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// window turns a window into its two bounds, [Lo, Hi). Bounds that depend on
// as_of stay symbolic until ir.Lower.
func (c *checker) window(sc scope, w *ast.Window) *ir.Window {
	l := loc(w)
	out := &ir.Window{Text: w.Loc.Text()}
	asOf := &ir.AsOf{Loc: l}
	switch w.Kind {
	case ast.WindowLast, ast.WindowNext:
		if w.Duration == nil {
			return nil // a syntax error
		}
		d, ok := c.durationValue(w.Duration)
		if !ok {
			return nil
		}
		if d.I == 0 {
			c.diags.Errorf(badWindow, w.Duration.Loc, "a window of 0 %s is empty", d.S).Help = "write at least 1; today alone is `on today`"
			return nil
		}
		if w.Kind == ast.WindowLast {
			out.Lo, out.Hi = &ir.TimeAdd{Loc: l, X: asOf, N: -d.I, Unit: d.S}, asOf
		} else {
			out.Lo, out.Hi, out.Next = asOf, &ir.TimeAdd{Loc: l, X: asOf, N: d.I, Unit: d.S}, true
		}
	case ast.WindowThis, ast.WindowPrevious:
		return c.unitWindow(w, out)
	case ast.WindowYear:
		out.Lo, out.Hi = c.day(l, w.Year, 1), c.day(l, w.Year+1, 1)
	case ast.WindowMonth:
		out.Lo, out.Hi = c.day(l, w.Year, w.Month), c.day(l, w.Year, w.Month+1)
	case ast.WindowOn:
		out.Lo, out.Hi = c.period(sc, w.Lo)
		if out.Lo != nil && out.Hi == nil {
			c.diags.Errorf(badWindow, w.Lo.Span(), "a moment has no length, so nothing lies on it").
				Help = "`on` takes a day; for a moment use `=`, `since` or `before`"
			return nil
		}
	case ast.WindowSince:
		out.Lo, _ = c.period(sc, w.Lo)
	case ast.WindowBefore:
		out.Hi, _ = c.period(sc, w.Hi)
	case ast.WindowBetween:
		return c.betweenWindow(sc, w, out)
	}
	if out.Lo == nil && out.Hi == nil {
		return nil
	}
	return out
}

// day is the first day of a month; month 13 is January of the next year.
func (c *checker) day(l ir.Loc, year, month int) ir.Expr {
	if month > 12 {
		year, month = year+1, month-12
	}
	return &ir.Const{Loc: l, V: value.NewDate(calendar.Date(year, month, 1)), T: value.Of(value.Date)}
}

// unitWindow is `in this month` or `in previous 2 months`: whole calendar units.
func (c *checker) unitWindow(w *ast.Window, out *ir.Window) *ir.Window {
	l := loc(w)
	if !calendarUnit(w.Unit) {
		c.diags.Errorf(badUnit, w.Loc, "calendar units are days, weeks, months, quarters and years").
			Help = "for hours, minutes and seconds use `in last 24 hours`"
		return nil
	}
	start := &ir.StartOf{Loc: l, Unit: w.Unit, X: &ir.AsOf{Loc: l}}
	n := int64(1)
	if w.Kind == ast.WindowThis {
		out.Lo, out.Hi = start, &ir.TimeAdd{Loc: l, X: start, N: 1, Unit: w.Unit}
		return out
	}
	if w.Count != nil {
		k := c.number(w.Count)
		if k == nil || k.V.Kind != value.Int || k.V.I < 1 || k.V.I > 1_000_000 {
			c.diags.Errorf(badUnit, w.Count.Loc, "`previous` takes a whole number of units, at least 1").Help = "as in `in previous 3 months`"
			return nil
		}
		n = k.V.I
	}
	out.Lo, out.Hi = &ir.TimeAdd{Loc: l, X: start, N: -n, Unit: w.Unit}, start
	return out
}

// period is what a bound stands for: [lo, hi) for a day, month or year, and
// (lo, nil) for an instant, which has no length.
func (c *checker) period(sc scope, e ast.Expr) (lo, hi ir.Expr) {
	if e == nil {
		return nil, nil // a syntax error
	}
	l := loc(e)
	switch e := e.(type) {
	case *ast.Date:
		if e.Day == 0 {
			return c.day(l, e.Year, e.Month), c.day(l, e.Year, e.Month+1)
		}
	case *ast.Number:
		if y := yearOf(e); y > 0 {
			return c.day(l, y, 1), c.day(l, y+1, 1)
		}
	default: // a value, which must be an instant
	}
	x := c.value(sc, e)
	if x == nil {
		return nil, nil
	}
	switch x.Type().Kind {
	case value.Date:
		return x, &ir.TimeAdd{Loc: l, X: x, N: 1, Unit: "days"}
	case value.Time, value.Wall:
		return x, nil
	}
	d := c.diags.Errorf(badWindow, e.Span(), "%s is %s; a date, a time, a month or a year is needed here", e.Span().Text(), article(x.Type()))
	switch x.Type().Kind {
	case value.Duration:
		d.Help = "did you mean `" + e.Span().Text() + " ago`?"
		d.Edits = []diag.Edit{{Span: e.Span(), Text: e.Span().Text() + " ago"}}
	case value.JSON:
		d.Help = "write date(" + e.Span().Text() + ")"
	case value.Text:
		d.Help = "write dates without quotes, as in 2025-03-08"
	default:
		d.Help = "as in 2025-03-08, 2025-03, 2025, today or signup_at"
	}
	return nil, nil
}

// yearOf reads a bare number such as 2025 as a year; 0 when it is none.
func yearOf(n *ast.Number) int {
	if len(n.Text) != 4 || n.Percent {
		return 0
	}
	y := 0
	for _, d := range n.Text {
		if d < '0' || d > '9' {
			return 0
		}
		y = y*10 + int(d-'0')
	}
	return y
}

func (c *checker) betweenWindow(sc scope, w *ast.Window, out *ir.Window) *ir.Window {
	lo, _ := c.period(sc, w.Lo)
	start, end := c.period(sc, w.Hi)
	if lo == nil || start == nil {
		return nil
	}
	out.Lo, out.Hi = lo, end
	if end == nil {
		out.Hi = start
	}
	l, lok := lo.(*ir.Const)
	h, hok := start.(*ir.Const)
	if lok && hok && l.V.Kind == h.V.Kind && l.V.I > h.V.I {
		d := c.diags.Errorf(swappedBounds, w.Lo.Span().To(w.Hi.Span()), "the window ends before it begins")
		d.Help = "write the earlier bound first"
		d.Edits = []diag.Edit{{Span: d.Span, Text: w.Hi.Span().Text() + " and " + w.Lo.Span().Text()}}
		return nil
	}
	return out
}
