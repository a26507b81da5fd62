package kernel

import (
	"slices"
	"sync/atomic"

	"github.com/segql/segql/compiler/ir"
)

// Changed is what a run of changed rows (NewSlide) is finished with: owners
// whose rows have to be gone over from the first, and a run that has these.
type Changed struct {
	Again []uint64 // a bit for each owner
	// Since is the time of the first row that the features of these need which
	// are made from the first. The others follow what is kept, as everybody's do.
	Since int64
	Fresh *Run // nil: there are none
}

// NewSlide begins a run of changed rows over all owners: the program must
// follow what is kept. Rows that were there and are in no window's edge are left
// out.
func (p *Program) NewSlide(owners int, mostBytes int64) *Run {
	r := p.newRun(owners, 0, owners, mostBytes)
	edges := append(p.edges(), p.follow.kept.Before)
	for _, of := range p.follow.of {
		edges = append(edges, p.follow.kept.Features[of].Lo, p.follow.kept.Features[of].Hi)
	}
	r.sliding, r.bands = true, bandsOf(edges)
	for i := range p.features {
		f := r.family([]int{i})
		f.bands = r.moves(i)
		r.families = append(r.families, f)
	}
	return r
}

// In the place of a band, of a run of changed rows.
const (
	gone = iota
	came
)

// moves says of each band whether rows in it have come to a feature or gone
// from it: first of rows that were there already, then of those that were not.
func (r *Run) moves(i int) []uint8 {
	f, was := r.features[i], r.follow.kept.Features[r.follow.of[i]]
	n := len(r.bands.edges) + 1
	out := slices.Repeat([]uint8{noBand}, 2*n)
	from, to := r.bands.within(f.lo, f.hi)
	wasFrom, wasTo := r.bands.within(was.Lo, was.Hi)
	_, old := r.bands.within(Earliest, r.follow.kept.Before)
	for band := range n {
		is, had := from <= band && band < to, wasFrom <= band && band < min(wasTo, old)
		if is {
			out[n+band] = came
		}
		if is && !had {
			out[band] = came
		}
		if had && !is {
			out[band] = gone
		}
	}
	return out
}

// Keep makes a run keep what it finds.
func (r *Run) Keep(k *Kept) { r.keep = k }

// Come says of the rows that follow that they were not there before, whatever
// their time, or (false) that they were if it is that of a row that was.
func (r *Run) Come(is bool) { r.coming = is }

// DigestMore sums up the rows that come, to those that are kept. It is asked
// for before any Intake, as Digest is.
func (r *Run) DigestMore() { r.digest = digestMore }

// Digest sums up the rows that come, and those of owners as they were.
func (r *Run) Digest() { r.digest = digestAll }

// Digested ends the summing up: out gets the digests. Others are the owners of
// whom the rows that were kept are not those that are there.
func (r *Run) Digested(out *Kept) (others []uint64) {
	others = make([]uint64, (r.Owners+63)/64)
	latest := int64(Earliest)
	out.Digests = make([]uint64, r.Owners)
	if r.digest == digestMore {
		k := r.follow.kept
		copy(out.Digests, k.Digests)
		latest, out.Rows, out.Lost = k.Before-1, k.Rows, k.Lost
	}
	before := out.Digests
	if r.digest == digestAll && r.time >= 0 {
		before = make([]uint64, r.Owners)
	}
	for _, t := range r.intakes {
		latest = max(latest, t.sums.latest)
		out.Rows += t.sums.rows
		if out.Lost >= 0 {
			out.Lost += t.sums.lost
		}
		sum(out.Digests, t.sums.all)
		sum(before, t.sums.before)
	}
	out.Before = latest
	if latest < Latest {
		out.Before++
	}
	if r.digest == digestAll && r.follow != nil {
		for owner, was := range r.follow.kept.Digests {
			if before[owner] != was {
				others[owner>>6] |= 1 << (owner & 63)
			}
		}
	}
	return others
}

func sum(to, more []uint64) {
	for i, n := range more {
		to[i] += n
	}
}

// Unsure finds the owners of whom changed rows alone do not say what has become
// of a feature, as of a greatest value that is no more, and adds them to again.
// Such features need no rows before since, which is Latest where there are none.
// It is for several goroutines at once, like Finish.
func (r *Run) Unsure(again []uint64, next *atomic.Int64, stop func() bool) (since int64, err error) {
	c := r.counter(&Answers{}, nil)
	c.begin(&Changed{Again: again})
	some := false
	for i, f := range r.features {
		c.skip[i] = !f.forgets()
		some = some || !c.skip[i]
	}
	since = Latest
	for i := int(next.Add(1)) - 1; some && i < r.size() && !stop(); i = int(next.Add(1)) - 1 {
		if c.sort(i); len(c.order) == 0 {
			continue
		}
		if err := c.was(i); err != nil {
			return since, err
		}
		for o := range ownersEach {
			at := c.From + i*ownersEach + o
			rows := c.rowsOf(o)
			if len(rows) == 0 || isIn(again, at) {
				continue
			}
			if lost := c.slide(o, rows, c.skip); lost < Latest {
				again[at>>6] |= 1 << (at & 63)
				since = min(since, lost)
			}
		}
	}
	return since, nil
}

func isIn(set []uint64, i int) bool { return set[i>>6]&(1<<(i&63)) != 0 }

// forgets reports whether the loss of a row can leave a feature unknown.
func (f *feature) forgets() bool {
	switch f.kind() {
	case least, most, pick:
		return true
	default:
		return false
	}
}

// slider is what a counter needs to bring kept features up to date.
type slider struct {
	changed *Changed
	fresh   *counter
	old     []entries        // of each feature: what is kept of a part
	now     [][]changedEntry // of each feature
	stay    []staying        // of each feature
	were    [][]byte         // the answers that are kept of a part
	moving  []moving         // of each feature, of the owner that is looked at
	moved   []int            // features that have
	skip    []bool
	held    entry      // that was read last
	values  [][]export // of each export: of the owners of a part
	// fromFirst says of each feature whether those of owners that are gone over
	// again are made from the first.
	fromFirst []bool
}

// moving is a feature while rows come and go.
type moving struct {
	entry
	loaded bool
	lost   bool     // what the rows say is not all
	best   []uint64 // the row that is picked
}

type export struct {
	v          Wide
	known, set bool
}

func (c *counter) begin(changed *Changed) {
	n := len(c.features)
	c.slider = &slider{changed: changed, old: make([]entries, n), now: make([][]changedEntry, n), moving: make([]moving, n),
		skip: make([]bool, n), values: make([][]export, len(c.answers.Exports))}
	for i := range c.values {
		c.values[i] = make([]export, ownersEach)
	}
	for _, f := range c.features {
		c.fromFirst = append(c.fromFirst, f.lo >= changed.Since)
	}
	c.stay = c.staying()
	if changed.Fresh != nil {
		c.fresh = changed.Fresh.counter(&Answers{}, nil)
		c.fresh.tally = true
	}
}

// was reads what is kept of a part.
func (c *counter) was(i int) error {
	kept := c.follow.kept
	part, err := kept.Parts.Part(c.From/ownersEach + i)
	if err != nil {
		return err
	}
	of := split(part, len(kept.Features)+len(kept.Answers))
	c.were = of[len(kept.Features):]
	for f, feature := range c.features {
		c.old[f], c.now[f] = entriesOf(feature, of[c.follow.of[f]]), c.now[f][:0]
	}
	return nil
}

// followPart brings a part up to date, and answers for its owners.
func (c *counter) followPart(i int) error {
	if err := c.was(i); err != nil {
		return err
	}
	c.sort(i)
	if c.fresh != nil {
		c.fresh.sort(i)
	}
	base := c.From + i*ownersEach
	c.answerAsBefore(base)
	for o := range min(ownersEach, c.Owners-base) {
		again := isIn(c.changed.Again, base+o)
		switch rows := c.rowsOf(o); {
		case again && c.fresh != nil:
			c.anew(o)
			c.slide(o, rows, c.fromFirst)
		case !again && len(rows) > 0:
			c.slide(o, rows, c.skip)
		}
	}
	for f := range c.features {
		c.settleAll(f, base)
	}
	c.exportPart(base)
	return nil
}

// anew goes over the rows of an owner for the features that are made from the
// first.
func (c *counter) anew(o int) {
	c.fresh.gather(c.fresh.rowsOf(o))
	c.fresh.made(func(f *family, m *member, _ Wide, _ bool) {
		if c.fromFirst[m.number] {
			c.change(m.number, c.fresh.entry(f, o))
		}
	})
	for f, is := range c.fromFirst {
		if n := len(c.now[f]); is && (n == 0 || int(c.now[f][n-1].owner) < o) && c.old[f].seek(int32(o)) {
			c.change(f, entry{owner: int32(o)}) // there are no rows any more
		}
	}
}

// slide takes the rows of an owner that came or went into its features, but for
// some. Those of which the rows do not say what has become need rows from lost
// on; it is Latest where there are none.
func (c *counter) slide(o int, rows []int32, skip []bool) (lost int64) {
	for _, way := range [2]uint8{gone, came} {
		for _, n := range rows {
			row := c.row(n)
			for _, h := range c.wants[row[0]>>32] {
				f := c.families[h.family]
				if h.band == way && !skip[h.family] && (len(f.tests) == 0 || c.passes(f.tests, row)) {
					c.weigh(f, c.load(int(h.family), o), row, way == came)
				}
			}
		}
	}
	lost = Latest
	for _, i := range c.moved {
		m := &c.moving[i]
		e := m.entry
		if c.features[i].kind() == pick {
			e.words = nil
			if m.best != nil {
				e.words = c.place(c.features[i], m.best)
			}
		}
		if m.lost && !e.empty() {
			lost = min(lost, c.features[i].lo)
		}
		c.change(i, e)
		m.loaded = false
	}
	c.moved = c.moved[:0]
	return lost
}

// load finds what is kept of a feature of an owner, later ones than before.
func (c *counter) load(i, o int) *moving {
	m := &c.moving[i]
	if m.loaded {
		return m
	}
	*m = moving{entry: entry{owner: int32(o), words: m.words[:0]}, loaded: true}
	c.moved = append(c.moved, i)
	if !c.old[i].seek(int32(o)) {
		return m
	}
	c.old[i].read(&c.held)
	e, f := &c.held, c.features[i]
	m.n, m.v = e.n, e.v
	switch f.kind() {
	case collect:
		m.words = append(m.words, e.words...)
	case pick:
		m.best = make([]uint64, c.stride)
		for k, in := range f.order {
			m.best[0] |= e.words[0] >> k & 1 << (16 + in)
			m.best[c.word[in]] = e.words[1+k]
		}
	default: // the numbers are all
	}
	return m
}

// weigh takes a row in, or out.
func (c *counter) weigh(f *family, m *moving, row []uint64, came bool) {
	if f.kind == pick {
		c.repick(f, m, row, came)
		return
	}
	if f.kind != countRows && row[0]&f.known == 0 {
		return
	}
	if m.n++; !came {
		m.n -= 2
	}
	switch v := int64(row[f.word]); f.kind {
	case add:
		if came {
			m.v = m.v.plus(narrow(v))
		} else {
			m.v = m.v.minus(narrow(v))
		}
	case collect:
		m.n, m.words = 0, tally(m.words, uint64(v), came)
	case least, most:
		held := int64(m.v.Lo)
		better := v == held || v > held == (f.kind == most)
		switch {
		case came && (m.n == 1 || better):
			m.v, m.lost = narrow(v), false
		case !came && v == held:
			m.lost = true
		}
	default: // the number is all
	}
}

// tally counts a value once more, or once less, among pairs of values and how
// often they are there.
func tally(pairs []uint64, v uint64, came bool) []uint64 {
	i := 0
	for i < len(pairs) && int64(pairs[i]) < int64(v) {
		i += 2
	}
	there := i < len(pairs) && pairs[i] == v
	switch {
	case came && there:
		pairs[i+1]++
	case came:
		pairs = slices.Insert(pairs, i, v, 1)
	case there && pairs[i+1] > 1:
		pairs[i+1]--
	case there:
		pairs = slices.Delete(pairs, i, i+2)
	}
	return pairs
}

// repick takes a row in or out of those of which first or last picks one.
func (c *counter) repick(f *family, m *moving, row []uint64, came bool) {
	switch {
	case came && (m.best == nil || c.before(f, row, m.best)):
		m.best = row
	case came || m.best == nil || !c.alike(f, row, m.best):
	case f.op == ir.OpLast && int64(row[c.word[c.time]]) < f.lo:
		m.best = nil // the others were earlier still
	default:
		m.lost = true
	}
}

// alike reports whether two rows are in the same place of the order.
func (c *counter) alike(f *family, x, y []uint64) bool {
	for _, in := range f.order {
		a, aKnown := c.value(in, x)
		b, bKnown := c.value(in, y)
		if a != b || aKnown != bKnown {
			return false
		}
	}
	return true
}

// place is what a row is ordered by, to be kept.
func (c *counter) place(f *feature, row []uint64) []uint64 {
	c.scratch = append(c.scratch[:0], 0)
	for k, in := range f.order {
		v, is := c.value(in, row)
		c.scratch[0] |= bit(is) << k
		c.scratch = append(c.scratch, uint64(v))
	}
	return c.scratch
}

// entry is what to keep of the feature that result was asked of last. Its words
// are good until the next.
func (c *counter) entry(f *family, o int) entry {
	e := entry{owner: int32(o), n: c.merged.n, v: c.merged.sum}
	switch f.kind {
	case collect:
		e.n, c.scratch = 0, c.scratch[:0]
		for i, v := range c.set {
			if i > 0 && c.set[i-1] == v {
				c.scratch[len(c.scratch)-1]++
				continue
			}
			c.scratch = append(c.scratch, uint64(v), 1)
		}
		e.words = c.scratch
	case pick:
		e.n, e.words = 0, c.place(f.feature, c.row(c.merged.best))
	default: // the numbers are all
	}
	return e
}
