package prove

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// manyAtoms ends a question that asks too many atoms at once.
const manyAtoms = 600

// theory is what is always true of the atoms of f and of those that they are
// tied to.
func (e *engine) theory(fs ...diagram) []diagram {
	var out []diagram
	seen := map[int32]bool{}
	var known []int32
	add := func(f diagram) (queue []int32) {
		for _, a := range e.askedBy(f) {
			if !seen[a] {
				seen[a] = true
				queue = append(queue, a)
			}
		}
		return queue
	}
	var queue []int32
	for _, f := range fs {
		queue = append(queue, add(f)...)
	}
	said := map[diagram]bool{always: true}
	say := func(f diagram) {
		if !said[f] {
			said[f] = true
			out = append(out, f)
			queue = append(queue, add(f)...)
		}
	}
	for len(queue) > 0 {
		a := queue[0]
		queue = queue[1:]
		say(e.ownTie(a))
		for _, b := range known {
			if e.connected(a, b) {
				say(e.tie(a, b))
			}
		}
		known = append(known, a)
		if len(known) > manyAtoms {
			panic(tooLarge{})
		}
	}
	for _, a := range known {
		for _, l := range e.learned[a] {
			if l.about(seen) && !said[l.clause] {
				said[l.clause] = true
				out = append(out, l.clause)
			}
		}
	}
	return out
}

// askedBy are the atoms of a diagram, in any order.
func (e *engine) askedBy(f diagram) []int32 {
	if out, ok := e.asked[f]; ok {
		return out
	}
	out := e.diagrams.atoms(f)
	e.asked[f] = out
	return out
}

// lesson is what a search for rows has found to be always true.
type lesson struct {
	atoms  []int32
	clause diagram
}

// about reports whether all that the lesson speaks of is asked.
func (l lesson) about(asked map[int32]bool) bool {
	for _, a := range l.atoms {
		if !asked[a] {
			return false
		}
	}
	return true
}

// connected reports whether two atoms may be tied at all.
func (e *engine) connected(a, b int32) bool {
	x, y := e.atoms[a], e.atoms[b]
	switch {
	case x.kind == some && y.kind == some:
		return x.rows == y.rows
	case x.kind == less || x.kind == same || y.kind == less || y.kind == same:
		return true
	case x.term == nil || y.term == nil:
		return false
	case x.term == y.term:
		return true
	default:
		return x.term.agg != nil && y.term.agg != nil && x.term.agg.rows == y.term.agg.rows
	}
}

// tie is what is always true of two atoms together.
func (e *engine) tie(a, b int32) diagram {
	if a > b {
		a, b = b, a
	}
	key := [2]int32{a, b}
	if f, ok := e.ties[key]; ok {
		return f
	}
	e.ties[key] = always // no tie is needed to find itself
	f := e.and(e.tieOf(e.atoms[a], e.atoms[b]), e.tieOf(e.atoms[b], e.atoms[a]))
	e.ties[key] = f
	return f
}

func (e *engine) tieOf(x, y *atom) diagram {
	fx, fy := e.atom(x.id), e.atom(y.id)
	switch {
	case x.kind == some && y.kind == some:
		if e.inside(x.cond, y.cond) {
			return e.implies(fx, fy)
		}
	case x.kind == less || x.kind == same:
		return e.relationTie(x, y)
	case y.kind == less || y.kind == same:
		// from the other side
	case x.term == y.term && x.kind == atLeast && y.kind == atLeast:
		if x.cut.below(y.cut, x.term.typ.Kind == value.Wall) {
			return e.implies(fy, fx)
		}
	case x.term == y.term && x.kind == equals:
		return e.pointTie(x, y)
	case x.term == y.term:
		return e.setTie(x, y)
	case x.kind == atLeast && y.kind == atLeast:
		return e.featureTie(x, y)
	}
	return always
}

// pointTie: a term has one value; of it the other atoms are evaluated.
func (e *engine) pointTie(x, y *atom) diagram {
	fx, fy := e.atom(x.id), e.atom(y.id)
	if x.term.typ.Kind != value.Text {
		return always
	}
	switch y.kind {
	case equals:
		return e.not(e.and(fx, fy))
	case inSet:
		holds := e.holdsOf(&ir.InSet{X: y.x.(*ir.InSet).X, Set: y.set}, value.NewText(x.text))
		return e.implies(fx, e.iff(fy, holds))
	case opaque:
		switch y.x.(type) {
		case *ir.TextMatch, *ir.Match:
			return e.implies(fx, e.iff(fy, e.holdsOf(y.x, value.NewText(x.text))))
		default: // of others nothing is said
		}
	default: // a text has no order
	}
	return always
}

func (e *engine) iff(f diagram, holds bool) diagram {
	if holds {
		return f
	}
	return e.not(f)
}

// setTie ties a set, or a condition on a text, to others of the same term.
func (e *engine) setTie(x, y *atom) diagram {
	fx, fy := e.atom(x.id), e.atom(y.id)
	switch {
	case x.kind == inSet && y.kind == inSet:
		out, all, none := always, true, true
		for _, v := range x.set.Values {
			in := e.holdsOf(&ir.InSet{Set: y.set}, v)
			all, none = all && in, none && !in
		}
		if all {
			out = e.implies(fx, fy)
		}
		if none {
			out = e.not(e.and(fx, fy))
		}
		return out
	case x.kind == inSet && y.kind == atLeast && y.cut.moves == nil:
		all, none := true, true
		for _, v := range x.set.Values {
			at := !y.cut.above(v)
			all, none = all && at, none && !at
		}
		switch {
		case all:
			return e.implies(fx, fy)
		case none:
			return e.not(e.and(fx, fy))
		}
	case x.kind == inSet && y.kind == opaque:
		switch y.x.(type) {
		case *ir.TextMatch, *ir.Match:
			return e.setMeets(x, y)
		default: // of others nothing is said
		}
	case x.kind == opaque && y.kind == opaque:
		return e.textTie(x, y)
	}
	return always
}

func (e *engine) setMeets(x, y *atom) diagram {
	all, none := true, true
	for _, v := range x.set.Values {
		is := e.holdsOf(y.x, v)
		all, none = all && is, none && !is
	}
	switch {
	case all:
		return e.implies(e.atom(x.id), e.atom(y.id))
	case none:
		return e.not(e.and(e.atom(x.id), e.atom(y.id)))
	default:
		return always
	}
}

// textTie: what starts with, ends with or holds a text also holds the parts
// of it.
func (e *engine) textTie(x, y *atom) diagram {
	a, aok := x.x.(*ir.TextMatch)
	b, bok := y.x.(*ir.TextMatch)
	if !aok || !bok {
		return always
	}
	weaker := b.Op == a.Op || b.Op == "contains" && (a.Op == "starts" || a.Op == "ends") ||
		b.Op == "foldcontains" && a.Op == "fold="
	if weaker && e.holdsOf(b, a.Y.(*ir.Const).V) {
		return e.implies(e.atom(x.id), e.atom(y.id))
	}
	if a.Op == "starts" && b.Op == "starts" && !e.holdsOf(a, b.Y.(*ir.Const).V) && !e.holdsOf(b, a.Y.(*ir.Const).V) {
		return e.not(e.and(e.atom(x.id), e.atom(y.id)))
	}
	return always
}

// relationTie ties the comparison of two terms to their cuts, and to other
// comparisons of the same two.
func (e *engine) relationTie(x, y *atom) diagram {
	if y.kind == less && x.kind == same && x.term == y.term && x.other == y.other {
		return e.not(e.and(e.atom(x.id), e.atom(y.id)))
	}
	if y.kind != atLeast || y.term != x.term && y.term != x.other {
		return always
	}
	rel := e.atom(x.id)
	both := e.and(x.term.known, x.other.known)
	// a <= b: what a is at, b is at.
	pass := func(low, high *term, when diagram) diagram {
		if low != y.term {
			return always
		}
		if high.typ.Kind != low.typ.Kind && !(low.typ.Numeric() && high.typ.Numeric()) || y.cut.moves != nil {
			return always
		}
		return e.implies(e.and(e.and(both, when), e.atCut(low, y.cut)), e.at(high, y.cut.at, y.cut.open))
	}
	if x.kind == same {
		return e.and(pass(x.term, x.other, rel), pass(x.other, x.term, rel))
	}
	return e.and(pass(x.term, x.other, rel), pass(x.other, x.term, e.not(rel)))
}

// featureTie ties two aggregates over the same rows: more rows are not fewer,
// and with values that are not negative not less.
func (e *engine) featureTie(x, y *atom) diagram {
	a, b := x.term.agg, y.term.agg
	if !b.covers(a) || x.cut.moves != nil || y.cut.moves != nil || value.Compare(y.cut.at, x.cut.at) > 0 {
		return always
	}
	fx, fy := e.atom(x.id), e.atom(y.id)
	switch {
	case a.op == ir.OpCount && b.op == ir.OpCount:
		if !e.inside(e.withKnown(a), b.cond) {
			return always
		}
		return e.implies(fx, fy)
	case a.op == ir.OpSum && b.op == ir.OpSum:
		if !e.inside(a.cond, b.cond) {
			return always
		}
		added := &feature{cond: e.and(b.cond, e.not(a.cond)), rows: b.rows, x: b.x}
		loss := e.someOf(b.rows, e.withValue(added, "<", value.NewInt(0)))
		return e.implies(e.and(fx, e.not(loss)), fy)
	default:
		return always
	}
}

// covers reports whether the values counted by a are also counted by b, apart
// from their conditions.
func (b *feature) covers(a *feature) bool {
	switch {
	case a.op != b.op:
		return false
	case a.op == ir.OpCount && b.x == nil:
		return true // distinct values are not more than rows
	case a.op == ir.OpCount:
		return a.x != nil && a.distinct == b.distinct && ir.Key(a.x) == ir.Key(b.x)
	default:
		return !a.distinct && !b.distinct && ir.Key(a.x) == ir.Key(b.x)
	}
}

// ownTie is what ties an atom to others by what it says.
func (e *engine) ownTie(id int32) diagram {
	if f, ok := e.own[id]; ok {
		return f
	}
	e.own[id] = always
	f := e.ownTieOf(e.atoms[id])
	e.own[id] = f
	return f
}

func (e *engine) ownTieOf(a *atom) diagram {
	switch a.kind {
	case equals:
		out := e.oneOf(a.term)
		if a.term.agg != nil {
			out = e.and(out, e.valueTie(a))
		}
		return out
	case atLeast:
		if a.term.agg != nil {
			return e.valueTie(a)
		}
	case less, same:
		return e.featureRelation(a)
	case isKnown:
		return e.partsKnown(a)
	case some:
		return e.groupTie(a)
	case inSet, isThere, opaque:
		// tied in pairs, or not at all
	}
	return always
}

// oneOf: of declared values a known term has one.
func (e *engine) oneOf(t *term) diagram {
	if t.typ.Kind != value.Text || len(t.typ.Values) == 0 || len(t.typ.Values) > fewValues {
		return always
	}
	out := e.not(t.known)
	for _, v := range t.typ.Values {
		out = e.or(out, e.is(t, v))
	}
	return out
}

// partsKnown: a value that can be missing for known parts is missing for
// missing ones.
func (e *engine) partsKnown(a *atom) diagram {
	var parts []ir.Expr
	switch x := a.x.(type) {
	case *ir.Arith, *ir.Div, *ir.Field:
		parts = ir.Children(x)
	default:
		return always
	}
	return e.implies(e.atom(a.id), e.allKnown(a.scope, parts))
}

// featureRelation: the aggregate of fewer rows is not the larger one.
func (e *engine) featureRelation(a *atom) diagram {
	x, y := a.term.agg, a.other.agg
	if x == nil || y == nil || x.rows != y.rows || x.op != y.op {
		return always
	}
	notMore := func(x, y *feature) diagram { // the condition under which x <= y
		if !y.covers(x) || !e.inside(x.cond, y.cond) {
			return never
		}
		switch x.op {
		case ir.OpCount:
			return always
		case ir.OpSum:
			added := &feature{cond: e.and(y.cond, e.not(x.cond)), rows: y.rows, x: y.x}
			return e.not(e.someOf(y.rows, e.withValue(added, "<", value.NewInt(0))))
		case ir.OpMax:
			return always
		default:
			return never
		}
	}
	less, same := e.relationAtoms(a)
	both := e.and(a.term.known, a.other.known)
	up := e.implies(e.and(both, notMore(x, y)), e.or(less, same))
	down := e.implies(e.and(both, notMore(y, x)), e.not(e.and(less, e.not(same))))
	return e.and(up, down)
}

func (e *engine) relationAtoms(a *atom) (isLess, isSame diagram) {
	key := a.term.key + " " + a.other.key
	group := e.group("related " + key)
	l := e.put("less "+key, &atom{kind: less, term: a.term, other: a.other, x: a.x, scope: a.scope, group: group, rank: int(less)})
	s := e.put("same "+key, &atom{kind: same, term: a.term, other: a.other, x: a.x, scope: a.scope, group: group, rank: int(same)})
	return e.atom(l), e.atom(s)
}

// valueTie ties what is said of an aggregate to the rows there must be.
func (e *engine) valueTie(a *atom) diagram {
	t, f := a.term, a.term.agg
	at := e.atom(a.id)
	has := e.someOf(f.rows, e.withKnown(f))
	if a.kind == equals {
		switch f.op {
		case ir.OpFirst, ir.OpLast, ir.OpMode:
			v := value.NewText(a.text)
			if t.typ.Kind == value.Bool {
				v = value.NewBool(true)
				other := e.someOf(f.rows, e.withValue(f, "=", value.NewBool(false)))
				return e.and(e.implies(e.and(t.known, at), e.someOf(f.rows, e.withValue(f, "=", v))), e.implies(e.and(t.known, e.not(at)), other))
			}
			other := e.someOf(f.rows, e.and(e.withKnown(f), e.not(e.withValue(f, "=", v))))
			return e.and(e.implies(e.and(t.known, at), e.someOf(f.rows, e.withValue(f, "=", v))), e.implies(e.and(t.known, e.not(at)), other))
		default:
			return always
		}
	}
	switch f.op {
	case ir.OpCount:
		return e.implies(at, has)
	case ir.OpSum:
		return e.sumTie(a)
	case ir.OpFirst, ir.OpLast, ir.OpMode:
		yes := e.someOf(f.rows, e.atCutOf(f, a.cut))
		no := e.someOf(f.rows, e.and(e.withKnown(f), e.not(e.atCutOf(f, a.cut))))
		return e.and(e.implies(e.and(t.known, at), yes), e.implies(e.and(t.known, e.not(at)), no))
	case ir.OpAvg, ir.OpMedian:
		below, above := nextFloats(a.cut.at)
		yes := e.someOf(f.rows, e.withValue(f, ">", below))
		no := e.someOf(f.rows, e.withValue(f, "<", above))
		return e.and(e.implies(e.and(t.known, at), yes), e.implies(e.and(t.known, e.not(at)), no))
	default:
		return always
	}
}

// sumTie: a sum above 0 has a row above 0, one below 0 a row below; without a
// row below 0 the sum is at least each of its rows.
func (e *engine) sumTie(a *atom) diagram {
	f := a.term.agg
	at := e.atom(a.id)
	zero := value.NewInt(0)
	negative := e.someOf(f.rows, e.withValue(f, "<", zero))
	if !a.cut.above(zero) { // at <= 0
		return e.implies(e.not(at), negative)
	}
	positive := e.someOf(f.rows, e.withValue(f, ">", zero))
	one := e.someOf(f.rows, e.withValue(f, ">=", a.cut.at))
	return e.and(e.implies(at, positive), e.implies(e.and(one, e.not(negative)), at))
}

// groupTie: a group has rows, and rows with the keys of a group make one.
func (e *engine) groupTie(a *atom) diagram {
	r := a.rows
	if r.agg == nil || len(r.agg.Back) == 0 || r.agg.Back[0] != r.agg.Leaf.Owner {
		return always
	}
	group := canonical(r.leaf)
	from := group.From
	if from == nil || from.Owner == nil {
		return always
	}
	back := append([]*ir.Lookup{from.Owner}, r.agg.Back[1:]...)
	grouped := e.baseOf(from)
	for _, x := range group.GroupBy {
		grouped = e.and(grouped, e.known(scopeOf(from), e.form(x)))
	}
	rows := e.someOf(e.rowsOf(r.outer, &ir.Agg{Op: ir.OpCount, Anchor: r.agg.Anchor, Leaf: from, Back: back}), grouped)
	out := e.implies(e.atom(a.id), rows)
	if group.Where == nil && group.KnownAt == nil && (group.Time == nil || timeOfRows(group)) {
		out = e.and(out, e.implies(rows, e.someOf(r, e.baseOf(group))))
	}
	return out
}
