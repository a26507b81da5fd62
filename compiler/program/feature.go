package program

import (
	"math"
	"strconv"

	"github.com/segql/segql/compiler/value"
)

// FeatureKind is the type of a feature in an expr program.
type FeatureKind uint8

// Kinds of features.
const (
	IntFeature   FeatureKind = iota // int: also days, microseconds, and decimals × 10^Scale
	TextFeature                     // string
	FloatFeature                    // float64
	BoolFeature                     // bool: a condition that expr cannot say exactly
)

// Feature is a field of the record that expr programs read: F followed by its
// number; 0 or "" when it is not known. Where it is Optional, a field K with
// the same number says whether it is known: where a program asks for that, or
// would take 0 or "" for a value. An int beyond 64 bits is the
// largest or smallest that they hold, which compares with every constant in
// the programs as the number itself does.
type Feature struct {
	Kind     FeatureKind
	Type     value.Type
	Scale    int // of a decimal
	Optional bool
	// Text is what the author wrote, the first time it is used.
	Text string

	number   int
	nullable bool
	code     code
	test     test
}

// Name of the field of a feature.
func (p *Program) Name(feature int) string { return "F" + strconv.Itoa(feature) }

// KnownName of the field that says whether the feature is known.
func (p *Program) KnownName(feature int) string { return "K" + strconv.Itoa(feature) }

// Reads are the features of a segment's Source.
func (s *Segment) Reads() []int { return s.reads }

// Int is a feature of the subject of the last Begin, and whether it is known.
func (f *Frame) Int(feature int) (int64, bool) {
	c := &f.program.Features[feature].code
	i, st := c.int(f, f.row)
	if st == large {
		v := c.value(f, f.row)
		if f.err != nil || v.IsMissing() {
			return 0, false
		}
		if i, ok := intOf(c.typ, v); ok { // only on the way to it was something too large
			return i, true
		}
		if value.Compare(v, value.NewInt(0)) < 0 {
			return math.MinInt64, true
		}
		return math.MaxInt64, true
	}
	return i, st == known
}

// Text is a feature of text.
func (f *Frame) Text(feature int) (string, bool) {
	return f.program.Features[feature].code.text(f, f.row)
}

// Float is a feature of type float.
func (f *Frame) Float(feature int) (float64, bool) {
	return f.program.Features[feature].code.float(f, f.row)
}

// Bool is a condition.
func (f *Frame) Bool(feature int) bool { return f.program.Features[feature].test.one(f, f.row) }

// Err takes the error of the features that were asked for since the last
// time: value.ErrOverflow or ErrBudget.
func (f *Frame) Err() error { return f.take() }

// Valid reports whether a segment is valid on the day of the instant.
func (t *Instant) Valid(segment int) bool { return t.valid[segment] }
