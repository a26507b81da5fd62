package check

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
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
	case *ast.Call:
		if e.Name.Name == "sample" {
			return c.sample(sc, e)
		}
	case *ast.Compare:
		return c.compare(sc, e)
	case *ast.FactCall:
		if e.Name.Name != "count" {
			return c.factCond(sc, e)
		}
	case *ast.Has:
		return c.has(sc, e)
	case *ast.History:
		return c.history(sc, e)
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
		if x := c.cond(sc, e.X); x != nil {
			return &ir.Not{Loc: loc(e), X: x}
		}
		return nil
	case *ast.Paren:
		return c.cond(sc, e.X)
	case *ast.PathExpr:
		if c.bareSegment(sc, e) {
			return nil
		}
	case *ast.Regularly:
		return c.regularly(sc, e)
	case *ast.TextMatch:
		return c.textMatch(sc, e)
	case *ast.Within:
		return c.within(sc, e)
	default: // a value, which must be true
	}
	return c.truth(sc, e)
}

// bareSegment reports the name of a segment that stands alone as a condition.
func (c *checker) bareSegment(sc scope, e *ast.PathExpr) bool {
	first := e.Path.Parts[0]
	name := e.Path.String()
	if s := c.segments[name]; s == nil || s.seg == nil || sc.catalog || c.column(sc, first) != nil || sc.rel.Lookup(first.Name) != nil {
		return false
	}
	in := "in segment "
	if sc.entity == nil && sc.rel.Owner != nil {
		in = sc.rel.Owner.Name + " in segment "
	}
	d := c.diags.Errorf(needCondition, e.Loc, "%s is a segment; as a condition it needs `in segment`", name)
	d.Help = "write `" + in + name + "`"
	d.Edits = []diag.Edit{{Span: e.Loc, Text: in + e.Loc.Text()}}
	return true
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
	case *ir.And, *ir.Anniversary, *ir.Cmp, *ir.Has, *ir.History, *ir.InRange, *ir.InSet, *ir.Known, *ir.Match, *ir.Member, *ir.Not, *ir.Or,
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
	return &ir.Not{Loc: loc(n), X: x}
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
	if x.Type().Kind == value.Place {
		return knownPlace(loc(e), x, e.Missing)
	}
	return &ir.Known{Loc: loc(e), X: x, Missing: e.Missing}
}

func (c *checker) inSet(sc scope, e *ast.InSet) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	if x.Type().Kind == value.JSON {
		c.jsonHelp(e.X.Span())
		return nil
	}
	set := c.set(e.Set, x.Type())
	if set == nil {
		return nil
	}
	return c.negate(e.Not, e, &ir.InSet{Loc: loc(e), X: x, Set: set})
}

func (c *checker) inName(sc scope, e *ast.InName) ir.Expr {
	x := c.value(sc, e.X)
	if x == nil {
		return nil
	}
	name := e.Name.String()
	col := c.column(sc, e.Name.Parts[0])
	l := c.lists[name]
	if len(e.Name.Parts) > 1 {
		l = nil
	}
	switch {
	case l != nil && col != nil:
		d := c.diags.Errorf(ambiguousName, e.Name.Loc, "%q is both a column of %s and a list", name, sc.rel.Name)
		d.Labels = []diag.Label{{Span: l.decl.Name.Loc, Text: "the list"}}
		d.Help = "rename the list: a name must mean one thing"
	case l != nil:
		c.useList(e.Name.Loc, l)
		if x.Type().Kind == value.JSON {
			c.jsonHelp(e.X.Span())
			return nil
		}
		set := c.listFor(l, x.Type(), e.Name.Loc)
		if set == nil {
			return nil
		}
		return c.negate(e.Not, e, &ir.InSet{Loc: loc(e), X: x, Set: set})
	case col != nil && col.Type().Kind == value.List:
		c.useColumn(e.Name.Loc, sc.rel, col.(*ir.Column).Col)
		return c.inList(e, x, col)
	default:
		c.noList(sc, e, col)
	}
	return nil
}

// noList reports a name after `in` that is no list.
func (c *checker) noList(sc scope, e *ast.InName, col ir.Expr) {
	name := e.Name.String()
	if c.isLost(sc.rel, name) {
		return
	}
	d := c.diags.Errorf(badList, e.Name.Loc, "there is no list %q", name)
	op := "="
	if e.Not {
		op = "!="
	}
	switch {
	case c.segments[name] != nil && c.segments[name].seg != nil:
		d.Help = "it is a segment: write `in segment " + name + "`"
		if id, ok := e.X.(*ast.PathExpr); ok && sc.rel.Key != nil && id.Path.String() == sc.rel.Key.Name {
			d.Edits = []diag.Edit{{Span: e.Loc, Text: inSegmentText(e)}}
		}
	case col != nil, c.params[name] != nil:
		d.Help = "it is one value: write `" + format.Expr(e.X) + " " + op + " " + name + "`"
		d.Edits = []diag.Edit{{Span: e.X.Span().To(e.Name.Loc), Text: e.X.Span().Text() + " " + op + " " + e.Name.Loc.Text()}}
	default:
		if suggestName(d, e.Name.Loc, name, sortedKeys(c.lists)); d.Help == "" {
			d.Help = `declare it: list ` + name + ` = ["…", "…"]`
		}
	}
}

func inSegmentText(e *ast.InName) string {
	if e.Not {
		return "not in segment " + e.Name.Loc.Text()
	}
	return "in segment " + e.Name.Loc.Text()
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
		c.jsonHelp(e.Span())
	default:
		d := c.diags.Errorf(wrongType, e.Span(), "%s is %s; text is needed here", format.Expr(e), article(x.Type()))
		d.Help = "if it is a code such as a phone number, declare it as text in the catalog"
	}
	return nil
}

func (c *checker) matches(sc scope, e *ast.Matches) ir.Expr {
	x := c.textValue(sc, e.X)
	if e.Regex == nil {
		return nil // a syntax error
	}
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
	if call, ok := e.X.(*ast.Call); ok && call.Name.Name == "anniversary" {
		return c.anniversary(sc, e, call)
	}
	x := c.value(sc, e.X)
	w := c.window(sc, e.Window)
	if x == nil || w == nil {
		return nil
	}
	if !x.Type().Temporal() {
		d := c.diags.Errorf(badWindow, e.X.Span(), "%s is %s; a window of time needs a date or a time", format.Expr(e.X), article(x.Type()))
		switch kind := x.Type().Kind; {
		case e.Window.Kind == ast.WindowYear && x.Type().Numeric():
			d.Help = fmt.Sprintf("write `%s = %d`", format.Expr(e.X), e.Window.Year)
		case kind == value.JSON:
			d.Help = "write date(" + format.Expr(e.X) + ")"
		case kind == value.Text:
			d.Help = "if it holds dates, declare it so in the catalog: {type: date}"
		default:
			d.Help = "choose an attribute that holds dates or times"
		}
		return nil
	}
	return c.negate(e.Not, e, &ir.InRange{Loc: loc(e), X: x, Window: w})
}

func (c *checker) inSegment(sc scope, e *ast.InSegment) ir.Expr {
	if sc.catalog {
		return c.catalogOnly(e.Span(), "segments")
	}
	entity := sc.entity
	by, ok := c.rowPath(sc, e.X, "in segment "+e.Ref.String())
	if !ok {
		return nil
	}
	if len(by) > 0 {
		entity = by[len(by)-1].To
	}
	if entity == nil {
		return c.whoseMembership(sc, e, "in segment "+e.Ref.Loc.Text())
	}
	seg := c.segmentRef(e.Ref, entity)
	if seg == nil {
		return nil
	}
	var x ir.Expr = &ir.Member{Loc: loc(e), Seg: seg}
	for i := len(by) - 1; i >= 0; i-- {
		x = &ir.Follow{Loc: loc(e), By: by[i], X: x}
	}
	return c.negate(e.Not, e, x)
}

func (c *checker) catalogOnly(span source.Span, what string) ir.Expr {
	c.diags.Errorf(catalogScope, span, "%s cannot be used in the catalog", what).
		Help = "the catalog describes rows by their own columns; put this in a trait or a segment"
	return nil
}
