package program

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/segql/segql/compiler/value"
)

// powers of ten that fit 64 bits.
var powers = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// state is what an integer form says of a value.
type state uint8

const (
	missing state = iota
	known
	large // known, but beyond 64 bits, or not to be had without an error: ask for the value
)

// intOf is a known value as the integer its type is kept as; ok is false when
// 64 bits do not hold it.
func intOf(t value.Type, v value.Value) (i int64, ok bool) {
	if t.Kind != value.Decimal {
		return v.I, true
	}
	return scaled(v, t.Scale)
}

// scaled is an exact number × 10^scale; ok is false when that has a fraction
// or needs more than 64 bits.
func scaled(v value.Value, scale int) (i int64, ok bool) {
	from := 0
	switch v.Kind {
	case value.Int:
		i = v.I
	case value.Decimal:
		if !v.D.IsInt64() {
			return 0, false
		}
		i, from = v.D.Int64(), v.Scale
	default:
		return 0, false
	}
	for ; from > scale; from-- {
		if i%10 != 0 {
			return 0, false
		}
		i /= 10
	}
	return shift(i, scale-from)
}

// shift is i × 10^by.
func shift(i int64, by int) (int64, bool) {
	if by == 0 || i == 0 {
		return i, true
	}
	if by >= len(powers) {
		return 0, false
	}
	return product(i, powers[by])
}

func product(a, b int64) (int64, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case high != 0 || low > math.MaxInt64:
		return 0, false // the smallest int too, which is left to the slow way
	case negative:
		return -int64(low), true
	default:
		return int64(low), true
	}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func sum(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

// valueOf is the value that an integer stands for.
func valueOf(t value.Type, i int64) value.Value {
	if t.Kind == value.Decimal {
		return value.NewDecimal(big.NewInt(i), t.Scale)
	}
	return value.Value{Kind: t.Kind, I: i}
}

// total adds integers without bound, in 128 bits.
type total struct {
	high int64
	low  uint64
}

func (t *total) add(i int64) {
	var carry uint64
	t.low, carry = bits.Add64(t.low, uint64(i), 0)
	t.high += i>>63 + int64(carry)
}

// int is the total when 64 bits hold it.
func (t total) int() (int64, bool) {
	i := int64(t.low)
	return i, t.high == i>>63
}

// big is the total as it is.
func (t total) big() *big.Int {
	b := new(big.Int).SetInt64(t.high)
	return b.Lsh(b, 64).Add(b, new(big.Int).SetUint64(t.low))
}
