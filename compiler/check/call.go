package check

import (
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// call checks NAME(…): an aggregate, one of the constructs with a form of
// their own, or a function of the table.
func (c *checker) call(sc scope, e *ast.Call) ir.Expr {
	if op, ok := aggOps[e.Name.Name]; ok {
		return c.aggregate(sc, e, op)
	}
	if e.Distinct {
		c.diags.Errorf(badAggregate, e.Name.Loc, "%s is no aggregate, so `distinct` means nothing here", e.Name.Name).
			Help = "aggregates are count, sum, avg, min, max, median, mode, first and last"
		return nil
	}
	switch e.Name.Name {
	case "age":
		return c.age(sc, e)
	case "anniversary":
		c.diags.Errorf(needCondition, e.Loc, "an anniversary comes back every year, so it is no one value").Help = "ask for it in a window: `" + format.Expr(e) + " in next 7 days`"
		return nil
	case "bucket":
		return c.bucket(sc, e)
	case "point":
		c.diags.Errorf(needValue, e.Loc, "a point stands only after `within … of`").Help = "as in location within 10 km of point(21.0285, 105.8542)"
		return nil
	case "sample":
		return c.sample(sc, e)
	case "start_of":
		return c.startOf(sc, e)
	}
	f := fn.Lookup(e.Name.Name)
	if f == nil {
		c.unknownFunction(e)
		return nil
	}
	if e.Of != nil {
		c.diags.Errorf(badAggregate, e.Of.Loc, "%s is a function of values, not an aggregate", f.Signature()).
			Help = "aggregates are count, sum, avg, min, max, median, mode, first and last"
		return nil
	}
	args := c.args(sc, e)
	if args == nil {
		return nil
	}
	return c.apply(e, f, args)
}

func (c *checker) args(sc scope, e *ast.Call) []ir.Expr {
	args := make([]ir.Expr, 0, len(e.Args))
	for _, a := range e.Args {
		if x := c.value(sc, a); x != nil {
			args = append(args, x)
		}
	}
	if len(args) < len(e.Args) {
		return nil
	}
	return args
}

// apply builds the call of a table function over checked arguments.
func (c *checker) apply(n ast.Node, f *fn.Func, args []ir.Expr) ir.Expr {
	if f.Same {
		var ok bool
		if args, ok = c.asVersions(args); !ok {
			return nil
		}
	}
	types := make([]value.Type, len(args))
	for i, a := range args {
		types[i] = a.Type()
	}
	t, err := f.Check(types)
	if err != nil {
		d := c.diags.Errorf(wrongArguments, c.culprit(n, f, args), "%v", err)
		d.Help = f.Doc + " As in `" + f.Example + "`"
		return nil
	}
	for i, a := range args {
		switch {
		case f.Same && (a.Type().Kind != t.Kind || a.Type().Scale != t.Scale):
			args[i] = &ir.Convert{Loc: at(a.Span()), X: a, T: t}
		case f.Wall && a.Type().Kind == value.Time:
			args[i] = &ir.Convert{Loc: at(a.Span()), X: a, T: value.Of(value.Wall)}
		}
	}
	return &ir.Call{Loc: loc(n), Fn: f.Name, Args: args, T: t}
}

// culprit is the first argument that does not fit its parameter, or the call.
func (c *checker) culprit(n ast.Node, f *fn.Func, args []ir.Expr) source.Span {
	for i, a := range args {
		if i < len(f.Params) && !f.Params[i].Is.Takes(a.Type()) {
			return a.Span()
		}
	}
	return n.Span()
}

func (c *checker) unknownFunction(e *ast.Call) {
	d := c.diags.Errorf(unknownFunction, e.Name.Loc, "there is no function %q", e.Name.Name)
	names := append(fn.Names(), formNames()...)
	suggestName(d, e.Name.Loc, e.Name.Name, names)
	if d.Help == "" {
		d.Help = "functions: " + listNames(names)
	}
}

// age counts yearly returns up to and including the day of as_of.
func (c *checker) age(sc scope, e *ast.Call) ir.Expr {
	if len(e.Args) != 1 || e.Of != nil {
		c.diags.Errorf(wrongArguments, e.Loc, "age takes one date").Help = "as in age(birthday) >= 18"
		return nil
	}
	x := c.value(sc, e.Args[0])
	if x == nil {
		return nil
	}
	if !x.Type().Temporal() {
		c.diags.Errorf(wrongArguments, e.Args[0].Span(), "%s is %s; age needs a date", format.Expr(e.Args[0]), article(x.Type())).
			Help = "declare the column {type: date} in the catalog"
		return nil
	}
	day := c.apply(e, fn.Lookup("date"), []ir.Expr{x})
	return &ir.Call{Loc: loc(e), Fn: "age", Args: []ir.Expr{day, &ir.StartOf{Loc: loc(e), Unit: "days", X: &ir.AsOf{Loc: loc(e)}}}, T: value.Of(value.Int)}
}

// startOf is start_of(month, x), a date.
func (c *checker) startOf(sc scope, e *ast.Call) ir.Expr {
	bad := func() ir.Expr {
		c.diags.Errorf(wrongArguments, e.Loc, "start_of takes a unit and a date or time").
			Help = "as in start_of(month, at); units: day, week, month, quarter, year"
		return nil
	}
	if len(e.Args) != 2 || e.Of != nil {
		return bad()
	}
	p, ok := e.Args[0].(*ast.PathExpr)
	if !ok || !calendarUnit(plural(p.Path.String())) {
		return bad()
	}
	x := c.value(sc, e.Args[1])
	if x == nil {
		return nil
	}
	if !x.Type().Temporal() {
		return bad()
	}
	if _, isAsOf := x.(*ir.AsOf); x.Type().Kind == value.Time && !isAsOf {
		x = &ir.Convert{Loc: at(x.Span()), X: x, T: value.Of(value.Wall)}
	}
	return &ir.StartOf{Loc: loc(e), Unit: plural(p.Path.String()), X: x}
}

func plural(unit string) string {
	if unit != "" && unit[len(unit)-1] != 's' {
		return unit + "s"
	}
	return unit
}

// bucket is bucket(V [of segment S] [per A], K).
func (c *checker) bucket(sc scope, e *ast.Call) ir.Expr {
	if !c.populationScope(sc, e) {
		return nil
	}
	if len(e.Args) != 2 || e.Of != nil && (e.Of.Fact != nil || e.OfArg != 0) {
		c.diags.Errorf(wrongArguments, e.Loc, "bucket takes a value and a number of buckets").
			Help = "as in bucket(total_spend, 5) = 5, the best fifth"
		return nil
	}
	out := &ir.Bucket{Loc: loc(e), Value: c.rankValue(sc, e.Args[0])}
	k, percent, said := c.numberOrParam(e.Args[1])
	if said {
		return nil
	}
	if k == nil || percent || k.V.Kind != value.Int || k.V.I < 1 || k.V.I > 1_000_000 {
		c.diags.Errorf(badRank, e.Args[1].Span(), "the number of buckets is a whole number from 1 to 1,000,000").Help = "as in bucket(total_spend, 5)"
		return nil
	}
	out.K = k.V.I
	if out.Value == nil || e.Of != nil && !c.ofAndPer(sc, e.Of.Segment, e.Of.Per, &out.Of, &out.Per) {
		return nil
	}
	return out
}

// sample is sample(10%, "salt" [, by PATH]).
func (c *checker) sample(sc scope, e *ast.Call) ir.Expr {
	if sc.catalog {
		return c.catalogOnly(e.Span(), "samples")
	}
	if sc.entity == nil {
		c.diags.Errorf(wrongScope, e.Loc, "a sample is drawn from customers, not inside a fact").Help = "move it out of the fact"
		return nil
	}
	if len(e.Args) != 2 || e.Of != nil {
		return c.badSample(e)
	}
	share, ok := e.Args[0].(*ast.Number)
	salt, ok2 := e.Args[1].(*ast.Text)
	if !ok || !ok2 || !share.Percent {
		return c.badSample(e)
	}
	k := c.number(share)
	if k == nil {
		return nil
	}
	if value.Compare(k.V, value.NewInt(0)) < 0 || value.Compare(k.V, value.NewInt(1)) > 0 {
		return c.badSample(e)
	}
	by := c.sampledBy(sc, e)
	if by == nil {
		return nil
	}
	at := e.Name.Loc
	if e.By != nil {
		at = e.By.Loc
	}
	if t := by.Type(); t.Kind != value.Int && t.Kind != value.Text && !(t.Kind == value.Decimal && t.Scale == 0) {
		c.diags.Errorf(wrongType, at, "a sample hashes whole numbers or text, not %s", article(t)).
			Help = "give the key the type int or text in the catalog"
		return nil
	}
	return &ir.Sample{Loc: loc(e), Share: k.V, Salt: salt.Value, By: by}
}

// sampledBy is the value a sample hashes: the key, or what `by` names.
func (c *checker) sampledBy(sc scope, e *ast.Call) ir.Expr {
	switch {
	case e.By != nil:
		return c.path(sc, e.By)
	case sc.rel.Key == nil:
		return nil // the catalog has said so
	default:
		return &ir.Column{Loc: loc(e), Col: sc.rel.Key}
	}
}

func (c *checker) badSample(e *ast.Call) ir.Expr {
	c.diags.Errorf(wrongArguments, e.Loc, "sample takes a percentage and a name for the draw").
		Help = `as in sample(10%, "tet-2027")`
	return nil
}
