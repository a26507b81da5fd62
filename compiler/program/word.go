package program

import "math/bits"

// Most customers have no more than 64 rows of a fact. A set of them is one
// word, which needs no memory.

// word is picked, where the rows of leaf fit one word; ok is false where they
// do not, or where picked says so.
func (a *aggregate) word(f *Frame, r int32) (rows uint64, ok bool) {
	if !a.words {
		return 0, false
	}
	if len(a.anchor) > 0 {
		if r = a.anchorRow(f, r); r < 0 {
			return 0, true
		}
	}
	w := &a.places
	b := &f.tables[w.leaf].backs[w.back]
	if !b.done || b.of != r || len(b.set) != 1 {
		return a.firstWord(f, r)
	}
	rows = b.set[0]
	masks := f.tables[w.space].masks
	for i, m := range w.masks {
		k := &masks[m]
		if !k.done {
			a.sets[i].rows(f)
		}
		rows &= k.word
	}
	return rows, true
}

// places are where a frame has what an aggregate reads, close together.
type places struct {
	leaf, back, space int
	masks             []int
}

func (a *aggregate) place() {
	a.places = places{leaf: a.leaf.id, back: a.back.id, space: a.leaf.space.id}
	for _, m := range a.sets {
		a.places.masks = append(a.places.masks, m.id)
	}
}

// firstWord is word for another anchor than the last.
func (a *aggregate) firstWord(f *Frame, anchor int32) (rows uint64, ok bool) {
	all, ok := a.pickedAt(f, anchor)
	switch {
	case !ok || len(all) > 1:
		return 0, false
	case len(all) == 0:
		return 0, true
	}
	return all[0], true
}

// countRows counts bits.
func (a *aggregate) countRows() intForm {
	return func(f *Frame, r int32) (int64, state) {
		if word, ok := a.word(f, r); ok {
			return int64(bits.OnesCount64(word)), known
		}
		n := int64(0)
		rows, ok := a.picked(f, r)
		if !ok {
			a.each(f, r, func(int32) { n++ })
			return n, known
		}
		for _, word := range rows {
			n += int64(bits.OnesCount64(word))
		}
		return n, known
	}
}

// halves adds integers in two halves, neither of which can pass 64 bits, for
// there are fewer than 2^31 rows.
type halves struct{ high, low int64 }

// word adds the integers at the rows of a word, of which ints[0] is the first.
func (h *halves) word(word uint64, ints []int64) {
	for ; word != 0; word &= word - 1 {
		i := ints[bits.TrailingZeros64(word)]
		h.high += i >> 32
		h.low += i & (1<<32 - 1)
	}
}

func (h *halves) total() total {
	t := total{h.high >> 32, uint64(h.high) << 32}
	t.add(h.low)
	return t
}

// extremeOf is the largest or smallest of the integers at the rows of a word,
// which has some.
func extremeOf(word uint64, ints []int64, most bool) int64 {
	best := ints[bits.TrailingZeros64(word)]
	for word &= word - 1; word != 0; word &= word - 1 {
		i := ints[bits.TrailingZeros64(word)]
		if most {
			best = max(best, i)
		} else {
			best = min(best, i)
		}
	}
	return best
}
