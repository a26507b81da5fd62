package prove

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
)

// Partition asks whether a split divides what it splits: every row of its
// entity (or of the segment it divides) falls in exactly one branch, and every
// branch is reached by some row. Where a branch is never reached the answer
// is Refuted without a witness, since there is none, and with a Reason.
func (p *Prover) Partition(name string) Answer {
	branches := p.branches(name)
	if len(branches) == 0 {
		return Answer{Reason: fmt.Sprintf("there is no split %q", name)}
	}
	entity := branches[0].Entity
	none := question{entity: entity}
	if of := divided(branches); of != nil {
		none.of = append(none.of, member(of, true))
	}
	for _, b := range branches {
		none.of = append(none.of, part{x: b.Where})
	}
	out := p.ask(none)
	for i, b := range branches {
		for _, o := range branches[:i] {
			out = worst(out, func() Answer {
				return p.ask(question{entity: entity, of: []part{{x: o.Where, holds: true}, {x: b.Where, holds: true}}})
			})
		}
	}
	for _, b := range branches {
		out = worst(out, func() Answer { return p.reached(b) })
	}
	return out
}

// worst is the answer to two questions that must hold, a refutation before a
// doubt.
func worst(a Answer, next func() Answer) Answer {
	if a.Refuted() {
		return a
	}
	if b := next(); !b.Proved() && (b.Refuted() || a.Proved()) {
		return b
	}
	return a
}

// reached asks whether some row falls in a branch.
func (p *Prover) reached(b *ir.Segment) Answer {
	switch a := p.NeverExpr(b.Entity, b.Where); a.Verdict {
	case Proved:
		return Answer{Verdict: Refuted, Reason: fmt.Sprintf("nobody can fall in %s", b.Name)}
	case Refuted:
		return Answer{Verdict: Proved}
	default:
		return Answer{Reason: fmt.Sprintf("whether anybody falls in %s: %s", b.Name, a.Reason)}
	}
}

func (p *Prover) branches(split string) []*ir.Segment {
	var out []*ir.Segment
	for _, s := range p.project.Segments {
		if s.Split == split {
			out = append(out, s)
		}
	}
	return out
}

// divided is the segment that a split divides, nil for all rows of the entity.
// The branch of `otherwise` holds where no other does, in that segment.
func divided(branches []*ir.Segment) *ir.Segment {
	for _, b := range branches {
		and, ok := b.Where.(*ir.And)
		if !ok || len(and.Xs) == 0 {
			continue
		}
		of, isMember := and.Xs[0].(*ir.Member)
		nots := 0
		for _, x := range and.Xs {
			if _, not := x.(*ir.Not); not {
				nots++
			}
		}
		if nots == len(branches)-1 && isMember && len(and.Xs) == nots+1 {
			return of.Seg
		}
	}
	return nil
}
