package lint

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
)

// Rules about conditions that stand beside each other, as far as their form
// tells; what takes a proof is in proof.go.

// duplicates finds a condition that stands twice in one and or or.
func duplicates(p *pass, s *site) {
	l, ok := s.n.(*ast.Logic)
	if !ok {
		return
	}
	seen := map[string]ast.Expr{}
	for i, x := range l.Operands {
		key := p.key(x)
		before := seen[key]
		if before == nil {
			seen[key] = x
			continue
		}
		d := p.report(x.Span(), "this condition stands here already")
		d.Labels = []diag.Label{{Span: before.Span(), Text: "first here"}}
		d.Help = "take it out, or write the one that was meant"
		d.Edits = []diag.Edit{p.drop(l, i)}
	}
}

// key is equal for conditions that are built alike.
func (p *pass) key(x ast.Expr) string {
	x = unparen(x)
	if e := p.exprOf(x); e != nil {
		return ir.Key(e)
	}
	return format.Expr(x)
}

// alwaysOr finds alternatives of which one always holds: `x != a or x != b`,
// `c or not c`.
func alwaysOr(p *pass, s *site) {
	l, ok := s.n.(*ast.Logic)
	if !ok || l.Op != "or" {
		return
	}
	for i, x := range l.Operands {
		for j, y := range l.Operands[:i] {
			a, b := p.exprOf(unparen(y)), p.exprOf(unparen(x))
			if a == nil || b == nil {
				continue
			}
			switch {
			case excludes(a, b):
				d := p.report(l.Loc, "whoever fails one of these meets the other, so this holds of everyone")
				d.Labels = []diag.Label{{Span: l.Operands[j].Span(), Text: "holds of all but some"}, {Span: x.Span(), Text: "holds of all but others"}}
				d.Help = "to leave out both, join the two with `and`"
			case opposite(a, b):
				d := p.report(l.Loc, "one of these is the opposite of the other, so this holds of everyone")
				d.Labels = []diag.Label{{Span: l.Operands[j].Span(), Text: "one"}, {Span: x.Span(), Text: "the other"}}
				d.Help = "take the condition out, or write the one that was meant"
			default:
				continue
			}
			return
		}
	}
}

func opposite(a, b ir.Expr) bool {
	negates := func(x, y ir.Expr) bool {
		n, ok := x.(*ir.Not)
		return ok && ir.Key(n.X) == ir.Key(y)
	}
	if k, ok := a.(*ir.Known); ok {
		if l, ok := b.(*ir.Known); ok {
			return k.Missing != l.Missing && ir.Key(k.X) == ir.Key(l.X)
		}
	}
	return negates(a, b) || negates(b, a)
}

// excludes reports two negations of what cannot hold together: that one value
// is this, and that it is something else.
func excludes(a, b ir.Expr) bool {
	x, vs := excluded(a)
	y, ws := excluded(b)
	if x == nil || y == nil || ir.Key(x) != ir.Key(y) {
		return false
	}
	return !slices.ContainsFunc(vs, func(v value.Value) bool {
		return slices.ContainsFunc(ws, func(w value.Value) bool { return value.Compare(v, w) == 0 })
	})
}

// excluded are the values that a negation leaves out, and of what.
func excluded(e ir.Expr) (x ir.Expr, values []value.Value) {
	not, ok := e.(*ir.Not)
	if !ok {
		return nil, nil
	}
	switch e := not.X.(type) {
	case *ir.Cmp:
		if k, ok := e.R.(*ir.Const); ok && e.Op == "=" && !k.V.IsMissing() {
			return e.L, []value.Value{k.V}
		}
	case *ir.InSet:
		return e.X, e.Set.Values
	default: // leaves out more than values
	}
	return nil, nil
}

func unescape(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}
