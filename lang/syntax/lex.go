package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// lexer turns text into tokens. Where an author wrote what another language
// calls the same thing, it reports so and goes on with the token meant.
type lexer struct {
	file      *source.File
	text      string // up to where lexing ends
	pos       int
	lineStart int  // offset of the current line, for column 0
	seen      bool // a token already stands on this line
	toks      []token
	comments  []ast.Comment
	diags     diag.List
	damaged   []int // starts of lines whose tokens cannot be trusted
}

func (lx *lexer) run() {
	lx.toks = make([]token, 0, (len(lx.text)-lx.pos)/5+8)
	for lx.pos < len(lx.text) {
		c := lx.text[lx.pos]
		switch {
		case c == '\n':
			lx.pos++
			lx.lineStart, lx.seen = lx.pos, false
		case c == ' ' || c == '\t' || c == '\r':
			lx.pos++
		case c == '#':
			lx.comment(lx.pos)
		case c == '"':
			lx.textLit()
		case c == '`':
			lx.backtick()
		case '0' <= c && c <= '9':
			lx.number()
		case isASCIILetter(c):
			lx.wordTok()
		case c >= utf8.RuneSelf:
			lx.nonASCII()
		default:
			lx.punct(c)
		}
	}
}

// emit adds the token that starts at start and ends here.
func (lx *lexer) emit(k kind, start int, val string) {
	lx.toks = append(lx.toks, token{
		kind: k, first: !lx.seen, col0: start == lx.lineStart, start: start, end: lx.pos, val: val,
	})
	lx.seen = true
}

func (lx *lexer) span(start, end int) source.Span {
	return source.Span{File: lx.file, Start: start, End: end}
}

func (lx *lexer) errorf(code diag.Code, start, end int, format string, args ...any) *diag.Diagnostic {
	return lx.diags.Errorf(code, lx.span(start, end), format, args...)
}

// damage notes that the tokens of this line are not what the author wrote.
func (lx *lexer) damage() { lx.damaged = append(lx.damaged, lx.lineStart) }

// damagedLine reports whether the offset lies on a damaged line.
func (lx *lexer) damagedLine(offset int) bool {
	if len(lx.damaged) == 0 {
		return false
	}
	line := strings.LastIndexByte(lx.text[:min(offset, len(lx.text))], '\n') + 1
	for _, d := range lx.damaged {
		if d == line {
			return true
		}
	}
	return false
}

// comment reads to the end of the line.
func (lx *lexer) comment(start int) {
	end := start + strings.IndexByte(lx.text[start:], '\n')
	if end < start {
		end = len(lx.text)
	}
	lx.pos = end
	text := strings.TrimRight(lx.text[start:end], " \t\r")
	lx.comments = append(lx.comments, ast.Comment{
		At: ast.At{Loc: lx.span(start, start+len(text))}, Text: text, OwnLine: !lx.seen,
	})
}

func isASCIILetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

// isNamePart tells what may follow the first letter of a name. Marks belong
// to names: not every letter with accents has a composed form.
func isNamePart(r rune) bool { return isLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// nameEnd is the offset where the name that begins at i ends.
func nameEnd(text string, i int) int {
	for i < len(text) {
		c := text[i]
		if isASCIILetter(c) || '0' <= c && c <= '9' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isNamePart(r) {
			break
		}
		i += size
	}
	return i
}

// IsName reports whether text can stand as a name without backticks.
func IsName(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return text != "" && isLetter(r) && nameEnd(text, 0) == len(text) && !Reserved(text)
}

func (lx *lexer) wordTok() {
	start := lx.pos
	lx.pos = nameEnd(lx.text, start)
	lx.emit(kindWord, start, lx.text[start:lx.pos])
}

func (lx *lexer) backtick() {
	start := lx.pos
	var name strings.Builder
	i := start + 1
	for ; i < len(lx.text) && lx.text[i] != '\n'; i++ {
		if lx.text[i] == '`' {
			if i+1 == len(lx.text) || lx.text[i+1] != '`' {
				break
			}
			i++
		}
		name.WriteByte(lx.text[i])
	}
	if i == len(lx.text) || lx.text[i] == '\n' {
		lx.pos = i
		lx.damage()
		d := lx.errorf(codeBacktick, start, start+1, "this backtick is not closed before the end of the line")
		d.Help = "a name that is not plain letters, digits and _ stands between two backticks: `Thu nhập`"
		lx.emit(kindQuoted, start, strings.TrimSpace(name.String()))
		return
	}
	lx.pos = i + 1
	lx.controls(start)
	if name.Len() == 0 {
		lx.damage()
		lx.errorf(codeBacktick, start, lx.pos, "there is no name between these backticks").
			Help = "write the name between the backticks, or leave them out"
	}
	lx.emit(kindQuoted, start, name.String())
}

// invisible characters: those that look like a space, and those that look
// like nothing and may show a reviewer another text than the one that runs.
func invisible(r rune) (space, nothing bool) {
	switch {
	case r == '\u00a0' || r == '\u202f' || r == '\u3000' || r >= '\u2000' && r <= '\u200a':
		return true, false
	case r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2060' && r <= '\u2069' || r == '\ufeff' || r == '\u00ad':
		return false, true
	}
	return false, false
}

// typographic operators, as word processors and keyboards offer them.
var typographic = map[rune]string{
	'≥': ">=", '≤': "<=", '≠': "!=", '×': "*", '÷': "/", '−': "-", '–': "-", '—': "-", '≈': "~=", '∧': "and", '∨': "or", '¬': "not",
	'，': ",", '：': ":", '（': "(", '）': ")", '＝': "=", '…': "..",
}

func (lx *lexer) nonASCII() {
	start := lx.pos
	r, size := utf8.DecodeRuneInString(lx.text[start:])
	if isLetter(r) {
		lx.wordTok()
		return
	}
	lx.pos += size
	if space, nothing := invisible(r); space || nothing {
		lx.invisible(start, space)
		return
	}
	if strings.ContainsRune("“”„‟«»‘’‚", r) {
		lx.otherQuote(start, r)
		return
	}
	if meant, ok := typographic[r]; ok && r != '…' {
		lx.foreign(start, meant, "")
		return
	}
	lx.unknown(start, r)
}

func (lx *lexer) invisible(start int, space bool) {
	r, _ := utf8.DecodeRuneInString(lx.text[start:])
	d := lx.errorf(codeInvisible, start, lx.pos, "there is an invisible character here (U+%04X)", r)
	d.Help, d.Edits = "delete it", []diag.Edit{{Span: d.Span}}
	if space {
		d.Help = "it looks like a space and is none; type a plain space instead"
		d.Edits[0].Text = " "
	}
}

func (lx *lexer) unknown(start int, r rune) {
	lx.damage()
	if r == unicode.ReplacementChar {
		lx.errorf(codeEncoding, start, lx.pos, "this stands for a character that was lost").
			Help = "write the text again and save the file as UTF-8"
		return
	}
	d := lx.errorf(codeCharacter, start, lx.pos, "the character %q means nothing here", r)
	switch {
	case r == ';':
		d.Help, d.Edits = "no semicolons are needed", []diag.Edit{{Span: d.Span}}
	default:
		d.Help = "text stands in double quotes, a name with such characters in backticks"
	}
}

// foreign reports an operator of another language and emits the one meant.
func (lx *lexer) foreign(start int, meant, help string) {
	d := lx.errorf(codeForeignOp, start, lx.pos, "write `%s`, not `%s`", meant, lx.text[start:lx.pos])
	d.Help = help
	if help == "" {
		d.Help = "the operators are = != < <= > >= ~= + - * / and the words and, or, not"
	}
	text := meant
	if meant == "not" && lx.pos < len(lx.text) && lx.text[lx.pos] != ' ' {
		text = "not "
	}
	if meant == "and" || meant == "or" {
		if start > 0 && lx.text[start-1] != ' ' {
			text = " " + text
		}
		if lx.pos < len(lx.text) && lx.text[lx.pos] != ' ' {
			text += " "
		}
	}
	d.Edits = []diag.Edit{{Span: d.Span, Text: text}}
	if isASCIILetter(meant[0]) {
		lx.emit(kindWord, start, meant)
		return
	}
	lx.emit(kindOp, start, meant)
}
