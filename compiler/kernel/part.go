package kernel

import (
	"encoding/binary"
	"math/bits"
)

// A part of what is kept is the features of 1,024 owners, of each feature the
// number of bytes it takes and then, one after the other, its entries: how far
// the owner is from the one before, and what is kept for it. Then come the
// answers in the same way, each a bit for every owner.

// entry is a feature of one owner of a part.
type entry struct {
	owner int32
	n     int64 // rows, or known values
	v     Wide  // sum, least or greatest
	// words are, of distinct values, each and how often; of first and last, which
	// inputs are known and then those by which rows are ordered.
	words []uint64
}

// empty reports whether an entry says no more than none.
func (e *entry) empty() bool { return e.n == 0 && len(e.words) == 0 }

// partWriter writes entries, those of a feature in the order of their owners.
type partWriter struct {
	of   [][]byte
	last []int32
	out  []byte
}

// newPartWriter is for some features, and answers behind them.
func newPartWriter(n int) *partWriter {
	return &partWriter{of: make([][]byte, n), last: make([]int32, n)}
}

func (w *partWriter) put(i int, f *feature, e *entry) {
	kind := f.kind()
	if kind != collect && kind != pick {
		w.number(i, kind, e.owner, e.n, e.v)
		return
	}
	b := w.begin(i, e.owner)
	if kind == collect {
		b = appendWhole(b, uint64(len(e.words)/2))
		for k := 0; k < len(e.words); k += 2 {
			b = binary.AppendVarint(b, int64(e.words[k]))
			b = appendWhole(b, e.words[k+1])
		}
	} else {
		b = appendWhole(b, e.words[0])
		for _, x := range e.words[1:] {
			b = binary.AppendVarint(b, int64(x))
		}
	}
	w.of[i] = b
}

// number writes the entry of a feature that is a number of rows and one value.
func (w *partWriter) number(i int, kind kind, owner int32, n int64, v Wide) {
	b := w.begin(i, owner)
	switch kind {
	case countRows, countKnown:
		b = appendWhole(b, uint64(n))
	case add:
		wide := uint64(0)
		if v.Hi != int64(v.Lo)>>63 {
			wide = 1
		}
		b = appendWhole(b, uint64(n)<<1|wide)
		b = binary.AppendVarint(b, int64(v.Lo))
		if wide == 1 {
			b = binary.AppendVarint(b, v.Hi)
		}
	case least, most:
		b = appendWhole(b, uint64(n))
		b = binary.AppendVarint(b, int64(v.Lo))
	default:
		panic("kernel: a feature of another kind")
	}
	w.of[i] = b
}

// copy writes entries as they were read, behind the one of an owner; last is
// the owner of the last of them.
func (w *partWriter) copy(i int, raw []byte, before, last int32) {
	if len(raw) == 0 {
		return
	}
	owner, n := binary.Uvarint(raw)
	w.of[i] = append(w.begin(i, before+int32(owner)), raw[n:]...)
	w.last[i] = last
}

// bits writes an answer.
func (w *partWriter) bits(i int, words []uint64) {
	for _, x := range words {
		w.of[i] = binary.LittleEndian.AppendUint64(w.of[i], x)
	}
}

func (w *partWriter) begin(i int, owner int32) []byte {
	b := appendWhole(w.of[i], uint64(owner-w.last[i]))
	w.last[i] = owner
	return b
}

// appendWhole is binary.AppendUvarint, quick for the small numbers that most
// are.
func appendWhole(b []byte, n uint64) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	return binary.AppendUvarint(b, n)
}

// bytes ends the part, and begins another: they are good until that ends.
func (w *partWriter) bytes() []byte {
	out := w.out[:0]
	for i, b := range w.of {
		out = binary.AppendUvarint(out, uint64(len(b)))
		out = append(out, b...)
		w.of[i], w.last[i] = b[:0], 0
	}
	w.out = out
	return out
}

// split takes a part apart into what it has of each of n features and answers.
func split(part []byte, n int) [][]byte {
	out := make([][]byte, n)
	for i := 0; i < n && len(part) > 0; i++ {
		size, k := binary.Uvarint(part)
		out[i], part = part[k:k+int(size)], part[k+int(size):]
	}
	return out
}

// entries reads those of a feature, one after the other.
type entries struct {
	of   *feature
	kind kind
	raw  []byte
	// The entry begins at begin, what is kept for its owner at from, and it ends
	// at to; before the first and behind the last one from is to.
	begin, from, to int
	owner, before   int32 // of the entry, and of the one before it
}

func entriesOf(f *feature, raw []byte) entries { return entries{of: f, kind: f.kind(), raw: raw} }

// next goes to the next entry. It is false where there is none.
func (r *entries) next() bool {
	r.begin, r.before = r.to, r.owner
	b := r.raw[r.to:]
	if len(b) == 0 {
		r.from = r.to
		return false
	}
	owner, n := uint64(b[0]), 1
	if owner >= 0x80 {
		owner, n = binary.Uvarint(b)
	}
	r.owner += int32(owner)
	r.from = r.to + n
	b = b[n:]
	r.to = r.from + skip(b, r.numbers(b))
	return true
}

// there reports whether it is at an entry.
func (r *entries) there() bool { return r.from < r.to }

// seek goes to the first entry that is not of an earlier owner, later owners
// than before. It is false where that is not the owner's, or there is none.
func (r *entries) seek(owner int32) bool {
	for !r.there() || r.owner < owner {
		if !r.next() {
			return false
		}
	}
	return r.owner == owner
}

// numbers is how many numbers are kept for an owner.
func (r *entries) numbers(b []byte) int {
	switch r.kind {
	case countRows, countKnown:
		return 1
	case add:
		return 2 + int(b[0]&1)
	case collect:
		n, _ := binary.Uvarint(b)
		return 1 + 2*int(n)
	case pick:
		return 1 + len(r.of.order)
	default: // a number of rows and a value
		return 2
	}
}

// skip is how many bytes some numbers take, one at least. The last byte of each
// is the one whose highest bit is not set.
func skip(b []byte, numbers int) (at int) {
	for len(b)-at >= wordBytes {
		ends := ^binary.LittleEndian.Uint64(b[at:]) & 0x8080808080808080
		if n := bits.OnesCount64(ends); n < numbers {
			numbers -= n
			at += wordBytes
			continue
		}
		for ; numbers > 1; numbers-- {
			ends &= ends - 1
		}
		return at + bits.TrailingZeros64(ends)>>3 + 1
	}
	for ; numbers > 0; numbers-- {
		for b[at] >= 0x80 {
			at++
		}
		at++
	}
	return at
}

// value is what the feature is of the entry's owner, as resultOf says of what
// read gives, without reading the rest.
func (r *entries) value() (v Wide, known bool) {
	b := r.raw[r.from:r.to]
	first, n := uint64(b[0]), 1
	if first >= 0x80 {
		first, n = binary.Uvarint(b)
	}
	switch r.kind {
	case countRows, countKnown, collect: // of distinct values it is how many
		return narrow(int64(first)), true
	case pick:
		last := len(r.of.order) - 1
		if last > 0 {
			n += skip(b[n:], last)
		}
		known = first>>last&1 == 1
	case add:
		known = first > 1
		if first&1 == 1 {
			var e entry
			r.read(&e)
			return e.v, known
		}
	default:
		known = first > 0
	}
	at, _ := binary.Varint(b[n:])
	return narrow(at), known
}

// read reads the entry into e, whose words are used again.
func (r *entries) read(e *entry) {
	b := r.raw[r.from:r.to]
	unsigned := func() uint64 { n, k := binary.Uvarint(b); b = b[k:]; return n }
	signed := func() int64 { n, k := binary.Varint(b); b = b[k:]; return n }
	*e = entry{owner: r.owner, words: e.words[:0]}
	switch r.kind {
	case countRows, countKnown:
		e.n = int64(unsigned())
	case add:
		n := unsigned()
		e.n, e.v = int64(n>>1), narrow(signed())
		if n&1 == 1 {
			e.v.Hi = signed()
		}
	case least, most:
		e.n, e.v = int64(unsigned()), narrow(signed())
	case collect:
		for n := unsigned(); n > 0; n-- {
			e.words = append(e.words, uint64(signed()), unsigned())
		}
	case pick:
		e.words = append(e.words, unsigned())
		for range r.of.order {
			e.words = append(e.words, uint64(signed()))
		}
	default:
		panic("kernel: a feature of another kind")
	}
}
