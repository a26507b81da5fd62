package value

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// Compare orders two known values of one kind, or two numbers of any kinds:
// numbers by their exact values, text by code point, false before true, dates
// and times by the clock, versions as NewVersion says. Other kinds have no
// order, and asking for it, or comparing across kinds, is a mistake of the
// caller.
func Compare(a, b Value) int {
	switch {
	case Of(a.Kind).Numeric() && Of(b.Kind).Numeric():
		return compareNumbers(a, b)
	case a.Kind != b.Kind:
		panic("value: " + Of(a.Kind).String() + " compared with " + Of(b.Kind).String())
	}
	switch a.Kind {
	case Bool, Date, Time, Wall:
		return cmpOf(a.I, b.I)
	case Text, Version:
		return strings.Compare(a.S, b.S) // bytes of UTF-8 order as code points do
	default:
		panic("value: " + Of(a.Kind).String() + " has no order")
	}
}

func compareNumbers(a, b Value) int {
	switch {
	case a.Kind == Int && b.Kind == Int:
		return cmpOf(a.I, b.I)
	case a.Kind == Float && b.Kind == Float:
		return cmpOf(a.F, b.F)
	case a.Kind == Float || b.Kind == Float:
		return exact(a).Cmp(exact(b))
	}
	x, y, _ := align(a, b)
	return x.Cmp(y)
}

// exact is a known number as a fraction. Every float64 is one.
func exact(v Value) *big.Rat {
	if v.Kind == Float {
		return new(big.Rat).SetFloat64(v.F)
	}
	d, scale := unscaled(v)
	return new(big.Rat).SetFrac(d, powers[scale])
}

// Equal reports whether two known values are the same: numbers of any kinds by
// exact value, text by code point, lists and records element by element (where
// missing is the same as missing). It is false if a side is missing, and
// between kinds that cannot be compared.
func Equal(a, b Value) bool {
	switch {
	case a.IsMissing() || b.IsMissing():
		return false
	case Of(a.Kind).Numeric() && Of(b.Kind).Numeric():
		return compareNumbers(a, b) == 0
	case a.Kind != b.Kind:
		return false
	}
	switch a.Kind {
	case List, Record:
		return slices.EqualFunc(a.L, b.L, func(x, y Value) bool {
			return x.IsMissing() && y.IsMissing() || Equal(x, y)
		})
	case Place:
		return a.F == b.F && a.F2 == b.F2
	case Duration:
		return a.I == b.I && a.S == b.S
	case JSON:
		return a.S == b.S
	default:
		return Compare(a, b) == 0
	}
}

// SortKey orders rows by several values, the first that differs deciding; a
// missing value comes after every known one.
type SortKey []Value

// Compare orders two keys of the same kinds.
func (k SortKey) Compare(other SortKey) int {
	for i := range k {
		if c := compareMissingLast(k[i], other[i]); c != 0 {
			return c
		}
	}
	return 0
}

// sort orders the key's own values.
func (k SortKey) sort() { slices.SortStableFunc(k, compareMissingLast) }

func compareMissingLast(a, b Value) int {
	switch {
	case a.IsMissing() && b.IsMissing():
		return 0
	case a.IsMissing():
		return 1
	case b.IsMissing():
		return -1
	}
	return Compare(a, b)
}

// Least is the smallest of the values as a t, which is their CommonType.
// Missing if any is; ErrOverflow when one does not fit t.
func Least(t Type, values ...Value) (Value, error) { return extreme(t, values, -1) }

// Greatest is the largest of the values, as Least.
func Greatest(t Type, values ...Value) (Value, error) { return extreme(t, values, 1) }

func extreme(t Type, values []Value, wanted int) (Value, error) {
	var best Value
	for i, v := range values {
		v, err := Widen(v, t)
		if err != nil || v.IsMissing() {
			return Value{}, err
		}
		if i == 0 || Compare(v, best) == wanted {
			best = v
		}
	}
	return best, nil
}

// Coalesce is the first known of the values as a t, which is their CommonType.
func Coalesce(t Type, values ...Value) (Value, error) {
	for _, v := range values {
		if !v.IsMissing() {
			return Widen(v, t)
		}
	}
	return Value{}, nil
}

// Widen brings a number to the wider type t: int to decimal, decimal to more
// scale, either to float. ErrOverflow when its digits do not fit. Any other
// value is returned as it is.
func Widen(v Value, t Type) (Value, error) {
	switch {
	case v.IsMissing() || v.Kind == t.Kind && t.Kind != Decimal:
		return v, nil
	case t.Kind == Float:
		return NewFloat(ToFloat(v)), nil
	case t.Kind != Decimal || !Of(v.Kind).Exact():
		return v, nil
	}
	d, ok := rescale(v, t.Scale)
	if !ok || !fits(d, t.Prec) {
		return Value{}, ErrOverflow
	}
	return NewDecimal(d, t.Scale), nil
}

func cmpOf[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }
