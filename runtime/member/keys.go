package member

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"
)

// keyList is the keys of an entity's rows, one after the other in memory.
type keyList struct {
	text []byte
	at   []uint64 // of each row: where its key begins
	size []int32  // and how long it is, −1 where none was given
}

func newKeyList(rows int) *keyList {
	l := &keyList{at: make([]uint64, rows), size: make([]int32, rows)}
	for i := range l.size {
		l.size[i] = -1
	}
	return l
}

func (l *keyList) set(row int, key []byte) {
	l.at[row], l.size[row] = uint64(len(l.text)), int32(len(key))
	l.text = append(l.text, key...)
}

func (l *keyList) of(row int) []byte {
	from := l.at[row]
	return l.text[from : from+uint64(l.size[row])]
}

// byKey puts rows in the order of the bytes of their keys.
func (l *keyList) byKey(rows []uint32) {
	type item struct {
		first uint64 // bytes of the key, in their order
		row   uint32
	}
	items := make([]item, len(rows))
	for i, row := range rows {
		var first [8]byte
		copy(first[:], l.of(int(row)))
		items[i] = item{binary.BigEndian.Uint64(first[:]), row}
	}
	compare := func(x, y item) int {
		switch {
		case x.first < y.first:
			return -1
		case x.first > y.first:
			return 1
		default:
			return bytes.Compare(l.of(int(x.row)), l.of(int(y.row)))
		}
	}
	half := len(items) / 2
	parts := [2][]item{items[:half], items[half:]}
	_ = onAllCores(len(parts), func(i int) error {
		slices.SortFunc(parts[i], compare)
		return nil
	})
	for i := range rows { // of two parts in order
		k := 0
		if len(parts[0]) == 0 || len(parts[1]) > 0 && compare(parts[1][0], parts[0][0]) < 0 {
			k = 1
		}
		rows[i] = parts[k][0].row
		parts[k] = parts[k][1:]
	}
}

// repeated counts the keys that a row has in common with the one before it.
func (l *keyList) repeated() (n int) {
	for row := 1; row < len(l.at); row++ {
		if bytes.Equal(l.of(row), l.of(row-1)) {
			n++
		}
	}
	return n
}

// index finds rows by their key.
type index struct {
	*keyList
	seed  maphash.Seed
	slots []uint32 // row and 1 more; 0: none
	again int      // rows whose key another has too
}

func (l *keyList) index() *index {
	x := &index{keyList: l, seed: maphash.MakeSeed(), slots: make([]uint32, 1<<bits.Len(uint(2*len(l.at))))}
	for row := range l.at {
		at := &x.slots[x.place(l.of(row))]
		if *at != 0 {
			x.again++
		}
		*at = uint32(row) + 1
	}
	return x
}

// place is where a key stands, or would.
func (x *index) place(key []byte) uint64 {
	mask := uint64(len(x.slots) - 1)
	i := maphash.Bytes(x.seed, key) & mask
	for x.slots[i] != 0 && !bytes.Equal(x.of(int(x.slots[i])-1), key) {
		i = (i + 1) & mask
	}
	return i
}

// find is the row of a key, −1 where there is none.
func (x *index) find(key []byte) int { return int(x.slots[x.place(key)]) - 1 }
