package check

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
)

// cond checks e as a condition; after an error it answers nil.
func (c *checker) cond(sc scope, e ast.Expr) ir.Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *ast.AllCall:
		return c.allCall(sc, e)
	case *ast.Between:
		return c.between(sc, e)
	case *ast.Bool:
		return boolConst(loc(e), e.Value)
	case *ast.Compare:
		return c.compare(sc, e)
	case *ast.FactCall:
		if e.Name.Name == "count" {
			break
		}
		return c.factCond(sc, e)
	case *ast.Has:
		return c.notYet(e, "list attributes (`has`)")
	case *ast.History:
		return c.notYet(e, "the history of segments (`entered`, `left`)")
	case *ast.InName:
		return c.inName(sc, e)
	case *ast.InRank:
		return c.inRank(sc, e)
	case *ast.InSegment:
		return c.inSegment(sc, e)
	case *ast.InSet:
		return c.inSet(sc, e)
	case *ast.InWindow:
		return c.inWindow(sc, e)
	case *ast.Known:
		return c.known(sc, e)
	case *ast.Logic:
		return c.logic(sc, e)
	case *ast.Matches:
		return c.matches(sc, e)
	case *ast.Not:
		x := c.cond(sc, e.X)
		if x == nil {
			return nil
		}
		return c.not(&ir.Not{Loc: loc(e), X: x})
	case *ast.Paren:
		return c.cond(sc, e.X)
	case *ast.Regularly:
		return c.notYet(e, "rhythm (`regularly`)")
	case *ast.TextMatch:
		return c.textMatch(sc, e)
	case *ast.Within:
		return c.notYet(e, "places (`within … of`)")
	case *ast.Call:
		if e.Name.Name == "sample" {
			return c.sample(sc, e)
		}
	}
	return c.truth(sc, e)
}

// truth reads a value as a condition: it must be of type bool.
func (c *checker) truth(sc scope, e ast.Expr) ir.Expr {
	x := c.value(sc, e)
	if x == nil {
		return nil
	}
	if x.Type().Kind != value.Bool {
		d := c.diags.Errorf(needCondition, e.Span(), "%s is %s; a condition is needed here", format.Expr(e), article(x.Type()))
		d.Help = "compare it, for example " + exampleCondition(format.Expr(e), x.Type())
		return nil
	}
	if isCondition(x) {
		return x
	}
	return &ir.Truth{Loc: loc(e), X: x}
}

// isCondition reports whether the node is itself two-valued.
func isCondition(x ir.Expr) bool {
	switch x.(type) {
	case *ir.And, *ir.Cmp, *ir.InRange, *ir.InSet, *ir.Known, *ir.Match, *ir.Member, *ir.Not, *ir.Or,
		*ir.Rank, *ir.Sample, *ir.TextMatch, *ir.Truth:
		return true
	default:
		return false
	}
}

func exampleCondition(name string, t value.Type) string {
	switch {
	case t.Numeric():
		return "`" + name + " >= 1`"
	case t.Temporal():
		return "`" + name + " in last 30 days`"
	case t.Kind == value.Text && len(t.Values) > 0:
		return fmt.Sprintf("`%s = %q`", name, t.Values[0])
	case t.Kind == value.Text:
		return "`" + name + ` = "…"` + "`"
	default:
		return "`" + name + " is known`"
	}
}

func boolConst(l ir.Loc, b bool) *ir.Const {
	return &ir.Const{Loc: l, V: value.NewBool(b), T: value.Of(value.Bool)}
}

// negate applies an inner `not`.
func (c *checker) negate(not bool, n ast.Node, x ir.Expr) ir.Expr {
	if x == nil || !not {
		return x
	}
	return c.not(&ir.Not{Loc: loc(n), X: x})
}

func (c *checker) logic(sc scope, e *ast.Logic) ir.Expr {
	var xs []ir.Expr
	ok := true
	for _, o := range e.Operands {
		x := c.cond(sc, o)
		if x == nil {
			ok = false
			continue
		}
		xs = append(xs, x)
	}
	switch {
	case !ok:
		return nil
	case e.Op == "and":
		return &ir.And{Loc: loc(e), Xs: xs}
	default:
		return &ir.Or{Loc: loc(e), Xs: xs}
	}
}

func (c *checker) known(sc scope, e *ast.Known) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	if isCondition(x) {
		c.diags.Errorf(needValue, e.X.Span(), "a condition is always true or false, never missing").
			Help = "ask `is known` of an attribute or a value"
		return nil
	}
	return &ir.Known{Loc: loc(e), X: x, Missing: e.Missing}
}

func (c *checker) compare(sc scope, e *ast.Compare) ir.Expr {
	if e.Op == "~=" {
		return c.textOp(sc, e, "fold=", e.L, e.R)
	}
	l, r := c.value(sc, e.L), c.value(sc, e.R)
	if l == nil || r == nil {
		return nil
	}
	l, r, ok := c.comparable(e, l, r)
	if !ok {
		return nil
	}
	if e.Op == "!=" {
		return c.not(&ir.Not{Loc: loc(e), X: &ir.Cmp{Loc: loc(e), Op: "=", L: l, R: r}})
	}
	return &ir.Cmp{Loc: loc(e), Op: e.Op, L: l, R: r}
}

// comparable brings both sides to types that compare, or says why they do not.
func (c *checker) comparable(e *ast.Compare, l, r ir.Expr) (ir.Expr, ir.Expr, bool) {
	lt, rt := l.Type(), r.Type()
	ordered := e.Op != "=" && e.Op != "!="
	switch {
	case lt.Numeric() && rt.Numeric():
		l, r = sameNumber(l, r)
		return l, r, true
	case lt.Kind == value.Text && rt.Kind == value.Text:
		if ordered {
			c.diags.Errorf(textOrder, e.Span(), "text has no order, so %s %s %s means nothing", format.Expr(e.L), e.Op, format.Expr(e.R)).
				Help = "if it holds numbers or dates, give it that type in the catalog"
			return nil, nil, false
		}
		return l, r, c.declared(lt, r) && c.declared(rt, l)
	case lt.Temporal() && rt.Temporal():
		return c.comparableTimes(e, l, r)
	case lt.Kind == value.Bool && rt.Kind == value.Bool && !ordered:
		return l, r, true
	case lt.Kind == value.Place || lt.Kind == value.List || lt.Kind == value.Record || lt.Kind == value.Version:
		c.notYet(e, "comparing "+lt.String())
		return nil, nil, false
	case lt.Kind == value.JSON || rt.Kind == value.JSON:
		c.jsonHelp(e)
		return nil, nil, false
	}
	d := c.diags.Errorf(wrongType, e.Span(), "%s is %s and cannot be compared with %s, %s",
		format.Expr(e.L), article(lt), format.Expr(e.R), article(rt))
	d.Help = mismatchHelp(e, lt, rt)
	d.Edits = mismatchEdit(e, lt, rt)
	return nil, nil, false
}

func (c *checker) jsonHelp(n ast.Node) {
	c.diags.Errorf(wrongType, n.Span(), "part of a JSON value has no type of its own").
		Help = "say what it is: number(x), text(x) or date(x), in the expression or as a field of the catalog"
}

func mismatchHelp(e *ast.Compare, lt, rt value.Type) string {
	switch {
	case lt.Numeric() && rt.Kind == value.Text:
		return "write the number without quotes"
	case lt.Temporal() && rt.Kind == value.Text:
		return "write the date without quotes, as in 2025-03-08"
	case lt.Kind == value.Text && rt.Numeric():
		return "write the text in double quotes, or give " + format.Expr(e.L) + " a number type in the catalog"
	case rt.Kind == value.Duration:
		return "a duration is no date: write `in last " + format.Expr(e.R) + "` or `" + format.Expr(e.R) + " ago`"
	case lt.Kind == value.Bool:
		return "a true/false attribute stands alone: `" + format.Expr(e.L) + "` or `not " + format.Expr(e.L) + "`"
	default:
		return "compare values of one type"
	}
}

func mismatchEdit(e *ast.Compare, lt, rt value.Type) []diag.Edit {
	switch r := e.R.(type) {
	case *ast.Number:
		if lt.Kind == value.Text && !r.Percent {
			return []diag.Edit{{Span: r.Loc, Text: fmt.Sprintf("%q", r.Loc.Text())}}
		}
	case *ast.Text:
		if lt.Numeric() {
			if _, ok := value.ParseDecimal(r.Value); ok {
				return []diag.Edit{{Span: r.Loc, Text: r.Value}}
			}
		}
	}
	return nil
}

func (c *checker) comparableTimes(e *ast.Compare, l, r ir.Expr) (ir.Expr, ir.Expr, bool) {
	lt, rt := l.Type(), r.Type()
	if (lt.Kind == value.Date) != (rt.Kind == value.Date) {
		d := c.diags.Errorf(dateAgainstTime, e.Span(), "a date is a whole day and a time is a moment: %s does not compare them", e.Op)
		x, y := format.Expr(e.L), format.Expr(e.R)
		if word := map[string]string{"=": "on", ">=": "since", "<": "before"}[e.Op]; word != "" && rt.Kind == value.Date {
			d.Help = fmt.Sprintf("write `%s %s %s`", x, word, y)
			d.Edits = []diag.Edit{{Span: e.OpLoc, Text: word}}
		} else {
			d.Help = "use `on`, `since` or `before`, or take the day with date(…)"
		}
		return nil, nil, false
	}
	return l, r, true
}

// declared checks a text literal against the values declared in the catalog.
func (c *checker) declared(t value.Type, lit ir.Expr) bool {
	k, ok := lit.(*ir.Const)
	if !ok || len(t.Values) == 0 || k.V.IsMissing() {
		return true
	}
	for _, v := range t.Values {
		if v == k.V.S {
			return true
		}
	}
	d := c.diags.Errorf(unknownValue, k.Span(), "%q is not one of the declared values", k.V.S)
	if s := diag.Suggest(k.V.S, t.Values); s != "" {
		d.Help = fmt.Sprintf("did you mean %q? Declared: %s", s, listQuoted(t.Values))
		d.Edits = []diag.Edit{{Span: k.Span(), Text: fmt.Sprintf("%q", s)}}
	} else {
		d.Help = "declared in the catalog: " + listQuoted(t.Values)
	}
	return false
}

func (c *checker) between(sc scope, e *ast.Between) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	if x.Type().Temporal() {
		w := c.window(sc, &ast.Window{At: ast.At{Loc: e.Lo.Span().To(e.Hi.Span())}, Kind: ast.WindowBetween, Lo: e.Lo, Hi: e.Hi})
		if w == nil {
			return nil
		}
		return c.negate(e.Not, e, &ir.InRange{Loc: loc(e), X: x, Window: w})
	}
	lo := c.compareWith(e, x, ">=", c.value(sc, e.Lo), e.Lo)
	hi := c.compareWith(e, x, "<=", c.value(sc, e.Hi), e.Hi)
	if lo == nil || hi == nil {
		return nil
	}
	c.emptyBetween(e, lo, hi)
	return c.negate(e.Not, e, &ir.And{Loc: loc(e), Xs: []ir.Expr{lo, hi}})
}

// emptyBetween refuses bounds the wrong way round: nobody is between them.
func (c *checker) emptyBetween(e *ast.Between, lo, hi ir.Expr) {
	l, lok := lo.(*ir.Cmp).R.(*ir.Const)
	h, hok := hi.(*ir.Cmp).R.(*ir.Const)
	if lok && hok && value.Compare(l.V, h.V) > 0 {
		d := c.diags.Errorf(wrongType, e.Lo.Span().To(e.Hi.Span()), "nothing lies between %s and %s", format.Expr(e.Lo), format.Expr(e.Hi))
		d.Help = "write the smaller bound first"
		d.Edits = []diag.Edit{{Span: e.Lo.Span().To(e.Hi.Span()), Text: format.Expr(e.Hi) + " and " + format.Expr(e.Lo)}}
	}
}

func (c *checker) compareWith(e *ast.Between, x ir.Expr, op string, bound ir.Expr, at ast.Expr) ir.Expr {
	if bound == nil {
		return nil
	}
	cmp := &ast.Compare{At: ast.At{Loc: e.Loc}, Op: op, OpLoc: e.Loc, L: e.X, R: at}
	l, r, ok := c.comparable(cmp, x, bound)
	if !ok {
		return nil
	}
	return &ir.Cmp{Loc: loc(e), Op: op, L: l, R: r}
}

func (c *checker) inSet(sc scope, e *ast.InSet) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	set := c.set(e.Set, x.Type())
	if set == nil {
		return nil
	}
	return c.negate(e.Not, e, &ir.InSet{Loc: loc(e), X: numberFor(x, set), Set: set})
}

func (c *checker) inName(sc scope, e *ast.InName) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	name := e.Name.String()
	if l := c.lists[name]; l != nil && len(e.Name.Parts) == 1 {
		set := c.listFor(l, x.Type(), e.Name.Loc)
		if set == nil {
			return nil
		}
		return c.negate(e.Not, e, &ir.InSet{Loc: loc(e), X: numberFor(x, set), Set: set})
	}
	if col := c.column(sc, e.Name.Parts[0]); col != nil && col.Type().Kind == value.List {
		return c.notYet(e, "list attributes (`in` with a list attribute)")
	}
	d := c.diags.Errorf(badList, e.Name.Loc, "there is no list %q", name)
	if _, ok := c.segments[name]; ok {
		d.Help = "it is a segment: write `in segment " + name + "`"
		d.Edits = []diag.Edit{{Span: e.Loc, Text: inSegmentText(e)}}
		return nil
	}
	suggestName(d, e.Name.Loc, name, sortedKeys(c.lists))
	if d.Help == "" {
		d.Help = `declare it: list ` + name + ` = ["…", "…"]`
	}
	return nil
}

func inSegmentText(e *ast.InName) string {
	not := ""
	if e.Not {
		not = "not "
	}
	return not + "in segment " + e.Name.String()
}

func (c *checker) textMatch(sc scope, e *ast.TextMatch) ir.Expr {
	op := map[string]string{"contains": "contains", "~contains": "foldcontains", "starts with": "starts", "ends with": "ends"}[e.Op]
	return c.negate(e.Not, e, c.textOp(sc, e, op, e.X, e.Y))
}

func (c *checker) textOp(sc scope, n ast.Node, op string, x, y ast.Expr) ir.Expr {
	l, r := c.textValue(sc, x), c.textValue(sc, y)
	if l == nil || r == nil {
		return nil
	}
	return &ir.TextMatch{Loc: loc(n), Op: op, X: l, Y: r}
}

func (c *checker) textValue(sc scope, e ast.Expr) ir.Expr {
	x := c.value(sc, e)
	if x == nil {
		return nil
	}
	switch x.Type().Kind {
	case value.Text:
		return x
	case value.JSON:
		c.jsonHelp(e)
	default:
		d := c.diags.Errorf(wrongType, e.Span(), "%s is %s; text is needed here", format.Expr(e), article(x.Type()))
		d.Help = "if it is a code such as a phone number, declare it as text in the catalog"
	}
	return nil
}

func (c *checker) matches(sc scope, e *ast.Matches) ir.Expr {
	x := c.textValue(sc, e.X)
	re, err := text.ParseRegex(e.Regex.Pattern, e.Regex.Flags)
	if err != nil {
		c.diags.Errorf(badRegex, e.Regex.Loc, "this pattern cannot be used: %v", err).
			Help = "segql's patterns are literals, classes, . ^ $ ( ) | * + ? {m,n}, \\d \\w \\s and the flag i"
		return nil
	}
	if x == nil {
		return nil
	}
	return c.negate(e.Not, e, &ir.Match{Loc: loc(e), X: x, Re: re})
}

func (c *checker) inWindow(sc scope, e *ast.InWindow) ir.Expr {
	x := c.value(sc, e.X)
	w := c.window(sc, e.Window)
	if x == nil || w == nil {
		return nil
	}
	if !x.Type().Temporal() {
		d := c.diags.Errorf(badWindow, e.X.Span(), "%s is %s; a window of time needs a date or a time", format.Expr(e.X), article(x.Type()))
		d.Help = "if it holds dates, declare it so in the catalog: {type: date}"
		return nil
	}
	return c.negate(e.Not, e, &ir.InRange{Loc: loc(e), X: x, Window: w})
}

func (c *checker) inSegment(sc scope, e *ast.InSegment) ir.Expr {
	var by *ir.Lookup
	entity := sc.entity
	if e.X != nil {
		p, ok := e.X.(*ast.PathExpr)
		if ok && len(p.Path.Parts) == 1 {
			by = sc.rel.Lookup(p.Path.Parts[0].Name)
		}
		if by == nil || !by.To.Entity {
			c.diags.Errorf(needValue, e.X.Span(), "only a row can be in a segment").
				Help = "write `in segment " + e.Ref.String() + "` alone, or inside a fact `customer in segment " + e.Ref.String() + "`"
			return nil
		}
		entity = by.To
	}
	if sc.catalog {
		return c.catalogOnly(e, "segments")
	}
	if entity == nil {
		owner := "customer"
		if sc.rel.Owner != nil {
			owner = sc.rel.Owner.Name
		}
		d := c.diags.Errorf(wrongScope, e.Span(), "inside a fact, say whose membership is meant")
		d.Help = "write `" + owner + " in segment " + e.Ref.String() + "`"
		d.Edits = []diag.Edit{{Span: e.Span(), Text: owner + " " + e.Span().Text()}}
		return nil
	}
	seg := c.segmentRef(e.Ref, entity)
	if seg == nil {
		return nil
	}
	var x ir.Expr = &ir.Member{Loc: loc(e), Seg: seg}
	if by != nil {
		x = &ir.Follow{Loc: loc(e), By: by, X: x}
	}
	if e.Not {
		return &ir.Not{Loc: loc(e), X: x}
	}
	return x
}

func (c *checker) catalogOnly(n ast.Node, what string) ir.Expr {
	c.diags.Errorf(catalogScope, n.Span(), "%s cannot be used in the catalog", what).
		Help = "the catalog describes rows by their own columns; put this in a trait or a segment"
	return nil
}

func (c *checker) notYet(n ast.Node, what string) ir.Expr {
	c.diags.Errorf(notYet, n.Span(), "%s: part of the language, not supported by this version", what).
		Help = "see `segql explain SEG3001`"
	return nil
}

// not keeps a Not node; lint notes about it are worked out by package lint.
func (c *checker) not(n *ir.Not) ir.Expr { return n }
