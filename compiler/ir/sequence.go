package ir

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// Seq holds for a row of a fact from which a chain of further rows of the
// same anchor can be found, step by step: any rows will do.
type Seq struct {
	Loc
	Back  []*Lookup // from the row in scope to the anchor
	Steps []*Step
}

// Step is one further row of a sequence: of Leaf, strictly later than the row
// of the step before (Preceded: earlier).
type Step struct {
	Not      bool // there is no such row
	Directly bool // only the very next row of Leaf is looked at
	Preceded bool
	Leaf     *Relation
	Back     []*Lookup // from Leaf to the anchor
	// After and Within bound the row's time, read at the row of the step
	// before: beyond After, at most Within. Nil: open.
	After, Within Expr
	// Due must hold at the row of the step before: a missing row counts only
	// once its time is over. Nil: at once.
	Due   Expr
	Where Expr // in scope Leaf, where Earlier reaches the rows before; nil: any row
}

// Earlier reads X at the row of an earlier step of the sequence; 0 is the
// row the sequence begins with.
type Earlier struct {
	Loc
	Row int
	Rel *Relation
	X   Expr
}

// Type of a sequence is bool.
func (*Seq) Type() value.Type { return boolType }

// Type is that of X.
func (e *Earlier) Type() value.Type { return e.X.Type() }

func (*Seq) isExpr()     {}
func (*Earlier) isExpr() {}

// exprs are the parts of a step, all read in inner scopes.
func (s *Step) exprs() []Expr { return some(s.After, s.Within, s.Due, s.Where) }

func (s *Seq) mapSteps(m func(Expr) Expr) *Seq {
	c := &Seq{Loc: s.Loc, Back: s.Back}
	for _, st := range s.Steps {
		n := *st
		n.After, n.Within, n.Due, n.Where = m(st.After), m(st.Within), m(st.Due), m(st.Where)
		c.Steps = append(c.Steps, &n)
	}
	return c
}

func (s *Seq) key(b *strings.Builder) {
	fmt.Fprintf(b, "(seq [%s]", lookupsKey(s.Back))
	for _, st := range s.Steps {
		fmt.Fprintf(b, " (%t %t %t %s [%s]", st.Not, st.Directly, st.Preceded, st.Leaf.Name, lookupsKey(st.Back))
		for _, x := range []Expr{st.After, st.Within, st.Due, st.Where} {
			b.WriteByte(' ')
			writeKey(b, x)
		}
		b.WriteByte(')')
	}
	b.WriteByte(')')
}

// sequence lowers the conditions of a sequence; it is always true or false.
func (l *lowering) sequence(s *Seq, neg bool) Expr {
	c := &Seq{Loc: s.Loc, Back: s.Back}
	for _, st := range s.Steps {
		n := *st
		n.After, n.Within = l.maybe(st.After), l.maybe(st.Within)
		if st.Due != nil {
			n.Due = l.cond(st.Due, false)
		}
		if st.Where != nil {
			n.Where = l.cond(st.Where, false)
		}
		c.Steps = append(c.Steps, &n)
	}
	return negated(c, neg, nil)
}

// sequence finds a chain of rows, trying every row at every step.
func (e *evaluation) sequence(at *row, s *Seq) bool {
	anchor := at
	for _, l := range s.Back {
		if anchor = e.follow(anchor, l); anchor == nil {
			return false
		}
	}
	saved := e.chain
	defer func() { e.chain = saved }()
	e.chain = []*row{at}
	return e.steps(anchor, s.Steps, at, nil)
}

// absent is a step that must find no row, from the row it is counted from.
type absent struct {
	step *Step
	from *row
}

// steps tries the remaining steps after row before; pending are the absences
// that hold until the next row that is there.
func (e *evaluation) steps(anchor *row, steps []*Step, before *row, pending []absent) bool {
	if len(steps) == 0 {
		for _, p := range pending {
			if e.found(anchor, p, nil) {
				return false
			}
		}
		e.tried = slices.Clone(e.chain)
		return true
	}
	st := steps[0]
	if st.Not {
		e.chain = append(e.chain, nil)
		defer func() { e.chain = e.chain[:len(e.chain)-1] }()
		if st.Due != nil && !e.holds(before, st.Due) {
			return false
		}
		if st.Within != nil {
			return !e.found(anchor, absent{st, before}, nil) && e.steps(anchor, steps[1:], before, pending)
		}
		return e.steps(anchor, steps[1:], before, append(pending[:len(pending):len(pending)], absent{st, before}))
	}
	for _, r := range e.leadingTo(anchor, st.Leaf, st.Back) {
		if !e.stepFits(anchor, st, before, r) {
			continue
		}
		clear := true
		for _, p := range pending {
			clear = clear && !e.found(anchor, p, r)
		}
		if !clear {
			continue
		}
		e.chain = append(e.chain, r)
		ok := e.steps(anchor, steps[1:], r, nil)
		e.chain = e.chain[:len(e.chain)-1]
		if ok {
			return true
		}
	}
	return false
}

// found reports whether a row that must be absent is there, before the row
// until (nil: at any time).
func (e *evaluation) found(anchor *row, a absent, until *row) bool {
	for _, r := range e.leadingTo(anchor, a.step.Leaf, a.step.Back) {
		if until != nil && !e.beyond(r, until, !a.step.Preceded) {
			continue
		}
		if e.stepFits(anchor, a.step, a.from, r) {
			return true
		}
	}
	return false
}

// stepFits reports whether r can be the row of a step after row before.
func (e *evaluation) stepFits(anchor *row, st *Step, before, r *row) bool {
	if !e.beyond(before, r, !st.Preceded) {
		return false
	}
	t := e.column(r, st.Leaf.Time)
	less, most := ">", "<="
	if st.Preceded {
		less, most = "<", ">="
	}
	if st.After != nil && !e.compare(less, t, e.value(before, st.After), false, false) {
		return false
	}
	if st.Within != nil && !e.compare(most, t, e.value(before, st.Within), false, false) {
		return false
	}
	if st.Directly && !e.next(anchor, st, before, r) {
		return false
	}
	if st.Where == nil {
		return true
	}
	e.chain = append(e.chain, r)
	defer func() { e.chain = e.chain[:len(e.chain)-1] }()
	return e.holds(r, st.Where)
}

// beyond reports whether b is strictly later than a, or with later false
// strictly earlier.
func (e *evaluation) beyond(a, b *row, later bool) bool {
	op := ">"
	if !later {
		op = "<"
	}
	return e.compare(op, e.column(b, b.rel.Time), e.column(a, a.rel.Time), false, false)
}

// next reports whether r is the very next row of its fact after before; of
// rows at one time the first by key.
func (e *evaluation) next(anchor *row, st *Step, before, r *row) bool {
	for _, other := range e.leadingTo(anchor, st.Leaf, st.Back) {
		if other == r || !e.beyond(before, other, !st.Preceded) {
			continue
		}
		if e.beyond(other, r, !st.Preceded) {
			return false
		}
		if !e.beyond(r, other, !st.Preceded) && e.firstByKey(other, r) {
			return false
		}
	}
	return true
}

// firstByKey reports whether a comes before b by their fact's key; of keys
// that are partly missing none comes first.
func (e *evaluation) firstByKey(a, b *row) bool {
	for _, k := range a.rel.Keys() {
		x, y := e.column(a, k), e.column(b, k)
		if x.IsMissing() || y.IsMissing() {
			return false
		}
		if c := value.Compare(x, y); c != 0 {
			return c < 0
		}
	}
	return false
}
