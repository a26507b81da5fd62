package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// Rules about conditions for which the language has a plainer form. Their
// fixes touch only what changes, so that comments stay.

// cut takes out the text from one offset to another.
func cut(f *source.File, from, to int) diag.Edit {
	return diag.Edit{Span: source.Span{File: f, Start: from, End: to}}
}

// unparen is x without the parentheses around it.
func unparen(x ast.Expr) ast.Expr {
	for {
		p, ok := x.(*ast.Paren)
		if !ok {
			return x
		}
		x = p.X
	}
}

// around are the edits that leave nothing of outer but inner.
func around(outer, inner ast.Node) []diag.Edit {
	o, i := outer.Span(), inner.Span()
	edits := []diag.Edit{cut(o.File, o.Start, i.Start)}
	if i.End < o.End {
		edits = append(edits, cut(o.File, i.End, o.End))
	}
	return edits
}

// after replaces what follows x in the node n.
func after(x, n ast.Node, text string) []diag.Edit {
	at := n.Span()
	at.Start = x.Span().End
	return []diag.Edit{{Span: at, Text: text}}
}

// negationWord finds the `not` inside of a predicate.
var negationWord = regexp.MustCompile(`^\s*not\s+`)

// innerNot is the place of the `not` that a predicate has, from the end of its
// subject or, where it has none, from its start.
func innerNot(x ast.Expr) (source.Span, bool) {
	subject, not := negatable(x)
	if !not {
		return source.Span{}, false
	}
	at := x.Span()
	if subject != nil {
		at.Start = subject.Span().End
	}
	m := negationWord.FindStringIndex(at.Text())
	if m == nil {
		return source.Span{}, false
	}
	at.End = at.Start + m[1]
	if subject != nil { // a blank stays before the operator
		at.End--
	}
	return at, true
}

// negatable is the subject of a predicate that may hold a `not`, and whether
// it does.
func negatable(x ast.Expr) (subject ast.Expr, not bool) {
	switch x := x.(type) {
	case *ast.Between:
		return x.X, x.Not
	case *ast.Has:
		return x.X, x.Not
	case *ast.History:
		return x.X, x.Not
	case *ast.InName:
		return x.X, x.Not
	case *ast.InRank:
		return x.X, x.Not
	case *ast.InSegment:
		return x.X, x.Not
	case *ast.InSet:
		return x.X, x.Not
	case *ast.InWindow:
		return x.X, x.Not
	case *ast.Matches:
		return x.X, x.Not
	case *ast.TextMatch:
		return x.X, x.Not
	case *ast.Within:
		return x.X, x.Not
	default:
		return nil, false
	}
}

func doubleNegation(p *pass, s *site) {
	n, ok := s.n.(*ast.Not)
	if !ok {
		return
	}
	x := unparen(n.X)
	d := (*diag.Diagnostic)(nil)
	switch inner := x.(type) {
	case *ast.Compare:
		if inner.Op != "!=" {
			return
		}
		d = p.report(n.Loc, "`not` and `!=` take each other back")
		d.Help = "write " + quote(format.Expr(inner.L)+" = "+format.Expr(inner.R))
		d.Edits = append(around(n, inner), diag.Edit{Span: inner.OpLoc, Text: "="})
	case *ast.Not:
		d = p.report(n.Loc, "two `not` take each other back")
		d.Help = "write the condition without both"
		d.Edits = around(n, inner.X)
	default:
		if at, ok := innerNot(x); ok {
			d = p.report(n.Loc, "two `not` take each other back")
			d.Help = "write the condition without both"
			d.Edits = append(around(n, inner), diag.Edit{Span: at})
		}
	}
}

// ownNegation finds `not` before a condition whose opposite has a form of its
// own.
func ownNegation(p *pass, s *site) {
	n, ok := s.n.(*ast.Not)
	if !ok {
		return
	}
	var edits []diag.Edit
	switch x := unparen(n.X).(type) {
	case *ast.Compare:
		if x.Op == "=" {
			edits = append(around(n, x), diag.Edit{Span: x.OpLoc, Text: "!="})
		}
	case *ast.FactCall:
		if opposite := map[string]string{"any": "none", "none": "any"}[x.Name.Name]; opposite != "" && p.ofFact(x) {
			edits = append(around(n, x), diag.Edit{Span: x.Name.Loc, Text: opposite})
		}
	case *ast.InName:
		edits = withNot(n, x, x.X, x.Not)
	case *ast.InSegment:
		edits = withNot(n, x, x.X, x.Not)
	case *ast.InSet:
		edits = withNot(n, x, x.X, x.Not)
	case *ast.Known:
		edits = otherKnown(n, x)
	default: // reads best with `not` before it
	}
	if edits == nil {
		return
	}
	d := p.report(n.Loc, "what `not` turns round here has a form of its own")
	d.Help = "write " + quote(edited(n.Loc, edits))
	d.Edits = edits
}

func quote(text string) string { return "`" + text + "`" }

// edited is a text after edits inside of it, on one line.
func edited(span source.Span, edits []diag.Edit) string {
	local := source.New("", span.Text())
	inside := make([]diag.Edit, len(edits))
	for i, e := range edits {
		inside[i] = diag.Edit{Span: source.Span{File: local, Start: e.Span.Start - span.Start, End: e.Span.End - span.Start}, Text: e.Text}
	}
	text, err := diag.Apply(local, inside)
	if err != nil {
		return local.Text
	}
	return strings.Join(strings.Fields(text), " ")
}

// withNot moves the `not` of n into its predicate x.
func withNot(n *ast.Not, x, subject ast.Expr, has bool) []diag.Edit {
	if has {
		return nil
	}
	at, text := x.Span(), "not "
	if subject != nil {
		at.Start, text = subject.Span().End, " not"
	}
	at.End = at.Start
	out := around(n, x)
	if at.Start == out[0].Span.End { // one edit, for two would begin at one place
		out[0].Text = text
		return out
	}
	return append(out, diag.Edit{Span: at, Text: text})
}

var knownWord = regexp.MustCompile(`(known|missing)$`)

func otherKnown(n *ast.Not, x *ast.Known) []diag.Edit {
	m := knownWord.FindStringIndex(x.Loc.Text())
	if m == nil {
		return nil
	}
	word := source.Span{File: x.Loc.File, Start: x.Loc.Start + m[0], End: x.Loc.End}
	opposite := "missing"
	if x.Missing {
		opposite = "known"
	}
	return append(around(n, x), diag.Edit{Span: word, Text: opposite})
}

// ofFact reports whether a call is about rows, and not the elements of a list.
func (p *pass) ofFact(x *ast.FactCall) bool {
	found := false
	if e := p.exprOf(x); e != nil {
		ir.Walk(e, func(e ir.Expr) bool {
			if a, ok := e.(*ir.Agg); ok && e.Span() == x.Loc {
				found = found || a.Op == ir.OpCount && a.Value == nil
			}
			return !found
		})
	}
	return found
}

// counted is the comparison of a count of rows with a whole number.
func (p *pass) counted(s *site) (cmp *ast.Compare, call *ast.FactCall, op string) {
	cmp, ok := s.n.(*ast.Compare)
	if !ok {
		return nil, nil, ""
	}
	call, isCall := cmp.L.(*ast.FactCall)
	n, isNumber := cmp.R.(*ast.Number)
	if !isCall || !isNumber || call.Name.Name != "count" || n.Percent || !p.ofFact(call) {
		return nil, nil, ""
	}
	return cmp, call, cmp.Op + " " + n.Text
}

func countIsAny(p *pass, s *site) {
	cmp, call, op := p.counted(s)
	if cmp != nil && slices.Contains([]string{">= 1", "> 0", "!= 0"}, op) {
		p.callInstead(cmp, call, "any")
	}
}

func countIsNone(p *pass, s *site) {
	cmp, call, op := p.counted(s)
	if cmp != nil && slices.Contains([]string{"= 0", "< 1", "<= 0"}, op) {
		p.callInstead(cmp, call, "none")
	}
}

func (p *pass) callInstead(cmp *ast.Compare, call *ast.FactCall, name string) {
	d := p.report(cmp.Loc, "`%s %s` asks whether there are any", cmp.Op, format.Expr(cmp.R))
	if name == "none" {
		d.Message = "`" + cmp.Op + " " + format.Expr(cmp.R) + "` asks whether there are none"
	}
	d.Help = "write " + quote(name+"("+format.Fact(call.Fact)+")")
	d.Edits = append(after(call, cmp, ""), diag.Edit{Span: call.Name.Loc, Text: name})
}

func setOfOne(p *pass, s *site) {
	switch x := s.n.(type) {
	case *ast.Has:
		set, ok := x.Y.(*ast.Set)
		if !ok || len(set.Elems) != 1 || x.Quant != "any" && x.Quant != "all" {
			return
		}
		has := " has " + format.Expr(set.Elems[0])
		if x.Not {
			has = " not" + has
		}
		d := p.report(set.Loc, "a list of one value is the value")
		d.Help, d.Edits = "write "+quote(format.Expr(x.X)+has), after(x.X, x, has)
	case *ast.InSet:
		if x.Set == nil || len(x.Set.Elems) != 1 {
			return
		}
		equals := " = " + format.Expr(x.Set.Elems[0])
		if x.Not {
			equals = " != " + format.Expr(x.Set.Elems[0])
		}
		d := p.report(x.Set.Loc, "a list of one value is the value")
		d.Help, d.Edits = "write "+quote(format.Expr(x.X)+equals), after(x.X, x, equals)
	default: // has no set
	}
}

// choices finds comparisons of one subject with several values.
func choices(p *pass, s *site) {
	l, ok := s.n.(*ast.Logic)
	if !ok {
		return
	}
	op, joined := "=", "in"
	if l.Op == "and" {
		op, joined = "!=", "not in"
	}
	for i, x := range l.Operands {
		first, ok := x.(*ast.Compare)
		if !ok || first.Op != op || !isChoice(first.R) || beganBefore(l.Operands[:i], first) {
			continue
		}
		values := []string{format.Expr(first.R)}
		edits := []diag.Edit{}
		for j, y := range l.Operands[i+1:] {
			same, ok := y.(*ast.Compare)
			if !ok || !sameChoice(first, same) {
				continue
			}
			if v := format.Expr(same.R); !slices.Contains(values, v) {
				values = append(values, v)
			}
			edits = append(edits, p.drop(l, i+1+j))
		}
		if len(values) < 2 {
			continue
		}
		text := " " + joined + " [" + strings.Join(values, ", ") + "]"
		d := p.report(first.Loc, "%d comparisons of %s with one value each are one with a list", len(edits)+1, format.Expr(first.L))
		d.Help = "write " + quote(format.Expr(first.L)+text)
		d.Edits = append(after(first.L, first, text), edits...)
	}
}

// drop takes operand i, which is not the first, and the word before it out of
// an and or or.
func (*pass) drop(l *ast.Logic, i int) diag.Edit {
	before, at := l.Operands[i-1].Span(), l.Operands[i].Span()
	return cut(at.File, before.End, at.End)
}

func isChoice(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Number:
		return !x.Percent
	case *ast.Date:
		return x.Day != 0
	case *ast.Text:
		return true
	default:
		return false
	}
}

func sameChoice(a, b *ast.Compare) bool {
	return a.Op == b.Op && isChoice(b.R) && format.Expr(a.L) == format.Expr(b.L)
}

func beganBefore(operands []ast.Expr, x *ast.Compare) bool {
	return slices.ContainsFunc(operands, func(y ast.Expr) bool {
		c, ok := y.(*ast.Compare)
		return ok && sameChoice(x, c)
	})
}

// range2 finds a lower and an upper bound of one number.
func range2(p *pass, s *site) {
	l, ok := s.n.(*ast.Logic)
	if !ok || l.Op != "and" {
		return
	}
	for i, x := range l.Operands {
		lower, ok := x.(*ast.Compare)
		if !ok || lower.Op != ">=" && lower.Op != "<=" {
			continue
		}
		for j := i + 1; j < len(l.Operands); j++ {
			upper, ok := l.Operands[j].(*ast.Compare)
			if !ok || upper.Op == lower.Op || upper.Op != ">=" && upper.Op != "<=" || format.Expr(upper.L) != format.Expr(lower.L) {
				continue
			}
			lo, hi := lower.R, upper.R
			if lower.Op == "<=" {
				lo, hi = hi, lo
			}
			if !p.rising(lo, hi) {
				continue
			}
			text := " between " + format.Expr(lo) + " and " + format.Expr(hi)
			d := p.report(lower.Loc, "two comparisons that are the bounds of %s", format.Expr(lower.L))
			d.Help = "write " + quote(format.Expr(lower.L)+text)
			d.Edits = append(after(lower.L, lower, text), p.drop(l, j))
			return
		}
	}
}

// rising reports two numbers of which the first is not the larger.
func (p *pass) rising(lo, hi ast.Expr) bool {
	a, b := p.number(lo), p.number(hi)
	return a != nil && b != nil && value.Compare(*a, *b) <= 0
}

// number is the value of a literal or param.
func (p *pass) number(x ast.Expr) *value.Value {
	if k, ok := stripped(p.exprOf(x)).(*ir.Const); ok && k.T.Numeric() && !k.V.IsMissing() {
		return &k.V
	}
	return nil
}

// stripped is x without conversions, which lose nothing, and without its name.
func stripped(x ir.Expr) ir.Expr {
	for {
		switch y := x.(type) {
		case *ir.Convert:
			x = y.X
		case *ir.Trait:
			x = y.X
		default:
			return x
		}
	}
}

func equalBounds(p *pass, s *site) {
	b, ok := s.n.(*ast.Between)
	if !ok || b.Lo == nil || b.Hi == nil || format.Expr(b.Lo) != format.Expr(b.Hi) {
		return
	}
	text := ""
	switch lo := b.Lo.(type) {
	case *ast.Date:
		text = " on " + format.Expr(lo)
		if b.Not {
			text = " not" + text
		}
	case *ast.Number:
		text = " = " + format.Expr(lo)
		if b.Not {
			text = " != " + format.Expr(lo)
		}
	default:
		return
	}
	if call, ok := b.X.(*ast.Call); ok && call.Name.Name == "anniversary" && text[1] != 'o' && text[1] != 'n' {
		return
	}
	d := p.report(b.Lo.Span().To(b.Hi.Span()), "both bounds are %s", format.Expr(b.Lo))
	d.Help, d.Edits = "write "+quote(format.Expr(b.X)+text), after(b.X, b, text)
}

func isTrue(p *pass, s *site) {
	cmp, ok := s.n.(*ast.Compare)
	if !ok || cmp.Op != "=" {
		return
	}
	k, isBool := cmp.R.(*ast.Bool)
	_, isPath := cmp.L.(*ast.PathExpr)
	if !isBool || !k.Value || !isPath {
		return
	}
	d := p.report(cmp.Loc, "%s is true or false by itself", format.Expr(cmp.L))
	d.Help, d.Edits = "write "+quote(format.Expr(cmp.L)), after(cmp.L, cmp, "")
}

// literalPattern is a pattern of nothing but the text it stands for, and
// perhaps its edges.
var literalPattern = regexp.MustCompile(`^(\^?)((?:[^\\.^$()|\[\]*+?{}]|\\[\\.^$()|\[\]*+?{}/-])+)(\$?)$`)

func plainPattern(p *pass, s *site) {
	x, ok := s.n.(*ast.Matches)
	if !ok || x.Regex == nil || x.Regex.Flags != "" {
		return
	}
	m := literalPattern.FindStringSubmatch(x.Regex.Pattern)
	e := p.exprOf(x.X)
	if m == nil || e == nil {
		return
	}
	word := map[string]string{"": "contains", "^": "starts with", "$": "ends with", "^$": "="}[m[1]+m[3]]
	if word == "=" && (len(e.Type().Values) > 0 || x.Not) {
		return
	}
	text := " " + word + " " + format.Expr(&ast.Text{Value: unescape(m[2])})
	if x.Not {
		text = " not" + text
	}
	d := p.report(x.Regex.Loc, "this pattern is plain text")
	d.Help, d.Edits = "write "+quote(format.Expr(x.X)+text), after(x.X, x, text)
}
