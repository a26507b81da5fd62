package kernel

import "encoding/binary"

// A part of what is kept is the features of 1,024 owners, of each feature the
// number of bytes it takes and then, one after the other, its entries: how far
// the owner is from the one before, and what is kept for it.

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

func newPartWriter(features int) *partWriter {
	return &partWriter{of: make([][]byte, features), last: make([]int32, features)}
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

// split takes a part apart into what it has of each of n features.
func split(part []byte, n int) [][]byte {
	out := make([][]byte, n)
	for i := 0; i < n && len(part) > 0; i++ {
		size, k := binary.Uvarint(part)
		out[i], part = part[k:k+int(size)], part[k+int(size):]
	}
	return out
}

// decode reads the entries of a feature.
func decode(f *feature, b []byte, out []entry) []entry {
	unsigned := func() uint64 { n, k := binary.Uvarint(b); b = b[k:]; return n }
	signed := func() int64 { n, k := binary.Varint(b); b = b[k:]; return n }
	owner, kind := int32(0), f.kind()
	for len(b) > 0 {
		owner += int32(unsigned())
		e := entry{owner: owner}
		switch kind {
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
			e.words = make([]uint64, 2*unsigned())
			for k := 0; k < len(e.words); k += 2 {
				e.words[k], e.words[k+1] = uint64(signed()), unsigned()
			}
		case pick:
			e.words = make([]uint64, 1+len(f.order))
			e.words[0] = unsigned()
			for k := range f.order {
				e.words[1+k] = uint64(signed())
			}
		default:
			panic("kernel: a feature of another kind")
		}
		out = append(out, e)
	}
	return out
}
