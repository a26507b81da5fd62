package kernel

import (
	"errors"
	"math"
	"slices"

	"github.com/segql/segql/compiler/ir"
)

// Batch is some rows of the fact, column by column.
type Batch struct {
	Rows   int
	Owners []int32 // the number of each row's owner; -1: none
	Inputs []Vector
}

// Vector is the values of one input in a batch: of one that is
// Numbered, the number, and 0 where it is missing.
type Vector struct {
	Values []int64
	Known  []uint64 // a bit for each row; nil: all
}

// ErrFull says that the rows of a few owners take more memory than allowed.
var ErrFull = errors.New("kernel: the rows of a few owners do not fit in memory")

const (
	ownersBits = 10 // of 1,024 owners the rows stand together
	ownersEach = 1 << ownersBits
	blockRows  = 1 << 9
	wordBytes  = 8
)

// Run is one going over the rows of a fact, for owners numbered from 0 to
// Owners-1 or, where their rows do not fit in memory, for some of them.
type Run struct {
	*Program
	Owners int
	// From and To are the owners of whom rows are kept. Add lowers To when the
	// kept rows exceed MostBytes; the owners from there on need another Run.
	From, To  int
	MostBytes int64
	// Lost counts rows whose owner is unknown.
	Lost int64

	parts  []part
	blocks [][]uint64
	stride int   // words of a kept row
	word   []int // of each input in a kept row; 0: it is not kept
	bytes  int64
	combos map[uint64]uint32
	recent [1 << 12]struct {
		key  uint64
		want uint32 // and 1 more
	}
	wants []want
	// Of the rows of a batch: what wants them; of those kept: which, and where.
	combo, kept []uint32
	block, at   []int32
}

// part is the rows of owners that stand together. A row is a header (owner,
// which inputs are known, what wants it) and a word for each input kept.
type part struct {
	blocks []int32
	rows   int
}

// want is what features want of rows with some texts.
type want struct {
	features []wanted // those that begin first come first
	lo, hi   int64
}

// wanted is a feature, laid out for the loop over rows.
type wanted struct {
	lo, hi int64
	number int32
	word   int32  // of the value
	known  uint64 // its bit in the header
	op     ir.AggOp
	kind   kind
	tests  []test
	of     *feature
}

// kind is what a feature does with a row.
type kind uint8

const (
	countRows kind = iota
	countKnown
	collect
	add
	most
	least
	pick
)

func (f *feature) kind() kind {
	switch {
	case f.op == ir.OpCount && f.input < 0:
		return countRows
	case f.op == ir.OpCount && f.distinct:
		return collect
	case f.op == ir.OpCount:
		return countKnown
	case f.op == ir.OpMax:
		return most
	case f.op == ir.OpMin:
		return least
	case f.op == ir.OpSum:
		return add
	default:
		return pick
	}
}

// NewRun begins a run over the owners [from, to).
func (p *Program) NewRun(owners, from, to int, mostBytes int64) *Run {
	r := &Run{Program: p, Owners: owners, From: from, To: to, MostBytes: mostBytes, word: make([]int, len(p.Inputs)), stride: 1, combos: map[uint64]uint32{}}
	keep := func(inputs ...int) {
		for _, in := range inputs {
			if in >= 0 && r.word[in] == 0 {
				r.word[in] = r.stride
				r.stride++
			}
		}
	}
	keep(p.time)
	for _, f := range p.features {
		keep(f.input)
		keep(f.order...)
		for _, t := range f.tests {
			if !p.combines(t) {
				keep(t.input)
			}
		}
	}
	r.parts = make([]part, (to-from+ownersEach-1)/ownersEach)
	return r
}

// want finds what features want of rows with a combination of classes.
func (r *Run) want(key uint64) uint32 {
	if n, ok := r.combos[key]; ok {
		return n
	}
	w := want{lo: math.MaxInt64, hi: math.MinInt64}
	for i, f := range r.features {
		item := wanted{lo: f.lo, hi: f.hi, number: int32(i), op: f.op, kind: f.kind(), of: f}
		if f.input >= 0 {
			item.word, item.known = int32(r.word[f.input]), 1<<(16+f.input)
		}
		passes := true
		for _, t := range f.tests {
			if !r.combines(t) {
				item.tests = append(item.tests, t)
			} else if !t.text.in[r.Inputs[t.input].example(key)] {
				passes = false
			}
		}
		if passes {
			w.features = append(w.features, item)
			w.lo, w.hi = min(w.lo, f.lo), max(w.hi, f.hi)
		}
	}
	slices.SortStableFunc(w.features, func(a, b wanted) int { return cmpInt(a.lo, b.lo) })
	n := uint32(len(r.wants))
	r.wants = append(r.wants, w)
	r.combos[key] = n
	return n
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Add keeps the rows of a batch that some feature wants.
func (r *Run) Add(b *Batch) error {
	if err := r.combine(b); err != nil {
		return err
	}
	r.choose(b)
	allKnown := uint64(0)
	for in := range b.Inputs {
		if b.Inputs[in].Known == nil {
			allKnown |= 1 << (16 + in)
		}
	}
	for j, i := range r.kept {
		owner := uint64(int(b.Owners[i])-r.From) & (ownersEach - 1)
		r.blocks[r.block[j]][r.at[j]] = owner | allKnown | uint64(r.combo[i])<<32
	}
	for in := range b.Inputs {
		v := &b.Inputs[in]
		w := int32(r.word[in])
		if w == 0 {
			continue
		}
		for j, i := range r.kept {
			row := r.blocks[r.block[j]][r.at[j]:]
			row[w] = uint64(v.Values[i])
			if v.Known != nil && v.Known[i>>6]&(1<<(i&63)) != 0 {
				row[0] |= 1 << (16 + in)
			}
		}
	}
	if r.bytes > r.MostBytes {
		return r.drop()
	}
	return nil
}

// combine finds what wants each row: by the classes of its texts together.
func (r *Run) combine(b *Batch) error {
	r.combo = slices.Grow(r.combo[:0], b.Rows)[:b.Rows]
	var texts []int
	for in := range r.Inputs {
		if r.Inputs[in].shift >= 0 && len(r.Inputs[in].tests) > 0 {
			if err := r.Inputs[in].learn(); err != nil {
				return err
			}
			texts = append(texts, in)
		}
	}
	for i := range r.combo {
		key := uint64(0)
		for _, in := range texts {
			of := r.Inputs[in]
			key |= uint64(of.class[b.Inputs[in].Values[i]]) << of.shift
		}
		c := &r.recent[(key*0x9e3779b97f4a7c15)>>52]
		if c.want == 0 || c.key != key {
			c.key, c.want = key, r.want(key)+1
		}
		r.combo[i] = c.want - 1
	}
	return nil
}

// choose finds the rows to keep, and gives each a place.
func (r *Run) choose(b *Batch) {
	var times []int64
	if r.time >= 0 {
		times = b.Inputs[r.time].Values
	}
	r.kept, r.block, r.at = r.kept[:0], r.block[:0], r.at[:0]
	for i := range b.Rows {
		owner := int(b.Owners[i])
		if owner < r.From || owner >= r.To {
			if owner < 0 {
				r.Lost++
			}
			continue
		}
		w := &r.wants[r.combo[i]]
		if len(w.features) == 0 || times != nil && (times[i] < w.lo || times[i] >= w.hi) {
			continue
		}
		p := &r.parts[(owner-r.From)>>ownersBits]
		if p.rows == len(p.blocks)*blockRows {
			p.blocks = append(p.blocks, int32(len(r.blocks)))
			r.blocks = append(r.blocks, make([]uint64, blockRows*r.stride))
			r.bytes += blockRows * int64(r.stride) * wordBytes
		}
		r.kept = append(r.kept, uint32(i))
		r.block = append(r.block, p.blocks[len(p.blocks)-1])
		r.at = append(r.at, int32((p.rows&(blockRows-1))*r.stride))
		p.rows++
	}
}

// drop gives up half of the owners.
func (r *Run) drop() error {
	half := len(r.parts) / 2
	if half == 0 {
		return ErrFull
	}
	for i := half; i < len(r.parts); i++ {
		for _, b := range r.parts[i].blocks {
			r.blocks[b] = nil
			r.bytes -= blockRows * int64(r.stride) * wordBytes
		}
	}
	r.parts = r.parts[:half:half]
	r.To = r.From + half*ownersEach
	if r.bytes > r.MostBytes {
		return r.drop()
	}
	return nil
}
