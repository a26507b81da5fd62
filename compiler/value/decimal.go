package value

import (
	"errors"
	"math/big"
	"strings"
)

// ErrOverflow says that a result does not fit: an int needs more than 64 bits
// or a decimal more than 38 digits. It stops a run.
var ErrOverflow = errors.New("number too large")

// powers holds 10^0 to 10^76, all that bringing two decimals to one scale needs.
var powers = func() (p [2*MaxPrec + 1]*big.Int) {
	p[0] = big.NewInt(1)
	for i := 1; i < len(p); i++ {
		p[i] = new(big.Int).Mul(p[i-1], big.NewInt(10))
	}
	return p
}()

// ParseDecimal reads digits with an optional sign, point and `_` between
// digits ("-1_250.50"), as literals are written; the scale is the number of
// digits after the point. It refuses more than 38 digits.
func ParseDecimal(text string) (Value, bool) {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") ||
		strings.Contains(digits, "__") || strings.Contains(digits, "_.") || strings.Contains(digits, "._") {
		return Value{}, false
	}
	return scanDecimal(strings.ReplaceAll(text, "_", ""))
}

// scanDecimal reads [+-]digits[.digits] or [+-].digits.
func scanDecimal(text string) (Value, bool) {
	whole, fraction, ok := splitDecimal(text)
	digits := strings.TrimLeft(strings.TrimLeft(whole, "+-")+fraction, "0")
	if !ok || len(fraction) > MaxPrec || len(digits) > MaxPrec {
		return Value{}, false
	}
	return NewDecimal(digitsOf(whole+fraction), len(fraction)), true
}

// fitDecimal reads a decimal that must fit prec digits, scale of them after
// the point; zeros in front and behind do not count.
func fitDecimal(text string, prec, scale int) (Value, bool) {
	whole, fraction, ok := splitDecimal(text)
	fraction = strings.TrimRight(fraction, "0")
	digits := strings.TrimLeft(strings.TrimLeft(whole, "+-"), "0")
	if !ok || len(fraction) > scale || len(digits) > prec-scale {
		return Value{}, false
	}
	return NewDecimal(digitsOf(whole+fraction+strings.Repeat("0", scale-len(fraction))), scale), true
}

// splitDecimal takes a number apart at its point; whole keeps the sign.
func splitDecimal(text string) (whole, fraction string, ok bool) {
	whole, fraction, point := strings.Cut(text, ".")
	unsigned := strings.TrimLeft(whole, "+-")
	ok = allDigits(unsigned) && allDigits(fraction) && len(whole)-len(unsigned) <= 1 &&
		point == (fraction != "") && unsigned+fraction != ""
	return whole, fraction, ok
}

// digitsOf is a whole number known to be one; no digits at all are 0.
func digitsOf(text string) *big.Int {
	d, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return new(big.Int)
	}
	return d
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// fits reports whether a whole number has at most prec digits.
func fits(d *big.Int, prec int) bool { return d.CmpAbs(powers[prec]) < 0 }

// unscaled is an exact number as a whole number and the scale it is divided by.
// The result must not be changed.
func unscaled(v Value) (d *big.Int, scale int) {
	if v.Kind == Int {
		return big.NewInt(v.I), 0
	}
	return v.D, v.Scale
}

// align brings two exact numbers to the larger of their scales.
func align(a, b Value) (x, y *big.Int, scale int) {
	x, sx := unscaled(a)
	y, sy := unscaled(b)
	switch {
	case sx < sy:
		return new(big.Int).Mul(x, powers[sy-sx]), y, sy
	case sx > sy:
		return x, new(big.Int).Mul(y, powers[sx-sy]), sx
	}
	return x, y, sx
}

// rescale gives an exact number another scale, ok when no digit is lost.
func rescale(v Value, scale int) (d *big.Int, ok bool) {
	d, from := unscaled(v)
	if from <= scale {
		return new(big.Int).Mul(d, powers[scale-from]), true
	}
	quotient, rest := new(big.Int).QuoRem(d, powers[from-scale], new(big.Int))
	return quotient, rest.Sign() == 0
}

// decimal is the value when it has at most 38 digits.
func decimal(d *big.Int, scale int) (Value, error) {
	if !fits(d, MaxPrec) {
		return Value{}, ErrOverflow
	}
	return NewDecimal(d, scale), nil
}

// decimalText writes unscaled × 10^-scale with all of its scale.
func decimalText(d *big.Int, scale int) string {
	digits := new(big.Int).Abs(d).String()
	if short := scale + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	sign := ""
	if d.Sign() < 0 {
		sign = "-"
	}
	if scale == 0 {
		return sign + digits
	}
	point := len(digits) - scale
	return sign + digits[:point] + "." + digits[point:]
}
