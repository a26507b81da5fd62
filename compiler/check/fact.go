package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
)

// rows is a checked FACT: which rows, and how they lead back.
type rows struct {
	anchor []*ir.Lookup
	leaf   *ir.Relation
	back   []*ir.Lookup
	window *ir.Window
	where  ir.Expr
}

// fact checks `path [window] [where COND]`. The window is read in the outer
// scope, the condition in that of the fact.
func (c *checker) fact(sc scope, f *ast.Fact) (*rows, bool) {
	if sc.catalog {
		c.catalogOnly(f, "other facts")
		return nil, false
	}
	if len(f.Steps) > 0 {
		c.notYet(f.Steps[0], "sequences (`followed by`, `preceded by`)")
		return nil, false
	}
	r, ok := c.factPath(sc, f.Path)
	if !ok {
		return nil, false
	}
	if f.Window != nil {
		r.window = c.window(sc, f.Window)
		ok = r.window != nil && c.factWindow(f, r)
	}
	if f.Where != nil {
		r.where = c.cond(rowScope2(r.leaf), f.Where)
		ok = ok && r.where != nil
	}
	return r, ok
}

// rowScope2 is the scope inside a fact's where: a row of the fact, where
// traits, segments and population values of the customer are reached only
// through its lookup, even when the rows are those of an entity.
func rowScope2(rel *ir.Relation) scope { return scope{rel: rel} }

func (c *checker) factWindow(f *ast.Fact, r *rows) bool {
	if r.leaf.Time == nil {
		c.diags.Errorf(badWindow, f.Window.Loc, "%s has no time, so it has no window", r.leaf.Name).
			Help = "remove the window, or declare `at:` for " + r.leaf.Name + " in the catalog"
		return false
	}
	if r.window.Next && r.leaf.KnownAt == nil && !r.leaf.Always {
		d := c.diags.Errorf(badWindow, f.Window.Loc, "%s only holds what has happened before as_of, so nothing lies in the future", r.leaf.Name)
		d.Help = "look back with `in last …`; for plans such as bookings declare `known_at:` in the catalog"
		return false
	}
	return true
}

// factPath follows lookups, then at least one way back to many rows.
func (c *checker) factPath(sc scope, p *ast.Path) (*rows, bool) {
	r := &rows{}
	cur := sc.rel
	for i, part := range p.Parts {
		if many := c.many(cur, part.Name); many != nil {
			r.back = append([]*ir.Lookup{many}, r.back...)
			cur = many.From
			continue
		}
		if l := cur.Lookup(part.Name); l != nil && len(r.back) == 0 && i < len(p.Parts)-1 {
			r.anchor = append(r.anchor, l)
			cur = l.To
			continue
		}
		c.noFact(sc, cur, p, i)
		return nil, false
	}
	r.leaf = cur
	return r, true
}

// many finds the lookup by which rows of a fact, or of a related entity,
// lead back to rel.
func (c *checker) many(rel *ir.Relation, name string) *ir.Lookup {
	if f := c.proj.Relation(name); f != nil && !f.Entity && f.Owner != nil && f.Owner.To == rel {
		return f.Owner
	}
	if v := rel.Reverse(name); v != nil {
		return v.Lookup
	}
	return nil
}

func (c *checker) noFact(sc scope, cur *ir.Relation, p *ast.Path, i int) {
	name := p.Parts[i].Name
	if col := cur.Column(name); col != nil && col.Type.Kind == value.List {
		c.notYet(p, "list attributes (counting "+name+")")
		return
	}
	d := c.diags.Errorf(unknownFact, p.Parts[i].Loc, "%s has no fact %q", cur.Name, name)
	var names []string
	for _, rel := range c.proj.Relations {
		if rel.Owner != nil && rel.Owner.To == cur {
			names = append(names, rel.Name)
		}
	}
	for _, v := range cur.Reverses {
		names = append(names, v.Name)
	}
	if cur.Column(name) != nil {
		d.Help = name + " is a column, one value a row, not a fact"
		if !sc.rel.Entity {
			d.Help += "; aggregates count the rows of a fact"
		}
		return
	}
	suggestName(d, p.Parts[i].Loc, name, names)
	if d.Help == "" && len(names) > 0 {
		d.Help = cur.Name + " has " + listNames(names)
	} else if d.Help == "" {
		d.Help = "no fact of the catalog belongs to " + cur.Name
	}
}

func (c *checker) agg(n ast.Node, r *rows, op ir.AggOp, v ir.Expr, distinct bool, t value.Type) *ir.Agg {
	return &ir.Agg{Loc: loc(n), Op: op, Distinct: distinct, Value: v,
		Anchor: r.anchor, Leaf: r.leaf, Back: r.back, Window: r.window, Where: r.where, T: t}
}

// factCall is count(FACT); any and none are conditions.
func (c *checker) factCall(sc scope, e *ast.FactCall) ir.Expr {
	if e.Name.Name != "count" {
		return c.factCond(sc, e)
	}
	if sc.group {
		return c.groupCount(sc, e)
	}
	r, ok := c.fact(sc, e.Fact)
	if !ok {
		return nil
	}
	return c.agg(e, r, ir.OpCount, nil, false, value.Of(value.Int))
}

// groupCount is count(x) over the rows of a catalog group.
func (c *checker) groupCount(sc scope, e *ast.FactCall) ir.Expr {
	if e.Fact.Window != nil || e.Fact.Where != nil || len(e.Fact.Steps) > 0 {
		return c.catalogOnly(e, "windows and conditions of a fact")
	}
	x := c.path(scope{rel: sc.rel, catalog: true}, e.Fact.Path)
	if x == nil {
		return nil
	}
	return &ir.GroupAgg{Loc: loc(e), Op: ir.OpCount, Value: x, T: value.Of(value.Int)}
}

// factCond is any(FACT), count ≥ 1, or none(FACT), count = 0.
func (c *checker) factCond(sc scope, e *ast.FactCall) ir.Expr {
	r, ok := c.fact(sc, e.Fact)
	if !ok {
		return nil
	}
	return c.countCond(e, r, e.Name.Name == "any")
}

func (c *checker) countCond(n ast.Node, r *rows, some bool) ir.Expr {
	count := c.agg(n, r, ir.OpCount, nil, false, value.Of(value.Int))
	op, k := "=", int64(0)
	if some {
		op, k = ">=", 1
	}
	return &ir.Cmp{Loc: loc(n), Op: op, L: count, R: &ir.Const{Loc: loc(n), V: value.NewInt(k), T: value.Of(value.Int)}}
}

// allCall is all(FACT have COND): none of the rows fails it.
func (c *checker) allCall(sc scope, e *ast.AllCall) ir.Expr {
	r, ok := c.fact(sc, e.Fact)
	if !ok {
		return nil
	}
	have := c.cond(rowScope2(r.leaf), e.Have)
	if have == nil {
		return nil
	}
	fails := ir.Expr(&ir.Not{Loc: loc(e.Have), X: have})
	if r.where != nil {
		fails = &ir.And{Loc: loc(e), Xs: []ir.Expr{r.where, fails}}
	}
	r.where = fails
	return c.countCond(e, r, false)
}

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
		d := c.diags.Errorf(badAggregate, e.Loc, "%s needs to know of what: %s(VALUE of FACT)", e.Name.Name, e.Name.Name)
		d.Help = "as in " + e.Name.Name + "(amount of orders)"
		if len(e.Args) == 2 {
			d.Help += "; the larger or smaller of two values is greatest(a, b) or least(a, b)"
		}
		return nil
	case e.Of.Everyone || e.Of.Segment != nil:
		return c.population(sc, e, op)
	case op == ir.OpPercentile:
		c.diags.Errorf(badAggregate, e.Loc, "percentile is taken of everyone or of a segment").
			Help = "as in percentile(80, income of everyone)"
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
	if e.Of.Per != nil {
		c.diags.Errorf(badAggregate, e.Of.Per.Loc, "`per` goes with everyone or a segment, not with a fact").Help = "remove it"
		return nil
	}
	v := c.value(rowScope2(r.leaf), e.Args[0])
	if v == nil {
		return nil
	}
	t, ok := c.aggType(e, op, v, r.leaf)
	if !ok {
		return nil
	}
	return c.agg(e, r, op, v, e.Distinct, t)
}

func (c *checker) groupAgg(sc scope, e *ast.Call, op ir.AggOp) ir.Expr {
	inner := scope{rel: sc.rel, catalog: true}
	if op == ir.OpCount && len(e.Args) == 0 {
		return &ir.GroupAgg{Loc: loc(e), Op: op, T: value.Of(value.Int)}
	}
	if len(e.Args) != 1 || op == ir.OpPercentile {
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
	bad := func(message, help string, args ...any) (value.Type, bool) {
		c.diags.Errorf(badAggregate, e.Loc, message, args...).Help = help
		return t, false
	}
	arg := format.Expr(e.Args[len(e.Args)-1])
	switch op {
	case ir.OpCount:
		return value.Of(value.Int), true
	case ir.OpSum, ir.OpAvg:
		if t.Kind == value.Float {
			return bad("%s is a float, whose sum depends on the order of the rows", "declare it decimal(p, s) in the catalog", arg)
		}
		if !t.Exact() {
			return bad("%s is %s; %s needs a number", "choose a number, or count(…)", arg, article(t), op)
		}
		if op == ir.OpAvg {
			return value.Of(value.Float), true
		}
		sum, err := value.SumType(t)
		if err != nil {
			return bad("the sum of %s: %v", "declare fewer digits in the catalog", arg, err)
		}
		return sum, true
	case ir.OpMedian, ir.OpPercentile:
		if !t.Numeric() {
			return bad("%s is %s; %s needs a number", "choose a number", arg, article(t), op)
		}
		if op == ir.OpMedian {
			return value.Of(value.Float), true
		}
	case ir.OpMin, ir.OpMax:
		if !t.Numeric() && !t.Temporal() {
			return bad("%s is %s, which has no order", "min and max take numbers, dates and times", arg, article(t))
		}
	case ir.OpFirst, ir.OpLast:
		if rel.Time == nil {
			return bad("%s has no time, so it has no %s row", "declare `at:` in the catalog", rel.Name, op)
		}
	}
	if e.Distinct && (op == ir.OpFirst || op == ir.OpLast || op == ir.OpMin || op == ir.OpMax || op == ir.OpMode) {
		return bad("distinct changes nothing in %s", "remove it", op)
	}
	return t, true
}

// population is one value over everyone or a segment.
func (c *checker) population(sc scope, e *ast.Call, op ir.AggOp) ir.Expr {
	if !c.populationScope(sc, e) {
		return nil
	}
	if op == ir.OpFirst || op == ir.OpLast {
		c.diags.Errorf(badAggregate, e.Loc, "people have no order in time, so there is no %s of them", op).Help = "use min, max, median or percentile"
		return nil
	}
	out := &ir.PopAgg{Loc: loc(e), Op: op}
	args := e.Args
	if op == ir.OpPercentile {
		if len(args) != 2 || !c.percentArg(args[0], out) {
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
		c.diags.Errorf(badAggregate, e.Loc, "distinct does not go with everyone").Help = "remove it"
		return nil
	}
	out.T = t
	return out
}

// percentArg reads the 80 of percentile(80, …); 80% is the same.
func (c *checker) percentArg(e ast.Expr, out *ir.PopAgg) bool {
	x := c.value(scope{rel: &ir.Relation{}}, e)
	k, ok := x.(*ir.Const)
	if !ok || !k.T.Exact() {
		return false
	}
	v := k.V
	if n, isNumber := e.(*ast.Number); isNumber && n.Percent {
		v = value.NewDecimal(unscaled(v), scaleOf(v)-2)
	}
	if value.Compare(v, value.NewInt(0)) < 0 || value.Compare(v, value.NewInt(100)) > 0 {
		return false
	}
	out.Percent = &v
	return true
}

// populationScope refuses population constructs inside facts and the catalog.
func (c *checker) populationScope(sc scope, n ast.Node) bool {
	if sc.catalog {
		c.catalogOnly(n, "ranks and values of everyone")
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
	if !v.Type().Numeric() && !v.Type().Temporal() {
		c.diags.Errorf(badRank, e.Span(), "%s is %s and has no order to rank by", format.Expr(e), article(v.Type())).
			Help = "rank by a number, a date or a time"
		return nil
	}
	return v
}

// rankSize reads 500, 10% or a param holding one.
func (c *checker) rankSize(r *ast.Rank, out *ir.Rank) bool {
	var k *ir.Const
	percent := false
	switch n := r.N.(type) {
	case *ast.Number:
		k, percent = c.number(n), n.Percent
	case *ast.PathExpr:
		if p := c.params[n.Path.String()]; p != nil {
			k, percent = p.value, p.percent
		}
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
