package ir

import (
	"math/big"

	"github.com/segql/segql/compiler/value"
)

// InShare is how many of n in order are in the first share of them: those in
// the places with place − 1 < share × n, which are ⌈share × n⌉, and n at most.
func InShare(share value.Value, n int64) int64 {
	q := rational(share)
	q.Mul(q, new(big.Rat).SetInt64(n))
	whole, rest := new(big.Int).QuoRem(q.Num(), q.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	if !whole.IsInt64() {
		return n
	}
	return max(0, min(n, whole.Int64()))
}

// LastInBucket is the last of n places that is in bucket b of k, or in one below:
// a place is in bucket ⌈k × place / n⌉.
func LastInBucket(b, k, n int64) int64 { return b * n / k }

// IsOpen reports whether the first share of n in order, or where there is none
// the first most, are all of them, and whoever came besides would be in, too.
func IsOpen(share *value.Value, most, n int64) bool {
	if share == nil {
		return n < most
	}
	return value.Compare(*share, value.NewInt(1)) >= 0
}
