package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
)

// direct finds the direction of a change. The condition is compared by proof
// and the time of validity by its days; both together give the direction.
func (c *comparison) direct(change *Change) {
	was, is := change.Old, change.New
	change.Kind = Changed
	if change.Reason = cmp.Or(c.apart(was, is), ranked(was, is)); change.Reason != "" {
		return
	}
	before, ok := c.adopted.condition(was.Where)
	if !ok {
		change.Reason = "there is no " + c.adopted.lost + " any more"
		return
	}
	p := c.prover
	into := p.ImpliesExpr(is.Entity, is.Where, before)
	out := p.ImpliesExpr(is.Entity, before, is.Where)
	sought := c.plainRows(was) && c.plainRows(is)
	if sought {
		if !into.Proved() {
			into = c.finder.ImpliesExpr(is.Entity, is.Where, before)
		}
		if !out.Proved() {
			out = c.finder.ImpliesExpr(is.Entity, before, is.Where)
		}
	}
	shorter, longer := within(is.Meta, was.Meta), within(was.Meta, is.Meta)
	if longer || shorter {
		change.Entering, change.Leaving = into.Witness, out.Witness
	}
	// Only what lies in everything can be empty.
	change.Empty = into.Proved() && p.NeverExpr(is.Entity, is.Where).Proved()
	change.WasEmpty = out.Proved() && p.NeverExpr(is.Entity, before).Proved()
	switch narrower, wider := into.Proved() && shorter, out.Proved() && longer; {
	case narrower && wider:
		change.Kind = Equal
	case narrower:
		change.Kind = Narrower
	case wider:
		change.Kind = Wider
	case p.NeverExpr(is.Entity, &ir.And{Xs: []ir.Expr{before, is.Where}}).Proved():
		change.Kind = Disjoint
	default:
		change.Reason = unknown(into, out, sought)
	}
}

// apart says why the proof of conditions alone says nothing about members: the
// customers of the two versions are others, or what both conditions read is.
func (c *comparison) apart(was, is *ir.Segment) string {
	switch {
	case c.prover == nil:
		return "one of the versions has no catalog"
	case was.Entity.Name != is.Entity.Name:
		return "its members were of " + was.Entity.Name + " and are of " + is.Entity.Name
	}
	before, after := c.was.reached(was), c.is.reached(is)
	var names []string
	for name, says := range after {
		if old, both := before[name]; both && old != says && !strings.HasPrefix(name, segmentPrefix) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return names[0] + " is another than it was"
}

// plainRows reports whether all that a segment reads are rows of sources, or
// some of them. A customer whose rows are to make groups, or be made by facts, is
// found by trying, which takes too long here.
func (c *comparison) plainRows(s *ir.Segment) bool {
	m := c.was
	if c.new.Segment(s.Name) == s {
		m = c.is
	}
	for name := range m.reached(s) {
		if row, ok := strings.CutPrefix(name, rowsPrefix); ok {
			if r := m.project.Relation(row); r != nil && (len(r.GroupBy) > 0 || len(r.Universe) > 0) {
				return false
			}
		}
	}
	return true
}

// ranked says why no proof is looked for where each version has a place in the
// population that the other has not: only the data tells who has it.
func ranked(was, is *ir.Segment) string {
	before, after := places(was), places(is)
	gone, fresh := false, ""
	for key := range before {
		gone = gone || after[key] == nil
	}
	for key, x := range after {
		if text := strings.Join(strings.Fields(x.Span().Text()), " "); before[key] == nil && (fresh == "" || text < fresh) {
			fresh = text
		}
	}
	if !gone || fresh == "" {
		return ""
	}
	return "who is where among all, as `" + fresh + "` asks, only the data tells"
}

// places are the parts of a segment, of those it refers to too, that look at
// the whole population.
func places(s *ir.Segment) map[string]ir.Expr {
	out := map[string]ir.Expr{}
	seen := map[*ir.Segment]bool{}
	var visit func(s *ir.Segment)
	visit = func(s *ir.Segment) {
		if seen[s] {
			return
		}
		seen[s] = true
		ir.Walk(s.Where, func(x ir.Expr) bool {
			switch x.(type) {
			case *ir.Bucket, *ir.PopAgg, *ir.Rank:
				out[ir.Key(x)] = x
			default:
			}
			return true
		})
		for _, ref := range ir.Refs(s.Where) {
			visit(ref)
		}
	}
	visit(s)
	return out
}

// equal reports whether two segments are proved to have the same members.
func (c *comparison) equal(was, is *ir.Segment) bool {
	if c.apart(was, is) != "" || !within(is.Meta, was.Meta) || !within(was.Meta, is.Meta) {
		return false
	}
	before, ok := c.adopted.condition(was.Where)
	return ok && c.prover.EqualExpr(is.Entity, before, is.Where).Proved()
}

// within reports whether every day on which a is valid is one of b's.
func within(a, b ir.Meta) bool {
	from := b.ValidFrom == nil || a.ValidFrom != nil && *a.ValidFrom >= *b.ValidFrom
	until := b.ValidUntil == nil || a.ValidUntil != nil && *a.ValidUntil <= *b.ValidUntil
	return from && until
}

// unknown is the reason why neither implication was proved; "" when both were
// refuted, for then it is known that some enter and some leave. sought says that
// witnesses were looked for.
func unknown(into, out prove.Answer, sought bool) string {
	for _, a := range []prove.Answer{into, out} {
		if a.Verdict == prove.Unknown && sought {
			return a.Reason
		} else if a.Verdict == prove.Unknown {
			return "there is no proof of one"
		}
	}
	return ""
}
