package member

import (
	"context"
	"math/bits"
	"slices"

	"github.com/segql/segql/runtime/duckdb"
)

// A set of customers of one entity is kept in blocks of 65,536 numbers, as
// Roaring bitmaps are: a block with few of them lists their numbers, any other
// has a bit for each. Blocks are rows, so that SQL reads them without more than
// it has. In a list DuckDB packs the distance from number to number, which is
// about a byte where one of eight is in it: from there on bits are smaller.
//
// In memory a set is words of bits, of whole blocks.
const (
	blockBits  = 16
	blockWords = 1 << blockBits / 64
	longest    = 1 << blockBits / 8 // list
)

// container is what a set has in one block.
type container struct {
	segment, seq int32
	block        int32
	size         int32
	list         []int32  // the numbers in order; nil: words
	words        []uint64 // blockWords of them
}

// pack makes a container of the words of a block; the words are copied.
func pack(block int32, words []uint64) container {
	c := container{block: block}
	for _, w := range words {
		c.size += int32(bits.OnesCount64(w))
	}
	if c.size == 0 {
		return c
	}
	if c.size > longest {
		c.words = slices.Clone(words)
		return c
	}
	c.list = make([]int32, 0, c.size)
	for i, w := range words {
		for ; w != 0; w &= w - 1 {
			c.list = append(c.list, block<<blockBits+int32(i*64+bits.TrailingZeros64(w)))
		}
	}
	return c
}

// packAll makes containers of a set, and counts it.
func packAll(set []uint64, of container) (list []container, size int64) {
	for block := range len(set) / blockWords {
		c := pack(int32(block), set[block*blockWords:][:blockWords])
		if c.size > 0 {
			c.segment, c.seq = of.segment, of.seq
			list = append(list, c)
			size += int64(c.size)
		}
	}
	return list, size
}

// of is the words of the container's block in a set.
func (c *container) of(set []uint64) []uint64 { return set[int(c.block)*blockWords:][:blockWords] }

// flip adds to a set what is not in it, and takes out what is.
func (c *container) flip(set []uint64) {
	for _, n := range c.list {
		set[n>>6] ^= 1 << (n & 63)
	}
	if c.words != nil {
		words := c.of(set)
		for i, w := range c.words {
			words[i] ^= w
		}
	}
}

// within is what of the container is in a set.
func (c *container) within(set []uint64) container {
	var rest container
	if c.words != nil {
		words := slices.Clone(c.words)
		for i, w := range c.of(set) {
			words[i] &= w
		}
		rest = pack(c.block, words)
	} else {
		rest = container{block: c.block}
		for _, n := range c.list {
			if set[n>>6]>>(n&63)&1 != 0 {
				rest.list = append(rest.list, n)
			}
		}
		rest.size = int32(len(rest.list))
	}
	rest.segment, rest.seq = c.segment, c.seq
	return rest
}

// wordsFor is how many words hold a set of numbers below end.
func wordsFor(end int) int { return (end + 1<<blockBits - 1) >> blockBits * blockWords }

// count is how many are in a set.
func count(set []uint64) (n int64) {
	for _, w := range set {
		n += int64(bits.OnesCount64(w))
	}
	return n
}

// without is a less what is also in b, in place.
func without(a, b []uint64) {
	for i, w := range b {
		a[i] &^= w
	}
}

// containerColumns are what readContainers expects, after a rowid.
const containerColumns = "segment, seq, block, size, customers, words"

// readContainers gives the rows of a query, each good until fn returns.
func (s *Store) readContainers(ctx context.Context, doing, query string, fn func(rowid int64, c *container) error) error {
	return s.explain(s.session.Stream(ctx, doing, s.sql(query), func(chunk *duckdb.Chunk) error {
		ids := duckdb.Values[int64](chunk, 0)
		var ints [4][]int32
		for i := range ints {
			ints[i] = duckdb.Values[int32](chunk, i+1)
		}
		lists, listed, list := duckdb.Values[duckdb.Span](chunk, 5), chunk.Known(5), duckdb.List[int32](chunk, 5)
		spans, words := duckdb.Values[duckdb.Span](chunk, 6), duckdb.List[uint64](chunk, 6)
		for i, id := range ids {
			c := container{segment: ints[0][i], seq: ints[1][i], block: ints[2][i], size: ints[3][i]}
			if duckdb.IsKnown(listed, i) {
				c.list = list[lists[i].From:][:lists[i].Len]
			} else {
				c.words = words[spans[i].From:][:spans[i].Len]
			}
			if err := fn(id, &c); err != nil {
				return err
			}
		}
		return nil
	}))
}

// put writes the columns of a container, of which the first stands at col.
func (c *container) put(a *duckdb.Appender, col int) {
	for i, n := range []int32{c.segment, c.seq, c.block, c.size} {
		duckdb.Put(a, col+i, n)
	}
	duckdb.PutList(a, col+4, c.list)
	duckdb.PutList(a, col+5, c.words)
}
