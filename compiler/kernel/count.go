package kernel

import (
	"math"
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Found is the features of some owners that others ask for, column by column:
// those of Answers.Exports. An owner whose features are all those of somebody
// without rows is left out.
type Found struct {
	Owners []int32
	Values [][]Wide
	Known  [][]bool
}

// Finish goes over the kept rows and answers. sets has a set for each of
// a.Atoms, a bit for each owner, those of [From, To) to be written; found is
// told of the exports, and may be nil. It is for several goroutines at once,
// each with a worker number of its own from 0: they share the work. stop ends
// it early where it answers true.
func (r *Run) Finish(a *Answers, sets [][]uint64, changed *Changed, next *atomic.Int64, stop func() bool, found func(*Found) error) error {
	c := r.counter(a, sets)
	if changed != nil {
		c.begin(changed)
	}
	for {
		i := int(next.Add(1)) - 1
		if i >= r.size() || stop() {
			return nil
		}
		if changed == nil {
			c.part(i)
		} else if err := c.followPart(i); err != nil {
			return err
		}
		if r.keep != nil {
			if err := r.keep.Parts.SetPart(r.From/ownersEach+i, c.writer.bytes()); err != nil {
				return err
			}
		}
		for _, t := range r.intakes {
			t.parts[i] = part{}
		}
		if found != nil && len(c.found.Owners) > 0 {
			if err := found(&c.found); err != nil {
				return err
			}
		}
		c.clear()
	}
}

func (r *Run) counter(a *Answers, sets [][]uint64) *counter {
	c := &counter{Run: r, answers: a, sets: sets, accs: make([]acc, r.accs), many: make([][]int64, r.accs), touched: make([]uint64, len(r.families))}
	c.index()
	if r.keep != nil {
		c.tally, c.writer = true, newPartWriter(len(r.features))
	}
	return c
}

// Ready ends the adding of rows: every text is known from here on.
func (r *Run) Ready(a *Answers, sets [][]uint64) error {
	for _, in := range r.Inputs {
		if err := in.know(); err != nil {
			return err
		}
	}
	for i, ans := range a.of {
		if ans.text != nil {
			if err := ans.text.know(r.Inputs[r.features[ans.feature].input].met); err != nil {
				return err
			}
		}
		if ans.none {
			fill(sets[i], r.From, r.To)
		}
	}
	return nil
}

// fill sets the bits [from, to); from is at the beginning of a word.
func fill(words []uint64, from, to int) {
	for n := from; n < to; n += 64 {
		if to-n >= 64 {
			words[n>>6] = math.MaxUint64
		} else {
			words[n>>6] |= 1<<(to-n) - 1
		}
	}
}

// acc is what the rows of one band have come to.
type acc struct {
	n    int64 // of those whose value is known
	sum  Wide  // or the least or greatest in Lo, or a bit for each of few texts
	best int32 // the row that is picked
}

type counter struct {
	*Run
	answers *Answers
	sets    [][]uint64
	accs    []acc
	many    [][]int64  // of each: what is to be told apart
	touched []uint64   // of each family: bands with a row of the owner
	met     []uint32   // families with one
	atoms   [][]*check // of each feature
	exports []int      // of each feature: its place among the exports, or -1
	blocks  [][]uint64 // of the rows of a part
	order   []int32    // rows of a part, by owner
	ends    [ownersEach + 1]int32
	set     []int64 // for result
	merged  acc     // by result
	found   Found
	tally   bool        // how often a value is there matters
	writer  *partWriter // nil: nothing is kept
	scratch []uint64    // of an entry
	*slider             // nil: all rows are there
}

// check is an atom, to be answered by a feature.
type check struct {
	answer
	set []uint64
	// simple says that the answer is below or not, and turns once, at.
	simple, below bool
	at            int64
}

func (c *counter) index() {
	c.atoms = make([][]*check, len(c.features))
	for i, ans := range c.answers.of {
		k := &check{answer: ans, set: c.sets[i]}
		if r := ans.region; r != nil && len(r.breaks) == 1 && r.in[0] != r.in[1] {
			k.simple, k.below, k.at = true, r.in[0], r.breaks[0]
		}
		c.atoms[ans.feature] = append(c.atoms[ans.feature], k)
	}
	c.exports = make([]int, len(c.features))
	for i := range c.exports {
		c.exports[i] = -1
	}
	for i, e := range c.answers.Exports {
		c.exports[e.feature] = i
	}
	c.found.Values = make([][]Wide, len(c.answers.Exports))
	c.found.Known = make([][]bool, len(c.answers.Exports))
}

func (c *counter) clear() {
	c.found.Owners = c.found.Owners[:0]
	for i := range c.found.Values {
		c.found.Values[i], c.found.Known[i] = c.found.Values[i][:0], c.found.Known[i][:0]
	}
}

// part goes over the rows of a part, one owner after the other.
func (c *counter) part(i int) {
	c.sort(i)
	for o := range ownersEach {
		if rows := c.rowsOf(o); len(rows) > 0 {
			c.owner(c.From+i*ownersEach+o, rows)
		}
	}
}

// rowsOf are the rows of an owner of the part that was sorted.
func (c *counter) rowsOf(o int) []int32 { return c.order[c.ends[o]:c.ends[o+1]] }

// sort sorts the rows of a part by owner, by counting.
func (c *counter) sort(i int) {
	c.blocks = c.blocks[:0]
	for _, t := range c.intakes {
		c.blocks = append(c.blocks, t.parts[i].blocks...)
	}
	c.ends = [ownersEach + 1]int32{}
	c.eachRow(func(_ int32, header uint64) { c.ends[header&(ownersEach-1)+1]++ })
	for o := range ownersEach {
		c.ends[o+1] += c.ends[o]
	}
	rows := int(c.ends[ownersEach])
	c.order = slices.Grow(c.order[:0], rows)[:rows]
	starts := c.ends
	c.eachRow(func(n int32, header uint64) {
		o := header & (ownersEach - 1)
		c.order[starts[o]] = n
		starts[o]++
	})
}

func (c *counter) eachRow(fn func(n int32, header uint64)) {
	for b, block := range c.blocks {
		for i := 0; i < blockRows && block[i*c.stride] != 0; i++ { // a block may end early
			fn(int32(b*blockRows+i), block[i*c.stride])
		}
	}
}

func (c *counter) row(n int32) []uint64 {
	at := int(n&(blockRows-1)) * c.stride
	return c.blocks[n/blockRows][at : at+c.stride]
}

// owner goes over the rows of one owner, and answers for it.
func (c *counter) owner(owner int, rows []int32) {
	c.gather(rows)
	exported := false
	c.made(func(f *family, m *member, v Wide, known bool) {
		if c.writer != nil {
			if e := c.entry(f, owner&(ownersEach-1)); !e.empty() {
				c.writer.put(m.number, f.feature, &e)
			}
		}
		c.answer(owner, m.number, v, known)
		if e := c.exports[m.number]; e >= 0 {
			if !exported {
				c.export(owner)
				exported = true
			}
			last := len(c.found.Owners) - 1
			c.found.Values[e][last], c.found.Known[e][last] = v, known
		}
	})
}

// gather goes over the rows of one owner.
func (c *counter) gather(rows []int32) {
	for _, n := range rows {
		row := c.row(n)
		for _, h := range c.wants[row[0]>>32] {
			f := c.families[h.family]
			if len(f.tests) > 0 && !c.passes(f.tests, row) {
				continue
			}
			if c.touched[h.family] == 0 {
				c.met = append(c.met, h.family)
			}
			c.touched[h.family] |= 1 << h.band
			if f.kind == countRows {
				c.accs[f.first+int(h.band)].n++
			} else if f.kind == pick || row[0]&f.known != 0 {
				c.count(f, f.first+int(h.band), row, n)
			}
		}
	}
}

// made gives the features that gathered rows have made, and forgets the rows.
func (c *counter) made(give func(f *family, m *member, v Wide, known bool)) {
	for _, i := range c.met {
		f, touched := c.families[i], c.touched[i]
		c.touched[i] = 0
		var v Wide
		var known bool
		for k, last := 0, uint64(0); k < len(f.members); k++ {
			m := &f.members[k]
			bands := m.bands & touched
			if bands == 0 {
				continue
			}
			if bands != last {
				v, known = c.result(f, bands)
				last = bands
			}
			give(f, m, v, known)
		}
		c.forget(f, touched)
	}
	c.met = c.met[:0]
}

// forget clears the accumulators of some bands of a family.
func (c *counter) forget(f *family, touched uint64) {
	for ; touched != 0; touched &= touched - 1 {
		i := f.first + bits.TrailingZeros64(touched)
		c.accs[i] = acc{}
		c.many[i] = c.many[i][:0]
	}
}

func (c *counter) passes(tests []test, row []uint64) bool {
	for i := range tests {
		t := &tests[i]
		v, is := c.value(t.input, row)
		if t.text != nil {
			if !t.text.in[v] {
				return false
			}
			continue
		}
		if !t.region.holds(v, is) {
			return false
		}
	}
	return true
}

// value is an input of a row; of a text its number, 0 when it is missing.
func (c *counter) value(input int, row []uint64) (int64, bool) {
	if row[0]&(1<<(16+input)) == 0 {
		return 0, false
	}
	return int64(row[c.word[input]]), true
}

// count takes the value of row n, which is known unless one is picked, into the
// accumulator i.
func (c *counter) count(f *family, i int, row []uint64, n int32) {
	a, v := &c.accs[i], int64(row[f.word])
	a.n++
	switch f.kind {
	case add:
		a.sum = a.sum.plus(narrow(v))
	case collect:
		if f.few && uint64(v) < 64 && !c.tally {
			a.sum.Lo |= 1 << v
		} else {
			c.many[i] = append(c.many[i], v)
		}
	case countKnown:
	case least:
		if a.n == 1 || v < int64(a.sum.Lo) {
			a.sum = narrow(v)
		}
	case most:
		if a.n == 1 || v > int64(a.sum.Lo) {
			a.sum = narrow(v)
		}
	case pick:
		if a.n == 1 || c.before(f, row, c.row(a.best)) {
			a.best = n
		}
	default:
		panic("kernel: a feature of another kind")
	}
}

// result is what a family has made of the rows of some bands, of which there is
// one at least.
func (c *counter) result(f *family, bands uint64) (v Wide, known bool) {
	all := f.first + bits.TrailingZeros64(bands)
	c.merged = c.accs[all]
	if bands &= bands - 1; bands == 0 && f.kind != collect {
		return c.ofOne(f, &c.merged)
	}
	a := &c.merged
	c.set = append(c.set[:0], c.many[all]...)
	for ; bands != 0; bands &= bands - 1 {
		i := f.first + bits.TrailingZeros64(bands)
		c.merge(f, a, &c.accs[i])
		c.set = append(c.set, c.many[i]...)
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

// answer sets what differs from somebody without rows.
func (c *counter) answer(owner, feature int, v Wide, known bool) {
	for _, k := range c.atoms[feature] {
		is := false
		switch {
		case k.text != nil:
			is = k.text.in[v.Lo] // 0 where it is not known
		case k.simple && known:
			is = v.int64() < k.at == k.below
		default:
			is = k.region.holds(v.int64(), known)
		}
		if is != k.none {
			k.set[owner>>6] ^= 1 << (owner & 63)
		}
	}
}

// export adds an owner whose features are those of somebody without rows.
func (c *counter) export(owner int) {
	c.found.Owners = append(c.found.Owners, int32(owner))
	for e := range c.found.Values {
		c.found.Values[e] = append(c.found.Values[e], Wide{})
		c.found.Known[e] = append(c.found.Known[e], c.features[c.answers.Exports[e].feature].zero)
	}
}
