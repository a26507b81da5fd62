package lint

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// pairs are the segments of which the first may be within the second, for all
// that their form tells: the first looks at everything that the second does.
// Those that name each other, or are branches of one split, are known to be
// related, and those that are empty or everyone have advice of their own.
func (p *pass) pairs() [][2]*ir.Segment {
	if p.pairList != nil {
		return p.pairList
	}
	q := p.prover()
	var segs []*ir.Segment
	for _, s := range p.Segments {
		if h, ok := p.heads[s.Name]; ok && !isRandom(h) && !q.never[s] && !q.always[s] && s.Meta.ValidFrom == nil && s.Meta.ValidUntil == nil {
			segs = append(segs, s)
		}
	}
	p.pairList = [][2]*ir.Segment{}
	looks := p.lookers(segs)
	for _, a := range looks {
		for _, b := range looks {
			if !a.covers(b) || a == b || a.Entity != b.Entity || a.Split != "" && a.Split == b.Split || a.segments[b.Name] || b.segments[a.Name] {
				continue
			}
			p.pairList = append(p.pairList, [2]*ir.Segment{a.Segment, b.Segment})
		}
	}
	if len(p.pairList) > proofsPairs { // then only those that ask alike
		p.pairList = slices.DeleteFunc(p.pairList, func(pair [2]*ir.Segment) bool {
			return !subset(p.features(pair[1]), p.features(pair[0]))
		})
	}
	return p.pairList
}

// looker is a segment with what it looks at, as bits, and the segments it is
// made of: pairs are asked about by the million.
type looker struct {
	*ir.Segment
	subjects []uint64
	segments map[string]bool
}

func (p *pass) lookers(segs []*ir.Segment) []*looker {
	numbers := map[string]int{}
	out := make([]*looker, len(segs))
	for i, s := range segs {
		l := &looker{Segment: s, segments: map[string]bool{}}
		for subject := range p.segmentSubjects(s) {
			if name, ok := strings.CutPrefix(subject, segmentSubject); ok {
				l.segments[name] = true
				continue
			}
			n, ok := numbers[subject]
			if !ok {
				n = len(numbers)
				numbers[subject] = n
			}
			for len(l.subjects) <= n/64 {
				l.subjects = append(l.subjects, 0)
			}
			l.subjects[n/64] |= 1 << (n % 64)
		}
		out[i] = l
	}
	return out
}

// covers reports whether a looks at everything that b does.
func (a *looker) covers(b *looker) bool {
	for i, bits := range b.subjects {
		if i >= len(a.subjects) {
			if bits != 0 {
				return false
			}
		} else if bits&^a.subjects[i] != 0 {
			return false
		}
	}
	return true
}

// features names what a segment looks at, with facts as they are asked about
// but for windows.
func (p *pass) features(s *ir.Segment) map[string]bool {
	q := p.prover()
	if known, ok := q.features[s]; ok {
		return known
	}
	out := map[string]bool{}
	q.features[s] = out
	ir.Walk(s.Where, func(e ir.Expr) bool {
		switch e := e.(type) {
		case *ir.Agg:
			bare := *e
			bare.Window = nil
			out[ir.Key(&bare)] = true
			return false
		case *ir.Column:
			out[columnOf(e)] = true
		case *ir.Member:
			for f := range p.features(e.Seg) {
				out[f] = true
			}
		default: // looks through its parts
		}
		return true
	})
	return out
}

func subset(a, b map[string]bool) bool {
	for s := range a {
		if !b[s] {
			return false
		}
	}
	return true
}
