package check

import (
	"math/big"
	"strconv"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
)

// value checks e as a value; after an error it answers nil. A condition is a
// value of type bool.
func (c *checker) value(sc scope, e ast.Expr) ir.Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *ast.Arith:
		return c.arith(sc, e)
	case *ast.Bool, *ast.Date, *ast.Number, *ast.Text, *ast.Time:
		if k := c.literal(e); k != nil {
			return k
		}
		return nil
	case *ast.Call:
		return c.call(sc, e)
	case *ast.Case:
		return c.caseOf(sc, e)
	case *ast.Duration:
		return c.duration(sc, e)
	case *ast.FactCall:
		return c.factCall(sc, e)
	case *ast.Neg:
		return c.neg(sc, e)
	case *ast.Paren:
		return c.value(sc, e.X)
	case *ast.PathExpr:
		return c.path(sc, e.Path)
	case *ast.Scalar:
		return c.value(sc, syntax.Guess(e))
	case *ast.Set:
		return nil // a syntax error
	case *ast.Word:
		if e.Name == "item" {
			return c.name(sc, ast.Ident{At: e.At, Name: "item"})
		}
		return c.word(e)
	default:
		return c.cond(sc, e)
	}
}

// word reads as_of, today, yesterday, tomorrow.
func (c *checker) word(e *ast.Word) ir.Expr {
	today := ir.Expr(&ir.StartOf{Loc: loc(e), Unit: "days", X: &ir.AsOf{Loc: loc(e)}})
	switch e.Name {
	case "as_of":
		return &ir.AsOf{Loc: loc(e)}
	case "today":
		return today
	case "tomorrow":
		return &ir.TimeAdd{Loc: loc(e), X: today, N: 1, Unit: "days"}
	case "yesterday":
		return &ir.TimeAdd{Loc: loc(e), X: today, N: -1, Unit: "days"}
	default:
		panic("check: word " + e.Name)
	}
}

// literal reads a literal as a constant of its own natural type.
func (c *checker) literal(e ast.Expr) *ir.Const {
	k := func(v value.Value, t value.Type) *ir.Const { return &ir.Const{Loc: loc(e), V: v, T: t} }
	switch e := e.(type) {
	case *ast.Bool:
		return k(value.NewBool(e.Value), value.Of(value.Bool))
	case *ast.Date:
		if e.Day == 0 {
			c.diags.Errorf(wrongType, e.Loc, "%s is a month, not a day", e.Loc.Text()).
				Help = "write the day, as in " + e.Loc.Text() + "-01, or use it as a window: `in " + e.Loc.Text() + "`"
			return nil
		}
		return k(value.NewDate(calendar.Date(e.Year, e.Month, e.Day)), value.Of(value.Date))
	case *ast.Number:
		return c.number(e)
	case *ast.Text:
		return k(value.NewText(e.Value), value.Of(value.Text))
	default:
		t := e.(*ast.Time)
		wall := calendar.Date(t.Year, t.Month, t.Day)*86_400_000_000 + int64(t.Hour*3600+t.Min*60+t.Sec)*1_000_000
		if t.HasOffset {
			return k(value.NewTime(wall-int64(t.OffsetMin)*60_000_000), value.Of(value.Time))
		}
		return k(value.NewTime(c.cal.Instant(wall)), value.Of(value.Time))
	}
}

// number reads digits: an int, or an exact decimal; 20% is 0.20.
func (c *checker) number(e *ast.Number) *ir.Const {
	if n, err := strconv.ParseInt(e.Text, 10, 64); err == nil && !e.Percent { // as nearly all are
		return &ir.Const{Loc: loc(e), V: value.NewInt(n), T: value.Of(value.Int)}
	}
	v, ok := value.ParseDecimal(e.Text)
	if !ok {
		c.diags.Errorf(tooManyDigits, e.Loc, "%s is not a number segql can hold", e.Text).
			Help = "numbers are exact up to 38 digits"
		return nil
	}
	if e.Percent {
		v = value.NewDecimal(unscaled(v), scaleOf(v)+2)
	}
	if v.Kind == value.Decimal && v.Scale == 0 || v.Kind == value.Int {
		if n := unscaled(v); n.IsInt64() {
			return &ir.Const{Loc: loc(e), V: value.NewInt(n.Int64()), T: value.Of(value.Int)}
		}
	}
	t := value.DecimalType(max(len(new(big.Int).Abs(unscaled(v)).String()), scaleOf(v), 1), scaleOf(v))
	if t.Prec > value.MaxPrec {
		c.diags.Errorf(tooManyDigits, e.Loc, "%s has more than %d digits", e.Text, value.MaxPrec).
			Help = "numbers are exact up to 38 digits"
		return nil
	}
	return &ir.Const{Loc: loc(e), V: v, T: t}
}

// numberOrParam reads a number, or a param that holds one. After an error of
// its own it says so; what is no number at all is for the caller to report.
func (c *checker) numberOrParam(e ast.Expr) (k *ir.Const, percent, said bool) {
	switch e := e.(type) {
	case *ast.Neg:
		k, percent, said = c.numberOrParam(e.X)
		if k != nil {
			v, _ := value.Neg(k.V)
			k = &ir.Const{Loc: loc(e), V: v, T: k.T}
		}
	case *ast.Number:
		k = c.number(e)
		return k, e.Percent, k == nil
	case *ast.PathExpr:
		name := e.Path.String()
		if p := c.params[name]; p != nil && p.value.T.Numeric() {
			c.useParam(e.Loc, p)
			return p.value, p.percent, false
		}
		said = c.lost[lostName{nil, name}]
	default: // no number
	}
	return k, percent, said
}

func unscaled(v value.Value) *big.Int {
	if v.Kind == value.Int {
		return big.NewInt(v.I)
	}
	return v.D
}

func scaleOf(v value.Value) int {
	if v.Kind == value.Int {
		return 0
	}
	return v.Scale
}

// sameNumber widens the two sides of a comparison: with a float on one side
// the other becomes float too; exact numbers compare exactly as they are.
func sameNumber(l, r ir.Expr) (ir.Expr, ir.Expr) {
	switch {
	case l.Type().Kind == value.Float && r.Type().Exact():
		return l, toFloat(r)
	case r.Type().Kind == value.Float && l.Type().Exact():
		return toFloat(l), r
	default:
		return l, r
	}
}

func toFloat(x ir.Expr) ir.Expr {
	return &ir.Convert{Loc: at(x.Span()), X: x, T: value.Of(value.Float)}
}

func (c *checker) neg(sc scope, e *ast.Neg) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	if !x.Type().Numeric() {
		c.diags.Errorf(wrongType, e.Loc, "%s is %s; only a number has a negative", format.Expr(e.X), article(x.Type())).
			Help = "remove the minus sign"
		return nil
	}
	return &ir.Neg{Loc: loc(e), X: x}
}

func (c *checker) arith(sc scope, e *ast.Arith) ir.Expr {
	if d, ok := durationOf(e.R); ok && (e.Op == "+" || e.Op == "-") {
		return c.moveTime(sc, e, d)
	}
	l, r := c.value(sc, e.L), c.value(sc, e.R)
	if l == nil || r == nil {
		return nil
	}
	if k, ok := r.(*ir.Const); ok && k.V.Kind == value.Duration && (e.Op == "+" || e.Op == "-") {
		return c.timeAdd(e, l, k.V, e.Op == "-")
	}
	if !l.Type().Numeric() || !r.Type().Numeric() {
		switch value.JSON {
		case l.Type().Kind:
			c.jsonHelp(e.L.Span())
			return nil
		case r.Type().Kind:
			c.jsonHelp(e.R.Span())
			return nil
		}
		c.arithMismatch(e, l.Type(), r.Type())
		return nil
	}
	if e.Op == "/" {
		return &ir.Div{Loc: loc(e), L: l, R: r}
	}
	l, r = sameNumber(l, r)
	t, err := arithType(e.Op, l.Type(), r.Type())
	if err != nil {
		c.diags.Errorf(tooManyDigits, e.Loc, "%s could need more than %d digits: %v", format.Expr(e), value.MaxPrec, err).
			Help = "declare the columns with fewer digits after the point in the catalog"
		return nil
	}
	return &ir.Arith{Loc: loc(e), Op: e.Op, L: l, R: r, T: t}
}

func arithType(op string, l, r value.Type) (value.Type, error) {
	if op == "*" {
		return value.MulType(l, r)
	}
	return value.AddType(l, r)
}

func (c *checker) arithMismatch(e *ast.Arith, lt, rt value.Type) {
	d := c.diags.Errorf(wrongType, e.Loc, "%s is %s and %s is %s; %s needs two numbers",
		format.Expr(e.L), article(lt), format.Expr(e.R), article(rt), e.Op)
	switch {
	case lt.Temporal() && rt.Temporal() && e.Op == "-":
		d.Help = "write days_between(" + format.Expr(e.R) + ", " + format.Expr(e.L) + ")"
	case lt.Kind == value.Text && rt.Kind == value.Text && e.Op == "+":
		d.Help = "write concat(" + format.Expr(e.L) + ", " + format.Expr(e.R) + ")"
	case lt.Kind == value.Duration && rt.Temporal() && e.Op == "+":
		d.Help = "write the duration last: " + format.Expr(e.R) + " + " + format.Expr(e.L)
		d.Edits = []diag.Edit{{Span: e.Loc, Text: e.R.Span().Text() + " + " + e.L.Span().Text()}}
	case lt.Temporal():
		d.Help = "add a duration, as in `" + format.Expr(e.L) + " + 30 days`"
	default:
		d.Help = "only numbers can be calculated with"
	}
}

func durationOf(e ast.Expr) (*ast.Duration, bool) {
	d, ok := e.(*ast.Duration)
	return d, ok && !d.Ago
}

func (c *checker) moveTime(sc scope, e *ast.Arith, d *ast.Duration) ir.Expr {
	x := c.value(sc, e.L)
	v, ok := c.durationValue(d)
	if x == nil || !ok {
		return nil
	}
	return c.timeAdd(e, x, v, e.Op == "-")
}

// timeAdd moves a date or time; a date moves by whole days only.
func (c *checker) timeAdd(e *ast.Arith, x ir.Expr, d value.Value, back bool) ir.Expr {
	if !x.Type().Temporal() {
		c.diags.Errorf(wrongType, e.Loc, "%s is %s; a duration can be added to a date or a time", format.Expr(e.L), article(x.Type())).
			Help = "durations stand beside dates and times, as in `signup_at + 30 days`"
		return nil
	}
	if x.Type().Kind == value.Date && !calendarUnit(d.S) {
		c.diags.Errorf(badUnit, e.R.Span(), "%s is a date; it moves by days, weeks, months, quarters or years", format.Expr(e.L)).
			Help = "a date has no hours"
		return nil
	}
	n := d.I
	if back {
		n = -n
	}
	return &ir.TimeAdd{Loc: loc(e), X: x, N: n, Unit: d.S}
}

func calendarUnit(unit string) bool {
	switch unit {
	case "days", "weeks", "months", "quarters", "years":
		return true
	default:
		return false
	}
}

// durationValue reads a literal duration or a param that holds one.
func (c *checker) durationValue(d *ast.Duration) (value.Value, bool) {
	if d.Name != nil {
		name := d.Name.String()
		p := c.params[name]
		if p == nil && c.lost[lostName{nil, name}] {
			return value.Value{}, false
		}
		if p == nil || p.value.V.Kind != value.Duration {
			dg := c.diags.Errorf(badUnit, d.Loc, "%q is not a param that holds a duration", name)
			dg.Help = "write a number and a unit, as in `30 days`, or declare `param " + name + " = 30 days`"
			return value.Value{}, false
		}
		c.useParam(d.Name.Loc, p)
		return p.value.V, true
	}
	if d.Unit == "m" || d.Unit == "km" {
		c.diags.Errorf(badUnit, d.Loc, "%s is a distance, not a time", d.Loc.Text()).
			Help = "use days, weeks, months, quarters, years, hours, minutes or seconds"
		return value.Value{}, false
	}
	if d.Number == nil {
		return value.Value{}, false // a syntax error
	}
	k := c.number(d.Number)
	if k == nil {
		return value.Value{}, false
	}
	const most = 1_000_000
	if k.V.Kind != value.Int || d.Number.Percent || k.V.I > most {
		c.diags.Errorf(badUnit, d.Loc, "a duration is a whole number of %s, up to a million", d.Unit).
			Help = "write whole numbers, of a smaller unit if need be, as in `36 hours`"
		return value.Value{}, false
	}
	return value.Value{Kind: value.Duration, I: k.V.I, S: d.Unit}, true
}

// duration reads `30 days ago`, an instant, or a duration, a value of its own.
func (c *checker) duration(_ scope, e *ast.Duration) ir.Expr {
	v, ok := c.durationValue(e)
	if !ok {
		return nil
	}
	if e.Ago {
		return &ir.TimeAdd{Loc: loc(e), X: &ir.AsOf{Loc: loc(e)}, N: -v.I, Unit: v.S}
	}
	return &ir.Const{Loc: loc(e), V: v, T: value.Of(value.Duration)}
}

func (c *checker) caseOf(sc scope, e *ast.Case) ir.Expr {
	out := &ir.Case{Loc: loc(e)}
	ok := true
	var values []ir.Expr
	for _, w := range e.Whens {
		cond, v := c.cond(sc, w.Cond), c.value(sc, w.Value)
		if cond == nil || v == nil {
			ok = false
			continue
		}
		out.Whens = append(out.Whens, ir.When{Cond: cond, Value: v})
		values = append(values, v)
	}
	otherwise := c.value(sc, e.Else)
	if !ok || otherwise == nil {
		return nil
	}
	values = append(values, otherwise)
	values, t, ok := c.unify("the branches of a case", values)
	if !ok {
		return nil
	}
	for i := range out.Whens {
		out.Whens[i].Value = values[i]
	}
	out.Else, out.T = values[len(values)-1], t
	return out
}

// unify brings values to one type: numbers are widened, all else must agree.
func (c *checker) unify(what string, xs []ir.Expr) ([]ir.Expr, value.Type, bool) {
	xs, ok := c.asVersions(xs)
	if !ok {
		return nil, value.Type{}, false
	}
	t := xs[0].Type()
	for _, x := range xs[1:] {
		u := x.Type()
		switch {
		case t.Numeric() && u.Numeric():
			t = fn.Widest(t, u)
		case t.Kind != u.Kind && !(t.Kind == value.Wall && u.Kind == value.Time) && !(t.Kind == value.Time && u.Kind == value.Wall):
			c.diags.Errorf(wrongType, x.Span(), "%s have one type: this is %s, the first %s", what, article(u), article(t)).
				Help = "make them all numbers, all text or all dates"
			return nil, t, false
		case t.Kind != u.Kind:
			t = value.Of(value.Time)
		case t.Kind == value.Text:
			t = value.Of(value.Text)
		}
	}
	out := make([]ir.Expr, len(xs))
	for i, x := range xs {
		out[i] = x
		if x.Type().Kind != t.Kind || t.Kind == value.Decimal && x.Type().Scale != t.Scale {
			out[i] = &ir.Convert{Loc: at(x.Span()), X: x, T: t}
		}
	}
	return out, t, true
}
