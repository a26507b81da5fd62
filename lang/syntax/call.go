package syntax

import (
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// call reads NAME( … ); the current token is the name.
func (p *parser) call() ast.Expr {
	name := p.cur()
	open := p.at(1)
	p.enter(open)
	defer p.leave()
	switch {
	case name.val == "all":
		return p.allCall(name, open)
	case name.val == "any" || name.val == "none" || name.val == "count" && p.countsRows():
		id := p.ident()
		p.pos++
		fact := p.fact()
		p.closeBracket(open, ")")
		return &ast.FactCall{At: p.from(name.start), Name: id, Fact: fact}
	case name.val == "regularly":
		return p.regularly(name, open)
	}
	c := &ast.Call{Name: p.ident()}
	p.pos++
	if next := p.at(1); p.cur().word("distinct") && p.startsOperand(next) && next.kind != kindOp && !next.word("in") && !next.word("not") {
		p.pos++
		c.Distinct = true
	}
	p.args(c)
	p.closeBracket(open, ")")
	c.At = p.from(name.start)
	return c
}

// countsRows tells count(FACT) from count(VALUE of FACT): a fact begins with
// a path that is followed by the end, a window, where, as or a step.
func (p *parser) countsRows() bool {
	i := 2
	if !p.at(i).isName() {
		return p.at(i).kind == kindEOF
	}
	for i++; p.at(i).op(".") && p.at(i+1).isName(); {
		i += 2
	}
	t := p.at(i)
	if t.kind == kindEOF || t.op(")") {
		return true
	}
	if t.kind != kindWord {
		return false
	}
	switch strings.ToLower(t.val) {
	case "as", "before", "between", "directly", "followed", "in", "not", "on", "preceded", "since", "where":
		return true
	}
	return false
}

// args reads the arguments of a call, with the source of one of them.
func (p *parser) args(c *ast.Call) {
	if p.cur().op(")") {
		return
	}
	for {
		if p.cur().word("by") && len(c.Args) > 0 {
			p.pos++
			c.By = p.path()
			return
		}
		c.Args = append(c.Args, p.expr())
		if t := p.cur(); c.Of == nil && (t.word("of") || t.word("per")) {
			c.Of, c.OfArg = p.source(), len(c.Args)-1
		}
		if !p.comma(")") {
			return
		}
	}
}

// comma reads a comma between elements; one before the closing bracket is
// reported and skipped.
func (p *parser) comma(closer string) bool {
	t := p.cur()
	if !p.acceptOp(",") {
		return false
	}
	if !p.cur().op(closer) {
		return true
	}
	d := p.errorf(codeComma, p.tokSpan(t), "there is a comma before the closing `%s`", closer)
	d.Help = "a comma stands between two elements only"
	d.Edits = []diag.Edit{p.edit(t.start, t.end, "")}
	return false
}

// source reads `of FACT|everyone|segment REF [per PATH]` or `per PATH`.
func (p *parser) source() *ast.Source {
	t := p.cur()
	s := &ast.Source{}
	if p.acceptWord("of") {
		switch {
		case p.acceptWord("everyone"):
			s.Everyone = true
		case p.cur().word("segment") && p.at(1).isName():
			p.pos++
			s.Segment = p.path()
		default:
			s.Fact = p.fact()
		}
	}
	if p.acceptWord("per") {
		s.Per = p.path()
	}
	s.At = p.from(t.start)
	return s
}

func (p *parser) allCall(name, open *token) ast.Expr {
	p.pos += 2
	c := &ast.AllCall{Fact: p.fact()}
	p.fixCase()
	if t := p.cur(); !p.acceptWord("have") {
		if !t.op(")") {
			p.afterOperand()
		}
		d := p.errorf(codeUnexpected, p.tokSpan(name), "`all` does not say what all rows have")
		d.Help = "write all(orders have status = \"paid\")"
		p.bail()
	}
	c.Have = p.expr()
	p.closeBracket(open, ")")
	c.At = p.from(name.start)
	return c
}

// regularly reads FACT every D for N periods [allowing N missed].
func (p *parser) regularly(name, open *token) ast.Expr {
	p.pos += 2
	r := &ast.Regularly{Fact: p.fact()}
	p.fixCase()
	p.rhythmWord("every")
	r.Every = p.durationOrParam()
	p.rhythmWord("for")
	r.Periods = p.rhythmNumber()
	if !p.acceptWord("period") {
		p.rhythmWord("periods")
	}
	if p.acceptWord("allowing") {
		r.Missed = p.rhythmNumber()
		p.rhythmWord("missed")
	}
	if t := p.cur(); t.word("where") || t.word("in") || t.word("since") || t.word("between") {
		d := p.errorf(codeFactOrder, p.tokSpan(t), "`%s` belongs to the fact, before `every`", t.val)
		d.Help = "write regularly(orders where status = \"paid\" every 1 month for 6 periods)"
		p.bail()
	}
	p.closeBracket(open, ")")
	r.At = p.from(name.start)
	return r
}

func (p *parser) rhythmWord(word string) {
	if !p.acceptWord(word) {
		p.rhythmError("`" + word + "`")
	}
}

func (p *parser) rhythmNumber() *ast.Number {
	if p.cur().kind != kindNumber {
		p.rhythmError("a number")
	}
	return p.number()
}

func (p *parser) rhythmError(want string) {
	t := p.cur()
	d := p.errorf(codeUnexpected, p.tokSpan(t), "%s is expected here, not %s", want, p.describe(t))
	d.Help = "write regularly(orders every 1 month for 6 periods allowing 1 missed)"
	p.bail()
}

// set reads [ a, b ]; the current token is the bracket.
func (p *parser) set() *ast.Set {
	open := p.next()
	p.enter(open)
	defer p.leave()
	set := &ast.Set{}
	for !p.cur().op("]") {
		set.Elems = append(set.Elems, p.setElem())
		if !p.comma("]") {
			p.endOfElem()
			break
		}
	}
	p.closeBracket(open, "]")
	set.At = p.from(open.start)
	if len(set.Elems) == 0 {
		p.errorf(codeEmptySet, set.Loc, "this set is empty").
			Help = "nothing is ever in an empty set; name at least one value"
	}
	return set
}

// endOfElem reports what stands between two elements and is no comma.
func (p *parser) endOfElem() {
	t := p.cur()
	switch {
	case t.first && p.itemStart(0) || t.kind == kindEOF:
	case t.op("+") || t.op("-") || t.op("*") || t.op("/") || t.op("(") || t.op("."):
		d := p.errorf(codeLiteral, p.tokSpan(t), "a set holds plain values; nothing is computed in it")
		d.Help = "compare with the values one by one, joined with or"
		p.bail()
	case p.startsOperand(t):
		d := p.errorf(codeComma, p.tokSpan(t), "a comma is missing before this")
		d.Help = "the values of a set are separated by commas"
		d.Edits = []diag.Edit{p.edit(p.prev().end, p.prev().end, ",")}
		p.bail()
	}
}

// setInParens reports ("a", "b") and reads it as a set.
func (p *parser) setInParens() *ast.Set {
	open := p.next()
	p.enter(open)
	defer p.leave()
	set := &ast.Set{}
	for !p.cur().op(")") {
		set.Elems = append(set.Elems, p.setElem())
		if !p.comma(")") {
			break
		}
	}
	end := p.cur()
	p.closeBracket(open, ")")
	set.At = p.from(open.start)
	d := p.errorf(codeSetParens, set.Loc, "a set stands in brackets")
	d.Help = "write [ ] instead of ( ): parentheses only group and call"
	d.Edits = []diag.Edit{p.edit(open.start, open.end, "["), p.edit(end.start, end.end, "]")}
	return set
}

func (p *parser) setElem() ast.Expr {
	t := p.cur()
	if x := p.constant(); x != nil {
		return x
	}
	if t.op(",") {
		d := p.errorf(codeComma, p.tokSpan(t), "there is no value before this comma")
		d.Help = "a comma stands between two values"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "")}
		p.bail()
	}
	if t.kind == kindEOF || t.first && p.itemStart(0) {
		p.closeBracket(&p.toks[p.openBefore()], "]")
	}
	d := p.errorf(codeLiteral, p.tokSpan(t), "a set holds plain values, not %s", p.describe(t))
	d.Help = "text stands in double quotes: [\"Huế\", \"Vinh\"]"
	if t.isName() {
		end := p.bareTextEnd()
		d.Edits = []diag.Edit{p.edit(t.start, end, Quote(p.text[t.start:end]))}
		d.Span = p.span(t.start, end)
	}
	p.bail()
	return nil
}

// constant reads a literal of a param, a key or a set: nil when there is none.
func (p *parser) constant() ast.Expr {
	t := p.cur()
	switch {
	case t.op("-") && (p.at(1).kind == kindNumber || p.at(1).kind == kindPercent):
		p.pos++
		x := p.number()
		return &ast.Neg{At: p.from(t.start), X: x}
	case t.kind == kindNumber:
		if next := p.at(1); next.kind == kindWord && (units[next.val] != "" || p.meantAsUnit(next)) {
			return p.duration("duration")
		}
		return p.number()
	case t.word("false") || t.word("true"):
		p.pos++
		return &ast.Bool{At: p.from(t.start), Value: t.val == "true"}
	case t.kind == kindEOF || t.kind == kindOp || t.kind == kindWord:
		return nil
	}
	return p.literal()
}
