package value

import "math/big"

// Value is one value, or missing (the zero Value).
//
//	Bool     I is 0 or 1
//	Text     S, in NFC
//	Version  S, in the form of NewVersion
//	Int      I
//	Decimal  D × 10^-Scale
//	Float    F, never NaN or infinite
//	Date     I, days since 1970-01-01
//	Time     I, microseconds since 1970-01-01T00:00Z
//	Wall     I, microseconds since 1970-01-01T00:00 read off the wall
//	Place    F latitude, F2 longitude, degrees
//	Duration I count, S unit (canonical plural)
//	List, Record  L (fields in the type's order)
type Value struct {
	Kind  Kind
	I     int64
	F, F2 float64
	S     string
	D     *big.Int
	Scale int
	L     []Value
}

// IsMissing reports whether the value is missing.
func (v Value) IsMissing() bool { return v.Kind == Missing }
