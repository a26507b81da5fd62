package kernel

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// Kept is what the features of a program have made of the rows there were at
// one instant, so that a later run need only look at rows that came or went
// since: new ones, those that the edge of a window has passed, and those of
// owners whose rows are others than they were. It is data alone, to be written
// and read again.
type Kept struct {
	// Before is later than the time of every row that was there.
	Before   int64
	Inputs   []string   // what they are
	Texts    [][]string // of each input, those that were met, by number from 1
	Features []KeptFeature
	Answers  []KeptAnswer
	Owners   int
	Rows     int64
	Lost     int64 // of these, of unknown owners; −1: that is not known
	// Digests tell the rows of an owner from others, whatever their order.
	Digests []uint64
	Parts   Parts
}

// Parts hold the features and answers of 1,024 owners each, see partWriter. They serve
// several goroutines at once.
type Parts interface {
	// Part is what a part was set to, nil if it was not. It is not to be changed.
	Part(i int) ([]byte, error)
	// SetPart is called for a part once; the bytes are the caller's again.
	SetPart(i int, part []byte) error
}

// PartsOf is how many parts some owners have.
func PartsOf(owners int) int { return (owners + ownersEach - 1) / ownersEach }

// KeptFeature is one aggregate, and the times of the rows that it wanted: half
// open.
type KeptFeature struct {
	Key    string
	Lo, Hi int64
}

// key is equal for features that make the same of the same rows, whatever
// their windows.
func (p *Program) key(f *feature) string {
	parts := []string{string(f.op), fmt.Sprint(f.distinct, f.input, f.order, f.t)}
	for _, t := range f.tests {
		parts = append(parts, fmt.Sprint(t.input)+" "+t.key)
	}
	slices.Sort(parts[2:])
	return strings.Join(parts, "\x00")
}

func (p *Program) inputKeys() []string {
	keys := make([]string, len(p.Inputs))
	for i, in := range p.Inputs {
		keys[i] = ir.Key(in.X)
	}
	return keys
}

// follow is how kept features become those of a program.
type follow struct {
	kept *Kept
	of   []int  // of each feature: which of the kept ones
	all  ranges // the times of rows that some feature did not want and does, or wanted and does not
	n    int    // of owners that are answered for
}

// ranges are times, each half open, in order and apart.
type ranges [][2]int64

func (r ranges) with(lo, hi int64) ranges {
	if lo >= hi {
		return r
	}
	out := append(slices.Clone(r), [2]int64{lo, hi})
	slices.SortFunc(out, func(a, b [2]int64) int { return cmpInt(a[0], b[0]) })
	n := 0
	for _, x := range out[1:] {
		if x[0] <= out[n][1] {
			out[n][1] = max(out[n][1], x[1])
			continue
		}
		n++
		out[n] = x
	}
	return out[:n+1]
}

// Follows reports whether every feature of the program can be made from kept
// ones and rows that have changed. What was met of texts is taken over, so that
// it must be asked before any row is read.
func (p *Program) Follows(k *Kept) bool {
	if k == nil || !slices.Equal(p.inputKeys(), k.Inputs) || len(k.Texts) != len(p.Inputs) {
		return false
	}
	f := &follow{kept: k, of: make([]int, len(p.features)), n: k.Owners}
	f.all = f.all.with(k.Before, Latest)
	for i, feature := range p.features {
		of := p.nearest(k, feature)
		if of < 0 {
			return false
		}
		was := k.Features[of]
		f.of[i] = of
		for _, r := range [][2]int64{{was.Lo, feature.lo}, {feature.lo, was.Lo}, {was.Hi, feature.hi}, {feature.hi, was.Hi}} {
			if lo, hi := r[0], min(r[1], k.Before); lo < hi {
				f.all = f.all.with(lo, hi)
			}
		}
	}
	for i, in := range p.Inputs {
		for _, text := range k.Texts[i] {
			in.Text([]byte(text))
		}
	}
	p.follow = f
	return true
}

// Forget lets the program follow nothing.
func (p *Program) Forget() { p.follow = nil }

// nearest is the kept feature that makes the same of rows and whose window
// begins nearest; −1: there is none.
func (p *Program) nearest(k *Kept, f *feature) int {
	key, best, least := p.key(f), -1, uint64(math.MaxUint64)
	for i, of := range k.Features {
		if of.Key != key {
			continue
		}
		if d := uint64(max(of.Lo, f.lo)) - uint64(min(of.Lo, f.lo)); best < 0 || d < least {
			best, least = i, d
		}
	}
	return best
}

// Times are those of the rows that can have come or gone since what is kept:
// before all of them, it does not matter how long. Each is half open.
func (p *Program) Times() [][2]int64 { return p.follow.all }

// Time is the input that is the time of a row, −1 where nothing looks at it.
func (p *Program) Time() int { return p.time }

// NewKept begins to keep what a run makes of all rows, and answers.
func (p *Program) NewKept(a *Answers, owners int, parts Parts) *Kept {
	k := &Kept{Before: Earliest, Inputs: p.inputKeys(), Owners: owners, Parts: parts}
	for _, f := range p.features {
		k.Features = append(k.Features, KeptFeature{p.key(f), f.lo, f.hi})
	}
	for i := range a.of {
		if asked := a.of[i].asked(); asked != "" {
			k.Answers = append(k.Answers, KeptAnswer{a.of[i].feature, asked})
		}
	}
	return k
}

// Seal ends the keeping, when every part is written.
func (k *Kept) Seal(p *Program) {
	k.Texts = make([][]string, len(p.Inputs))
	for i, in := range p.Inputs {
		for _, v := range in.met[min(1, len(in.met)):] {
			k.Texts[i] = append(k.Texts[i], v.S)
		}
	}
}

// Earliest and Latest are times without a bound.
const (
	Earliest = math.MinInt64
	Latest   = math.MaxInt64
)

// digesting is what is summed up of the rows that come.
type digesting uint8

const (
	digestNone digesting = iota
	digestAll            // all rows are there
	digestMore           // only those that came since, and some of those that were there
)

// sums tell the rows of owners from others.
type sums struct {
	run    *Run
	all    []uint64 // of all rows
	before []uint64 // of those before what is kept; nil: nobody asks
	latest int64    // the latest time of a row
	rows   int64
	lost   int64    // of these, of unknown owners
	hashes []uint64 // of a batch
}

func (r *Run) newSums() *sums {
	if r.digest == digestNone {
		return nil
	}
	s := &sums{run: r, all: make([]uint64, r.Owners), latest: Earliest}
	if r.digest == digestAll && r.follow != nil && r.time >= 0 {
		s.before = make([]uint64, r.Owners)
	}
	return s
}

// add takes rows in: what is read of them, whatever it is wanted for.
func (s *sums) add(b *Batch) {
	r := s.run
	hashes := s.hash(b)
	if r.time < 0 {
		for i, owner := range b.Owners[:b.Rows] {
			s.put(owner, hashes[i])
		}
		return
	}
	old, first := r.digest == digestMore && !r.coming, int64(Earliest)
	if r.follow != nil {
		first = r.follow.kept.Before
	}
	for i, at := range b.Inputs[r.time].Values[:b.Rows] {
		if old && at < first {
			continue // it is in what is kept
		}
		s.latest = max(s.latest, at)
		owner := b.Owners[i]
		s.put(owner, hashes[i])
		if s.before != nil && owner >= 0 && at < first {
			s.before[owner] += hashes[i]
		}
	}
}

func (s *sums) put(owner int32, hash uint64) {
	if s.rows++; owner < 0 {
		s.lost++
		return
	}
	s.all[owner] += hash
}

// hash tells rows from others, column by column, which is quicker than row by
// row.
func (s *sums) hash(b *Batch) []uint64 {
	s.hashes = slices.Grow(s.hashes[:0], b.Rows)[:b.Rows]
	for i := range s.hashes {
		s.hashes[i] = 0x9e3779b97f4a7c15
	}
	for in := range b.Inputs {
		v, odd := &b.Inputs[in], 0xa0761d6478bd642f+uint64(in)<<1
		values := v.Values[:b.Rows]
		for i, h := range s.hashes {
			x := uint64(values[i]) ^ 0xd6e8feb86659fd93
			if v.Known != nil && !known(v.Known, i) {
				x = 0
			}
			hi, lo := bits.Mul64(h^x, odd)
			s.hashes[i] = hi ^ lo
		}
	}
	for i := range s.hashes {
		s.hashes[i] |= 1 // a row that is there twice is not none
	}
	return s.hashes
}

// Renumber gives owners other numbers: to has the new one of each, ascending,
// and −1 for one that is no more. New owners have nothing. The program must
// follow what is kept, which is in parts from then on; answers are not.
func (p *Program) Renumber(to []int32, owners int, parts Parts) error {
	k := p.follow.kept
	out := &Kept{Before: k.Before, Inputs: k.Inputs, Texts: k.Texts, Owners: owners, Rows: k.Rows, Lost: -1, Digests: make([]uint64, owners), Parts: parts}
	for i := range p.features {
		out.Features = append(out.Features, k.Features[p.follow.of[i]])
	}
	writers := map[int]*partWriter{}
	var e entry
	for i := range PartsOf(k.Owners) {
		part, err := k.Parts.Part(i)
		if err != nil {
			return err
		}
		of := split(part, len(k.Features))
		for f, feature := range p.features {
			for r := entriesOf(feature, of[p.follow.of[f]]); r.next(); {
				n := to[i*ownersEach+int(r.owner)]
				if n < 0 {
					continue
				}
				at := int(n) / ownersEach
				if writers[at] == nil {
					writers[at] = newPartWriter(len(p.features))
				}
				r.read(&e)
				e.owner = n % ownersEach
				writers[at].put(f, feature, &e)
			}
		}
		next := firstFrom(to, min((i+1)*ownersEach, len(to)))
		for at, w := range writers { // those that no later owner is in
			if at < int(next)/ownersEach {
				if err := parts.SetPart(at, w.bytes()); err != nil {
					return err
				}
				delete(writers, at)
			}
		}
	}
	for old, n := range to {
		if n >= 0 {
			out.Digests[n] = k.Digests[old]
		}
	}
	p.follow.kept = out
	for i := range p.follow.of {
		p.follow.of[i] = i
	}
	return nil
}

// More says that there are more owners, behind those that were.
func (p *Program) More(owners int) {
	k := *p.follow.kept
	k.Digests = append(slices.Clone(k.Digests), make([]uint64, owners-k.Owners)...)
	k.Parts = &moreParts{k.Parts, PartsOf(k.Owners)}
	k.Owners, k.Lost = owners, -1
	p.follow.kept = &k
}

// moreParts have empty ones behind n.
type moreParts struct {
	Parts
	n int
}

func (m *moreParts) Part(i int) ([]byte, error) {
	if i >= m.n {
		return nil, nil
	}
	return m.Parts.Part(i)
}

// firstFrom is the first new number from an old one on.
func firstFrom(to []int32, from int) int32 {
	for _, n := range to[from:] {
		if n >= 0 {
			return n
		}
	}
	return math.MaxInt32
}
