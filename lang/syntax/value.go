package syntax

import (
	"strconv"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// sum reads a value: terms joined by + and -.
func (p *parser) sum() ast.Expr {
	start := p.cur().start
	x := p.term()
	for n := 0; ; n++ {
		t := p.cur()
		if !t.op("+") && !t.op("-") {
			return x
		}
		p.longChain(t, n)
		p.pos++
		r := p.term()
		x = &ast.Arith{At: p.from(start), Op: t.val, L: x, R: r}
	}
}

func (p *parser) term() ast.Expr {
	start := p.cur().start
	x := p.factor()
	for n := 0; ; n++ {
		t := p.cur()
		if !t.op("*") && !t.op("/") {
			return x
		}
		p.longChain(t, n)
		p.pos++
		r := p.factor()
		x = &ast.Arith{At: p.from(start), Op: t.val, L: x, R: r}
	}
}

// longChain refuses a sum or product of more than a thousand parts: its tree
// is as deep as it is long.
func (p *parser) longChain(t *token, n int) {
	if n >= 5*maxDepth {
		d := p.errorf(codeDepth, p.tokSpan(t), "a sum or product has more than %d parts here", 5*maxDepth)
		d.Help = "give parts of it a name: a trait of their own"
		p.bail()
	}
}

func (p *parser) factor() ast.Expr {
	t := p.cur()
	if !t.op("-") {
		return p.prim()
	}
	p.pos++
	x := p.prim()
	return &ast.Neg{At: p.from(t.start), X: x}
}

// prim reads one operand of arithmetic.
func (p *parser) prim() ast.Expr {
	t := p.cur()
	switch t.kind {
	case kindNumber:
		return p.numberOrDuration()
	case kindOp:
		if t.val == "(" {
			return p.paren()
		}
		p.noOperand()
	case kindQuoted:
		return p.pathExpr()
	case kindWord:
		return p.wordPrim(t)
	case kindEOF, kindRegex:
		p.noOperand()
	}
	if x := p.literal(); x != nil {
		return x
	}
	panic("syntax: a token of an unknown kind")
}

func (p *parser) paren() ast.Expr {
	open := p.next()
	p.enter(open)
	defer p.leave()
	x := p.expr()
	p.closeBracket(open, ")")
	return &ast.Paren{At: p.from(open.start), X: x}
}

func (p *parser) wordPrim(t *token) ast.Expr {
	switch t.val {
	case "as_of", "today", "tomorrow", "yesterday":
		p.pos++
		return &ast.Word{At: p.from(t.start), Name: t.val}
	case "case":
		return p.caseExpr()
	case "false", "true":
		p.pos++
		return &ast.Bool{At: p.from(t.start), Value: t.val == "true"}
	case "item":
		if !p.at(1).op(".") && !p.at(1).op("(") {
			p.pos++
			return &ast.Word{At: p.from(t.start), Name: t.val}
		}
	}
	if reserved[t.val] != 0 {
		p.reservedOperand(t)
	}
	if p.at(1).op("(") {
		return p.call()
	}
	return p.pathExpr()
}

// reservedOperand reports a keyword where a value is expected, and where it
// was clearly meant as a name reads it as one.
func (p *parser) reservedOperand(t *token) {
	next := p.at(1)
	meantAsName := reserved[t.val] == reservedLater || compareOp(next) || next.op(".") || next.word("is")
	if !meantAsName {
		p.noOperand()
	}
	p.reservedName(t)
	t.kind = kindQuoted
}

func (p *parser) reservedName(t *token) {
	d := p.errorf(codeReserved, p.tokSpan(t), "`%s` is a word of the language, not a name", t.val)
	d.Help = "in backticks it is a name: `" + t.val + "`"
	d.Edits = []diag.Edit{p.edit(t.start, t.end, "`"+t.val+"`")}
}

// ident reads one name.
func (p *parser) ident() ast.Ident {
	t := p.cur()
	if !t.isName() {
		if t.kind == kindWord {
			p.reservedName(t)
			p.pos++
			return ast.Ident{At: p.from(t.start), Name: t.val, Quoted: true}
		}
		p.errorf(codeUnexpected, p.tokSpan(t), "a name is expected here, not %s", p.describe(t)).
			Help = "a name is one word, or anything between backticks"
		p.bail()
	}
	p.pos++
	return ast.Ident{At: p.from(t.start), Name: t.val, Quoted: t.kind == kindQuoted}
}

// path reads NAME{.NAME}.
func (p *parser) path() *ast.Path {
	start := p.cur().start
	path := &ast.Path{Parts: []ast.Ident{p.ident()}}
	for p.cur().op(".") {
		p.pos++
		path.Parts = append(path.Parts, p.ident())
	}
	path.At = p.from(start)
	return path
}

func (p *parser) pathExpr() ast.Expr {
	path := p.path()
	return &ast.PathExpr{At: path.At, Path: path}
}

func (p *parser) number() *ast.Number {
	if p.cur().kind == kindNumber {
		p.thousandsComma()
	}
	t := p.next()
	return &ast.Number{At: p.from(t.start), Text: t.val, Percent: t.kind == kindPercent, Raw: p.text[t.start:t.end]}
}

// numberOrDuration reads 30, 30 days, 30 days ago.
func (p *parser) numberOrDuration() ast.Expr {
	t := p.at(1)
	if t.kind != kindWord || units[t.val] == "" && !p.meantAsUnit(t) {
		return p.number()
	}
	start := p.cur().start
	d := p.duration("duration")
	if p.acceptWord("ago") {
		d.Ago, d.At = true, p.from(start)
	}
	return d
}

// duration reads NUMBER UNIT; what says which of the two kinds is wanted.
func (p *parser) duration(what string) *ast.Duration {
	start := p.cur().start
	d := &ast.Duration{Number: p.number()}
	d.Unit = p.unit(what)
	d.At = p.from(start)
	return d
}

// durationOrParam reads NUMBER UNIT or the name of a param.
func (p *parser) durationOrParam() *ast.Duration {
	t := p.cur()
	switch {
	case t.kind == kindNumber:
		return p.duration("duration")
	case t.isName():
		path := p.path()
		return &ast.Duration{At: path.At, Name: path}
	}
	d := p.errorf(codeUnit, p.tokSpan(t), "a duration is expected here, not %s", p.describe(t))
	d.Help = "write a number and a unit, such as 30 days"
	p.bail()
	return nil
}

// caseExpr reads case { when c: x … otherwise: z }.
func (p *parser) caseExpr() ast.Expr {
	start := p.next()
	open := p.cur()
	if !p.acceptOp("{") {
		p.errorf(codeUnexpected, p.tokSpan(open), "`case` is followed by `{`, but here is %s", p.describe(open)).
			Help = "write case { when a = 1: x  otherwise: y }"
		p.bail()
	}
	p.enter(open)
	p.cases++
	defer func() { p.cases--; p.leave() }()
	c := &ast.Case{}
	for p.cur().word("when") {
		when := p.next()
		cond := p.expr()
		p.colon("when")
		value := p.sum()
		c.Whens = append(c.Whens, ast.When{At: p.from(when.start), Cond: cond, Value: value})
	}
	p.fixCase()
	if !p.cur().word("otherwise") || len(c.Whens) == 0 {
		p.caseIncomplete(start, len(c.Whens) > 0)
	}
	p.pos++
	p.colon("otherwise")
	c.Else = p.sum()
	p.closeBracket(open, "}")
	c.At = p.from(start.start)
	return c
}

func (p *parser) caseIncomplete(start *token, hasWhen bool) {
	t := p.cur()
	if !t.op("}") && !t.word("otherwise") {
		p.afterOperand()
	}
	message := "this `case` has no `when`"
	if hasWhen {
		message = "this `case` does not say what holds otherwise"
	}
	p.errorf(codeOtherwise, p.tokSpan(start), "%s", message).
		Help = "write case { when a = 1: x  otherwise: y }"
	p.bail()
}

func (p *parser) colon(after string) {
	if p.acceptOp(":") {
		return
	}
	d := p.errorf(codeUnexpected, p.tokSpan(p.cur()), "a `:` is expected here, after `%s`, not %s", after, p.describe(p.cur()))
	d.Help = "write case { when a = 1: x  otherwise: y }"
	if p.startsOperand(p.cur()) {
		d.Edits = []diag.Edit{p.edit(p.prev().end, p.prev().end, ":")}
	}
	p.bail()
}

// literal reads a literal other than a plain number or a word; nil when the
// token is none.
func (p *parser) literal() ast.Expr {
	t := p.cur()
	switch t.kind {
	case kindDate:
		p.pos++
		p.glueTime(t)
		return &ast.Date{At: p.from(t.start), Year: atoi(t.val[:4]), Month: atoi(t.val[5:7]), Day: atoi(t.val[8:])}
	case kindMonth:
		p.pos++
		return &ast.Date{At: p.from(t.start), Year: atoi(t.val[:4]), Month: atoi(t.val[5:7])}
	case kindPercent:
		return p.number()
	case kindText:
		p.pos++
		return &ast.Text{At: p.from(t.start), Value: t.val}
	case kindTime:
		p.pos++
		return p.time(t)
	}
	return nil
}

// glueTime reports 2025-03-08 10:30.
func (p *parser) glueTime(date *token) {
	t := p.cur()
	if t.kind != kindNumber || !p.at(1).op(":") || p.at(1).start != t.end || p.at(2).kind != kindNumber {
		return
	}
	d := p.errorf(codeDate, p.span(date.start, p.at(2).end), "date and time are joined with T")
	d.Help = "write 2025-03-08T10:30"
	d.Edits = []diag.Edit{p.edit(date.end, t.start, "T")}
	p.bail()
}

// time takes a token's text apart; the lexer has checked its form.
func (p *parser) time(t *token) ast.Expr {
	s := t.val
	out := &ast.Time{
		At: p.from(t.start), Year: atoi(s[:4]), Month: atoi(s[5:7]), Day: atoi(s[8:10]),
		Hour: atoi(s[11:13]), Min: atoi(s[14:16]),
	}
	s = s[16:]
	if len(s) >= 3 && s[0] == ':' {
		out.Sec = atoi(s[1:3])
		s = s[3:]
	}
	if len(s) == 6 {
		out.HasOffset = true
		out.OffsetMin = atoi(s[1:3])*60 + atoi(s[4:6])
		if s[0] == '-' {
			out.OffsetMin = -out.OffsetMin
		}
	}
	return out
}

// year is the year a number token stands for after `in`, or 0.
func year(t *token) int {
	if t.kind != kindNumber || len(t.val) != 4 || t.end-t.start != 4 {
		return 0
	}
	n, err := strconv.Atoi(t.val)
	if err != nil {
		return 0
	}
	return n
}
