// Package prove answers questions about segments that hold for every
// customer there could be: a segment has no members, one lies in another, two
// share nobody, a split's branches are all reached.
//
// An answer is proved, refuted with a witness (rows of one customer, checked
// by ir.Eval before it is shown), or not known with the reason. It is never a
// guess.
package prove

import (
	"github.com/segql/segql/compiler/ir"
)

// Verdict is the answer to one question.
type Verdict uint8

// Verdicts. The zero Verdict is Unknown.
const (
	Unknown Verdict = iota // neither could be shown; Answer.Reason says why
	Proved                 // it holds for every customer
	Refuted                // it does not hold of Answer.Witness
)

// String is the verdict as it is printed and as JSON holds it.
func (v Verdict) String() string {
	switch v {
	case Proved:
		return "proved"
	case Refuted:
		return "refuted"
	default:
		return "unknown"
	}
}

// Answer is a verdict with what it rests on.
type Answer struct {
	Verdict Verdict
	Witness *Witness // of Refuted, nil else
	Reason  string   // of Unknown: what stands in the way, in the author's words; "" else
}

// Proved reports whether it holds for every customer.
func (a Answer) Proved() bool { return a.Verdict == Proved }

// Refuted reports whether there is a witness against it.
func (a Answer) Refuted() bool { return a.Verdict == Refuted }

// Options of New. The zero Options answers for every instant.
type Options struct {
	// AsOf asks about one instant, in microseconds since 1970; nil: whatever is
	// proved holds at every instant.
	AsOf *int64
	// Budget bounds the nodes of one question's decision diagram; 0: DefaultBudget.
	Budget int
	// ProofsOnly looks for no witness, which is quick: an answer is Proved or
	// Unknown, never Refuted.
	ProofsOnly bool
	// Keys are those that witnesses must not have; nil: each begins anew.
	Keys *Keys
	// Stop is asked before each question: once it answers true, no more is
	// worked out, and answers are Unknown. It may be nil.
	Stop func() bool
}

// DefaultBudget is the number of nodes a question may take.
const DefaultBudget = 200_000

// Prover answers questions about one project. It remembers what it has worked
// out, and is not safe for use by several goroutines.
type Prover struct {
	project *ir.Project
	options Options
	proofs  *engine // for the instants that are asked about
	instant map[int64]*engine
	effort  int // values that may still be tried for the question at hand
}

// New makes a prover of a checked project. Segments of another version of it
// are no part of it: who compares two versions asks about expressions whose
// columns, facts and lookups are those of this one.
func New(p *ir.Project, o Options) *Prover {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	return &Prover{project: p, options: o, proofs: newEngine(p, o.AsOf), instant: map[int64]*engine{}}
}

// Never asks whether the segment has no members, whatever the data.
func (p *Prover) Never(s *ir.Segment) Answer {
	return p.ask(question{entity: s.Entity, of: []part{member(s, true)}})
}

// Always asks whether every row of the entity is in the segment.
func (p *Prover) Always(s *ir.Segment) Answer {
	return p.ask(question{entity: s.Entity, of: []part{member(s, false)}})
}

// Implies asks whether every member of a is one of b.
func (p *Prover) Implies(a, b *ir.Segment) Answer {
	return p.ask(question{entity: a.Entity, of: []part{member(a, true), member(b, false)}})
}

// Disjoint asks whether a and b never share a member.
func (p *Prover) Disjoint(a, b *ir.Segment) Answer {
	return p.ask(question{entity: a.Entity, of: []part{member(a, true), member(b, true)}})
}

// Equal asks whether a and b always have the same members.
func (p *Prover) Equal(a, b *ir.Segment) Answer {
	return p.both(p.Implies(a, b), func() Answer { return p.Implies(b, a) })
}

// both is the answer to two questions that must hold.
func (p *Prover) both(first Answer, second func() Answer) Answer {
	if first.Refuted() {
		return first
	}
	if next := second(); next.Refuted() || first.Proved() {
		return next
	}
	return first
}

// NeverExpr asks whether a condition in the scope of an entity holds of no row.
func (p *Prover) NeverExpr(entity *ir.Relation, x ir.Expr) Answer {
	return p.ask(question{entity: entity, of: []part{{x: x, holds: true}}})
}

// ImpliesExpr asks whether y holds of every row of which x does.
func (p *Prover) ImpliesExpr(entity *ir.Relation, x, y ir.Expr) Answer {
	return p.ask(question{entity: entity, of: []part{{x: x, holds: true}, {x: y}}})
}

// EqualExpr asks whether x and y hold of the same rows.
func (p *Prover) EqualExpr(entity *ir.Relation, x, y ir.Expr) Answer {
	return p.both(p.ImpliesExpr(entity, x, y), func() Answer { return p.ImpliesExpr(entity, y, x) })
}
