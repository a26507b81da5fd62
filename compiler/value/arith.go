package value

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// Types of results. An int beside a decimal counts as decimal(19, 0), since
// 64 bits have 19 digits. Beyond 38 digits a result's type is held at 38 and
// only the values tell whether they fit (ErrOverflow).

// AddType is the type of a + b, a - b: int of two ints; float if one is; else
// a decimal with the larger scale and a digit more than the larger whole part.
func AddType(a, b Type) (Type, error) {
	if t, done, err := plainType(a, b); done {
		return t, err
	}
	a, b = widest(a), widest(b)
	scale := max(a.Scale, b.Scale)
	return DecimalType(min(MaxPrec, max(a.Prec-a.Scale, b.Prec-b.Scale)+scale+1), scale), nil
}

// MulType is the type of a * b: int of two ints; float if one is; else a
// decimal with the scales and the digits of both together, an error when the
// scale alone passes 38.
func MulType(a, b Type) (Type, error) {
	if t, done, err := plainType(a, b); done {
		return t, err
	}
	a, b = widest(a), widest(b)
	scale := a.Scale + b.Scale
	if scale > MaxPrec {
		return Type{}, fmt.Errorf("the product of %s and %s has %d digits after the point, at most %d are kept", a, b, scale, MaxPrec)
	}
	return DecimalType(min(MaxPrec, a.Prec+b.Prec), scale), nil
}

// ModType is the type of mod(a, b): as AddType, without the digit more.
func ModType(a, b Type) (Type, error) { return CommonType(a, b) }

// SumType is the type of the sum of a t: 38 digits with t's scale. A float
// column has no exact sum.
func SumType(t Type) (Type, error) {
	switch t.Kind {
	case Int:
		return DecimalType(MaxPrec, 0), nil
	case Decimal:
		return DecimalType(MaxPrec, t.Scale), nil
	case Float:
		return Type{}, fmt.Errorf("the sum of a float column depends on the order of its rows: declare it decimal")
	default:
		return Type{}, fmt.Errorf("a %s has no sum", t)
	}
}

// RoundType is the type of round, floor and ceil: a decimal gets scale 0 and,
// as 9.9 becomes 10, a digit more.
func RoundType(t Type) (Type, error) {
	switch {
	case !t.Numeric():
		return Type{}, fmt.Errorf("%s is not a number", t)
	case t.Kind == Decimal && t.Scale > 0:
		return DecimalType(t.Prec-t.Scale+1, 0), nil
	}
	return t, nil
}

// CommonType is the type both sides are brought to by least, greatest,
// coalesce and the branches of a case: the same type, or of two numbers the
// one that holds both (whole parts beyond 38 digits are cut to what is left
// beside the larger scale, and a value that needs them overflows).
func CommonType(a, b Type) (Type, error) {
	if a.Kind == b.Kind && !a.Numeric() {
		if a.Kind == Text {
			return Of(Text), nil // declared values hold for one column only
		}
		return a, nil
	}
	if t, done, err := plainType(a, b); done {
		return t, err
	}
	a, b = widest(a), widest(b)
	scale := max(a.Scale, b.Scale)
	return DecimalType(min(MaxPrec, max(a.Prec-a.Scale, b.Prec-b.Scale)+scale), scale), nil
}

// plainType settles pairs that are not decimal.
func plainType(a, b Type) (t Type, done bool, err error) {
	switch {
	case !a.Numeric() || !b.Numeric():
		return Type{}, true, fmt.Errorf("%s and %s are not both numbers", a, b)
	case a.Kind == Float || b.Kind == Float:
		return Of(Float), true, nil
	case a.Kind == Int && b.Kind == Int:
		return Of(Int), true, nil
	}
	return Type{}, false, nil
}

func widest(t Type) Type {
	if t.Kind == Int {
		return DecimalType(19, 0)
	}
	return t
}

// Add is a + b. Missing if a side is; ErrOverflow beyond 64 bits or 38 digits.
func Add(a, b Value) (Value, error) { return plus(a, b, 1) }

// Sub is a - b, as Add.
func Sub(a, b Value) (Value, error) { return plus(a, b, -1) }

// plus is a + sign × b. The operands of a decimal sum are widened to its scale
// first, and that must fit too, as it must in an engine.
func plus(a, b Value, sign int64) (Value, error) {
	switch {
	case a.IsMissing() || b.IsMissing():
		return Value{}, nil
	case a.Kind == Float || b.Kind == Float:
		return NewFloat(ToFloat(a) + float64(sign)*ToFloat(b)), nil
	case a.Kind == Int && b.Kind == Int && sign > 0:
		sum := a.I + b.I
		if (sum > a.I) != (b.I > 0) {
			return Value{}, ErrOverflow
		}
		return NewInt(sum), nil
	case a.Kind == Int && b.Kind == Int:
		difference := a.I - b.I
		if (difference < a.I) != (b.I > 0) {
			return Value{}, ErrOverflow
		}
		return NewInt(difference), nil
	}
	x, y, scale := align(a, b)
	if !fits(x, MaxPrec) || !fits(y, MaxPrec) {
		return Value{}, ErrOverflow
	}
	if sign < 0 {
		return decimal(new(big.Int).Sub(x, y), scale)
	}
	return decimal(new(big.Int).Add(x, y), scale)
}

// Mul is a * b. Missing if a side is; ErrOverflow beyond 64 bits or 38 digits.
func Mul(a, b Value) (Value, error) {
	switch {
	case a.IsMissing() || b.IsMissing():
		return Value{}, nil
	case a.Kind == Float || b.Kind == Float:
		return NewFloat(ToFloat(a) * ToFloat(b)), nil
	case a.Kind == Int && b.Kind == Int:
		return mulInt(a.I, b.I)
	}
	x, sx := unscaled(a)
	y, sy := unscaled(b)
	return decimal(new(big.Int).Mul(x, y), sx+sy)
}

func mulInt(a, b int64) (Value, error) {
	negative := (a < 0) != (b < 0)
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	switch {
	case high == 0 && !negative && low <= math.MaxInt64:
		return NewInt(int64(low)), nil
	case high == 0 && negative && low <= 1<<63:
		return NewInt(-int64(low)), nil
	}
	return Value{}, ErrOverflow
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Sum adds the known values of exact type t, as SumType(t): 0 of none. Only
// the whole sum must fit 38 digits, whatever the order of its parts.
func Sum(t Type, values []Value) (Value, error) {
	sum := new(big.Int)
	for _, v := range values {
		if !v.IsMissing() {
			d, ok := rescale(v, t.Scale)
			if !ok {
				panic("value: a value has more scale than its type")
			}
			sum.Add(sum, d)
		}
	}
	return decimal(sum, t.Scale)
}

// Neg is -v. Missing of missing; ErrOverflow for the smallest int.
func Neg(v Value) (Value, error) {
	switch v.Kind {
	case Missing:
		return Value{}, nil
	case Int:
		if v.I == math.MinInt64 {
			return Value{}, ErrOverflow
		}
		return NewInt(-v.I), nil
	case Decimal:
		return NewDecimal(new(big.Int).Neg(v.D), v.Scale), nil
	default:
		return NewFloat(-ToFloat(v)), nil
	}
}

// Abs is the value without its sign, as Neg.
func Abs(v Value) (Value, error) {
	if !v.IsMissing() && sign(v) < 0 {
		return Neg(v)
	}
	return v, nil
}

// sign is -1, 0 or 1 for a known number.
func sign(v Value) int {
	switch v.Kind {
	case Int:
		return cmpOf(v.I, 0)
	case Decimal:
		return v.D.Sign()
	default:
		return cmpOf(ToFloat(v), 0)
	}
}
