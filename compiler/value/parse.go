package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/calendar"
)

// What a cell's text may look like, per kind, in RE2's syntax. Engines test a
// cell with the same pattern, after taking away spaces and tabs around it,
// before they convert it. Bool is matched in any case. A decimal must fit its
// digits besides; a date besides must exist.
const (
	BoolPattern    = `^(true|t|yes|y|1|false|f|no|n|0)$`
	IntPattern     = `^[+-]?[0-9]+(\.0+)?$`
	DecimalPattern = `^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)$`
	FloatPattern   = `^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`
	DatePattern    = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]00:00(:00(\.0{1,9})?)?)?$`
	TimePattern    = calendar.ISOPattern
)

// Blank are the characters taken away around every cell but text.
const Blank = " \t"

// Parse reads a cell's text as a value of a declared type; ok is false when it
// does not fit, which makes it missing and counted. Spaces and tabs around it
// do not matter, and nothing between them is a known missing value, except for
// text, where all is kept.
//
//	bool     true t yes y 1, false f no n 0, in any case
//	text     as it is
//	int      13085, -7, +7, 13085.0; not 13085.5, 1e3 or 1,000; 64 bits
//	decimal  12, 12.5, .5; zeros beyond the scale are dropped, other digits do
//	         not fit, nor does a whole part beyond the precision
//	float    also with an exponent; nan and inf (any case, signed) are missing
//	date     2025-03-08, or with 00:00[:00[.0]] after T or a space, no zone
//	time     calendar.Scan: without zone a Wall (a date alone is its midnight),
//	         with zone a Time, whichever of the two t is; the caller converts
//	version  as NewVersion reads it: 2.10, v2.10.1, 3.0-beta.1
//
// Other types are not written in one cell.
func Parse(t Type, raw string) (v Value, ok bool) {
	if t.Kind == Text {
		return NewText(raw), true
	}
	cell := strings.Trim(raw, Blank)
	if cell == "" {
		return Value{}, true
	}
	switch t.Kind {
	case Bool:
		return parseBool(cell)
	case Int:
		return parseInt(cell)
	case Decimal:
		return fitDecimal(cell, t.Prec, t.Scale)
	case Float:
		return parseFloat(cell)
	case Date:
		m, ok := calendar.Scan(cell)
		if !ok || m.HasZone || m.Clock != 0 {
			return Value{}, false
		}
		return NewDate(m.Date), true
	case Time, Wall:
		m, ok := calendar.Scan(cell)
		switch {
		case !ok:
			return Value{}, false
		case m.HasZone:
			return NewTime(m.Wall() - m.Offset), true
		}
		return NewWall(m.Wall()), true
	case Version:
		return NewVersion(cell)
	default:
		return Value{}, false
	}
}

func parseBool(cell string) (Value, bool) {
	switch strings.ToLower(cell) {
	case "true", "t", "yes", "y", "1":
		return NewBool(true), true
	case "false", "f", "no", "n", "0":
		return NewBool(false), true
	}
	return Value{}, false
}

func parseInt(cell string) (Value, bool) {
	digits, fraction, point := strings.Cut(cell, ".")
	if point && (fraction == "" || strings.Trim(fraction, "0") != "") {
		return Value{}, false
	}
	i, err := strconv.ParseInt(digits, 10, 64)
	return NewInt(i), err == nil
}

func parseFloat(cell string) (Value, bool) {
	switch strings.ToLower(strings.TrimLeft(cell, "+-")) {
	case "nan", "inf", "infinity":
		return Value{}, len(cell)-len(strings.TrimLeft(cell, "+-")) <= 1
	}
	mantissa, exponent := cell, "0"
	if i := strings.IndexAny(cell, "eE"); i >= 0 {
		mantissa, exponent = cell[:i], cell[i+1:]
	}
	exponent = strings.TrimPrefix(strings.TrimPrefix(exponent, "+"), "-")
	if _, _, ok := splitDecimal(mantissa); !ok || exponent == "" || !allDigits(exponent) {
		return Value{}, false
	}
	f, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return Value{}, false
	}
	return NewFloat(f), true
}

// Fit reads a value a source already typed as a value of a declared type; ok
// is false when it does not fit, which makes it missing and counted.
//
//	text to any       as Parse reads it
//	any to text       its canonical text
//	float to int      when it has no fraction and 64 bits hold it
//	float to decimal  float × 10^scale, one IEEE product, rounded half away
//	                  from zero: a float column declared decimal is meant so
//	decimal to int    when it has no fraction and 64 bits hold it
//	to decimal        when no digit is lost
//	to float          the nearest
//	time to date      a wall-clock midnight only
//	date to time      its midnight, as a Wall
//	int to bool       1 and 0
//	int to version    its first number
//
// A missing value fits every type. Time and Wall are left as they come; the
// caller converts between them with the calendar. Lists and records are the
// caller's to go through.
func Fit(v Value, t Type) (fit Value, ok bool) {
	switch {
	case v.IsMissing() || v.Kind == t.Kind && t.Kind != Decimal:
		return v, true
	case v.Kind == Text:
		return Parse(t, v.S)
	}
	switch t.Kind {
	case Text:
		return NewText(v.String()), true
	case Bool:
		return NewBool(v.I == 1), v.Kind == Int && (v.I == 0 || v.I == 1)
	case Int:
		return fitInt(v)
	case Decimal:
		return fitScale(v, t)
	case Float:
		if !Of(v.Kind).Exact() {
			return Value{}, false
		}
		return NewFloat(ToFloat(v)), true
	case Date:
		date := calendar.WallDate(v.I)
		return NewDate(date), v.Kind == Wall && calendar.DateWall(date) == v.I
	case Version:
		if v.Kind != Int { // 1.10 as a number has lost its 0
			return Value{}, false
		}
		return NewVersion(v.String())
	case Time, Wall:
		if v.Kind == Date {
			return NewWall(calendar.DateWall(v.I)), true
		}
		return v, v.Kind == Time || v.Kind == Wall
	default:
		return Value{}, false
	}
}

func fitInt(v Value) (Value, bool) {
	switch v.Kind {
	case Float:
		// 2^63 is a float64, the largest int is not.
		whole := v.F == math.Trunc(v.F) && v.F >= -(1<<63) && v.F < 1<<63
		return NewInt(int64(v.F)), whole
	case Decimal:
		d, ok := rescale(v, 0)
		return NewInt(d.Int64()), ok && d.IsInt64()
	default:
		return Value{}, false
	}
}

func fitScale(v Value, t Type) (Value, bool) {
	var d *big.Int
	ok := true
	switch {
	case v.Kind == Float:
		power, _ := new(big.Float).SetInt(powers[t.Scale]).Float64()
		product := math.Round(v.F * power)
		if math.IsInf(product, 0) {
			return Value{}, false
		}
		d, _ = big.NewFloat(product).Int(nil)
	case Of(v.Kind).Exact():
		d, ok = rescale(v, t.Scale)
	default:
		return Value{}, false
	}
	return NewDecimal(d, t.Scale), ok && fits(d, t.Prec)
}
