package syntax

import (
	"slices"
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// maxDepth is how deep brackets and `not` may nest. Nobody writes that by
// hand; the limit keeps the stack of this and of every later recursion small.
const maxDepth = 200

func (p *parser) enter(t *token) {
	p.depth++
	if p.depth > maxDepth {
		d := p.errorf(codeDepth, p.tokSpan(t), "brackets are nested more than %d deep here", maxDepth)
		d.Help = "give parts of the condition a name: a segment or a trait of their own"
		p.bail()
	}
}

func (p *parser) leave() { p.depth-- }

// operands of one level of and, or, as they stand.
type operands struct {
	xs  []ast.Expr
	ops []*token // ops[i] stands before xs[i+1]
}

// topExpr reads the expression of a whole item. Where an operand cannot be
// read it goes on at the next line that begins with and, or, so that one
// mistake does not hide the next; the expression as a whole is then lost.
func (p *parser) topExpr() ast.Expr {
	var list operands
	for {
		start := p.pos
		var x ast.Expr
		if !p.rescue(func() { x = p.unary(); p.operandEnd() }) {
			if !p.toNextOperand(start) {
				p.bail()
			}
			x = nil
		}
		list.xs = append(list.xs, x)
		if !p.logicOp() {
			break
		}
		list.ops = append(list.ops, p.next())
	}
	if slices.Contains(list.xs, nil) {
		p.endOfItem()
		p.bail()
	}
	return p.logic(list)
}

// expr reads an expression inside brackets or a fact.
func (p *parser) expr() ast.Expr {
	x := p.unary()
	if !p.logicOp() {
		return x
	}
	list := operands{xs: []ast.Expr{x}}
	for p.logicOp() {
		list.ops = append(list.ops, p.next())
		list.xs = append(list.xs, p.unary())
	}
	return p.logic(list)
}

func (p *parser) logicOp() bool {
	p.fixCase()
	t := p.cur()
	return t.kind == kindWord && (t.val == "and" || t.val == "or")
}

// operandEnd reports, while it can still be recovered from, what cannot
// follow an operand of a whole item.
func (p *parser) operandEnd() {
	if !p.logicOp() {
		p.endOfItem()
	}
}

// toNextOperand moves to the next line that begins with and, or; the
// operand that failed began at start.
func (p *parser) toNextOperand(start int) bool {
	open := p.brackets(start, p.pos)
	for i := p.pos; i < p.limit; i++ {
		t := &p.toks[i]
		if open <= 0 && t.first {
			if t.word("and") || t.word("or") {
				p.pos = i
				return true
			}
			if p.itemStartAt(i) {
				return false
			}
		}
		open += bracket(t)
	}
	return false
}

func bracket(t *token) int {
	if t.kind != kindOp || len(t.val) != 1 {
		return 0
	}
	switch t.val[0] {
	case '(', '[', '{':
		return 1
	case ')', ']', '}':
		return -1
	}
	return 0
}

// brackets counts those open between two tokens.
func (p *parser) brackets(from, to int) (open int) {
	for i := from; i < to; i++ {
		open += bracket(&p.toks[i])
	}
	return open
}

// logic builds the node for one level, reporting a mix of and, or.
func (p *parser) logic(list operands) ast.Expr {
	if len(list.xs) == 1 {
		return list.xs[0]
	}
	first := list.ops[0].val
	mixed := -1
	for i, op := range list.ops {
		if op.val != first {
			mixed = i
			break
		}
	}
	if mixed < 0 {
		return p.logicNode(first, list.xs)
	}
	p.reportMixed(list, mixed)
	var top, group []ast.Expr
	for i, x := range list.xs {
		if i > 0 && list.ops[i-1].val == first {
			top = append(top, p.logicNode(other(first), group))
			group = nil
		}
		group = append(group, x)
	}
	return p.logicNode(first, append(top, p.logicNode(other(first), group)))
}

func other(op string) string {
	if op == "and" {
		return "or"
	}
	return "and"
}

func (p *parser) logicNode(op string, xs []ast.Expr) ast.Expr {
	if len(xs) == 1 {
		return xs[0]
	}
	loc := xs[0].Span().To(xs[len(xs)-1].Span())
	return &ast.Logic{At: ast.At{Loc: loc}, Op: op, Operands: xs}
}

// reportMixed offers parentheses around the ands, which is how most other
// languages would read the condition.
func (p *parser) reportMixed(list operands, mixed int) {
	op := list.ops[mixed]
	d := p.errorf(codeMixed, p.tokSpan(op), "`and` and `or` are mixed without parentheses")
	d.Labels = append(d.Labels, label(p.tokSpan(list.ops[0]), "`"+list.ops[0].val+"` here"))
	d.Help = "say with parentheses which belongs together: (a and b) or c, or a and (b or c)"
	for i := 0; i < len(list.xs); {
		end := i
		for end < len(list.ops) && list.ops[end].val == "and" {
			end++
		}
		if end > i {
			first, last := list.xs[i].Span(), list.xs[end].Span()
			first.End, last.Start = first.Start, last.End
			d.Edits = append(d.Edits, diag.Edit{Span: first, Text: "("}, diag.Edit{Span: last, Text: ")"})
		}
		i = end + 1
	}
}

// unary reads not and what it denies.
func (p *parser) unary() ast.Expr {
	t := p.cur()
	if !t.word("not") {
		return p.pred()
	}
	p.pos++
	if p.cur().word("in") {
		return p.inSegmentHere(t, true)
	}
	p.enter(t)
	defer p.leave()
	x := p.unary()
	return &ast.Not{At: p.from(t.start), X: x}
}

// pred reads one predicate or value.
func (p *parser) pred() ast.Expr {
	t := p.cur()
	if t.kind == kindWord {
		switch {
		case t.val == "in":
			return p.inSegmentHere(t, false)
		case p.historyAt(0):
			return p.history(tailOf{start: t.start})
		}
	}
	start := t.start
	x := p.sum()
	return p.tail(start, x)
}

// inSegmentHere reads `[not] in segment REF` about the row itself.
func (p *parser) inSegmentHere(first *token, not bool) ast.Expr {
	in := p.next()
	if !p.cur().word("segment") || !p.at(1).isName() {
		d := p.errorf(codeUnexpected, p.tokSpan(in), "`in` needs something before it")
		d.Help = "write city in [\"Huế\"], signup_at in last 30 days or in segment NAME"
		p.bail()
	}
	p.pos++
	ref := p.path()
	return &ast.InSegment{At: p.from(first.start), Not: not, Ref: ref}
}

// historyAt tells whether `entered segment NAME` or `left segment NAME` stands
// n tokens on; without the two words after them both are plain names.
func (p *parser) historyAt(n int) bool {
	t := p.at(n)
	return (t.word("entered") || t.word("left")) && p.at(n+1).word("segment") && p.at(n+2).isName()
}

// history reads what follows `[x] [not]`, from `entered` or `left` on.
func (p *parser) history(of tailOf) ast.Expr {
	t := p.next()
	p.pos++ // segment
	h := &ast.History{Not: of.not, X: of.x, Left: t.val == "left", Ref: p.path()}
	if h.Window = p.window(); h.Window == nil {
		d := p.errorf(codeUnexpected, p.tokSpan(p.cur()), "`%s segment %s` needs a window", t.val, h.Ref)
		d.Help = "say when: " + t.val + " segment " + h.Ref.String() + " in last 7 days"
		p.bail()
	}
	h.At = p.from(of.start)
	return h
}

// caseWords are the keywords that may follow a complete operand.
var caseWords = wordSet(map[int]string{1: `and or not in is as on since before between within has contains starts
	ends matches where when otherwise expect of followed preceded directly have every per`})

// fixCase reads AND as and, where an operand is complete and a name could
// not follow anyway.
func (p *parser) fixCase() {
	t := p.cur()
	if t.kind != kindWord || t.val == "" || !hasUpper(t.val) {
		return
	}
	lower := strings.ToLower(t.val)
	if caseWords[lower] == 0 || t.first && p.itemStart(0) || p.cases == 0 && p.branchAt(0) {
		return
	}
	d := p.errorf(codeCase, p.tokSpan(t), "keywords are written in small letters: `%s`", lower)
	d.Help = "a name that is written like this stands in backticks: `" + t.val + "`"
	d.Edits = []diag.Edit{p.edit(t.start, t.end, lower)}
	t.val = lower
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}
