package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
)

// aggregates of a fact, a catalog group or the population.
var aggOps = map[string]ir.AggOp{
	"count": ir.OpCount, "sum": ir.OpSum, "min": ir.OpMin, "max": ir.OpMax, "avg": ir.OpAvg,
	"median": ir.OpMedian, "mode": ir.OpMode, "first": ir.OpFirst, "last": ir.OpLast, "percentile": ir.OpPercentile,
}

// aggregate is NAME([distinct] VALUE of SOURCE).
func (c *checker) aggregate(sc scope, e *ast.Call, op ir.AggOp) ir.Expr {
	switch {
	case e.Of == nil && sc.group:
		return c.groupAgg(sc, e, op)
	case e.Of == nil:
		c.aggregateOfNothing(sc, e, op)
		return nil
	case e.Of.Everyone || e.Of.Segment != nil:
		return c.population(sc, e, op)
	case e.Of.Per != nil:
		c.diags.Errorf(badAggregate, e.Of.Per.Loc, "`per` goes with everyone or a segment, not with a fact").
			Help = "remove it, or write `of everyone per " + e.Of.Per.String() + "`"
		return nil
	case op == ir.OpPercentile:
		c.diags.Errorf(badAggregate, e.Name.Loc, "percentile is taken of everyone or of a segment").
			Help = "make the value over the fact a trait, and write percentile(80, TRAIT of everyone)"
		return nil
	case len(e.Args) != 1:
		c.diags.Errorf(wrongArguments, e.Loc, "%s takes one value of the fact", e.Name.Name).
			Help = "as in " + e.Name.Name + "(amount of orders)"
		return nil
	}
	r, ok := c.fact(sc, e.Of.Fact)
	if !ok {
		return nil
	}
	v := c.value(scope{rel: r.leaf}, e.Args[0])
	if v == nil {
		return nil
	}
	t, ok := c.aggType(e, op, v, r.leaf)
	if !ok {
		return nil
	}
	if op == ir.OpCount && e.Distinct {
		c.partOfDate(e, v)
	}
	return c.agg(e, r, op, v, e.Distinct, t)
}

// aggregateOfNothing reports an aggregate that does not say of what: of a
// value of the customer it can only be everyone, of a column of one fact most
// likely that fact.
func (c *checker) aggregateOfNothing(sc scope, e *ast.Call, op ir.AggOp) {
	name := e.Name.Name
	d := c.diags.Errorf(badAggregate, e.Name.Loc, "%s needs to know of what: %s(VALUE of FACT)", name, name)
	d.Help = "as in " + name + "(amount of orders)"
	if op == ir.OpPercentile {
		d.Message = "percentile needs to know of whom: percentile(80, VALUE of everyone)"
		d.Help = "as in percentile(80, income of everyone)"
	}
	if len(e.Args) == 2 && op != ir.OpPercentile {
		d.Help += "; the larger or smaller of two values is greatest(a, b) or least(a, b)"
		return
	}
	if len(e.Args) == 0 {
		return
	}
	last := e.Args[len(e.Args)-1]
	p, ok := last.(*ast.PathExpr)
	if !ok {
		return
	}
	of := ""
	switch trait := c.traits[p.Path.String()]; {
	case sc.entity != nil && (c.column(sc, p.Path.Parts[0]) != nil || trait != nil && trait.entity == sc.entity):
		if op != ir.OpFirst && op != ir.OpLast {
			of = " of everyone"
		}
	case op != ir.OpPercentile && !sc.catalog:
		of = c.factWith(sc.rel, p.Path.Parts[0].Name)
	}
	if of == "" {
		return
	}
	d.Help = "write " + name + "("
	if op == ir.OpPercentile {
		d.Help += e.Args[0].Span().Text() + ", "
	}
	d.Help += last.Span().Text() + of + ")"
	at := last.Span()
	at.Start = at.End
	d.Edits = []diag.Edit{{Span: at, Text: of}}
}

// factWith is " of FACT" where one fact of rel has a column of that name.
func (c *checker) factWith(rel *ir.Relation, column string) (of string) {
	for _, f := range c.proj.Relations {
		if f.Owner == nil || f.Owner.To != rel || f.Column(column) == nil {
			continue
		}
		if of != "" {
			return "" // it could be either
		}
		of = " of " + syntax.QuoteName(f.Name)
	}
	return of
}

func (c *checker) groupAgg(sc scope, e *ast.Call, op ir.AggOp) ir.Expr {
	inner := scope{rel: sc.rel, catalog: true}
	if op == ir.OpCount && len(e.Args) == 0 {
		return &ir.GroupAgg{Loc: loc(e), Op: op, T: value.Of(value.Int)}
	}
	if op == ir.OpPercentile {
		c.diags.Errorf(badAggregate, e.Name.Loc, "percentile is taken of everyone or of a segment").
			Help = "inside group_by there are count, sum, avg, min, max, median, mode, first and last"
		return nil
	}
	if len(e.Args) != 1 {
		c.diags.Errorf(wrongArguments, e.Loc, "inside group_by %s takes one value of the grouped rows", e.Name.Name).
			Help = "as in sum(amount)"
		return nil
	}
	v := c.value(inner, e.Args[0])
	if v == nil {
		return nil
	}
	t, ok := c.aggType(e, op, v, sc.rel)
	if !ok {
		return nil
	}
	return &ir.GroupAgg{Loc: loc(e), Op: op, Distinct: e.Distinct, Value: v, T: t}
}

// aggType is the type of an aggregate of v, or says why there is none.
func (c *checker) aggType(e *ast.Call, op ir.AggOp, v ir.Expr, rel *ir.Relation) (value.Type, bool) {
	t := v.Type()
	arg := e.Args[len(e.Args)-1]
	bad := func(message, help string, args ...any) (value.Type, bool) {
		c.diags.Errorf(badAggregate, arg.Span(), message, args...).Help = help
		return t, false
	}
	written := format.Expr(arg)
	switch t.Kind {
	case value.JSON:
		c.jsonHelp(arg.Span())
		return t, false
	case value.Duration, value.List, value.Place, value.Record:
		return bad("%s is %s; %s takes one plain value of a row", "choose a number, a text or a date", written, article(t), op)
	}
	if e.Distinct && op != ir.OpCount && op != ir.OpSum && op != ir.OpAvg && op != ir.OpMedian {
		return bad("distinct changes nothing in %s", "remove it", op)
	}
	switch op {
	case ir.OpCount:
		return value.Of(value.Int), true
	case ir.OpSum, ir.OpAvg:
		if t.Kind == value.Float && hasDivision(v) {
			return bad("a division is a float, whose sum depends on the order of the rows", "add up first and divide then, as in sum(a of f) / sum(b of f)")
		}
		if t.Kind == value.Float {
			return bad("%s is a float, whose sum depends on the order of the rows", "declare it decimal(p, s) in the catalog", written)
		}
		if !t.Exact() {
			return bad("%s is %s; %s needs a number", "choose a number, or count(…)", written, article(t), op)
		}
		if op == ir.OpAvg {
			return value.Of(value.Float), true
		}
		sum, err := value.SumType(t)
		if err != nil {
			return bad("the sum of %s: %v", "declare fewer digits in the catalog", written, err)
		}
		return sum, true
	case ir.OpMedian, ir.OpPercentile:
		if !t.Numeric() {
			return bad("%s is %s; %s needs a number", "choose a number", written, article(t), op)
		}
		if op == ir.OpMedian {
			return value.Of(value.Float), true
		}
	case ir.OpMin, ir.OpMax:
		if !t.Numeric() && !t.Temporal() && t.Kind != value.Version {
			return bad("%s is %s, which has no order", "min and max take numbers, dates, times and versions", written, article(t))
		}
	case ir.OpFirst, ir.OpLast:
		if rel.Time == nil {
			return bad("%s has no time, so it has no %s row", "declare `at:` in the catalog", rel.Name, op)
		}
	}
	return t, true
}

// hasDivision reports whether a value is worked out by dividing.
func hasDivision(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(y ir.Expr) bool {
		_, isDiv := y.(*ir.Div)
		found = found || isDiv
		return !found
	})
	return found
}
