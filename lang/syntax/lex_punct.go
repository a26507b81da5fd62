package syntax

import (
	"strings"

	"github.com/segql/segql/lang/diag"
)

// foreignOps are operators of other languages, longest first.
var foreignOps = []struct{ text, meant, help string }{
	{"===", "=", ""},
	{"!==", "!=", ""},
	{"<=>", "=", ""},
	{"==", "=", "one `=` compares"},
	{"=<", "<=", ""},
	{"=>", ">=", ""},
	{"<>", "!=", ""},
	{"&&", "and", ""},
	{"||", "or", "to put texts together, use concat(a, b)"},
	{"=~", "~=", "`~=` compares without regard to case and accents; for a pattern write matches /…/"},
	{"!~", "!=", "for a pattern write not matches /…/"},
	{":=", "=", ""},
	{"&", "and", ""},
	{"|", "or", ""},
}

// ownOps are the operators of the language, longest first.
var ownOps = []string{"!=", "<=", ">=", "~=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", "{", "}", ",", ".", ":"}

func (lx *lexer) punct(c byte) {
	start, rest := lx.pos, lx.text[lx.pos:]
	switch {
	case strings.IndexByte("()[]{},:+*", c) >= 0 && !strings.HasPrefix(rest, ":="):
		lx.pos++
		lx.emit(kindOp, start, rest[:1])
		return
	case c == '\'':
		lx.pos++
		lx.otherQuote(start, '\'')
		return
	case c == '%':
		lx.percentSign()
		return
	case c == '/' && len(lx.toks) > 0 && lx.toks[len(lx.toks)-1].word("matches"):
		lx.regex()
		return
	case strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, "--") && !lx.seen:
		lx.foreignComment(start)
		return
	case c == '.' && len(rest) > 1 && isDigit(rest[1]) && !lx.afterName():
		lx.pointNumber()
		return
	case strings.HasPrefix(rest, "~contains") && nameEnd(rest, 1) == len("~contains"):
		lx.pos += len("~contains")
		lx.emit(kindOp, start, "~contains")
		return
	}
	lx.operator(start, rest)
}

// afterName reports whether the last token touches this place and may be
// followed by `.`, so that `.5` is not the start of a number.
func (lx *lexer) afterName() bool {
	if len(lx.toks) == 0 {
		return false
	}
	t := lx.toks[len(lx.toks)-1]
	return t.end == lx.pos && t.kind != kindOp
}

func (lx *lexer) operator(start int, rest string) {
	if len(rest) > 1 && (rest[1] == ' ' || isASCIILetter(rest[1])) && strings.IndexByte("=<>-/.", rest[0]) >= 0 {
		lx.pos++
		lx.emit(kindOp, start, rest[:1])
		return
	}
	for _, op := range foreignOps {
		if strings.HasPrefix(rest, op.text) {
			lx.pos += len(op.text)
			lx.foreign(start, op.meant, op.help)
			return
		}
	}
	for _, op := range ownOps {
		if strings.HasPrefix(rest, op) {
			lx.pos += len(op)
			lx.emit(kindOp, start, op)
			return
		}
	}
	lx.pos++
	if rest[0] == '!' {
		lx.foreign(start, "not", "")
		return
	}
	lx.unknown(start, rune(rest[0]))
}

// percentSign reads a `%` that does not touch its number.
func (lx *lexer) percentSign() {
	start := lx.pos
	lx.pos++
	if n := len(lx.toks); lx.seen && lx.toks[n-1].kind == kindNumber {
		num := &lx.toks[n-1]
		d := lx.errorf(codePercent, num.end, lx.pos, "a percentage is written without a space: %s%%", lx.text[num.start:num.end])
		d.Help = "for the rest of a division write mod(a, b)"
		d.Edits = []diag.Edit{{Span: lx.span(num.end, start)}}
		num.kind, num.end = kindPercent, lx.pos
		return
	}
	lx.damage()
	d := lx.errorf(codeForeignOp, start, lx.pos, "`%%` only follows a number, as in 20%%")
	d.Help = "for the rest of a division write mod(a, b)"
}

func (lx *lexer) foreignComment(start int) {
	lead := lx.text[start : start+2]
	d := lx.errorf(codeComment, start, start+2, "a comment begins with `#`, not `%s`", lead)
	d.Help = "write # and the comment, up to the end of the line"
	if lead != "/*" {
		d.Edits = []diag.Edit{{Span: d.Span, Text: "#"}}
		lx.comment(start)
		return
	}
	end := strings.Index(lx.text[start:], "*/")
	if end < 0 {
		lx.pos = len(lx.text)
		return
	}
	lx.pos = start + end + 2
	if nl := strings.LastIndexByte(lx.text[:lx.pos], '\n'); nl >= lx.lineStart {
		lx.lineStart, lx.seen = nl+1, true // what follows is no start of a declaration
	}
}

// regex reads /pattern/flags; the slash ends it unless escaped.
func (lx *lexer) regex() {
	start := lx.pos
	i := start + 1
	for ; i < len(lx.text) && lx.text[i] != '/' && lx.text[i] != '\n'; i++ {
		if lx.text[i] == '\\' && i+1 < len(lx.text) && lx.text[i+1] != '\n' {
			i++
		}
	}
	if i >= len(lx.text) || lx.text[i] == '\n' {
		lx.pos = min(i, len(lx.text))
		lx.damage()
		d := lx.errorf(codeRegex, start, start+1, "this regular expression is not closed before the end of the line")
		d.Help = "it stands between two slashes: matches /^VN[0-9]+$/; a slash inside is written \\/"
		lx.emit(kindRegex, start, lx.text[start:lx.pos])
		return
	}
	lx.pos = nameEnd(lx.text, i+1)
	lx.controls(start)
	if flags := lx.text[i+1 : lx.pos]; flags != "" && flags != "i" {
		d := lx.errorf(codeRegex, i+1, lx.pos, "unknown flag `%s` of a regular expression", flags)
		d.Help = "the only flag is i, which ignores case"
	}
	if i == start+1 {
		lx.errorf(codeRegex, start, lx.pos, "this regular expression is empty").
			Help = "an empty pattern is found in every text; write is known for that"
	}
	lx.emit(kindRegex, start, lx.text[start:lx.pos])
}
