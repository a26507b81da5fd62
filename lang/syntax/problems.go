package syntax

import (
	"fmt"
	"strings"

	"github.com/segql/segql/lang/diag"
)

// describe names a token in a message.
func (p *parser) describe(t *token) string {
	switch t.kind {
	case kindEOF:
		if p.limit < len(p.toks) {
			return "the end of the declaration"
		}
		return "the end"
	case kindNumber, kindPercent:
		return "the number `" + p.text[t.start:t.end] + "`"
	case kindText:
		return "the text " + shorten(p.text[t.start:t.end])
	}
	return "`" + shorten(p.text[t.start:t.end]) + "`"
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:37]) + "…"
	}
	return s
}

// startsOperand tells whether a value or condition can begin with t.
func (p *parser) startsOperand(t *token) bool {
	switch t.kind {
	case kindEOF, kindRegex:
		return false
	case kindOp:
		return t.val == "(" || t.val == "-"
	case kindWord:
		switch t.val {
		case "as_of", "case", "false", "in", "not", "today", "tomorrow", "true", "yesterday":
			return true
		}
		return reserved[t.val] == 0
	}
	return true
}

// noOperand reports that a value should stand here.
func (p *parser) noOperand() {
	t := p.cur()
	if t.op("[") {
		p.errorf(codeUnexpected, p.tokSpan(t), "a set stands only after `in` and `has`").
			Help = "to compare with one of several values write in: city in [\"Huế\", \"Vinh\"]"
		p.bail()
	}
	after := ""
	if p.pos > 0 {
		after = " after " + p.describe(p.prev())
	}
	p.errorf(codeUnexpected, p.tokSpan(t), "a value or a condition is expected%s, but here is %s", after, p.describe(t)).
		Help = "write an attribute, a number, a text in double quotes or a call such as count(orders)"
	p.bail()
}

// closeBracket reads the bracket that closes open.
func (p *parser) closeBracket(open *token, closer string) {
	if p.acceptOp(closer) {
		return
	}
	t := p.cur()
	elsewhere := t.kind == kindEOF || bracket(t) < 0 || t.word("expect") || t.first && p.itemStart(0)
	if !elsewhere {
		p.afterOperand()
	}
	d := p.errorf(codeOpenBracket, p.tokSpan(open), "this `%s` is not closed", open.val)
	d.Help = "write `" + closer + "` where it ends"
	if t.kind != kindEOF {
		d.Labels = append(d.Labels, label(p.tokSpan(t), "a `"+closer+"` is expected before this"))
	}
	p.bail()
}

// openBefore is the index of the innermost bracket still open.
func (p *parser) openBefore() int {
	depth := 0
	for i := p.pos - 1; i > 0; i-- {
		if b := bracket(&p.toks[i]); b < 0 {
			depth++
		} else if b > 0 {
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return 0
}

// afterOperand reports what stands behind a complete operand and does not
// belong there.
func (p *parser) afterOperand() {
	p.fixCase()
	t := p.cur()
	switch {
	case t.op(","):
		p.strayComma(t)
	case bracket(t) < 0:
		d := p.errorf(codeStrayClose, p.tokSpan(t), "this `%s` closes nothing", t.val)
		d.Help = "delete it, or write the opening bracket"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "")}
	case compareOp(t):
		d := p.errorf(codeUnexpected, p.tokSpan(t), "`%s` cannot follow a complete condition", t.val)
		d.Help = "a comparison has one value on each side; join two with and"
	case p.foreignTest(t):
	case p.unquoted(t):
	case t.first && p.startsOperand(t) || p.pos > 0 && t.kind == kindWord && p.startsOperand(t):
		d := p.errorf(codeJoin, p.tokSpan(t), "this begins another condition, but nothing joins it to the one before")
		d.Help = "write `and` (both must hold) or `or` (one is enough) between them"
	case t.word("else"):
		p.errorf(codeUnexpected, p.tokSpan(t), "`else` is written `otherwise`")
	default:
		d := p.errorf(codeUnexpected, p.tokSpan(t), "what stands here is complete, but %s follows", p.describe(t))
		d.Help = "conditions are joined with and, or"
		if t.word("of") {
			d.Help = "`of` belongs into a call: sum(amount of orders)"
		}
	}
	p.bail()
}

// unquoted reports city = Hà Nội: several words that are no keywords in a
// row can only be a text without its quotes.
func (p *parser) unquoted(t *token) bool {
	prev := p.prev()
	if p.pos == 0 || prev.kind != kindWord || t.kind != kindWord || t.first || !prev.isName() || !t.isName() {
		return false
	}
	start := p.pos - 1
	for start > 0 && p.toks[start-1].kind == kindWord && p.toks[start-1].isName() && !p.toks[start].first {
		start--
	}
	if start == 0 || !compareOp(&p.toks[start-1]) && !p.toks[start-1].word("contains") && !p.toks[start-1].word("with") {
		return false
	}
	from, end := p.toks[start].start, p.bareTextEnd()
	d := p.errorf(codeQuotes, p.span(from, end), "text stands between double quotes: %s", Quote(p.text[from:end]))
	d.Help = "a name is one word; without quotes every word is a name"
	d.Edits = []diag.Edit{p.edit(from, end, Quote(p.text[from:end]))}
	return true
}

// bareTextEnd is where the names that stand in a row on this line end.
func (p *parser) bareTextEnd() int {
	i := 0
	for p.at(i+1).kind == kindWord && p.at(i+1).isName() && !p.at(i+1).first {
		i++
	}
	return p.at(i).end
}

// strayComma reports a comma outside brackets, most often inside a number.
func (p *parser) strayComma(t *token) {
	prev, next := p.prev(), p.at(1)
	if prev.kind == kindNumber && next.kind == kindNumber && prev.end == t.start && t.end == next.start {
		p.commaNumber(prev, p.pos)
	}
	p.errorf(codeUnexpected, p.tokSpan(t), "a comma does not join conditions").
		Help = "write `and` (both must hold) or `or` (one is enough)"
}

// commaNumber reports 5,000 and 2,5; the comma is token number at.
func (p *parser) commaNumber(first *token, at int) {
	end := first.end
	text := first.val
	thousands := true
	for i := at; i+1 < p.limit && p.toks[i].op(",") && p.toks[i+1].kind == kindNumber &&
		p.toks[i].start == end && p.toks[i+1].start == p.toks[i].end; i += 2 {
		digits := p.text[p.toks[i+1].start:p.toks[i+1].end]
		thousands = thousands && len(digits) == 3
		text += "_" + digits
		end = p.toks[i+1].end
	}
	d := p.errorf(codeNumber, p.span(first.start, end), "a number has no comma")
	decimal := strings.Replace(text, "_", ".", 1)
	switch {
	case strings.Count(text, "_") == 1 && !thousands:
		d.Help = "write " + decimal
		d.Edits = []diag.Edit{p.edit(first.start, end, decimal)}
	case strings.Count(text, "_") == 1 && first.val != "0":
		if decimal = strings.TrimRight(decimal, "0"); strings.HasSuffix(decimal, ".") {
			decimal += "0"
		}
		d.Help = "write " + text + " for the thousands, or " + decimal + " where a point is meant"
	default:
		d.Help = "digits are grouped with _: " + text
		if thousands {
			d.Edits = []diag.Edit{p.edit(first.start, end, text)}
		}
	}
	p.bail()
}

// thousandsComma reports 5,000 where commas are usual too: only when a group
// begins with 0, as no element of a list does.
func (p *parser) thousandsComma() {
	first := p.cur()
	end := first.end
	zero := false
	for i := 1; p.at(i).op(",") && p.at(i).start == end && p.at(i+1).start == p.at(i).end; i += 2 {
		t := p.at(i + 1)
		if t.kind != kindNumber && t.kind != kindPercent {
			break
		}
		digits := p.text[t.start:t.end]
		if len(digits) != 3 || strings.Trim(digits, "0123456789") != "" {
			return
		}
		zero = zero || digits[0] == '0'
		end = t.end
	}
	if zero {
		p.commaNumber(first, p.pos+1)
	}
}

// afterNumber are the words, besides keywords, that may follow a number
// without being its unit.
var afterNumber = wordSet(map[int]string{1: "followed preceded directly every have for allowing missed period periods else column"})

// meantAsUnit tells whether the next word, behind a number, is a unit gone
// wrong. Where an item of the body begins with it, it is a name.
func (p *parser) meantAsUnit(t *token) bool {
	if t.kind != kindWord || t.first || !t.isName() || afterNumber[t.val] != 0 || caseWords[strings.ToLower(t.val)] != 0 {
		return false
	}
	if p.cases == 0 && (p.branchAt(1) || p.at(2).op(":")) {
		return false
	}
	return suggestUnit(t.val) != ""
}

func suggestUnit(word string) string {
	lower := strings.ToLower(word)
	if u := units[lower]; u != "" {
		return u
	}
	if u := unitAliases[lower]; u != "" {
		return u
	}
	if len(lower) < 3 {
		return ""
	}
	return units[diag.Suggest(lower, unitNames)]
}

var unitNames = []string{
	"second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks",
	"month", "months", "quarter", "quarters", "year", "years",
}

// unit reads a unit and gives its canonical plural. Whether it is one of
// time or of distance the checker says.
func (p *parser) unit(what string) string {
	t := p.cur()
	if t.kind == kindWord {
		if u := units[t.val]; u != "" {
			p.pos++
			return u
		}
	}
	known := "seconds, minutes, hours, days, weeks, months, quarters, years"
	if what == "distance" {
		known = "m, km"
	}
	if t.kind != kindWord || !t.isName() || t.first {
		d := p.errorf(codeUnit, p.span(p.prev().start, p.prev().end), "a unit is missing after %s", p.describe(p.prev()))
		d.Help = "the units are " + known
		p.bail()
	}
	d := p.errorf(codeUnit, p.tokSpan(t), "there is no unit `%s`", t.val)
	d.Help = "the units are " + known
	meant := suggestUnit(t.val)
	if meant == "" {
		p.bail()
	}
	if what == "calendar" {
		meant = strings.TrimSuffix(meant, "s")
	}
	d.Help = fmt.Sprintf("did you mean %s?", meant)
	d.Edits = []diag.Edit{p.edit(t.start, t.end, meant)}
	if t.start > 0 && t.start == p.prev().end {
		d.Edits[0].Text = " " + meant
	}
	p.pos++
	return units[meant]
}
