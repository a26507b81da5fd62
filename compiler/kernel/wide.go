package kernel

import (
	"math"
	"math/bits"
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
