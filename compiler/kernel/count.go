package kernel

import (
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
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
			c.keepAnswers(i)
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
	c := &counter{Run: r, answers: a, sets: sets, accs: make([]acc, r.accs), many: make([][]int64, r.accs), touched: make([]uint64, len(r.families)), met: make([]uint64, (len(r.families)+63)/64)}
	c.index()
	if r.keep != nil {
		c.tally, c.writer = true, newPartWriter(len(r.features)+len(r.keep.Answers))
		for i := range a.of {
			if a.of[i].asked() != "" {
				c.keeps = append(c.keeps, i)
			}
		}
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
	for _, k := range a.ranks {
		k.begin(r.Program, r.Owners, r.From, r.To)
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
	met     []uint64   // a bit for each family with one
	atoms   [][]check  // of each feature
	exports []int      // of each feature: its place among the exports, or -1
	ranks   [][]*Rank  // of each feature: those that order by it
	blocks  [][]uint64 // of the rows of a part
	order   []int32    // rows of a part, by owner
	ends    [ownersEach + 1]int32
	set     []int64 // for result
	merged  acc     // by result
	found   Found
	tally   bool        // how often a value is there matters
	writer  *partWriter // nil: nothing is kept
	keeps   []int       // answers that are kept
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
	c.atoms = make([][]check, len(c.features))
	for i, ans := range c.answers.of {
		k := check{answer: ans, set: c.sets[i]}
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
	c.ranks = make([][]*Rank, len(c.features))
	for _, k := range c.answers.ranks {
		c.ranks[k.feature] = append(c.ranks[k.feature], k)
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
			c.note(f, m.number, int32(owner&(ownersEach-1)))
		}
		c.answer(owner, m.number, v, known, c.atoms[m.number])
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

// note keeps the feature that result was asked of last.
func (c *counter) note(f *family, i int, o int32) {
	switch f.kind {
	case collect, pick:
		e := c.entry(f, int(o))
		c.writer.put(i, f.feature, &e)
	default:
		if c.merged.n > 0 {
			c.writer.number(i, f.kind, o, c.merged.n, c.merged.sum)
		}
	}
}

// gather goes over the rows of one owner.
func (c *counter) gather(rows []int32) {
	for _, n := range rows {
		row := c.row(n)
		hits := c.wants[row[0]>>32]
		for i := range hits {
			h := &hits[i]
			if h.tested && !c.passes(c.families[h.family].tests, row) {
				continue
			}
			c.met[h.family>>6] |= 1 << (h.family & 63)
			c.touched[h.family] |= 1 << h.band
			if row[0]&h.needs != h.needs {
				continue
			}
			a := &c.accs[h.acc]
			switch a.n++; h.kind {
			case countRows, countKnown:
			case add:
				a.sum = a.sum.plus(narrow(int64(row[h.word])))
			default:
				c.count(h, a, row, n)
			}
		}
	}
}

// made gives the features that gathered rows have made, and forgets the rows.
func (c *counter) made(give func(f *family, m *member, v Wide, known bool)) {
	for w, met := range c.met {
		c.met[w] = 0
		for ; met != 0; met &= met - 1 {
			c.makes(w<<6+bits.TrailingZeros64(met), give)
		}
	}
}

// makes is made for one family.
func (c *counter) makes(i int, give func(f *family, m *member, v Wide, known bool)) {
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

// forget clears the accumulators of some bands of a family.
func (c *counter) forget(f *family, touched uint64) {
	for ; touched != 0; touched &= touched - 1 {
		i := f.first + bits.TrailingZeros64(touched)
		c.accs[i] = acc{}
		if f.kind == collect {
			c.many[i] = c.many[i][:0]
		}
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

// count takes the value of row n, which is known unless one is picked, into an
// accumulator that has counted it.
func (c *counter) count(h *hit, a *acc, row []uint64, n int32) {
	v := int64(row[h.word])
	switch f := c.families[h.family]; h.kind {
	case collect:
		if f.few && uint64(v) < 64 && !c.tally {
			a.sum.Lo |= 1 << v
		} else {
			c.many[h.acc] = append(c.many[h.acc], v)
		}
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

// answer sets what differs from somebody without rows.
func (c *counter) answer(owner, feature int, v Wide, known bool, checks []check) {
	for _, k := range c.ranks[feature] {
		k.set(owner, v, known)
	}
	if len(checks) == 0 {
		return
	}
	n, word, bit := v.int64(), owner>>6, uint64(1)<<(owner&63)
	for i := range checks {
		k := &checks[i]
		is := false
		switch {
		case k.simple && known:
			is = n < k.at == k.below
		case k.text != nil:
			is = k.text.in[v.Lo] // 0 where it is not known
		default:
			is = k.region.holds(n, known)
		}
		if is != k.none {
			k.set[word] ^= bit
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
