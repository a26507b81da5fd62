package value

import (
	"math"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/calendar"
)

// Short is String without zeros at the end of a decimal: 5.000 are five
// thousand to some who read it.
func (v Value) Short() string {
	if v.Kind != Decimal || v.Scale == 0 {
		return v.String()
	}
	return strings.TrimRight(strings.TrimRight(v.String(), "0"), ".")
}

// String is the canonical text of a value, the same whatever engine it came
// from: 13085, 12.50 with the whole scale, the shortest text that reads back
// as the same float64, 2025-03-08, 2025-03-08T10:30:00 for a wall, with Z for
// an instant and .ffffff when there are microseconds, true, 3 days,
// 2.10.0-beta.1 for a version, (21.0285, 105.8542), ["a", "b"]. Missing is "missing".
func (v Value) String() string {
	switch v.Kind {
	case Missing:
		return "missing"
	case Bool:
		return strconv.FormatBool(v.I != 0)
	case Int:
		return strconv.FormatInt(v.I, 10)
	case Decimal:
		return decimalText(v.D, v.Scale)
	case Float:
		return floatText(v.F)
	case Date:
		return calendar.FormatDate(v.I)
	case Time:
		return calendar.FormatWall(v.I) + "Z"
	case Wall:
		return calendar.FormatWall(v.I)
	case Duration:
		return durationText(v.I, v.S)
	case Place:
		return "(" + floatText(v.F) + ", " + floatText(v.F2) + ")"
	case List:
		return "[" + join(v.L) + "]"
	case Record:
		return "{" + join(v.L) + "}"
	case Text, JSON:
		return v.S
	case Version:
		return versionText(v.S)
	default:
		panic("value: unknown kind")
	}
}

// Key is the text that identifies a row: ints as plain decimal digits, text as
// it is, anything else its canonical text. Float keys are refused before.
func Key(v Value) string { return v.String() }

func join(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.String()
		if v.Kind == Text {
			parts[i] = strconv.Quote(v.S)
		}
	}
	return strings.Join(parts, ", ")
}

// floatText has an exponent only where the digits would not be read anyway.
func floatText(f float64) string {
	if size := math.Abs(f); size != 0 && (size < 1e-7 || size >= 1e21) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func durationText(n int64, unit string) string {
	if n == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strconv.FormatInt(n, 10) + " " + unit
}
