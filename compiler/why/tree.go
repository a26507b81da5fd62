package why

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/source"
)

// rule explains the rule of a segment for the row.
func (b *builder) rule(s *ir.Segment) *Node {
	if and, ok := s.Where.(*ir.And); ok && s.Split != "" {
		if n := b.branch(s, and); n != nil {
			return n
		}
	}
	return b.node(b.root, s.Where)
}

// branch explains a branch of a split: what came before it, then its own
// condition. Nil where the segment is a part of something else, a holdout.
func (b *builder) branch(s *ir.Segment, and *ir.And) *Node {
	all := b.branches(s.Split)
	own := -1
	for i, other := range all {
		if other == s {
			own = i
		}
	}
	xs := and.Xs
	n := b.leaf(All, and)
	if len(xs) > 0 {
		if m, ok := xs[0].(*ir.Member); ok && !within(m.Span(), all) { // `of segment`
			n.Of = append(n.Of, b.node(b.root, m))
			xs = xs[1:]
		}
	}
	if len(xs) != own && len(xs) != own+1 {
		return nil
	}
	for i, x := range xs {
		if i == own {
			n.Of = append(n.Of, b.node(b.root, x))
			continue
		}
		not, ok := x.(*ir.Not)
		if !ok {
			return nil
		}
		c := b.leaf(Before, not)
		c.Name = all[i].Name
		c.Of = []*Node{b.node(b.root, not.X)}
		n.Of = append(n.Of, c)
	}
	if len(xs) == own {
		n.Of = append(n.Of, &Node{Kind: Otherwise, Text: "otherwise", Holds: true, row: b.root})
	}
	return n
}

func within(s source.Span, branches []*ir.Segment) bool {
	for _, br := range branches {
		if s.File == br.Decl.File && s.Start >= br.Decl.Start && s.End <= br.Decl.End {
			return true
		}
	}
	return false
}

// leaf makes a node without children; whether it holds, the evaluator says.
func (b *builder) leaf(k Kind, x ir.Expr) *Node { return b.leafAt(b.root, k, x) }

func (b *builder) leafAt(at ir.Row, k Kind, x ir.Expr) *Node {
	n := &Node{Kind: k, Text: oneLine(x.Span()), Expr: x, Span: x.Span(), row: at, Holds: must(b.ev.Value(at, x)).True()}
	if !n.Span.IsZero() {
		n.File, n.Line = n.Span.File.Name, n.Span.Pos().Line
	}
	return n
}

// node explains a condition in scope of a row.
func (b *builder) node(at ir.Row, x ir.Expr) *Node {
	switch x := x.(type) {
	case *ir.And:
		if !sugar(x, x.Xs) {
			return b.group(at, All, x, x.Xs)
		}
	case *ir.Or:
		if !sugar(x, x.Xs) {
			return b.group(at, Any, x, x.Xs)
		}
	case *ir.Member:
		return b.member(at, x, x)
	case *ir.Not:
		switch inner := x.X.(type) {
		case *ir.And:
			if !sugar(inner, inner.Xs) {
				return b.group(at, Not, x, []ir.Expr{inner})
			}
		case *ir.Or:
			if !sugar(inner, inner.Xs) {
				return b.group(at, Not, x, []ir.Expr{inner})
			}
		case *ir.Member:
			return b.member(at, x, inner)
		case *ir.Not:
			return b.group(at, Not, x, []ir.Expr{inner})
		default: // one condition, whose complement it is
		}
	default: // one condition
	}
	return b.condition(at, x)
}

func (b *builder) group(at ir.Row, k Kind, x ir.Expr, xs []ir.Expr) *Node {
	n := b.leafAt(at, k, x)
	for _, c := range xs {
		n.Of = append(n.Of, b.node(at, c))
	}
	return n
}

// member explains `in segment S`; x is the whole of it, which may be negated.
func (b *builder) member(at ir.Row, x ir.Expr, m *ir.Member) *Node {
	n := b.leafAt(at, Segment, x)
	n.Name = m.Seg.Name
	today := b.q.Project.Calendar.DateOf(b.asOf)
	switch {
	case !m.Seg.ValidOn(today):
		n.Says = m.Seg.Name + ": " + validity(m.Seg, today)
	case at == b.root:
		n.Of = []*Node{b.rule(m.Seg)}
	default:
		n.Of = []*Node{b.node(at, m.Seg.Where)}
	}
	return n
}

// sugar reports whether the parts of a condition are what one written
// condition means, and not conditions of their own: `between`, `has any of`.
func sugar(x ir.Expr, parts []ir.Expr) bool {
	if x.Span().IsZero() {
		return false
	}
	for _, p := range parts {
		if p.Span() != x.Span() && !p.Span().IsZero() {
			return false
		}
	}
	return len(parts) > 0
}

// oneLine is the text of a span with its breaks taken out.
func oneLine(s source.Span) string {
	if s.IsZero() {
		return ""
	}
	return strings.Join(strings.Fields(s.Text()), " ")
}
