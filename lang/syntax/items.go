package syntax

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// The functions in this file read one production for participle. Each gives
// false when the production is not there, and otherwise never fails.

// readDeclName reads the name of a declaration or of an entity.
func (p *parser) readDeclName() (got, bool) {
	t := p.cur()
	// A name that is missing stands behind what was read: the next token may
	// not belong to the declaration.
	end := p.prev().end
	missing := &ast.Ident{At: ast.At{Loc: p.span(end, end)}}
	switch {
	case t.isName():
		p.pos++
		id := &ast.Ident{At: p.from(t.start), Name: t.val, Quoted: t.kind == kindQuoted}
		return got{ident: p.longName(t, id)}, true
	case t.kind == kindWord:
		if next := p.at(1); next.kind == kindOp || next.word("of") || next.word("from") {
			p.reservedName(t)
			p.pos++
			return got{ident: &ast.Ident{At: p.from(t.start), Name: t.val, Quoted: true}}, true
		}
	case t.kind == kindText || t.kind == kindNumber:
		p.pos++
		d := p.errorf(codeName, p.tokSpan(t), "a name stands without quotes and begins with a letter")
		d.Help = "other names stand in backticks"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, QuoteName(t.val))}
		return got{ident: &ast.Ident{At: p.from(t.start), Name: t.val}}, true
	}
	d := p.errorf(codeUnexpected, p.tokSpan(t), "a name is expected after `%s`, not %s", p.prev().val, p.describe(t))
	d.Help = "such as big_spenders"
	return got{ident: missing}, true
}

// longName reports big spenders, big-spenders and big.spenders as names.
func (p *parser) longName(first *token, id *ast.Ident) *ast.Ident {
	end, joined := first.end, first.val
	for i := 0; ; {
		sep, word := p.at(i), p.at(i)
		if sep.first || sep.word("segment") {
			break
		}
		if sep.op("-") || sep.op(".") || sep.op("/") {
			word = p.at(i + 1)
			i++
		}
		if word.first || !word.isName() && word.kind != kindNumber || word.kind == kindNumber && !sep.op("-") {
			break
		}
		i++
		joined += "_" + word.val
		end = word.end
		p.pos += i
		i = 0
	}
	if end == first.end {
		return id
	}
	d := p.errorf(codeName, p.span(first.start, end), "a name is one word")
	d.Help = "write " + QuoteName(joined) + ", or put the name in backticks"
	d.Edits = []diag.Edit{p.edit(first.start, end, QuoteName(joined))}
	return &ast.Ident{At: p.from(first.start), Name: joined}
}

// readSplitOf reads `segment REF` or the name of an entity.
func (p *parser) readSplitOf() (got, bool) {
	if p.cur().word("segment") && p.at(1).isName() {
		p.pos++
		return got{path: p.headPath()}, true
	}
	return p.readDeclName()
}

// headPath reads the reference in the head of a declaration; nil when it
// breaks off, as in `split a of segment b.`.
func (p *parser) headPath() (path *ast.Path) {
	p.rescue(func() { path = p.path() })
	return path
}

// readHoldoutOf reads `of segment REF`.
func (p *parser) readHoldoutOf() (got, bool) {
	t := p.cur()
	if p.acceptWord("of") && p.acceptWord("segment") && p.cur().isName() {
		return got{path: p.headPath()}, true
	}
	d := p.errorf(codeUnexpected, p.tokSpan(t), "a holdout says which segment it divides")
	d.Help = "write holdout NAME of segment SEGMENT { … }"
	if p.cur().isName() && p.prev().word("of") {
		at := p.cur().start
		d.Edits = []diag.Edit{p.edit(at, at, "segment ")}
		return got{path: p.headPath()}, true
	}
	return got{}, true
}

// opener reads `{`, skipping what else stands on the line.
func (p *parser) opener() {
	t := p.cur()
	if p.acceptOp("{") {
		return
	}
	d := p.errorf(codeUnexpected, p.tokSpan(t), "`{` is expected here, not %s", p.describe(t))
	d.Help = "the body of a declaration stands between { and }"
	at := p.prev().end
	d.Edits = []diag.Edit{p.edit(at, at, " {")}
	switch {
	case t.op("(") || t.op("["):
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "{")}
		p.pos++
		return
	case t.op("=") || t.op(":"):
		d.Help = "write segment name { where … }"
		d.Edits, p.pos, p.headless = nil, p.limit, true
		return
	}
	for i := 0; p.at(i).kind != kindEOF && (i == 0 || !p.at(i).first); i++ {
		if p.at(i).op("{") {
			d.Edits = []diag.Edit{p.edit(t.start, p.at(i).start, "")}
			p.pos += i + 1
			break
		}
	}
}

func (p *parser) closer() {
	if p.acceptOp("}") {
		return
	}
	i := p.openBefore()
	if open := &p.toks[i]; open.op("{") {
		d := p.errorf(codeOpenBracket, p.tokSpan(open), "this `{` is not closed")
		d.Help = "write `}` in column 0 where the declaration ends"
		at := p.prev().end
		d.Edits = []diag.Edit{p.edit(at, at, "\n}")}
	}
}

func (p *parser) readEquals() (got, bool) {
	t := p.cur()
	if p.acceptOp("=") {
		return got{}, true
	}
	d := p.errorf(codeMeta, p.tokSpan(t), "`=` is expected here, not %s", p.describe(t))
	d.Help = "write param min_spend = 5_000_000, trait spend = sum(amount of orders)"
	switch {
	case p.acceptOp(":"):
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "=")}
		if t.start == p.toks[p.pos-2].end {
			d.Edits[0].Text = " ="
		}
	case p.startsOperand(t) || t.op("["):
		d.Edits = []diag.Edit{p.edit(t.start, t.start, "= ")}
	}
	return got{}, true
}

// nothingLeft tells that the declaration ends where `=` was missing, which
// has been reported.
func (p *parser) nothingLeft() bool {
	return p.cur().kind == kindEOF && !p.prev().op("=") && !p.prev().op(":")
}

// try reads one item with read; after an error it skips to the next one
// and gives nil.
func (p *parser) try(read func() ast.Expr) (x ast.Expr) {
	start := p.pos
	if !p.rescue(func() { x = read() }) {
		p.skip(start)
		return nil
	}
	return x
}

// readPlainSum reads the value of a trait.
func (p *parser) readPlainSum() (got, bool) {
	if p.nothingLeft() {
		return got{}, true
	}
	return got{expr: p.try(func() ast.Expr {
		start := p.cur().start
		x := p.expr()
		if isCondition(x) {
			d := p.errorf(codeTraitCond, p.span(start, p.prev().end), "a trait is a value, not a condition")
			d.Help = "make it a segment, or a value: case { when a > 5: 1  otherwise: 0 }"
		}
		return x
	})}, true
}

// isCondition tells conditions from values as far as the form shows it.
func isCondition(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.AllCall, *ast.Between, *ast.Compare, *ast.Has, *ast.History, *ast.InName, *ast.InRank, *ast.InSegment,
		*ast.InSet, *ast.InWindow, *ast.Known, *ast.Logic, *ast.Matches, *ast.Not, *ast.Regularly, *ast.TextMatch, *ast.Within:
		return true
	case *ast.FactCall:
		return x.Name.Name != "count"
	case *ast.Paren:
		return isCondition(x.X)
	default: // a value
	}
	return false
}

// readRFM reads `SUM of FACT`.
func (p *parser) readRFM() (got, bool) {
	if p.nothingLeft() {
		return got{}, true
	}
	var fact *ast.Fact
	x := p.try(func() ast.Expr {
		x := p.sum()
		if t := p.cur(); !p.acceptWord("of") {
			d := p.errorf(codeUnexpected, p.tokSpan(t), "`of` and a fact are expected here, not %s", p.describe(t))
			d.Help = "write rfm value = amount of orders in last 365 days"
			p.bail()
		}
		fact = p.fact()
		return x
	})
	return got{expr: x, fact: fact}, true
}

// readList reads `= SET` or `from TEXT [column NAME]`.
func (p *parser) readList() (got, bool) {
	list := &ast.List{}
	p.try(func() ast.Expr {
		if p.acceptWord("from") {
			p.listFile(list)
			return nil
		}
		if t := p.cur(); t.kind == kindText {
			d := p.errorf(codeMeta, p.tokSpan(t), "a list that stands in a file is written with `from`")
			d.Help = "write list staff from \"lists/staff.csv\" column email"
			d.Edits = []diag.Edit{p.edit(t.start, t.start, "from ")}
			p.bail()
		}
		p.readEquals()
		switch t := p.cur(); {
		case p.nothingLeft():
		case t.op("["):
			list.Set = p.set()
		case t.op("("):
			list.Set = p.setInParens()
		default:
			d := p.errorf(codeUnexpected, p.tokSpan(t), "a list is a set in brackets, not %s", p.describe(t))
			d.Help = "write list cities = [\"Huế\", \"Vinh\"] or list staff from \"lists/staff.csv\" column email"
			p.bail()
		}
		return nil
	})
	return got{list: list}, true
}

func (p *parser) listFile(list *ast.List) {
	t := p.cur()
	if t.kind != kindText {
		d := p.errorf(codeUnexpected, p.tokSpan(t), "the name of a file in double quotes is expected here, not %s", p.describe(t))
		d.Help = "write list staff from \"lists/staff.csv\" column email"
		p.bail()
	}
	p.pos++
	list.From = &ast.Text{At: p.from(t.start), Value: t.val}
	if p.acceptWord("column") {
		id := p.ident()
		list.Column = &id
	}
}

// readValue reads the literal or set of a key or param.
func (p *parser) readValue() (got, bool) {
	if p.nothingLeft() {
		return got{}, true
	}
	return got{expr: p.try(func() ast.Expr {
		t := p.cur()
		if t.op("[") {
			set := p.set()
			p.endOfValue(t)
			return set
		}
		x := p.constant()
		if x == nil {
			p.noLiteral(t)
		}
		p.endOfValue(t)
		return x
	})}, true
}

// endOfValue demands that nothing more belongs to the value that began at t.
func (p *parser) endOfValue(t *token) {
	if p.itemStart(0) {
		return
	}
	cur := p.cur()
	if cur.op(",") {
		if prev, next := p.prev(), p.at(1); prev.kind == kindNumber && next.kind == kindNumber && t == prev {
			p.commaNumber(prev, p.pos)
		}
		d := p.errorf(codeUnexpected, p.tokSpan(cur), "several values stand in brackets")
		d.Help = "write tags: [\"a\", \"b\"]"
		p.bail()
	}
	if cur.first {
		p.afterOperand()
	}
	d := p.errorf(codeLiteral, p.tokSpan(cur), "only one plain value stands here, and %s follows it", p.describe(cur))
	d.Help = "what is computed is a trait: trait name = …"
	p.bail()
}

// noLiteral reports title: Nữ văn phòng.
func (p *parser) noLiteral(t *token) {
	if t.first || t.kind == kindEOF || t.op("}") {
		p.errorf(codeLiteral, p.tokSpan(p.prev()), "the value is missing after this").
			Help = "text stands in double quotes"
		p.bail()
	}
	d := p.errorf(codeLiteral, p.tokSpan(t), "a plain value is expected here, not %s", p.describe(t))
	d.Help = "text stands in double quotes; what is computed is a trait"
	if t.kind == kindWord {
		end, plain := t.end, reserved[t.val] != reservedCore
		for i := 1; p.at(i).kind != kindEOF && !p.at(i).first && !p.at(i).op("}"); i++ {
			end, plain = p.at(i).end, plain && !p.at(i).op("(")
		}
		if d.Span = p.span(t.start, end); plain {
			d.Edits = []diag.Edit{p.edit(t.start, end, Quote(p.text[t.start:end]))}
		}
	}
	p.bail()
}
