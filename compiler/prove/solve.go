package prove

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
)

// solve joins a condition with all that ties its atoms and looks for a way to
// make it true: never when there is none.
//
// The ties hold of every customer, so never is a proof. A model that is found
// may still be of nobody: it is a witness only once it has rows.
func (e *engine) solve(f diagram) (diagram, model) {
	if f == never {
		return never, nil
	}
	g := f // what is asked rules out most, so that what is built stays small
	for _, tie := range e.theory(f) {
		if g = e.and(g, tie); g == never {
			return never, nil
		}
	}
	for g != never {
		m := e.diagrams.model(g, e.plainly)
		clause, ok := e.missingRow(m)
		if !ok {
			clause, ok = e.tooFew(m)
		}
		if !ok {
			return g, m
		}
		g = e.and(g, e.all(append(e.theory(clause), clause)...))
	}
	return never, nil
}

// plainly prefers known values and no rows.
func (e *engine) plainly(a int32) bool { return e.atoms[a].kind == isKnown }

// whole is a condition on a row joined with its ties; never when no row can
// meet it.
func (e *engine) whole(f diagram) diagram {
	if f <= always {
		return f
	}
	if g, ok := e.sats[f]; ok {
		return g
	}
	e.sats[f] = f // while it is being worked out
	g, _ := e.solve(f)
	e.sats[f] = g
	e.sats[g] = g
	return g
}

// inside reports whether every row that meets f meets g.
func (e *engine) inside(f, g diagram) bool {
	if f == g || f == never || g == always {
		return true
	}
	key := [2]diagram{f, g}
	if in, ok := e.within[key]; ok {
		return in
	}
	in := e.whole(e.and(f, e.not(g))) == never
	e.within[key] = in
	return in
}

// missingRow looks for a row that the model asks for and that cannot be there,
// since every row like it is one of those that are not there. It gives what
// is always true instead.
func (e *engine) missingRow(m model) (clause diagram, found bool) {
	absent := map[*rows][]int32{}
	for _, id := range slices.Sorted(keysOf(m)) {
		a := e.atoms[id]
		switch {
		case a.kind != some, m[id]:
		default:
			absent[a.rows] = append(absent[a.rows], id)
		}
	}
	for _, id := range slices.Sorted(keysOf(m)) {
		a := e.atoms[id]
		if a.kind != some || !m[id] {
			continue
		}
		without := absent[a.rows]
		if e.rowBeside(a, without) {
			continue
		}
		for i := 0; i < len(without); { // the fewest that rule it out
			fewer := slices.Delete(slices.Clone(without), i, i+1)
			if e.rowBeside(a, fewer) {
				i++
				continue
			}
			without = fewer
		}
		clause = e.not(e.atom(id))
		for _, z := range without {
			clause = e.or(clause, e.atom(z))
		}
		e.learned[id] = append(e.learned[id], lesson{append(without, id), clause})
		return clause, true
	}
	return always, false
}

// fewRows is up to which number rows are counted one by one.
const fewRows = 5

// tooFew looks for a count that the model holds below a number, while the rows
// it asks for are that many, no two of them being one.
func (e *engine) tooFew(m model) (clause diagram, found bool) {
	for _, id := range slices.Sorted(keysOf(m)) {
		a := e.atoms[id]
		if m[id] || a.kind != atLeast || a.term.agg == nil || a.term.agg.op != ir.OpCount || a.term.agg.x != nil || a.cut.at.I > fewRows {
			continue
		}
		var apart []int32
		for _, other := range slices.Sorted(keysOf(m)) {
			o := e.atoms[other]
			if o.kind != some || !m[other] || o.rows != a.term.agg.rows || !e.inside(o.cond, a.term.agg.cond) {
				continue
			}
			if !slices.ContainsFunc(apart, func(p int32) bool { return e.whole(e.and(o.cond, e.atoms[p].cond)) != never }) {
				apart = append(apart, other)
			}
		}
		if int64(len(apart)) < a.cut.at.I {
			continue
		}
		clause = e.atom(id)
		for _, p := range apart[:a.cut.at.I] {
			clause = e.or(clause, e.not(e.atom(p)))
		}
		e.learned[id] = append(e.learned[id], lesson{append(apart[:a.cut.at.I:a.cut.at.I], id), clause})
		return clause, true
	}
	return always, false
}

// rowBeside reports whether a row can meet the condition of an atom and none
// of the others.
func (e *engine) rowBeside(a *atom, others []int32) bool {
	cond := a.cond
	for _, o := range others {
		cond = e.and(cond, e.not(e.atoms[o].cond))
	}
	return e.whole(cond) != never
}

func keysOf(m model) func(func(int32) bool) {
	return func(yield func(int32) bool) {
		for a := range m {
			if !yield(a) {
				return
			}
		}
	}
}
