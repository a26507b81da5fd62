package kernel

import (
	"math/bits"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// result is what a family has made of the rows of some bands, of which there is
// one at least.
func (c *counter) result(f *family, bands uint64) (v Wide, known bool) {
	first := f.first + bits.TrailingZeros64(bands)
	rest := bands & (bands - 1)
	c.merged = c.accs[first]
	a := &c.merged
	if f.kind == collect {
		c.set = append(c.set[:0], c.many[first]...)
	}
	for ; rest != 0; rest &= rest - 1 {
		i := f.first + bits.TrailingZeros64(rest)
		c.merge(f, a, &c.accs[i])
		if f.kind == collect {
			c.set = append(c.set, c.many[i]...)
		}
	}
	if f.kind == collect {
		slices.Sort(c.set)
		n := bits.OnesCount64(a.sum.Lo)
		for i, v := range c.set {
			n += int(bit(i == 0 || c.set[i-1] != v))
		}
		return narrow(int64(n)), true
	}
	return c.ofOne(f, a)
}

// merge takes b, of another band, into a.
func (c *counter) merge(f *family, a, b *acc) {
	if b.n == 0 {
		return
	}
	x, y := int64(a.sum.Lo), int64(b.sum.Lo)
	switch f.kind {
	case add:
		a.sum = a.sum.plus(b.sum)
	case collect:
		a.sum.Lo |= b.sum.Lo
	case countKnown, countRows:
	case least:
		if a.n == 0 || y < x {
			a.sum = b.sum
		}
	case most:
		if a.n == 0 || y > x {
			a.sum = b.sum
		}
	case pick:
		if c.before(f, c.row(b.best), c.row(a.best)) {
			a.best = b.best
		}
	default:
		panic("kernel: a feature of another kind")
	}
	a.n += b.n
}

// ofOne is what rows have come to.
func (c *counter) ofOne(f *family, a *acc) (v Wide, known bool) {
	switch f.kind {
	case countKnown, countRows:
		return narrow(a.n), true
	case pick:
		v, known := c.value(f.input, c.row(a.best))
		return narrow(v), known || f.zero
	default:
		return a.sum, a.n > 0 || f.zero // of none the sum is 0
	}
}

// before reports whether x is the row rather than y of which first or last is
// the value: the earliest (latest), by the fact's key, by the value; what is
// missing comes last. The time of a row is always known.
func (c *counter) before(f *family, x, y []uint64) bool {
	last := f.op == ir.OpLast
	if a, b := int64(x[c.word[c.time]]), int64(y[c.word[c.time]]); a != b {
		return a < b != last
	}
	for _, in := range f.order {
		if d := c.compare(in, x, y, last); d != 0 {
			return d < 0
		}
	}
	return false
}

func (c *counter) compare(in int, x, y []uint64, last bool) int {
	a, aKnown := c.value(in, x)
	b, bKnown := c.value(in, y)
	d := cmpInt(a, b)
	switch {
	case aKnown != bKnown && aKnown:
		return -1
	case aKnown != bKnown:
		return 1
	case c.Inputs[in].Numbered && d != 0:
		d = value.Compare(c.Inputs[in].met[a], c.Inputs[in].met[b])
	}
	if last {
		return -d
	}
	return d
}
