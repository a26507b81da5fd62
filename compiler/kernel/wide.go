package kernel

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/segql/segql/compiler/value"
)

// Wide is a whole number of 128 bits; of a text, its number is in Lo.
type Wide struct {
	Lo uint64
	Hi int64
}

func narrow(v int64) Wide { return Wide{uint64(v), v >> 63} }

func (w Wide) plus(x Wide) Wide {
	lo, carry := bits.Add64(w.Lo, x.Lo, 0)
	return Wide{lo, w.Hi + x.Hi + int64(carry)}
}

func (w Wide) minus(x Wide) Wide {
	lo, borrow := bits.Sub64(w.Lo, x.Lo, 0)
	return Wide{lo, w.Hi - x.Hi - int64(borrow)}
}

// int64 is the number, or the end of those of 64 bits that it lies beyond.
func (w Wide) int64() int64 {
	switch {
	case w.Hi == int64(w.Lo)>>63:
		return int64(w.Lo)
	case w.Hi < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

func (w Wide) compare(x Wide) int {
	switch {
	case w.Hi != x.Hi:
		return cmpInt(w.Hi, x.Hi)
	case w.Lo < x.Lo:
		return -1
	case w.Lo > x.Lo:
		return 1
	}
	return 0
}

// value is the number as a value of a type.
func (w Wide) value(t value.Type) value.Value {
	if t.Kind != value.Decimal {
		return Value(t, w.int64())
	}
	n := new(big.Int).Lsh(big.NewInt(w.Hi), 64)
	return value.NewDecimal(n.Add(n, new(big.Int).SetUint64(w.Lo)), t.Scale)
}
