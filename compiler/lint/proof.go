package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Rules that rest on proofs. What cannot be proved is not reported.

// Budgets keep a large project quick. Questions about single segments grow
// with the project and need none.
const (
	proofNodes  = 1_000 // of one question
	proofsPairs = 600   // questions about two segments
)

// proofs remembers what several rules ask.
type proofs struct {
	*prove.Prover
	never, always map[*ir.Segment]bool
	subjects      map[*ir.Segment]map[string]bool
	features      map[*ir.Segment]map[string]bool
	asked         int // about pairs
}

func (p *pass) prover() *proofs {
	if p.proofs == nil {
		p.proofs = &proofs{Prover: prove.New(p.Project.Project, prove.Options{Budget: proofNodes, ProofsOnly: true, Stop: p.in.Stop}),
			never: map[*ir.Segment]bool{}, always: map[*ir.Segment]bool{}, subjects: map[*ir.Segment]map[string]bool{}, features: map[*ir.Segment]map[string]bool{}}
		for _, s := range p.Segments {
			if h := p.heads[s.Name]; !isRandom(h) {
				p.proofs.never[s] = p.mayClash(s.Where) && p.proofs.Never(s).Proved()
				p.proofs.always[s] = mayAlways(s.Where) && p.proofs.Always(s).Proved()
			}
		}
	}
	return p.proofs
}

// mayClash reports whether a condition may never hold, for all that its form
// tells: conditions that look at different data do not exclude each other.
func (p *pass) mayClash(x ir.Expr) bool {
	and, ok := x.(*ir.And)
	if !ok {
		return true
	}
	for i, y := range and.Xs {
		if p.tied(y, and.Xs[:i]) {
			return true
		}
		switch y.(type) {
		case *ir.And, *ir.Not, *ir.Or:
			return true
		default: // one question about one thing
		}
	}
	return false
}

// mayAlways reports whether a condition may always hold: a question about one
// thing does not, but for thresholds that have advice of their own.
func mayAlways(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.And:
		for _, y := range x.Xs {
			if !mayAlways(y) {
				return false
			}
		}
		return true
	case *ir.Const, *ir.Member, *ir.Not, *ir.Or:
		return true
	default:
		return false
	}
}

// isRandom reports the group of a holdout.
func isRandom(h head) bool {
	_, ok := h.decl.(*ast.Holdout)
	return ok
}

// neverMatches finds segments without members, whatever the data.
func neverMatches(p *pass) {
	q := p.prover()
	for _, r := range p.roots {
		d, ok := r.decl.(*ast.Segment)
		if !ok || !q.never[p.heads[r.name].seg] || p.explained(r.x.Span()) {
			continue
		}
		x := p.report(d.Name.Loc, "nobody can ever be in %s", r.name)
		x.Help = "its conditions exclude each other: write what was meant"
		if and, ok := r.x.(*ir.And); ok {
			x.Labels = p.clash(r.entity, and.Xs)
		}
	}
}

// clash are two conditions that never hold together, or one that never holds.
func (p *pass) clash(entity *ir.Relation, xs []ir.Expr) []diag.Label {
	for i, x := range xs {
		if p.prover().NeverExpr(entity, x).Proved() {
			return []diag.Label{{Span: x.Span(), Text: "this never holds"}}
		}
		for _, y := range xs[:i] {
			if p.prover().NeverExpr(entity, &ir.And{Xs: []ir.Expr{y, x}}).Proved() {
				return []diag.Label{{Span: y.Span(), Text: "this and"}, {Span: x.Span(), Text: "this never hold together"}}
			}
		}
	}
	return nil
}

// alwaysMatches finds segments that everyone is in, unless just that is said.
func alwaysMatches(p *pass) {
	q := p.prover()
	for _, r := range p.roots {
		d, ok := r.decl.(*ast.Segment)
		if _, said := r.x.(*ir.Const); ok && !said && q.always[p.heads[r.name].seg] && !p.explained(r.x.Span()) {
			p.report(d.Name.Loc, "every %s is in %s, whatever the data", r.entity.Name, r.name).Help =
				"write what was meant; if everyone is, `where true` says so"
		}
	}
}

// unreached finds branches of splits and cases that nothing is left for.
func unreached(p *pass) {
	q := p.prover()
	for _, r := range p.roots {
		h := p.heads[r.name]
		if h.branch != nil && q.never[h.seg] && !p.explained(r.x.Span()) {
			x := p.report(h.branch.Name.Loc, "nobody falls in %s: the branches before it take everyone it would", r.name)
			x.Help = "the first branch that matches wins: move it up, or write what was meant"
			if q.NeverExpr(r.entity, r.x).Proved() {
				x.Message, x.Help = "nobody falls in "+r.name+": its condition never holds", "write what was meant"
			}
		}
	}
	for _, n := range p.nodes {
		c, ok := n.x.(*ir.Case)
		if !ok || !n.outer {
			continue
		}
		var before []ir.Expr
		for _, w := range c.Whens {
			if q.NeverExpr(n.root.entity, &ir.And{Xs: append(slices.Clone(before), w.Cond)}).Proved() {
				p.report(w.Cond.Span(), "nothing is left for this case: those before it take all it would").Help =
					"the first case that holds wins: move it up, or write what was meant"
			}
			before = append(before, &ir.Not{X: w.Cond})
		}
	}
}

// uselessParts finds conditions that change nothing where they stand: of an
// and those that follow from the others, of an or those that the others hold
// already. exclusions asks for negations only, else for all but them.
func uselessParts(exclusions bool) func(*pass) {
	return func(p *pass) {
		for i := range p.nodes {
			n := &p.nodes[i]
			and, ok := n.x.(*ir.And)
			l := p.logics[placeOf(n.x.Span())]
			if !ok || !n.outer || l == nil || l.Op != "and" || len(l.Operands) != len(and.Xs) || p.neverRoot(n.root) {
				continue
			}
			p.useless(n, and.Xs, func(x ir.Expr, rest []ir.Expr) bool {
				_, negated := x.(*ir.Not)
				_, known := x.(*ir.Known) // often said for the reader
				return negated == exclusions && !known && p.prover().ImpliesExpr(n.root.entity, &ir.And{Xs: rest}, x).Proved()
			}, func(i int) {
				x := p.report(l.Operands[i].Span(), "whoever meets the other conditions meets this one, so it changes nothing")
				if exclusions {
					x.Message = "this excludes nobody: whoever meets the other conditions meets this one"
				}
				x.Help = "take it out, or write what was meant"
				x.Edits = []diag.Edit{p.without(l, i)}
			})
		}
	}
}

func (p *pass) neverRoot(r *root) bool {
	s := p.heads[r.name].seg
	return s != nil && p.prover().never[s]
}

// uselessAlternatives does so for an or.
func uselessAlternatives(p *pass) {
	for i := range p.nodes {
		n := &p.nodes[i]
		or, ok := n.x.(*ir.Or)
		l := p.logics[placeOf(n.x.Span())]
		if !ok || !n.outer || l == nil || l.Op != "or" || len(l.Operands) != len(or.Xs) || p.alwaysExpr(n.root.entity, or) {
			continue
		}
		message := ""
		p.useless(n, or.Xs, func(x ir.Expr, rest []ir.Expr) bool {
			message = "the other conditions take in everyone of whom this holds, so it adds nobody"
			if p.prover().NeverExpr(n.root.entity, x).Proved() {
				message = "this never holds, so it adds nobody"
				return true
			}
			return p.tied(x, rest) && p.prover().ImpliesExpr(n.root.entity, x, &ir.Or{Xs: rest}).Proved()
		}, func(i int) {
			x := p.report(l.Operands[i].Span(), "%s", message)
			x.Help = "take it out, or write what was meant"
			x.Edits = []diag.Edit{p.without(l, i)}
		})
	}
}

func (p *pass) alwaysExpr(entity *ir.Relation, x ir.Expr) bool {
	return p.prover().NeverExpr(entity, &ir.Not{X: x}).Proved()
}

// useless asks of each part whether it is of no use beside the others. One
// that is not is out when the next is asked, so that of two that say the same
// one stays.
func (p *pass) useless(n *node, xs []ir.Expr, idle func(x ir.Expr, rest []ir.Expr) bool, report func(int)) {
	rest := slices.Clone(xs)
	for i := len(xs) - 1; i >= 0 && len(rest) > 1; i-- {
		at := slices.Index(rest, xs[i])
		others := slices.Delete(slices.Clone(rest), at, at+1)
		_, isAnd := n.x.(*ir.And)
		if p.removed(xs[i].Span()) {
			rest = others
			continue
		}
		if isAnd && !p.tied(xs[i], others) || p.explained(xs[i].Span()) || !idle(xs[i], others) {
			continue
		}
		rest = others
		report(i)
	}
}

// tied reports whether x and one of the others look at the same data, without
// which neither follows from the other.
func (p *pass) tied(x ir.Expr, others []ir.Expr) bool {
	mine := p.subjectsOf(x)
	for _, y := range others {
		for s := range p.subjectsOf(y) {
			if mine[s] {
				return true
			}
		}
	}
	return len(mine) == 0
}

// segmentSubject stands before the names of segments among subjects.
const segmentSubject = "segment "

// subjectsOf names what an expression looks at: columns of the row, facts.
func (p *pass) subjectsOf(x ir.Expr) map[string]bool {
	out := map[string]bool{}
	ir.Walk(x, func(e ir.Expr) bool {
		switch e := e.(type) {
		case *ir.Agg:
			out["fact "+e.Leaf.Name] = true
			return false
		case *ir.Column:
			out[columnOf(e)] = true
		case *ir.Member:
			for s := range p.segmentSubjects(e.Seg) {
				out[s] = true
			}
			out[segmentSubject+e.Seg.Name] = true
		default: // looks through its parts
		}
		return true
	})
	return out
}

func (p *pass) segmentSubjects(s *ir.Segment) map[string]bool {
	q := p.prover()
	if known, ok := q.subjects[s]; ok {
		return known
	}
	q.subjects[s] = map[string]bool{} // no cycles: a checked project has none
	q.subjects[s] = p.subjectsOf(s.Where)
	return q.subjects[s]
}

// removed reports whether the form showed already that a condition can go.
func (p *pass) removed(at source.Span) bool {
	return slices.ContainsFunc(p.shown, func(s shown) bool { return s.rule.around && s.at == at })
}

// explained reports whether the form shows a mistake inside of a condition:
// what a proof finds then follows from that.
func (p *pass) explained(at source.Span) bool {
	return slices.ContainsFunc(p.shown, func(s shown) bool {
		return s.rule.mistake && s.at.File == at.File && s.at.Start >= at.Start && s.at.End <= at.End
	})
}

// alwaysHolds finds, by proof, alternatives that leave nobody out, where they
// are only a part of a condition.
func alwaysHolds(p *pass) {
	for i := range p.nodes {
		n := &p.nodes[i]
		or, ok := n.x.(*ir.Or)
		if ok && n.outer && n.x != n.root.x && !p.explained(or.Span()) && p.alwaysExpr(n.root.entity, or) {
			p.report(or.Span(), "one of these always holds, so this leaves nobody out").Help =
				"to ask for all of them, join them with `and`"
		}
	}
}

// sameMembers finds segments that always have the same members.
func sameMembers(p *pass) {
	for _, pair := range p.pairs() {
		a, b := pair[0], pair[1]
		if a.Name < b.Name || outdated(a, b) || !p.implies(a, b) || !p.implies(b, a) {
			continue
		}
		x := p.report(a.At, "%s has the same members as %s", a.Name, b.Name)
		x.Labels = []diag.Label{{Span: b.At, Text: "defined here"}}
		x.Help = "keep one of them, or write what sets them apart"
	}
}

// outdated reports that one of two segments is deprecated: that is often the
// same as what replaces it.
func outdated(a, b *ir.Segment) bool { return a.Meta.Deprecated != "" || b.Meta.Deprecated != "" }

// within finds segments that hold all members of others.
func within(p *pass) {
	of, order := map[*ir.Segment][]*ir.Segment{}, []*ir.Segment{}
	for _, pair := range p.pairs() {
		a, b := pair[0], pair[1]
		if outdated(a, b) || !p.implies(a, b) || p.implies(b, a) {
			continue
		}
		if of[b] == nil {
			order = append(order, b)
		}
		of[b] = append(of[b], a)
	}
	for _, b := range order {
		var names []string
		var labels []diag.Label
		for _, a := range of[b][:min(len(of[b]), 3)] {
			names = append(names, a.Name)
			labels = append(labels, diag.Label{Span: a.At, Text: "defined here"})
		}
		if more := len(of[b]) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("%d others", more))
		}
		x := p.report(b.At, "every member of %s is in %s too", joined(names), b.Name)
		x.Labels = labels
		x.Help = "who is a member of both gets the letters of both; to keep them apart, add here `and not in segment " + of[b][0].Name + "`"
	}
}

// joined lists names: a, b and c.
func joined(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func (p *pass) implies(a, b *ir.Segment) bool {
	q := p.prover()
	k := [2]*ir.Segment{a, b}
	if known, ok := p.implied[k]; ok {
		return known
	}
	if p.implied == nil {
		p.implied = map[[2]*ir.Segment]bool{}
	}
	if q.asked >= proofsPairs {
		return false
	}
	q.asked++
	p.implied[k] = q.Implies(a, b).Proved()
	return p.implied[k]
}
