package kernel

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

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

	bands    *bands
	families []*family
	accs     int   // accumulators of all families
	stride   int   // words of a kept row
	word     []int // of each input in a kept row; 0: it is not kept
	inputs   []int // that are kept, in the order of their words
	bytes    atomic.Int64
	intakes  []*Intake
	keeping  sync.RWMutex // held by those who add rows, and alone by who drops some
	mu       sync.Mutex   // over what follows
	combos   map[combo]uint32
	wants    [][]hit
	keep     *Kept // what is found goes there; nil: nowhere
	digest   digesting
	sliding  bool // rows are those that came or went, see slide
	coming   bool // and were not there before
}

// combo is what rows have in common that are wanted by the same features:
// classes of texts, and a band.
type combo struct {
	classes uint64
	band    int
}

// hit is a family that wants a row, and the band of its own that the row is in;
// what is needed of the family for every row stands beside.
type hit struct {
	family uint32
	acc    int32 // of the band
	band   uint8
	kind   kind
	tested bool   // there are tests
	word   uint16 // of the value in a kept row
	needs  uint64 // bits of the header without which the row does not count
}

func (f *family) hit(number int, band uint8) hit {
	h := hit{family: uint32(number), acc: int32(f.first + int(band)), band: band, kind: f.kind, tested: len(f.tests) > 0, word: uint16(f.word)}
	if f.kind != countRows && f.kind != pick {
		h.needs = f.known
	}
	return h
}

// Intake takes rows in for a run. A run may have several, each for a goroutine
// of its own.
type Intake struct {
	run    *Run
	rows   int64 // that came
	lost   int64 // and whose owner is unknown
	parts  []part
	wants  [][]hit // those of the run that are known here
	recent [1 << 13]struct {
		combo
		want uint32 // and 1 more
	}
	headers []uint64 // of the rows of a batch; 0: nothing wants it
	sums    *sums    // of all rows that came; nil: nobody asks
}

// part is the rows of owners that stand together. A row is a header (owner,
// which inputs are known, what wants it) and a word for each input kept.
type part struct {
	blocks [][]uint64
	free   []uint64 // of the last block
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
	r := p.newRun(owners, from, to, mostBytes)
	r.bands = bandsOf(p.edges())
	r.group()
	return r
}

func (p *Program) newRun(owners, from, to int, mostBytes int64) *Run {
	r := &Run{Program: p, Owners: owners, From: from, To: to, MostBytes: mostBytes, word: make([]int, len(p.Inputs)), stride: 1, combos: map[combo]uint32{}}
	keep := func(inputs ...int) {
		for _, in := range inputs {
			if in >= 0 && r.word[in] == 0 {
				r.word[in] = r.stride
				r.inputs = append(r.inputs, in)
				r.stride++
			}
		}
	}
	for _, f := range p.features {
		keep(f.input)
		keep(f.order...)
		for _, t := range f.tests {
			if !p.combines(t) {
				keep(t.input)
			}
		}
	}
	return r
}

// Intake gives one more.
func (r *Run) Intake() *Intake {
	r.keeping.Lock()
	defer r.keeping.Unlock()
	t := &Intake{run: r, parts: make([]part, r.size()), sums: r.newSums()}
	r.intakes = append(r.intakes, t)
	return t
}

// size is how many parts there are.
func (r *Run) size() int { return (r.To - r.From + ownersEach - 1) / ownersEach }

// want finds what wants rows of a combination, and gives all that is known of
// such.
func (r *Run) want(key combo) (uint32, [][]hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n, ok := r.combos[key]; ok {
		return n, r.wants
	}
	var hits []hit
	for i, f := range r.families {
		band := f.bands[key.band]
		passes := band != noBand
		for _, t := range f.feature.tests {
			passes = passes && (!r.combines(t) || r.Inputs[t.input].passes(t.text, key.classes))
		}
		if passes {
			hits = append(hits, f.hit(i, band))
		}
	}
	n := uint32(len(r.wants))
	r.wants = append(r.wants, hits)
	r.combos[key] = n
	return n, r.wants
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
func (t *Intake) Add(b *Batch) error {
	t.run.keeping.RLock()
	t.rows += int64(b.Rows)
	if t.sums != nil {
		t.sums.add(b)
	}
	err := t.look(b)
	if err == nil {
		t.known(b)
		t.keep(b)
	}
	full := t.run.bytes.Load() > t.run.MostBytes
	t.run.keeping.RUnlock()
	if err == nil && full {
		return t.run.drop()
	}
	return err
}

const isKept = 1 << 15 // in a header, which is 0 of rows that are not

// look finds the rows to keep, and begins their headers: what wants a row
// depends on the classes of its texts and on its time.
func (t *Intake) look(b *Batch) error {
	r := t.run
	t.headers = slices.Grow(t.headers[:0], b.Rows)[:b.Rows]
	classes := make([]uint64, b.Rows)
	for i, in := range r.Inputs {
		if in.shift >= 0 && len(in.tests) > 0 {
			of, err := in.learn()
			if err != nil {
				return err
			}
			for k, n := range b.Inputs[i].Values[:b.Rows] {
				classes[k] |= uint64(of[n]) << in.shift
			}
		}
	}
	for i, key := range classes {
		t.headers[i] = 0
		owner := int(b.Owners[i])
		if owner < r.From || owner >= r.To {
			if owner < 0 {
				t.lost++
			}
			continue
		}
		band := 0
		if r.time >= 0 {
			band = r.bands.of(b.Inputs[r.time].Values[i])
		}
		if r.coming {
			band += len(r.bands.edges) + 1
		}
		c := &t.recent[(key^uint64(band)<<56)*0x9e3779b97f4a7c15>>51]
		if c.want == 0 || c.classes != key || c.band != band {
			c.classes, c.band = key, band
			c.want, t.wants = r.want(c.combo)
			c.want++
		}
		if len(t.wants[c.want-1]) > 0 {
			t.headers[i] = uint64(owner-r.From)&(ownersEach-1) | isKept | uint64(c.want-1)<<32
		}
	}
	return nil
}

// known puts into the headers which inputs are.
func (t *Intake) known(b *Batch) {
	all := uint64(0)
	for in := range b.Inputs {
		bit := uint64(1) << (16 + in)
		words := b.Inputs[in].Known
		if words == nil {
			all |= bit
			continue
		}
		for i := range t.headers {
			t.headers[i] |= words[i>>6] >> (i & 63) & 1 * bit
		}
	}
	for i := range t.headers {
		t.headers[i] |= all
	}
}

// keep writes rows to their parts.
func (t *Intake) keep(b *Batch) {
	r := t.run
	columns := make([][]int64, len(r.inputs))
	for i, in := range r.inputs {
		columns[i] = b.Inputs[in].Values[:b.Rows]
	}
	for i, header := range t.headers {
		if header&isKept == 0 {
			continue
		}
		p := &t.parts[(int(b.Owners[i])-r.From)>>ownersBits]
		if len(p.free) == 0 {
			p.free = make([]uint64, blockRows*r.stride)
			p.blocks = append(p.blocks, p.free)
			r.bytes.Add(r.blockBytes())
		}
		row := p.free[:r.stride]
		p.free = p.free[r.stride:]
		row[0] = header
		for k, values := range columns {
			row[k+1] = uint64(values[i])
		}
	}
}

func (r *Run) blockBytes() int64 { return blockRows * int64(r.stride) * wordBytes }

// drop gives up half of the owners, as often as is needed.
func (r *Run) drop() error {
	r.keeping.Lock()
	defer r.keeping.Unlock()
	for r.bytes.Load() > r.MostBytes {
		half := r.size() / 2
		if half == 0 {
			return ErrFull
		}
		for _, t := range r.intakes {
			for _, p := range t.parts[half:] {
				r.bytes.Add(-int64(len(p.blocks)) * r.blockBytes())
			}
			t.parts = slices.Clone(t.parts[:half])
		}
		r.To = r.From + half*ownersEach
	}
	return nil
}

// Rows counts the rows that came.
func (r *Run) Rows() (n int64) {
	for _, t := range r.intakes {
		n += t.rows
	}
	return n
}

// Lost counts rows whose owner is unknown.
func (r *Run) Lost() (n int64) {
	for _, t := range r.intakes {
		n += t.lost
	}
	return n
}
