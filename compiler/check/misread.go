package check

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
)

// misread notes conditions that are often read in another way than they are
// meant. beside are the conditions that hold together with e; neg says that e
// stands under an odd number of `not`.
func (c *checker) misread(e ir.Expr, beside []ir.Expr, neg bool) {
	switch e := e.(type) {
	case *ir.And:
		for i, x := range e.Xs {
			others := append(append([]ir.Expr{}, beside...), e.Xs[:i]...)
			c.misread(x, append(others, e.Xs[i+1:]...), neg)
		}
	case *ir.Cmp:
		if !neg {
			c.nothingAtAll(e, beside)
		}
	case *ir.Not:
		c.misread(e.X, beside, !neg)
	case *ir.Or:
		for _, x := range e.Xs {
			c.misread(x, beside, neg)
		}
	case *ir.Rank:
		c.rankNotes(e, beside)
	default: // no condition that is read wrongly
	}
}

// nothingAtAll notes that none and all hold of those without any row.
func (c *checker) nothingAtAll(e *ir.Cmp, beside []ir.Expr) {
	agg, ok := e.L.(*ir.Agg)
	if !ok || slices.ContainsFunc(beside, func(x ir.Expr) bool { return asksForSome(x, agg) }) {
		return
	}
	fact := agg.Leaf.Name
	help := "if they should stay out, add `and any(" + fact + ")`"
	switch call := c.calls[e]; {
	case call == "none" && agg.Window != nil:
		c.diags.Notef(noneTakesAll, e.Span(), "this also takes in those who have no %s at any time", fact).Help = help
	case call == "all":
		c.diags.Notef(allOfNothing, e.Span(), "this also takes in those who have no %s", fact).Help = help
	}
}

// asksForSome reports a condition that needs rows of the same fact.
func asksForSome(x ir.Expr, of *ir.Agg) bool {
	switch x := x.(type) {
	case *ir.Cmp:
		agg, ok := x.L.(*ir.Agg)
		return ok && agg.Leaf == of.Leaf && (x.Op == ">=" || x.Op == ">")
	case *ir.Not:
		return hasNone(x.X, of)
	default:
		return false
	}
}

// hasNone reports a condition that holds of everybody without rows of the
// same fact, so that those for whom it does not hold have some.
func hasNone(x ir.Expr, of *ir.Agg) bool {
	switch x := x.(type) {
	case *ir.Cmp:
		agg, ok := x.L.(*ir.Agg)
		k, isConst := x.R.(*ir.Const)
		return ok && isConst && agg.Leaf == of.Leaf && agg.Op == ir.OpCount && x.Op == "=" && k.V.Kind == value.Int && k.V.I == 0
	case *ir.Or:
		return slices.ContainsFunc(x.Xs, func(y ir.Expr) bool { return hasNone(y, of) })
	default:
		return false
	}
}

// rankNotes notes who a rank is taken of.
func (c *checker) rankNotes(e *ir.Rank, beside []ir.Expr) {
	if e.Of == nil && slices.ContainsFunc(beside, isNoRank) {
		c.diags.Notef(rankOfEveryone, e.Span(), "the rank is taken of everyone, not of those whom the other conditions leave").
			Help = "to rank among those, make the other conditions a segment and add `of segment NAME`"
		return // one note that the rank is of everyone is enough
	}
	v := e.Value
	if t, ok := v.(*ir.Trait); ok {
		v = t.X
	}
	if agg, ok := v.(*ir.Agg); ok && e.Of == nil && agg.Op.ZeroOfNone() {
		c.diags.Notef(rankOfZero, e.Span(), "those who have no %s are ranked too, with 0", agg.Leaf.Name).
			Help = "to leave them out, rank among a segment: `of segment NAME`, whose condition is any(" + agg.Leaf.Name + ")"
	}
}

func isNoRank(x ir.Expr) bool {
	if n, ok := x.(*ir.Not); ok {
		x = n.X
	}
	_, isRank := x.(*ir.Rank)
	return !isRank
}

// fallThrough notes attributes whose missing values no branch of a split asks
// for, so that their rows are left to `otherwise`.
func (c *checker) fallThrough(d *ast.Split, conds []ir.Expr) {
	var used []ir.Expr
	asked := map[string]bool{} // by `is missing`, or named already
	for _, x := range conds {
		ir.Walk(x, func(e ir.Expr) bool {
			switch e := e.(type) {
			case *ir.Agg, *ir.Member, *ir.Trait:
				return false
			case *ir.Known:
				asked[ir.Key(e.X)] = true
				return false
			case *ir.Column, *ir.Follow:
				used = append(used, e)
				return false
			default: // perhaps in a part of it
			}
			return true
		})
	}
	var names []string
	for _, x := range used {
		if key := ir.Key(x); x.Type().Kind != value.Bool && ir.Nullable(x) && !asked[key] {
			asked[key] = true
			// A place is two columns under one name.
			if name := x.Span().Text(); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	last := d.Branches[len(d.Branches)-1].Name
	c.diags.Notef(fallsThrough, last.Loc, "rows whose %s is missing are in %s, unless a branch takes them for something else", strings.Join(names, " or "), last.Name).
		Help = "if that is not meant, give them a branch of their own: `unknown when " + names[0] + " is missing`"
}

// partOfDate notes that parts of dates are alike in every year.
func (c *checker) partOfDate(e *ast.Call, v ir.Expr) {
	call, ok := v.(*ir.Call)
	if !ok || call.Fn != "month" && call.Fn != "quarter" && call.Fn != "day" {
		return
	}
	arg, ok := e.Args[0].(*ast.Call)
	if !ok || len(arg.Args) != 1 {
		return
	}
	c.diags.Notef(distinctParts, e.Args[0].Span(), "%s is the same number every year, so equal ones of different years count once", arg.Span().Text()).
		Help = "to count each one, write start_of(" + call.Fn + ", " + arg.Args[0].Span().Text() + ")"
}
