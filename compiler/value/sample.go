package value

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
)

// SampleEveryone is the threshold of 100 % and more: no hash is as large.
const SampleEveryone = "g"

// SampleThreshold is what the hashes of a share must stay below, compared as
// text: the 16 hex digits of floor(share × 2^64), share a fraction such as 0.1
// (int or decimal). A share of 1 would need a digit more and is
// SampleEveryone, which sorts after every hash; one below 0 takes no one.
func SampleThreshold(share Value) string {
	d, scale := unscaled(share)
	if d.Sign() <= 0 {
		return strings.Repeat("0", 16)
	}
	if d.Cmp(powers[scale]) >= 0 {
		return SampleEveryone
	}
	whole := new(big.Int).Lsh(d, 64)
	return fmt.Sprintf("%016x", whole.Quo(whole, powers[scale]))
}

// SampleHash is the first 16 hex digits of md5("salt/key"), both in UTF-8: the
// same for one key under one salt, and unrelated under another.
func SampleHash(salt, key string) string {
	sum := md5.Sum([]byte(salt + "/" + key))
	return hex.EncodeToString(sum[:8])
}

// InSample reports whether a key is in a share of the salt's hashes.
func InSample(share Value, salt, key string) bool {
	return SampleHash(salt, key) < SampleThreshold(share)
}
