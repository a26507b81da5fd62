package syntax

import (
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// compareOp tells whether the token compares.
func compareOp(t *token) bool {
	if t.kind != kindOp {
		return false
	}
	switch t.val {
	case "!=", "<", "<=", "=", ">", ">=", "~=":
		return true
	}
	return false
}

// tail reads what follows the first operand of a predicate, if anything.
func (p *parser) tail(start int, x ast.Expr) ast.Expr {
	p.fixCase()
	t := p.cur()
	if compareOp(t) {
		return p.compare(start, x)
	}
	if t.op("~contains") {
		p.pos++
		return p.textMatch(tailOf{start, x, false}, "~contains")
	}
	if t.kind != kindWord {
		return x
	}
	if p.historyAt(0) {
		return p.history(tailOf{start, x, false})
	}
	not := false
	word := t
	if t.val == "not" {
		if p.historyAt(1) {
			p.pos++
			return p.history(tailOf{start, x, true})
		}
		next := p.at(1)
		if !next.op("~contains") && (next.kind != kindWord || tailWords[next.val] == 0) {
			return x
		}
		not, word = true, next
	}
	if word.val == "is" && !not {
		return p.known(start, x)
	}
	if tailWords[word.val] == 0 && !word.op("~contains") {
		return x
	}
	p.pos++
	if not {
		p.pos++
	}
	return p.wordTail(tailOf{start, x, not}, word)
}

// tailOf is the beginning of a predicate: its first byte, its subject, and
// whether not stands before the operator.
type tailOf struct {
	start int
	x     ast.Expr
	not   bool
}

func (p *parser) wordTail(of tailOf, op *token) ast.Expr {
	switch op.val {
	case "before", "on", "since":
		w := p.dateWindow(op)
		return &ast.InWindow{At: p.from(of.start), Not: of.not, X: of.x, Window: w}
	case "between":
		lo, hi := p.bounds()
		return &ast.Between{At: p.from(of.start), Not: of.not, X: of.x, Lo: lo, Hi: hi}
	case "contains", "~contains":
		return p.textMatch(of, op.val)
	case "ends", "starts":
		if !p.acceptWord("with") {
			d := p.errorf(codeUnexpected, p.tokSpan(op), "`%s` is written `%s with`", op.val, op.val)
			d.Edits = []diag.Edit{p.edit(op.end, op.end, " with")}
			d.Help = "write city starts with \"H\" or email ends with \".vn\""
		}
		return p.textMatch(of, op.val+" with")
	case "has":
		return p.has(of)
	case "in":
		return p.in(of, op)
	case "matches":
		return p.matches(of)
	case "within":
		return p.within(of)
	}
	panic("syntax: no such operator: " + op.val)
}

func (p *parser) textMatch(of tailOf, op string) ast.Expr {
	y := p.sum()
	return &ast.TextMatch{At: p.from(of.start), Not: of.not, Op: op, X: of.x, Y: y}
}

func (p *parser) compare(start int, l ast.Expr) ast.Expr {
	op := p.next()
	if t := p.cur(); t.word("not") && op.val == "=" && p.at(1).kind != kindEOF {
		d := p.errorf(codeUnexpected, p.tokSpan(t), "`not` stands before the whole comparison")
		d.Help = "write != instead of = not, or not (a = b)"
		p.bail()
	}
	r := p.sum()
	c := &ast.Compare{At: p.from(start), Op: op.val, OpLoc: p.tokSpan(op), L: l, R: r}
	if isNull(r) && (op.val == "=" || op.val == "!=") {
		return p.compareNull(c, op)
	}
	if compareOp(p.cur()) {
		p.chained(c)
	}
	return c
}

// isNull tells whether an author means a missing value.
func isNull(x ast.Expr) bool {
	e, ok := x.(*ast.PathExpr)
	return ok && len(e.Path.Parts) == 1 && !e.Path.Parts[0].Quoted && strings.EqualFold(e.Path.Parts[0].Name, "null")
}

func (p *parser) compareNull(c *ast.Compare, op *token) ast.Expr {
	word := "missing"
	if op.val == "!=" {
		word = "known"
	}
	d := p.errorf(codeKnown, c.R.Span(), "a value is never compared with null")
	d.Help = "write is " + word
	d.Edits = []diag.Edit{p.edit(op.start, p.prev().end, "is "+word)}
	if op.start > 0 && p.text[op.start-1] != ' ' {
		d.Edits[0].Text = " is " + word
	}
	return &ast.Known{At: c.At, X: c.L, Missing: word == "missing"}
}

// chained reports 18 <= age <= 30.
func (p *parser) chained(c *ast.Compare) {
	op := p.next()
	hi := p.sum()
	span := p.span(c.Loc.Start, p.prev().end)
	d := p.errorf(codeChained, p.tokSpan(op), "comparisons cannot be chained")
	d.Labels = append(d.Labels, label(c.OpLoc, "the first one is here"))
	if p.place != nil {
		d.Help = "write age between 18 and 30, or two comparisons joined with and"
		p.bail()
	}
	a, x, b := c.L.Span().Text(), c.R.Span().Text(), hi.Span().Text()
	text := a + " " + c.Op + " " + x + " and " + x + " " + op.val + " " + b
	switch {
	case c.Op == "<=" && op.val == "<=":
		text = x + " between " + a + " and " + b
	case c.Op == ">=" && op.val == ">=":
		text = x + " between " + b + " and " + a
	}
	d.Help = "write " + text
	d.Edits = []diag.Edit{{Span: span, Text: text}}
	p.bail()
}

// known reads `is known`, `is missing` and, with a report, what other
// languages say.
func (p *parser) known(start int, x ast.Expr) ast.Expr {
	is := p.next()
	t := p.cur()
	if t.word("known") || t.word("missing") {
		p.pos++
		return &ast.Known{At: p.from(start), X: x, Missing: t.val == "missing"}
	}
	not := t.kind == kindWord && strings.EqualFold(t.val, "not")
	what := t
	if not {
		what = p.at(1)
	}
	meant := map[string]string{
		"known": "known", "missing": "missing", "null": "missing", "empty": "missing", "unknown": "missing",
		"none": "missing", "nil": "missing", "set": "known", "present": "known", "nan": "missing",
	}[strings.ToLower(what.val)]
	if what.kind != kindWord || meant == "" {
		p.isSomething(is, not, what)
	}
	if not {
		p.pos++
		meant = map[string]string{"known": "missing", "missing": "known"}[meant]
	}
	p.pos++
	d := p.errorf(codeKnown, p.span(is.start, what.end), "write `is %s`", meant)
	d.Help = "a value is known or missing; there is no null"
	if strings.EqualFold(what.val, "empty") {
		d.Help = "a value is known or missing; for a text of no characters write = \"\""
	}
	d.Edits = []diag.Edit{p.edit(is.start, what.end, "is "+meant)}
	return &ast.Known{At: p.from(start), X: x, Missing: meant == "missing"}
}

// isSomething reports `is "x"`, `is true`, `is 5`.
func (p *parser) isSomething(is *token, not bool, what *token) {
	op, end := "=", is.end
	if not {
		op, end = "!=", p.cur().end
	}
	d := p.errorf(codeKnown, p.span(is.start, end), "after `is` comes known or missing")
	d.Help = "to compare with a value write " + op
	if p.startsOperand(what) && !what.word("not") {
		d.Edits = []diag.Edit{p.edit(is.start, end, op)}
	}
	p.bail()
}

// bounds reads `lo and hi`.
func (p *parser) bounds() (lo, hi ast.Expr) {
	lo = p.sum()
	p.fixCase()
	if !p.acceptWord("and") {
		d := p.errorf(codeUnexpected, p.tokSpan(p.cur()), "`between` needs two bounds joined with `and`, but here is %s", p.describe(p.cur()))
		d.Help = "write between 18 and 30; both ends belong to it"
		p.bail()
	}
	return lo, p.sum()
}

func (p *parser) has(of tailOf) ast.Expr {
	h := &ast.Has{Not: of.not, X: of.x}
	t := p.cur()
	if t.kind == kindWord && (t.val == "any" || t.val == "all" || t.val == "none") && p.at(1).word("of") {
		h.Quant = t.val
		p.pos += 2
	}
	switch {
	case p.cur().op("["):
		h.Y = p.set()
	case h.Quant != "" && p.cur().op("(") && p.at(2).op(","):
		h.Y = p.setInParens()
	default:
		h.Y = p.sum()
	}
	h.At = p.from(of.start)
	return h
}

func (p *parser) matches(of tailOf) ast.Expr {
	t := p.next()
	m := &ast.Matches{Not: of.not, X: of.x}
	switch t.kind {
	case kindRegex:
		end := max(strings.LastIndexByte(t.val, '/'), 1)
		m.Regex = &ast.Regex{At: p.from(t.start), Pattern: t.val[1:end], Flags: t.val[end:]}
		m.Regex.Flags = strings.TrimPrefix(m.Regex.Flags, "/")
	case kindText:
		d := p.errorf(codeRegex, p.tokSpan(t), "a regular expression stands between slashes")
		d.Help = "write matches /…/; for plain text use contains"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "/"+strings.ReplaceAll(t.val, "/", `\/`)+"/")}
		m.Regex = &ast.Regex{At: p.from(t.start), Pattern: t.val}
	default:
		p.errorf(codeRegex, p.tokSpan(t), "after `matches` comes a regular expression, but here is %s", p.describe(t)).
			Help = "write matches /^VN[0-9]+$/"
		p.bail()
	}
	m.At = p.from(of.start)
	return m
}

// within reads `10 km of y`.
func (p *parser) within(of tailOf) ast.Expr {
	t := p.cur()
	if t.kind != kindNumber {
		p.errorf(codeUnexpected, p.tokSpan(t), "`within` needs a distance, but here is %s", p.describe(t)).
			Help = "write within 10 km of point(21.0285, 105.8542)"
		p.bail()
	}
	w := &ast.Within{Not: of.not, X: of.x, Distance: p.duration("distance")}
	if !p.acceptWord("of") {
		p.errorf(codeUnexpected, p.tokSpan(p.cur()), "`within %s` says how far, but not of what", w.Distance.Loc.Text()).
			Help = "write within 10 km of point(21.0285, 105.8542)"
		p.bail()
	}
	w.Of = p.sum()
	w.At = p.from(of.start)
	return w
}
