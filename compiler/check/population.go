package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
)

// population is one value over everyone or a segment.
func (c *checker) population(sc scope, e *ast.Call, op ir.AggOp) ir.Expr {
	if !c.populationScope(sc, e) {
		return nil
	}
	if op == ir.OpFirst || op == ir.OpLast {
		c.diags.Errorf(badAggregate, e.Name.Loc, "people have no order in time, so there is no %s of them", op).Help = "use min, max, median or percentile"
		return nil
	}
	out := &ir.PopAgg{Loc: loc(e), Op: op}
	args := e.Args
	if op == ir.OpPercentile {
		ok, said := len(args) == 2, false
		if ok {
			ok, said = c.percentArg(args[0], out)
		}
		if said {
			return nil
		}
		if !ok {
			c.diags.Errorf(wrongArguments, e.Loc, "percentile takes a number from 0 to 100 and a value").Help = "as in percentile(80, income of everyone)"
			return nil
		}
		args = args[1:]
	}
	if len(args) != 1 {
		c.diags.Errorf(wrongArguments, e.Loc, "%s of everyone takes one value", op).Help = "as in median(total_spend of everyone)"
		return nil
	}
	out.Value = c.value(sc, args[0])
	if out.Value == nil || !c.ofAndPer(sc, e.Of.Segment, e.Of.Per, &out.Of, &out.Per) {
		return nil
	}
	t, ok := c.aggType(e, op, out.Value, sc.rel)
	if !ok {
		return nil
	}
	if e.Distinct {
		c.diags.Errorf(badAggregate, e.Name.Loc, "distinct does not go with everyone").Help = "remove it"
		return nil
	}
	out.T = t
	return out
}

// percentArg reads the 80 of percentile(80, …); 80% is the same.
func (c *checker) percentArg(e ast.Expr, out *ir.PopAgg) (ok, said bool) {
	k, percent, said := c.numberOrParam(e)
	if k == nil {
		return false, said
	}
	v := k.V
	if percent {
		v = value.NewDecimal(unscaled(v), scaleOf(v)-2)
	}
	if value.Compare(v, value.NewInt(0)) < 0 || value.Compare(v, value.NewInt(100)) > 0 {
		return false, false
	}
	out.Percent = &v
	return true, false
}

// populationScope refuses population constructs inside facts and the catalog.
func (c *checker) populationScope(sc scope, n ast.Node) bool {
	if sc.catalog {
		c.catalogOnly(n.Span(), "ranks and values of everyone")
		return false
	}
	if sc.entity == nil {
		c.diags.Errorf(wrongScope, n.Span(), "inside a fact there is no everyone to compare with").
			Help = "put it in a trait of the customer and use customer.TRAIT, or move the condition out of the fact"
		return false
	}
	return true
}

// ofAndPer checks `of segment S` and `per ATTRIBUTE`.
func (c *checker) ofAndPer(sc scope, of, per *ast.Path, seg **ir.Segment, by *ir.Expr) bool {
	if of != nil {
		*seg = c.segmentRef(of, sc.entity)
		if *seg == nil {
			return false
		}
	}
	if per != nil {
		*by = c.path(sc, per)
		if *by == nil {
			return false
		}
	}
	return true
}

// inRank is V in top|bottom N.
func (c *checker) inRank(sc scope, e *ast.InRank) ir.Expr {
	if !c.populationScope(sc, e) {
		return nil
	}
	v := c.rankValue(sc, e.X)
	out := &ir.Rank{Loc: loc(e), Bottom: e.Rank.Bottom, Value: v}
	if v == nil || !c.rankSize(e.Rank, out) || !c.ofAndPer(sc, e.Rank.Of, e.Rank.Per, &out.Of, &out.Per) {
		return nil
	}
	return c.negate(e.Not, e, out)
}

func (c *checker) rankValue(sc scope, e ast.Expr) ir.Expr {
	v := c.value(sc, e)
	if v == nil {
		return nil
	}
	if t := v.Type(); !t.Numeric() && !t.Temporal() && t.Kind != value.Version {
		c.diags.Errorf(badRank, e.Span(), "%s is %s and has no order to rank by", format.Expr(e), article(v.Type())).
			Help = "rank by a number, a date, a time or a version"
		return nil
	}
	return v
}

// rankSize reads 500, 10% or a param holding one.
func (c *checker) rankSize(r *ast.Rank, out *ir.Rank) bool {
	k, percent, said := c.numberOrParam(r.N)
	if said {
		return false
	}
	bad := func(msg string) bool {
		c.diags.Errorf(badRank, r.N.Span(), "%s", msg).Help = "as in `in top 10%` or `in top 500`"
		return false
	}
	switch {
	case k == nil:
		return bad("a rank takes a whole number or a percentage")
	case percent:
		if value.Compare(k.V, value.NewInt(0)) <= 0 || value.Compare(k.V, value.NewInt(1)) > 0 {
			return bad("a rank takes more than 0% and at most 100%")
		}
		v := k.V
		out.Percent = &v
	case k.V.Kind != value.Int || k.V.I < 1:
		return bad("a rank takes a whole number of at least 1, or a percentage")
	default:
		out.N = k.V.I
	}
	return true
}
