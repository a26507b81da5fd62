package value

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// exactNumber draws an int or a decimal, small ones and the largest.
func exactNumber(t *rapid.T, label string) Value {
	if rapid.Bool().Draw(t, label+" is int") {
		return NewInt(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-20, 20)).Draw(t, label))
	}
	digits := rapid.OneOf(rapid.StringMatching(`-?[0-9]{1,38}`), rapid.StringMatching(`-?[0-9]{1,3}`)).Draw(t, label)
	d, _ := new(big.Int).SetString(digits, 10)
	return NewDecimal(d, rapid.IntRange(0, 20).Draw(t, label+" scale"))
}

// Arithmetic gives what fractions give, or overflows where the digits, at the
// scale the types say, do not fit.
func TestArithmeticIsExact(t *testing.T) {
	operations := []struct {
		name  string
		of    func(a, b Value) (Value, error)
		check func(z, x, y *big.Rat) *big.Rat
		scale func(a, b int) int
	}{
		{"+", Add, (*big.Rat).Add, func(a, b int) int { return max(a, b) }},
		{"-", Sub, (*big.Rat).Sub, func(a, b int) int { return max(a, b) }},
		{"*", Mul, (*big.Rat).Mul, func(a, b int) int { return a + b }},
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := exactNumber(t, "a"), exactNumber(t, "b")
		for _, op := range operations {
			want := op.check(new(big.Rat), exact(a), exact(b))
			scale := op.scale(a.Scale, b.Scale)
			got, err := op.of(a, b)
			if err == nil {
				if exact(got).Cmp(want) != 0 || got.Scale != scale {
					t.Fatalf("%s %s %s is %s, want %s at scale %d", a, op.name, b, got, want, scale)
				}
				continue
			}
			if !errors.Is(err, ErrOverflow) || fitsAt(want, scale, a, b) && op.name == "*" {
				t.Fatalf("%s %s %s: %v", a, op.name, b, err)
			}
			if op.name != "*" && fitsAt(want, scale, a, b) && fitsAt(exact(a), scale, a, b) && fitsAt(exact(b), scale, a, b) {
				t.Fatalf("%s %s %s: %v", a, op.name, b, err)
			}
		}
	})
}

// fitsAt reports whether a number of a scale has 38 digits, or 64 bits when
// both operands are ints.
func fitsAt(x *big.Rat, scale int, a, b Value) bool {
	d := new(big.Rat).Mul(x, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	if a.Kind == Int && b.Kind == Int {
		return d.Num().IsInt64()
	}
	return fits(d.Num(), MaxPrec)
}

// A value that fits the operands' types fits the type of the result.
func TestResultsFitTheirTypes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) (Value, Type) {
			v := exactNumber(t, label)
			if v.Kind == Int {
				return v, Of(Int)
			}
			scale := v.Scale
			digits := len(new(big.Int).Abs(v.D).String())
			return v, DecimalType(min(MaxPrec, max(digits, scale, 1)), scale)
		}
		a, at := draw("a")
		b, bt := draw("b")
		check := func(v Value, err error, typ Type, typeErr error) {
			if err != nil || typeErr != nil || v.IsMissing() {
				return
			}
			if v.Kind != typ.Kind || v.Kind == Decimal && (v.Scale != typ.Scale || !fits(v.D, typ.Prec)) {
				t.Fatalf("%s (%s) and %s (%s) give %s, not a %s", a, at, b, bt, v, typ)
			}
		}
		sum, err := Add(a, b)
		typ, typeErr := AddType(at, bt)
		check(sum, err, typ, typeErr)
		product, err := Mul(a, b)
		typ, typeErr = MulType(at, bt)
		check(product, err, typ, typeErr)
		typ, typeErr = ModType(at, bt)
		check(Mod(a, b), nil, typ, typeErr)
		typ, typeErr = RoundType(at)
		for _, v := range []Value{Round(a), Floor(a), Ceil(a)} {
			check(v, nil, typ, typeErr)
		}
	})
}

// Rounding agrees with its definition by fractions.
func TestRounding(t *testing.T) {
	half, one := big.NewRat(1, 2), big.NewRat(1, 1)
	rapid.Check(t, func(t *rapid.T) {
		v := exactNumber(t, "v")
		x := exact(v)
		if f := exact(Floor(v)); f.Cmp(x) > 0 || new(big.Rat).Add(f, one).Cmp(x) <= 0 {
			t.Fatalf("the floor of %s is %s", v, f)
		}
		if c := exact(Ceil(v)); c.Cmp(x) < 0 || new(big.Rat).Sub(c, one).Cmp(x) >= 0 {
			t.Fatalf("the ceiling of %s is %s", v, c)
		}
		r := exact(Round(v))
		off := new(big.Rat).Sub(r, x)
		if c := new(big.Rat).Abs(off).Cmp(half); c > 0 || c == 0 && off.Sign() != x.Sign() {
			t.Fatalf("%s rounds to %s", v, r)
		}
	})
}

// Comparing goes by the fractions, floats included.
func TestCompareIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) Value {
			if rapid.Bool().Draw(t, label+" is float") {
				f := rapid.Float64().Draw(t, label)
				if math.IsInf(f, 0) {
					f = 0
				}
				return NewFloat(f)
			}
			return exactNumber(t, label)
		}
		a, b := draw("a"), draw("b")
		if rapid.Bool().Draw(t, "near") && b.Kind != Float {
			a = NewFloat(ToFloat(b))
		}
		if got, want := Compare(a, b), exact(a).Cmp(exact(b)); got != want {
			t.Fatalf("%s against %s is %d, want %d", a, b, got, want)
		}
	})
}

// Canonical text reads back as the value.
func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := exactNumber(t, "v")
		typ := Of(Int)
		if v.Kind == Decimal {
			typ = DecimalType(MaxPrec, v.Scale)
			if !fits(v.D, MaxPrec) {
				return
			}
		}
		if again, ok := Parse(typ, v.String()); !ok || !Equal(again, v) || again.Scale != v.Scale {
			t.Fatalf("%s reads back as %s", v, again)
		}
		f := NewFloat(rapid.Float64().Draw(t, "f"))
		if again, ok := Parse(Of(Float), f.String()); !f.IsMissing() && (!ok || again.F != f.F) {
			t.Fatalf("%s reads back as %s", f, again)
		}
	})
}
