package check

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

func (c *checker) compare(sc scope, e *ast.Compare) ir.Expr {
	if e.Op == "~=" {
		return c.textOp(sc, e, "fold=", e.L, e.R)
	}
	l := c.value(sc, e.L)
	if l != nil {
		c.settle(&e.R, l.Type())
	}
	r := c.value(sc, e.R)
	if l == nil || r == nil {
		return nil
	}
	l, r, ok := c.comparable(e, l, r)
	if !ok {
		return nil
	}
	if e.Op == "!=" {
		return &ir.Not{Loc: loc(e), X: &ir.Cmp{Loc: loc(e), Op: "=", L: l, R: r}}
	}
	return &ir.Cmp{Loc: loc(e), Op: e.Op, L: l, R: r}
}

// comparable brings both sides to types that compare, or says why they do not.
func (c *checker) comparable(e *ast.Compare, l, r ir.Expr) (ir.Expr, ir.Expr, bool) {
	if l.Type().Kind != r.Type().Kind {
		sides, ok := c.asVersions([]ir.Expr{l, r})
		if !ok {
			return nil, nil, false
		}
		l, r = sides[0], sides[1]
	}
	lt, rt := l.Type(), r.Type()
	ordered := e.Op != "=" && e.Op != "!="
	switch {
	case lt.Kind == value.Int && isPercentage(e.R), rt.Kind == value.Int && isPercentage(e.L):
		c.diags.Errorf(wrongType, e.Span(), "a percentage is a part of 1 and cannot be compared with a whole number").
			Help = "write the number, or compare a share: count(…) / count(…) >= 20%, or a rank: in top 20%"
		return nil, nil, false
	case lt.Numeric() && rt.Numeric():
		l, r = sameNumber(l, r)
		return l, r, true
	case lt.Kind == value.Text && rt.Kind == value.Text && ordered:
		c.textHasNoOrder(e.OpLoc, e.L)
		return nil, nil, false
	case lt.Kind == value.Text && rt.Kind == value.Text:
		return l, r, c.declared(lt, r) && c.declared(rt, l)
	case lt.Kind == value.Date && rt.Kind == value.Date,
		lt.Temporal() && rt.Temporal() && lt.Kind != value.Date && rt.Kind != value.Date:
		return l, r, true
	case lt.Temporal() && rt.Temporal():
		c.dateAgainstTime(e, rt)
		return nil, nil, false
	case lt.Kind == value.Bool && rt.Kind == value.Bool:
		if ordered {
			c.diags.Errorf(wrongType, e.OpLoc, "true and false have no order").Help = "a true/false attribute stands alone: `" + format.Expr(e.L) + "`"
		}
		return l, r, !ordered
	case lt.Kind == value.Version && rt.Kind == value.Version:
		return l, r, true
	case lt.Kind == value.JSON:
		c.jsonHelp(e.L.Span())
		return nil, nil, false
	case rt.Kind == value.JSON:
		c.jsonHelp(e.R.Span())
		return nil, nil, false
	}
	c.mismatch(e, lt, rt)
	return nil, nil, false
}

func isPercentage(e ast.Expr) bool {
	n, ok := e.(*ast.Number)
	return ok && n.Percent
}

func (c *checker) textHasNoOrder(op source.Span, x ast.Expr) {
	c.diags.Errorf(textOrder, op, "text has no order, so %s cannot be above or below anything", format.Expr(x)).
		Help = "if it holds numbers or dates, give it that type in the catalog"
}

// jsonHelp reports part of a JSON value used as if its type were known.
func (c *checker) jsonHelp(span source.Span) {
	c.diags.Errorf(wrongType, span, "part of a JSON value has no type of its own").
		Help = "say what it is, as in number(" + span.Text() + "), text(…) or date(…)"
}

func (c *checker) mismatch(e *ast.Compare, lt, rt value.Type) {
	span := e.Span()
	if isLiteral(e.R) {
		span = e.R.Span()
	}
	d := c.diags.Errorf(wrongType, span, "%s is %s and cannot be compared with %s, %s",
		format.Expr(e.L), article(lt), format.Expr(e.R), article(rt))
	if call, other := rowsCall(e.L), rt; call != nil || rowsCall(e.R) != nil {
		if call == nil {
			call, other = rowsCall(e.R), lt
		}
		if other.Numeric() {
			d.Span, d.Help = call.Loc, "how many there are, count says: "+counting(e, call)
			if call.Name.Name == "any" {
				d.Edits = []diag.Edit{{Span: call.Name.Loc, Text: "count"}}
			}
			return
		}
	}
	d.Help = mismatchHelp(e, lt, rt)
	d.Edits = mismatchEdit(e, lt)
}

func isLiteral(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Bool, *ast.Date, *ast.Duration, *ast.Number, *ast.Text, *ast.Time:
		return true
	default:
		return false
	}
}

// rowsCall is any(…) or none(…), else nil.
func rowsCall(e ast.Expr) *ast.FactCall {
	if call, ok := e.(*ast.FactCall); ok && call.Name.Name != "count" {
		return call
	}
	return nil
}

// counting is the comparison with count in the place of any or none.
func counting(e *ast.Compare, call *ast.FactCall) string {
	count, cmp := *call, *e
	count.Name.Name = "count"
	if cmp.L == ast.Expr(call) {
		cmp.L = &count
	} else {
		cmp.R = &count
	}
	return format.Expr(&cmp)
}

func mismatchHelp(e *ast.Compare, lt, rt value.Type) string {
	_, quoted := e.R.(*ast.Text)
	switch {
	case lt.Kind == value.Version && isLiteral(e.R):
		return versionHelp
	case lt.Kind == value.Version:
		return "declare the other side as a version too: {type: version}"
	case lt.Kind == value.Place:
		return "ask for a distance: `" + format.Expr(e.L) + " within 10 km of point(21.0285, 105.8542)`"
	case lt.Kind == value.List:
		return "ask what the list holds: `" + format.Expr(e.L) + " has …`"
	case lt.Kind == value.Record:
		return "compare one of its fields: `" + format.Expr(e.L) + ".FIELD`"
	case lt.Numeric() && quoted:
		return "write the number without quotes"
	case lt.Numeric() && rt.Kind == value.Text:
		return "if " + format.Expr(e.R) + " holds numbers, give it a number type in the catalog"
	case lt.Temporal() && quoted:
		return "write the date without quotes, as in 2025-03-08"
	case lt.Temporal() && rt.Kind == value.Duration:
		return "a duration is no date: write `in last " + format.Expr(e.R) + "` or `" + format.Expr(e.R) + " ago`"
	case lt.Temporal() && rt.Numeric():
		return "a date is written as in 2025-03-08; a year is a window, as in `in 2025`"
	case lt.Kind == value.Text && rt.Numeric() && e.Op != "=" && e.Op != "!=":
		return "if " + format.Expr(e.L) + " holds numbers, give it a number type in the catalog"
	case lt.Kind == value.Text && rt.Numeric():
		return "write the text in double quotes, or give " + format.Expr(e.L) + " a number type in the catalog"
	case lt.Kind == value.Bool:
		return "a true/false attribute stands alone: `" + format.Expr(e.L) + "` or `not " + format.Expr(e.L) + "`"
	default:
		return "compare values of one type"
	}
}

// mismatchEdit adds or takes away the quotes where that is all there is to it.
func mismatchEdit(e *ast.Compare, lt value.Type) []diag.Edit {
	switch r := e.R.(type) {
	case *ast.Number:
		if lt.Kind == value.Version && !r.Percent {
			return []diag.Edit{{Span: r.Loc, Text: fmt.Sprintf("%q", r.Loc.Text())}}
		}
		if lt.Kind == value.Text && (e.Op == "=" || e.Op == "!=") && !r.Percent && len(lt.Values) == 0 {
			return []diag.Edit{{Span: r.Loc, Text: fmt.Sprintf("%q", r.Loc.Text())}}
		}
	case *ast.Text:
		digits := r.Value != "" && strings.Trim(r.Value, "0123456789") == ""
		day, isDay := value.Parse(value.Of(value.Date), r.Value)
		isDay = isDay && day.Kind == value.Date && len(r.Value) == len("2025-03-08")
		if digits && lt.Numeric() || isDay && lt.Kind == value.Date {
			return []diag.Edit{{Span: r.Loc, Text: r.Value}}
		}
	default: // nothing that was meant otherwise
	}
	return nil
}

func (c *checker) dateAgainstTime(e *ast.Compare, rt value.Type) {
	d := c.diags.Errorf(dateAgainstTime, e.OpLoc, "a date is a whole day and a time is a moment: %s does not compare them", e.Op)
	x, y := format.Expr(e.L), format.Expr(e.R)
	word := map[string]string{"=": "on", "!=": "not on", ">=": "since", "<": "before"}[e.Op]
	switch {
	case rt.Kind != value.Date || word == "" && e.Op != "<=" && e.Op != ">":
		d.Help = "use `on`, `since` or `before`, or take the day with date(…)"
	case e.Op == ">":
		d.Help = fmt.Sprintf("write `%s since` the day after %s, or date(%s) > %s", x, y, x, y)
	case e.Op == "<=":
		d.Help = fmt.Sprintf("write `%s before` the day after %s, or date(%s) <= %s", x, y, x, y)
	default:
		d.Help = fmt.Sprintf("write `%s %s %s`", x, word, y)
		d.Edits = []diag.Edit{{Span: e.OpLoc, Text: word}}
	}
}

// declared checks a text literal against the values declared in the catalog.
func (c *checker) declared(t value.Type, lit ir.Expr) bool {
	k, ok := lit.(*ir.Const)
	if !ok || len(t.Values) == 0 || k.V.IsMissing() {
		return true
	}
	for _, v := range t.Values {
		if v == k.V.S {
			return true
		}
	}
	d := c.diags.Errorf(unknownValue, k.Span(), "%q is not one of the declared values", k.V.S)
	s := diag.Suggest(k.V.S, t.Values)
	if s == "" {
		d.Help = "declared in the catalog: " + listQuoted(t.Values)
		return false
	}
	d.Help = fmt.Sprintf("did you mean %q? Declared: %s", s, listQuoted(t.Values))
	if strings.HasPrefix(k.Span().Text(), `"`) { // not the name of a param
		d.Edits = []diag.Edit{{Span: k.Span(), Text: fmt.Sprintf("%q", s)}}
	}
	return false
}

func (c *checker) between(sc scope, e *ast.Between) ir.Expr {
	if call, ok := e.X.(*ast.Call); ok && call.Name.Name == "anniversary" {
		c.settleBounds(e, value.Of(value.Date))
		w := &ast.Window{At: ast.At{Loc: e.Lo.Span().To(e.Hi.Span())}, Kind: ast.WindowBetween, Lo: e.Lo, Hi: e.Hi}
		return c.anniversary(sc, &ast.InWindow{At: e.At, Not: e.Not, X: e.X, Window: w}, call)
	}
	x := c.value(sc, e.X)
	if x != nil {
		c.settleBounds(e, x.Type())
	}
	switch {
	case x == nil || e.Lo == nil || e.Hi == nil:
		return nil
	case x.Type().Temporal():
		w := c.window(sc, &ast.Window{At: ast.At{Loc: e.Lo.Span().To(e.Hi.Span())}, Kind: ast.WindowBetween, Lo: e.Lo, Hi: e.Hi})
		if w == nil {
			return nil
		}
		return c.negate(e.Not, e, &ir.InRange{Loc: loc(e), X: x, Window: w})
	case x.Type().Kind == value.Text:
		c.textHasNoOrder(e.X.Span(), e.X)
		return nil
	case x.Type().Kind == value.JSON:
		c.jsonHelp(e.X.Span())
		return nil
	case !x.Type().Numeric() && x.Type().Kind != value.Version:
		c.diags.Errorf(wrongType, e.X.Span(), "%s is %s and lies between nothing", format.Expr(e.X), article(x.Type())).
			Help = "numbers, dates, times and versions lie between others"
		return nil
	}
	lo, hi := c.value(sc, e.Lo), c.value(sc, e.Hi)
	l, h := c.boundary(e, x, ">=", lo), c.boundary(e, x, "<=", hi)
	if l == nil || h == nil {
		return nil
	}
	if x.Type().Kind == value.Version {
		lo, hi = l.R, h.R // literals are texts before they meet it
	}
	if a, ok := constant(lo); ok {
		if b, ok := constant(hi); ok && value.Compare(a, b) > 0 {
			c.swapped(e.Lo, e.Hi)
		}
	}
	return c.negate(e.Not, e, &ir.And{Loc: loc(e), Xs: []ir.Expr{l, h}})
}

// constant is the value of a literal, a param or the negative of one.
func constant(x ir.Expr) (value.Value, bool) {
	switch x := x.(type) {
	case *ir.Const:
		return x.V, true
	case *ir.Neg:
		if v, ok := constant(x.X); ok {
			v, err := value.Neg(v)
			return v, err == nil
		}
	default: // not one value
	}
	return value.Value{}, false
}

// swapped refuses bounds the wrong way round: nothing is between them.
func (c *checker) swapped(lo, hi ast.Expr) {
	span := lo.Span().To(hi.Span())
	d := c.diags.Errorf(swappedBounds, span, "nothing lies between %s and %s", format.Expr(lo), format.Expr(hi))
	d.Help = "write the smaller bound first"
	d.Edits = []diag.Edit{{Span: span, Text: hi.Span().Text() + " and " + lo.Span().Text()}}
}

// boundary compares x with one bound of a between.
func (c *checker) boundary(e *ast.Between, x ir.Expr, op string, bound ir.Expr) *ir.Cmp {
	if bound == nil {
		return nil
	}
	written := e.Lo
	if op == "<=" {
		written = e.Hi
	}
	cmp := &ast.Compare{At: ast.At{Loc: written.Span()}, Op: op, OpLoc: written.Span(), L: e.X, R: written}
	l, r, ok := c.comparable(cmp, x, bound)
	if !ok {
		return nil
	}
	return &ir.Cmp{Loc: loc(e), Op: op, L: l, R: r}
}
