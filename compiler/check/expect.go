package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// expects reads the checks of a segment.
func (c *checker) expects(seg *ir.Segment, lines []ast.Expect) {
	for _, l := range lines {
		if l.Check == nil {
			continue // a syntax error
		}
		if e, ok := c.expect(seg, l); ok {
			seg.Expects = append(seg.Expects, e)
		}
	}
}

func (c *checker) expect(seg *ir.Segment, l ast.Expect) (ir.Expect, bool) {
	out := ir.Expect{At: l.Loc, Text: format.Expr(l.Check)}
	var subject ast.Expr
	bounds := []ast.Expr{}
	switch x := l.Check.(type) {
	case *ast.Between:
		if !x.Not {
			subject, out.Op, bounds = x.X, "between", []ast.Expr{x.Lo, x.Hi}
		}
	case *ast.Compare:
		if x.Op != "~=" {
			subject, out.Op, bounds = x.L, x.Op, []ast.Expr{x.R}
		}
	default: // reported below
	}
	share := false
	switch x := subject.(type) {
	case *ast.Call:
		switch x.Name.Name {
		case "share":
			if len(x.Args) != 1 || x.Of != nil {
				return out, c.badExpect(l.Check.Span())
			}
			share, out.Subject = true, "share"
			out.Cond = c.cond(rowScope(seg.Entity), x.Args[0])
		case "overlap", "reachable":
			c.laterCheck(x.Name.Loc, x.Name.Name)
			return out, false
		}
	case *ast.PathExpr:
		switch x.Path.String() {
		case "size":
			out.Subject = "size"
		case "turnover":
			c.laterCheck(x.Loc, "turnover")
			return out, false
		}
	default: // reported below
	}
	if out.Subject == "" {
		return out, c.badExpect(l.Check.Span())
	}
	return out, c.bounds(&out, bounds, share) && (!share || out.Cond != nil)
}

// laterCheck reports a check of the language that nothing computes yet.
func (c *checker) laterCheck(span source.Span, name string) {
	c.diags.Errorf(notYet, span, "this version cannot check %s yet", name).
		Help = "take the line out; what can be checked is `size` and `share(…)`"
}

func (c *checker) badExpect(span source.Span) bool {
	c.diags.Errorf(badExpect, span, "this is not a check segql knows").
		Help = "as in `expect size >= 500`, `expect size between 1% and 20%`, `expect share(email is known) >= 80%`"
	return false
}

// bounds reads what the subject of a check is compared with.
func (c *checker) bounds(out *ir.Expect, bounds []ast.Expr, share bool) bool {
	into := []*ir.Quantity{&out.Lo, &out.Hi}
	for i, b := range bounds {
		if !c.quantity(b, into[i], share) {
			return false
		}
	}
	if len(bounds) < 2 {
		return true
	}
	lo, hi := bounds[0].Span(), bounds[1].Span()
	if out.Lo.Percent != out.Hi.Percent {
		c.diags.Errorf(badExpect, lo.To(hi), "one bound is a percentage, the other a number of rows").Help = "write both in one way"
		return false
	}
	if value.Compare(out.Lo.V, out.Hi.V) > 0 {
		c.swapped(bounds[0], bounds[1])
		return false
	}
	return true
}

func (c *checker) quantity(e ast.Expr, q *ir.Quantity, share bool) bool {
	k, percent, said := c.numberOrParam(e)
	switch {
	case said:
		return false
	case k == nil:
		if e != nil {
			c.diags.Errorf(badExpect, e.Span(), "a check compares with a number or a percentage").Help = "as in `expect size >= 500` or `expect size >= 1%`"
		}
		return false
	case share && !percent && value.Compare(k.V, value.NewInt(0)) != 0:
		d := c.diags.Errorf(badExpect, e.Span(), "a share is a percentage")
		d.Help = "as in `expect share(email is known) >= 80%`"
		if n, ok := e.(*ast.Number); ok && k.V.Kind == value.Int {
			d.Help = "write " + n.Loc.Text() + "%"
			d.Edits = []diag.Edit{{Span: n.Loc, Text: n.Loc.Text() + "%"}}
		}
		return false
	}
	q.V, q.Percent = k.V, percent
	return true
}
