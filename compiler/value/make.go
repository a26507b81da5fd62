package value

import (
	"math"
	"math/big"

	"github.com/segql/segql/compiler/calendar"
)

// NewBool is true or false.
func NewBool(b bool) Value {
	if b {
		return Value{Kind: Bool, I: 1}
	}
	return Value{Kind: Bool}
}

// NewText is a text, which the caller has in NFC.
func NewText(s string) Value { return Value{Kind: Text, S: s} }

// NewInt is a whole number.
func NewInt(i int64) Value { return Value{Kind: Int, I: i} }

// NewDecimal is unscaled × 10^-scale. The value keeps unscaled: it must not
// be changed afterwards.
func NewDecimal(unscaled *big.Int, scale int) Value {
	return Value{Kind: Decimal, D: unscaled, Scale: scale}
}

// NewFloat is a binary number; NaN and infinities are missing, and there is
// one zero.
func NewFloat(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{Kind: Float, F: f + 0} // -0 + 0 is 0
}

// NewDate is a day, counted from 1970-01-01.
func NewDate(days int64) Value { return Value{Kind: Date, I: days} }

// NewTime is an instant, in microseconds since 1970-01-01T00:00Z.
func NewTime(micros int64) Value { return Value{Kind: Time, I: micros} }

// NewWall is a wall-clock time, in microseconds since 1970-01-01T00:00.
func NewWall(micros int64) Value { return Value{Kind: Wall, I: micros} }

// NewDuration is a count of a unit.
func NewDuration(n int64, unit calendar.Unit) Value {
	return Value{Kind: Duration, I: n, S: unit.String()}
}

// NewPlace is a point in degrees, north and east positive; one that is not on
// the globe is missing.
func NewPlace(latitude, longitude float64) Value {
	if !(math.Abs(latitude) <= 90 && math.Abs(longitude) <= 180) {
		return Value{}
	}
	return Value{Kind: Place, F: latitude + 0, F2: longitude + 0}
}

// NewList is a list of values of one type.
func NewList(items ...Value) Value { return Value{Kind: List, L: items} }

// NewRecord is a record, its fields in the order of its type.
func NewRecord(fields ...Value) Value { return Value{Kind: Record, L: fields} }

// True reports whether the value is true; missing is not.
func (v Value) True() bool { return v.Kind == Bool && v.I != 0 }
