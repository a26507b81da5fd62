package program

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// sequence is a chain of rows of one anchor, found step by step.
type sequence struct {
	anchor []*link
	time   code // of the first row
	rel    *relation
	steps  []step
}

type step struct {
	*ir.Step
	back          *back
	leaf          *relation
	time          code
	keys          []code
	after, within *code // at the row before
	due           *test // at the row before
	where         *test
}

// sequence compiles a condition over a row and further rows of its anchor.
func (s *scope) sequence(x *ir.Seq) test {
	q := &sequence{rel: s.rel}
	for _, l := range x.Back {
		q.anchor = append(q.anchor, s.link(l))
	}
	q.time = s.code(&ir.Column{Col: s.rel.Time})
	chain := []*relation{s.rel}
	before := s.rel
	for _, st := range x.Steps {
		c := step{Step: st, leaf: s.relation(st.Leaf), back: s.back(st.Leaf, st.Back)}
		in := &scope{builder: s.builder, rel: before, chain: chain}
		own := &scope{builder: s.builder, rel: c.leaf, chain: append(slices.Clone(chain), c.leaf)}
		c.time = own.code(&ir.Column{Col: c.leaf.Time})
		for _, k := range c.leaf.Relation.Keys() {
			c.keys = append(c.keys, own.code(&ir.Column{Col: k}))
		}
		if st.After != nil {
			k := in.code(st.After)
			c.after = &k
		}
		if st.Within != nil {
			k := in.code(st.Within)
			c.within = &k
		}
		if st.Due != nil {
			t := in.test(st.Due)
			c.due = &t
		}
		if st.Where != nil {
			t := own.test(st.Where)
			c.where = &t
		}
		q.steps = append(q.steps, c)
		chain = append(slices.Clone(chain), c.leaf)
		if !st.Not {
			before = c.leaf
		}
	}
	return test{cost: costly, impure: s.fails(x), one: q.holds}
}

// at is a row and its time.
type moment struct {
	row  int32
	rel  *relation
	kind value.Kind
	time int64
}

func (q *sequence) holds(f *Frame, r int32) bool {
	anchor := r
	for _, l := range q.anchor {
		if anchor = l.row(f, anchor); anchor < 0 {
			return false
		}
	}
	saved := f.chain
	defer func() { f.chain = saved }()
	f.chain = append(f.chain[len(f.chain):], r)
	t, _ := q.time.int(f, r)
	return q.from(f, anchor, trial{steps: q.steps, before: moment{r, q.rel, q.time.typ.Kind, t}})
}

// trial is what is left to find: the steps, the row before them, and the
// absences that hold until the next row that is there.
type trial struct {
	steps   []step
	before  moment
	pending []absent
}

// absent is a step that must find no row, from the row it is counted from.
type absent struct {
	step *step
	from moment
}

func (q *sequence) from(f *Frame, anchor int32, t trial) bool {
	if len(t.steps) == 0 {
		for _, p := range t.pending {
			if q.found(f, anchor, p, nil) {
				return false
			}
		}
		return true
	}
	st := &t.steps[0]
	rest := trial{steps: t.steps[1:], before: t.before}
	if st.Not {
		return q.without(f, anchor, st, trial{rest.steps, t.before, t.pending})
	}
	rows := st.back.of(f, anchor)
	if f.err != nil || !f.spend(len(rows)) {
		return false
	}
	for _, r := range rows {
		next := st.moment(f, r)
		if !st.fits(f, t.before, next, rows) {
			continue
		}
		clear := true
		for _, p := range t.pending {
			clear = clear && !q.found(f, anchor, p, &next)
		}
		if !clear {
			continue
		}
		f.chain = append(f.chain, r)
		rest.before = next
		ok := q.from(f, anchor, rest)
		f.chain = f.chain[:len(f.chain)-1]
		if ok {
			return true
		}
		if f.err != nil {
			return false
		}
	}
	return false
}

// without goes on after a step that must find no row.
func (q *sequence) without(f *Frame, anchor int32, st *step, t trial) bool {
	f.chain = append(f.chain, -1)
	defer func() { f.chain = f.chain[:len(f.chain)-1] }()
	if st.due != nil && !st.due.one(f, t.before.row) {
		return false
	}
	gone := absent{st, t.before}
	if st.Within != nil {
		return !q.found(f, anchor, gone, nil) && q.from(f, anchor, t)
	}
	t.pending = append(t.pending[:len(t.pending):len(t.pending)], gone)
	return q.from(f, anchor, t)
}

// found reports whether a row that must be absent is there, before the row
// until (nil: at any time).
func (q *sequence) found(f *Frame, anchor int32, a absent, until *moment) bool {
	rows := a.step.back.of(f, anchor)
	if f.err != nil || !f.spend(len(rows)) {
		return false
	}
	for _, r := range rows {
		at := a.step.moment(f, r)
		if until != nil && !f.beyond(at, *until, !a.step.Preceded) {
			continue
		}
		if a.step.fits(f, a.from, at, rows) {
			return true
		}
	}
	return false
}

func (st *step) moment(f *Frame, r int32) moment {
	t, _ := st.time.int(f, r)
	return moment{r, st.leaf, st.time.typ.Kind, t}
}

// fits reports whether a row can be that of the step after the row before.
func (st *step) fits(f *Frame, before, at moment, rows []int32) bool {
	if !f.beyond(before, at, !st.Preceded) {
		return false
	}
	less, most := ">", "<="
	if st.Preceded {
		less, most = "<", ">="
	}
	if st.after != nil && !f.bounded(less, at, st.after.value(f, before.row)) {
		return false
	}
	if st.within != nil && !f.bounded(most, at, st.within.value(f, before.row)) {
		return false
	}
	if st.Directly && !st.next(f, before, at, rows) {
		return false
	}
	if st.where == nil {
		return true
	}
	f.chain = append(f.chain, at.row)
	ok := st.where.one(f, at.row)
	f.chain = f.chain[:len(f.chain)-1]
	return ok
}

func (f *Frame) bounded(op string, at moment, bound value.Value) bool {
	return !bound.IsMissing() && f.compare(op, value.Value{Kind: at.kind, I: at.time}, bound)
}

// beyond reports whether b is strictly later than a, or with later false
// strictly earlier.
func (f *Frame) beyond(a, b moment, later bool) bool {
	op := ">"
	if !later {
		op = "<"
	}
	if a.kind == b.kind {
		return holds(op, order(b.time, a.time))
	}
	return f.compare(op, value.Value{Kind: b.kind, I: b.time}, value.Value{Kind: a.kind, I: a.time})
}

// next reports whether a row is the very next of its fact after before; of
// rows at one time the first by key.
func (st *step) next(f *Frame, before, at moment, rows []int32) bool {
	if !f.spend(len(rows)) {
		return false
	}
	for _, r := range rows {
		other := st.moment(f, r)
		if r == at.row || !f.beyond(before, other, !st.Preceded) {
			continue
		}
		if f.beyond(other, at, !st.Preceded) {
			return false
		}
		if !f.beyond(at, other, !st.Preceded) && st.firstByKey(f, r, at.row) {
			return false
		}
	}
	return true
}

// firstByKey reports whether row a comes before b by the fact's key; of keys
// that are partly missing none comes first.
func (st *step) firstByKey(f *Frame, a, b int32) bool {
	for i := range st.keys {
		x, y := st.keys[i].value(f, a), st.keys[i].value(f, b)
		if x.IsMissing() || y.IsMissing() {
			return false
		}
		if c := value.Compare(x, y); c != 0 {
			return c < 0
		}
	}
	return false
}
