package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
)

// history is `entered|left segment S WINDOW`, of the row itself or of one that
// lookups lead to. The window is read in the scope of the row itself.
func (c *checker) history(sc scope, e *ast.History) ir.Expr {
	if sc.catalog {
		return c.catalogOnly(e.Span(), "segments")
	}
	word := "entered segment "
	if e.Left {
		word = "left segment "
	}
	by, ok := c.rowPath(sc, e.X, word+e.Ref.String()+" …")
	if !ok || e.Window == nil {
		return nil
	}
	entity := sc.entity
	if len(by) > 0 {
		entity = by[len(by)-1].To
	}
	if entity == nil {
		return c.whoseMembership(sc, e, word+e.Ref.Loc.Text()+" …")
	}
	seg, w := c.segmentRef(e.Ref, entity), c.window(sc, e.Window)
	if seg == nil || w == nil {
		return nil
	}
	if w.Next {
		c.diags.Errorf(badWindow, e.Window.Loc, "nobody has entered or left a segment after as_of").
			Help = "look back with `in last …`"
		return nil
	}
	return c.negate(e.Not, e, &ir.History{Loc: loc(e), Anchor: by, Seg: seg, Left: e.Left, Window: w})
}

// rowPath reads the lookups of x, that stands before `in segment`, `entered`
// and `left`; what is the rest of the condition, for messages.
func (c *checker) rowPath(sc scope, x ast.Expr, what string) ([]*ir.Lookup, bool) {
	if x == nil {
		return nil, true
	}
	var by []*ir.Lookup
	rel := sc.rel
	if p, ok := x.(*ast.PathExpr); ok {
		for _, part := range p.Path.Parts {
			l := rel.Lookup(part.Name)
			if l == nil {
				if c.isLost(rel, part.Name) {
					return nil, false
				}
				by = nil
				break
			}
			c.useLookup(part.Loc, l)
			by, rel = append(by, l), l.To
		}
	}
	if len(by) == 0 || !rel.Entity {
		c.diags.Errorf(needValue, x.Span(), "only a row can be in a segment").
			Help = "write `" + what + "` alone, or inside a fact `customer " + what + "`"
		return nil, false
	}
	return by, true
}

// whoseMembership reports a condition on segments inside a fact, whose rows
// are in none.
func (c *checker) whoseMembership(sc scope, e ast.Expr, what string) ir.Expr {
	d := c.diags.Errorf(wrongScope, e.Span(), "inside a fact, say whose membership is meant")
	if sc.rel.Owner == nil {
		d.Help = "rows of " + sc.rel.Name + " are asked about here; move the condition out of the fact"
		return nil
	}
	owner := syntax.QuoteName(sc.rel.Owner.Name)
	d.Help = "write `" + owner + " " + what + "`"
	d.Edits = []diag.Edit{{Span: e.Span(), Text: owner + " " + e.Span().Text()}}
	return nil
}
