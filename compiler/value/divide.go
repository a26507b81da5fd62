package value

import (
	"math"
	"math/big"
)

// Division leaves the exact numbers, once and last: the two exact sides are
// brought to a common scale, where they are whole numbers, each is turned into
// the nearest float64, and those are divided by one IEEE division. So 7/2 is
// 3.5 and 0.3/0.1 is 3, on every engine.

// Div is a / b as a float. Missing if a side is, or b is zero, or the result
// is not finite.
func Div(a, b Value) Value {
	switch {
	case a.IsMissing() || b.IsMissing() || sign(b) == 0:
		return Value{}
	case a.Kind == Float || b.Kind == Float:
		return NewFloat(ToFloat(a) / ToFloat(b))
	}
	x, y, _ := align(a, b)
	return NewFloat(nearest(x) / nearest(y))
}

// Avg is the exact sum of the known values of exact type t, divided by how
// many there are. Missing of none.
func Avg(t Type, values []Value) (Value, error) {
	count := int64(0)
	for _, v := range values {
		if !v.IsMissing() {
			count++
		}
	}
	sum, err := Sum(t, values)
	if err != nil {
		return Value{}, err
	}
	return Div(sum, NewInt(count)), nil
}

// Median is the middle of the known numbers as a float: of an odd count the
// middle one divided by 1, of an even count the sum of the two middle ones
// divided by 2, the sum exact unless they are floats. Missing of none.
func Median(values []Value) Value {
	known := make(SortKey, 0, len(values))
	for _, v := range values {
		if !v.IsMissing() {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		return Value{}
	}
	known.sort()
	middle := len(known) / 2
	low, high := known[middle], known[middle]
	if len(known)%2 == 1 {
		return Div(low, NewInt(1))
	}
	low = known[middle-1]
	if low.Kind == Float || high.Kind == Float {
		return NewFloat((ToFloat(low) + ToFloat(high)) / 2)
	}
	x, y, scale := align(low, high)
	// A sum of 39 digits is no overflow here: it is halved at once.
	return Div(NewDecimal(new(big.Int).Add(x, y), scale), NewInt(2))
}

// ToFloat is the float64 nearest to a known number, half to even.
func ToFloat(v Value) float64 {
	switch v.Kind {
	case Int:
		return float64(v.I)
	case Decimal:
		if v.Scale == 0 {
			return nearest(v.D)
		}
		f, _ := new(big.Rat).SetFrac(v.D, powers[v.Scale]).Float64()
		return f
	case Float:
		return v.F
	default:
		panic("value: not a number")
	}
}

func nearest(d *big.Int) float64 {
	f, _ := d.Float64()
	return f
}

// Floor is the largest whole number that is not larger; the types of the
// results are RoundType's. Missing of missing.
func Floor(v Value) Value { return whole(v, math.Floor, -1) }

// Ceil is the smallest whole number that is not smaller.
func Ceil(v Value) Value { return whole(v, math.Ceil, 1) }

// Round is the nearest whole number, a half going away from zero.
func Round(v Value) Value { return whole(v, math.Round, 0) }

// whole rounds: downwards, upwards, or (0) to the nearest.
func whole(v Value, float func(float64) float64, direction int) Value {
	switch {
	case v.Kind == Float:
		return NewFloat(float(v.F))
	case v.Kind != Decimal || v.Scale == 0:
		return v
	}
	quotient, rest := new(big.Int).QuoRem(v.D, powers[v.Scale], new(big.Int))
	away := direction == v.D.Sign()
	if direction == 0 {
		away = rest.Abs(rest).Lsh(rest, 1).Cmp(powers[v.Scale]) >= 0
	}
	if away && rest.Sign() != 0 {
		quotient.Add(quotient, big.NewInt(int64(v.D.Sign())))
	}
	return NewDecimal(quotient, 0)
}

// Mod is what is left of a after taking b away as often as it fits, with the
// sign of a: SQL's %, and what floor and ceil do not give for negative
// numbers. Missing if a side is or b is zero.
func Mod(a, b Value) Value {
	switch {
	case a.IsMissing() || b.IsMissing() || sign(b) == 0:
		return Value{}
	case a.Kind == Float || b.Kind == Float:
		return NewFloat(math.Mod(ToFloat(a), ToFloat(b)))
	case a.Kind == Int && b.Kind == Int:
		return NewInt(a.I % b.I)
	}
	x, y, scale := align(a, b)
	return NewDecimal(new(big.Int).Rem(x, y), scale)
}
