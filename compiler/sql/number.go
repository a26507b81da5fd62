package sql

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

func (s *scope) arith(l, op, r string, t value.Type) string {
	sum := "(" + l + " " + op + " " + r + ")"
	switch {
	case t.Kind == value.Float:
		return fill(s.d.FloatArith[op], l, r)
	case t.Kind == value.Decimal && t.Prec == value.MaxPrec:
		return fill(s.d.Exact, sum, s.d.Type(t))
	}
	return sum
}

// narrow is the number of digits up to which an engine may calculate in 64
// bits, and then fail where the result needs more.
const narrow = 18

// operand is a side of exact arithmetic, widened where engines would not make
// room for the digits of the result: for a sum of different scales, and where
// the sides are narrow and the result is not.
func (s *scope) operand(v string, x ir.Expr, a *ir.Arith) string {
	t := x.Type()
	if a.T.Kind != value.Decimal {
		return v
	}
	wide := t
	switch {
	case a.Op != "*" && t.Scale != a.T.Scale:
		wide = a.T
	case t.Kind == value.Decimal && t.Prec <= narrow && a.T.Prec > narrow:
		wide.Prec = narrow + 1
	}
	if wide.Kind == t.Kind && wide.Prec == t.Prec && wide.Scale == t.Scale {
		return v
	}
	return "CAST(" + v + " AS " + s.d.Type(wide) + ")"
}

// div brings the two exact sides to a common scale, where they are whole
// numbers, and divides those once.
func (s *scope) div(l, r string, lt, rt value.Type) string {
	if lt.Kind == value.Float || rt.Kind == value.Float {
		return fill(s.d.FloatArith["/"], s.toFloat(l, lt), s.toFloat(r, rt))
	}
	scale := max(lt.Scale, rt.Scale)
	return "(" + s.whole(l, lt, scale) + " / nullif(" + s.whole(r, rt, scale) + ", 0))"
}

// whole is the float nearest to an exact number times 10^scale, which is a
// whole number. What is too long for the engine's own conversion goes by way
// of its digits.
func (s *scope) whole(x string, t value.Type, scale int) string {
	zeros := strings.Repeat("0", scale)
	if v, ok := value.ParseDecimal(x); ok {
		return s.float("'" + strings.Replace(v.String(), ".", "", 1) + zeros[v.Scale:] + "'") // a literal
	}
	if t.Kind == value.Int && scale == 0 {
		return s.float(x)
	}
	short := x
	if scale > 0 {
		short = "CAST(" + x + " AS " + s.d.Type(value.DecimalType(value.MaxPrec, t.Scale)) + ") * 1" + zeros
	}
	digits := "replace(CAST(" + x + " AS " + s.d.Type(value.Of(value.Text)) + "), '.', '')"
	if scale > t.Scale {
		digits += " || '" + zeros[t.Scale:] + "'"
	}
	return s.shortOrLong(x, t, scale, s.float(short), s.float(digits))
}

// toFloat is the float nearest to a number.
func (s *scope) toFloat(x string, t value.Type) string {
	if t.Kind != value.Decimal {
		return s.float(x)
	}
	return s.shortOrLong(x, t, t.Scale, s.float(x), s.float("CAST("+x+" AS "+s.d.Type(value.Of(value.Text))+")"))
}

func (s *scope) float(x string) string {
	return "CAST(" + x + " AS " + s.d.Type(value.Of(value.Float)) + ")"
}

// shortOrLong is short where x times 10^scale has at most FloatDigits digits.
func (s *scope) shortOrLong(x string, t value.Type, scale int, short, long string) string {
	prec := t.Prec
	if t.Kind == value.Int {
		prec = 19
	}
	switch {
	case prec-t.Scale+scale <= s.d.FloatDigits:
		return short
	case scale >= s.d.FloatDigits:
		return long
	default:
		most := "1" + strings.Repeat("0", s.d.FloatDigits-scale)
		return "CASE WHEN " + x + " BETWEEN -" + most + " AND " + most + " THEN " + short + " ELSE " + long + " END"
	}
}
