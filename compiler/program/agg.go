package program

import (
	"math/bits"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// aggregate is an aggregate over the rows of leaf that lead to the anchor of
// the row in scope.
type aggregate struct {
	expr   *ir.Agg
	anchor []*link
	back   *back
	leaf   *relation
	value  *code     // at the rows of leaf; nil counts rows
	window []*maskOf // fixed bounds of the window
	moving []moving  // those that depend on the outer row
	timed  []test    // fixed bounds of a time that may fail
	masks  []*maskOf
	sets   []*maskOf // window and masks
	tests  []test    // what may fail, or has no mask: row by row
	order  *ordering
	words  bool // masks alone pick the rows, which are not shared
	places places
}

// maskOf is a condition over the rows of a space that is worked out for all
// of them at once, and shared.
type maskOf struct {
	space *relation
	id    int
	test  test
}

// rows are those for which the condition holds; what is in it beyond them
// means nothing.
func (m *maskOf) rows(f *Frame) set {
	t := f.tables[m.space.id]
	k := &t.masks[m.id]
	if !k.done {
		k.done = true
		k.rows = grown(k.rows, (t.n+63)/64) // all is written anew
		f.spend(t.n)
		m.test.all(f, t, k.rows)
		if len(k.rows) > 0 {
			k.word = k.rows[0]
		}
	}
	return k.rows
}

// mask shares the mask of a condition.
func (s *scope) mask(x ir.Expr, t test) *maskOf {
	space := s.rel.space
	key := s.spaceKey(x)
	if have := space.byMask[key]; have != nil {
		return have
	}
	m := &maskOf{space, space.masks, t}
	space.masks++
	space.byMask[key] = m
	return m
}

// agg compiles an aggregate. Those of the subject are features: worked out
// once and shared by all segments.
func (s *scope) agg(x *ir.Agg) code {
	a := s.aggregate(x)
	c := code{typ: x.T, slot: -1, cost: costly, impure: s.fails(x)}
	a.compile(&c)
	c = c.complete()
	if s.rel.space != s.subject.space || s.elem != nil || len(s.chain) > 0 {
		return c
	}
	return s.feature(s.rel.Name+" "+s.spaceKey(x), x, c)
}

func (s *scope) aggregate(x *ir.Agg) *aggregate {
	a := &aggregate{expr: x, leaf: s.relation(x.Leaf)}
	for _, l := range x.Anchor {
		a.anchor = append(a.anchor, s.link(l))
	}
	a.back = s.back(x.Leaf, x.Back)
	inner := &scope{builder: s.builder, rel: a.leaf}
	if x.Value != nil {
		v := inner.code(x.Value)
		a.value = &v
	}
	if w := x.Window; w != nil {
		a.windows(s, inner, w)
	}
	if x.Where != nil {
		a.where(inner, x.Where)
	}
	a.sets = slices.Concat(a.window, a.masks)
	a.words = a.plain() && !a.leaf.shared
	a.place()
	if x.Op == ir.OpFirst || x.Op == ir.OpLast {
		a.order = inner.ordering(x.Op == ir.OpLast, a.value)
	}
	return a
}

// where splits a condition into masks and what is looked at row by row.
func (a *aggregate) where(inner *scope, x ir.Expr) {
	if and, ok := x.(*ir.And); ok {
		for _, part := range and.Xs {
			a.where(inner, part)
		}
		return
	}
	t := inner.test(x)
	switch {
	case t.fixed && t.holds:
	case t.all != nil && !t.impure && !a.leaf.shared && len(a.window)+len(a.masks) < maxMasks:
		a.masks = append(a.masks, inner.mask(x, t))
	default:
		a.tests = append(a.tests, t)
	}
}

// window compiles the bounds: fixed ones are masks over the fact's time.
func (a *aggregate) windows(outer, inner *scope, w *ir.Window) {
	at := &ir.Column{Col: a.leaf.Time}
	if w.Lo != nil && w.Hi != nil && ir.Fixed(w.Lo) && ir.Fixed(w.Hi) && !outer.fails(w.Lo) && !outer.fails(w.Hi) && !a.leaf.shared {
		x := &ir.InRange{X: at, Window: w}
		if t := inner.test(x); t.all != nil {
			a.window = append(a.window, inner.mask(x, t))
			return
		}
	}
	for _, b := range []struct {
		op    string
		bound ir.Expr
		one   ir.Window
	}{{">=", w.Lo, ir.Window{Lo: w.Lo, Next: w.Next}}, {"<", w.Hi, ir.Window{Hi: w.Hi, Next: w.Next}}} {
		switch {
		case b.bound == nil:
		case ir.Fixed(b.bound) && !outer.fails(b.bound):
			x := &ir.InRange{X: at, Window: &b.one}
			if t := inner.test(x); t.all != nil && !a.leaf.shared {
				a.window = append(a.window, inner.mask(x, t))
			} else {
				a.timed = append(a.timed, t)
			}
		default:
			a.moving = append(a.moving, moving{op: b.op, next: w.Next, bound: outer.code(b.bound), time: inner.code(at), x: b.bound, fixed: ir.Fixed(b.bound)})
		}
	}
}

// moving is a bound of a window that is worked out at the outer row.
type moving struct {
	op    string
	next  bool
	fixed bool
	bound code
	time  code
	x     ir.Expr
}

func (a *aggregate) anchorRow(f *Frame, r int32) int32 {
	for _, l := range a.anchor {
		if r < 0 {
			break
		}
		r = l.row(f, r)
	}
	return r
}

// each calls do for every row that is aggregated at a row in scope.
func (a *aggregate) each(f *Frame, r int32, do func(row int32)) {
	anchor := a.anchorRow(f, r)
	if anchor < 0 {
		return
	}
	rows := a.back.of(f, anchor)
	if f.err != nil || !f.spend(len(rows)) {
		return
	}
	at := outer{row: r}
	for _, row := range rows {
		if a.inWindow(f, row, &at) && a.passes(f, row) {
			do(row)
		}
	}
}

// outer is the row in scope, with the bounds that were worked out there.
type outer struct {
	row    int32
	have   [2]bool
	bounds [2]value.Value
}

func (a *aggregate) inWindow(f *Frame, row int32, at *outer) bool {
	for _, m := range a.window {
		if !m.rows(f).has(row) {
			return false
		}
	}
	for i := range a.timed {
		if !a.timed[i].one(f, row) {
			return false
		}
	}
	for i := range a.moving {
		if !at.have[i] {
			at.have[i], at.bounds[i] = true, a.moving[i].bound.value(f, at.row)
		}
		if !a.moving[i].holds(f, row, at.bounds[i]) {
			return false
		}
	}
	return true
}

// passes reports whether the condition holds; all of it that may fail is
// evaluated.
func (a *aggregate) passes(f *Frame, row int32) bool {
	for _, m := range a.masks {
		if !m.rows(f).has(row) {
			return a.failing(f, row)
		}
	}
	for i := range a.tests {
		if !a.tests[i].one(f, row) {
			return a.failing(f, row)
		}
	}
	return true
}

// failing evaluates what may fail of a row that is left out anyway, as the
// reference does; it answers false.
func (a *aggregate) failing(f *Frame, row int32) bool {
	for i := range a.tests {
		if a.tests[i].impure {
			a.tests[i].one(f, row)
		}
	}
	return false
}

// holds: a bound in the outer scope against the time of a row.
func (m *moving) holds(f *Frame, row int32, b value.Value) bool {
	v := m.time.value(f, row)
	if v.IsMissing() || b.IsMissing() {
		return false
	}
	cal := f.program.Project.Calendar
	if m.next && v.Kind == value.Date && b.Kind == value.Time {
		b = value.NewDate(cal.DateOf(b.I))
	}
	if m.fixed && v.Kind == value.Wall && b.Kind == value.Time {
		b = value.NewWall(cal.Wall(b.I))
	}
	return f.compare(m.op, v, b)
}

// compare compares two known values by the meaning in package ir.
func (f *Frame) compare(op string, a, b value.Value) bool {
	if a.Kind == b.Kind && formOf(value.Of(a.Kind)) == asInt && a.Kind != value.Decimal {
		return holds(op, order(a.I, b.I))
	}
	base := len(f.stack)
	f.stack = append(f.stack, a, b)
	v, _, _ := ir.Scalar(f.program.Project.Calendar, comparisons[op], f.stack[base:])
	f.stack = f.stack[:base]
	return v.True()
}

var comparisons = map[string]ir.Expr{"<": &ir.Cmp{Op: "<"}, "<=": &ir.Cmp{Op: "<="}, ">": &ir.Cmp{Op: ">"}, ">=": &ir.Cmp{Op: ">="}}

// plain reports whether the rows are those of masks alone.
func (a *aggregate) plain() bool { return len(a.moving) == 0 && len(a.tests) == 0 && len(a.timed) == 0 }

// picked are the rows that masks alone pick, for an anchor that at least half
// of all rows lead to; ok is false where there is no such anchor, and each
// must be used. The set is the frame's, until the next call.
func (a *aggregate) picked(f *Frame, r int32) (rows set, ok bool) {
	if !a.words {
		return nil, false
	}
	anchor := a.anchorRow(f, r)
	if anchor < 0 {
		return nil, true
	}
	return a.pickedAt(f, anchor)
}

func (a *aggregate) pickedAt(f *Frame, anchor int32) (rows set, ok bool) {
	if _, ok := a.back.mine(f, anchor); !ok || f.err != nil {
		return nil, ok
	}
	var sets [maxMasks]set
	for i, m := range a.sets { // all first, for they may pick rows themselves
		sets[i] = m.rows(f)
	}
	mine, _ := a.back.mine(f, anchor)
	if cap(f.mask) < len(mine) {
		f.mask = make(set, len(mine))
	}
	out := f.mask[:len(mine)]
	for w, word := range mine {
		for _, s := range sets[:len(a.sets)] {
			word &= s[w]
		}
		out[w] = word
	}
	return out, true
}

// maxMasks is how many masks one aggregate has; what is more is looked at row
// by row.
const maxMasks = 12

func (a *aggregate) compile(c *code) {
	switch {
	case a.expr.Op == ir.OpCount && a.value == nil && a.plain():
		c.int = a.countRows()
	case a.expr.Op == ir.OpCount && a.value == nil:
		c.int = func(f *Frame, r int32) (int64, state) {
			n := int64(0)
			a.each(f, r, func(int32) { n++ })
			return n, known
		}
	case a.simple():
		a.compileInts(c)
	default:
		a.compileValues(c)
	}
}

// plainColumn is the column that is aggregated, where it is one of integers.
func (a *aggregate) plainColumn() *column {
	if c := a.value.column; c != nil && formOf(c.typ) == asInt {
		return c
	}
	return nil
}

// ints calls do for every known value that is aggregated.
func (a *aggregate) ints(f *Frame, r int32, do func(i int64, st state)) {
	rows, ok := a.picked(f, r)
	of := a.value.int
	if !ok {
		a.each(f, r, func(row int32) {
			if i, st := of(f, row); st != missing {
				do(i, st)
			}
		})
		return
	}
	if c := a.value.column; c == nil || !c.raw { // what is asked may pick rows itself
		own := f.borrow(len(rows))
		copy(own, rows)
		defer f.giveBack(own)
		rows = own
	}
	for w, word := range rows {
		for ; word != 0; word &= word - 1 {
			if i, st := of(f, int32(w*64+bits.TrailingZeros64(word))); st != missing {
				do(i, st)
			}
		}
	}
}
