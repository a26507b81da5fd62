package syntax

import (
	"strings"

	"github.com/segql/segql/lang/diag"
)

// The functions in this file say what is wrong with a line that is no item
// of its declaration, and move past it.

// junk runs report on a line that fits nothing; false at the body's end.
func (p *parser) junk(report func(t *token)) (got, bool) {
	t := p.cur()
	if t.kind == kindEOF || t.op("}") || p.declStart(p.pos) {
		return got{}, false
	}
	start := p.pos
	if !p.commonJunk(t) {
		report(t)
	}
	p.pos = max(p.pos, start+1)
	p.skip(start)
	return got{item: &item{start: start, next: p.pos}}, true
}

// commonJunk knows the mistakes that all bodies share.
func (p *parser) commonJunk(t *token) bool {
	next := p.at(1)
	lower := strings.ToLower(t.val)
	switch {
	case t.kind == kindWord && reserved[t.val] != 0 && (next.op(":") || next.kind == kindText || next.word("when")) && t.val != "when":
		p.reservedName(t)
	case t.kind == kindText && (next.op(":") || next.word("when") || next.word("otherwise")):
		d := p.errorf(codeName, p.tokSpan(t), "a name stands without quotes")
		d.Help = "text in quotes is a value"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, QuoteName(t.val))}
	case t.kind == kindWord && lower != t.val && (lower == "where" || lower == "expect" || lower == "when" || lower == "otherwise"):
		d := p.errorf(codeCase, p.tokSpan(t), "keywords are written in small letters: `%s`", lower)
		d.Help = "a name that is written like this stands in backticks: `" + t.val + "`"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, lower)}
	case t.kind == kindWord && metaKeys[t.val] != 0 && (next.op("=") || next.op("[") || next.kind == kindText || next.kind == kindNumber || next.kind == kindDate):
		p.colonMissing(t, next)
	case bracket(t) < 0:
		d := p.errorf(codeStrayClose, p.tokSpan(t), "this `%s` closes nothing", t.val)
		d.Help = "delete it, or write the opening bracket"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "")}
	case t.op(","):
		d := p.errorf(codeComma, p.tokSpan(t), "no comma is needed at the end of a line")
		d.Help = "delete it"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "")}
	default:
		return false
	}
	return true
}

func (p *parser) colonMissing(t, next *token) {
	d := p.errorf(codeMeta, p.tokSpan(t), "a `:` follows the key `%s`", t.val)
	d.Help = "write " + t.val + ": and the value"
	d.Edits = []diag.Edit{p.edit(t.end, t.end, ":")}
	if next.op("=") {
		d.Edits = []diag.Edit{p.edit(t.end, next.end, ":")}
	}
}

func (p *parser) segmentJunk() (got, bool) {
	return p.junk(func(t *token) {
		if t.word("and") || t.word("or") || t.word("when") {
			d := p.errorf(codeNoWhere, p.tokSpan(t), "the condition of a segment begins with `where`")
			d.Help = "first the keys, then where and the condition"
			d.Edits = []diag.Edit{p.edit(t.start, t.end, "where")}
			return
		}
		if p.startsOperand(t) {
			d := p.errorf(codeNoWhere, p.tokSpan(t), "`where` is missing before this condition")
			d.Help = "a key is followed by a colon, a condition begins with where"
			d.Edits = []diag.Edit{p.edit(t.start, t.start, "where ")}
			return
		}
		p.errorf(codeUnexpected, p.tokSpan(t), "a key, `where` or `expect` is expected here, not %s", p.describe(t))
	})
}

func (p *parser) splitJunk() (got, bool) {
	return p.junk(func(t *token) {
		const help = "a branch is: loyal \"Title\" when count(orders) >= 4, and the last one: active otherwise"
		next := p.at(1)
		last := next
		if next.kind == kindText {
			last = p.at(2)
		}
		switch {
		case t.word("otherwise") || t.word("when"):
			p.errorf(codeUnexpected, p.tokSpan(t), "a branch begins with its name").Help = help
		case t.word("where"):
			p.errorf(codeUnexpected, p.tokSpan(t), "a split has branches, not `where`").Help = help
		case t.isName() && (last.word("else") || last.word("default")):
			d := p.errorf(codeUnexpected, p.tokSpan(last), "`%s` is written `otherwise`", last.val)
			d.Help = help
			d.Edits = []diag.Edit{p.edit(last.start, last.end, "otherwise")}
		case t.isName() && p.startsOperand(last) && !last.first:
			d := p.errorf(codeUnexpected, p.tokSpan(last), "`when` is missing before this condition")
			d.Help = help
			d.Edits = []diag.Edit{p.edit(last.start, last.start, "when ")}
		default:
			p.errorf(codeUnexpected, p.tokSpan(t), "a branch is expected here, not %s", p.describe(t)).Help = help
		}
	})
}

func (p *parser) holdoutJunk() (got, bool) {
	return p.junk(func(t *token) {
		const help = "a group is: control: 10%, and the last one: test: otherwise"
		next := p.at(1)
		if t.isName() && (next.kind == kindPercent || next.word("otherwise") || next.op("=")) {
			p.colonMissing(t, next)
			return
		}
		p.errorf(codeUnexpected, p.tokSpan(t), "a group is expected here, not %s", p.describe(t)).Help = help
	})
}
