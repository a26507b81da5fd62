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

// Wide is a whole number of 128 bits; of a text, its number is in Lo.
type Wide struct {
	Lo uint64
	Hi int64
}

// Finish goes over the kept rows and answers. sets has a set for each of
// a.Atoms, a bit for each owner, those of [From, To) to be written; found is
// told of the exports, and may be nil. It is for several goroutines at once,
// each with a worker number of its own from 0: they share the work. stop ends
// it early where it answers true.
func (r *Run) Finish(a *Answers, sets [][]uint64, next *atomic.Int64, stop func() bool, found func(*Found) error) error {
	c := &counter{Run: r, answers: a, sets: sets, accs: make([]acc, len(r.features)), many: make([][]int64, len(r.features))}
	c.index()
	for {
		i := int(next.Add(1)) - 1
		if i >= len(r.parts) || stop() {
			return nil
		}
		c.part(i)
		for _, id := range r.parts[i].blocks {
			r.blocks[id] = nil
		}
		if found != nil && len(c.found.Owners) > 0 {
			if err := found(&c.found); err != nil {
				return err
			}
		}
		c.clear()
	}
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

// acc is what a feature has made of the rows so far.
type acc struct {
	rows int64 // that it wants
	n    int64 // whose value is known
	sum  Wide
	v    int64 // least or greatest
	best []uint64
}

type counter struct {
	*Run
	answers *Answers
	sets    [][]uint64
	accs    []acc
	many    [][]int64 // distinct values, or numbers of texts
	touched []int     // features that have met a row of the owner
	atoms   [][]int   // of each feature: its atoms
	exports []int     // of each feature: its place among the exports, or -1
	order   []int32   // rows of a part, by owner
	ends    [ownersEach + 1]int32
	found   Found
}

func (c *counter) index() {
	c.atoms = make([][]int, len(c.features))
	for i, ans := range c.answers.of {
		c.atoms[ans.feature] = append(c.atoms[ans.feature], i)
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

// part sorts the rows of a part by owner, by counting, and goes over them.
func (c *counter) part(i int) {
	p := &c.parts[i]
	if p.rows == 0 {
		return
	}
	c.ends = [ownersEach + 1]int32{}
	c.eachRow(p, func(_ int32, row []uint64) { c.ends[row[0]&(ownersEach-1)+1]++ })
	for o := range ownersEach {
		c.ends[o+1] += c.ends[o]
	}
	c.order = slices.Grow(c.order[:0], p.rows)[:p.rows]
	starts := c.ends
	c.eachRow(p, func(n int32, row []uint64) {
		o := row[0] & (ownersEach - 1)
		c.order[starts[o]] = n
		starts[o]++
	})
	for o := range ownersEach {
		if rows := c.order[c.ends[o]:c.ends[o+1]]; len(rows) > 0 {
			c.owner(p, c.From+i*ownersEach+o, rows)
		}
	}
}

func (c *counter) eachRow(p *part, fn func(n int32, row []uint64)) {
	n := int32(0)
	for _, id := range p.blocks {
		block := c.blocks[id]
		for at := 0; at < len(block) && int(n) < p.rows; at += c.stride {
			fn(n, block[at:at+c.stride])
			n++
		}
	}
}

// owner goes over the rows of one owner, and answers for it.
func (c *counter) owner(p *part, owner int, rows []int32) {
	for _, n := range rows {
		at := int(n&(blockRows-1)) * c.stride
		row := c.blocks[p.blocks[n/blockRows]][at : at+c.stride]
		features := c.wants[row[0]>>32].features
		now := int64(0)
		if c.time >= 0 {
			now = int64(row[c.word[c.time]])
		}
		for k := range features {
			f := &features[k]
			if c.time >= 0 {
				if f.lo > now {
					break // the others begin later still
				}
				if now >= f.hi {
					continue
				}
			}
			if len(f.tests) > 0 && !c.passes(f.tests, row) {
				continue
			}
			a := &c.accs[f.number]
			if a.rows == 0 {
				c.touched = append(c.touched, int(f.number))
			}
			a.rows++
			if f.kind == countRows || f.kind != pick && row[0]&f.known == 0 {
				continue
			}
			c.count(f, a, row)
		}
	}
	c.answer(owner)
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

// count takes a row's value, which is known unless one is picked.
func (c *counter) count(f *wanted, a *acc, row []uint64) {
	v := int64(row[f.word])
	a.n++
	switch f.kind {
	case add:
		lo, carry := bits.Add64(a.sum.Lo, uint64(v), 0)
		a.sum = Wide{lo, a.sum.Hi + v>>63 + int64(carry)}
	case collect:
		c.many[f.number] = append(c.many[f.number], v)
	case countKnown:
	case least:
		if a.n == 1 || v < a.v {
			a.v = v
		}
	case most:
		if a.n == 1 || v > a.v {
			a.v = v
		}
	case pick:
		if a.best == nil || c.before(f, row, a.best) {
			a.best = row
		}
	default:
		panic("kernel: a feature of another kind")
	}
}

// before reports whether x is the row rather than y of which first or last is
// the value: the earliest (latest), by the fact's key, by the value; what is
// missing comes last. The time of a row is always known.
func (c *counter) before(f *wanted, x, y []uint64) bool {
	last := f.op == ir.OpLast
	if a, b := int64(x[c.word[c.time]]), int64(y[c.word[c.time]]); a != b {
		return a < b != last
	}
	for _, in := range f.of.order {
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

// result is what a feature has made of the rows.
func (c *counter) result(i int) (v Wide, known bool) {
	f, a := c.features[i], &c.accs[i]
	switch f.op {
	case ir.OpCount:
		switch {
		case f.input < 0:
			return narrow(a.rows), true
		case f.distinct:
			slices.Sort(c.many[i])
			return narrow(int64(len(slices.Compact(c.many[i])))), true
		}
		return narrow(a.n), true
	case ir.OpFirst, ir.OpLast:
		v, known := c.value(f.input, a.best)
		return narrow(v), known
	case ir.OpSum:
		return a.sum, a.n > 0
	default:
		return narrow(a.v), a.n > 0
	}
}

func narrow(v int64) Wide { return Wide{uint64(v), v >> 63} }

// int64 is the number, or the end of those of 64 bits that it lies beyond.
func (w Wide) int64() int64 {
	switch {
	case w.Hi == int64(w.Lo)>>63:
		return int64(w.Lo)
	case w.Hi < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// answer sets what differs from somebody without rows.
func (c *counter) answer(owner int) {
	exported := false
	for _, i := range c.touched {
		v, known := c.result(i)
		f := c.features[i]
		if f.zero && !known {
			v, known = Wide{}, true
		}
		for _, k := range c.atoms[i] {
			ans := &c.answers.of[k]
			is := false
			if ans.text != nil {
				is = ans.text.in[v.Lo] // 0 where it is not known
			} else {
				is = ans.region.holds(v.int64(), known)
			}
			if is != ans.none {
				c.sets[k][owner>>6] ^= 1 << (owner & 63)
			}
		}
		if e := c.exports[i]; e >= 0 {
			if !exported {
				c.export(owner)
				exported = true
			}
			last := len(c.found.Owners) - 1
			c.found.Values[e][last], c.found.Known[e][last] = v, known
		}
	}
	for _, i := range c.touched {
		c.accs[i] = acc{}
		c.many[i] = c.many[i][:0]
	}
	c.touched = c.touched[:0]
}

// export adds an owner whose features are those of somebody without rows.
func (c *counter) export(owner int) {
	c.found.Owners = append(c.found.Owners, int32(owner))
	for e := range c.found.Values {
		c.found.Values[e] = append(c.found.Values[e], Wide{})
		c.found.Known[e] = append(c.found.Known[e], c.features[c.answers.Exports[e].feature].zero)
	}
}
