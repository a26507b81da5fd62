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
	ok := false
	switch x := subject.(type) {
	case *ast.Call:
		out.Subject = ir.Subject(x.Name.Name)
		ok = c.measured(seg, &out, x)
	case *ast.PathExpr:
		out.Subject = ir.Subject(x.Path.String())
		ok = c.measure(seg, &out, x)
	default:
		c.badExpect(l.Check.Span())
	}
	return out, ok && c.bounds(&out, bounds)
}

// measure reads a subject that is one word.
func (c *checker) measure(seg *ir.Segment, out *ir.Expect, x *ast.PathExpr) bool {
	switch out.Subject {
	case ir.SubjectReachable:
		return c.reachable(seg, out, x.Loc)
	case ir.SubjectSize, ir.SubjectTurnover:
		return true
	case ir.SubjectOverlap, ir.SubjectShare: // need to be told of what
	}
	return c.badExpect(x.Loc)
}

// measured reads a subject with what it is of in parentheses.
func (c *checker) measured(seg *ir.Segment, out *ir.Expect, x *ast.Call) bool {
	if len(x.Args) != 1 || x.Of != nil || x.Distinct {
		return c.badExpect(x.Span())
	}
	name, _ := x.Args[0].(*ast.PathExpr)
	switch {
	case out.Subject == ir.SubjectShare:
		out.Cond = c.cond(rowScope(seg.Entity), x.Args[0])
	case out.Subject == ir.SubjectOverlap && name != nil:
		other := c.segmentRef(name.Path, seg.Entity)
		switch {
		case other == seg:
			c.diags.Errorf(badExpect, name.Loc, "all members of %s are in %s", seg.Name, seg.Name).Help = "name another segment"
		case other != nil:
			out.Cond = &ir.Member{Loc: loc(name), Seg: other}
		}
	case out.Subject == ir.SubjectReachable && name != nil:
		return c.reachableBy(seg, out, name)
	default:
		return c.badExpect(x.Span())
	}
	return out.Cond != nil
}

// reachableBy is the share of members that a channel of the catalog reaches.
func (c *checker) reachableBy(seg *ir.Segment, out *ir.Expect, name *ast.PathExpr) bool {
	if !c.channel(name.Loc, name.Path.String()) {
		c.noChannel(badExpect, name.Loc, name.Path.String())
		return false
	}
	ch := c.proj.Channel(name.Path.String())
	if ch.Cond == nil { // an error of the catalog
		return false
	}
	out.Cond = ch.Cond
	return c.reaches(seg, name.Loc)
}

// reachable is the share of members that at least one of the segment's own
// channels reaches.
func (c *checker) reachable(seg *ir.Segment, out *ir.Expect, at source.Span) bool {
	if len(seg.Meta.Channels) == 0 {
		c.diags.Errorf(badExpect, at, "%s does not say by which channels it is reached", seg.Name).
			Help = "write `channels: […]` before `where`, or name one here: `reachable(CHANNEL)`"
		return false
	}
	one := &ir.Or{Loc: ir.Loc{At: at}}
	for _, name := range seg.Meta.Channels {
		ch := c.proj.Channel(name)
		if ch == nil || ch.Cond == nil {
			return false // reported where it stands
		}
		one.Xs = append(one.Xs, ch.Cond)
	}
	out.Cond = one
	return c.reaches(seg, at)
}

// reaches reports a segment whose rows no channel is for.
func (c *checker) reaches(seg *ir.Segment, at source.Span) bool {
	if e := c.entity(nil); seg.Entity != e {
		c.diags.Errorf(badExpect, at, "the catalog's channels reach a %s, and %s holds rows of %s", e.Name, seg.Name, seg.Entity.Name).
			Help = "write what makes a " + seg.Entity.Name + " reachable as a share: `expect share(CONDITION) >= 60%`"
		return false
	}
	return true
}

func (c *checker) badExpect(span source.Span) bool {
	c.diags.Errorf(badExpect, span, "this is not a check segql knows").
		Help = "as in `expect size >= 500`, `expect size between 1% and 20%`, `expect share(email is known) >= 80%`,\n" +
		"`expect overlap(SEGMENT) <= 30%`, `expect reachable(CHANNEL) >= 60%`, `expect turnover <= 10%`"
	return false
}

// bounds reads what the subject of a check is compared with.
func (c *checker) bounds(out *ir.Expect, bounds []ast.Expr) bool {
	share := out.Subject != ir.SubjectSize
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
		d.Help = "as in `80%`"
		if n, ok := e.(*ast.Number); ok && k.V.Kind == value.Int {
			d.Help = "write " + n.Loc.Text() + "%"
			d.Edits = []diag.Edit{{Span: n.Loc, Text: n.Loc.Text() + "%"}}
		}
		return false
	}
	q.V, q.Percent = k.V, percent
	return true
}
